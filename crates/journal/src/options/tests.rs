use super::*;

#[test]
fn the_defaults_are_valid() {
    assert!(Options::new("journal").validate().is_ok());
}

#[test]
fn a_limit_that_the_newest_segment_alone_reaches_is_refused() {
    let mut options = Options::new("journal");
    options.segment_bytes = 4096;
    options.max_group_bytes = 1024;
    options.max_block_bytes = 1000;
    options.max_bytes = 4096 + charge(1000);
    assert!(options.validate().is_ok());
    options.max_bytes -= 1;
    let refused = matches!(
        options.validate(),
        Err(OpenError::Options { message }) if message.contains("max_bytes")
    );
    assert!(refused);
}

#[test]
fn sizes_that_the_format_or_the_queue_cannot_count_are_refused() {
    let mut options = Options::new("journal");
    options.queue_bytes = 0;
    assert!(options.validate().is_err());
    let mut options = Options::new("journal");
    options.max_block_bytes = u32::MAX as usize + 1;
    assert!(options.validate().is_err());
}
