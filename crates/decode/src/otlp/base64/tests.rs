use super::*;

#[test]
fn the_vectors_of_rfc_4648() {
    for (bytes, text) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(encode(bytes.as_bytes()), text);
        assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
        assert_eq!(decode(text.trim_end_matches('=')).as_deref(), Some(bytes.as_bytes()));
    }
}

#[test]
fn both_alphabets_are_read_and_nothing_else() {
    assert_eq!(decode("+/8="), decode("-_8"));
    assert_eq!(decode("Z"), None);
    assert_eq!(decode("Zm 9"), None);
}
