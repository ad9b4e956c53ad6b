use super::{AnyValue, Writer, rejected_spans};

#[test]
fn writes_what_protobuf_says() {
    let mut writer = Writer::default();
    writer.varint(6, 3);
    writer.fixed64(7, 1);
    writer.attribute(9, "k", AnyValue::Text("v"));
    assert_eq!(
        writer.into_bytes(),
        [
            0x30, 3, // kind
            0x39, 1, 0, 0, 0, 0, 0, 0, 0, // start
            0x4a, 8, 0x0a, 1, b'k', 0x12, 3, 0x0a, 1, b'v', // attribute
        ]
    );
}

#[test]
fn writes_every_kind_of_value() {
    let value = |value| {
        let mut writer = Writer::default();
        writer.attribute(1, "", value);
        writer.into_bytes().split_off(4)
    };
    assert_eq!(value(AnyValue::Bool(true)), [0x12, 2, 0x10, 1]);
    assert_eq!(value(AnyValue::Int(300)), [0x12, 3, 0x18, 0xac, 0x02]);
    assert_eq!(
        value(AnyValue::Int(-1))[3..],
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]
    );
    assert_eq!(value(AnyValue::Double(1.0)), [0x12, 9, 0x21, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
    assert_eq!(value(AnyValue::Texts(&["a"])), [0x12, 7, 0x2a, 5, 0x0a, 3, 0x0a, 1, b'a']);
}

#[test]
fn a_long_message_gets_a_long_length() {
    let mut writer = Writer::default();
    writer.message(1, |inner| inner.bytes(1, &[7; 200]));
    let bytes = writer.into_bytes();
    assert_eq!(bytes[..6], [0x0a, 0xcb, 0x01, 0x0a, 0xc8, 0x01]);
    assert_eq!(bytes[6..], [7; 200]);
}

#[test]
fn reads_how_many_spans_were_refused() -> anyhow::Result<()> {
    assert_eq!(rejected_spans(&[])?, 0);
    assert_eq!(rejected_spans(&[0x0a, 5, 0x08, 7, 0x12, 1, b'x'])?, 7);
    assert!(rejected_spans(&[0x0a, 5, 0x08]).is_err());
    Ok(())
}
