use serde_json::json;

use super::*;

fn conversation<'a>(model: &'a str, input: &'a str, output: &'a str) -> Call<'a> {
    Call {
        models: [None, Some(model)],
        input: Some(input),
        output: Some(output),
        ..Call::default()
    }
}

/// OpenAI's cookbook has these messages, and what its API counted of them.
#[test]
fn a_conversation_has_as_many_tokens_as_its_maker_counts() {
    let example =
        |name: &str, content: &str| json!({ "role": "system", "name": name, "content": content });
    let messages = json!([
        {
            "role": "system",
            "content": "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
        },
        example("example_user", "New synergies will help drive top-line growth."),
        example("example_assistant", "Things working well together will increase revenue."),
        example(
            "example_user",
            "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
        ),
        example("example_assistant", "Let's talk later when we're less busy about how to do better."),
        {
            "role": "user",
            "content": "This late pivot means we don't have time to boil the ocean for the client deliverable.",
        },
    ])
    .to_string();
    for (model, tokens) in [("gpt-3.5-turbo", 129), ("gpt-4", 129), ("gpt-4o-mini", 124)] {
        let counted = count(&conversation(model, &messages, "Hello there"));
        assert_eq!(counted.input, Some(tokens), "{model}");
        assert_eq!((counted.output, counted.is_exact), (Some(2), true), "{model}");
    }
}

#[test]
fn a_prompt_and_its_system_prompt_are_two_messages() {
    let call = conversation("gpt-4o", "What is the weather in Oslo?", "7 degrees");
    assert_eq!(count(&call).input, Some(7 + 4 + 3));
    let with_system = Call { system_prompt: Some("You are brief."), ..call };
    assert_eq!(count(&with_system).input, Some(7 + 4 + 4 + 4 + 3));
    // It is stated beside messages that hold it.
    let messages =
        r#"[{"role":"system","content":"You are brief."},{"role":"user","content":"Hi"}]"#;
    let twice = Call { input: Some(messages), ..with_system };
    assert_eq!(count(&twice).input, Some(4 + 4 + 1 + 4 + 3));
    let parts =
        Call { system_prompt: Some(r#"[{"type":"text","content":"You are brief."}]"#), ..call };
    assert_eq!(count(&parts).input, count(&with_system).input);
    let alone = Call { input: None, ..with_system };
    assert_eq!(count(&alone).input, Some(4 + 4 + 3));
}

#[test]
fn a_model_of_another_maker_is_estimated() {
    for model in ["claude-sonnet-4-5", "gemini-2.5-pro", "my-own"] {
        let counted = count(&conversation(model, "Hi", "hello world"));
        let wanted = Counted {
            tokenizer: Tokenizer::O200k,
            is_exact: false,
            input: Some(8),
            output: Some(2),
        };
        assert_eq!(counted, wanted, "{model}");
    }
}

#[test]
fn the_model_that_answered_counts_before_the_one_that_was_asked() {
    let by = |answered, asked| {
        let call = Call { models: [answered, asked], input: Some("Hi"), ..Call::default() };
        let counted = count(&call);
        (counted.tokenizer, counted.is_exact)
    };
    assert_eq!(by(Some("gpt-4-0613"), Some("gpt-4o")), (Tokenizer::Cl100k, true));
    // A name that says nothing leaves it to the other.
    assert_eq!(by(Some("prod-7"), Some("gpt-4")), (Tokenizer::Cl100k, true));
    assert_eq!(by(None, None), (Tokenizer::O200k, false));
}

#[test]
fn what_has_no_text_is_not_counted() {
    let nothing = count(&Call::default());
    assert_eq!((nothing.input, nothing.output), (None, None));
    let empty = count(&conversation("gpt-4o", "", ""));
    assert_eq!((empty.input, empty.output), (None, None));
}

#[test]
fn tool_calls_are_counted_once() {
    let calls = r#"[{"id":"c","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Oslo\"}"}}]"#;
    let beside = Call { output: None, tool_calls: Some(calls), ..conversation("gpt-4o", "Hi", "") };
    assert_eq!(count(&beside).output, Some(8));
    let message = format!(r#"{{"role":"assistant","content":"Hi","tool_calls":{calls}}}"#);
    let both = Call { output: Some(&message), ..beside };
    assert_eq!(count(&both).output, Some(9));
    let text = Call { output: Some("Hi"), ..beside };
    assert_eq!(count(&text).output, Some(9));
}

#[test]
fn vectors_are_not_counted() {
    let call = Call {
        purpose: Purpose::Embedding,
        models: [None, Some("text-embedding-3-small")],
        input: Some("hello world"),
        output: Some("[0.1,0.2,0.3]"),
        ..Call::default()
    };
    let counted = count(&call);
    assert_eq!((counted.input, counted.output, counted.is_exact), (Some(2), None, true));
}

#[test]
fn calls_of_sound_and_pictures_are_not_counted() {
    let form =
        r#"{"prompt":null,"files":[{"field":"file","name":"a.wav","type":"audio/wav","bytes":9}]}"#;
    for (models, input) in [
        ([None, Some("whisper-1")], "hello world"),
        ([None, Some("gpt-4o-transcribe")], "hello world"),
        ([None, Some("tts-1")], "hello world"),
        ([Some("gpt-image-1"), None], "A cat."),
        ([Some("prod-7"), Some("whisper-1")], "hello world"),
        // What no name tells, the form does.
        ([None, Some("gpt-4o")], form),
        ([None, Some("prod-7")], form),
    ] {
        let call = Call { models, input: Some(input), output: Some("Hi"), ..Call::default() };
        let counted = count(&call);
        assert_eq!((counted.input, counted.output), (None, None), "{models:?} {input}");
        assert!(!counted.is_exact, "{models:?} {input}");
    }
    // A deployment may have any name.
    let models = [Some("gpt-4o-2024-08-06"), Some("voice-assistant")];
    let call = Call { models, input: Some("Hi"), output: Some("Hi"), ..Call::default() };
    let counted = count(&call);
    assert_eq!((counted.input, counted.output, counted.is_exact), (Some(8), Some(1), true));
}

#[test]
fn ids_of_tokens_are_counted_and_not_their_digits() {
    let call = Call {
        purpose: Purpose::Embedding,
        models: [None, Some("text-embedding-3-small")],
        input: Some("[[9906,1917],[100257]]"),
        ..Call::default()
    };
    let counted = count(&call);
    assert_eq!((counted.input, counted.is_exact), (Some(3), true));
}

#[test]
fn an_answer_of_the_applications_own_json_is_not_counted_exactly() {
    let counted = count(&conversation("gpt-4o", "Hi", r#"{"answer":42}"#));
    assert_eq!((counted.output, counted.is_exact), (Some(5), false));
}
