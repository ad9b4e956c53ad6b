#![allow(clippy::unwrap_used)]

use tracekeep_model::{project_span, project_trace};

use super::*;

const START: Micros = Micros(1_750_000_000_000_000);

fn after(millis: i64) -> Micros {
    Micros(START.0 + millis * 1_000)
}

fn alone() -> Place {
    Place { trace_id: "t1".into(), span_id: "t1".into(), parent_span_id: None }
}

fn call() -> Begun {
    Begun {
        at: START,
        model: "gpt-5".into(),
        provider: Some("openai".into()),
        streaming: true,
        input: Some("[{\"role\":\"user\",\"content\":\"Hi\"}]".into()),
        ..Begun::default()
    }
}

/// The span and the trace that these patches make, in this order.
fn joined(patches: Vec<(RecordKey, State)>) -> (State, State) {
    let mut span = State::new(after(100_000));
    let mut trace = State::new(after(100_000));
    for (key, patch) in patches {
        match key {
            RecordKey::Span { .. } => span.join(patch),
            RecordKey::Trace { .. } => trace.join(patch),
            RecordKey::Score { .. } => panic!("a call has no scores"),
        }
    }
    (span, trace)
}

#[test]
fn a_call_that_ends_well_shows_all_that_is_known() {
    let about = About {
        user_id: Some("ada".into()),
        source: "api".into(),
        tags: vec!["beta".into()],
        metadata: vec![("team".into(), "\"search\"".into())],
        ..About::default()
    };
    let usage = Usage { input: Some(7), output: Some(3), ..Usage::default() };
    let end = Progress {
        at: after(900),
        first_token: Some(after(250)),
        response_model: Some("gpt-5-2025-08-07".into()),
        output: Some("Hello".into()),
        usage: Some(usage.clone()),
        usage_given: Some("{\"prompt_tokens\":7}".into()),
        ..Progress::default()
    };
    let mut patches = ended(&alone(), end, End::Success);
    // The end may come first.
    patches.extend(begun(&alone(), &about, call()));
    let (span, trace) = joined(patches);
    let span = project_span(&"t1".into(), &"t1".into(), &span);
    assert_eq!(span.status, Status::Success);
    assert_eq!(span.start_time, START);
    assert_eq!(span.end_time, Some(after(900)));
    assert_eq!(span.first_token_time, Some(after(250)));
    assert_eq!(span.output.as_deref(), Some("Hello"));
    assert_eq!(span.usage, usage);
    assert_eq!(span.kind, Kind::Generation);
    let trace = project_trace(&"t1".into(), &trace);
    assert_eq!(trace.inherited.user_id.as_deref(), Some("ada"));
    assert_eq!(trace.inherited.source, "api");
    assert_eq!(trace.inherited.tags, ["beta"]);
    assert_eq!(trace.metadata, [(Text::from("team"), Text::from("\"search\""))]);
}

#[test]
fn a_failure_keeps_what_was_said_before_it() {
    let so_far = Progress { at: after(300), output: Some("Hel".into()), ..Progress::default() };
    let failure = Failure {
        r#type: None,
        code: Some("cancelled".into()),
        message: "the client went away".into(),
    };
    let mut patches = begun(&alone(), &About::default(), call());
    patches.extend(progress(&alone(), so_far));
    let last = Progress { at: after(400), ..Progress::default() };
    patches.extend(ended(&alone(), last, End::Error(failure)));
    let span = project_span(&"t1".into(), &"t1".into(), &joined(patches).0);
    assert_eq!(span.status, Status::Error);
    assert_eq!(span.error_code.as_deref(), Some("cancelled"));
    assert_eq!(span.output.as_deref(), Some("Hel"));
}

#[test]
fn a_source_that_nobody_stated_gives_way() {
    let assumed = About { source: "api".into(), ..About::default() };
    let stated = About { source: "playground".into(), is_source_stated: true, ..About::default() };
    let earlier = Begun { at: after(-1_000), ..call() };
    let mut patches = begun(&alone(), &assumed, call());
    patches.extend(begun(&alone(), &stated, earlier));
    let trace = project_trace(&"t1".into(), &joined(patches).1);
    assert_eq!(trace.inherited.source, "playground");
}

#[test]
fn a_part_of_a_trace_has_an_id_of_its_own() {
    let place =
        Place { trace_id: "t1".into(), span_id: "s9".into(), parent_span_id: Some("s1".into()) };
    let patches = begun(&place, &About::default(), call());
    let keys: Vec<_> = patches.iter().map(|(key, _)| key.to_string()).collect();
    assert_eq!(keys, ["trace t1", "span s9 of trace t1"]);
    let span = project_span(&"t1".into(), &"s9".into(), &patches[1].1);
    assert_eq!(span.parent_span_id.as_deref(), Some("s1"));
    assert_eq!(span.status, Status::Pending);
}
