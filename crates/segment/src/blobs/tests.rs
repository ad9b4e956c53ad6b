#![allow(clippy::unwrap_used)]

use super::*;
use crate::OsDisk;

static CELLS: [&[u8]; 4] = [b"0", b"one", &[7; 3_000_000], "zwei ä".as_bytes()];

/// A file with all of [`CELLS`], in the folder of segment 17.
fn written(root: &Path) -> (PathBuf, Vec<Reference>) {
    let dir = root.join("17");
    std::fs::create_dir(&dir).unwrap();
    let mut writer = BlobWriter::new(&OsDisk, &dir);
    let references = CELLS.iter().map(|cell| writer.put(cell).unwrap()).collect();
    let bytes = writer.finish().unwrap();
    assert_eq!(bytes, std::fs::metadata(dir.join(FILE)).unwrap().len());
    (dir, references)
}

fn reason(result: Result<Vec<u8>, SegmentError>) -> String {
    let error = result.unwrap_err().to_string();
    assert!(error.contains(FILE), "it names the file: {error}");
    error
}

#[test]
fn what_is_put_is_read() {
    let root = tempfile::tempdir().unwrap();
    let (dir, references) = written(root.path());
    let file = BlobFile::open(&dir).unwrap();
    file.check().unwrap();
    for (cell, reference) in CELLS.iter().zip(&references) {
        assert_eq!((reference.segment, reference.whole), (17, cell.len() as u64));
        assert_eq!(&file.read(reference).unwrap(), cell);
    }
    assert!(references[2].stored < 10_000, "it is compressed");
}

#[test]
fn a_frame_is_copied_as_it_is() {
    let root = tempfile::tempdir().unwrap();
    let (dir, references) = written(root.path());
    let file = BlobFile::open(&dir).unwrap();
    let other = root.path().join("18");
    std::fs::create_dir(&other).unwrap();
    let mut writer = BlobWriter::new(&OsDisk, &other);
    let copied = writer.copy(&file, &references[2]).unwrap();
    writer.finish().unwrap();
    let (offset, segment) = (HEADER, 18);
    assert_eq!(copied, Reference { offset, segment, ..references[2] });
    assert_eq!(BlobFile::open(&other).unwrap().read(&copied).unwrap(), CELLS[2]);
}

#[test]
fn without_large_cells_there_is_no_file() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(BlobWriter::new(&OsDisk, root.path()).finish().unwrap(), 0);
    let file = BlobFile::open(root.path()).unwrap();
    assert_eq!(file.bytes(), 0);
    file.check().unwrap();
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn a_reference_is_read_as_it_was_written() {
    let reference =
        Reference { segment: u64::MAX, offset: 8, stored: 0, whole: 1 << 40, checksum: 0xabc };
    for mark in [Reference::TEXT_MARK, Reference::BYTES_MARK] {
        let cell = reference.cell(mark);
        assert_eq!((cell.len(), cell[0]), (REFERENCE, mark));
        assert_eq!(Reference::parse(&cell), Some(reference));
        for length in 0..cell.len() {
            assert_eq!(Reference::parse(&cell[..length]), None);
        }
        for at in 1..cell.len() {
            let mut other = cell.clone();
            other[at] = b'x';
            assert_eq!(Reference::parse(&other), None, "byte {at}");
        }
    }
    let text = String::from_utf8(reference.cell(Reference::TEXT_MARK)).unwrap();
    assert_eq!(
        text,
        "\0blob ffffffffffffffff 0000000000000008 0000000000000000 0000010000000000 0000000000000abc"
    );
}

#[test]
fn damage_is_an_error_with_its_place() {
    let root = tempfile::tempdir().unwrap();
    let (dir, references) = written(root.path());
    let path = dir.join(FILE);
    let whole = std::fs::read(&path).unwrap();
    let reference = references[3];
    let place = format!("byte {}", reference.offset);
    for at in reference.offset..reference.offset + reference.stored {
        let mut bad = whole.clone();
        bad[at as usize] ^= 1;
        std::fs::write(&path, &bad).unwrap();
        let file = BlobFile::open(&dir).unwrap();
        let reason = reason(file.read(&reference));
        assert!(reason.contains("checksum") && reason.contains(&place), "{reason}");
        assert_eq!(file.read(&references[1]).unwrap(), CELLS[1], "the others are whole");
    }
    std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let cut = BlobFile::open(&dir).unwrap();
    assert!(reason(cut.read(&reference)).contains("outside"));
    std::fs::remove_file(&path).unwrap();
    let gone = BlobFile::open(&dir).unwrap();
    assert!(reason(gone.read(&reference)).contains("missing"));
}

#[test]
fn a_reference_to_something_else_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let (dir, references) = written(root.path());
    let file = BlobFile::open(&dir).unwrap();
    let good = references[1];
    for (bad, why) in [
        (Reference { whole: 4, ..good }, "another length"),
        (Reference { whole: 1 << 60, ..good }, "another length"),
        (Reference { offset: 0, ..good }, "outside"),
        (Reference { offset: u64::MAX, ..good }, "outside"),
        (Reference { stored: u64::MAX, ..good }, "outside"),
        (Reference { checksum: 0, ..good }, "checksum"),
    ] {
        assert!(reason(file.read(&bad)).contains(why), "{bad:?}");
    }
}

#[test]
fn another_file_in_its_place_is_noticed() {
    let root = tempfile::tempdir().unwrap();
    let (dir, _) = written(root.path());
    let path = dir.join(FILE);
    for (content, why) in [
        (&b"something else"[..], "no file of blobs"),
        (&b"TKBL\x09\0\0\0"[..], "newer"),
        (&b"TKB"[..], "blobs"),
    ] {
        std::fs::write(&path, content).unwrap();
        let error = BlobFile::open(&dir).unwrap().check().unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}
