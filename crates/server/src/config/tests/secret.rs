use tracekeep_control::MasterKey;

use super::{User, environment};
use crate::config::print::print;

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

#[test]
fn a_secret_key_is_read_and_never_shown() {
    let variables = [("TRACEKEEP_SECRET_KEY", KEY)];
    let user = User { variables: &variables, ..User::default() };
    let loaded = user.load().unwrap();
    assert_eq!(loaded.config.secret_key, MasterKey::parse(KEY));
    assert!(loaded.config.secret_key.is_some());
    let text = print(&loaded, &environment(&variables));
    assert!(text.contains("\n# From TRACEKEEP_SECRET_KEY. Flag --secret-key, "), "{text}");
    assert!(text.contains("default none.\n# secret_key = ***\n"), "{text}");
    assert!(!text.contains(KEY) && !format!("{loaded:?}").contains(KEY));
}

#[test]
fn without_one_the_file_in_the_data_folder_is_meant() {
    let loaded = User::default().load().unwrap();
    assert_eq!(loaded.config.secret_key, None);
    assert!(print(&loaded, &[]).contains("\nsecret_key = \"\"\n"));
}

#[test]
fn one_that_is_none_is_refused_and_not_repeated() {
    let file = "[storage]\nsecret_key = \"my-password\"\n";
    let user = User {
        file: Some(file),
        variables: &[("TRACEKEEP_SECRET_KEY", "my-password")],
        arguments: &["--secret-key", "my-password"],
    };
    let problems = user.problems();
    for part in [
        "tracekeep.toml:2: storage.secret_key is ***; expected 32 bytes as 64 hex digits or as base64, in quotes\n",
        "environment: TRACEKEEP_SECRET_KEY is ***; expected 32 bytes",
        "command line: --secret-key is ***; expected 32 bytes",
    ] {
        assert!(problems.contains(part), "{part} is not in\n{problems}");
    }
    assert!(!problems.contains("my-password"));
}
