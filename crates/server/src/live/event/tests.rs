use serde_json::{Value as Json, json};
use tracekeep_model::Version;

use super::*;

fn at(rank: Rank, step: Step) -> Version {
    Version { rank, time: Micros(1_000_000), step }
}

fn stated(step: Step) -> Version {
    at(Rank::Stated, step)
}

fn span(id: &str, fill: impl FnOnce(&mut State)) -> (RecordKey, State) {
    let mut state = State::new(Micros(1_000_000));
    fill(&mut state);
    (RecordKey::Span { trace_id: "t".into(), span_id: id.into() }, state)
}

fn trace(fill: impl FnOnce(&mut State)) -> (RecordKey, State) {
    let mut state = State::new(Micros(1_000_000));
    fill(&mut state);
    (RecordKey::Trace { trace_id: "t".into() }, state)
}

/// Event names and data.
fn told(patches: &[(RecordKey, State)]) -> Vec<(&'static str, Json)> {
    let told = |notice: &Notice| (notice.event(), serde_json::to_value(notice).unwrap());
    notices(patches).iter().map(told).collect()
}

#[test]
fn a_start_is_one_event_that_has_the_traces_name() {
    let patches = [
        trace(|state| state.set(Field::Name, stated(Step::Start), "greeting")),
        span("t", |state| {
            state.set(Field::Status, stated(Step::Start), Status::Pending);
            state.set(Field::StartTime, at(Rank::Assumed, Step::Start), Micros(1_000_000));
            state.set(Field::Model, stated(Step::Start), "m");
        }),
    ];
    let expected = json!({
        "traceId": "t", "spanId": "t", "name": "greeting", "model": "m", "status": "pending",
        "startTime": "1970-01-01T00:00:01.000Z", "endTime": null,
        "receivedAt": "1970-01-01T00:00:01.000Z",
    });
    assert_eq!(told(&patches), [("trace", expected)]);
}

#[test]
fn a_child_opens_as_a_span_under_its_own_name() {
    let patches = [
        trace(|state| state.set(Field::Name, stated(Step::Start), "greeting")),
        span("s", |state| {
            state.set(Field::ParentSpanId, stated(Step::Start), "t");
            state.set(Field::StartTime, stated(Step::Start), Micros(1_000_000));
        }),
    ];
    let told = told(&patches);
    assert_eq!(told[0].0, "span");
    assert_eq!(told[0].1["parentSpanId"], "t");
    assert_eq!(told[0].1["name"], Json::Null);
    assert_eq!(told[0].1["status"], "pending");
}

#[test]
fn an_update_says_no_status_and_no_start_that_it_only_assumes() {
    let patches = [span("t", |state| {
        state.set(Field::StartTime, at(Rank::Assumed, Step::Update), Micros(9));
        state.set(Field::Output, stated(Step::Update), "Hel");
    })];
    let told = told(&patches);
    assert_eq!(told[0].0, "update");
    assert_eq!(told[0].1["output"], "Hel");
    assert_eq!((&told[0].1["status"], &told[0].1["startTime"]), (&Json::Null, &Json::Null));
    assert_eq!(told[0].1.get("truncated"), None);
}

#[test]
fn an_end_or_a_terminal_status_finishes() {
    let patches = [
        span("a", |state| {
            state.set(Field::Status, stated(Step::End), Status::Error);
            state.set(Field::ErrorMessage, stated(Step::End), "boom");
        }),
        span("b", |state| {
            state.set(Field::StartTime, stated(Step::End), Micros(5_000));
            state.set(Field::EndTime, stated(Step::End), Micros(7_000));
        }),
        span("c", |state| state.set(Field::Kind, stated(Step::Start), Kind::Event)),
    ];
    let told = told(&patches);
    assert!(told.iter().all(|(event, _)| *event == "finish"));
    assert_eq!((&told[0].1["status"], &told[0].1["error"]), (&json!("error"), &json!("boom")));
    assert_eq!(told[1].1["status"], "success");
    assert_eq!(told[1].1["startTime"], "1970-01-01T00:00:00.005Z");
    assert_eq!(told[2].1["status"], "success");
}

#[test]
fn what_is_said_of_a_trace_alone_is_an_update() {
    let told = told(&[trace(|state| state.set(Field::Name, stated(Step::Update), "new name"))]);
    assert_eq!(told[0].0, "update");
    assert_eq!((&told[0].1["spanId"], &told[0].1["name"]), (&Json::Null, &json!("new name")));
}

#[test]
fn scores_are_no_events() {
    let score = (RecordKey::Score { score_id: "s".into() }, State::new(Micros(1)));
    assert!(told(&[score]).is_empty());
}

#[test]
fn a_span_beside_the_one_with_the_traces_id_opens_no_trace() {
    let patches = [span("s", |state| {
        state.set(Field::StartTime, stated(Step::Start), Micros(1_000_000));
    })];
    let told = told(&patches);
    assert_eq!((told[0].0, &told[0].1["spanId"]), ("span", &json!("s")));
    assert_eq!(told[0].1.get("parentSpanId"), None);
}

#[test]
fn of_what_is_deleted_nothing_else_is_told() {
    let patches = [
        span("t", |state| state.set(Field::Output, stated(Step::Update), "secret")),
        trace(|state| state.set(Field::Name, stated(Step::Update), "secret")),
        (RecordKey::Trace { trace_id: "t".into() }, State::deleted(Micros(2_000_000))),
        (RecordKey::Score { score_id: "s".into() }, State::deleted(Micros(2_000_000))),
        (RecordKey::Trace { trace_id: "u".into() }, State::new(Micros(1_000_000))),
    ];
    let told = told(&patches);
    let expected = json!({
        "traceId": "t", "spanId": null, "name": null, "model": null, "status": null,
        "startTime": null, "endTime": null, "receivedAt": "1970-01-01T00:00:02.000Z",
    });
    assert_eq!(told[0], ("deleted", expected));
    assert_eq!((told[1].0, &told[1].1["traceId"]), ("update", &json!("u")));
    assert_eq!(told.len(), 2);
}

#[test]
fn a_deleted_span_is_told_unless_its_trace_is() {
    let deleted = |id: &str| {
        let key = RecordKey::Span { trace_id: "t".into(), span_id: id.into() };
        (key, State::deleted(Micros(1_000_000)))
    };
    let patches = [
        deleted("a"),
        span("a", |state| state.set(Field::Output, stated(Step::Update), "secret")),
        span("b", |state| state.set(Field::Output, stated(Step::Update), "kept")),
    ];
    let alone = told(&patches);
    assert_eq!((alone[0].0, &alone[0].1["spanId"]), ("deleted", &json!("a")));
    assert_eq!((alone[1].0, &alone[1].1["output"]), ("update", &json!("kept")));
    assert_eq!(alone.len(), 2);
    let trace = (RecordKey::Trace { trace_id: "t".into() }, State::deleted(Micros(1_000_000)));
    let both = told(&[deleted("a"), trace]);
    assert_eq!((both[0].0, &both[0].1["spanId"]), ("deleted", &Json::Null));
    assert_eq!(both.len(), 1);
}

#[test]
fn a_long_output_is_cut_between_characters() {
    let long = "ü".repeat(MOST_OUTPUT);
    let patches = [span("t", |state| {
        // Two bytes each: one byte before them makes the limit fall within a character.
        state.set(Field::Output, stated(Step::Update), format!("x{long}"));
    })];
    let told = told(&patches);
    assert_eq!(told[0].1["output"].as_str().unwrap().len(), MOST_OUTPUT - 1);
    assert_eq!(told[0].1["truncated"], true);
}
