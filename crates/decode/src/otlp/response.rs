//! The answers that OTLP asks for: `ExportTraceServiceResponse` and, for failures, `google.rpc.Status`.
//!
//! See <https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>.

use bytes::Bytes;
use serde_json::json;

use crate::Decoded;

/// How many rejected spans the message names; the rest are counted.
const NAMED: usize = 10;

/// `ExportTraceServiceResponse` in protobuf: empty, or a partial success that says what was rejected.
#[must_use]
pub fn response_protobuf(decoded: &Decoded) -> Bytes {
    if decoded.refused() == 0 {
        return Bytes::new();
    }
    let mut partial = Vec::new();
    put_number(&mut partial, 1, decoded.refused() as u64);
    put_bytes(&mut partial, 2, message(decoded).as_bytes());
    let mut response = Vec::with_capacity(partial.len() + 8);
    put_bytes(&mut response, 1, &partial);
    response.into()
}

/// The same in JSON. Its 64-bit integers are strings, as proto3 JSON writes them.
#[must_use]
pub fn response_json(decoded: &Decoded) -> String {
    if decoded.refused() == 0 {
        return "{}".to_owned();
    }
    let partial = json!({
        "rejectedSpans": decoded.refused().to_string(),
        "errorMessage": message(decoded),
    });
    json!({ "partialSuccess": partial }).to_string()
}

/// `google.rpc.Status` in protobuf, the body of a failed request; `code` is a gRPC status code.
#[must_use]
pub fn status_protobuf(code: i32, message: &str) -> Bytes {
    let mut status = Vec::with_capacity(message.len() + 16);
    // Negative numbers are sign-extended to 64 bits.
    put_number(&mut status, 1, i64::from(code) as u64);
    put_bytes(&mut status, 2, message.as_bytes());
    status.into()
}

/// The same in JSON.
#[must_use]
pub fn status_json(code: i32, message: &str) -> String {
    json!({ "code": code, "message": message }).to_string()
}

fn message(decoded: &Decoded) -> String {
    let mut parts: Vec<String> = decoded
        .rejected
        .iter()
        .take(NAMED)
        .map(|rejected| format!("span {}: {}", rejected.index, rejected.error))
        .collect();
    if decoded.refused() > NAMED {
        parts.push(format!("and {} more", decoded.refused() - NAMED));
    }
    parts.join("; ")
}

fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number as u8 & 0x7f) | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_number(out: &mut Vec<u8>, field: u64, number: u64) {
    put_varint(out, field << 3);
    put_varint(out, number);
}

fn put_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    put_varint(out, (field << 3) | 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
