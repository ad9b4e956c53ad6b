//! Settings, as who starts a server gives them.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output};

use reqwest::Method;
use tempfile::TempDir;

use crate::server::Server;

/// Runs `tracekeep serve` with arguments in a working directory, until it ends by itself.
fn serve(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tracekeep"))
        .arg("serve")
        .args(arguments)
        .current_dir(folder)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn folder_with(name: &str, text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    folder
}

#[test]
fn what_is_printed_can_be_given_again() {
    let folder = folder_with("tracekeep.toml", "[limits]\nmax_body_mib = 2\n");
    let variables =
        [("TRACEKEEP_SEAL_MIB", "5"), ("TRACEKEEP_INIT_PROJECT_SECRET_KEY", "sk-tk-hidden")];
    let printed =
        serve(folder.path(), &variables, &["--listen", "127.0.0.1:1234", "--print-config"]);
    assert_eq!(printed.status.code(), Some(0));
    let text = String::from_utf8(printed.stdout).unwrap();
    for line in [
        "listen = \"127.0.0.1:1234\"",
        "max_body_mib = 2",
        "seal_mib = 5",
        "masking = \"on\"",
        "# TRACEKEEP_INIT_PROJECT_SECRET_KEY = ***",
    ] {
        assert!(text.lines().any(|printed| printed == line), "{line} is not in\n{text}");
    }
    assert!(text.contains("# From tracekeep.toml:2."), "{text}");
    assert!(!text.contains("sk-tk-hidden"));
    let other = folder_with("again.toml", &text);
    let again = serve(other.path(), &[], &["--config", "again.toml", "--print-config"]);
    let settings = |text: &str| -> Vec<String> {
        let is_setting = |line: &&str| !line.is_empty() && !line.starts_with('#');
        text.lines().filter(is_setting).map(str::to_owned).collect()
    };
    assert_eq!(settings(&String::from_utf8(again.stdout).unwrap()), settings(&text));
}

#[test]
fn every_mistake_is_named_and_no_server_starts() {
    let folder = folder_with("tracekeep.toml", "[server]\nlisten = 4000\n\n[storage]\ndate = 1\n");
    let ended = serve(folder.path(), &[("TRACEKEEP_SEAL_MB", "5")], &["--masking", "maybe"]);
    assert_eq!(ended.status.code(), Some(1));
    let text = String::from_utf8(ended.stderr).unwrap();
    for part in [
        "tracekeep: 4 settings cannot be used:\n",
        "tracekeep.toml:2: server.listen is 4000; expected an IP address and a port",
        "tracekeep.toml:5: there is no setting storage.date; the nearest is storage.data\n",
        "environment: there is no variable TRACEKEEP_SEAL_MB; the nearest is TRACEKEEP_SEAL_MIB\n",
        "command line: --masking is \"maybe\"; expected on or off\n",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!folder.path().join("tracekeep-data").exists());
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    for (variables, arguments) in [
        (vec![], vec!["--config", "absent.toml"]),
        (vec![("TRACEKEEP_CONFIG", "absent.toml")], vec![]),
    ] {
        let ended = serve(folder.path(), &variables, &arguments);
        assert_eq!(ended.status.code(), Some(1));
        let text = String::from_utf8(ended.stderr).unwrap();
        assert!(text.contains("absent.toml: "), "{text}");
    }
}

#[tokio::test]
async fn a_server_does_as_its_file_says() {
    let folder = folder_with("small.toml", "limits = { max_body_mib = 1 }\n");
    let path = folder.path().join("small.toml");
    let server = Server::start_with(&[("TRACEKEEP_CONFIG", path.to_str().unwrap())]).await;
    let body = zstd::encode_all(std::io::repeat(b' ').take(2_000_000), 1).unwrap();
    let request = server.request(Method::POST, "/api/tracing/start").body(body);
    let request = request.header("content-encoding", "zstd");
    let response = request.header("content-type", "application/json").send().await.unwrap();
    assert_eq!(response.status(), 413);
}

#[tokio::test]
async fn the_start_page_says_where_otlp_over_grpc_is() {
    let server = Server::start().await;
    let answer = server.anonymous(Method::GET, "/").send().await.unwrap();
    let page = answer.text().await.unwrap();
    let (_, after) = page.split_once("OpenTelemetry over gRPC</dt>").unwrap();
    let (_, address) = after.split_once("<code>").unwrap();
    let (address, _) = address.split_once("</code>").unwrap();
    let address: std::net::SocketAddr = address.parse().unwrap();
    assert!(address.ip().is_loopback() && address.port() != 0, "{address}");
    assert!(std::net::TcpStream::connect(address).is_ok(), "nobody listens on {address}");
}
