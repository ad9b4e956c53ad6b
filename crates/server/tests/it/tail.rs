//! `tracekeep tail`, as a process beside the server's.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{SECRET, Server};

const PATIENCE: Duration = Duration::from_secs(5);

struct Tail {
    child: Child,
    printed: Receiver<String>,
    said: Receiver<String>,
}

impl Tail {
    /// Follows a server; returns once it does.
    fn start(server: &Server, arguments: &[&str]) -> Self {
        let mut child = command(server, SECRET).args(arguments).spawn().unwrap();
        let printed = lines(child.stdout.take().unwrap());
        let said = lines(child.stderr.take().unwrap());
        let tail = Self { child, printed, said };
        assert!(tail.said().starts_with("following http://127.0.0.1:"));
        tail
    }

    fn printed(&self) -> String {
        self.printed.recv_timeout(PATIENCE).unwrap()
    }

    fn said(&self) -> String {
        self.said.recv_timeout(PATIENCE).unwrap()
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(server: &Server, key: &str) -> Command {
    let url = server.request(Method::GET, "/").build().unwrap().url().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracekeep"));
    command.args(["tail", "--url", &url, "--key", key]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Lines as they come: reading waits, so a thread does it.
fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    receive
}

async fn play(server: &Server, trace: &str) {
    let start =
        json!({ "traceId": trace, "source": "api", "model": "m", "prompt": "p", "name": "chat" });
    server.posted("/api/tracing/start", &start).await;
    let result = json!({ "status": "error", "error": "rate limit" });
    let complete = json!({ "traceId": trace, "result": result });
    server.posted("/api/tracing/complete", &complete).await;
}

#[tokio::test]
async fn lines_follow_what_happens() {
    let server = Server::start().await;
    let tail = Tail::start(&server, &[]);
    play(&server, "t1").await;
    assert!(tail.printed().ends_with("Z  ▶  t1  chat  m"));
    let end = tail.printed();
    assert!(end.contains("Z  ✗  t1  chat  m  "), "{end}");
    assert!(end.ends_with(" ms  rate limit"), "{end}");
}

#[tokio::test]
async fn json_is_for_other_programs() {
    let server = Server::start().await;
    let tail = Tail::start(&server, &["--json", "--trace", "t2"]);
    play(&server, "t1").await;
    play(&server, "t2").await;
    let events = [tail.printed(), tail.printed()];
    let events = events.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    assert_eq!((&events[0]["event"], &events[0]["traceId"]), (&json!("trace"), &json!("t2")));
    assert_eq!((&events[1]["event"], &events[1]["status"]), (&json!("finish"), &json!("error")));
}

#[tokio::test]
async fn a_wrong_key_ends_it_with_a_reason() {
    let server = Server::start().await;
    let output = command(&server, "sk-wrong-key").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("401") && words.contains("--key"), "{words}");
}

#[test]
fn an_address_where_nobody_listens_ends_it_with_a_reason() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let output = Command::new(env!("CARGO_BIN_EXE_tracekeep"))
        .args(["tail", "--url", &url, "--key", SECRET])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("give its address with --url"), "{words}");
}

#[tokio::test]
async fn a_trace_that_is_not_known_is_said_to_be_so() {
    let server = Server::start().await;
    let tail = Tail::start(&server, &["--trace", "a/b c"]);
    assert!(tail.said().starts_with("no trace a/b c is known yet"));
    play(&server, "a/b c").await;
    assert!(tail.printed().contains("▶"));
    // Known by now.
    let tail = Tail::start(&server, &["--trace", "a/b c"]);
    assert!(tail.said.recv_timeout(Duration::from_millis(500)).is_err());
}

#[tokio::test]
async fn it_waits_for_a_server_that_stopped() {
    let mut server = Server::start().await;
    let tail = Tail::start(&server, &[]);
    server.terminate();
    assert_eq!(tail.said(), "the server ended the stream; trying again in 1 s");
    let again = tail.said();
    assert!(again.ends_with("; trying again in 2 s"), "{again}");
}

#[tokio::test]
async fn it_ends_quietly_when_nobody_reads_it() {
    let server = Server::start().await;
    let mut child = command(&server, SECRET).spawn().unwrap();
    drop(child.stdout.take());
    let said = lines(child.stderr.take().unwrap());
    assert!(said.recv_timeout(PATIENCE).unwrap().starts_with("following"));
    play(&server, "t").await;
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(began.elapsed() < PATIENCE, "it still runs");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(status.code(), Some(0));
    assert!(said.recv_timeout(PATIENCE).is_err(), "it said something");
}
