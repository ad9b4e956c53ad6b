use super::User;

const LAST: &str = "`tracekeep serve --print-config` shows every setting once these are right";

#[test]
fn all_problems_come_at_once() {
    let user = User {
        file: Some(
            r#"listen = "127.0.0.1:4000"
[limits]
max_body_mib = "64 MB"
max_body_mb = 64
[storage]
seal_mib = 0
[sever]
[privacy.masking]
emails = true
"#,
        ),
        variables: &[
            ("PATH", "/bin"),
            ("TRACEKEEP_INIT_PROJECT_ID", "p"),
            ("TRACEKEEP_LISTEN", "localhost:4000"),
            ("TRACEKEEP_SEAL_MB", "96"),
        ],
        arguments: &["--seal-seconds", "soon"],
    };
    let expected = "9 settings cannot be used:
tracekeep.toml:1: there is no setting listen; the nearest is server.listen
tracekeep.toml:3: limits.max_body_mib is \"64 MB\"; expected a whole number from 1 to 1024, without quotes
tracekeep.toml:4: there is no setting limits.max_body_mb; the nearest is limits.max_body_mib
tracekeep.toml:6: storage.seal_mib is 0; expected a whole number from 1 to 4096, without quotes
tracekeep.toml:7: there is no section sever; the nearest is server
tracekeep.toml:9: there is no setting privacy.masking.emails; the nearest is privacy.masking
environment: TRACEKEEP_LISTEN is \"localhost:4000\"; expected an IP address and a port, such as 127.0.0.1:4000 or [::1]:4000
environment: there is no variable TRACEKEEP_SEAL_MB; the nearest is TRACEKEEP_SEAL_MIB
command line: --seal-seconds is \"soon\"; expected a whole number from 1 to 4294967295";
    assert_eq!(user.problems(), format!("{expected}\n{LAST}"));
}

#[test]
fn a_value_of_another_type_is_named_with_its_line() {
    for (line, problem) in [
        ("listen = 4000", "listen is 4000; expected an IP address and a port"),
        ("listen = true", "listen is true; expected"),
        ("listen = [\"127.0.0.1:4000\"]", "listen is an array; expected"),
        ("listen = 127.5", "listen is 127.5; expected"),
        ("listen = {}", "listen is a table; expected"),
        ("listen = 2026-01-01", "listen is 2026-01-01; expected"),
    ] {
        let file = format!("[server]\n\n{line}\n");
        let problems = User { file: Some(&file), ..User::default() }.problems();
        let expected = format!("tracekeep.toml:3: server.{problem}");
        assert!(problems.contains(&expected), "{problems}");
        assert!(problems.starts_with("a setting cannot be used:\n"), "{problems}");
    }
}

#[test]
fn a_wrong_value_is_a_problem_even_if_a_later_layer_covers_it() {
    let user = User {
        file: Some("[privacy]\nmasking = \"maybe\"\n"),
        arguments: &["--masking", "off"],
        ..User::default()
    };
    let problems = user.problems();
    let expected = "tracekeep.toml:2: privacy.masking is \"maybe\"; expected on or off, in quotes";
    assert!(problems.contains(expected), "{problems}");
}

#[test]
fn what_is_no_toml_is_named_with_its_line_and_the_rest_is_read() {
    let user = User {
        file: Some("[server]\nlisten = 127.0.0.1:4000\n"),
        variables: &[("TRACEKEEP_DATUM", "x")],
        ..User::default()
    };
    let problems = user.problems();
    let expected = "tracekeep.toml:2: this is no TOML: listen = 127.0.0.1:4000";
    assert!(problems.contains(expected), "{problems}");
    assert!(problems.contains("TRACEKEEP_DATUM; the nearest is TRACEKEEP_DATA"), "{problems}");
}
