#![allow(clippy::unwrap_used)]

use tracekeep_model::{Rank, ScoreRow, project_score};

use super::*;
use crate::native::test_support::{NOW, entry, joined, noon, some, with};

fn scored(body: &str) -> Scored {
    with(|ctx| score(body.as_bytes(), ctx)).unwrap()
}

fn refused(body: &str) -> String {
    with(|ctx| score(body.as_bytes(), ctx)).unwrap_err().to_string()
}

fn row(patches: Vec<(RecordKey, State)>) -> ScoreRow {
    let records = joined(patches);
    assert_eq!(records.len(), 1);
    let (key, state) = records.into_iter().next().unwrap();
    let RecordKey::Score { score_id } = key else { panic!("not a score") };
    project_score(&score_id, &state)
}

fn of_value(rest: &str) -> ScoreRow {
    row(scored(&format!(r#"{{"traceId":"t","name":"n",{rest}}}"#)).patches)
}

#[test]
fn every_field_finds_its_place() {
    let scored = scored(
        r#"{"id":"sc","traceId":"t","spanId":"s","name":"accuracy","value":0.75,
            "dataType":"NUMERIC","source":"EVAL","comment":"good","author":"judge","configId":"c",
            "metadata":{"k":1.0},"timestamp":"2026-07-31T12:00:00Z"}"#,
    );
    assert_eq!((&*scored.score_id, scored.trace_id), ("sc", some("t")));
    let row = row(scored.patches);
    assert_eq!((row.name, row.value, row.string_value), (some("accuracy"), Some(0.75), None));
    assert_eq!((row.data_type, row.source), (some("NUMERIC"), some("EVAL")));
    assert_eq!((row.comment, row.author, row.config_id), (some("good"), some("judge"), some("c")));
    assert_eq!((row.trace_id, row.span_id), (some("t"), some("s")));
    assert_eq!((row.session_id, row.dataset_run_id, row.timestamp), (None, None, noon(0)));
    assert_eq!(row.metadata, vec![("k".into(), "1.0".into())]);
}

#[test]
fn defaults() {
    let scored = scored(r#"{"sessionId":"s","name":"n","value":1}"#);
    assert_eq!((&*scored.score_id, scored.trace_id), ("0000000000000001", None));
    let source = entry(&scored.patches, Field::ScoreSource).unwrap();
    assert_eq!((source.value, source.version.rank), (Value::from("API"), Rank::Assumed));
    let row = row(scored.patches);
    assert_eq!((row.session_id, row.trace_id, row.timestamp), (some("s"), None, NOW));
}

#[test]
fn values_and_their_types() {
    for (rest, number, text, data_type) in [
        ("\"value\":1.5", Some(1.5), None, "NUMERIC"),
        ("\"value\":true", Some(1.0), some("True"), "BOOLEAN"),
        ("\"value\":false", Some(0.0), some("False"), "BOOLEAN"),
        ("\"value\":\"good\"", None, some("good"), "CATEGORICAL"),
        ("\"value\":1,\"dataType\":\"BOOLEAN\"", Some(1.0), some("True"), "BOOLEAN"),
        ("\"value\":0,\"data_type\":\"BOOLEAN\"", Some(0.0), some("False"), "BOOLEAN"),
        ("\"value\":\"long\",\"dataType\":\"TEXT\"", None, some("long"), "TEXT"),
        ("\"value\":2,\"dataType\":null", Some(2.0), None, "NUMERIC"),
    ] {
        let row = of_value(rest);
        assert_eq!(
            (row.value, row.string_value, row.data_type),
            (number, text, some(data_type)),
            "{rest}"
        );
    }
}

#[test]
fn a_score_is_replaced_by_its_id() {
    let first = scored(
        r#"{"id":"x","traceId":"t","spanId":"s","name":"n","value":true,"timestamp":1785499200000}"#,
    );
    let second =
        scored(r#"{"id":"x","sessionId":"se","name":"n","value":3,"timestamp":1785499201000}"#);
    let row = row([second.patches, first.patches].concat());
    assert_eq!((row.value, row.string_value, row.data_type), (Some(3.0), None, some("NUMERIC")));
    assert_eq!((row.trace_id, row.span_id, row.session_id), (None, None, some("se")));
}

#[test]
fn what_is_wrong_is_named() {
    let long = "n".repeat(201);
    for (body, error) in [
        (
            r#"{"name":"n","value":1}"#,
            "traceId is missing; send one target: traceId (and spanId), sessionId or datasetRunId",
        ),
        (
            r#"{"traceId":"t","sessionId":"s","name":"n","value":1}"#,
            "sessionId is a second target beside `traceId`; send one",
        ),
        (
            r#"{"sessionId":"t","datasetRunId":"s","name":"n","value":1}"#,
            "datasetRunId is a second target beside `sessionId`; send one",
        ),
        (
            r#"{"sessionId":"t","spanId":"s","name":"n","value":1}"#,
            "spanId needs the traceId that the span belongs to",
        ),
        (r#"{"traceId":"t","value":1}"#, "name is missing; send what is scored, such as accuracy"),
        (r#"{"traceId":"t","name":"","value":1}"#, "name is 0 characters long; send 1 to 200"),
        (
            r#"{"traceId":"t","name":"n"}"#,
            "value is missing; send a number, true or false, or text",
        ),
        (
            r#"{"traceId":"t","name":"n","value":null}"#,
            "value is null; send a number, true or false, or text",
        ),
        (
            r#"{"traceId":"t","name":"n","value":[]}"#,
            "value is an array; send a number, true or false, or text",
        ),
        (r#"{"traceId":"t","name":"n","value":1e999}"#, "value is 1e999; send a finite number"),
        (
            r#"{"traceId":"t","name":"n","value":"a","dataType":"NUMERIC"}"#,
            "value is text; send a number, as dataType NUMERIC says",
        ),
        (
            r#"{"traceId":"t","name":"n","value":2,"dataType":"BOOLEAN"}"#,
            "value is a number other than 0 and 1; send true or false",
        ),
        (
            r#"{"traceId":"t","name":"n","value":"a","dataType":"BOOLEAN"}"#,
            "value is text; send true or false, as dataType BOOLEAN says",
        ),
        (
            r#"{"traceId":"t","name":"n","value":1,"dataType":"TEXT"}"#,
            "value is a number; send text, as dataType TEXT says",
        ),
        (
            r#"{"traceId":"t","name":"n","value":1,"dataType":"numeric"}"#,
            "dataType is `numeric`, which is none of NUMERIC, BOOLEAN, CATEGORICAL, TEXT",
        ),
        (
            r#"{"traceId":"t","name":"n","value":1,"source":"me"}"#,
            "source is `me`, which is none of API, EVAL, ANNOTATION, FEEDBACK",
        ),
        (
            r#"{"traceId":"t","name":"n","value":1,"coment":"x"}"#,
            "coment is not a field here; did you mean `comment`?",
        ),
    ] {
        assert_eq!(refused(body), error, "{body}");
    }
    let error = refused(&format!(r#"{{"traceId":"t","name":"{long}","value":1}}"#));
    assert_eq!(error, "name is 201 characters long; send 1 to 200");
}

#[test]
fn every_field_refuses_the_wrong_type() {
    for name in FIELDS.iter().copied().filter(|name| *name != "value") {
        let target = match name {
            "session_id" | "dataset_run_id" | "trace_id" => "",
            _ => "\"trace_id\":\"t\",",
        };
        let name_field = if name == "name" { "" } else { "\"name\":\"n\"," };
        let error = refused(&format!(r#"{{{target}{name_field}"value":1,"{name}":true}}"#));
        assert!(error.starts_with(&format!("{name} is a boolean; send ")), "{error}");
    }
}
