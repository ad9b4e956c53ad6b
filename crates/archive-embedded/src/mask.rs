use std::ops::Range;

use roaring::RoaringBitmap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Rows that are no longer there: of traces, and of scores.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Mask {
    #[serde(with = "bitmap", default, skip_serializing_if = "RoaringBitmap::is_empty")]
    pub(crate) traces: RoaringBitmap,
    #[serde(with = "bitmap", default, skip_serializing_if = "RoaringBitmap::is_empty")]
    pub(crate) scores: RoaringBitmap,
}

impl Mask {
    pub(crate) fn is_empty(&self) -> bool {
        self.traces.is_empty() && self.scores.is_empty()
    }

    /// Ascending ranges of span rows that go with the traces; `spans` says which are a trace's.
    pub(crate) fn span_rows(&self, spans: impl Fn(u32) -> Range<usize>) -> Vec<Range<usize>> {
        self.traces.iter().map(spans).filter(|range| !range.is_empty()).collect()
    }
}

/// Bitmaps as hex of their portable form.
mod bitmap {
    use std::fmt::Write as _;

    use super::{Deserialize, Deserializer, RoaringBitmap, Serializer};

    pub(super) fn serialize<S: Serializer>(
        bitmap: &RoaringBitmap,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(bitmap.serialized_size());
        bitmap.serialize_into(&mut bytes).map_err(serde::ser::Error::custom)?;
        let mut hex = String::with_capacity(bytes.len() * 2);
        for byte in bytes {
            let _ = write!(hex, "{byte:02x}");
        }
        s.serialize_str(&hex)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<RoaringBitmap, D::Error> {
        let hex = String::deserialize(d)?;
        let byte =
            |at: usize| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let bytes: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(byte).collect();
        let bytes = bytes.ok_or_else(|| serde::de::Error::custom("a mask that is not hex"))?;
        RoaringBitmap::deserialize_from(&bytes[..]).map_err(serde::de::Error::custom)
    }
}
