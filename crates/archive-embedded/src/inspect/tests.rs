#![allow(clippy::unwrap_used)]

use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use tempfile::TempDir;
use tracekeep_archive::Archive as _;
use tracekeep_model::block::Block;
use tracekeep_model::{Field, Kind, Micros, Rank, RecordKey, State, Status, Step, Version};
use tracekeep_segment::OsDisk;

use super::*;
use crate::{Embedded, Options};

const NOON: Micros = Micros(1_770_000_000_000_000);

/// A folder with one segment of one trace, and where the segment is.
fn sealed() -> (TempDir, PathBuf) {
    sealed_with("question")
}

fn sealed_with(input: &str) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let archive = Embedded::open(Options::new(dir.path())).unwrap();
    let mut state = State::new(NOON);
    let version = Version { rank: Rank::Stated, time: NOON, step: Step::Start };
    state.set(Field::StartTime, version, NOON);
    state.set(Field::Kind, version, Kind::Generation);
    state.set(Field::Status, version, Status::Pending);
    state.set(Field::Input, version, input);
    let key = RecordKey::Span { trace_id: "t".into(), span_id: "s".into() };
    let block = Block { project_id: "p".into(), received: NOON, patches: vec![(key, state)] };
    archive.merge(block, 7).unwrap();
    archive.seal().unwrap();
    let manifest = Manifest::load(dir.path()).unwrap();
    let folder = manifest.segments[0].dir(dir.path());
    (dir, folder)
}

/// A look that takes little, in which all of this shows.
fn look_at(dir: &Path) -> Result<Inspection, ArchiveError> {
    inspect(dir, Extent::Ends, &mut |_| {})
}

fn damage(dir: &TempDir) -> String {
    let found = look_at(dir.path()).unwrap();
    assert_eq!(found.damaged.len(), 1, "{found:?}");
    found.damaged[0].reason.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_folder_and_a_healthy_one_are_fine() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(look_at(&dir.path().join("absent")).unwrap(), Inspection::default());
    let (dir, folder) = sealed();
    let found = look_at(dir.path()).unwrap();
    assert_eq!((found.segments, found.spans, found.checkpoint), (1, 1, 7));
    assert!(found.bytes > 0);
    assert_eq!((found.damaged, found.debris), (Vec::new(), Vec::new()));
    assert!(folder.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_at_the_ends_is_told_with_its_file_and_nothing_is_changed() {
    let (dir, folder) = sealed();
    for (file, reason) in [
        ("index", "checksum"),
        ("spans.parquet", "spans.parquet"),
        ("traces.parquet", "traces.parquet"),
        ("links", "checksum"),
        ("hourly.parquet", "hourly.parquet"),
    ] {
        let path = folder.join(file);
        let whole = fs::read(&path).unwrap();
        let mut bad = whole.clone();
        let end = bad.len();
        bad[end - 1] ^= 1;
        fs::write(&path, &bad).unwrap();
        assert!(damage(&dir).contains(reason), "{file}: {}", damage(&dir));
        assert_eq!(fs::read(&path).unwrap(), bad);
        fs::write(&path, &whole).unwrap();
    }
    let path = folder.join("scores.parquet");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(damage(&dir).contains("bytes"), "{}", damage(&dir));
    fs::remove_file(&path).unwrap();
    assert!(damage(&dir).contains("scores.parquet"), "{}", damage(&dir));
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_between_the_ends_is_told_by_who_reads_everything() {
    let (dir, folder) = sealed();
    let path = folder.join("traces.parquet");
    let whole = fs::read(&path).unwrap();
    // A column that the record is not made of.
    let footer =
        ArrowReaderMetadata::load(&fs::File::open(&path).unwrap(), ArrowReaderOptions::new());
    let footer = footer.unwrap();
    let columns = footer.metadata().row_group(0).columns();
    let column = columns.iter().find(|column| column.column_path().string() == "start_time");
    let (start, length) = column.unwrap().byte_range();
    let mut bad = whole.clone();
    bad[start as usize..(start + length) as usize].fill(0xff);
    fs::write(&path, &bad).unwrap();
    assert_eq!(look_at(dir.path()).unwrap().damaged, Vec::new());
    let mut read = 0;
    let found = inspect(dir.path(), Extent::Everything, &mut |bytes| read += bytes).unwrap();
    assert_eq!(found.damaged.len(), 1, "{found:?}");
    assert!(found.damaged[0].reason.contains("traces.parquet"), "{found:?}");
    assert_eq!(read, found.bytes);
    assert_eq!(fs::read(&path).unwrap(), bad);
    fs::write(&path, &whole).unwrap();
    let found = inspect(dir.path(), Extent::Everything, &mut |_| {}).unwrap();
    assert_eq!(found.damaged, Vec::new());
    assert_eq!(checkpoint(dir.path()).unwrap(), found.checkpoint);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_meets_damage_names_the_file() {
    let (dir, folder) = sealed();
    let path = folder.join("traces.parquet");
    let mut bytes = fs::read(&path).unwrap();
    let footer =
        ArrowReaderMetadata::load(&fs::File::open(&path).unwrap(), ArrowReaderOptions::new());
    for column in footer.unwrap().metadata().row_group(0).columns() {
        let (start, length) = column.byte_range();
        bytes[start as usize..(start + length) as usize].fill(0xff);
    }
    fs::write(&path, &bytes).unwrap();
    let archive = Embedded::open(Options::new(dir.path())).unwrap();
    let query = tracekeep_query::Query::new(tracekeep_query::Table::Traces);
    let error = archive.query("p", &query).await.unwrap_err().to_string();
    assert!(error.contains("traces.parquet") && error.contains("doctor"), "{error}");
    let error = archive.trace("p", "t").await.unwrap_err().to_string();
    assert!(error.contains("traces.parquet"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_from_before_hours_and_links_is_fine() {
    let (dir, folder) = sealed();
    fs::remove_file(folder.join("links")).unwrap();
    fs::remove_file(folder.join("hourly.parquet")).unwrap();
    assert_eq!(look_at(dir.path()).unwrap().damaged, Vec::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn blobs_are_looked_at_too() {
    let (dir, folder) = sealed_with(&"a long question ".repeat(100_000));
    assert_eq!(look_at(dir.path()).unwrap().damaged, Vec::new());
    let path = folder.join("blobs");
    let whole = fs::read(&path).unwrap();
    for (at, reason) in [(0, "no file of blobs"), (20, "checksum")] {
        let mut bad = whole.clone();
        bad[at] ^= 1;
        fs::write(&path, &bad).unwrap();
        assert!(damage(&dir).contains(reason), "{}", damage(&dir));
    }
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    assert!(damage(&dir).contains("bytes"), "{}", damage(&dir));
    fs::remove_file(&path).unwrap();
    assert!(damage(&dir).contains("bytes"), "{}", damage(&dir));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_the_manifest_does_not_name_is_debris() {
    let (dir, folder) = sealed();
    let debris = folder.with_file_name("99");
    fs::create_dir(&debris).unwrap();
    assert_eq!(look_at(dir.path()).unwrap().debris, [debris]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_segment_is_told_and_refused() {
    let (dir, folder) = sealed();
    let path = dir.path().join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let ours = format!("\"facts\":{{\"format\":{}", tracekeep_segment::FORMAT);
    assert!(text.contains(&ours), "{text}");
    let newer = text.replace(&ours, "\"facts\":{\"format\":99");
    fs::write(&path, newer).unwrap();
    assert!(damage(&dir).contains("start a newer Tracekeep"), "{}", damage(&dir));
    let error = Embedded::open(Options::new(dir.path())).err().unwrap().to_string();
    assert!(error.contains("format 99") && error.contains("start a newer Tracekeep"), "{error}");
    assert!(folder.exists(), "it is left as it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_manifest_is_read_and_replaced_by_a_newer_one() {
    let (dir, _) = sealed();
    let path = dir.path().join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("{\"format\":2"), "{text}");
    fs::write(&path, text.replacen("{\"format\":2", "{\"format\":1", 1)).unwrap();
    let manifest = Manifest::load(dir.path()).unwrap();
    manifest.prepare(&OsDisk, dir.path()).unwrap();
    Manifest::commit(&OsDisk, dir.path()).unwrap();
    assert!(fs::read_to_string(&path).unwrap().starts_with("{\"format\":2"));
}

#[test]
fn a_newer_manifest_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("manifest.json"), "{\"format\": 99}").unwrap();
    assert!(look_at(dir.path()).unwrap_err().to_string().contains("newer"));
}
