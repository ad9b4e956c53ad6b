//! `POST /v1/images/generations`, and `/v1/images/edits` and `/variations`, whose requests are forms.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tracekeep_model::Usage;

use super::Answered;
use super::form::Form;
use crate::Asked;
use crate::chat::{Counted, Unreadable};
use crate::chat_completions::usage::{add, take, whole};
use crate::frame::sse::Event;

/// The form that asks for an edit or a variation (SDK `image_edit_params.py`). Several pictures come as
/// `image[]`.
pub const FORM: Form = Form { files: &["image", "image[]", "mask", "markup"] };

/// What a request asks.
///
/// # Errors
/// The body is not a JSON object, or `model` is not a string.
pub fn asked(body: &[u8]) -> Result<Asked<'_>, Unreadable> {
    super::asked(body, "prompt")
}

/// What an answer says, without its pictures. Where no tokens are counted (DALL·E), the pictures are:
/// as `images`.
///
/// # Errors
/// The body is not a JSON object.
pub fn answered(body: &[u8]) -> Result<Answered, Unreadable> {
    #[derive(Deserialize)]
    struct Answer {
        data: Option<Vec<IgnoredAny>>,
        usage: Option<Value>,
    }
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|error| Unreadable::new("body", format!("is not a list of pictures: {error}")))?;
    let pictures = answer.data.map_or(0, |data| data.len());
    let counted = match answer.usage.filter(Value::is_object) {
        Some(usage) => Some(count(&usage)),
        None if pictures > 0 => {
            let mut usage = Usage::default();
            add(&mut usage, "images", i64::try_from(pictures).ok());
            Some(Counted { usage, stated: json!({"images": pictures}) })
        }
        None => None,
    };
    Ok(Answered { model: None, counted, text: None })
}

/// What an event of a stream counts: the last, `image_generation.completed` or
/// `image_edit.completed`.
#[must_use]
pub fn streamed(event: &Event) -> Option<Counted> {
    super::streamed(event, count)
}

/// What a `usage` object says (SDK `images_response.py`): `input_tokens` holds
/// `input_tokens_details`' `image_tokens` and `text_tokens`; `output_tokens` are those of the
/// pictures, unless `output_tokens_details` says that some are text. The tokens of `svg_usage` are
/// another model's, "separate from image rendering usage", and are not counted here.
#[must_use]
pub fn count(usage: &Value) -> Counted {
    let part = |details: &str, name: &str| whole(usage.get(details)?.get(name));
    let mut counted = Usage::default();
    if let Some(mut left) = whole(usage.get("input_tokens")) {
        let cached = part("input_tokens_details", "cached_tokens").filter(|cached| *cached > 0);
        counted.input_cache_read = take(&mut left, cached);
        let pictures = take(&mut left, part("input_tokens_details", "image_tokens"));
        add(&mut counted, "input_image", pictures);
        counted.input = Some(left);
    }
    if let Some(mut left) = whole(usage.get("output_tokens")) {
        counted.output = take(&mut left, part("output_tokens_details", "text_tokens"));
        add(&mut counted, "output_image", Some(left));
    }
    Counted { usage: counted, stated: usage.clone() }
}
