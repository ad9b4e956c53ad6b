use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::prompts::{Answers, prompts};
use super::{Args, check, measure};
use crate::connection::Reply;
use crate::stub_provider::{Stub, serve};

async fn stub(delay: Duration) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/v1/chat/completions", listener.local_addr()?);
    tokio::spawn(serve(listener, Stub::new(8, delay, Duration::from_millis(1))));
    Ok(url)
}

fn args(target: String) -> Args {
    Args {
        target,
        direct: None,
        key: "sk".to_owned(),
        headers: Vec::new(),
        model: "gpt-4o-mini".to_owned(),
        connections: 3,
        rate: 0,
        requests: 20,
        seconds: 60,
        stream: false,
    }
}

#[tokio::test]
async fn what_a_gateway_adds_is_the_difference_to_the_call_beside_it() -> Result<()> {
    // A slower provider stands for a gateway: it cannot answer before its delay.
    let slow = stub(Duration::from_millis(50)).await?;
    let direct = Some(stub(Duration::ZERO).await?);
    for stream in [false, true] {
        let args = Args { direct: direct.clone(), stream, ..args(slow.clone()) };
        let lines = measure(&args).await?;
        let of: Vec<&Value> = lines.iter().map(|line| &line["calls"]).collect();
        assert_eq!(of, ["gateway", "direct", "added"]);
        assert!(lines.iter().all(|line| line["requests"] == 20), "{lines:?}");
        assert!(lines[0]["p50_ms"].as_f64() >= Some(50.0), "{lines:?}");
        assert_eq!(lines[0]["errors"], 0);
        assert_eq!(lines[2].get("first_p50_ms").is_some(), stream);
    }
    Ok(())
}

#[tokio::test]
async fn without_a_provider_beside_it_there_is_one_line() -> Result<()> {
    let lines = measure(&args(stub(Duration::ZERO).await?)).await?;
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["requests"], 20);
    Ok(())
}

#[tokio::test]
async fn calls_that_all_fail_are_an_error_that_says_why() -> Result<()> {
    let url = stub(Duration::ZERO).await?.replace("/chat/completions", "/nothing");
    let error = measure(&args(url)).await.expect_err("nothing is offered there");
    let error = format!("{error:#}");
    assert!(error.contains("no call through the gateway was answered"), "{error}");
    assert!(error.contains("was answered 404: "), "{error}");
    Ok(())
}

#[test]
fn an_answer_that_broke_off_is_none() {
    let is_whole = |body, answers| check(&Reply::new(200, body), answers).is_ok();
    assert!(is_whole("{\"id\":1}\n", Answers::Whole));
    assert!(!is_whole("{\"id\":", Answers::Whole));
    assert!(!is_whole("", Answers::Whole));
    assert!(is_whole("data: {}\n\ndata: [DONE]\n\n", Answers::Streamed));
    assert!(!is_whole("data: {}\n\n", Answers::Streamed));
    assert!(check(&Reply::new(500, "{}"), Answers::Whole).is_err());
}

#[test]
fn prompts_differ_and_say_what_they_want() -> Result<()> {
    let bodies = prompts("a-model", Answers::Streamed);
    let different: std::collections::HashSet<_> = bodies.iter().collect();
    assert_eq!(different.len(), bodies.len());
    let body: Value = serde_json::from_slice(&bodies[0])?;
    assert_eq!((&body["model"], &body["stream"]), (&json!("a-model"), &json!(true)));
    assert!(body["messages"][1]["content"].as_str().is_some_and(|text| text.len() >= 500));
    Ok(())
}
