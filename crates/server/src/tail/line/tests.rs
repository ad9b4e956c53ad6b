use serde_json::json;

use super::*;

fn message(event: &str, data: &Value) -> Event {
    Event { event: event.to_owned(), data: data.to_string() }
}

fn line(lines: &mut Lines, event: &str, data: &Value) -> String {
    lines.line(&message(event, data)).unwrap()
}

fn start() -> Value {
    json!({
        "traceId": "4bf92f3577b34da6", "spanId": "4bf92f3577b34da6", "name": "chat", "model": "m",
        "status": "pending", "startTime": "2026-03-01T12:00:00Z",
        "receivedAt": "2026-03-01T12:00:00.000250Z",
    })
}

#[test]
fn a_trace_is_followed_from_start_to_end() {
    let mut lines = Lines::new(Look::Plain);
    let id = "4bf92f3577b34da6";
    assert_eq!(line(&mut lines, "trace", &start()), "12:00:00.000Z  ▶  4bf92f35…  chat  m");
    let update = json!({
        "traceId": id, "spanId": id, "output": "Hello\nyou", "receivedAt": "2026-03-01T12:00:01Z",
    });
    let expected = "12:00:01.000Z  …  4bf92f35…  chat  m  Hello you";
    assert_eq!(line(&mut lines, "update", &update), expected);
    let finish = json!({
        "traceId": id, "spanId": id, "status": "success", "endTime": "2026-03-01T12:00:02.345Z",
        "receivedAt": "2026-03-01T12:00:02.400Z",
    });
    let expected = "12:00:02.400Z  ✓  4bf92f35…  chat  m  2.34 s";
    assert_eq!(line(&mut lines, "finish", &finish), expected);
    assert!(lines.open.is_empty());
}

#[test]
fn an_end_without_its_start_shows_what_it_says() {
    let mut lines = Lines::new(Look::Plain);
    let finish = json!({
        "traceId": "t", "spanId": "s", "status": "error", "error": "rate limit",
        "endTime": "2026-03-01T12:00:02Z", "receivedAt": "2026-03-01T12:00:02Z",
    });
    assert_eq!(line(&mut lines, "finish", &finish), "12:00:02.000Z  ✗  t  rate limit");
}

#[test]
fn texts_cannot_steer_the_terminal() {
    let mut lines = Lines::new(Look::Plain);
    let data = json!({ "traceId": "t", "name": "\u{1b}[2Jboo\r\n\u{202e}", "receivedAt": null });
    let line = line(&mut lines, "trace", &data);
    assert!(line.ends_with(" [2Jboo   "), "{line:?}");
    assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
}

#[test]
fn colours_come_only_where_they_are_wanted() {
    let mut lines = Lines::new(Look::Coloured);
    assert!(line(&mut lines, "trace", &start()).contains("\u{1b}[33m▶\u{1b}[0m"));
}

#[test]
fn json_has_the_name_of_the_event_first() {
    let mut lines = Lines::new(Look::Json);
    let data = json!({ "traceId": "t", "name": null });
    let expected = r#"{"event":"trace","traceId":"t","name":null}"#;
    assert_eq!(line(&mut lines, "trace", &data), expected);
}

#[test]
fn a_lag_is_told_and_the_unknown_is_left_out() {
    let mut lines = Lines::new(Look::Plain);
    let lag = |missed: Value| json!({ "missed": missed });
    assert!(line(&mut lines, "lagged", &lag(json!(7))).starts_with("7 events were missed"));
    assert!(line(&mut lines, "lagged", &lag(Value::Null)).starts_with("some events were missed"));
    assert_eq!(lines.line(&message("dance", &json!({}))), None);
    assert_eq!(lines.line(&Event { event: "trace".into(), data: "no json".into() }), None);
}

#[test]
fn a_deletion_is_a_line_and_ends_what_was_open() {
    let mut lines = Lines::new(Look::Plain);
    line(&mut lines, "trace", &json!({ "traceId": "t", "spanId": "t", "name": "chat" }));
    line(&mut lines, "span", &json!({ "traceId": "t", "spanId": "s" }));
    line(&mut lines, "trace", &json!({ "traceId": "other", "spanId": "other" }));
    let gone = json!({ "traceId": "t", "spanId": "s", "receivedAt": "2026-03-01T12:00:00Z" });
    assert_eq!(line(&mut lines, "deleted", &gone), "12:00:00.000Z  ⌫  t  span deleted");
    assert_eq!(lines.open.len(), 2);
    let gone = json!({ "traceId": "t", "spanId": null, "receivedAt": "2026-03-01T12:00:01Z" });
    assert_eq!(line(&mut lines, "deleted", &gone), "12:00:01.000Z  ⌫  t  trace deleted");
    assert_eq!(lines.open.len(), 1);
}

#[test]
fn durations_are_read_at_a_glance() {
    let cases = [
        (0, "0 ms"),
        (999_999, "999 ms"),
        (1_000_000, "1.00 s"),
        (59_999_999, "59.99 s"),
        (60_000_000, "1 min 00 s"),
        (3_725_000_000, "62 min 05 s"),
    ];
    for (micros, expected) in cases {
        assert_eq!(duration(micros), expected);
    }
}

#[test]
fn long_texts_are_cut() {
    assert_eq!(shown("größe", 3), "grö…");
    assert_eq!(shown("größe", 5), "größe");
    assert_eq!(ending("größe", 2), "…ße");
    assert_eq!(ending("größe", 5), "größe");
}

#[test]
fn forgotten_traces_do_not_pile_up() {
    let mut lines = Lines::new(Look::Plain);
    for n in 0..MOST_OPEN + 5 {
        line(&mut lines, "trace", &json!({ "traceId": n.to_string() }));
    }
    assert!(lines.open.len() <= MOST_OPEN);
}

#[test]
fn pieces_of_a_text_are_left_out() {
    let piece = json!({ "traceId": "t", "spanId": "t", "offset": 0, "text": "Hello " });
    for look in [Look::Plain, Look::Json] {
        assert_eq!(Lines::new(look).line(&message("text", &piece)), None);
    }
}
