#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn a_value_is_replaced_and_nothing_else_changes() {
    let body = "{ \"model\" : \"a\\u0062\" ,\n\t\"n\": 1.50, \"messages\":[{\"model\":\"x\"}] } ";
    let expected = body.replacen("\"a\\u0062\"", "\"gpt\"", 1);
    assert_eq!(set(body, "model", "\"gpt\"").unwrap(), expected);
}

#[test]
fn a_missing_field_is_appended() {
    assert_eq!(set("{}", "a", "1").unwrap(), "{\"a\":1}");
    assert_eq!(set("{\"b\":2 }", "a", "{}").unwrap(), "{\"b\":2 ,\"a\":{}}");
}

#[test]
fn of_a_name_that_is_there_twice_the_last_counts() {
    assert_eq!(set("{\"a\":1,\"a\":2}", "a", "3").unwrap(), "{\"a\":1,\"a\":3}");
}

#[test]
fn a_field_is_removed_wherever_it_is() {
    assert_eq!(remove("{\"a\":1,\"b\":1.0}", "a").unwrap(), "{\"b\":1.0}");
    assert_eq!(remove("{\"b\":1.0,\"a\":null}", "a").unwrap(), "{\"b\":1.0}");
    assert_eq!(remove("{\"a\":null}", "a").unwrap(), "{}");
    let unchanged = "{ \"b\" : [ ] }";
    assert_eq!(remove(unchanged, "a").unwrap(), unchanged);
}

#[test]
fn what_is_no_object_is_an_error() {
    for text in ["", "[]", "1", "{", "{}x", "{\"a\":}", "null"] {
        let error = set(text, "a", "1").unwrap_err();
        assert_eq!(error.field, "body", "{text}");
    }
}
