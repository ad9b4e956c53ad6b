#![allow(clippy::unwrap_used)]

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

fn patience() -> Patience {
    Patience {
        connect: Duration::from_secs(5),
        first_byte: Duration::from_millis(300),
        silence: Duration::from_millis(300),
    }
}

/// A server that answers one request with these pieces, and keeps the connection open.
pub(super) async fn server(pieces: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = socket.read(&mut request).await.unwrap();
        for piece in pieces {
            socket.write_all(piece.as_bytes()).await.unwrap();
            socket.flush().await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_secs(30)).await;
    });
    format!("http://{address}/v1/x?key=secret")
}

pub(super) async fn send(url: String) -> Result<Answer, CallError> {
    let outgoing = Outgoing {
        method: Method::POST,
        url,
        headers: HeaderMap::new(),
        body: Bytes::from_static(b"{}"),
    };
    Client::new(patience(), Proxies::default()).send(outgoing).await
}

#[tokio::test]
async fn pieces_come_as_they_are_sent() {
    let url = server(&[
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "3\r\none\r\n",
        "3\r\ntwo\r\n",
        "0\r\n\r\n",
    ])
    .await;
    let mut body = send(url).await.unwrap().body;
    assert_eq!(body.next().await.unwrap().unwrap(), "one");
    assert_eq!(body.next().await.unwrap().unwrap(), "two");
    assert!(body.next().await.is_none());
}

#[tokio::test]
async fn an_error_status_is_an_answer() {
    let url =
        server(&["HTTP/1.1 429 Slow down\r\nretry-after: 1\r\ncontent-length: 2\r\n\r\nno"]).await;
    let answer = send(url).await.unwrap();
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.body.collect(2).await.unwrap(), "no");
}

#[tokio::test]
async fn silence_is_an_error_before_and_within_an_answer() {
    let error = send(server(&[]).await).await.unwrap_err();
    assert!(matches!(error, CallError::Timeout { what: "answer", .. }), "{error}");
    let url = server(&["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"]).await;
    let mut body = send(url).await.unwrap().body;
    assert_eq!(body.next().await.unwrap().unwrap(), "half");
    let error = body.next().await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::Timeout { what: "go on", .. }), "{error}");
}

#[tokio::test]
async fn what_is_too_large_is_not_collected() {
    let url = server(&["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", "-half"]).await;
    let error = send(url).await.unwrap().body.collect(8).await.unwrap_err();
    assert!(matches!(error, CallError::TooLarge(8)), "{error}");
}

#[tokio::test]
async fn errors_say_what_failed_and_show_no_key() {
    let error = send("http://127.0.0.1:1/v1?key=secret".to_owned()).await.unwrap_err();
    assert!(matches!(error, CallError::Unconnected(_)), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
    let error = send("not an address?key=secret".to_owned()).await.unwrap_err();
    assert!(matches!(error, CallError::Address { .. }), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
}
