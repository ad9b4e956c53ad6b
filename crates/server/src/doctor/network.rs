//! The addresses: free for a server that is to start, answered by one that runs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::report::Report;
use crate::config::Config;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether a server could listen.
pub(super) fn check_ports(config: &Config, report: &mut Report) {
    // Held until both are there: the two must not be the same.
    let mut held = Vec::new();
    for (address, flag) in [(config.listen, "--listen"), (config.otlp_grpc, "--otlp-grpc")] {
        match TcpListener::bind(address) {
            Ok(listener) => {
                report.ok("port", format!("{address} ({flag}) is free"));
                held.push(listener);
            }
            Err(error) => {
                let remedy = format!("stop who listens there, or choose another with {flag}");
                report.fail("port", format!("{address} ({flag}): {error}"), remedy);
            }
        }
    }
}

/// Whether the server that runs takes traces.
pub(super) async fn check_server(config: &Config, report: &mut Report) {
    if config.listen.port() == 0 {
        let remedy = "say where it listens with --listen";
        report.warn("server", "the port that the server chose is not known", remedy);
    } else {
        check_ready(config.listen, report).await;
    }
    if config.otlp_grpc.port() == 0 {
        return;
    }
    let address = reachable(config.otlp_grpc);
    match timeout(PATIENCE, TcpStream::connect(address)).await {
        Ok(Ok(_)) => report.ok("OTLP/gRPC", format!("{address} accepts connections")),
        Ok(Err(error)) => unanswered("OTLP/gRPC", address, &error.to_string(), report),
        Err(_) => unanswered("OTLP/gRPC", address, "no answer in time", report),
    }
}

async fn check_ready(address: SocketAddr, report: &mut Report) {
    let address = reachable(address);
    match ask(address).await {
        Ok((StatusCode::OK, _)) => report.ok("server", format!("{address} takes traces")),
        Ok((StatusCode::SERVICE_UNAVAILABLE, answer)) => {
            let reason = answer["reason"].as_str().unwrap_or("it does not say why").to_owned();
            let found = format!("{address} takes no traces: {reason}");
            report.fail("server", found, "see the server's log");
        }
        Ok((status, _)) => {
            let found = format!("{address} answers {status}, as no Tracekeep does");
            report.warn("server", found, "say where the server listens with --listen");
        }
        Err(error) => unanswered("server", address, &error.to_string(), report),
    }
}

/// What `/api/ready` says.
async fn ask(address: SocketAddr) -> Result<(StatusCode, Value), reqwest::Error> {
    // The server is its own machine's: a proxy knows nothing of it.
    let client = Client::builder().timeout(PATIENCE).no_proxy().build()?;
    let response = client.get(format!("http://{address}/api/ready")).send().await?;
    let status = response.status();
    Ok((status, response.json().await.unwrap_or_default()))
}

/// The folder is in a server's hands, so it runs: most likely somewhere else.
fn unanswered(what: &'static str, address: SocketAddr, error: &str, report: &mut Report) {
    let remedy = "say where the server listens with the flags that it was started with, \
                  or wait until it has started";
    report.warn(what, format!("{address}: {error}"), remedy);
}

/// An address to connect to, for one to listen on.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    address
}
