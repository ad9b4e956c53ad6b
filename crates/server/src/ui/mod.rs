//! The first page: what this is, where things are, and the newest traces.
//!
//! Files of its own and nothing from elsewhere, so that it works offline and under a strict
//! content security policy. The page asks for `/start.css` and `/start.js`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::Html;

use crate::app::App;

/// Stands in the page where the address of OTLP over gRPC belongs.
const OTLP_GRPC: &str = "{otlp-grpc}";

/// A text and what it is.
type Asset = ([(HeaderName, &'static str); 2], &'static str);

/// `GET /`
pub(crate) async fn index(State(app): State<Arc<App>>) -> Html<String> {
    Html(page(app.otlp_grpc))
}

/// The page of a server that takes OTLP over gRPC there.
fn page(otlp_grpc: SocketAddr) -> String {
    let port = otlp_grpc.port();
    let address = if otlp_grpc.ip().is_unspecified() {
        // On all addresses, so also on the one by which the browser came.
        format!("<span data-host>127.0.0.1</span>:{port}")
    } else {
        otlp_grpc.to_string()
    };
    include_str!("index.html").replace(OTLP_GRPC, &address)
}

/// `GET /start.js`
pub(crate) async fn script() -> Asset {
    let script = concat!(
        include_str!("format.js"),
        "\n",
        include_str!("key.js"),
        "\n",
        include_str!("start.js"),
    );
    asset("text/javascript; charset=utf-8", script)
}

/// `GET /start.css`
pub(crate) async fn style() -> Asset {
    let style = concat!(include_str!("base.css"), "\n", include_str!("start.css"));
    asset("text/css; charset=utf-8", style)
}

/// Not kept by browsers without asking: the next version of the server brings others.
fn asset(content_type: &'static str, text: &'static str) -> Asset {
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-cache")], text)
}

#[cfg(test)]
mod tests;
