use super::*;
use crate::tokens::Tokenizer;

fn walked(take: impl FnOnce(&mut Walk)) -> Walk {
    let mut walk = Walk::new(Tally::new(Tokenizer::O200k));
    take(&mut walk);
    walk
}

/// Messages and tokens of texts.
fn asked(text: &str) -> (u64, u64) {
    let walk = walked(|walk| walk.input(text));
    (walk.messages, walk.tally.tokens())
}

fn answered(text: &str) -> u64 {
    walked(|walk| walk.output(text)).tally.tokens()
}

#[test]
fn plain_text_is_one_message() {
    for (text, tokens) in [
        ("What is the weather in Oslo?", 7),
        // JSON of the application's own is text too, and so is what is no JSON.
        (r#"{"question":"why","n":[1,2]}"#, 11),
        ("[1,2,3]", 7),
        (r#"{"content""#, 3),
    ] {
        assert_eq!(asked(text), (1, tokens), "{text}");
    }
}

/// What the model reads: seven tokens in each protocol.
#[test]
fn messages_of_every_protocol_are_read() {
    let question = r#""What is the weather in Oslo?""#;
    for shape in [
        r#"[{"role":"user","content":Q}]"#,
        r#"[{"role":"user","content":[{"type":"text","text":Q}]}]"#,
        r#"{"model":"m","messages":[{"role":"user","content":Q}],"temperature":1}"#,
        r#"{"role":"user","content":Q,"id":"msg_1"}"#,
        // Responses.
        r#"[{"type":"message","role":"user","content":[{"type":"input_text","text":Q}]}]"#,
        // Gemini.
        r#"{"contents":[{"role":"user","parts":[{"text":Q}]}]}"#,
        // OpenTelemetry.
        r#"[{"role":"user","parts":[{"type":"text","content":Q}]}]"#,
        // Bedrock.
        r#"[{"role":"user","content":[{"text":Q}]}]"#,
        " \n[ { \"content\" : Q , \"role\" : \"user\" } ]",
    ] {
        assert_eq!(asked(&shape.replace('Q', question)), (1, 7), "{shape}");
    }
}

#[test]
fn names_and_arguments_of_tools_are_read_and_ids_are_not() {
    // get_weather: 2, {"city":"Oslo"}: 6, 7 degrees: 2.
    for call in [
        r#"{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Oslo\"}"}}]}"#,
        r#"{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"get_weather","input":{"city":"Oslo"}}]}"#,
        r#"{"role":"model","parts":[{"functionCall":{"name":"get_weather","args":{"city":"Oslo"}},"thoughtSignature":"AAAA"}]}"#,
        r#"{"role":"assistant","parts":[{"type":"tool_call","id":"call_1","name":"get_weather","arguments":{"city":"Oslo"}}]}"#,
        r#"[{"type":"function_call","call_id":"call_1","name":"get_weather","arguments":"{\"city\":\"Oslo\"}"}]"#,
    ] {
        let walk = walked(|walk| walk.output(call));
        assert_eq!(walk.tally.tokens(), 8, "{call}");
        assert!(walk.has_calls, "{call}");
    }
    for result in [
        r#"[{"role":"tool","tool_call_id":"call_1","content":"7 degrees"}]"#,
        r#"[{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"7 degrees"}]}]}]"#,
        r#"[{"type":"function_call_output","call_id":"call_1","output":"7 degrees"}]"#,
        r#"[{"role":"tool","parts":[{"type":"tool_call_response","id":"call_1","response":"7 degrees"}]}]"#,
    ] {
        assert_eq!(asked(result), (1, 2), "{result}");
    }
}

#[test]
fn a_name_is_one_token_more() {
    assert_eq!(asked(r#"[{"role":"user","name":"ann","content":"Hi"}]"#), (1, 3));
}

#[test]
fn who_speaks_for_the_system_is_seen() {
    for (text, has_system, messages) in [
        (r#"[{"role":"system","content":"Hi"},{"role":"user","content":"Hi"}]"#, true, 2),
        (r#"[{"role":"developer","content":"Hi"}]"#, true, 1),
        (r#"{"system":"Hi","messages":[{"role":"user","content":"Hi"}]}"#, true, 2),
        (r#"[{"role":"user","content":"system"}]"#, false, 1),
        ("system", false, 1),
    ] {
        let walk = walked(|walk| walk.input(text));
        assert_eq!((walk.has_system, walk.messages), (has_system, messages), "{text}");
    }
}

fn embedded(text: &str) -> (u64, u64) {
    let walk = walked(|walk| walk.embedded(text));
    (walk.messages, walk.tally.tokens())
}

#[test]
fn texts_to_embed_are_read_one_by_one() {
    for text in [
        r#"["hello world","Hi"]"#,
        r#"{"input":["hello world","Hi"]}"#,
        r#"{"model":"m","input":["hello world","Hi"],"dimensions":8}"#,
        r#"{"parts":[{"text":"hello world"},{"text":"Hi"}]}"#,
    ] {
        assert_eq!(embedded(text), (1, 3), "{text}");
        assert!(is_sure(|walk| walk.embedded(text)), "{text}");
    }
}

#[test]
fn ids_of_tokens_to_embed_are_counted_one_by_one() {
    for (text, ids) in [
        ("[9906]", 1),
        ("[9906, 1917, 100257]", 3),
        ("[[9906,1917],[100257]]", 3),
        (r#"{"model":"m","input":[9906,1917]}"#, 2),
    ] {
        assert_eq!(embedded(text), (1, ids), "{text}");
        assert!(is_sure(|walk| walk.embedded(text)), "{text}");
    }
    for text in ["[9906,-1]", "[9906,0.5]", "[[9906],[[1917]]]", r#"[9906,"Hi"]"#, "[[]]", "[]"] {
        assert!(!is_sure(|walk| walk.embedded(text)), "{text}");
    }
    // In a conversation it is text.
    assert_eq!(asked("[1,2,3]"), (1, 7));
}

fn is_sure(take: impl FnOnce(&mut Walk)) -> bool {
    walked(take).finish().1
}

#[test]
fn json_that_may_have_been_read_otherwise_is_not_counted_surely() {
    for text in [
        r#"{"question":"why"}"#,
        "[1,2,3]",
        r#"[{"a":1}]"#,
        // More than a prompt, and no request.
        r#"{"input":"Hi","context":"There."}"#,
        r#"[{"role":"user","content":[{"type":"nobody_knows","value":"Hi"}]}]"#,
        r#"[{"role":"user","content":5}]"#,
        r#"[{"role":"user","content":"\ud800"}]"#,
        r#"[{"role":"tool","parts":[{"type":"tool_call_response","response":{"degrees":7}}]}]"#,
        r#"{"messages":[{"role":"user","content":"Hi"}],"tools":[{"name":"get_weather"}]}"#,
    ] {
        assert!(!is_sure(|walk| walk.input(text)), "{text}");
    }
    assert!(!is_sure(|walk| walk.output(r#"{"answer":42}"#)));
    assert!(!is_sure(|walk| walk.system(r#"{"rule":"Be brief."}"#)));
    for text in [
        "Hi",
        r#"{"content""#,
        r#"["Hi"]"#,
        r#"[{"role":"user","content":"Hi"}]"#,
        r#"[{"role":"assistant","content":null,"tool_calls":[{"name":"f","args":{}}]}]"#,
    ] {
        assert!(is_sure(|walk| walk.input(text)), "{text}");
    }
    assert!(is_sure(|walk| walk.system(r#"{"parts":[{"text":"Be brief."}]}"#)));
}

#[test]
fn what_a_tool_answers_is_counted_whole() {
    let result = r#"{"name":"Oslo","degrees":7}"#;
    let text =
        format!(r#"[{{"role":"user","parts":[{{"functionResponse":{{"response":{result}}}}}]}}]"#);
    assert_eq!(asked(&text).1, Tokenizer::O200k.count(result));
}

/// Some servers say the same by two names.
#[test]
fn a_field_of_two_names_counts_once() {
    for message in [
        r#"{"role":"assistant","content":"7 degrees","reasoning":"I think.","reasoning_content":"I think."}"#,
        r#"{"role":"assistant","content":"7 degrees","reasoning":"","reasoning_content":"I think."}"#,
        r#"{"role":"assistant","content":"7 degrees","reasoning_content":"I think.","reasoning":null}"#,
    ] {
        assert_eq!(answered(message), 5, "{message}");
        assert!(is_sure(|walk| walk.output(message)), "{message}");
    }
    let twice = r#"[{"role":"user","content":"Hi","content":"hello world"}]"#;
    assert_eq!(asked(twice), (1, 1));
    let escaped = r#"[{"role":"user","c\u006fntent":"hello world"}]"#;
    assert_eq!(asked(escaped), (1, 2));
}

#[test]
fn conversations_of_langchain_are_read() {
    for (text, has_system) in [
        (r#"[[{"type":"human","content":"hello world"}]]"#, false),
        (r#"{"messages":[[{"type":"system","content":"hello world"}]]}"#, true),
        (
            r#"[[{"lc":1,"type":"constructor","id":["langchain","schema","messages","HumanMessage"],"kwargs":{"content":"hello world","type":"human"}}]]"#,
            false,
        ),
    ] {
        assert_eq!(asked(text), (1, 2), "{text}");
        assert!(is_sure(|walk| walk.input(text)), "{text}");
        assert_eq!(walked(|walk| walk.input(text)).has_system, has_system, "{text}");
    }
    let two = r#"[[{"role":"user","content":"Hi"}],[{"role":"user","content":"hello world"}]]"#;
    assert_eq!(asked(two), (2, 3));
    assert!(!is_sure(|walk| walk.input(two)), "each has an answer");
}

#[test]
fn requests_of_responses_are_read() {
    for (text, read) in [
        (r#"{"input":"hello world"}"#, (1, 2)),
        (r#"{"model":"gpt-4o","input":"hello world","temperature":1}"#, (1, 2)),
        (r#"{"instructions":"Hi","input":"hello world"}"#, (2, 3)),
        (r#"{"input":[{"role":"user","content":"hello world"}]}"#, (1, 2)),
        (
            r#"{"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hello world"}]}],"store":false}"#,
            (1, 2),
        ),
    ] {
        assert_eq!(asked(text), read, "{text}");
        assert!(is_sure(|walk| walk.input(text)), "{text}");
    }
}

#[test]
fn tool_calls_beside_an_answer_are_read() {
    let calls = r#"[{"name":"get_weather","args":{"city":"Oslo"},"id":"call_1"}]"#;
    let walk = walked(|walk| walk.calls(calls));
    assert_eq!((walk.tally.tokens(), walk.has_calls), (8, true));
    assert!(is_sure(|walk| walk.calls(calls)));
}

#[test]
fn descriptions_of_forms_are_known_by_their_files() {
    let file = r#"{"field":"file","name":"a.wav","type":"audio/wav","bytes":9}"#;
    assert!(is_form(&format!(r#"{{"prompt":null,"files":[{file}]}}"#)));
    assert!(is_form(&format!(r#"{{"prompt":"Names: Grüße","files":[{file},{file}]}}"#)));
    for text in [
        "Hi",
        r#"{"prompt":"Hi"}"#,
        r#"{"prompt":"Hi","files":[]}"#,
        r#"{"prompt":"Hi","files":["a.wav"]}"#,
        r#"{"prompt":"Hi","files":[{"name":"a.wav","bytes":9}]}"#,
        r#"[{"files":[]}]"#,
    ] {
        assert!(!is_form(text), "{text}");
    }
    assert!(!is_sure(|walk| walk.input(r#"[{"role":"user","content":"Hi","files":["a.wav"]}]"#)));
}

#[test]
fn pictures_are_not_counted_and_make_a_count_less_than_whole() {
    let long = format!("\"{}\"", "A".repeat(4_000));
    for shape in [
        r#"[{"role":"user","content":[{"type":"text","text":"Hi"},{"type":"image_url","image_url":{"url":"D"}}]}]"#,
        r#"[{"role":"user","content":[{"type":"text","text":"Hi"},{"type":"image","source":{"type":"base64","data":"D"}}]}]"#,
        r#"[{"role":"user","parts":[{"text":"Hi"},{"inlineData":{"mimeType":"image/png","data":"D"}}]}]"#,
        r#"[{"role":"user","parts":[{"type":"text","content":"Hi"},{"type":"blob","modality":"image","content":"D"}]}]"#,
        r#"[{"role":"user","content":[{"type":"text","text":"Hi"},{"type":"media","mime_type":"image/png","data":"D"}]}]"#,
    ] {
        let text = shape.replace("\"D\"", &long);
        let walk = walked(|walk| walk.input(&text));
        assert_eq!(walk.tally.tokens(), 1, "{shape}");
        assert_eq!(walk.finish(), (Some(1), false), "{shape}");
    }
}

#[test]
fn answers_are_read_as_messages_or_as_they_are() {
    for (text, tokens) in [
        ("It is 7 degrees.", 6),
        (r#"{"role":"assistant","content":"7 degrees"}"#, 2),
        (r#"{"role":"assistant","content":"7 degrees","reasoning":"I think."}"#, 5),
        (r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"7 degrees"}}]}"#, 2),
        (r#"[{"type":"text","text":"7 degrees"}]"#, 2),
        (r#"{"answer":42}"#, 5),
        // Its own JSON may have a field of a message's.
        (r#"{"text":"Hi"}"#, 5),
    ] {
        assert_eq!(answered(text), tokens, "{text}");
    }
}

#[test]
fn odd_json_is_counted_somehow_and_never_panics() {
    let deep = format!("{}\"Hi\"{}", "[".repeat(5_000), "]".repeat(5_000));
    let nested =
        format!(r#"[{{"role":"user","content":{}"Hi"{}}}]"#, "[".repeat(5_000), "]".repeat(5_000));
    for text in [
        deep.as_str(),
        nested.as_str(),
        r#"[{"role":"user","content":"\ud800"}]"#,
        r#"[{"role":"user","role":"user","content":"Hi"}]"#,
        r#"[{"role":1,"content":{"a":1}},null]"#,
        r#"{"messages":"none"}"#,
        r#"{"messages":[]}"#,
        "[]",
        "{}",
        "{",
        "",
    ] {
        let (messages, _) = asked(text);
        assert!(messages <= 2, "{text:.40}");
        answered(text);
    }
    // Half of a surrogate pair is counted as it is written.
    assert!(asked(r#"[{"role":"user","content":"\ud800"}]"#).1 > 0);
}

#[test]
fn a_million_messages_take_no_memory_of_their_own() {
    let message = r#"{"role":"user","content":"Hi"}"#;
    let text = format!("[{}]", vec![message; 20_000].join(","));
    assert_eq!(asked(&text), (20_000, 20_000));
}
