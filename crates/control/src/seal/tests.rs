#![allow(clippy::unwrap_used)]

use super::*;
use crate::test_support::rng;

const PLACE: Place<'static> =
    Place { project_id: "p1", record_id: "r1", field: "credential", provider: "openai" };

fn vault(seed: u64) -> Vault {
    Vault::new(MasterKey::generate(&mut rng(seed)))
}

fn sealed(vault: &Vault, text: &str, seed: u64) -> String {
    let nonce = FreshNonce::generate(&mut rng(seed));
    vault.seal(&Secret::new(text.to_owned()), &PLACE, nonce).unwrap()
}

#[test]
fn what_is_sealed_opens_in_its_place_only() {
    let vault = vault(1);
    for text in ["", "sk-0123456789", "naïve ✓"] {
        let sealed = sealed(&vault, text, 2);
        assert_eq!(vault.open(&sealed, &PLACE).unwrap().expose(), text);
        for other in [
            Place { project_id: "p2", ..PLACE },
            Place { record_id: "r2", ..PLACE },
            Place { field: "headers", ..PLACE },
            Place { project_id: "p1r", record_id: "1", ..PLACE },
        ] {
            let error = vault.open(&sealed, &other).unwrap_err();
            assert!(matches!(error, ControlError::DamagedSeal { .. }), "{other:?}: {error}");
        }
    }
}

#[test]
fn the_form_is_the_documented_one() {
    let key = MasterKey::generate(&mut rng(1));
    let vault = Vault::new(key.clone());
    let text = sealed(&vault, "abc", 2);
    assert_eq!(text.len(), 2 * (1 + 4 + 12 + 3 + 16));
    assert!(text.starts_with(&format!("01{}", key.id())));
    assert!(!text.contains(&hex(b"abc")));
    assert_ne!(text, sealed(&vault, "abc", 3), "another nonce, another text");
}

#[test]
fn a_changed_byte_is_noticed_wherever_it_is() {
    let vault = vault(1);
    let good = sealed(&vault, "sk-0123456789", 2);
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        let bad = String::from_utf8(bytes).unwrap();
        assert!(vault.open(&bad, &PLACE).is_err(), "digit {at}");
    }
    for bad in ["", "01", &good[..good.len() - 2], &good[..60], "zz", "é"] {
        assert!(vault.open(bad, &PLACE).is_err(), "{bad}");
    }
}

#[test]
fn another_key_is_named() {
    let (one, other) = (vault(1), vault(2));
    let text = sealed(&one, "sk-0123456789", 3);
    let error = other.open(&text, &PLACE).unwrap_err().to_string();
    let id = |vault: &Vault| vault.key().unwrap().id();
    assert!(error.contains(&id(&one)) && error.contains(&id(&other)), "{error}");
    assert!(error.contains("\"openai\"") && error.contains("store the credential again"));
}

#[test]
fn a_key_is_read_as_hex_and_as_base64() {
    let key = MasterKey([0xfb; 32]);
    for text in [
        "fb".repeat(32),
        "FB".repeat(32),
        format!(" {}\n", "fb".repeat(32)),
        STANDARD_NO_PAD.encode([0xfb; 32]),
        format!("{}=", STANDARD_NO_PAD.encode([0xfb; 32])),
        URL_SAFE_NO_PAD.encode([0xfb; 32]),
    ] {
        assert_eq!(MasterKey::parse(&text), Some(key.clone()), "{text}");
    }
    for text in [
        String::new(),
        "fb".repeat(31),
        "fb".repeat(33),
        "password".to_owned(),
        "zz".repeat(32),
        STANDARD_NO_PAD.encode([0xfb; 31]),
    ] {
        assert_eq!(MasterKey::parse(&text), None, "{text}");
    }
}

#[test]
fn debug_shows_no_key() {
    let key = MasterKey([0xfb; 32]);
    let text = format!("{:?} {:?}", key, Vault::new(key.clone()));
    assert!(!text.contains("fb, ") && !text.contains("251") && !text.contains("fbfb"), "{text}");
    assert!(text.contains(&key.id()));
}

#[test]
fn a_file_is_made_once_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret.key");
    let first = Vault::of_file(&path, &mut rng(1));
    assert_eq!(first.problem(), None);
    let text = sealed(&first, "sk-0123456789", 2);
    let again = Vault::of_file(&path, &mut rng(3));
    assert_eq!(again.open(&text, &PLACE).unwrap().expose(), "sk-0123456789");
    let names = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 1, "no unfinished file is left");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_file_that_holds_no_key_is_left_and_says_so_on_use() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret.key");
    std::fs::write(&path, "not a key").unwrap();
    let vault = Vault::of_file(&path, &mut rng(1));
    assert!(vault.problem().unwrap().contains("secret.key"));
    let nonce = FreshNonce::generate(&mut rng(2));
    let error = vault.seal(&Secret::new("s".to_owned()), &PLACE, nonce).unwrap_err();
    assert!(matches!(error, ControlError::NoSecretKey(_)));
    assert!(error.to_string().contains("TRACEKEEP_SECRET_KEY"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "not a key");
}

#[test]
fn an_unfinished_file_of_an_earlier_start_is_no_hindrance() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret.key.new"), "ab").unwrap();
    let vault = Vault::of_file(&folder.path().join("secret.key"), &mut rng(1));
    assert_eq!(vault.problem(), None);
}
