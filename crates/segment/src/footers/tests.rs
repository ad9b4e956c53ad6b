#![allow(clippy::unwrap_used)]

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ArrowReaderOptions;

use super::*;

/// The footer of a table of so many columns.
fn footer(columns: usize) -> ArrowReaderMetadata {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..10));
    let columns = (0..columns).map(|n| (format!("column {n:02}"), numbers.clone()));
    let rows = RecordBatch::try_from_iter(columns).unwrap();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, rows.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
    ArrowReaderMetadata::load(&Bytes::from(file), ArrowReaderOptions::new()).unwrap()
}

/// Files whose footers were asked for, one after the other.
fn asked(footers: &Footers, count: usize, metadata: &ArrowReaderMetadata) -> Vec<Footer> {
    let files: Vec<Footer> = (0..count).map(|_| footers.of_file()).collect();
    for file in &files {
        assert!(file.get().is_none());
        assert!(file.keep(metadata, Reading::Asked));
    }
    files
}

/// Which of some files have their footer, without asking for it.
fn kept(files: &[Footer]) -> Vec<usize> {
    (0..files.len()).filter(|n| files[*n].slot.get().is_some()).collect()
}

#[test]
fn a_footer_weighs_more_the_more_columns_it_has() {
    let (few, many) = (footer(2), footer(50));
    assert!(memory(&few) > few.metadata().memory_size());
    assert!(memory(&many) - memory(&few) > 48 * (COLUMN_BYTES + size_of::<i64>()));
}

#[test]
fn a_kept_footer_is_found_until_its_file_is_closed() {
    let footers = Footers::default();
    let (one, other) = (footer(3), footer(5));
    let files = [footers.of_file(), footers.of_file()];
    assert!(files[0].keep(&one, Reading::Asked));
    assert!(files[1].keep(&other, Reading::Ahead));
    let columns = |file: &Footer| file.get().map(|found| found.schema().fields().len());
    assert_eq!(files.each_ref().map(columns), [Some(3), Some(5)]);
    assert_eq!(footers.bytes(), memory(&one) + memory(&other));
    // A second reader of the same file was as fast.
    assert!(files[0].keep(&one, Reading::Asked));
    assert_eq!(footers.bytes(), memory(&one) + memory(&other));
    let [first, second] = files;
    drop(first);
    assert_eq!(footers.bytes(), memory(&other));
    drop(second);
    assert_eq!(footers.bytes(), 0);
    assert!(footers.kept().queue.is_empty());
}

#[test]
fn what_was_not_asked_for_makes_room() {
    let metadata = footer(4);
    let one = memory(&metadata);
    let footers = Footers::within(3 * one + one / 2);
    let files = asked(&footers, 3, &metadata);
    assert!(files[0].get().is_some());
    let fourth = asked(&footers, 1, &metadata);
    assert_eq!((kept(&files), kept(&fourth)), (vec![0, 2], vec![0]));
    assert_eq!(footers.bytes(), 3 * one);
    // The first was spared once; it was not asked for since.
    let others = asked(&footers, 2, &metadata);
    assert_eq!((kept(&files), kept(&fourth), kept(&others)), (vec![], vec![0], vec![0, 1]));
    let last = asked(&footers, 1, &metadata);
    assert_eq!((kept(&fourth), kept(&others), kept(&last)), (vec![], vec![0, 1], vec![0]));
    assert_eq!(footers.bytes(), 3 * one);
    // One that was let go comes back when it is read again.
    assert!(files[0].keep(&metadata, Reading::Asked));
    assert_eq!((kept(&files), kept(&others)), (vec![0], vec![1]));
}

#[test]
fn where_all_were_asked_for_one_goes_nevertheless() {
    let metadata = footer(4);
    let footers = Footers::within(3 * memory(&metadata));
    let files = asked(&footers, 3, &metadata);
    assert!(files.iter().all(|file| file.get().is_some()));
    let fourth = asked(&footers, 1, &metadata);
    assert_eq!((kept(&files), kept(&fourth)), (vec![1, 2], vec![0]));
}

#[test]
fn a_footer_that_is_too_large_by_itself_takes_no_room_from_others() {
    let (small, large) = (footer(2), footer(50));
    let footers = Footers::within(memory(&large) - 1);
    let files = asked(&footers, 2, &small);
    let file = footers.of_file();
    assert!(!file.keep(&large, Reading::Asked));
    assert!(!file.keep(&large, Reading::Ahead));
    assert!(file.get().is_none());
    assert_eq!(kept(&files), [0, 1]);
    assert_eq!(footers.bytes(), 2 * memory(&small));
}

#[test]
fn what_is_read_ahead_takes_no_room_from_others_and_the_last_of_it_goes_first() {
    let metadata = footer(4);
    let one = memory(&metadata);
    let footers = Footers::within(3 * one);
    let files: Vec<Footer> = (0..4).map(|_| footers.of_file()).collect();
    let there_was_room: Vec<bool> =
        files.iter().map(|file| file.keep(&metadata, Reading::Ahead)).collect();
    assert_eq!(there_was_room, [true, true, true, false]);
    assert_eq!(kept(&files), [0, 1, 2]);
    let needed = asked(&footers, 1, &metadata);
    assert_eq!((kept(&files), kept(&needed)), (vec![0, 1], vec![0]));
    let more = asked(&footers, 1, &metadata);
    assert_eq!((kept(&files), kept(&more)), (vec![0], vec![0]));
    assert_eq!(footers.bytes(), 3 * one);
}

#[test]
fn many_readers_keep_no_more_than_there_is_room_for() {
    let metadata = footer(4);
    let one = memory(&metadata);
    let footers = Footers::within(5 * one);
    let files: Vec<Footer> = (0..16).map(|_| footers.of_file()).collect();
    std::thread::scope(|scope| {
        for reader in 0..4 {
            let (files, footers, metadata) = (&files, &footers, &metadata);
            scope.spawn(move || {
                for n in 0..2_000 {
                    let file = &files[(n * (2 * reader + 1)) % files.len()];
                    if file.get().is_none() {
                        assert!(file.keep(metadata, Reading::Asked));
                    }
                    assert!(footers.bytes() <= 5 * one);
                }
            });
        }
    });
    assert_eq!(kept(&files).len(), 5);
    assert_eq!(footers.bytes(), 5 * one);
    drop(files);
    assert_eq!(footers.bytes(), 0);
}
