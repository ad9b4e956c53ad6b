use std::path::Path;

use super::{User, written};
use crate::config::layers::Origin;
use crate::config::{Config, Switch};

fn defaults() -> Config {
    Config {
        data: "./tracekeep-data".into(),
        listen: "127.0.0.1:4000".parse().unwrap(),
        otlp_grpc: "127.0.0.1:4317".parse().unwrap(),
        masking: Switch::On,
        max_body_mib: 64,
        max_in_flight_mib: 64,
        max_trace_spans: 100_000,
        seal_mib: 64,
        seal_seconds: 900,
        secret_key: None,
        estimate_tokens: Switch::On,
        estimate_tokens_after_seconds: 5,
        demo_seed: 1,
        providers: Vec::new(),
    }
}

const FILE: &str = r#"
server.listen = "127.0.0.1:1"
privacy = { masking = false }

[limits]
max_body_mib = 2

[storage]
data = "from file"
seal_mib = 0x10
"#;

#[test]
fn nothing_given_means_the_defaults() {
    let loaded = User::default().load().unwrap();
    assert_eq!(loaded.config, defaults());
    assert!(loaded.chosen.iter().all(|chosen| chosen.origin == Origin::Default));
    assert_eq!(loaded.file, None);
}

#[test]
fn a_later_layer_wins() {
    let user = User {
        file: Some(FILE),
        variables: &[
            ("TRACEKEEP_LISTEN", "127.0.0.1:2"),
            ("TRACEKEEP_MAX_BODY_MIB", "3"),
            ("TRACEKEEP_SEAL_SECONDS", ""),
            ("TRACEKEEP_ESTIMATE_TOKENS", "off"),
        ],
        arguments: &["--listen", "[::1]:3", "--demo-seed", "18446744073709551615"],
    };
    let loaded = user.load().unwrap();
    let expected = Config {
        data: "from file".into(),
        listen: "[::1]:3".parse().unwrap(),
        masking: Switch::Off,
        max_body_mib: 3,
        seal_mib: 16,
        estimate_tokens: Switch::Off,
        demo_seed: u64::MAX,
        ..defaults()
    };
    assert_eq!(loaded.config, expected);
    let origin = |name: &str| {
        let chosen = loaded.chosen.iter().find(|chosen| chosen.setting.name == name).unwrap();
        let origin = chosen.origin();
        origin.rsplit('/').next().unwrap().to_owned()
    };
    assert_eq!(origin("server.listen"), "--listen");
    assert_eq!(origin("limits.max_body_mib"), "TRACEKEEP_MAX_BODY_MIB");
    assert_eq!(origin("storage.seal_mib"), "tracekeep.toml:10");
    assert_eq!(origin("storage.seal_seconds"), "default");
}

#[test]
fn a_flag_names_the_file_before_the_environment_does() {
    let (_first, one) = written("[storage]\nseal_mib = 1\n");
    let (_second, two) = written("[storage]\nseal_mib = 2\n");
    let variables = [("TRACEKEEP_CONFIG", one.to_str().unwrap())];
    let mut user = User { file: Some(FILE), variables: &variables, arguments: &[] };
    assert_eq!(user.load().unwrap().config.seal_mib, 1);
    let arguments = ["--config", two.to_str().unwrap()];
    user.arguments = &arguments;
    let loaded = user.load().unwrap();
    assert_eq!(loaded.config.seal_mib, 2);
    assert_eq!(loaded.file.as_deref(), Some(Path::new(&two)));
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let user = User { arguments: &["--config", "/no/such/file.toml"], ..User::default() };
    let problems = user.load().unwrap_err().to_string();
    assert!(problems.contains("/no/such/file.toml"), "{problems}");
}

#[test]
fn the_demo_and_the_doctor_take_the_same_flags() {
    use clap::Parser as _;

    use crate::config::{Cli, Command};
    for command in ["demo", "doctor"] {
        let words = ["tracekeep", command, "--seal-mib", "7"];
        let given = match Cli::try_parse_from(words).unwrap().command {
            Command::Demo(start) => start.given,
            Command::Doctor(examine) => examine.given,
            other => panic!("{command} came as {other:?}"),
        };
        let loaded = given.load(&[], Path::new("/no/such/file.toml")).unwrap();
        assert_eq!(loaded.config.seal_mib, 7);
    }
}
