//! How much one query may ask.

/// Levels of filters within filters, the outermost counted.
pub const MAX_DEPTH: usize = 32;
/// Filters in one query: every `and`, `or`, `not`, search and comparison.
pub const MAX_NODES: usize = 1_000;
/// Values of one list.
pub const MAX_LIST: usize = 1_000;
/// Bytes of one text value.
pub const MAX_TEXT: usize = 64 * 1_024;
/// Bytes of the words of one search.
pub const MAX_SEARCH: usize = 1_000;
/// Bytes of a JSON key or a score's name.
pub const MAX_KEY: usize = 800;
/// Columns of one answer.
pub const MAX_SELECT: usize = 200;
/// Columns that make the groups, beside the bucket.
pub const MAX_GROUPS: usize = 8;
/// Measures of one query.
pub const MAX_MEASURES: usize = 50;
/// Columns that an answer is ordered by.
pub const MAX_ORDER: usize = 8;
/// Bytes of a measure's name.
pub const MAX_NAME: usize = 63;
/// Bytes of a cursor.
pub const MAX_CURSOR: usize = 1_024 * 1_024;
/// Rows that are answered where no limit is asked for.
pub const DEFAULT_ROWS: u64 = 50;
/// Rows of one answer.
pub const MAX_LIMIT: u64 = 10_000;
/// Rows that are left out first.
pub const MAX_OFFSET: u64 = 1_000_000;
