use super::{Case, TRACE_BY_ID, tracekeep};
use crate::connection::Reply;
use crate::record::TraceId;

const DAY: u64 = 24 * 60 * 60;

fn trace_by_id() -> Case {
    tracekeep(40 * DAY, 30).into_iter().find(|case| case.name == TRACE_BY_ID).expect("it is asked")
}

#[test]
fn a_question_is_about_a_trace_and_its_user() {
    let asked = trace_by_id().about(TraceId([0xab; 16]), "user-1");
    assert_eq!(asked.path, format!("/api/traces/{}", "ab".repeat(16)));
    assert!(asked.body.is_none());
    let json = r#"{"name":"n","path":"/search","body":{"id":"{trace_id}","by":["{user_id}"]},
        "list":"/found","least":1}"#;
    let case: Case = serde_json::from_str(json).expect("a question");
    let body = case.about(TraceId([0; 16]), "user-1").body.expect("a body");
    assert_eq!(body, format!(r#"{{"id":"{}","by":["user-1"]}}"#, "0".repeat(32)));
}

#[test]
fn a_day_of_the_middle_is_asked_for() {
    let asked = |case: &Case| case.about(TraceId([0; 16]), "user-1").path;
    let paths: Vec<String> = tracekeep(40 * DAY, 30).iter().map(asked).collect();
    let day = format!(
        "&startDate={}&endDate={}",
        24 * DAY * 1_000 + DAY * 500,
        25 * DAY * 1_000 + DAY * 500
    );
    assert!(paths.iter().any(|path| path.ends_with(&day)), "{paths:?}");
    assert!(paths.iter().all(|path| !path.contains('{')), "{paths:?}");
}

#[test]
fn only_an_answer_with_enough_entries_counts() {
    let case = trace_by_id();
    let check = |status, body: &str| case.check(&Reply::new(status, body));
    assert!(check(200, r#"{"spans":[1,2,3,4,5]}"#).is_ok());
    assert!(check(200, r#"{"spans":[1,2,3,4]}"#).is_err());
    assert!(check(200, r#"{"spans":5}"#).is_err());
    assert!(check(200, "spans").is_err());
    assert!(check(404, r#"{"spans":[1,2,3,4,5]}"#).is_err());
}
