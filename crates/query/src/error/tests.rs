use super::*;

#[test]
fn a_near_name_is_suggested() {
    let known = ["model", "user_id", "start_time"];
    for (given, wanted) in [("modle", "model"), ("userId", "user_id"), ("Start_Time", "start_time")]
    {
        let error = QueryError::unknown("group_by[0]", given, known);
        assert!(error.reason.contains(&format!("did you mean `{wanted}`")), "{error}");
    }
}

#[test]
fn without_a_near_name_all_are_listed() {
    let error = QueryError::unknown("", "zzzzzzzz", ["asc", "desc"]);
    assert_eq!(error.to_string(), "query names `zzzzzzzz`, which is unknown; use one of asc, desc");
}

#[test]
fn distances_are_those_of_edits() {
    let letters = |text: &str| text.chars().collect::<Vec<_>>();
    for (a, b, wanted) in [("", "", 0), ("", "ab", 2), ("ab", "", 2), ("kitten", "sitting", 3)] {
        assert_eq!(distance(&letters(a), b), wanted, "{a} {b}");
    }
}
