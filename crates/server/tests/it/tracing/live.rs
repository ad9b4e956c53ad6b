use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn what_runs_now_is_seen_at_once() {
    let server = Server::start().await;
    for n in 0..4 {
        let start =
            json!({ "traceId": format!("t{n}"), "source": "api", "model": "m", "prompt": "p" });
        server.posted("/api/tracing/start", &start).await;
    }
    for (n, status) in [(0, "success"), (1, "error")] {
        let complete = json!({ "traceId": format!("t{n}"), "result": { "status": status } });
        server.posted("/api/tracing/complete", &complete).await;
    }
    let live = server.got("/api/tracing/live").await;
    assert_eq!(live["active"], 2);
    assert_eq!(live["errorRate"], 25.0);
    assert!(live["avgLatency"].as_f64().unwrap() >= 0.0);
    assert_eq!(live["throughput"], 0.013);
    assert_eq!(live["traces"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn the_five_figures_of_the_plan() {
    let server = Server::start().await;
    for (n, model) in [(1, "a"), (2, "a"), (3, "b")] {
        let complete = json!({ "traceId": format!("t{n}"), "result": {
            "status": "success", "tokens": { "input": 10, "output": n }, "cost": 0.25,
        } });
        let start =
            json!({ "traceId": format!("t{n}"), "source": "api", "model": model, "prompt": "p" });
        server.posted("/api/tracing/start", &start).await;
        server.posted("/api/tracing/complete", &complete).await;
    }
    let metrics = server.got("/api/tracing/metrics").await;
    assert_eq!(metrics["totalRequests"], 3);
    assert_eq!(metrics["errorRate"], 0.0);
    assert!(metrics["throughput"].as_f64().unwrap() > 0.0);
    assert!(metrics["avgLatency"].as_f64().is_some());
    assert_eq!(metrics["costTrends"][0]["cost"], 0.75);
    let models = metrics["modelComparison"].as_array().unwrap();
    let of = |name: &str| models.iter().find(|row| row["model"] == name).unwrap();
    assert_eq!((&of("a")["requests"], &of("b")["tokens"]), (&json!(2), &json!(13)));
}

#[tokio::test]
async fn prompts_are_shown_as_far_as_a_preview_goes() {
    let server = Server::start().await;
    let long = "x".repeat(1_001);
    let start = json!({ "traceId": "t", "source": "api", "model": "m", "prompt": long });
    server.posted("/api/tracing/start", &start).await;
    let live = server.got("/api/tracing/live").await;
    assert_eq!(live["traces"][0]["prompt_content"], "x".repeat(1_000));
    assert_eq!(live["traces"][0]["content_cut"], true);
    let live = server.got("/api/tracing/live?content=full").await;
    assert_eq!(live["traces"][0]["prompt_content"], long.as_str());
    assert_eq!(live["more"], false);
    let (status, answer) = server.get("/api/tracing/live?limit=0").await;
    assert_eq!((status.as_u16(), &answer["error"]["details"]["field"]), (400, &json!("limit")));
}

#[tokio::test]
async fn what_is_not_shown_is_said() {
    let server = Server::start().await;
    for id in ["a", "b", "c"] {
        let start = json!({ "traceId": id, "source": "api", "model": "m", "prompt": "p" });
        server.posted("/api/tracing/start", &start).await;
    }
    for (limit, more) in [(2, true), (3, false), (4, false)] {
        let live = server.got(&format!("/api/tracing/live?limit={limit}")).await;
        assert_eq!(live["more"], more, "{limit}");
    }
}

#[tokio::test]
async fn figures_of_the_future_are_refused_in_the_name_of_their_start() {
    let server = Server::start().await;
    let (status, answer) = server.get("/api/tracing/metrics?startDate=2099-01-01").await;
    assert_eq!((status.as_u16(), &answer["error"]["details"]["field"]), (400, &json!("startDate")));
}
