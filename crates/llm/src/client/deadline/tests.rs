#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use http::{HeaderMap, Method};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::client::{Answer, CallError, Client, Outgoing, Patience};

async fn send(url: String, proxies: Proxies) -> Result<Answer, CallError> {
    let patience = Patience {
        connect: Duration::from_millis(200),
        first_byte: Duration::from_secs(60),
        silence: Duration::from_secs(60),
    };
    let outgoing =
        Outgoing { method: Method::POST, url, headers: HeaderMap::new(), body: Bytes::new() };
    Client::new(patience, proxies).send(outgoing).await
}

#[tokio::test]
async fn a_peer_that_says_nothing_in_tls_is_not_waited_for_as_a_model_is() {
    // The system accepts the connection; nobody reads from it.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let error = send(format!("https://{address}/v1"), Proxies::default()).await.unwrap_err();
    assert!(matches!(error, CallError::Unconnected(_)), "{error}");
    let reason = format!("no connection with {address} within 0.2 s");
    assert!(error.to_string().contains(&reason), "{error}");
}

#[tokio::test]
async fn nor_is_one_at_the_end_of_a_tunnel() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut head = [0; 4_096];
        let _ = socket.read(&mut head).await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        // Until the client hangs up.
        while socket.read(&mut head).await.is_ok_and(|length| length > 0) {}
    });
    let proxies = Proxies::of_env(|name| {
        (name == "HTTPS_PROXY").then(|| format!("http://user:secret@{address}"))
    });
    let error = send("https://provider.invalid/v1".to_owned(), proxies).await.unwrap_err();
    assert!(matches!(error, CallError::Unconnected(_)), "{error}");
    let reason = format!(
        "no connection with provider.invalid:443 through the proxy http://{address} within 0.2 s"
    );
    assert!(error.to_string().contains(&reason), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
}
