use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Stub, serve};
use crate::connection::{Call, Connection, Target};

const TOKENS: u32 = 20;
const TEXT: &str = " It left our warehouse this morning and arrives on Thursday before noon. It left our \
                    warehouse this morning and arrives";

async fn connect(pause: Duration) -> Result<Connection> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(serve(listener, Stub::new(TOKENS, Duration::ZERO, pause)));
    Ok(Connection::new(&Target::new(&url, "sk")?))
}

async fn ask(connection: &mut Connection, body: &Value) -> Result<(u16, String)> {
    let reply = connection.send(Call::json("/v1/chat/completions", body)).await?;
    Ok((reply.status, String::from_utf8(reply.body.to_vec())?))
}

/// The events of a stream without the last, which must be `[DONE]`.
fn events(stream: &str) -> Result<Vec<Value>> {
    let mut data: Vec<&str> =
        stream.split_terminator("\n\n").map(|event| &event["data: ".len()..]).collect();
    assert_eq!(data.pop(), Some("[DONE]"));
    data.into_iter().map(|event| Ok(serde_json::from_str(event)?)).collect()
}

fn text(events: &[Value]) -> String {
    events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str()).collect()
}

#[tokio::test]
async fn an_answer_has_its_text_and_usage() -> Result<()> {
    let mut connection = connect(Duration::ZERO).await?;
    let body = json!({ "model": "a \"model\"", "messages": [], "stream": false });
    for number in 0..2 {
        let (status, answer) = ask(&mut connection, &body).await?;
        let answer: Value = serde_json::from_str(&answer)?;
        assert_eq!(status, 200);
        assert_eq!(answer["id"], format!("chatcmpl-{number:024}"));
        assert_eq!(answer["model"], "a \"model\"");
        assert_eq!(answer["choices"][0]["message"]["content"], TEXT);
        assert_eq!(answer["choices"][0]["finish_reason"], "stop");
        let input = body.to_string().len() as u64 / 4;
        assert_eq!(answer["usage"]["prompt_tokens"], input);
        assert_eq!(answer["usage"]["total_tokens"], input + u64::from(TOKENS));
    }
    Ok(())
}

#[tokio::test]
async fn a_stream_has_usage_if_that_is_asked_for() -> Result<()> {
    for pause in [Duration::ZERO, Duration::from_millis(1)] {
        let mut connection = connect(pause).await?;
        let mut body = json!({ "model": "gpt-4o-mini", "messages": [], "stream": true });
        let (_, stream) = ask(&mut connection, &body).await?;
        let plain = events(&stream)?;
        // The role, the tokens and the reason of the end.
        assert_eq!(plain.len(), TOKENS as usize + 2);
        assert_eq!(text(&plain), TEXT);
        assert!(plain.iter().all(|event| event.get("usage").is_none()));

        body["stream_options"] = json!({ "include_usage": true });
        let (_, stream) = ask(&mut connection, &body).await?;
        let with_usage = events(&stream)?;
        let (last, rest) = with_usage.split_last().expect("it has events");
        assert_eq!(text(rest), TEXT);
        assert!(rest.iter().all(|event| event["usage"].is_null()));
        assert_eq!(last["choices"], json!([]));
        assert_eq!(last["usage"]["completion_tokens"], TOKENS);
    }
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_is_refused() -> Result<()> {
    let mut connection = connect(Duration::ZERO).await?;
    let (status, answer) = ask(&mut connection, &json!({ "messages": [] })).await?;
    assert_eq!(status, 400);
    assert!(answer.contains("missing field `model`"), "{answer}");
    let reply = connection.send(Call::get("/v1/files")).await?;
    assert_eq!(reply.status, 404);
    let reply = connection.send(Call::get("/v1/models")).await?;
    assert_eq!(reply.status, 200);
    Ok(())
}
