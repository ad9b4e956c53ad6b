#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::{Direction, Order, Query, Shape, Table};

fn sort_of(table: Table, by: &[&str]) -> Vec<SortKey> {
    let mut query = Query::new(table);
    let direction = Direction::Descending;
    query.order = by.iter().map(|by| Order { by: (*by).to_owned(), direction }).collect();
    match query.plan().unwrap().shape {
        Shape::Rows(rows) => rows.sort,
        Shape::Groups(_) => Vec::new(),
    }
}

fn reason(sort: &[SortKey], cursor: &str) -> String {
    decode(sort, cursor).unwrap_err().to_string()
}

#[test]
fn values_of_every_type_come_back() {
    let sort = sort_of(Table::Traces, &["public", "spans", "total_cost", "name", "end_time"]);
    let values = [
        Cell::from(true),
        Cell::from(i64::MIN),
        Cell::from(Money(i128::MAX)),
        Cell::from("ä\"\u{1F600}"),
        Cell::Null,
        Cell::from("t1"),
    ];
    assert_eq!(decode(&sort, &encode(&sort, &values)).unwrap(), values);
    let sort = sort_of(Table::Scores, &["value", "timestamp"]);
    let values = [Cell::from(0.1), Cell::from(Micros(5)), Cell::from("s")];
    assert_eq!(decode(&sort, &encode(&sort, &values)).unwrap(), values);
}

#[test]
fn a_foreign_cursor_is_refused() {
    let traces = sort_of(Table::Traces, &[]);
    let cursor = encode(&traces, &[Cell::from(Micros(1)), Cell::from("t")]);
    assert!(reason(&sort_of(Table::Traces, &["name"]), &cursor).contains("another order"));
    for broken in ["", "!", "A", "AAAA", "e30", &cursor[1..], &cursor[..cursor.len() - 2]] {
        assert!(decode(&traces, broken).is_err(), "{broken}");
    }
    let newer = base64::encode(br#"{"version":2}"#);
    assert!(reason(&traces, &newer).contains("another version"));
    let untyped =
        r#"{"version":1,"order":[["start_time","desc"],["trace_id","desc"]],"values":["x",1]}"#;
    assert!(reason(&traces, &base64::encode(untyped.as_bytes())).contains("unreadable"));
}

#[test]
fn digits_are_those_of_the_standard() {
    for (bytes, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg")]
    {
        assert_eq!(base64::encode(bytes.as_bytes()), text);
        assert_eq!(base64::decode(text).unwrap(), bytes.as_bytes());
    }
    assert_eq!(base64::encode(&[0xfb, 0xff]), "-_8");
}

proptest! {
    #[test]
    fn bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
        prop_assert_eq!(base64::decode(&base64::encode(&bytes)), Some(bytes));
    }
}
