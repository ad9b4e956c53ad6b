#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn cells_are_written_as_the_api_does() {
    let money = Money::parse_cost("0.000000000001").unwrap();
    let time = Micros::parse("2026-01-31T12:00:00Z").unwrap();
    let cells = [
        Cell::from("a\"b"),
        Cell::from(-5i64),
        Cell::from(0.25),
        Cell::from(money),
        Cell::from(time),
        Cell::from(true),
        Cell::from(None::<bool>),
    ];
    let json = serde_json::to_string(&cells).unwrap();
    assert_eq!(json, r#"["a\"b",-5,0.25,0.000000000001,"2026-01-31T12:00:00.000Z",true,null]"#);
}

#[test]
fn missing_is_last_and_text_is_bytewise() {
    let mut cells = [Cell::Null, Cell::from("a"), Cell::from("Z"), Cell::from("ä"), Cell::from("")];
    cells.sort();
    let shown: Vec<_> = cells.iter().map(|cell| cell.as_text().unwrap_or("null")).collect();
    assert_eq!(shown, ["", "Z", "a", "ä", "null"]);
}

#[test]
fn numbers_become_floats() {
    assert_eq!(Cell::from(3i64).as_float(), Some(3.0));
    assert_eq!(Cell::from(Money(500_000_000_000)).as_float(), Some(0.5));
    assert_eq!(Cell::from("3").as_float(), None);
}
