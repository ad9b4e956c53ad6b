//! Pictures and documents.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::block::Content;
use crate::chat::{Media, MediaSource, Unreadable};

/// Where bytes are, as Anthropic says it.
#[derive(Debug, Deserialize)]
pub(super) struct Source<'a> {
    #[serde(rename = "type")]
    kind: String,
    media_type: Option<String>,
    data: Option<String>,
    url: Option<String>,
    file_id: Option<String>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

impl Source<'_> {
    pub(super) fn media(self, field: &str) -> Result<Media, Unreadable> {
        let missing = |name: &str| {
            let place = format!("{field}.source.{name}");
            Unreadable::new(place, format!("is missing; a source of type {} has it", self.kind))
        };
        let (source, mime) = match self.kind.as_str() {
            "base64" => {
                let data = self.data.ok_or_else(|| missing("data"))?;
                (MediaSource::Base64(data), self.media_type)
            }
            "url" => (MediaSource::Url(self.url.ok_or_else(|| missing("url"))?), None),
            "file" => (MediaSource::Id(self.file_id.ok_or_else(|| missing("file_id"))?), None),
            "text" => plain(&self.data.ok_or_else(|| missing("data"))?),
            "content" => {
                let content = self.content.ok_or_else(|| missing("content"))?;
                let content = Content::read(content, &format!("{field}.source.content"))?;
                plain(&content.text().unwrap_or_default())
            }
            other => {
                let reason = format!("is {other:?}; use base64, url, file, text or content");
                return Err(Unreadable::new(format!("{field}.source.type"), reason));
            }
        };
        Ok(Media { source, mime, name: None, detail: None })
    }
}

fn plain(text: &str) -> (MediaSource, Option<String>) {
    (MediaSource::Base64(BASE64_STANDARD.encode(text)), Some("text/plain".to_owned()))
}

/// A picture's source.
pub(super) fn image_source(media: &Media) -> Value {
    match &media.source {
        MediaSource::Url(url) => json!({"type": "url", "url": url}),
        MediaSource::Id(id) => json!({"type": "file", "file_id": id}),
        MediaSource::Base64(data) => {
            json!({"type": "base64", "media_type": image_type(media), "data": data})
        }
    }
}

/// A document, or none where its type is no document of this protocol: it takes PDF and plain text.
pub(super) fn document(media: &Media) -> Option<Value> {
    let source = match &media.source {
        MediaSource::Url(url) => json!({"type": "url", "url": url}),
        MediaSource::Id(id) => json!({"type": "file", "file_id": id}),
        MediaSource::Base64(data) => match media.mime.as_deref() {
            None | Some("application/pdf") => {
                json!({"type": "base64", "media_type": "application/pdf", "data": data})
            }
            Some(mime) if is_text(mime) => {
                let text = String::from_utf8(BASE64_STANDARD.decode(data).ok()?).ok()?;
                json!({"type": "text", "media_type": "text/plain", "data": text})
            }
            Some(_) => return None,
        },
    };
    let mut document = json!({"type": "document", "source": source});
    if let Some(name) = &media.name {
        document["title"] = json!(name);
    }
    Some(document)
}

fn is_text(mime: &str) -> bool {
    mime.starts_with("text/") || mime == "application/json"
}

/// A picture's type; told from its first bytes where it was not said.
pub(crate) fn image_type(media: &Media) -> &str {
    let said =
        media.mime.as_deref().map(|mime| if mime == "image/jpg" { "image/jpeg" } else { mime });
    match (&media.source, said) {
        (_, Some(mime)) => mime,
        (MediaSource::Base64(data), None) => sniffed(data),
        _ => "image/png",
    }
}

/// The type of a picture from its first bytes in base64, PNG where they say nothing.
fn sniffed(data: &str) -> &'static str {
    match data.get(..4) {
        Some("/9j/") => "image/jpeg",
        Some("R0lG") => "image/gif",
        Some("UklG") => "image/webp",
        _ => "image/png",
    }
}
