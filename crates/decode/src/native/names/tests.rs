use super::*;

#[test]
fn both_spellings_meet() {
    for (camel_case, snake_case) in [
        ("traceId", "trace_id"),
        ("model", "model"),
        ("firstTokenLatencyMs", "first_token_latency_ms"),
    ] {
        assert_eq!(snake(camel_case), snake_case);
        assert_eq!(snake(snake_case), snake_case);
        assert_eq!(camel(snake_case), camel_case);
    }
}

#[test]
fn only_ascii_is_changed() {
    assert_eq!(snake("Üçok"), "Üçok");
    assert_eq!(camel(""), "");
}

#[test]
fn long_text_is_cut_at_a_character() {
    assert_eq!(shortened("ü"), "ü");
    let long = "ü".repeat(65);
    assert_eq!(shortened(&long), format!("{}…", "ü".repeat(64)));
}
