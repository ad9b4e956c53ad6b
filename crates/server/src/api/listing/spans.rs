//! The spans that stand for traces: first how large they are, then their texts.

use std::collections::HashMap;

use tracekeep_archive::Archive;
use tracekeep_model::{Estimate, Micros, Text};
use tracekeep_query::{Cell, Filter, Literal, Op, Query, Row, Table, TimeRange};

use crate::api::content::Content;
use crate::api::interaction::{Texts, rows};
use crate::error::ApiError;

/// Traces whose spans are looked up together: at most as many spans as one answer may hold.
const AT_ONCE: usize = 100;

/// Bytes that are read together, where it is more than one span's.
const READ_AT_ONCE: u64 = 32 << 20;

/// After every span.
const LATEST: Micros = Micros(i64::MAX / 2);

/// The span whose texts stand for a trace.
#[derive(Clone, Debug)]
pub(super) struct Speaker {
    pub(super) trace_id: Text,
    pub(super) span_id: Text,
    pub(super) start: Micros,
    /// Bytes of all that is known of it: its texts are no more.
    pub(super) bytes: u64,
    /// Which look-up found it.
    pub(super) chunk: usize,
    /// Bytes of those spans of its trace that have the id of another trace's speaker: a query for
    /// several speakers of a look-up reads them too.
    pub(super) beside: u64,
}

/// What a trace shows of the span that stands for it.
#[derive(Debug)]
pub(super) struct Spoken {
    pub(super) texts: Texts,
    pub(super) tokens_estimated: bool,
}

/// A trace and the span that stands for it: the generation, else the root.
pub(super) fn ids(trace: &Row) -> Option<(&str, &str)> {
    let text = |name: &str| trace.get(name).and_then(Cell::as_text);
    Some((text("trace_id")?, text("generation_span_id").or(text("root_span_id"))?))
}

/// The spans that stand for some traces, by trace.
pub(super) async fn speakers(
    archive: &dyn Archive,
    project: &str,
    traces: &[Row],
) -> Result<HashMap<Text, Speaker>, ApiError> {
    let mut found = HashMap::new();
    let mut look_ups = 0;
    for some in traces.chunks(AT_ONCE) {
        let mut wanted: HashMap<&str, &str> = some.iter().filter_map(ids).collect();
        let time = time_of(some);
        for time in [Some(time), behind(time)].into_iter().flatten() {
            if wanted.is_empty() {
                break;
            }
            for speaker in look_up(archive, project, &wanted, time, look_ups).await? {
                wanted.remove(&*speaker.trace_id);
                found.insert(speaker.trace_id.clone(), speaker);
            }
            look_ups += 1;
        }
    }
    Ok(found)
}

/// Those of the wanted spans that begin in a time.
async fn look_up(
    archive: &dyn Archive,
    project: &str,
    wanted: &HashMap<&str, &str>,
    time: TimeRange,
    chunk: usize,
) -> Result<Vec<Speaker>, ApiError> {
    let mut query = looked_up(wanted, time);
    query.select = ["trace_id", "span_id", "start_time", "size_bytes"].map(str::to_owned).to_vec();
    let answer = rows(Table::Spans, archive.query(project, &query).await?.table);
    // The query asks for any of the spans in any of the traces.
    let (mut right, others): (Vec<Speaker>, Vec<Speaker>) = answer
        .into_iter()
        .filter_map(|row| speaker(row, chunk))
        .partition(|speaker| wanted.get(&*speaker.trace_id) == Some(&&*speaker.span_id));
    let mut beside: HashMap<Text, u64> = HashMap::new();
    for other in others {
        let bytes = beside.entry(other.trace_id).or_default();
        *bytes = bytes.saturating_add(other.bytes);
    }
    for speaker in &mut right {
        speaker.beside = beside.remove(&speaker.trace_id).unwrap_or_default();
    }
    Ok(right)
}

fn speaker(mut row: Row, chunk: usize) -> Option<Speaker> {
    let mut take = |name: &str| row.remove(name);
    let (Some(Cell::Text(trace_id)), Some(Cell::Text(span_id))) =
        (take("trace_id"), take("span_id"))
    else {
        return None;
    };
    let (Some(Cell::Time(start)), Some(Cell::Int(bytes))) =
        (take("start_time"), take("size_bytes"))
    else {
        return None;
    };
    let bytes = bytes.unsigned_abs();
    Some(Speaker { trace_id, span_id, start, bytes, chunk, beside: 0 })
}

/// What is read of spans.
const SHOWN: [&str; 6] = ["trace_id", "span_id", "input", "system_prompt", "output", "usage_given"];

/// The texts of spans, by trace. Previews are cut before more is read.
pub(super) async fn texts(
    archive: &dyn Archive,
    project: &str,
    speakers: &[Speaker],
    content: Content,
) -> Result<HashMap<Text, Spoken>, ApiError> {
    let mut found = HashMap::new();
    for group in groups(speakers) {
        let wanted: HashMap<&str, &str> =
            group.iter().map(|speaker| (&*speaker.trace_id, &*speaker.span_id)).collect();
        let starts = group.iter().map(|speaker| speaker.start);
        let (Some(from), Some(to)) = (starts.clone().min(), starts.max()) else { continue };
        let mut query = looked_up(&wanted, TimeRange { from, to: to.plus(1) });
        query.select = SHOWN.map(str::to_owned).to_vec();
        for mut span in rows(Table::Spans, archive.query(project, &query).await?.table) {
            let mut take = |name: &str| match span.remove(name) {
                Some(Cell::Text(text)) => Some(text),
                _ => None,
            };
            let (Some(id), Some(span_id)) = (take("trace_id"), take("span_id")) else { continue };
            if wanted.get(&*id) == Some(&&*span_id) {
                let (prompt, system_prompt) = (take("input"), take("system_prompt"));
                let texts = Texts::of(content, prompt, system_prompt, take("output"));
                let given = take("usage_given");
                let tokens_estimated = given.as_deref().is_some_and(Estimate::is_given);
                found.insert(id, Spoken { texts, tokens_estimated });
            }
        }
    }
    Ok(found)
}

/// Spans that are read together: of one look-up, and with what is read beside them not too large;
/// one at least, beside which nothing is read.
fn groups(speakers: &[Speaker]) -> Vec<&[Speaker]> {
    let mut groups = Vec::new();
    let (mut first, mut bytes) = (0, 0u64);
    for (at, speaker) in speakers.iter().enumerate() {
        let read = speaker.bytes.saturating_add(speaker.beside);
        let fits = bytes.saturating_add(read) <= READ_AT_ONCE;
        if at > first && !(fits && speakers[first].chunk == speaker.chunk) {
            groups.push(&speakers[first..at]);
            (first, bytes) = (at, 0);
        }
        bytes = bytes.saturating_add(read);
    }
    if first < speakers.len() {
        groups.push(&speakers[first..]);
    }
    groups
}

/// Asks for spans of some traces. Each has at most one of each id, so that all are answered.
fn looked_up(wanted: &HashMap<&str, &str>, time: TimeRange) -> Query {
    let among = |column: &str, ids: Vec<Literal>| Filter::any_of(column, Op::In, ids);
    let mut query = Query::new(Table::Spans);
    query.limit = Some((AT_ONCE * AT_ONCE) as u64);
    query.time = Some(time);
    query.filter = Some(Filter::And(vec![
        among("trace_id", wanted.keys().map(|id| Literal::from(*id)).collect()),
        among("span_id", wanted.values().map(|id| Literal::from(*id)).collect()),
    ]));
    query
}

/// When spans of some traces begin: any that runs, or that has ended and said when.
fn time_of(traces: &[Row]) -> TimeRange {
    let (mut from, mut to) = (LATEST, Micros(i64::MIN / 2));
    for trace in traces {
        if let Some(Cell::Time(start)) = trace.get("start_time") {
            from = from.min(*start);
            // A span of a running trace may begin at any later time.
            let is_open = matches!(trace.get("open_spans"), Some(Cell::Int(open)) if *open > 0);
            to = to.max(match trace.get("end_time") {
                Some(Cell::Time(end)) if !is_open => end.plus(1),
                _ => LATEST,
            });
        }
    }
    TimeRange { from, to: to.max(from.plus(1)) }
}

/// What comes after a time. A span whose end was taken back may begin there, behind all the ends that
/// its trace knows of; it is rare, and so looked for only where a span is missing.
fn behind(time: TimeRange) -> Option<TimeRange> {
    (time.to < LATEST).then_some(TimeRange { from: time.to, to: LATEST })
}

#[cfg(test)]
mod tests;
