use std::path::PathBuf;

use super::*;

fn corrupt() -> OpenError {
    let file = PathBuf::from("0000000000000000.wal");
    OpenError::Corrupt { file, offset: 104, reason: "it is bad".to_owned() }
}

#[test]
fn damage_says_how_much_only_the_journal_has() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("0000000000000400.wal"), [0; 100]).unwrap();
    let text = at_stake(corrupt(), dir.path(), 1_000).to_string();
    assert!(text.contains("damaged at byte 104"), "{text}");
    assert!(text.contains("before position 1000;"), "{text}");
    assert!(text.contains("up to 124 bytes, as its files reach to position 1124"), "{text}");
    // What lies before the checkpoint is not at stake.
    assert!(stake(dir.path(), 9_999).contains("up to 0 bytes"));
    assert!(stake(&dir.path().join("absent"), 0).contains("cannot be told"));
}

#[test]
fn other_errors_are_told_as_they_are() {
    let error = OpenError::Locked { dir: PathBuf::from("journal") };
    let text = error.to_string();
    assert_eq!(at_stake(error, &PathBuf::from("journal"), 7).to_string(), text);
}

#[test]
fn a_journal_that_went_is_never_called_harmless() {
    let text = of_end(5_850_827, 64);
    assert!(text.contains("ends at position 64"), "{text}");
    assert!(text.contains("from 5850827 on and not sealed is lost"), "{text}");
    let text = of_first_files(&(Position::new(100)..Position::new(350)));
    assert!(text.contains("positions 100 to 350, 250 bytes"), "{text}");
    assert!(text.contains("are lost"), "{text}");
}
