//! What a fuzzer begins with, and what it found: see `docs/guides/fuzzing.md`.

use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use tracekeep_segment::Index;

#[path = "../../../../fuzz/src/checks/mod.rs"]
mod checks;

use checks::{ALL, Outcome};

fn fuzz() -> PathBuf {
    // What cargo says now: the tests may have been built for another checkout.
    let server = std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    Path::new(&server).join("../../fuzz")
}

/// Names and paths of what is in a folder.
fn entries(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let entry = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), entry.path())
    };
    entries.map(entry).collect()
}

/// Whether the outcome is the one that a file's name tells, if it tells one.
fn is_told(name: &str, outcome: Outcome) -> bool {
    let kind = name.split('-').next().unwrap_or_default();
    match (kind, outcome.accepted, outcome.refused) {
        ("accepted", accepted, refused) => accepted > 0 && refused == 0,
        ("refused", accepted, refused) => accepted == 0 && refused > 0,
        ("both", accepted, refused) => accepted > 0 && refused > 0,
        _ => true,
    }
}

#[test]
fn every_input_of_the_corpus_keeps_the_rules() {
    for (target, check) in ALL {
        let inputs = entries(&fuzz().join("corpus").join(target));
        assert!(!inputs.is_empty(), "{target} has no inputs");
        for (name, path) in inputs {
            let input = std::fs::read(path).unwrap();
            // The panic has said what is wrong; here it gets a name.
            let outcome = catch_unwind(|| check(&input));
            let outcome = outcome.unwrap_or_else(|_| panic!("{target}/{name} breaks a rule"));
            assert!(is_told(&name, outcome), "{target}/{name}: {outcome:?}");
        }
    }
}

#[test]
fn every_target_has_its_folder_and_its_binary() {
    let folders: BTreeSet<String> =
        entries(&fuzz().join("corpus")).into_iter().map(|(name, _)| name).collect();
    let targets: BTreeSet<String> = ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(folders, targets);
    let manifest = std::fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for target in targets {
        let source = std::fs::read_to_string(fuzz().join(format!("fuzz_targets/{target}.rs")));
        assert!(source.unwrap().contains(&format!("check(\"{target}\"")), "{target}");
        assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
    }
}
