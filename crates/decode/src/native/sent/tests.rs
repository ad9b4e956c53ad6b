#![allow(clippy::unwrap_used)]

use tracekeep_model::{Micros, Money, Status};

use super::*;
use crate::native::test_support::NOW;

fn sent(raw: &str) -> Sent<'_> {
    Sent::new("result.", "x", raw)
}

fn refused<T>(result: Result<T, FieldError>) -> String {
    let error = result.err().unwrap();
    assert_eq!(error.field, "result.x");
    error.reason
}

#[test]
fn text_and_ids() {
    assert_eq!(&*sent(r#""a\nb""#).text().unwrap(), "a\nb");
    assert_eq!(&*sent("\"\"").text().unwrap(), "");
    assert_eq!(refused(sent("7").text()), "is a number; send text");
    assert_eq!(&*sent("\"t-1\"").id().unwrap(), "t-1");
    assert_eq!(refused(sent("\"\"").id()), "is empty; send 1 to 800 bytes");
    assert!(refused(sent(r#""a\nb""#).id()).contains("control character"));
    let long = format!("\"{}\"", "a".repeat(801));
    assert_eq!(refused(sent(&long).id()), "is 801 bytes long; send at most 800");
    assert_eq!(&*sent("429").code().unwrap(), "429");
    assert_eq!(&*sent("\"rate_limit\"").code().unwrap(), "rate_limit");
    assert_eq!(refused(sent("[]").code()), "is an array; send text or a number");
}

#[test]
fn of_an_array_no_more_is_held_than_is_wanted() {
    let array = sent(r#"[1, {"a": [2]} ,"x",[]]"#);
    let all = ["1", r#"{"a": [2]}"#, "\"x\"", "[]"];
    assert_eq!(array.elements(usize::MAX).unwrap().first, all);
    for (most, held) in [(0, 0), (2, 2), (4, 4), (9, 4)] {
        let elements = array.elements(most).unwrap();
        assert_eq!((elements.first.len(), elements.count), (held, 4));
    }
    assert_eq!(sent("[ ]").elements(1).unwrap().count, 0);
    assert_eq!(refused(sent("{}").elements(1)), "is an object; send an array");
}

#[test]
fn sources() {
    for source in ["playground", "api", "test", "my-app_2", "a".repeat(50).as_str()] {
        assert_eq!(&*sent(&format!("\"{source}\"")).source().unwrap(), source);
    }
    for source in ["", "Api", "a b", "ü", "a".repeat(51).as_str()] {
        assert!(
            refused(sent(&format!("\"{source}\"")).source()).contains("send 1 to 50 of"),
            "{source}"
        );
    }
}

#[test]
fn counts() {
    for (raw, count) in
        [("0", 0), ("42", 42), ("10.0", 10), ("1e3", 1_000), ("1000000000000", 1_000_000_000_000)]
    {
        assert_eq!(sent(raw).count().unwrap(), count, "{raw}");
    }
    for raw in ["-1", "1.5", "1e300", "-0.5", "1000000000001", "9223372036854775808"] {
        assert_eq!(
            refused(sent(raw).count()),
            format!("is {raw}; send a whole number from 0 to 1e12")
        );
    }
    assert_eq!(refused(sent("\"7\"").count()), "is text; send a whole number from 0 to 1e12");
}

#[test]
fn milliseconds_become_microseconds() {
    for (raw, micros) in [("150", 150_000), ("0", 0), ("0.5", 500), ("12.3456", 12_346)] {
        assert_eq!(sent(raw).millis().unwrap(), micros, "{raw}");
    }
    assert!(sent("-1").millis().is_err());
    assert!(sent("1e13").millis().is_err());
    assert!(sent("\"1\"").millis().is_err());
}

#[test]
fn numbers_are_finite() {
    assert_eq!(sent("-1.5e2").number().unwrap().to_bits(), (-150.0f64).to_bits());
    assert_eq!(refused(sent("1e999").number()), "is 1e999; send a finite number");
}

#[test]
fn money_is_exact() {
    assert_eq!(sent("0.1").money().unwrap(), Money(100_000_000_000));
    assert_eq!(sent("\"0.000000000001\"").money().unwrap(), Money(1));
    assert_eq!(sent("1e-3").money().unwrap(), Money(1_000_000_000));
    assert!(refused(sent("-1").money()).contains("cannot be negative"));
    assert!(refused(sent("\"free\"").money()).contains("no decimal number"));
    assert_eq!(refused(sent("true").money()), "is a boolean; send a number of US dollars");
}

#[test]
fn times() {
    let noon = Micros::parse("2026-07-31T12:00:00Z").unwrap();
    let half = noon.plus(500);
    for (raw, time) in [
        ("\"2026-07-31T12:00:00Z\"", noon),
        ("\"2026-07-31T14:00:00+02:00\"", noon),
        ("\"2026-07-31T12:00:00.0005Z\"", half),
        ("1785499200000", noon),
        ("1785499200000.5", half),
    ] {
        assert_eq!(sent(raw).time(NOW).unwrap(), time, "{raw}");
    }
    assert!(refused(sent("\"yesterday\"").time(NOW)).contains("no time"));
    assert!(refused(sent("1785499200").time(NOW)).contains("epoch milliseconds"));
    assert!(refused(sent("1e300").time(NOW)).contains("epoch milliseconds"));
    assert!(refused(sent("\"1989-12-31T23:59:59Z\"").time(NOW)).contains("before 1990"));
    assert!(refused(sent("\"2026-08-02T00:00:01Z\"").time(NOW)).contains("more than 24 hours"));
    assert!(refused(sent("true").time(NOW)).contains("RFC 3339"));
    assert!(sent("\"2026-08-02T00:00:00Z\"").time(NOW).is_ok());
}

#[test]
fn closed_sets() {
    assert_eq!(sent("\"error\"").named::<Status>().unwrap(), Status::Error);
    assert!(
        refused(sent("\"failed\"").named::<Status>()).contains("none of pending, success, error")
    );
    assert_eq!(sent("\"B\"").one_of(&["A", "B"]).unwrap(), "B");
    assert_eq!(refused(sent("\"C\"").one_of(&["A", "B"])), "is `C`, which is none of A, B");
    assert!(sent("true").flag().unwrap());
    assert!(!sent("false").flag().unwrap());
    assert_eq!(refused(sent("\"true\"").flag()), "is text; send true or false");
}

#[test]
fn addresses_are_canonical() {
    assert_eq!(&*sent("\"192.0.2.7\"").ip().unwrap(), "192.0.2.7");
    assert_eq!(&*sent("\"2001:DB8:0::1\"").ip().unwrap(), "2001:db8::1");
    assert!(refused(sent("\"localhost\"").ip()).contains("such as 192.0.2.1"));
}

#[test]
fn json_is_kept_as_sent() {
    let raw = r#"{ "a": 1.10, "b": 12345678901234567890 }"#;
    assert_eq!(&*sent(raw).content().unwrap(), raw);
    assert_eq!(&*sent(raw).object_text().unwrap(), raw);
    assert_eq!(&*sent("\"hi\"").content().unwrap(), "hi");
    assert_eq!(&*sent("null").content().unwrap(), "null");
    assert_eq!(&*sent("[1, 2]").array_text().unwrap(), "[1, 2]");
    assert_eq!(refused(sent("[]").object_text()), "is an array; send an object");
    assert_eq!(refused(sent("{}").array_text()), "is an object; send an array");
}

#[test]
fn kept_json_holds_no_number_that_readers_cannot() {
    let expected = "holds the number 1e999, which is more than a double holds; send a smaller \
                    number, or text";
    assert_eq!(refused(sent(r#"{"a":[1e999]}"#).content()), expected);
    assert_eq!(refused(sent(r#"{"a":1e999}"#).object_text()), expected);
    assert_eq!(refused(sent("[1e999]").array_text()), expected);
    assert_eq!(refused(sent("1e999").json_text()), expected);
    assert_eq!(&*sent("\"1e999\"").content().unwrap(), "1e999");
    let digits = "9".repeat(10_000);
    assert!(refused(sent(&digits).json_text()).len() < 250);
}

#[test]
fn arrays_of_text() {
    assert_eq!(sent(r#"["b","a"]"#).texts().unwrap(), vec![Text::from("b"), Text::from("a")]);
    assert_eq!(refused(sent("\"a\"").texts()), "is text; send an array of text");
    let error = sent(r#"["a", 7]"#).texts().err().unwrap();
    assert_eq!(error.to_string(), "result.x[1] is a number; send text");
    let error = sent(r#"[""]"#).texts().err().unwrap();
    assert_eq!(error.to_string(), "result.x[0] is empty; leave it out");
}

#[test]
fn an_array_may_hold_so_many_texts_and_no_more() {
    let array = |count: usize| format!("[{}]", vec!["\"a\""; count].join(","));
    assert_eq!(sent(&array(MAX_TEXTS)).texts().unwrap().len(), MAX_TEXTS);
    let error = refused(sent(&array(MAX_TEXTS + 2)).texts());
    assert_eq!(error, "holds 10002 texts; send at most 10000");
}

#[test]
fn errors_show_little_of_what_was_sent() {
    let raw = format!("\"{}\"", "x".repeat(10_000));
    assert!(refused(sent(&raw).source()).len() < 250);
}
