use crate::{Bucket, Cell};

/// How an engine writes what engines write differently.
///
/// To add an engine, implement this and run the conformance suite of `archive` on it. Where the
/// engine lacks a function of [`functions`](crate::functions), write an expression that has exactly
/// its result; where a comparison of texts is not bytewise by itself, add the collation to
/// [`Dialect::name`]'s columns when the table is made, not here.
///
/// Arguments called `text`, `json`, `tags`, `time`, `number` and `buckets` are SQL expressions; all
/// others are values, to be written by [`Dialect::text`] or [`Dialect::literal`].
pub trait Dialect {
    /// A value of the column type that its cell has.
    fn literal(&self, cell: &Cell) -> String;

    /// A key of a JSON object as text: see [`json_get_text`](crate::functions::json_get_text).
    fn json_text(&self, json: &str, key: &str) -> String;

    /// A key of a JSON object as a float: see
    /// [`json_get_number`](crate::functions::json_get_number).
    fn json_number(&self, json: &str, key: &str) -> String;

    /// Whether a JSON array of texts has this one.
    fn has_tag(&self, tags: &str, tag: &str) -> String;

    /// Whether a text holds another, in the same case.
    fn contains(&self, text: &str, needle: &str) -> String;

    /// Whether a text holds another, in any case: see
    /// [`text_contains_ci`](crate::functions::text_contains_ci).
    fn contains_any_case(&self, text: &str, needle: &str) -> String;

    /// Whether a text begins with another.
    fn starts_with(&self, text: &str, prefix: &str) -> String;

    /// Whether a text ends with another.
    fn ends_with(&self, text: &str, suffix: &str) -> String;

    /// The start of a time's bucket, in UTC: see [`Bucket::start`].
    fn bucket_start(&self, time: &str, bucket: Bucket) -> String;

    /// A number as a 64-bit float.
    fn float(&self, number: &str) -> String;

    /// The histogram bucket of a whole number: see
    /// [`bucket_of`](crate::histogram::bucket_of).
    fn bucket_of(&self, number: &str) -> String;

    /// The percentile of the histogram buckets of a group's rows: see
    /// [`bucket_percentile`](crate::functions::bucket_percentile).
    fn percentile(&self, buckets: &str, fraction: f64) -> String;

    /// The name of a table or column.
    fn name(&self, name: &str) -> String {
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    /// A text. The one place where text that people sent is quoted.
    fn text(&self, text: &str) -> String {
        format!("'{}'", text.replace('\'', "''"))
    }
}
