#![allow(clippy::unwrap_used)]

use super::*;
use crate::{OsDisk, key_hash};

fn hashes(ids: &[&str]) -> Vec<u64> {
    ids.iter().map(|id| key_hash(id)).collect()
}

fn links() -> Links {
    Links::new(hashes(&["a", "b", "a"]), hashes(&["c", "a", "c", "d"]))
}

#[test]
fn what_is_pointed_to_is_found() {
    let dir = tempfile::tempdir().unwrap();
    links().write(&OsDisk, dir.path()).unwrap();
    let read = Links::read(dir.path()).unwrap().unwrap();
    assert_eq!(read, links());
    let found = |id| (read.may_have_children(key_hash(id)), read.may_have_scores(key_hash(id)));
    assert_eq!(found("a"), (true, true));
    assert_eq!(found("b"), (true, false));
    assert_eq!(found("d"), (false, true));
    assert_eq!(found("e"), (false, false));
    assert_eq!((read.parents.len(), read.judged.len()), (2, 3));
}

#[test]
fn a_segment_without_the_file_has_none() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Links::read(dir.path()).unwrap(), None);
}

#[test]
fn damage_is_noticed_wherever_it_is() {
    let good = links().encode();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(Links::decode(&bad).is_err(), "byte {at}");
        assert!(Links::decode(&good[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn another_file_is_refused_by_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let index = crate::Index::new(&[], &[], vec![0]).encode();
    write_file(&crate::OsDisk, &dir.path().join(FILE), &index).unwrap();
    let error = Links::read(dir.path()).unwrap_err().to_string();
    assert!(error.contains("is no list of links") && error.contains("remove it"), "{error}");
}
