//! Pictures, recordings and documents: their bytes, or a place in S3.

use serde_json::{Value, json};

use crate::chat::{Media, MediaSource};
use crate::messages::image_type;

/// Characters of a document's name.
const MOST_NAME: usize = 200;

/// Document formats by MIME type (`DocumentFormat` of the service model).
const DOCUMENTS: [(&str, &str); 10] = [
    ("application/pdf", "pdf"),
    ("text/csv", "csv"),
    ("application/msword", "doc"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("text/html", "html"),
    ("text/markdown", "md"),
    ("text/plain", "txt"),
    ("application/json", "txt"),
];

/// Recordings' formats by the second half of the MIME type (`AudioFormat` of the service model).
const RECORDINGS: [(&str, &str); 13] = [
    ("mpeg", "mp3"),
    ("mp3", "mp3"),
    ("wav", "wav"),
    ("x-wav", "wav"),
    ("wave", "wav"),
    ("aac", "aac"),
    ("flac", "flac"),
    ("mp4", "mp4"),
    ("m4a", "m4a"),
    ("ogg", "ogg"),
    ("opus", "opus"),
    ("pcm", "pcm"),
    ("webm", "webm"),
];

/// Where the bytes are; none where the service cannot reach them.
fn source(media: &Media) -> Option<Value> {
    match &media.source {
        MediaSource::Base64(data) => Some(json!({"bytes": data})),
        MediaSource::Url(url) if url.starts_with("s3://") => {
            Some(json!({"s3Location": {"uri": url}}))
        }
        MediaSource::Url(_) | MediaSource::Id(_) => None,
    }
}

/// Whether the service can have its bytes.
pub(super) fn is_reachable(media: &Media) -> bool {
    source(media).is_some()
}

/// A picture; none where its type or place is none of the service's.
pub(super) fn image(media: &Media) -> Option<Value> {
    let format = image_type(media).strip_prefix("image/")?;
    let is_known = matches!(format, "png" | "jpeg" | "gif" | "webp");
    let source = source(media).filter(|_| is_known)?;
    Some(json!({"image": {"format": format, "source": source}}))
}

/// A recording; none where its type or place is none of the service's.
pub(super) fn audio(media: &Media) -> Option<Value> {
    let mime = media.mime.as_deref().unwrap_or("audio/wav");
    let half = mime.split('/').nth(1)?;
    let format = RECORDINGS.iter().find(|(name, _)| *name == half)?.1;
    Some(json!({"audio": {"format": format, "source": source(media)?}}))
}

/// A document, called so where it has no name; none where its type or place is none of the service's.
pub(super) fn document(media: &Media, number: usize) -> Option<Value> {
    let mime = media.mime.as_deref().unwrap_or("application/pdf");
    let format = DOCUMENTS.iter().find(|(name, _)| *name == mime);
    let format =
        format.map(|(_, format)| *format).or(mime.starts_with("text/").then_some("txt"))?;
    let name = name(media.name.as_deref(), number);
    Some(json!({"document": {"format": format, "name": name, "source": source(media)?}}))
}

/// Letters, digits, single spaces, `-`, brackets and parentheses are taken, and no name twice.
fn name(said: Option<&str>, number: usize) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '(' | ')' | '[' | ']');
    let said = said.unwrap_or("document");
    let text: String = said.chars().map(|c| if fits(c) { c } else { ' ' }).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text: String = text.chars().take(MOST_NAME - 8).collect();
    let text = if text.is_empty() { "document" } else { text.trim() };
    if number == 1 { text.to_owned() } else { format!("{text} {number}") }
}
