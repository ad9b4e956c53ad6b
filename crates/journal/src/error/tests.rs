use super::*;

#[test]
fn only_full_and_storage_are_worth_trying_again() {
    let storage = AppendError::Storage { message: String::from("no space left") };
    assert!(storage.is_retryable());
    assert!(AppendError::Full { bytes: 9, limit: 8 }.is_retryable());
    assert!(!AppendError::BlockTooLarge { size: 9, limit: 8 }.is_retryable());
    assert!(!AppendError::Closed.is_retryable());
}

#[test]
fn a_corrupt_file_is_named_with_its_offset() {
    let error = OpenError::Corrupt {
        file: PathBuf::from("/data/0000000000000000.wal"),
        offset: 104,
        reason: String::from("a block does not match its checksum"),
    };
    let text = error.to_string();
    assert!(text.contains("/data/0000000000000000.wal"), "{text}");
    assert!(text.contains("byte 104"), "{text}");
    assert!(text.contains("loses for good all that was acknowledged"), "{text}");
}
