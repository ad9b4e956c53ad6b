#![allow(clippy::unwrap_used)]

use super::*;

const FILE: &str = r#"# A comment.
limits.max_body_mib = 0x10

[server]
listen = "127.0.0.1:4000"
[server.deep]
er = [1, 2]
[empty]
"#;

#[test]
fn values_come_with_their_lines() {
    let entries = read(FILE).unwrap();
    let found: Vec<(usize, &str, String)> =
        entries.iter().map(|entry| (entry.line, &entry.key[..], shown(&entry.value))).collect();
    let expected = [
        (2, "limits.max_body_mib", "0x10".to_owned()),
        (5, "server.listen", "\"127.0.0.1:4000\"".to_owned()),
        (7, "server.deep.er", "an array".to_owned()),
        (8, "empty", "a table".to_owned()),
    ];
    assert_eq!(found, expected);
}

#[test]
fn every_line_that_is_no_toml_is_named_once() {
    let faults = read("[server]\nlisten = 127.0.0.1:4000\n\n[limits\n").unwrap_err();
    let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [2, 4]);
    assert!(faults.iter().all(|fault| !fault.message.is_empty()));
}

#[test]
fn a_key_given_twice_is_a_fault() {
    let faults = read("[server]\nlisten = \"a\"\nlisten = \"b\"\n").unwrap_err();
    assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [3]);
}
