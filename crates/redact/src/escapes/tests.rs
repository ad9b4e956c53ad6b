use super::*;

#[test]
fn escapes_are_what_they_stand_for() {
    for (text, wanted) in [
        ("", ""),
        ("plain é", "plain é"),
        (r"a\u002bb", "a+b"),
        (r"\u00e9\u00E9", "éé"),
        (r"\ud83d\ude00!", "\u{1F600}!"),
        (r"\ud83d!", "\u{FFFD}!"),
        (r"\ude00\ud83d", "\u{FFFD}\u{FFFD}"),
        (r"\ud83d\u0041", "\u{FFFD}A"),
        (r"a\/b\nc", "a/b\nc"),
        (r"C:\\new", r"C:\new"),
        (r"\\\\\n", "\\\n"),
        // JSON within JSON.
        (r"ann\\u0040example", "ann@example"),
        (r"ann\\\\u0040example", "ann@example"),
        // What is no escape.
        (r"\x\u12", r"\x\u12"),
        (r"\u00g0", r"\u00g0"),
        (r"end\", r"end\"),
    ] {
        assert_eq!(unescaped(text), wanted, "{text}");
    }
}

#[test]
fn places_are_found_in_the_escaped_text() {
    let text = r"ab\u0040c\\d\né";
    let meant = unescaped(text);
    assert_eq!(meant, "ab@c\\d\né");
    let mut unescaping = Unescaping::new(text);
    let places: Vec<usize> = meant
        .char_indices()
        .map(|(at, _)| at)
        .chain([meant.len()])
        .map(|at| unescaping.written(at))
        .collect();
    assert_eq!(places, [0, 1, 2, 8, 9, 11, 12, 14, 16]);
}
