#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;

fn standing() -> Standing {
    let requests = Left { limit: 60, remaining: 0, reset: Duration::from_secs(60) };
    Standing { requests: Some(requests), tokens: None }
}

fn by_requests() -> Refused {
    Refused::by_rate(Which::Requests, 60, 60, 1, Duration::from_secs(12), standing())
}

fn by_budget() -> Refused {
    let time = |text| Micros::parse(text).unwrap();
    let (start, end) = (time("2026-01-01T00:00:00Z"), time("2026-02-01T00:00:00Z"));
    let now = time("2026-01-31T23:59:30.5Z");
    let (limit, spent) = (Money::parse_cost("12.5").unwrap(), Money::parse_cost("12.61").unwrap());
    Refused::by_budget(limit, spent, Stretch { start, end }, now, Standing::default())
}

fn failed(refused: Refused, protocol: Protocol) -> (u16, HeaderMap, Value) {
    let failed = NotAdmitted::Refused(Box::new(refused)).into_failed(protocol);
    let Said { status, headers, body } = *failed.said.unwrap();
    assert_eq!(status, 429);
    (failed.error.status, headers, serde_json::from_slice(&body).unwrap())
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    Some(headers.get(name)?.to_str().unwrap())
}

#[test]
fn a_rate_that_is_used_up_says_when_to_come_again_and_who_can_raise_it() {
    let (status, headers, body) = failed(by_requests(), Protocol::ChatCompletions);
    assert_eq!(status, 429);
    let message = "this key may use 60 requests a minute, and has used 60 in the last one; ask \
                   again in 12 s; who has the project's secret key can raise it with PUT \
                   /api/keys/{publicKey}/limits";
    let expected = json!({ "error": {
        "message": message, "type": "requests", "param": null, "code": "rate_limit_exceeded",
    }});
    assert_eq!(body, expected);
    assert_eq!(header(&headers, "retry-after"), Some("12"));
    assert_eq!(header(&headers, "content-type"), Some("application/json"));
    assert_eq!(header(&headers, "x-should-retry"), None);
    assert_eq!(header(&headers, "x-ratelimit-limit-requests"), Some("60"));
    assert_eq!(header(&headers, "x-ratelimit-remaining-requests"), Some("0"));
    assert_eq!(header(&headers, "x-ratelimit-reset-requests"), Some("1m0s"));
    assert_eq!(header(&headers, "x-ratelimit-limit-tokens"), None);
}

#[test]
fn a_budget_that_is_spent_is_not_asked_for_again() {
    let (status, headers, body) = failed(by_budget(), Protocol::ChatCompletions);
    assert_eq!(status, 429);
    assert_eq!(body["error"]["code"], "budget_exceeded");
    assert_eq!(body["error"]["type"], "insufficient_quota");
    let message = "this key may spend 12.5 US dollars from 2026-01-01T00:00:00.000Z to \
                   2026-02-01T00:00:00.000Z, and has spent 12.61; it may spend again from \
                   2026-02-01T00:00:00.000Z on; ";
    assert!(body["error"]["message"].as_str().unwrap().starts_with(message), "{body}");
    assert_eq!(header(&headers, "retry-after"), Some("30"));
    assert_eq!(header(&headers, "x-should-retry"), Some("false"));
}

#[test]
fn other_protocols_tell_it_in_their_own_words() {
    let (status, headers, body) = failed(by_requests(), Protocol::Messages);
    assert_eq!((status, header(&headers, "retry-after")), (429, Some("12")));
    assert_eq!(body["type"], "error");
    assert_eq!(body["error"]["type"], "rate_limit_error");
    let (_, _, body) = failed(by_budget(), Protocol::GenerateContent);
    assert_eq!(body["error"]["code"], 429);
    assert_eq!(body["error"]["status"], "RESOURCE_EXHAUSTED");
}

#[test]
fn limits_that_cannot_be_read_are_no_refusal_of_the_key() {
    let error = ControlError::Invalid { field: "budget", problem: "is odd".to_owned() };
    let failed = NotAdmitted::Control(error).into_failed(Protocol::ChatCompletions);
    assert_eq!(failed.error.status, 503);
    assert!(failed.said.is_none());
}

#[test]
fn pauses_are_written_as_openai_writes_them() {
    for (seconds, written) in [(0, "0s"), (1, "1s"), (59, "59s"), (60, "1m0s"), (375, "6m15s")] {
        assert_eq!(pause(Duration::from_secs(seconds)), written);
    }
}
