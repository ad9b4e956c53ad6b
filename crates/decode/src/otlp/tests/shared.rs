//! What spans say of their trace, and resources and scopes of their spans.

#![allow(clippy::unwrap_used)]

use tracekeep_model::Rank;

use super::*;

fn tags(state: &State) -> Vec<&str> {
    state
        .entries()
        .iter()
        .filter_map(|entry| match &entry.register {
            Register::Tag(tag) => Some(&**tag),
            _ => None,
        })
        .collect()
}

#[test]
fn trace_attributes_go_to_the_trace_and_not_to_the_span() {
    let tagged = AnyValue::from(&["beta", "", "alpha"][..]);
    let (state, trace) = read(span(&[
        attribute("tracekeep.trace.name", "booking"),
        attribute("tracekeep.source", "checkout-2"),
        attribute("tracekeep.version", "v3"),
        attribute("tracekeep.release", "r7"),
        attribute("tracekeep.environment", "staging"),
        attribute("user.id", 42i64),
        attribute("gen_ai.conversation.id", "talk"),
        attribute("tracekeep.metadata.plan", "gold"),
        ("tracekeep.tags".into(), tagged),
    ]));
    let trace = trace.unwrap();
    for (field, expected) in [
        (Field::Name, "booking"),
        (Field::Source, "checkout-2"),
        (Field::Version, "v3"),
        (Field::Release, "r7"),
        (Field::Environment, "staging"),
        (Field::UserId, "42"),
        (Field::SessionId, "talk"),
    ] {
        assert_eq!(text(&trace, field), Some(expected), "{field:?}");
    }
    assert!(trace.entries().iter().all(|entry| entry.version.rank == Rank::Stated));
    assert_eq!(metadata(&trace, "plan"), Some("\"gold\""));
    assert_eq!(tags(&trace), ["alpha", "beta"]);
    assert_eq!(text(&state, Field::UserId), None);
    assert_eq!(metadata(&state, "user.id"), None);
}

#[test]
fn empty_bytes_say_nothing() {
    let empty = || AnyValue::Bytes(bytes::Bytes::new());
    let sent = AnyValue::Array(vec![empty(), AnyValue::from("alpha")]);
    let (_, trace) =
        read(span(&[("tracekeep.source".into(), empty()), ("tracekeep.tags".into(), sent)]));
    let trace = trace.unwrap();
    assert_eq!(text(&trace, Field::Source), None);
    assert_eq!(tags(&trace), ["alpha"]);
}

#[test]
fn of_two_names_the_more_particular_wins_and_the_other_is_kept() {
    for reversed in [false, true] {
        let mut attributes = vec![
            attribute("gen_ai.conversation.id", "c"),
            attribute("session.id", "s"),
            attribute("enduser.id", "e"),
            attribute("user.id", "u"),
            attribute("tracekeep.user_id", "t"),
        ];
        if reversed {
            attributes.reverse();
        }
        let (state, trace) = read(span(&attributes));
        let trace = trace.unwrap();
        assert_eq!(text(&trace, Field::SessionId), Some("s"));
        assert_eq!(text(&trace, Field::UserId), Some("t"));
        assert_eq!(metadata(&state, "gen_ai.conversation.id"), Some("\"c\""));
        assert_eq!(metadata(&state, "enduser.id"), Some("\"e\""));
        assert_eq!(metadata(&state, "user.id"), Some("\"u\""));
    }
}

#[test]
fn a_resource_speaks_for_its_spans_unless_they_speak_themselves() {
    let resource = vec![
        attribute("service.name", "shop"),
        attribute("service.version", "1.2.3"),
        attribute("deployment.environment.name", "production"),
        attribute("telemetry.sdk.name", "opentelemetry"),
        attribute("telemetry.sdk.version", "1.30.0"),
        attribute("telemetry.sdk.language", "python"),
        attribute("host.name", "h1"),
    ];
    let scope = RawScope {
        name: "openai".into(),
        version: "2.0".into(),
        attributes: vec![attribute("beta", true)],
    };
    let spans = vec![span(&[attribute("tracekeep.environment", "canary")])];
    let (state, trace) = read_group(Group { resource, scope, spans });
    let trace = trace.unwrap();
    assert_eq!(text(&trace, Field::Release), Some("1.2.3"));
    assert_eq!(text(&trace, Field::Environment), Some("canary"));
    assert_eq!(text(&state, Field::ServiceName), Some("shop"));
    assert_eq!(text(&state, Field::SdkName), Some("opentelemetry"));
    assert_eq!(text(&state, Field::SdkVersion), Some("1.30.0"));
    assert_eq!(text(&state, Field::ScopeName), Some("openai"));
    assert_eq!(text(&state, Field::ScopeVersion), Some("2.0"));
    assert_eq!(metadata(&state, "scope"), Some(r#"{"beta":true}"#));
    let rest = r#"{"telemetry.sdk.language":"python","host.name":"h1"}"#;
    assert_eq!(metadata(&state, "resource"), Some(rest));
}

#[test]
fn what_spans_of_one_trace_say_of_it_is_one_patch() {
    let mut spans = Vec::new();
    for (at, key) in ["user.id", "session.id", "tracekeep.version"].into_iter().enumerate() {
        let mut sent = span(&[attribute(key, "x")]);
        sent.span_id[0] = at as u8;
        spans.push(sent);
    }
    spans[1].trace_id[0] = 0xff;
    let decoded = decode(&[group(spans.clone())]);
    let is_trace = |key: &RecordKey| matches!(key, RecordKey::Trace { .. });
    assert_eq!(decoded.patches.iter().filter(|(key, _)| is_trace(key)).count(), 3);

    spans[1].trace_id[0] = 1;
    let decoded = decode(&[group(spans)]);
    let traces: Vec<_> = decoded.patches.iter().filter(|(key, _)| is_trace(key)).collect();
    assert_eq!(traces.len(), 1);
    assert_eq!(traces[0].1.entries().len(), 3);
}

#[test]
fn clients_are_told_by_agent_and_address() {
    let state = read_attributes(&[
        attribute("http.user_agent", "old"),
        attribute("user_agent.original", "new"),
        attribute("client.address", "10.0.0.1"),
        attribute("client.port", 80i64),
    ]);
    assert_eq!(text(&state, Field::UserAgent), Some("new"));
    assert_eq!(text(&state, Field::Ip), Some("10.0.0.1"));
    assert_eq!(metadata(&state, "http.user_agent"), Some("\"old\""));
    assert_eq!(metadata(&state, "client.port"), Some("80"));
}
