#![allow(clippy::unwrap_used)]

use tracekeep_query::Query;

use super::*;

fn question(json: &str) -> Option<Question> {
    Question::of(&Query::from_json(json).unwrap().plan().unwrap())
}

const JANUARY: &str = r#""time":{"from":"2026-01-01T00:00:00Z","to":"2026-02-01T00:00:00Z"}"#;

#[test]
fn what_differs_in_time_and_order_only_is_one_question() {
    let measures = r#""measures":[{"fn":"count"},{"fn":"rate"}],"group_by":["model"]"#;
    let all = [
        format!(r#"{{"table":"traces",{JANUARY},{measures}}}"#),
        format!(
            r#"{{"table":"traces","time":{{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T03:04:05Z"}},
            {measures}}}"#
        ),
        format!(
            r#"{{"table":"traces",{JANUARY},{measures},"order":[{{"by":"count","direction":"desc"}}],
            "limit":3,"offset":1}}"#
        ),
    ];
    let all: Vec<Question> = all.iter().map(|json| question(json).unwrap()).collect();
    assert!(all.iter().all(|other| other.timeless == all[0].timeless));
    assert_ne!(all[0].time, all[1].time);
}

#[test]
fn what_differs_otherwise_is_another() {
    let all = [
        r#"{"table":"traces","measures":[{"fn":"count"}]}"#,
        r#"{"table":"spans","measures":[{"fn":"count"}]}"#,
        r#"{"table":"traces","measures":[{"fn":"count"}],"group_by":["model"]}"#,
        r#"{"table":"traces","measures":[{"fn":"count"}],"bucket":"hour"}"#,
        r#"{"table":"traces","measures":[{"fn":"sum","field":"total_tokens","as":"count"}]}"#,
        r#"{"table":"traces","measures":[{"fn":"count"}],
            "filter":{"field":"model","op":"eq","value":"a"}}"#,
        r#"{"table":"traces","measures":[{"fn":"count"}],
            "filter":{"field":"model","op":"eq","value":"b"}}"#,
    ];
    let mut all: Vec<String> = all.iter().map(|json| question(json).unwrap().timeless).collect();
    all.sort_unstable();
    let count = all.len();
    all.dedup();
    assert_eq!(all.len(), count);
}

#[test]
fn rows_and_what_takes_several_tables_are_none() {
    let none = [
        r#"{"table":"traces"}"#,
        r#"{"table":"scores","measures":[{"fn":"count"}]}"#,
        r#"{"table":"trace_metrics_hourly","measures":[{"fn":"count"}]}"#,
        r#"{"table":"traces","measures":[{"fn":"count"}],"filter":{"search":"word"}}"#,
        r#"{"table":"traces","measures":[{"fn":"count"}],
            "filter":{"field":"prompt_content","op":"contains","value":"word"}}"#,
        r#"{"table":"spans","measures":[{"fn":"count"}],
            "filter":{"not":{"field":"scores.help","op":"gt","value":0.5}}}"#,
    ];
    for json in none {
        assert!(question(json).is_none(), "{json}");
    }
    let long = "x".repeat(LONGEST);
    let long = format!(
        r#"{{"table":"spans","measures":[{{"fn":"count"}}],
            "filter":{{"field":"name","op":"eq","value":"{long}"}}}}"#
    );
    assert!(question(&long).is_none());
    let of_spans = r#"{"table":"spans","measures":[{"fn":"count"}],"filter":{"search":"word"}}"#;
    assert!(question(of_spans).is_some());
}
