#![allow(clippy::unwrap_used)]

use arrow::array::{Int64Array, ListBuilder, StringViewArray, StringViewBuilder};
use arrow::datatypes::{Field, Schema};

use super::*;

/// Two columns of texts, each of many in one buffer: as they are, and in lists.
fn rows() -> RecordBatch {
    let texts: Vec<String> = (0..10_000).map(|n| format!("a text of some length: {n}")).collect();
    let mut lists = ListBuilder::new(StringViewBuilder::new());
    for texts in texts.chunks(2) {
        texts.iter().for_each(|text| lists.values().append_value(text));
        lists.append(true);
        lists.append(false);
    }
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("text", Arc::new(StringViewArray::from_iter_values(&texts))),
        ("list", Arc::new(lists.finish())),
        ("number", Arc::new(Int64Array::from_iter_values(0..10_000))),
    ];
    let field = |(name, column): &(&str, ArrayRef)| {
        Field::new(*name, column.data_type().clone(), column.is_nullable())
    };
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

#[test]
fn a_few_rows_let_go_of_the_rest() {
    let rows = rows();
    for (from, count) in [(0, 3), (7, 4), (9_990, 10), (5, 0)] {
        let some = rows.slice(from, count);
        let own = compact(&some).unwrap();
        assert_eq!(own, some);
        let bytes = own.get_array_memory_size();
        assert!(bytes < 8_192, "{count} rows have {bytes} bytes");
        assert!(bytes * 20 < some.get_array_memory_size());
    }
}

#[test]
fn all_rows_stay_as_they_are() {
    let rows = rows();
    assert_eq!(compact(&rows).unwrap(), rows);
}
