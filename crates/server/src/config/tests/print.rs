use std::path::Path;

use super::{User, environment, given, written};
use crate::config::kind::quoted;
use crate::config::print::print;

const VARIABLES: [(&str, &str); 4] = [
    ("TRACEKEEP_INIT_PROJECT_ID", "shop\n[server]"),
    ("TRACEKEEP_INIT_PROJECT_SECRET_KEY", "sk-tk-secret"),
    ("TRACEKEEP_MASKING", "off"),
    ("TRACEKEEP_SEAL_SECONDS", "7"),
];

#[test]
fn what_is_printed_gives_the_same_settings() {
    let user = User {
        file: Some("[server]\notlp_grpc = \"[::1]:5\"\n"),
        variables: &VARIABLES,
        arguments: &["--data", "a \"strange\"\\ földer\n", "--listen", "0.0.0.0:80"],
    };
    let loaded = user.load().unwrap();
    let text = print(&loaded, &environment(&VARIABLES));
    let (_folder, path) = written(&text);
    let arguments = ["--config", path.to_str().unwrap()];
    let again = given(&arguments).load(&[], Path::new("unused")).unwrap();
    assert_eq!(again.config, loaded.config);
    let values = |loaded: &crate::config::layers::Loaded| -> Vec<String> {
        loaded.chosen.iter().map(|chosen| chosen.value.clone()).collect()
    };
    assert_eq!(values(&again), values(&loaded));
}

#[test]
fn it_says_where_each_value_comes_from_and_no_secret() {
    let user = User { variables: &VARIABLES, arguments: &["--seal-mib", "8"], file: None };
    let text = print(&user.load().unwrap(), &environment(&VARIABLES));
    for part in [
        "[server]\n# Address of the API, the UI and OTLP over HTTP. It takes an IP address",
        "\n# From default. Flag --listen, variable TRACEKEEP_LISTEN, default 127.0.0.1:4000.\nlisten = \"127.0.0.1:4000\"\n",
        "\n# From --seal-mib. Flag --seal-mib, variable TRACEKEEP_SEAL_MIB, default 64.\nseal_mib = 8\n",
        "\n# From TRACEKEEP_MASKING. ",
        "\nmasking = \"off\"\n",
        "\n# TRACEKEEP_INIT_PROJECT_ID = \"shop\\n[server]\"\n",
        "\n# TRACEKEEP_INIT_PROJECT_SECRET_KEY = ***\n",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains("sk-tk-secret"));
}

#[test]
fn any_text_can_be_quoted() {
    for text in ["", "plain", "\"\\\u{7f}\u{0}\n\r\t", "a'b", "ünï #"] {
        let file = format!("text = {}", quoted(text));
        assert_eq!(file.lines().count(), 1);
        let table: toml::Table = toml::from_str(&file).unwrap();
        assert_eq!(table["text"].as_str(), Some(text));
    }
}
