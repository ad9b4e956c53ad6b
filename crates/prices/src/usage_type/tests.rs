use super::*;

#[test]
fn tokens_fall_back_to_their_side_at_last() {
    for (usage_type, expected) in [
        ("input_cache_write_1h", Some("input_cache_write")),
        ("input_cache_write", Some("input")),
        ("input_audio_cache_read", Some("input_cache_read")),
        ("input_cache_read", Some("input")),
        ("input_something_new", Some("input")),
        ("output_reasoning", Some("output")),
        ("output_something_new", Some("output")),
        ("input", None),
        ("output", None),
    ] {
        assert_eq!(parent(usage_type), expected, "{usage_type}");
    }
}

#[test]
fn what_is_no_tokens_never_costs_what_tokens_cost() {
    for usage_type in [
        "input_images",
        "output_images",
        "input_characters",
        "output_video_seconds",
        "input_pages",
        "input_text_messages",
        "web_searches",
        "requests",
        "inputs",
        "my_own",
    ] {
        assert_eq!(parent(usage_type), None, "{usage_type}");
    }
    assert_eq!(parent("output_audio_seconds"), Some("audio_seconds"));
    assert_eq!(parent("input_annotated_pages"), Some("input_pages"));
}

#[test]
fn seconds_are_priced_by_the_hour() {
    assert_eq!(units_per_price("input_audio_seconds"), 3_600);
    assert_eq!(units_per_price("web_searches"), 1_000_000);
}
