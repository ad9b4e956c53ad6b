use std::time::{Duration, Instant};

use serde_json::json;

use crate::server::{SECRET, Server};

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let mut server = Server::start().await;
    for round in 0..3 {
        for n in 0..20 {
            let start = json!({ "traceId": format!("r{round}-{n}"), "source": "api", "model": "m", "prompt": "p" });
            server.posted("/api/tracing/start", &start).await;
        }
        server = server.killed_and_started_again().await;
        let rows = server.got("/api/tracing/list?limit=1000").await;
        assert_eq!(rows.as_array().unwrap().len(), 20 * (round + 1));
    }
    // A late end of what was begun before the kills.
    let complete =
        json!({ "traceId": "r0-0", "result": { "status": "success", "response": "late" } });
    server.posted("/api/tracing/complete", &complete).await;
    let server = server.killed_and_started_again().await;
    let whole = server.got("/api/traces/r0-0").await;
    assert_eq!(whole["trace"]["status"], "success");
    assert_eq!(whole["spans"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn sealed_and_journaled_records_meet() {
    let often = [("TRACEKEEP_SEAL_SECONDS", "1")];
    // A name that is no plain URL: segments are read by path.
    let folder = tempfile::Builder::new().prefix("~# ü%20").tempdir().unwrap();
    let server = Server::start_in(std::sync::Arc::new(folder), &often).await;
    for n in 0..30 {
        let start =
            json!({ "traceId": format!("t{n}"), "source": "api", "model": "m", "prompt": "p" });
        server.posted("/api/tracing/start", &start).await;
    }
    let sealed = || server.data().join("archive/manifest.json").exists();
    while !sealed() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for n in 0..15 {
        let complete = json!({ "traceId": format!("t{n}"), "result": { "status": "success" } });
        server.posted("/api/tracing/complete", &complete).await;
    }
    let server = server.killed_and_started_again().await;
    let done = server.got("/api/tracing/list?status=success").await;
    assert_eq!(done.as_array().unwrap().len(), 15);
    assert_eq!(server.got("/api/tracing/list").await.as_array().unwrap().len(), 30);
}

/// Whether any of the journal's files holds a text.
fn journal_holds(server: &Server, text: &str) -> bool {
    let files = std::fs::read_dir(server.data().join("journal")).unwrap();
    files.flatten().any(|file| {
        // One that was removed meanwhile holds nothing.
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[tokio::test]
async fn what_is_sealed_leaves_the_journal_of_an_idle_server() {
    let start = |id: &str, prompt: &str| json!({ "traceId": id, "source": "api", "model": "m", "prompt": prompt });
    let server = Server::start().await;
    server.posted("/api/tracing/start", &start("t1", "first words")).await;
    assert!(journal_holds(&server, "first words"));
    let folder = server.folder();
    drop(server);

    let server = Server::start_in(folder, &[("TRACEKEEP_SEAL_SECONDS", "1")]).await;
    server.posted("/api/tracing/start", &start("t2", "second words")).await;
    let began = Instant::now();
    while ["first words", "second words"].iter().any(|text| journal_holds(&server, text)) {
        assert!(began.elapsed() < Duration::from_secs(30), "the journal keeps what is sealed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.posted("/api/tracing/start", &start("t3", "third words")).await;
    let server = server.killed_and_started_again().await;
    assert_eq!(server.got("/api/tracing/list").await.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn sigterm_drains_and_exits_well() {
    let mut server = Server::start().await;
    let start = json!({ "traceId": "t", "source": "api", "model": "m", "prompt": "p" });
    server.posted("/api/tracing/start", &start).await;
    let (code, took) = server.terminate();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(10), "{took:?}");
    let server = Server::start_in(server.folder(), &[]).await;
    assert_eq!(server.got("/api/traces/t").await["trace"]["status"], "pending");
}

#[tokio::test]
async fn one_folder_has_one_server() {
    let server = Server::start().await;
    let second = std::process::Command::new(env!("CARGO_BIN_EXE_tracekeep"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(server.data())
        .output()
        .unwrap();
    assert!(!second.status.success());
    let words = String::from_utf8(second.stderr).unwrap();
    assert!(words.contains("another process"), "{words}");
}

#[tokio::test]
async fn secrets_are_not_kept_in_clear() {
    let server = Server::start().await;
    let database = std::fs::read(server.data().join("control.db")).unwrap();
    assert!(!database.windows(SECRET.len()).any(|bytes| bytes == SECRET.as_bytes()));
}
