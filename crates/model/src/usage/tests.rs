use super::*;

fn usage(counts: &[(&'static str, i64)]) -> Usage {
    let mut usage = Usage::default();
    for (name, count) in counts {
        usage.set(&Text::from_static(name), *count);
    }
    usage
}

#[test]
fn tokens_are_of_a_side_and_in_no_other_unit() {
    for name in ["input", "output", "input_cache_read", "input_audio", "output_reasoning"] {
        assert!(UsageType::is_tokens(name), "{name}");
    }
    for name in [
        "images",
        "input_images",
        "output_images",
        "input_characters",
        "output_audio_seconds",
        "output_video_seconds",
        "input_pages",
        "input_text_messages",
        "audio_seconds",
        "web_searches",
        "requests",
        "inputs",
        "my_own",
        "total",
        "",
    ] {
        assert!(!UsageType::is_tokens(name), "{name}");
    }
    assert!(UsageType::is_input_tokens("input_audio"));
    assert!(!UsageType::is_input_tokens("input_images"));
    assert!(!UsageType::is_input_tokens("output"));
    assert!(UsageType::is_output_tokens("output_image"));
    assert!(!UsageType::is_output_tokens("output_images"));
}

#[test]
fn the_total_is_of_tokens_alone() {
    let counted = usage(&[
        ("input", 10),
        ("input_cache_read", 5),
        ("input_images", 100),
        ("output", 3),
        ("output_audio_seconds", 1_000),
        ("web_searches", 10_000),
    ]);
    assert_eq!(counted.input_total(), Some(15));
    assert_eq!(counted.output_total(), Some(3));
    assert_eq!(counted.total(), Some(18));
}

#[test]
fn without_tokens_the_stated_total_counts_or_none() {
    let searches = usage(&[("web_searches", 2)]);
    assert_eq!((searches.total(), searches.is_empty()), (None, false));
    let stated = usage(&[("web_searches", 2), ("total", 9)]);
    assert_eq!((stated.total(), stated.is_empty()), (Some(9), false));
    let both = usage(&[("input", 2), ("total", 9)]);
    assert_eq!(both.total(), Some(2));
    assert!(usage(&[]).is_empty());
}
