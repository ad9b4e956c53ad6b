use super::*;

#[test]
fn nulls_are_replaced_and_counted() {
    let (text, nulls) = clean(r#"{"a\u0000":"b\u0000ü\u0000"}"#);
    assert_eq!((&*text, nulls), (r#"{"a\uFfFd":"b\uFfFdü\uFfFd"}"#, 3));
}

#[test]
fn an_escaped_backslash_is_no_escape() {
    for text in [r#""\\u0000""#, r#""\\\\u0000""#, r#""\n\t\"""#, r#""ok""#, r#""😀""#] {
        let (same, nulls) = clean(text);
        assert!(matches!(same, Cow::Borrowed(_)), "{text}");
        assert_eq!(nulls, 0, "{text}");
    }
}

#[test]
fn half_surrogate_pairs_are_replaced_and_whole_ones_stay() {
    assert_eq!(clean(r#""\ud83d\ude00""#).0, r#""\ud83d\ude00""#);
    assert_eq!(clean(r#""\ud83d""#).0, r#""\uFfFd""#);
    assert_eq!(clean(r#""\ude00\ud83d\n""#).0, r#""\uFfFd\uFfFd\n""#);
    assert_eq!(clean(r#""\ud83d\u0041""#).0, r#""\uFfFd\u0041""#);
}

#[test]
fn cleaning_does_not_mend_what_is_broken() {
    for text in [r#""\u+000""#, r#""\u00"#, r#""\u"#, "\\", "\\ü", r#""\u00g0""#] {
        assert_eq!(clean(text).0, text);
    }
}
