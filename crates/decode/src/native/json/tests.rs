#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn depth_is_limited_outside_of_text() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(Document::new(&nested(127), "body").is_ok());
    let error = Document::new(&nested(128), "body").err().unwrap();
    assert_eq!(
        error.to_string(),
        "body is nested more than 127 levels deep; send it flatter, or as text"
    );
    assert!(Document::new(&"[".repeat(1_000_000), "body").is_err());
    let text = format!("[\"\\\"{}\"]", "[".repeat(1_000));
    assert!(Document::new(&text, "body").is_ok());
    assert!(Document::new(&"[]".repeat(1_000), "body").is_ok());
    assert!(serde_json::from_str::<serde_json::Value>(&nested(127)).is_ok());
}

#[test]
fn text_is_unquoted() {
    assert_eq!(unquoted(r#""a b""#).unwrap(), "a b");
    assert_eq!(unquoted(r#""a\n\u00fc\"""#).unwrap(), "a\nü\"");
    assert_eq!(unquoted("\"\"").unwrap(), "");
    assert!(unquoted("7").is_none());
    assert!(unquoted("\"").is_none());
}

#[test]
fn what_is_no_json_says_where() {
    let error = serde_json::from_str::<serde_json::Value>("{\"a\":1,\n}").err().unwrap();
    let shown = malformed("body", &error).to_string();
    assert!(shown.starts_with("body is not valid JSON: "), "{shown}");
    assert!(shown.contains("at line 2, column"), "{shown}");
    assert_eq!(not_an_object(" [1] ", "body").to_string(), "body is an array; send an object");
    let empty = not_an_object("", "body").to_string();
    assert_eq!(empty, "body is not valid JSON: EOF while parsing a value at line 1, column 0");
    assert_eq!(
        utf8(b"ab\xff").err().unwrap().to_string(),
        "body is not UTF-8 from byte 2 on; send JSON in UTF-8"
    );
}
