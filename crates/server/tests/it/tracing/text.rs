//! The text of an answer in the live stream, while a model answers.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::stream::{Events, STREAM};
use crate::server::Server;

/// The slow model thinks for two seconds before its first word.
const PATIENCE: Duration = Duration::from_secs(10);

/// One span as a client sees it that listens.
#[derive(Default)]
struct Seen {
    text: String,
    pieces: usize,
}

impl Seen {
    /// Puts a piece where it belongs.
    fn take(&mut self, data: &Value) {
        let offset = usize::try_from(data["offset"].as_u64().unwrap()).unwrap();
        let known = self.text.chars().count();
        assert!(offset <= known, "{data} leaves a gap behind {known} characters");
        self.text = self.text.chars().take(offset).collect();
        self.text.push_str(data["text"].as_str().unwrap());
        self.pieces += 1;
    }

    /// Listens until the call ends; gives the data of its end.
    async fn follow(&mut self, events: &mut Events) -> Value {
        loop {
            let (event, data) = events.next_within(PATIENCE).await;
            match event.as_str() {
                "text" => {
                    self.take(&data);
                    assert!(!self.text.contains(['@', '#']), "{:?}", self.text);
                }
                "finish" => return data,
                "trace" | "update" => {}
                other => panic!("{other}: {data}"),
            }
        }
    }

    /// Listens until the first piece of a text comes; gives its data.
    async fn first(&mut self, events: &mut Events) -> Value {
        loop {
            let (event, data) = events.next_within(PATIENCE).await;
            if event == "text" {
                self.take(&data);
                return data;
            }
            assert!(matches!(event.as_str(), "trace" | "update"), "{event}: {data}");
        }
    }
}

/// Sends a question, and reads the answer as it comes.
fn asked(server: &Server, path: &str, body: &Value) -> JoinHandle<String> {
    let request = server.request(Method::POST, path).json(body);
    tokio::spawn(async move {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.text().await.unwrap()
    })
}

/// A question to the gateway; the answer repeats it.
fn question(model: &str, most_tokens: u32) -> Value {
    json!({
        "model": model, "stream": true, "max_tokens": most_tokens,
        "messages": [{ "role": "user", "content": "mail #a.long.name@mail.example.org, please" }],
    })
}

#[tokio::test]
async fn a_text_grows_masked_until_its_call_ends() {
    let server = Server::start().await;
    let mut events = Events::of(&server).await;
    let answer = asked(&server, "/v1/chat/completions", &question("demo/fast", 100));
    let mut seen = Seen::default();
    let first = seen.first(&mut events).await;
    assert_eq!(first["offset"], 0);
    assert_eq!(first["traceId"], first["spanId"]);
    let end = seen.follow(&mut events).await;
    assert_eq!(end["traceId"], first["traceId"]);
    let output = end["output"].as_str().unwrap();
    assert!(output.starts_with(&seen.text), "{output:?} does not begin with {:?}", seen.text);
    assert!(seen.text.contains("mail [EMAIL], please"), "{:?}", seen.text);
    assert!(seen.pieces > 1);
    // The client itself gets what the model said.
    let answer = answer.await.unwrap();
    assert!(answer.contains("data: [DONE]") && !answer.contains("[EMAIL]"), "{answer}");
}

#[tokio::test]
async fn who_comes_in_the_middle_gets_it_from_its_beginning_on() {
    let server = Server::start().await;
    let mut early = Events::of(&server).await;
    let answer = asked(&server, "/v1/chat/completions", &question("demo/slow", 24));
    let mut seen = Seen::default();
    let first = seen.first(&mut early).await;
    let (id, trace) = (early.last_id.clone(), first["traceId"].as_str().unwrap());
    let mut late = Events::of(&server).await;
    let back = server.request(Method::GET, STREAM).header("last-event-id", id.as_str());
    let mut back = Events::open(back).await;
    let stream = |query: &str| server.request(Method::GET, &format!("{STREAM}?{query}"));
    let mut of_one = Events::open(stream(&format!("traceId={trace}"))).await;
    let mut failed = Events::open(stream("status=error")).await;
    for events in [&mut late, &mut back, &mut of_one] {
        let mut other = Seen::default();
        assert_eq!(other.first(events).await["offset"], 0);
        assert!(other.text.starts_with(&seen.text), "{:?}", other.text);
        let end = other.follow(events).await;
        assert!(end["output"].as_str().unwrap().starts_with(&other.text), "{end}");
    }
    seen.follow(&mut early).await;
    answer.await.unwrap();
    // Who watches what failed heard nothing of it.
    let body = json!({ "traceId": "t", "source": "api", "model": "m", "prompt": "p" });
    server.posted("/api/tracing/start", &body).await;
    let result = json!({ "status": "error", "error": "boom" });
    server.posted("/api/tracing/complete", &json!({ "traceId": "t", "result": result })).await;
    let (event, data) = failed.next_within(PATIENCE).await;
    assert_eq!((event.as_str(), &data["traceId"]), ("finish", &json!("t")));
}

#[tokio::test]
async fn a_run_of_the_playground_is_seen_too() {
    let server = Server::start().await;
    let mut events = Events::of(&server).await;
    let body = json!({ "model": "demo/fast", "prompt": "How do I bake bread?" });
    let answer = asked(&server, "/api/playground/stream", &body);
    let mut seen = Seen::default();
    let end = seen.follow(&mut events).await;
    assert!(seen.pieces > 1 && !seen.text.is_empty());
    assert!(end["output"].as_str().unwrap().starts_with(&seen.text), "{end}");
    assert!(answer.await.unwrap().contains("event: done"));
}

#[tokio::test]
async fn what_is_not_masked_is_shown_as_it_is() {
    let server = Server::start_with(&[("TRACEKEEP_MASKING", "off")]).await;
    let mut events = Events::of(&server).await;
    let answer = asked(&server, "/v1/chat/completions", &question("demo/fast", 100));
    let mut seen = Seen::default();
    while !seen.text.contains("please") {
        seen.first(&mut events).await;
    }
    assert!(seen.text.contains("mail #a.long.name@mail.example.org, please"), "{:?}", seen.text);
    answer.await.unwrap();
}
