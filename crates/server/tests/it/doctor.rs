//! `tracekeep doctor`, beside a server and after it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::server::Server;

/// The exit code, and what was printed.
fn doctor(data: &Path, listen: &str) -> (Option<i32>, String) {
    doctor_with(data, listen, &[])
}

fn doctor_with(data: &Path, listen: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tracekeep"))
        .args(["doctor", "--listen", listen, "--otlp-grpc", "127.0.0.1:0", "--data"])
        .arg(data)
        .args(arguments)
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// The index of a segment, once there is a segment that the manifest names.
async fn sealed_index(data: &Path) -> PathBuf {
    let first = |dir: &Path| -> Option<PathBuf> {
        std::fs::read_dir(dir).ok()?.next().map(|entry| entry.unwrap().path())
    };
    let segments = data.join("archive/segments");
    let has_segment = || {
        let manifest = std::fs::read_to_string(data.join("archive/manifest.json"));
        manifest.is_ok_and(|text| text.contains("\"facts\""))
    };
    while !has_segment() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let folder = first(&segments).and_then(|project| first(&project)).and_then(|day| first(&day));
    folder.unwrap().join("index")
}

#[tokio::test]
async fn a_folder_is_looked_at_while_it_is_used_and_afterwards() {
    let mut server = Server::start_with(&[("TRACEKEEP_SEAL_SECONDS", "1")]).await;
    let start = json!({ "traceId": "t", "source": "api", "model": "m", "prompt": "p" });
    server.posted("/api/tracing/start", &start).await;
    let index = sealed_index(server.data()).await;
    let request = server.anonymous(Method::GET, "/").build().unwrap();
    let port = request.url().port().unwrap();

    let (code, text) = doctor(server.data(), &format!("127.0.0.1:{port}"));
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("a running server has the folder"), "{text}");
    assert!(text.contains(&format!("127.0.0.1:{port} takes traces")), "{text}");

    assert_eq!(server.terminate().0, Some(0));
    let (code, text) = doctor(server.data(), "127.0.0.1:0");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("no server has the folder"), "{text}");
    assert!(text.contains("1 spans in "), "{text}");
    assert!(text.contains(" blocks read and whole"), "{text}");
    let (code, text) = doctor_with(server.data(), "127.0.0.1:0", &["--quick"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("only the ends of files were read"), "{text}");

    let mut bytes = std::fs::read(&index).unwrap();
    bytes[9] ^= 1;
    std::fs::write(&index, &bytes).unwrap();
    let (code, text) = doctor(server.data(), "127.0.0.1:0");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("index: its checksum differs from its content"), "{text}");
    assert_eq!(std::fs::read(&index).unwrap(), bytes);
}

#[tokio::test]
async fn a_damaged_journal_is_told_by_doctor_and_by_the_start_that_refuses_it() {
    let mut server = Server::start().await;
    for n in 0..20 {
        let start =
            json!({ "traceId": format!("t{n}"), "source": "api", "model": "m", "prompt": "p" });
        server.posted("/api/tracing/start", &start).await;
    }
    assert_eq!(server.terminate().0, Some(0));
    let files = std::fs::read_dir(server.data().join("journal")).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    let size = |path: &PathBuf| std::fs::metadata(path).unwrap().len();
    let file = files.max_by_key(size).unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let third = bytes.len() / 3;
    bytes[third..third + 4].copy_from_slice(b"XXXX");
    std::fs::write(&file, &bytes).unwrap();

    let (code, text) = doctor(server.data(), "127.0.0.1:0");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("is damaged at byte "), "{text}");
    let serve = Command::new(env!("CARGO_BIN_EXE_tracekeep"))
        .args(["serve", "--listen", "127.0.0.1:0", "--otlp-grpc", "127.0.0.1:0", "--data"])
        .arg(server.data())
        .output()
        .unwrap();
    assert_eq!(serve.status.code(), Some(1));
    let words = String::from_utf8(serve.stderr).unwrap();
    assert!(words.contains("loses for good all that was acknowledged"), "{words}");
    let only = format!("up to {} bytes", bytes.len());
    assert!(words.contains(&only) && text.contains(&only), "{words}\n{text}");
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
}

#[tokio::test]
async fn a_start_without_the_journal_says_what_is_lost() {
    let mut server = Server::start_with(&[("TRACEKEEP_SEAL_SECONDS", "1")]).await;
    let start = json!({ "traceId": "t", "source": "api", "model": "m", "prompt": "p" });
    server.posted("/api/tracing/start", &start).await;
    sealed_index(server.data()).await;
    assert_eq!(server.terminate().0, Some(0));
    std::fs::remove_dir_all(server.data().join("journal")).unwrap();
    let (code, text) = doctor(server.data(), "127.0.0.1:0");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("on and not sealed is lost"), "{text}");

    // It has told of this before it looks for its address.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let serve = Command::new(env!("CARGO_BIN_EXE_tracekeep"))
        .args(["serve", "--otlp-grpc", "127.0.0.1:0", "--listen"])
        .arg(taken.local_addr().unwrap().to_string())
        .arg("--data")
        .arg(server.data())
        .env("TRACEKEEP_LOG", "warn")
        .output()
        .unwrap();
    let words = String::from_utf8(serve.stderr).unwrap();
    assert!(words.contains("on and not sealed is lost"), "{words}");
    assert!(words.contains("cannot listen on"), "{words}");
}

#[test]
fn a_folder_that_is_not_there_is_fine() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (code, text) = doctor(&data, "127.0.0.1:0");
    assert_eq!(code, Some(0), "{text}");
    assert!(!data.exists());
}
