#![allow(clippy::unwrap_used)]

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch, StringViewArray};
use arrow::datatypes::{DataType, Schema};

use super::*;
use crate::OsDisk;

/// Numbers, a column of free text, one of few words, and one of nothing.
fn rows(range: Range<i64>) -> RecordBatch {
    let texts = range.clone().map(|n| Some(format!("{n} is a text of some length")));
    let words = range.clone().map(|n| (n % 3 > 0).then(|| format!("word {}", n % 7)));
    let nothing = range.clone().map(|_| None::<&str>);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(range.clone())),
        Arc::new(texts.collect::<StringViewArray>()),
        Arc::new(words.collect::<StringViewArray>()),
        Arc::new(nothing.collect::<StringViewArray>()),
    ];
    let schema = Schema::new(vec![
        Field::new("start_time", DataType::Int64, false),
        Field::new("input", DataType::Utf8View, true),
        Field::new("model", DataType::Utf8View, true),
        Field::new("ip", DataType::Utf8View, true),
    ]);
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

/// The places of so many rows, some at a time.
fn pieces(rows: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).step_by(2_048).map(move |start| (start, (rows - start).min(2_048)))
}

#[test]
fn column_by_column_makes_the_same_file_as_side_by_side() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("table.parquet");
    let groups = [rows(0..5_000), rows(5_000..5_010)];
    let schema = groups[0].schema();
    let mut table = TableWriter::create(&OsDisk, &path, schema.clone(), Effort::Fast).unwrap();
    for group in &groups {
        let written = table.row_group(|n, field, take| {
            assert_eq!(field.name(), group.schema().field(n).name());
            pieces(group.num_rows())
                .try_for_each(|(start, rows)| take(group.column(n).slice(start, rows)))
        });
        written.unwrap();
    }
    let bytes = table.finish().unwrap();

    let properties = properties(&schema, Effort::Fast);
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties)).unwrap();
    for group in &groups {
        for (start, rows) in pieces(group.num_rows()) {
            writer.write(&group.slice(start, rows)).unwrap();
        }
        writer.flush().unwrap();
    }
    let side_by_side = writer.into_inner().unwrap();
    assert_eq!(bytes, side_by_side.len() as u64);
    assert!(std::fs::read(&path).unwrap() == side_by_side);
}

#[test]
fn who_does_not_hand_over_all_rows_of_a_column_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("table.parquet");
    let group = rows(0..10);
    let mut table = TableWriter::create(&OsDisk, &path, group.schema(), Effort::Fast).unwrap();
    let written = table.row_group(|n, _, take| take(group.column(n).slice(0, 10 - n)));
    let error = written.unwrap_err().to_string();
    assert!(error.contains("table.parquet"), "{error}");
}
