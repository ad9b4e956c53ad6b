use reqwest::Method;
use serde_json::{Value, json};

use crate::server::Server;

/// Ten traces a minute apart; t0 is the oldest.
async fn ten() -> Server {
    let server = Server::start().await;
    let mut events = Vec::new();
    for n in 0..10 {
        let at = format!("2026-03-01T12:{n:02}:00Z");
        events.push(json!({
            "type": "start", "traceId": format!("t{n}"), "source": if n % 2 == 0 { "api" } else { "playground" },
            "model": if n < 5 { "small" } else { "large" }, "prompt": format!("question number {n} ünï"),
            "userId": format!("u{}", n % 3), "sessionId": "s", "startTime": at, "timestamp": at,
            "metadata": { "team": if n == 7 { "red" } else { "blue" } },
        }));
        if n != 9 {
            let end = format!("2026-03-01T12:{n:02}:02Z");
            let status = if n == 4 { "error" } else { "success" };
            events.push(json!({
                "type": "complete", "traceId": format!("t{n}"), "timestamp": end,
                "result": { "status": status, "response": format!("answer {n}"), "endTime": end },
            }));
        }
    }
    server.posted("/api/tracing/batch", &json!({ "events": events })).await;
    server
}

fn ids(rows: &Value) -> String {
    let rows = rows.as_array().unwrap();
    rows.iter().map(|row| row["trace_id"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn filters_choose_and_the_newest_comes_first() {
    let server = ten().await;
    let cases = [
        ("", "t9 t8 t7 t6 t5 t4 t3 t2 t1 t0"),
        ("limit=3", "t9 t8 t7"),
        ("limit=3&offset=8", "t1 t0"),
        ("model=small&source=api", "t4 t2 t0"),
        ("status=error", "t4"),
        ("status=pending", "t9"),
        ("userId=u1", "t7 t4 t1"),
        ("startDate=2026-03-01T12:03:00Z&endDate=2026-03-01T12:05:00Z", "t4 t3"),
        ("startDate=2026-03-01&endDate=2026-03-01&limit=1", "t9"),
        ("endDate=2026-02-28", ""),
        ("search=NUMBER%207%20%C3%9CN%C3%8F", "t7"),
        ("search=answer%203", "t3"),
        (
            "filter=%7B%22field%22%3A%22metadata.team%22%2C%22op%22%3A%22eq%22%2C%22value%22%3A%22red%22%7D",
            "t7",
        ),
    ];
    for (query, expected) in cases {
        assert_eq!(
            ids(&server.got(&format!("/api/tracing/list?{query}")).await),
            expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn filters_name_fields_as_the_answer_does() {
    let server = ten().await;
    let all = "t9 t8 t7 t6 t5 t4 t3 t2 t1 t0";
    for (filter, expected) in [
        (json!({ "field": "model_id", "op": "=", "value": "large" }), "t9 t8 t7 t6 t5"),
        (
            json!({ "field": "duration_ms", "op": "gte", "value": 2000 }),
            "t8 t7 t6 t5 t4 t3 t2 t1 t0",
        ),
        (json!({ "field": "duration_ms", "op": "<", "value": 2000 }), ""),
        (json!({ "field": "duration_ms", "op": "missing" }), "t9"),
        (json!({ "field": "streaming_enabled", "op": "eq", "value": false }), all),
        (json!({ "field": "prompt_content", "op": "contains", "value": "number 7" }), "t7"),
        (json!({ "field": "response_content", "op": "eq", "value": "answer 3" }), "t3"),
        (json!({ "field": "response_content", "op": "missing" }), "t9"),
        (
            json!({ "or": [
                { "field": "prompt_content", "op": "starts_with", "value": "question number 1" },
                { "not": { "field": "response_content", "op": "exists" } },
            ] }),
            "t9 t1",
        ),
    ] {
        let sent: String = filter.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
        let rows = server.got(&format!("/api/tracing/list?filter={sent}")).await;
        assert_eq!(ids(&rows), expected, "{filter}");
        // Also where a time is asked about.
        let dated = format!("/api/tracing/list?startDate=2026-03-01&filter={sent}");
        assert_eq!(ids(&server.got(&dated).await), expected, "{filter} from a day on");
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let server = ten().await;
    let mut path = "/api/tracing/list?limit=4&source=api".to_owned();
    let mut seen = Vec::new();
    loop {
        let response = server.request(reqwest::Method::GET, &path).send().await.unwrap();
        assert_eq!(response.headers()["x-total-count"], "5");
        let header = |name: &str| Some(response.headers().get(name)?.to_str().unwrap().to_owned());
        let (link, cursor) = (header("link"), header("x-next-cursor"));
        assert_eq!(link.is_some(), cursor.is_some());
        if let (Some(link), Some(cursor)) = (&link, &cursor) {
            assert!(link.contains(&format!("cursor={cursor}>")), "{link}");
        }
        let rows: Value = response.json().await.unwrap();
        seen.push(ids(&rows));
        match link.as_deref().and_then(|link| link.strip_prefix('<')?.split_once('>')) {
            Some((next, _)) => path = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, ["t8 t6 t4 t2", "t0"]);
}

#[tokio::test]
async fn no_page_is_empty() {
    let server = ten().await;
    for (limit, wanted) in [(1, 10), (3, 4), (5, 2), (9, 2), (10, 1), (11, 1)] {
        let mut path = Some(format!("/api/tracing/list?limit={limit}"));
        let (mut pages, mut rows) = (0, 0);
        while let Some(here) = path {
            let response = server.request(Method::GET, &here).send().await.unwrap();
            path = next(&response);
            let page: Value = response.json().await.unwrap();
            rows += page.as_array().unwrap().len();
            pages += 1;
        }
        assert_eq!((pages, rows), (wanted, 10), "{limit}");
    }
}

#[tokio::test]
async fn a_row_has_every_column_of_the_plan() {
    let server = ten().await;
    let rows = server.got("/api/tracing/list?limit=2").await;
    for column in [
        "id",
        "trace_id",
        "parent_trace_id",
        "session_id",
        "user_id",
        "source",
        "prompt_id",
        "model_id",
        "prompt_content",
        "system_prompt",
        "parameters",
        "response_content",
        "tokens_used",
        "cost_calculation",
        "start_time",
        "end_time",
        "duration_ms",
        "first_token_latency_ms",
        "streaming_enabled",
        "status",
        "error_message",
        "error_code",
        "langfuse_trace_id",
        "langfuse_observation_id",
        "user_agent",
        "ip_address",
        "created_at",
        "updated_at",
    ] {
        assert!(rows[0].get(column).is_some(), "{column} is missing");
    }
    assert_eq!(rows[0]["status"], "pending");
    assert_eq!(rows[0]["end_time"], Value::Null);
    assert_eq!(rows[1]["prompt_content"], "question number 8 ünï");
    assert_eq!(rows[1]["response_content"], "answer 8");
    assert_eq!(rows[1]["duration_ms"], 2_000);
    assert_eq!(rows[1]["start_time"], "2026-03-01T12:08:00.000Z");
    assert_eq!(rows[1]["parameters"], json!({}));
    assert_eq!(rows[1]["cost_calculation"], Value::Null);
    assert_eq!(rows[1]["ip_address"], "127.0.0.1");
}

#[tokio::test]
async fn bad_parameters_are_refused_by_name() {
    let server = Server::start().await;
    for (query, name) in [
        ("limit=1001", "limit is `1001`; send a whole number from 1 to 1000"),
        ("limit=0", "limit is `0`; send a whole number from 1 to 1000"),
        ("limit=many", "limit"),
        ("offset=1000001", "offset"),
        ("modle=x", "modle"),
        ("startDate=yesterday", "startDate"),
        ("filter=%7B", "filter"),
        ("status=x&status=y", "status"),
        ("status=done", "status"),
        ("cursor=nonsense", "cursor"),
        ("content=some", "content is `some`; send full, preview or none"),
        ("search=%ff", "search"),
        (
            "model=m&name=n&filter=%7B%22field%22:%22spans%22,%22op%22:%22eq%22,%22value%22:%22x%22%7D",
            "filter.value is a text",
        ),
    ] {
        let (status, answer) = server.get(&format!("/api/tracing/list?{query}")).await;
        assert_eq!(status, 400, "{query}: {answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(name), "{query}: {answer}");
    }
}

/// One trace after another, a second apart, each with such a prompt.
async fn prompts(server: &Server, prompts: &[String]) {
    for (n, prompt) in prompts.iter().enumerate() {
        let at = format!("2026-03-01T12:00:{n:02}Z");
        let body = json!({
            "traceId": format!("t{n}"), "source": "api", "model": "m", "prompt": prompt,
            "systemPrompt": "be brief", "startTime": at, "timestamp": at,
        });
        server.posted("/api/tracing/start", &body).await;
    }
}

/// The path of the next page.
fn next(response: &reqwest::Response) -> Option<String> {
    let link = response.headers().get("link")?.to_str().unwrap();
    Some(link.trim_start_matches('<').split('>').next().unwrap().to_owned())
}

#[tokio::test]
async fn previews_are_beginnings_and_say_so() {
    let server = Server::start().await;
    let long = "ü".repeat(1_001);
    prompts(&server, &[long.clone(), "short".to_owned()]).await;
    let flags = |row: &Value| (row["content_cut"].clone(), row["content_omitted"].clone());

    let rows = server.got("/api/tracing/list?content=preview").await;
    assert_eq!(rows[1]["prompt_content"], "ü".repeat(1_000));
    assert_eq!(flags(&rows[1]), (json!(true), json!(false)));
    assert_eq!(
        (&rows[0]["prompt_content"], &rows[0]["system_prompt"]),
        (&json!("short"), &json!("be brief"))
    );
    assert_eq!(flags(&rows[0]), (json!(false), json!(false)));

    let rows = server.got("/api/tracing/list?content=none").await;
    assert_eq!((&rows[1]["prompt_content"], &rows[1]["system_prompt"]), (&json!(""), &Value::Null));
    assert_eq!(flags(&rows[1]), (json!(false), json!(true)));
    assert_eq!(rows[1]["model_id"], "m");

    for query in ["", "?content=full"] {
        let rows = server.got(&format!("/api/tracing/list{query}")).await;
        assert_eq!(rows[1]["prompt_content"], long.as_str());
        assert_eq!(flags(&rows[1]), (json!(false), json!(false)));
    }
}

#[tokio::test]
async fn a_page_of_long_prompts_is_cut_and_the_next_goes_on_without_loss() {
    let server = Server::start().await;
    let long = "x".repeat(12 << 20);
    prompts(&server, &[long.clone(), "short".to_owned(), long.clone(), long]).await;
    let mut path = Some("/api/tracing/list?limit=10&source=api".to_owned());
    let mut pages = Vec::new();
    while let Some(here) = path {
        let response = server.request(Method::GET, &here).send().await.unwrap();
        assert_eq!(response.headers()["x-total-count"], "4");
        path = next(&response);
        let rows: Value = response.json().await.unwrap();
        assert!(rows.as_array().unwrap().iter().all(|row| row["content_omitted"] == false));
        pages.push(ids(&rows));
    }
    assert_eq!(pages, ["t3 t2 t1", "t0"]);
    // What does not hold the texts is one page.
    for content in ["preview", "none"] {
        let path = format!("/api/tracing/list?limit=10&content={content}");
        let response = server.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(next(&response), None);
        assert_eq!(ids(&response.json().await.unwrap()), "t3 t2 t1 t0");
    }
}

#[tokio::test]
async fn long_metadata_is_left_out_unless_all_is_asked_for() {
    let server = Server::start().await;
    for (id, length) in [("long", 1_500), ("short", 10)] {
        let start = json!({
            "traceId": id, "source": "api", "model": "m", "prompt": "p",
            "metadata": { "k": "x".repeat(length) },
        });
        server.posted("/api/tracing/start", &start).await;
    }
    for path in ["/api/tracing/list", "/api/tracing/live"] {
        for content in ["full", "preview", "none"] {
            let answer = server.got(&format!("{path}?content={content}")).await;
            let rows = answer.get("traces").unwrap_or(&answer).as_array().unwrap();
            let of = |id: &str| rows.iter().find(|row| row["trace_id"] == id).unwrap();
            let (long, short) = (of("long"), of("short"));
            assert_eq!(short["metadata"]["k"], "x".repeat(10), "{path} {content}");
            assert_eq!(short["content_omitted"], content == "none", "{path} {content}");
            assert_eq!(long["metadata"] == json!({}), content != "full", "{path} {content}");
            assert_eq!(long["content_omitted"], content != "full", "{path} {content}");
        }
    }
}

#[tokio::test]
async fn traces_that_share_their_span_ids_show_their_own_texts() {
    let server = Server::start().await;
    let span = |trace: usize, span: usize| {
        let at = format!("2026-03-01T12:{trace:02}:{span:02}Z");
        json!({
            "type": "span", "traceId": format!("t{trace}"), "spanId": span.to_string(),
            "kind": if span == trace % 3 { "GENERATION" } else { "SPAN" },
            "startTime": at, "timestamp": at, "input": format!("{trace} {span}"),
        })
    };
    let events: Vec<Value> = (0..12).flat_map(|n| [span(n, 0), span(n, 1), span(n, 2)]).collect();
    server.posted("/api/tracing/batch", &json!({ "events": events })).await;
    let rows = server.got("/api/tracing/list").await;
    assert_eq!(rows.as_array().unwrap().len(), 12);
    for (at, row) in rows.as_array().unwrap().iter().enumerate() {
        let trace = 11 - at;
        assert_eq!(row["prompt_content"], format!("{trace} {}", trace % 3), "{row}");
    }
}

#[tokio::test]
async fn a_generation_behind_the_end_of_its_trace_shows_its_texts() {
    let server = Server::start().await;
    let at = |second: u32| format!("2026-03-01T12:00:{second:02}Z");
    let events = json!([
        {
            "type": "span", "traceId": "t", "spanId": "root", "name": "step",
            "startTime": at(0), "endTime": at(1), "timestamp": at(1),
        },
        {
            "type": "span", "traceId": "t", "spanId": "call", "parentSpanId": "root",
            "kind": "GENERATION", "input": "question", "output": "answer", "status": "success",
            "startTime": at(30), "endTime": at(31), "timestamp": at(31),
        },
        { "type": "span", "traceId": "t", "spanId": "call", "endTime": null, "timestamp": at(32) },
    ]);
    server.posted("/api/tracing/batch", &json!({ "events": events })).await;
    let rows = server.got("/api/tracing/list").await;
    assert_eq!(rows[0]["end_time"], "2026-03-01T12:00:01.000Z", "{rows}");
    assert_eq!(rows[0]["prompt_content"], "question", "{rows}");
    assert_eq!(rows[0]["response_content"], "answer", "{rows}");
}
