use bytes::Bytes;

use super::*;

#[test]
fn every_kind_of_value_is_json() {
    let value = AnyValue::Map(vec![
        ("text".into(), AnyValue::Text("a\"b\\c\n:".into())),
        ("empty".into(), AnyValue::Empty),
        ("flag".into(), AnyValue::Bool(true)),
        ("int".into(), AnyValue::Int(i64::MIN)),
        ("double".into(), AnyValue::Double(1.0)),
        (
            "odd".into(),
            AnyValue::Array(vec![
                AnyValue::Double(f64::NAN),
                AnyValue::Double(f64::INFINITY),
                AnyValue::Double(f64::NEG_INFINITY),
            ]),
        ),
        ("bytes".into(), AnyValue::Bytes(Bytes::from_static(b"foo"))),
        ("none".into(), AnyValue::Array(Vec::new())),
        ("nothing".into(), AnyValue::Map(Vec::new())),
        ("last".into(), AnyValue::Int(1)),
    ]);
    assert_eq!(
        value.into_json(),
        r#"{"text":"a\"b\\c\n:","empty":null,"flag":true,"int":-9223372036854775808,"double":1.0,"odd":["NaN","Infinity","-Infinity"],"bytes":"Zm9v","none":[],"nothing":{},"last":1}"#
    );
}
