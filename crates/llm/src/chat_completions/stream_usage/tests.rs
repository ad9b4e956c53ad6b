#![allow(clippy::unwrap_used)]

use super::super::fixtures;
use super::*;

#[test]
fn usage_is_asked_for_and_nothing_else_changes() {
    let asks = |body: &str| ask_usage(body).unwrap();
    assert_eq!(
        asks("{ \"model\":\"m\", \"stream\":true , \"n\":1.0 }"),
        "{ \"model\":\"m\", \"stream\":true , \"n\":1.0 ,\"stream_options\":{\"include_usage\":true}}"
    );
    assert_eq!(
        asks("{\"stream_options\": {\"include_obfuscation\": false },\"stream\":true}"),
        "{\"stream_options\": {\"include_obfuscation\": false ,\"include_usage\":true},\"stream\":true}"
    );
    assert_eq!(
        asks("{\"stream\":true,\"stream_options\":{\"include_usage\":false}}"),
        "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}"
    );
    assert_eq!(
        asks("{\"stream\":true,\"stream_options\":null}"),
        "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}"
    );
}

#[test]
fn who_asks_already_or_wants_no_stream_is_left_alone() {
    for body in [
        "{\"model\":\"m\"}",
        "{\"stream\":false}",
        "{\"stream\":true,\"stream\":false}",
        "{\"stream\":true, \"stream_options\":{ \"include_usage\":true}}",
    ] {
        assert_eq!(ask_usage(body).unwrap(), body);
    }
}

#[test]
fn options_that_are_none_are_named() {
    let error = ask_usage("{\"stream\":true,\"stream_options\":5}").unwrap_err();
    assert_eq!(error.field, "stream_options");
    assert_eq!(ask_usage("[]").unwrap_err().field, "body");
}

#[test]
fn a_client_that_did_not_ask_sees_a_stream_without_usage() {
    let events = fixtures::events("streams/openai_text.sse");
    let hidden: Vec<_> = events.iter().filter_map(hide_usage).collect();
    let expected: Vec<_> = events
        .iter()
        .filter(|event| !event.data.contains("\"choices\":[],"))
        .map(|event| Event { data: event.data.replace(",\"usage\":null", ""), ..event.clone() })
        .collect();
    assert_eq!(hidden, expected);
    assert_eq!(hidden.len(), events.len() - 1);
    assert_eq!(hidden.last().unwrap().data, "[DONE]");
    assert!(events[0].data.contains("usage") && !hidden[0].data.contains("usage"));
    assert!(hidden[0].data.contains("\"obfuscation\":\"aB3\""), "what is unknown stays");
}

#[test]
fn azures_filter_results_and_usage_that_nobody_asked_for_stay() {
    let azure = fixtures::events("streams/azure.sse");
    assert_eq!(hide_usage(&azure[0]).as_ref(), Some(&azure[0]));
    for stream in ["streams/groq.sse", "streams/mistral.sse", "streams/openrouter.sse"] {
        for event in fixtures::events(stream) {
            assert_eq!(hide_usage(&event).as_ref(), Some(&event), "{stream}");
        }
    }
    let odd = Event::message("{\"usage\" no JSON");
    assert_eq!(hide_usage(&odd), Some(odd.clone()));
}
