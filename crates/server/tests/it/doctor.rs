//! `tracekeep doctor`, beside a server and after it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::server::Server;

/// The exit code, and what was printed.
fn doctor(data: &Path, listen: &str) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tracekeep"))
        .args(["doctor", "--listen", listen, "--otlp-grpc", "127.0.0.1:0", "--data"])
        .arg(data)
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

    let mut bytes = std::fs::read(&index).unwrap();
    bytes[9] ^= 1;
    std::fs::write(&index, &bytes).unwrap();
    let (code, text) = doctor(server.data(), "127.0.0.1:0");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("index: its checksum differs from its content"), "{text}");
    assert_eq!(std::fs::read(&index).unwrap(), bytes);
}

#[test]
fn a_folder_that_is_not_there_is_fine() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (code, text) = doctor(&data, "127.0.0.1:0");
    assert_eq!(code, Some(0), "{text}");
    assert!(!data.exists());
}
