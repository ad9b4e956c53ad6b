//! JSON that is written while it is sent, so that a long answer is never in memory as text.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures::stream;
use serde::Serialize;

/// Bytes of a piece, about; a larger element is a piece of its own.
const PIECE: usize = 64 * 1_024;

/// Some of an answer's text. Nothing that is answered fails to become JSON; if it did, the answer
/// would break off and the reader would notice.
pub(crate) type Piece = Result<Vec<u8>, serde_json::Error>;

/// An answer of these pieces, each made when the one before was taken.
pub(crate) fn response(pieces: impl Iterator<Item = Piece> + Send + 'static) -> Response {
    let mut response = Response::new(Body::from_stream(stream::iter(pieces)));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// An answer that is an array.
pub(crate) fn array<T: Serialize + Send + 'static>(items: Vec<T>) -> Response {
    let (open, close) = (text("["), text("]"));
    response(open.chain(elements(items.into_iter())).chain(close))
}

/// Text that stands as it is.
pub(crate) fn text(text: impl Into<Vec<u8>>) -> impl Iterator<Item = Piece> + Send + 'static {
    std::iter::once(Ok(text.into()))
}

/// The elements of an array, without its brackets.
pub(crate) fn elements<T: Serialize>(
    mut items: impl Iterator<Item = T> + Send,
) -> impl Iterator<Item = Piece> + Send {
    let mut is_first = true;
    std::iter::from_fn(move || {
        let mut piece = Vec::new();
        while piece.len() < PIECE {
            let Some(item) = items.next() else { break };
            if !std::mem::take(&mut is_first) {
                piece.push(b',');
            }
            if let Err(error) = serde_json::to_writer(&mut piece, &item) {
                return Some(Err(error));
            }
        }
        (!piece.is_empty()).then_some(Ok(piece))
    })
}

#[cfg(test)]
mod tests;
