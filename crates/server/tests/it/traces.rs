use std::io::Read as _;

use async_compression::tokio::bufread::GzipEncoder;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::server::{Server, answer};

#[tokio::test]
async fn an_unknown_trace_is_not_found() {
    let server = Server::start().await;
    let (status, answer) = server.get("/api/traces/absent").await;
    assert_eq!(status, 404);
    assert_eq!(answer["error"]["code"], "not_found");
}

#[tokio::test]
async fn children_are_named_and_ids_may_hold_anything_printable() {
    let server = Server::start().await;
    let parent = "täsk/1 %2F?";
    for (id, parent) in [(parent, None), ("child", Some(parent))] {
        let body = json!({ "traceId": id, "parentTraceId": parent, "source": "api", "model": "m", "prompt": "p" });
        server.posted("/api/tracing/start", &body).await;
    }
    let path = "/api/traces/t%C3%A4sk%2F1%20%252F%3F";
    let whole = server.got(path).await;
    assert_eq!(whole["trace"]["trace_id"], parent);
    assert_eq!(whole["children"][0]["trace_id"], "child");
}

#[tokio::test]
async fn bodies_are_read_compressed_and_bounded() {
    let server = Server::start_with(&[("TRACEKEEP_MAX_BODY_MIB", "1")]).await;
    let long = "x".repeat(900_000);
    let body = json!({ "traceId": "t", "source": "api", "model": "m", "prompt": long });
    server.posted("/api/tracing/start", &body).await;
    assert_eq!(server.got("/api/traces/t").await["trace"]["prompt_content"], long.as_str());
    let body = json!({ "source": "api", "model": "m", "prompt": "x".repeat(1_100_000) });
    let (status, answer) = server.post("/api/tracing/start", &body).await;
    assert_eq!(status, 413);
    assert_eq!(answer["error"]["details"]["limit_bytes"], 1_048_576);
    // 200 MB of zeros in 200 kB.
    let bomb = zstd_of_zeros();
    let request =
        server.request(Method::POST, "/api/tracing/start").header("content-encoding", "zstd");
    let response =
        request.header("content-type", "application/json").body(bomb).send().await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(server.get("/api/ready").await.0, 200);
}

#[tokio::test]
async fn content_codings_are_known_by_all_their_names() {
    let server = Server::start().await;
    for (name, number) in [("GZIP", 0), ("x-gzip", 1), ("identity", 2), ("", 3)] {
        let trace = format!("t{number}");
        let plain = json!({ "traceId": trace, "source": "api", "model": "m", "prompt": "p" });
        let mut body = plain.to_string().into_bytes();
        if name.to_lowercase().contains("gzip") {
            let text = std::mem::take(&mut body);
            GzipEncoder::new(&text[..]).read_to_end(&mut body).await.unwrap();
        }
        let request =
            server.request(Method::POST, "/api/tracing/start").header("content-encoding", name);
        let sent = request.header("content-type", "application/json").body(body).send().await;
        let (status, answer) = answer(sent.unwrap()).await;
        assert_eq!(status, 200, "{name}: {answer}");
        let whole = server.got(&format!("/api/traces/{trace}")).await;
        assert_eq!(whole["trace"]["prompt_content"], "p", "{name}");
    }
}

fn zstd_of_zeros() -> Vec<u8> {
    zstd::encode_all(std::io::repeat(b' ').take(200_000_000), 1).unwrap()
}

#[tokio::test]
async fn what_is_deleted_stays_deleted() {
    let server = Server::start().await;
    for (id, user) in [("a", "ann"), ("b", "ben"), ("c", "ben"), ("d", "cy")] {
        let body =
            json!({ "traceId": id, "source": "api", "model": "m", "prompt": "p", "userId": user });
        server.posted("/api/tracing/start", &body).await;
        server
            .posted(
                "/api/scores",
                &json!({ "id": format!("score-{id}"), "traceId": id, "name": "n", "value": 1 }),
            )
            .await;
    }
    let delete = server.request(Method::DELETE, "/api/traces/a").send().await.unwrap();
    assert_eq!(delete.json::<serde_json::Value>().await.unwrap(), json!({ "deleted": 1 }));
    let delete = async |body| {
        answer(server.request(Method::DELETE, "/api/traces").json(&body).send().await.unwrap())
            .await
    };
    let (_, answer) = delete(json!({ "user_id": "ben" })).await;
    assert_eq!(answer, json!({ "deleted": 2, "more": false }));
    // A late retry does not bring it back, nor does a restart.
    let late = json!({ "traceId": "a", "result": { "status": "success" } });
    server.posted("/api/tracing/complete", &late).await;
    let server = server.killed_and_started_again().await;
    assert_eq!(server.get("/api/traces/a").await.0, 404);
    let rows = server.got("/api/tracing/list").await;
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["trace_id"], "d");
    for body in [
        json!({}),
        json!({ "userId": "x", "sessionId": "y" }),
        json!({ "traceIds": [] }),
        json!({ "user": "x" }),
    ] {
        let request = server.request(Method::DELETE, "/api/traces").json(&body);
        assert_eq!(request.send().await.unwrap().status(), 400, "{body}");
    }
}

#[tokio::test]
async fn every_error_has_one_shape() {
    let server = Server::start().await;
    for (method, path, status, code) in [
        (Method::GET, "/api/tracing/start", 405, "method_not_allowed"),
        (Method::GET, "/nowhere", 404, "not_found"),
        (Method::GET, "/api/traces/delete", 404, "not_found"),
    ] {
        let response = server.request(method, path).send().await.unwrap();
        let (got, body) = answer(response).await;
        assert_eq!(got, status, "{path}");
        assert_eq!(body["error"]["code"], code, "{path}");
    }
}

#[tokio::test]
async fn refusals_that_no_handler_wrote_have_that_shape_too() {
    let server = Server::start().await;
    let long = format!("/api/tracing/list?search={}", "x".repeat(40_000));
    for (path, status, code) in [
        ("/api/traces/%FF", 400, "invalid_request"),
        ("/api/traces/t/spans/%C3", 400, "invalid_request"),
        ("/api/tracing/live?name=%FF", 400, "invalid_field"),
        (long.as_str(), 414, "uri_too_long"),
    ] {
        let (got, body) = server.get(path).await;
        assert_eq!(got, status, "{path}: {body}");
        assert_eq!(body["error"]["code"], code, "{path}: {body}");
        assert!(body["error"]["message"].as_str().unwrap().contains(' '), "{path}: {body}");
    }
    let post = |path: &str| {
        let request = server.request(Method::POST, path).header("content-encoding", "snappy");
        request.header("content-type", "application/json").body("{}")
    };
    let response = post("/api/tracing/start").send().await.unwrap();
    assert!(response.headers()["accept-encoding"].to_str().unwrap().contains("gzip"));
    let (status, body) = answer(response).await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (415, &json!("unsupported_media_type")));
    // OpenTelemetry's own paths answer in its own shape.
    let (status, body) = answer(post("/v1/traces").send().await.unwrap()).await;
    assert_eq!((status.as_u16(), &body["code"]), (415, &json!(3)));
    let response = server.request(Method::GET, "/v1/traces").send().await.unwrap();
    assert_eq!(response.headers()["allow"], "POST");
    let (status, body) = answer(response).await;
    assert_eq!((status.as_u16(), &body["code"]), (405, &json!(12)));
}

async fn spans(server: &Server, trace: &str, spans: Vec<Value>) {
    let event = |mut span: Value| {
        span["type"] = json!("span");
        span["traceId"] = json!(trace);
        span
    };
    let events: Vec<Value> = spans.into_iter().map(event).collect();
    let answer = server.posted("/api/tracing/batch", &json!({ "events": events })).await;
    let results = answer["results"].as_array().unwrap();
    assert!(results.iter().all(|result| result["status"] == "ok"), "{answer}");
}

#[tokio::test]
async fn a_trace_is_shown_with_as_much_of_its_texts_as_is_asked_for() {
    let server = Server::start().await;
    let long = "y".repeat(1_500);
    let start = json!({ "traceId": "t", "source": "api", "model": "m", "prompt": long });
    server.posted("/api/tracing/start", &start).await;
    let tool = json!({
        "spanId": "s/1", "parentSpanId": "t", "kind": "TOOL", "name": "look up",
        "input": "short", "output": long, "metadata": { "k": long }, "error": { "stack": long },
    });
    spans(&server, "t", vec![tool]).await;

    let whole = server.got("/api/traces/t").await;
    assert_eq!(whole["trace"]["prompt_content"], long.as_str());
    assert_eq!(whole["spans"][1]["metadata"]["k"], long.as_str());
    for span in whole["spans"].as_array().unwrap() {
        assert_eq!(
            (&span["content_cut"], &span["content_omitted"]),
            (&json!(false), &json!(false))
        );
    }
    assert_eq!((&whole["more_scores"], &whole["more_children"]), (&json!(false), &json!(false)));

    let preview = server.got("/api/traces/t?content=preview").await;
    assert_eq!(preview["trace"]["prompt_content"], "y".repeat(1_000));
    assert_eq!(preview["trace"]["content_cut"], true);
    let span = &preview["spans"][1];
    assert_eq!((&span["input"], &span["output"]), (&json!("short"), &json!("y".repeat(1_000))));
    assert_eq!(span["error_stack"], "y".repeat(1_000));
    assert_eq!((&span["metadata"], &span["content_omitted"]), (&json!({}), &json!(true)));

    let none = server.got("/api/tracing/t?content=none").await;
    assert_eq!(none["trace"]["prompt_content"], "");
    assert_eq!(none["trace"]["content_omitted"], true);
    let span = &none["spans"][1];
    assert_eq!((&span["input"], &span["content_omitted"]), (&Value::Null, &json!(true)));
    assert_eq!((&span["name"], &span["kind"]), (&json!("look up"), &json!("TOOL")));
    assert_eq!(none["totals"], whole["totals"]);

    let one = server.got("/api/traces/t/spans/s%2F1").await;
    assert_eq!(one, whole["spans"][1]);
    let (status, answer) = server.get("/api/traces/t?contents=none").await;
    assert_eq!((status.as_u16(), &answer["error"]["details"]["field"]), (400, &json!("contents")));
}

#[tokio::test]
async fn a_span_that_is_not_there_is_not_found() {
    let server = Server::start().await;
    spans(&server, "t", vec![json!({ "spanId": "s" })]).await;
    for (path, words) in [
        ("/api/traces/t/spans/x", "the trace `t` has no span `x`"),
        ("/api/traces/x/spans/s", "there is no trace `x`"),
    ] {
        let (status, answer) = server.get(path).await;
        assert_eq!(status, 404, "{path}");
        assert_eq!(answer["error"]["message"], words);
    }
    let anonymous = || server.anonymous(Method::GET, "/api/traces/t/spans/s");
    assert_eq!(anonymous().send().await.unwrap().status(), 401);
    let writer = anonymous().bearer_auth(crate::server::PUBLIC);
    assert_eq!(writer.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn texts_that_do_not_fit_are_left_out_and_one_span_has_them() {
    let server = Server::start().await;
    let long = "z".repeat(24 << 20);
    for id in ["a", "b", "c", "d"] {
        let output = if id == "d" { "short" } else { &long };
        let at = "2026-03-01T12:00:00Z";
        let span = json!({ "spanId": id, "startTime": at, "output": output });
        spans(&server, "t", vec![span]).await;
    }
    let whole = server.got("/api/traces/t").await;
    let shown: Vec<(&str, usize, bool)> = whole["spans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|span| {
            let output = span["output"].as_str().unwrap_or_default().len();
            (span["span_id"].as_str().unwrap(), output, span["content_omitted"] == true)
        })
        .collect();
    let expected =
        [("a", 24 << 20, false), ("b", 24 << 20, false), ("c", 0, true), ("d", 5, false)];
    assert_eq!(shown, expected);
    let one = server.got("/api/traces/t/spans/c").await;
    assert_eq!(one["output"].as_str().unwrap().len(), 24 << 20);
    assert_eq!(one["content_omitted"], false);
}

#[tokio::test]
async fn a_trace_of_many_spans_is_listed_whole() {
    let server = Server::start().await;
    let count = 12_000;
    for some in (0..count).collect::<Vec<usize>>().chunks(6_000) {
        let span = |n: &usize| {
            let seconds = n / 1_000;
            let at = format!("2026-03-01T12:00:{seconds:02}.{:03}Z", n % 1_000);
            json!({ "spanId": format!("s{n:05}"), "startTime": at, "input": "in", "output": "out" })
        };
        spans(&server, "t", some.iter().map(span).collect()).await;
    }
    let whole = server.got("/api/traces/t?content=none").await;
    let ids =
        whole["spans"].as_array().unwrap().iter().map(|span| span["span_id"].as_str().unwrap());
    assert!(ids.eq((0..count).map(|n| format!("s{n:05}"))));
    assert_eq!(whole["totals"]["spans"], count);
}

#[tokio::test]
async fn numbers_in_metadata_come_back_with_the_digits_that_were_sent() {
    let server = Server::start().await;
    let numbers = ["1e308", "1e-400", "0.1000000000000000055", "-0", "12345678901234567890123"];
    let members: Vec<String> =
        numbers.iter().enumerate().map(|(n, number)| format!("\"k{n}\":{number}")).collect();
    let metadata = format!("{{{}}}", members.join(","));
    let body = format!(
        r#"{{"traceId":"t","source":"api","model":"m","prompt":"p","metadata":{metadata}}}"#
    );
    let post = server.request(Method::POST, "/api/tracing/start").body(body);
    assert_eq!(post.send().await.unwrap().status(), 200);
    for path in ["/api/traces/t", "/api/tracing/list"] {
        let text = server.request(Method::GET, path).send().await.unwrap().text().await.unwrap();
        assert!(text.contains(&format!("\"metadata\":{metadata}")), "{path}: {text}");
    }
}
