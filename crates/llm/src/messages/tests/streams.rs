use serde_json::{Value, json};
use tracekeep_model::{Text, Usage};

use super::{events, fixture};
use crate::chat::{Assembly, Delta, ErrorKind, Finish, Part, ToolCall};
use crate::frame::aws;
use crate::frame::sse::Event;
use crate::messages::{Reader, invoke_event};

fn read(stream: &str) -> Vec<Delta> {
    let mut reader = Reader::default();
    events(stream).iter().flat_map(|event| reader.read(event).unwrap()).collect()
}

fn start(id: &str) -> Delta {
    Delta::Start {
        id: Some(id.into()),
        model: Some("claude-sonnet-4-5-20250929".into()),
        created: None,
        service_tier: Some("default".into()),
    }
}

fn text(text: &str) -> Delta {
    Delta::Text { choice: 0, text: text.into() }
}

fn thought(text: &str, sealed: Option<&str>) -> Delta {
    Delta::Reasoning { choice: 0, text: text.into(), sealed: sealed.map(Into::into) }
}

fn arguments(call: u32, text: &str) -> Delta {
    Delta::Arguments { choice: 0, call, text: text.into() }
}

fn begin(call: u32, id: &str, name: &str) -> Delta {
    let begin = ToolCall { id: id.into(), name: name.into(), ..ToolCall::default() };
    Delta::ToolCall { choice: 0, call, begin }
}

fn finish(reason: Finish) -> Delta {
    Delta::Finish { choice: 0, reason }
}

/// The deltas without what was counted, and the last of that.
fn split(deltas: Vec<Delta>) -> (Vec<Delta>, Usage) {
    let mut usage = Usage::default();
    let mut rest = Vec::new();
    for delta in deltas {
        match delta {
            Delta::Counted(counted) => usage.replace(&counted.usage),
            other => rest.push(other),
        }
    }
    (rest, usage)
}

#[test]
fn text_comes_piece_by_piece() {
    let (deltas, usage) = split(read(fixture!("streams/text.sse")));
    let expected = [start("msg_01"), text("Hel"), text("lo!"), finish(Finish::Stop), Delta::End];
    assert_eq!(deltas, expected);
    let expected = Usage {
        input: Some(12),
        input_cache_read: Some(0),
        input_cache_write: Some(0),
        output: Some(5),
        ..Usage::default()
    };
    assert_eq!(usage, expected);
}

#[test]
fn thoughts_and_calls_come_in_order() {
    let (deltas, usage) = split(read(fixture!("streams/tools.sse")));
    let expected = [
        start("msg_01"),
        thought("Two ", None),
        thought("cities.", None),
        thought("", Some("c2ln")),
        thought("", Some("redacted_thinking:aGlkZGVu")),
        text("I look."),
        begin(0, "toolu_1", "get_weather"),
        arguments(0, "{\"city\": \"Os"),
        arguments(0, "lo\", \"lat\": 59.910}"),
        begin(1, "toolu_2", "now"),
        arguments(1, "{}"),
        finish(Finish::ToolCalls),
        Delta::End,
    ];
    assert_eq!(deltas, expected);
    // The total of what was written comes again at the end, without the split of the beginning.
    let expected = Usage {
        input: Some(21),
        input_cache_read: Some(3000),
        input_cache_write: Some(200),
        output: Some(30),
        output_reasoning: Some(60),
        other: vec![("input_cache_write_1h".into(), 500)],
        stated_total: None,
    };
    assert_eq!(usage, expected);
}

#[test]
fn the_assembled_answer_is_what_the_sdk_makes_of_the_stream() {
    for (stream, accumulated) in [
        (fixture!("streams/text.sse"), fixture!("streams/text.json")),
        (fixture!("streams/tools.sse"), fixture!("streams/tools.json")),
        (fixture!("streams/search.sse"), fixture!("streams/search.json")),
        (fixture!("streams/refusal.sse"), fixture!("streams/refusal.json")),
    ] {
        let mut assembly = Assembly::default();
        read(stream).iter().for_each(|delta| assembly.add(delta));
        assert!(assembly.has_ended());
        let response = assembly.finish().0;
        let expected = crate::messages::read_response(accumulated.as_bytes()).unwrap();
        let plain = |parts: &[Part]| -> Vec<Value> {
            let plain = parts.iter().map(|part| match part {
                Part::ToolCall(call) => {
                    let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
                    json!([call.id, call.name, arguments])
                }
                other => json!(format!("{other:?}")),
            });
            plain.collect()
        };
        let parts = response.choices.first().map_or(Vec::new(), |choice| plain(&choice.parts));
        assert_eq!(parts, plain(&expected.choices[0].parts));
        assert_eq!(response.choices[0].finish, expected.choices[0].finish);
        assert_eq!((&response.id, &response.model), (&expected.id, &expected.model));
        let (usage, expected) = (response.counted.unwrap().usage, expected.counted.unwrap().usage);
        assert_eq!(usage.total(), expected.total());
        assert_eq!(usage.output_total(), expected.output_total());
    }
}

#[test]
fn what_the_providers_tools_do_is_no_call_of_the_clients() {
    let (deltas, usage) = split(read(fixture!("streams/search.sse")));
    let expected = [start("msg_01"), text("Oslo is a city."), finish(Finish::Stop), Delta::End];
    assert_eq!(deltas, expected);
    assert_eq!((usage.input, usage.output), (Some(2679), Some(510)));
    assert_eq!(usage.other, [(Text::from("web_searches"), 1)]);
}

#[test]
fn a_failure_midway_ends_the_stream_without_an_end() {
    let (deltas, _) = split(read(fixture!("streams/error.sse")));
    let [begun, said, Delta::Failed(error)] = &deltas[..] else { panic!("{deltas:?}") };
    assert_eq!((begun, said), (&start("msg_01"), &text("Hal")));
    assert_eq!((error.status, error.kind), (529, ErrorKind::Overloaded));
    assert_eq!(error.message, "Overloaded");
}

#[test]
fn some_providers_say_arguments_at_the_beginning_only() {
    let stream = "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":\
        {\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"t\",\"input\":{\"x\":1.0}}}\n\n\
        data: {\"type\":\"content_block_stop\",\"index\":0}\n\n";
    assert_eq!(read(stream), [begin(0, "a", "t"), arguments(0, "{\"x\":1.0}")]);
}

#[test]
fn unknown_events_are_passed_over_and_bad_ones_are_errors() {
    let mut reader = Reader::default();
    for data in [
        "{\"type\":\"tomorrow\"}",
        "{\"type\":\"content_block_delta\",\"index\":-1,\"delta\":{\"type\":\"tomorrow_delta\"}}",
        "{\"type\":\"content_block_delta\",\"index\":9,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"x\"}}",
        "{\"type\":\"content_block_delta\"}",
        "{\"type\":\"content_block_start\",\"content_block\":7}",
        "{\"type\":\"content_block_stop\",\"index\":9}",
        "{\"type\":\"message_delta\",\"delta\":5,\"usage\":[]}",
        "",
        "[DONE]",
    ] {
        assert_eq!(reader.read(&Event::message(data)).unwrap(), Vec::<Delta>::new(), "{data}");
    }
    for data in ["x", "[]", "{}", "{\"type\":1}", "null"] {
        let error = reader.read(&Event::message(data)).unwrap_err();
        assert_eq!(error.field, "event", "{data}");
    }
    let stop = Event::message("{\"type\":\"message_stop\"}");
    assert_eq!(reader.read(&stop).unwrap(), [Delta::End]);
    for after in [stop, Event::message("x"), Event::message("{\"type\":\"error\"}")] {
        assert_eq!(reader.read(&after).unwrap(), Vec::<Delta>::new(), "after the end");
    }
}

#[test]
fn bedrocks_frames_hold_the_same_events() {
    let bytes = include_bytes!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../fixtures/llm/converse/streams/invoke.bin"
    ));
    let frames = aws::Parser::default().push(bytes).unwrap();
    let mut reader = Reader::default();
    let events = frames.iter().filter_map(|frame| invoke_event(frame).unwrap());
    let deltas: Vec<_> = events.flat_map(|event| reader.read(&event).unwrap()).collect();
    let (deltas, usage) = split(deltas);
    assert_eq!(deltas[1..], [text("Hello!"), finish(Finish::Stop), Delta::End]);
    assert_eq!((usage.input, usage.output), (Some(12), Some(5)));
}

#[test]
fn bedrocks_exceptions_are_failures() {
    let frame = |kind: aws::Kind, payload: &str| aws::Message {
        kind,
        payload: payload.as_bytes().to_vec().into(),
    };
    let exception = aws::Kind::Exception("throttlingException".into());
    let event = invoke_event(&frame(exception, "{\"message\":\"Too many tokens.\"}")).unwrap();
    let deltas = Reader::default().read(&event.unwrap()).unwrap();
    let [Delta::Failed(error)] = &deltas[..] else { panic!("{deltas:?}") };
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::RateLimited, "Too many tokens."));
    let chunk = || aws::Kind::Event("chunk".into());
    for payload in ["", "{}", "{\"bytes\":\"%\"}", "{\"bytes\":\"/w==\"}", "{\"bytes\":\"e30=\"}"] {
        let error = invoke_event(&frame(chunk(), payload)).unwrap_err();
        assert_eq!(error.field, "chunk.bytes", "{payload}");
    }
    let other = aws::Kind::Event("initial-response".into());
    assert_eq!(invoke_event(&frame(other, "")), Ok(None));
}
