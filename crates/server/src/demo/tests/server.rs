use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, Uri};
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::NOW;
use crate::demo::{Demo, run};

type Seen = Arc<Mutex<Vec<String>>>;

/// A server that gives every request the same answer, and the paths it was asked for.
async fn server(status: StatusCode) -> (String, Seen) {
    let seen = Seen::default();
    let paths = Arc::clone(&seen);
    let answer = move |uri: Uri| {
        paths.lock().push(uri.path().to_owned());
        async move { (status, "{}") }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let router: Router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base_url, seen)
}

fn demo(base_url: String) -> Demo {
    Demo { base_url, secret_key: String::from("sk-test"), seed: 42, now_micros: || NOW }
}

async fn run_until(base_url: String, done: impl Fn() -> bool) {
    let stop = CancellationToken::new();
    let running = tokio::spawn(run(demo(base_url), stop.clone()));
    let waiting = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(10), waiting).await.unwrap();
    stop.cancel();
    timeout(Duration::from_secs(1), running).await.unwrap().unwrap();
}

#[tokio::test]
async fn history_and_live_traces_come_at_once_until_it_is_stopped() {
    let (base_url, seen) = server(StatusCode::OK).await;
    let has = |path: &str| seen.lock().iter().any(|one| one == path);
    run_until(base_url, || has("/v1/traces") && has("/api/tracing/start")).await;
    // What was under way may still arrive.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let before = seen.lock().len();
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(seen.lock().len(), before, "nothing is sent after the end");
}

#[tokio::test]
async fn a_server_that_refuses_or_is_busy_is_no_reason_to_fail() {
    for status in [StatusCode::UNAUTHORIZED, StatusCode::SERVICE_UNAVAILABLE] {
        let (base_url, seen) = server(status).await;
        run_until(base_url, || seen.lock().len() >= 2).await;
    }
}

#[tokio::test]
async fn a_server_that_is_gone_is_no_reason_to_fail() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let asked = Cell::new(0);
    let a_while = || {
        asked.set(asked.get() + 1);
        asked.get() > 30
    };
    run_until(base_url, a_while).await;
}
