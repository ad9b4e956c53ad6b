#![allow(clippy::unwrap_used)]

use std::path::Path;

use serde_json::json;

use super::*;

const ALL: [Protocol; 6] = [
    Protocol::ChatCompletions,
    Protocol::Responses,
    Protocol::Messages,
    Protocol::GenerateContent,
    Protocol::Converse,
    Protocol::CohereChat,
];

fn fixture(path: &str) -> Vec<u8> {
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests"))
        .join("../../fixtures/llm");
    std::fs::read(folder.join(path)).unwrap()
}

/// The status, class, type and code of a failure, and its message.
fn told(protocol: Protocol, body: &Value) -> (u16, ErrorKind, [Option<String>; 2], String) {
    let failure = protocol.failure_within(body.to_string().as_bytes()).unwrap();
    (failure.status, failure.kind, [failure.r#type, failure.code], failure.message)
}

#[test]
fn an_error_in_place_of_an_answer_is_a_failure() {
    let said = |text: &str| Some(text.to_owned());
    let cases = [
        (
            Protocol::ChatCompletions,
            json!({
                "error": {"message": "Rate limit exceeded", "code": 429},
                "user_id": "user_2abc",
            }),
            (429, ErrorKind::RateLimited, [None, said("429")], "Rate limit exceeded"),
        ),
        (
            Protocol::ChatCompletions,
            json!({"id": "gen-1", "choices": [], "error": {
                "message": "Provider returned error",
                "code": 502,
                "metadata": {"raw": "upstream is busy", "provider_name": "X"},
            }}),
            (
                502,
                ErrorKind::Provider,
                [None, said("502")],
                "Provider returned error: upstream is busy",
            ),
        ),
        (
            Protocol::ChatCompletions,
            json!({"error": "model is loading"}),
            (502, ErrorKind::Provider, [None, None], "model is loading"),
        ),
        (
            Protocol::Responses,
            json!({"error": {"code": "server_error", "message": "It broke."}}),
            (502, ErrorKind::Provider, [None, said("server_error")], "It broke."),
        ),
        (
            Protocol::Responses,
            json!({"status": "failed", "error": {"code": "invalid_prompt", "message": "No."}}),
            (400, ErrorKind::BadRequest, [None, said("invalid_prompt")], "No."),
        ),
        (
            Protocol::Messages,
            json!({"type": "error", "error": {"type": "invalid_request_error", "message": "No."}}),
            (400, ErrorKind::BadRequest, [said("invalid_request_error"), None], "No."),
        ),
        (
            Protocol::GenerateContent,
            json!({"error": {"code": 503, "message": "Overloaded.", "status": "UNAVAILABLE"}}),
            (503, ErrorKind::Overloaded, [said("UNAVAILABLE"), None], "Overloaded."),
        ),
    ];
    for (protocol, body, (status, kind, names, message)) in cases {
        let expected = (status, kind, names, message.to_owned());
        assert_eq!(told(protocol, &body), expected, "{body}");
    }
}

#[test]
fn numbers_that_are_no_status_of_a_failure_are_none() {
    for code in [json!(200), json!(0), json!(600), json!(-1), json!(1e9), json!("teapot")] {
        let body = json!({"error": {"message": "x", "code": code}});
        let (status, kind, ..) = told(Protocol::ChatCompletions, &body);
        assert_eq!((status, kind), (502, ErrorKind::Provider), "{body}");
    }
}

#[test]
fn a_response_that_failed_or_was_cancelled_is_a_failure() {
    let failure = Protocol::Responses.failure_within(&fixture("responses/responses/failed.json"));
    let failure = failure.unwrap();
    assert_eq!((failure.status, failure.message.as_str()), (502, "The server had an error."));
    assert_eq!(failure.code.as_deref(), Some("server_error"));
    for status in ["failed", "cancelled"] {
        let body = json!({"id": "resp_1", "status": status, "error": null, "output": []});
        let (code, kind, names, message) = told(Protocol::Responses, &body);
        assert_eq!((code, kind, names), (502, ErrorKind::Provider, [None, None]));
        assert!(message.contains(status), "{message}");
        // Elsewhere a status is anything.
        let body = body.to_string();
        assert_eq!(Protocol::ChatCompletions.failure_within(body.as_bytes()), None);
    }
}

#[test]
fn answers_are_no_failures() {
    for name in ["text", "tools", "incomplete", "refusal"] {
        let body = fixture(&format!("responses/responses/{name}.json"));
        assert!(body.windows(7).any(|bytes| bytes == b"\"error\""), "{name} has an error of null");
        assert_eq!(Protocol::Responses.failure_within(&body), None, "{name}");
        assert!(!Protocol::Responses.is_pending(&body), "{name}");
    }
    let bodies = [
        json!({"choices": [{"message": {"content": "{\"error\": {\"code\": 500}}"}}]}),
        json!({"choices": [{"error": {"code": 502}, "message": {"content": "x"}}]}),
        json!({"output": [{"status": "failed", "type": "web_search_call"}], "status": "completed"}),
        json!({"error": null}),
        json!({"error": ""}),
        json!({"error": {}}),
        json!({"error": []}),
        json!({"error": false}),
        json!({"content": [{"type": "error"}], "type": "message"}),
    ];
    for body in bodies {
        for protocol in ALL {
            let failure = protocol.failure_within(body.to_string().as_bytes());
            assert_eq!(failure, None, "{protocol:?}: {body}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_left_to_who_reads_it() {
    for body in ["", "[]", "null", "\"error\"", "{\"error\": 1", "[{\"error\": {}}]", "\"status\""]
    {
        for protocol in ALL {
            assert_eq!(protocol.failure_within(body.as_bytes()), None, "{protocol:?}: {body}");
            assert!(!protocol.is_pending(body.as_bytes()), "{protocol:?}: {body}");
        }
    }
    assert_eq!(Protocol::ChatCompletions.failure_within(b"{\"error\":\"\xff\"}"), None);
}

#[test]
fn a_response_that_is_still_worked_on_is_pending_and_no_failure() {
    for status in ["queued", "in_progress"] {
        let body = json!({"status": status, "error": null, "output": []}).to_string();
        assert!(Protocol::Responses.is_pending(body.as_bytes()), "{status}");
        assert_eq!(Protocol::Responses.failure_within(body.as_bytes()), None, "{status}");
        assert!(!Protocol::ChatCompletions.is_pending(body.as_bytes()), "{status}");
    }
    let within = json!({"status": "completed", "output": [{"status": "in_progress"}]}).to_string();
    assert!(!Protocol::Responses.is_pending(within.as_bytes()));
}
