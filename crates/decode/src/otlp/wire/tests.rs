#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn walk(body: &Bytes) -> Result<Vec<u32>, WireError> {
    let mut reader = Reader::new(body);
    let mut numbers = Vec::new();
    while let Some((number, _)) = reader.field()? {
        numbers.push(number);
    }
    Ok(numbers)
}

fn error(bytes: &'static [u8]) -> (&'static str, usize) {
    let error = walk(&Bytes::from_static(bytes)).unwrap_err();
    (error.what, error.at)
}

#[test]
fn unknown_fields_of_every_type_are_walked_over() {
    let body: &[u8] = &[
        0x08, 0x96, 0x01, // 1: 150
        0x11, 1, 2, 3, 4, 5, 6, 7, 8, // 2: fixed64
        0x1a, 2, b'h', b'i', // 3: "hi"
        0x25, 1, 2, 3, 4, // 4: fixed32
        0xf8, 0xff, 0xff, 0xff, 0x0f, 0, // 2^29 - 1: 0
    ];
    assert_eq!(walk(&Bytes::copy_from_slice(body)).unwrap(), [1, 2, 3, 4, (1 << 29) - 1]);
}

#[test]
fn the_longest_integer_is_read_and_a_longer_one_is_not() {
    let body = Bytes::from_static(&[8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
    let field = Reader::new(&body).field().unwrap();
    assert!(matches!(field, Some((1, Wire::Varint(u64::MAX)))), "{field:?}");
    let endless = &[8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
    assert_eq!(error(endless), ("an integer that does not end", 1));
}

#[test]
fn errors_say_what_and_where() {
    assert_eq!(error(&[0x08]), ("an integer that does not end", 1));
    assert_eq!(error(&[0x08, 0x80]), ("an integer that does not end", 1));
    assert_eq!(error(&[0x11, 1, 2]), ("a number that is cut off", 1));
    assert_eq!(error(&[0x25, 1]), ("a number that is cut off", 1));
    assert_eq!(error(&[0x08, 1, 0x0a, 5, 1]), ("a length that runs past its end", 3));
    assert_eq!(error(&[0x0b]), ("a group", 0));
    assert_eq!(error(&[0x0c]), ("a group", 0));
    assert_eq!(error(&[0x0e]), ("an unknown wire type", 0));
    assert_eq!(error(&[0x00, 0]), ("a field number out of range", 0));
}

#[test]
fn a_nested_message_ends_where_it_says() {
    let body = Bytes::from_static(&[0x0a, 2, 0x0a, 5, 1, 2, 3, 4, 5]);
    let Some((1, Wire::Len(mut inner))) = Reader::new(&body).field().unwrap() else {
        panic!("not a message");
    };
    assert_eq!(inner.as_slice(), [0x0a, 5]);
    assert_eq!(inner.field().unwrap_err().what, "a length that runs past its end");
}

proptest! {
    #[test]
    fn garbage_is_walked_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = walk(&Bytes::from(bytes));
    }
}
