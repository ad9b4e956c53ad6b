#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;
use crate::client::{Answer, CallError, Client, Outgoing, Patience};

const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(5),
    first_byte: Duration::from_secs(10),
    silence: Duration::from_secs(10),
};
const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone";

/// A server, or a proxy, that gives this answer to each head that it reads. What it reads comes through
/// the channel: the head, then the first bytes within a tunnel, after which it hangs up.
async fn peer(answer: &'static str) -> (SocketAddr, UnboundedReceiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (seen, reads) = unbounded_channel();
    tokio::spawn(async move {
        // Closed with something unread, a connection would take the answer with it.
        let mut open = Vec::new();
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                if socket.read_buf(&mut head).await.unwrap() == 0 {
                    break;
                }
            }
            socket.write_all(answer.as_bytes()).await.unwrap();
            let is_tunnel = head.starts_with(b"CONNECT") && answer.starts_with("HTTP/1.1 200");
            let _ = seen.send(head);
            if is_tunnel {
                let mut within = vec![0; 4_096];
                let length = socket.read(&mut within).await.unwrap();
                let _ = seen.send(within[..length].to_vec());
            } else {
                open.push(socket);
            }
        }
    });
    (address, reads)
}

fn proxies(variables: &[(&str, String)]) -> Proxies {
    Proxies::of_env(|name| {
        variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| value.clone())
    })
}

async fn send(url: &str, patience: Patience, proxies: Proxies) -> Result<Answer, CallError> {
    let outgoing = Outgoing {
        method: Method::POST,
        url: url.to_owned(),
        headers: HeaderMap::new(),
        body: Bytes::from_static(b"{}"),
    };
    Client::new(patience, proxies).send(outgoing).await
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).to_lowercase()
}

#[tokio::test]
async fn tls_goes_through_a_tunnel_and_the_proxy_s_credentials_stay_outside() {
    let (address, mut reads) = peer("HTTP/1.1 200 Connection established\r\n\r\n").await;
    let proxies = proxies(&[("HTTPS_PROXY", format!("http://user:p%40ss@{address}"))]);
    // The proxy hangs up after the first bytes of TLS.
    let error = send("https://provider.invalid/v1/x", PATIENCE, proxies).await.unwrap_err();
    assert!(matches!(error, CallError::Unconnected(_)), "{error}");
    let head = text(&reads.recv().await.unwrap());
    assert!(head.starts_with("connect provider.invalid:443 http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nproxy-authorization: basic dxnlcjpwqhnz\r\n"), "{head}");
    let within = reads.recv().await.unwrap();
    // A handshake of TLS, which names whom it is for.
    assert_eq!(within[..2], [0x16, 0x03]);
    let within = text(&within);
    assert!(within.contains("provider.invalid"), "{within}");
    assert!(!within.contains("authorization"), "{within}");
}

#[tokio::test]
async fn the_port_of_the_target_is_the_tunnel_s() {
    let (address, mut reads) = peer("HTTP/1.1 200 OK\r\n\r\n").await;
    let proxies = proxies(&[("ALL_PROXY", address.to_string())]);
    send("https://[::1]:8443/v1", PATIENCE, proxies).await.unwrap_err();
    let head = text(&reads.recv().await.unwrap());
    assert!(head.starts_with("connect [::1]:8443 http/1.1\r\n"), "{head}");
    assert!(!head.contains("authorization"), "{head}");
}

#[tokio::test]
async fn without_tls_the_proxy_gets_the_whole_address() {
    let (address, mut reads) = peer(ANSWER).await;
    let proxies = proxies(&[("HTTP_PROXY", format!("http://user:p%40ss@{address}"))]);
    let answer = send("http://provider.invalid:8000/v1/x?a=b", PATIENCE, proxies).await.unwrap();
    assert_eq!(answer.body.collect(4).await.unwrap(), "done");
    let head = text(&reads.recv().await.unwrap());
    assert!(head.starts_with("post http://provider.invalid:8000/v1/x?a=b http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nhost: provider.invalid:8000\r\n"), "{head}");
    assert!(head.contains("\r\nproxy-authorization: basic dxnlcjpwqhnz\r\n"), "{head}");
}

#[tokio::test]
async fn loop_back_is_called_directly_where_no_proxy_says_so() {
    let (target, mut target_reads) = peer(ANSWER).await;
    let (proxy, mut proxy_reads) = peer(ANSWER).await;
    let through = ("HTTP_PROXY", format!("http://user:p%40ss@{proxy}"));
    let url = format!("http://{target}/v1/x");

    let direct = proxies(&[through.clone(), ("NO_PROXY", "127.0.0.0/8".to_owned())]);
    send(&url, PATIENCE, direct).await.unwrap();
    let head = text(&target_reads.recv().await.unwrap());
    assert!(head.starts_with("post /v1/x http/1.1\r\n"), "{head}");
    assert!(!head.contains("authorization"), "{head}");
    assert!(proxy_reads.try_recv().is_err());

    send(&url, PATIENCE, proxies(&[through])).await.unwrap();
    let head = text(&proxy_reads.recv().await.unwrap());
    assert!(head.starts_with(&format!("post http://{target}/v1/x http/1.1\r\n")), "{head}");
    assert!(target_reads.try_recv().is_err());
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_without_its_credentials() {
    let no_credentials = "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
    let no_way = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n";
    for (answer, url, reason) in [
        (no_credentials, "https://provider.invalid/v1", "proxy authorization required"),
        (no_way, "https://provider.invalid/v1", "does not connect to provider.invalid:443"),
        (no_credentials, "http://provider.invalid/v1", "wants other credentials"),
    ] {
        let (address, _reads) = peer(answer).await;
        let proxies = proxies(&[("ALL_PROXY", format!("http://user:secret@{address}"))]);
        let error = send(url, PATIENCE, proxies).await.unwrap_err();
        assert!(matches!(error, CallError::Unconnected(_)), "{error}");
        let said = error.to_string();
        assert!(said.contains(&format!("the proxy http://{address} ")), "{said}");
        assert!(said.contains(reason), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for url in ["https://provider.invalid/v1", "http://provider.invalid/v1"] {
        let proxies = proxies(&[("ALL_PROXY", format!("http://user:secret@{address}"))]);
        let error = send(url, PATIENCE, proxies).await.unwrap_err();
        assert!(matches!(error, CallError::Unconnected(_)), "{error}");
        let said = error.to_string();
        assert!(said.contains(&format!("the proxy http://{address} ")), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
}

#[tokio::test]
async fn a_proxy_that_makes_no_tunnel_is_not_waited_for_as_a_model_is() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let proxies = proxies(&[("HTTPS_PROXY", format!("http://{address}"))]);
    let patience = Patience { connect: Duration::from_millis(100), ..PATIENCE };
    let error = send("https://provider.invalid/v1", patience, proxies).await.unwrap_err();
    assert!(matches!(error, CallError::Unconnected(_)), "{error}");
    let reason = format!(
        "no connection with provider.invalid:443 through the proxy http://{address} within 0.1 s"
    );
    assert!(error.to_string().contains(&reason), "{error}");
}

#[tokio::test]
async fn a_proxy_that_cannot_be_used_is_not_gone_around() {
    let (target, mut reads) = peer(ANSWER).await;
    let proxies = proxies(&[("ALL_PROXY", "socks5://user:secret@127.0.0.1:1".to_owned())]);
    let error = send(&format!("http://{target}/v1"), PATIENCE, proxies).await.unwrap_err();
    assert!(matches!(error, CallError::Unconnected(_)), "{error}");
    let said = error.to_string();
    assert!(said.contains("ALL_PROXY names socks5://127.0.0.1:1, but SOCKS"), "{said}");
    assert!(!said.contains("secret"), "{said}");
    assert!(reads.try_recv().is_err());
}
