use super::*;

#[test]
fn numbers_beyond_a_double_are_found_wherever_they_are() {
    for (json, number) in [
        ("1e999", "1e999"),
        ("-1E+400", "-1E+400"),
        (r#"{"a":[1,{"b": 2e308 }]}"#, "2e308"),
        (r#"["\"", "x\\", 1.5e3,10e308,1e999]"#, "10e308"),
    ] {
        assert_eq!(infinite_number(json), Some(number), "{json}");
    }
    let digits = "9".repeat(400);
    assert_eq!(infinite_number(&format!("[{digits}]")), Some(&*digits));
}

#[test]
fn what_a_double_holds_and_what_is_text_is_left_alone() {
    for json in [
        "1e308",
        "1.7976931348623157e308",
        "-1e-999",
        "12345678901234567890123",
        r#"{"1e999":"1e999","b":"\"1e999"}"#,
        "true",
        "[]",
        "",
        "\"never closed 1e999",
    ] {
        assert_eq!(infinite_number(json), None, "{json}");
    }
    // As many digits as the largest double has.
    assert_eq!(infinite_number(&"1".repeat(309)), None);
    assert_eq!(infinite_number(&format!("0.{}", "1".repeat(400))), None);
}
