//! Attribute values.

use bytes::Bytes;
use tracekeep_model::Text;

use super::base64;
use super::json_text::JsonText;

/// A key and its value.
pub(super) type Attribute = (Text, AnyValue);

/// Metadata keys, each with JSON text.
pub(super) type Metadata = Vec<(Text, Text)>;

/// How deep arrays and maps may nest. In JSON, one level is up to four brackets, and `serde_json`
/// stops at 127: with 24 both encodings accept the same.
pub(super) const MAX_DEPTH: usize = 24;

/// What an attribute may hold: `opentelemetry.proto.common.v1.AnyValue`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum AnyValue {
    /// No value at all.
    #[default]
    Empty,
    /// Text.
    Text(Text),
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any number, also NaN and the infinities.
    Double(f64),
    /// A number, and how JSON text has it, where a double would be written otherwise.
    Written(f64, Text),
    /// Bytes.
    Bytes(Bytes),
    /// Values in order.
    Array(Vec<AnyValue>),
    /// Values by key, in the order they were sent.
    Map(Vec<Attribute>),
}

impl AnyValue {
    /// Whether it says nothing: no value, no text or no bytes.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.is_empty(),
            Self::Bytes(bytes) => bytes.is_empty(),
            _ => false,
        }
    }

    /// Text as it was sent; everything else as JSON.
    pub(super) fn into_text(self) -> Text {
        match self {
            Self::Text(text) => text,
            Self::Bytes(bytes) => base64::encode(&bytes).into(),
            other => other.into_json(),
        }
    }

    /// As JSON text.
    pub(super) fn into_json(self) -> Text {
        match &self {
            Self::Empty => Text::from_static("null"),
            Self::Bool(true) => Text::from_static("true"),
            Self::Bool(false) => Text::from_static("false"),
            Self::Text(text) => {
                let mut json = JsonText::with_capacity(text.len() + 2);
                json.string(text);
                json.finish()
            }
            other => {
                let mut json = JsonText::with_capacity(32);
                json.value(other);
                json.finish()
            }
        }
    }

    /// The text, if it is one.
    pub(super) fn as_text(&self) -> Option<&Text> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// As a whole number: also a double without a fraction and numeric text.
    pub(super) fn as_whole(&self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(*int),
            Self::Double(double) | Self::Written(double, _) => whole(*double),
            Self::Text(text) => {
                let text = text.trim();
                text.parse::<i64>().ok().or_else(|| whole(text.parse::<f64>().ok()?))
            }
            _ => None,
        }
    }

    /// As a finite number: also numeric text.
    pub(super) fn as_number(&self) -> Option<f64> {
        let number = match self {
            Self::Int(int) => *int as f64,
            Self::Double(double) | Self::Written(double, _) => *double,
            Self::Text(text) => text.trim().parse::<f64>().ok()?,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    /// As a flag: also the words `true` and `false`.
    pub(super) fn as_flag(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            Self::Text(text) => text.trim().to_ascii_lowercase().parse::<bool>().ok(),
            _ => None,
        }
    }
}

fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9.2e18).then_some(number as i64)
}
