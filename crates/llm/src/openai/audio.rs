//! `POST /v1/audio/speech`, `/v1/audio/transcriptions` and `/v1/audio/translations`.

use serde::Deserialize;
use serde_json::{Value, json};
use tracekeep_model::{MOST_TOKENS, Usage};

use super::Answered;
use super::form::Form;
use crate::Asked;
use crate::chat::{Counted, Unreadable};
use crate::chat_completions::usage::{add, take, whole};
use crate::frame::sse::Event;

/// The form that asks for a transcription or translation (SDK `transcription_create_params.py`).
pub const FORM: Form = Form { files: &["file"] };

/// What a request for speech asks. The sound comes piece by piece in any case; a stream is what comes as
/// events.
///
/// # Errors
/// The body is not a JSON object, or `model` is not a string.
pub fn asked(body: &[u8]) -> Result<Asked<'_>, Unreadable> {
    let mut asked = super::asked(body, "input")?;
    let mut parameters = asked.parameters.iter();
    asked.stream =
        parameters.any(|(name, value)| name == "stream_format" && value.get() == "\"sse\"");
    Ok(asked)
}

/// What speech counts: the characters of what is said, by which it is priced where no tokens are
/// counted (`input_characters`, as the price data has it). The answer is sound, and says nothing.
#[must_use]
pub fn count_speech(text: &str) -> Counted {
    let characters = text.chars().count();
    let mut usage = Usage::default();
    add(&mut usage, "input_characters", i64::try_from(characters).ok());
    Counted { usage, stated: json!({"characters": characters}) }
}

/// What the answer of a transcription says: JSON, or the text itself, plain or as subtitles.
#[must_use]
pub fn answered(body: &[u8]) -> Answered {
    #[derive(Deserialize)]
    struct Answer {
        text: Option<String>,
        usage: Option<Value>,
        /// Seconds; older answers in `verbose_json` have it without `usage`.
        duration: Option<Value>,
    }
    let Ok(answer) = serde_json::from_slice::<Answer>(body) else {
        let text = std::str::from_utf8(body).ok().map(str::to_owned);
        return Answered { text, ..Answered::default() };
    };
    let usage = answer.usage.filter(Value::is_object);
    let duration = answer.duration.map(|seconds| json!({"type": "duration", "seconds": seconds}));
    let counted = usage.or(duration).map(|usage| count(&usage));
    Answered { model: None, counted, text: answer.text }
}

/// What an event of a stream counts: the last, `transcript.text.done` or `speech.audio.done`.
#[must_use]
pub fn streamed(event: &Event) -> Option<Counted> {
    super::streamed(event, count)
}

/// What a `usage` object says (SDK `transcription.py`): seconds of sound, or tokens, where
/// `input_tokens` holds `input_token_details`' `audio_tokens` and `text_tokens`. Begun seconds count.
#[must_use]
pub fn count(usage: &Value) -> Counted {
    let mut counted = Usage::default();
    if let Some(seconds) = usage.get("seconds").and_then(seconds) {
        add(&mut counted, "audio_seconds", Some(seconds));
    }
    if let Some(mut left) = whole(usage.get("input_tokens")) {
        let details = usage.get("input_token_details");
        let sound = details.and_then(|details| whole(details.get("audio_tokens")));
        add(&mut counted, "input_audio", take(&mut left, sound));
        counted.input = Some(left);
    }
    counted.output = whole(usage.get("output_tokens"));
    Counted { usage: counted, stated: usage.clone() }
}

/// Some servers write the seconds as a text.
fn seconds(value: &Value) -> Option<i64> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    // Casting saturates, and makes 0 of what is no number.
    Some((seconds.ceil() as i64).clamp(0, MOST_TOKENS))
}
