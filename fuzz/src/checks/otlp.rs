//! OTLP, in both encodings.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::value::RawValue;
use tracekeep_decode::Decoded;
use tracekeep_decode::otlp::{
    OtlpError, decode_json, decode_protobuf, response_json, response_protobuf,
};
use tracekeep_model::{Micros, RecordKey};

use super::{Outcome, RECEIVED, patches};

/// Bytes of an error about a whole body.
const LONGEST_ERROR: usize = 2_000;
/// Bytes of an answer that names ten refusals, with escapes.
const LONGEST_ANSWER: usize = 128 * 1024;

type Decode = fn(&Bytes, Micros) -> Result<Decoded, OtlpError>;

/// Checks a body in protobuf.
pub(super) fn protobuf(input: &[u8]) -> Outcome {
    check(input, decode_protobuf, spans_in_protobuf)
}

/// Checks a body in JSON.
pub(super) fn json(input: &[u8]) -> Outcome {
    check(input, decode_json, spans_in_json)
}

/// `count` knows how many spans a body holds, if it is one.
fn check(input: &[u8], decode: Decode, count: fn(&[u8]) -> Option<usize>) -> Outcome {
    let body = Bytes::copy_from_slice(input);
    let decoded = match decode(&body, RECEIVED) {
        Ok(decoded) => decoded,
        Err(error) => {
            assert!(error.to_string().len() < LONGEST_ERROR, "{error}");
            assert_eq!(decode(&body, RECEIVED).err(), Some(error), "read again");
            return Outcome::REFUSED;
        }
    };
    is_read_again(&decoded, decode(&body, RECEIVED));
    patches::check(&decoded.patches);

    let is_span = |key: &RecordKey| matches!(key, RecordKey::Span { .. });
    let accepted = decoded.patches.iter().filter(|(key, _)| is_span(key)).count();
    let refused = decoded.refused();
    if let Some(sent) = count(input) {
        assert_eq!(accepted + refused, sent, "spans: {accepted} accepted, {refused} refused");
    }
    check_refusals(&decoded, accepted + refused);
    Outcome { accepted, refused }
}

fn is_read_again(decoded: &Decoded, again: Result<Decoded, OtlpError>) {
    let again = again.expect("what was read once is read again");
    assert_eq!(again.patches, decoded.patches);
    assert_eq!(again.rejected, decoded.rejected);
    assert_eq!(again.more_rejected, decoded.more_rejected);
    assert_eq!(again.replaced_nulls, decoded.replaced_nulls);
}

/// Each refusal is of another span, and the answer tells of them.
fn check_refusals(decoded: &Decoded, sent: usize) {
    let rejected = &decoded.rejected;
    assert!(rejected.windows(2).all(|pair| pair[0].index < pair[1].index), "{rejected:?}");
    assert!(rejected.iter().all(|rejected| rejected.index < sent), "{rejected:?}");
    rejected.iter().for_each(|rejected| patches::check_refusal(&rejected.error));
    let answer = response_json(decoded);
    assert!(serde_json::from_str::<serde_json::Value>(&answer).is_ok(), "{answer}");
    assert!(answer.len().max(response_protobuf(decoded).len()) < LONGEST_ANSWER, "{answer}");
}

/// Counts spans in protobuf as simply as can be: fields 1, 2 and 2 within each other.
fn spans_in_protobuf(body: &[u8]) -> Option<usize> {
    let mut spans = 0;
    for resource_spans in messages(body, 1)? {
        for scope_spans in messages(resource_spans, 2)? {
            spans += messages(scope_spans, 2)?.len();
        }
    }
    Some(spans)
}

/// The messages in one field of a message.
fn messages(mut message: &[u8], wanted: u64) -> Option<Vec<&[u8]>> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let key = varint(&mut message)?;
        match key & 7 {
            0 => {
                varint(&mut message)?;
            }
            1 => message = message.get(8..)?,
            2 => {
                let length = usize::try_from(varint(&mut message)?).ok()?;
                let (inner, rest) = message.split_at_checked(length)?;
                message = rest;
                if key >> 3 == wanted {
                    found.push(inner);
                }
            }
            5 => message = message.get(4..)?,
            _ => return None,
        }
    }
    Some(found)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Counts spans in JSON. `None` if it is not text as a whole.
fn spans_in_json(body: &[u8]) -> Option<usize> {
    let mut spans = 0;
    for resource_spans in
        list(std::str::from_utf8(body).ok()?, ["resourceSpans", "resource_spans"])?
    {
        for scope_spans in list(resource_spans.get(), ["scopeSpans", "scope_spans"])? {
            spans += list(scope_spans.get(), ["spans", "spans"])?.len();
        }
    }
    Some(spans)
}

/// The elements of an object's member that is a list, absent or null.
fn list<'a>(json: &'a str, names: [&str; 2]) -> Option<Vec<&'a RawValue>> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(json).ok()?;
    let member = names.into_iter().find_map(|name| members.get(name).copied());
    match member.map(RawValue::get) {
        None | Some("null") => Some(Vec::new()),
        Some(elements) => serde_json::from_str(elements).ok(),
    }
}
