use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::server::{PUBLIC, Server};

pub(super) const STREAM: &str = "/api/tracing/live/stream";

/// How soon an event comes that is due.
const SOON: Duration = Duration::from_secs(1);

/// An open stream of server-sent events.
pub(super) struct Events {
    response: Response,
    bytes: Vec<u8>,
    pub(super) last_id: String,
}

impl Events {
    pub(super) async fn open(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut events = Self { response, bytes: Vec::new(), last_id: String::new() };
        let first = events.block().await.unwrap();
        assert!(first.lines().any(|line| line == "retry: 2000"), "{first}");
        events.note_id(&first);
        events
    }

    /// Of all that happens in the project.
    pub(super) async fn of(server: &Server) -> Self {
        Self::open(server.request(Method::GET, STREAM)).await
    }

    /// The lines up to the next blank one; `None` where the stream has ended.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.bytes.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.bytes.drain(..end + 2).collect();
                return Some(String::from_utf8(block).unwrap());
            }
            let bytes = self.response.chunk().await.unwrap()?;
            self.bytes.extend_from_slice(&bytes);
        }
    }

    fn note_id(&mut self, block: &str) {
        if let Some(id) = block.lines().find_map(|line| line.strip_prefix("id: ")) {
            id.clone_into(&mut self.last_id);
        }
    }

    /// The next event, within a second.
    async fn next(&mut self) -> (String, Value) {
        self.next_within(SOON).await
    }

    pub(super) async fn next_within(&mut self, patience: Duration) -> (String, Value) {
        let block = timeout(patience, self.block()).await;
        let block = block.expect("an event in time").expect("the stream goes on");
        self.note_id(&block);
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
        let data = serde_json::from_str(field("data: ").unwrap()).unwrap();
        (field("event: ").unwrap().to_owned(), data)
    }

    /// The next event's name and trace.
    async fn next_of(&mut self) -> (String, String) {
        let (event, data) = self.next().await;
        (event, data["traceId"].as_str().unwrap_or_default().to_owned())
    }

    async fn is_silent(&mut self) -> bool {
        timeout(Duration::from_millis(300), self.block()).await.is_err()
    }
}

async fn start(server: &Server, trace: &str) {
    let body =
        json!({ "traceId": trace, "source": "api", "model": "m", "prompt": "p", "name": "chat" });
    server.posted("/api/tracing/start", &body).await;
}

async fn update(server: &Server, trace: &str, response: &str) {
    let body = json!({ "traceId": trace, "updates": { "response_content": response } });
    server.posted("/api/tracing/update", &body).await;
}

async fn complete(server: &Server, trace: &str, status: &str) {
    let result = json!({ "status": status, "response": "Hello, you" });
    let body = json!({ "traceId": trace, "result": result });
    server.posted("/api/tracing/complete", &body).await;
}

fn named(event: &str, trace: &str) -> (String, String) {
    (event.to_owned(), trace.to_owned())
}

#[tokio::test]
async fn a_trace_is_seen_as_it_happens() {
    let server = Server::start().await;
    let mut events = Events::of(&server).await;
    start(&server, "t").await;
    let (event, data) = events.next().await;
    assert_eq!(event, "trace");
    assert_eq!((&data["traceId"], &data["spanId"]), (&json!("t"), &json!("t")));
    assert_eq!((&data["name"], &data["model"]), (&json!("chat"), &json!("m")));
    assert_eq!(data["status"], "pending");
    assert!(data["startTime"].is_string());
    for text in ["Hel", "Hello"] {
        update(&server, "t", text).await;
        let (event, data) = events.next().await;
        assert_eq!((event.as_str(), &data["output"]), ("update", &json!(text)));
        assert_eq!(data["status"], Value::Null);
    }
    complete(&server, "t", "success").await;
    let (event, data) = events.next().await;
    assert_eq!((event.as_str(), &data["status"]), ("finish", &json!("success")));
    assert_eq!(data["output"], "Hello, you");
    assert!(data["endTime"].is_string());
    assert!(events.is_silent().await);
}

#[tokio::test]
async fn spans_of_otlp_and_batches_are_events_too() {
    let server = Server::start().await;
    let mut events = Events::of(&server).await;
    let batch = json!({ "events": [
        { "type": "start", "traceId": "t", "source": "api", "model": "m", "prompt": "p" },
        { "type": "span", "traceId": "t", "spanId": "s", "parentSpanId": "t", "kind": "TOOL",
          "name": "look up", "startTime": "2026-03-01T12:00:00Z" },
        { "type": "complete", "traceId": "t", "result": { "status": "error", "error": "boom" } },
    ]});
    server.posted("/api/tracing/batch", &batch).await;
    assert_eq!(events.next_of().await, named("trace", "t"));
    let (event, data) = events.next().await;
    assert_eq!((event.as_str(), &data["parentSpanId"]), ("span", &json!("t")));
    let (event, data) = events.next().await;
    assert_eq!((event.as_str(), &data["error"]), ("finish", &json!("boom")));

    let span = json!({
        "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "step",
        "kind": 1, "startTimeUnixNano": "1772366400000000000",
        "endTimeUnixNano": "1772366401500000000", "attributes": [], "status": {},
    });
    let scopes = json!([{ "scope": {}, "spans": [span] }]);
    let request =
        json!({ "resourceSpans": [{ "resource": { "attributes": [] }, "scopeSpans": scopes }] });
    server.posted("/v1/traces", &request).await;
    let (event, data) = events.next().await;
    assert_eq!((event.as_str(), &data["name"]), ("finish", &json!("step")));
    assert_eq!(data["startTime"], "2026-03-01T12:00:00.000Z");
    assert_eq!(data["endTime"], "2026-03-01T12:00:01.500Z");
}

#[tokio::test]
async fn who_comes_back_gets_exactly_what_it_missed() {
    let server = Server::start().await;
    let mut events = Events::of(&server).await;
    start(&server, "t1").await;
    assert_eq!(events.next_of().await, named("trace", "t1"));
    let left_at = events.last_id.clone();
    drop(events);
    start(&server, "t2").await;
    complete(&server, "t1", "success").await;

    let by_header = server.request(Method::GET, STREAM).header("last-event-id", left_at.as_str());
    let path = format!("{STREAM}?lastEventId={left_at}");
    for request in [by_header, server.request(Method::GET, &path)] {
        let mut events = Events::open(request).await;
        assert_eq!(events.next_of().await, named("trace", "t2"));
        assert_eq!(events.next_of().await, named("finish", "t1"));
        assert!(events.is_silent().await);
    }
}

#[tokio::test]
async fn who_comes_back_too_late_is_told_to_look_again() {
    let server = Server::start().await;
    let request = server.request(Method::GET, STREAM).header("last-event-id", "1-1");
    let mut events = Events::open(request).await;
    let (event, data) = events.next().await;
    assert_eq!((event.as_str(), &data["missed"]), ("lagged", &Value::Null));
    assert!(data["message"].as_str().unwrap().contains("load the list"));
    start(&server, "t").await;
    assert_eq!(events.next_of().await, named("trace", "t"));
}

#[tokio::test]
async fn filters_choose_events() {
    let server = Server::start().await;
    let stream = |query: &str| server.request(Method::GET, &format!("{STREAM}?{query}"));
    let mut of_one = Events::open(stream("traceId=t2")).await;
    let mut failed = Events::open(stream("status=error")).await;
    for (trace, status) in [("t1", "success"), ("t2", "success"), ("t3", "error")] {
        start(&server, trace).await;
        complete(&server, trace, status).await;
    }
    assert_eq!(of_one.next_of().await, named("trace", "t2"));
    assert_eq!(of_one.next_of().await, named("finish", "t2"));
    assert!(of_one.is_silent().await);
    assert_eq!(failed.next_of().await, named("finish", "t3"));
    assert!(failed.is_silent().await);
}

#[tokio::test]
async fn a_long_answer_is_cut_and_says_so() {
    let server = Server::start().await;
    let mut events = Events::of(&server).await;
    update(&server, "t", &"ü".repeat(100_000)).await;
    let (_, data) = events.next().await;
    assert_eq!(data["output"].as_str().unwrap().len(), 65_536);
    assert_eq!(data["truncated"], true);
}

#[tokio::test]
async fn sensitive_data_is_masked_here_too() {
    let server = Server::start().await;
    let mut events = Events::of(&server).await;
    update(&server, "t", "write to ann@example.org").await;
    assert_eq!(events.next().await.1["output"], "write to [EMAIL]");
}

#[tokio::test]
async fn a_deletion_is_told_as_one_and_what_was_deleted_is_not_repeated() {
    let server = Server::start().await;
    let mut events = Events::of(&server).await;
    let before = events.last_id.clone();
    start(&server, "t").await;
    update(&server, "t", "secret").await;
    start(&server, "other").await;
    let score = json!({ "traceId": "t", "name": "helpful", "value": 1 });
    server.posted("/api/scores", &score).await;
    for (event, trace) in [("trace", "t"), ("update", "t"), ("trace", "other")] {
        assert_eq!(events.next_of().await, named(event, trace));
    }
    let left_at = events.last_id.clone();
    let deleted = server.request(Method::DELETE, "/api/traces/t").send().await.unwrap();
    assert_eq!(deleted.status(), 200);
    let (event, data) = events.next().await;
    assert_eq!((event.as_str(), &data["traceId"]), ("deleted", &json!("t")));
    assert_eq!((&data["spanId"], &data["output"]), (&Value::Null, &Value::Null));
    assert!(data["receivedAt"].is_string());
    assert!(events.is_silent().await);

    let from = |id: &str| server.request(Method::GET, STREAM).header("last-event-id", id);
    let mut from_start = Events::open(from(&before)).await;
    assert_eq!(from_start.next_of().await, named("trace", "other"));
    assert_eq!(from_start.next_of().await, named("deleted", "t"));
    assert!(from_start.is_silent().await);
    let mut behind = Events::open(from(&left_at)).await;
    assert_eq!(behind.next_of().await, named("deleted", "t"));
    assert!(behind.is_silent().await);
}

#[tokio::test]
async fn who_watches_one_status_hears_of_deletions_too() {
    let server = Server::start().await;
    let failed = server.request(Method::GET, &format!("{STREAM}?status=error"));
    let of_one = server.request(Method::GET, &format!("{STREAM}?traceId=t2"));
    let mut failed = Events::open(failed).await;
    let mut of_one = Events::open(of_one).await;
    for trace in ["t1", "t2"] {
        let path = format!("/api/traces/{trace}");
        server.request(Method::DELETE, &path).send().await.unwrap().error_for_status().unwrap();
    }
    assert_eq!(failed.next_of().await, named("deleted", "t1"));
    assert_eq!(failed.next_of().await, named("deleted", "t2"));
    assert_eq!(of_one.next_of().await, named("deleted", "t2"));
    assert!(of_one.is_silent().await);
}

#[tokio::test]
async fn a_span_beside_a_lifecycle_trace_opens_a_span() {
    let server = Server::start().await;
    let mut events = Events::of(&server).await;
    start(&server, "t").await;
    let span = json!({
        "type": "span", "traceId": "t", "spanId": "tool", "kind": "TOOL",
        "startTime": "2026-03-01T12:00:00Z",
    });
    server.posted("/api/tracing/batch", &json!({ "events": [span] })).await;
    assert_eq!(events.next_of().await, named("trace", "t"));
    let (event, data) = events.next().await;
    assert_eq!((event.as_str(), &data["spanId"]), ("span", &json!("tool")));
}

#[tokio::test]
async fn only_who_may_read_may_listen() {
    let server = Server::start().await;
    let listen = || server.anonymous(Method::GET, STREAM);
    assert_eq!(listen().send().await.unwrap().status(), 401);
    assert_eq!(listen().bearer_auth("sk-wrong-key").send().await.unwrap().status(), 401);
    assert_eq!(listen().bearer_auth(PUBLIC).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn bad_parameters_are_refused_by_name() {
    let server = Server::start().await;
    for (query, name) in [
        ("trace=t", "trace"),
        ("status=done", "status"),
        ("traceId=a&traceId=b", "traceId"),
        ("traceId=a%0Ab", "traceId"),
        ("lastEventId=yesterday", "lastEventId"),
    ] {
        let (status, answer) = server.get(&format!("{STREAM}?{query}")).await;
        assert_eq!(status, 400, "{query}: {answer}");
        assert_eq!(answer["error"]["details"]["field"], name);
    }
}

#[tokio::test]
async fn a_stop_ends_the_stream_at_once() {
    let mut server = Server::start().await;
    let mut events = Events::of(&server).await;
    let (code, took) = server.terminate();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(events.block().await, None);
}
