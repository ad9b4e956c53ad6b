use super::Dialect;
use crate::{Bucket, Cell};

/// DataFusion 55, with the functions of [`functions`](crate::functions) registered.
///
/// Its parser must be on the generic dialect, as by default: there a backslash in a text is a
/// backslash.
#[derive(Clone, Copy, Debug, Default)]
pub struct DataFusion;

impl DataFusion {
    fn call(self, function: &str, value: &str, argument: &str) -> String {
        format!("{function}({value}, {})", self.text(argument))
    }
}

impl Dialect for DataFusion {
    fn literal(&self, cell: &Cell) -> String {
        match cell {
            Cell::Bool(true) => "TRUE".to_owned(),
            Cell::Bool(false) => "FALSE".to_owned(),
            Cell::Int(int) => int.to_string(),
            // Debug keeps a point or an exponent, without which it would be a whole number.
            Cell::Float(float) if float.is_finite() => format!("{float:?}"),
            Cell::Money(money) => format!("CAST('{money}' AS DECIMAL(38, 12))"),
            Cell::Time(time) => {
                format!("arrow_cast({}, 'Timestamp(Microsecond, Some(\"UTC\"))')", time.0)
            }
            Cell::Text(text) => self.text(text),
            Cell::Float(_) | Cell::Null => "NULL".to_owned(),
        }
    }

    fn json_text(&self, json: &str, key: &str) -> String {
        self.call("json_get_text", json, key)
    }

    fn json_number(&self, json: &str, key: &str) -> String {
        self.call("json_get_number", json, key)
    }

    fn has_tag(&self, tags: &str, tag: &str) -> String {
        self.call("tags_contain", tags, tag)
    }

    fn contains(&self, text: &str, needle: &str) -> String {
        self.call("contains", text, needle)
    }

    fn contains_any_case(&self, text: &str, needle: &str) -> String {
        self.call("text_contains_ci", text, needle)
    }

    fn starts_with(&self, text: &str, prefix: &str) -> String {
        self.call("starts_with", text, prefix)
    }

    fn ends_with(&self, text: &str, suffix: &str) -> String {
        self.call("ends_with", text, suffix)
    }

    fn bucket_start(&self, time: &str, bucket: Bucket) -> String {
        format!("date_trunc('{bucket}', {time})")
    }

    fn float(&self, number: &str) -> String {
        format!("CAST({number} AS DOUBLE)")
    }

    fn bucket_of(&self, number: &str) -> String {
        format!("bucket_of({number})")
    }

    fn percentile(&self, buckets: &str, fraction: f64) -> String {
        // Apart, so that all percentiles of one column share their counts.
        format!("bucket_percentile(bucket_counts({buckets}), {fraction:?})")
    }
}
