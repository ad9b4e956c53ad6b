//! One page of traces, no larger than an answer may be.
//!
//! Rows come first, without texts; then how large the texts are; then those of as many rows as fit.
//! Where rows are left out, because they or the memory for them are too much, the page ends before
//! them and the next begins with them.

use std::collections::HashMap;

use tracekeep_archive::Archive;
use tracekeep_model::Text;
use tracekeep_query::{Cell, Query, Row, Table};

use super::own::{Own, own};
use super::spans::{Speaker, ids, speakers, texts};
use crate::api::content::{Content, MOST_IN_LIST, MOST_READ, PREVIEW};
use crate::api::interaction::{
    Interaction, TOKENS_ESTIMATED, Texts, bytes_of, rows, without_long_json,
};
use crate::api::parts::as_many_as_fit;
use crate::error::ApiError;

/// Bytes of the previews of one row: of each of its texts, so many characters.
const MOST_PREVIEWS: u64 = 3 * 4 * PREVIEW as u64;

/// Columns of `traces` that hold a trace's own texts.
const TEXTS: [&str; 2] = ["input", "output"];

/// What is known of the texts of a page's traces.
struct Known {
    speakers: HashMap<Text, Speaker>,
    own: Own,
}

/// The page that a query asks for, in the order of time; and the cursor of the next.
pub(crate) async fn page(
    archive: &dyn Archive,
    project: &str,
    query: &Query,
    content: Content,
) -> Result<(Vec<Interaction>, Option<String>), ApiError> {
    let columns = Table::Traces.columns().iter().map(|column| column.name);
    let select = columns.filter(|name| !TEXTS.contains(name)).map(str::to_owned).collect();
    let mut query = Query { select, ..query.clone() };
    let plan = query.plan()?;
    let answer = as_many_as_fit(archive, project, &mut query).await?;
    let (mut traces, mut next) = (rows(Table::Traces, answer.table), answer.next);
    let shortened: Vec<Texts> =
        traces.iter_mut().map(|trace| without_long_json(trace, content)).collect();

    let mut known = look(archive, project, &traces, content).await?;
    let count = fitting(&traces, &known, content);
    if count < traces.len() {
        // Rows hold all that they are in order of, so that there is a cursor.
        if let Some(cursor) = traces.get(count - 1).and_then(|last| plan.cursor_after(last)) {
            traces.truncate(count);
            next = Some(cursor);
        }
    }
    let speaker = |trace: &Row| known.speakers.remove(ids(trace)?.0);
    let wanted: Vec<Speaker> = traces.iter().filter_map(speaker).collect();
    let mut texts = texts(archive, project, &wanted, content).await?;
    let interaction = |(mut trace, shortened): (Row, Texts)| {
        let spoken = trace_id(&trace).and_then(|id| texts.remove(id));
        let estimated = spoken.as_ref().map(|spoken| spoken.tokens_estimated);
        let shown = match trace_id(&trace) {
            Some(id) if content != Content::None => {
                let of_span = spoken.map(|spoken| spoken.texts);
                shown(&trace, of_span, known.own.texts.remove(id))
            }
            _ => Texts::omitted(),
        };
        trace.insert(TOKENS_ESTIMATED, Cell::from(estimated));
        Interaction::new(trace, shown.or(shortened))
    };
    Ok((traces.into_iter().zip(shortened).map(interaction).collect(), next))
}

async fn look(
    archive: &dyn Archive,
    project: &str,
    traces: &[Row],
    content: Content,
) -> Result<Known, ApiError> {
    if content == Content::None || traces.is_empty() {
        let own = Own { texts: HashMap::new(), seen: traces.len() };
        return Ok(Known { speakers: HashMap::new(), own });
    }
    let (speakers, own) = tokio::try_join!(
        speakers(archive, project, traces),
        own(archive, project, traces, content)
    )?;
    Ok(Known { speakers, own })
}

/// How many of the rows fit one answer; one at least.
fn fitting(traces: &[Row], known: &Known, content: Content) -> usize {
    let (mut shown, mut read) = (0u64, 0u64);
    for (at, trace) in traces.iter().enumerate() {
        let id = trace_id(trace).unwrap_or_default();
        let of_span = known.speakers.get(id).map_or(0, |speaker| speaker.bytes);
        let texts = of_span.saturating_add(known.own.texts.get(id).map_or(0, Texts::bytes));
        let (of_read, of_shown) = match content {
            Content::Full => (texts, texts),
            Content::Preview => (texts, texts.min(MOST_PREVIEWS)),
            Content::None => (0, 0),
        };
        read = read.saturating_add(of_read);
        shown = shown.saturating_add(bytes_of(trace)).saturating_add(of_shown);
        let fits = shown <= MOST_IN_LIST && read <= MOST_READ && at < known.own.seen;
        if at > 0 && !fits {
            return at;
        }
    }
    traces.len()
}

/// A trace without a generation shows its own texts, where it has any.
fn shown(trace: &Row, of_span: Option<Texts>, own: Option<Texts>) -> Texts {
    let texts = match of_span {
        Some(texts) => texts,
        // The span has changed or gone while this was put together.
        None if ids(trace).is_some() => Texts::omitted(),
        None => Texts::default(),
    };
    match own {
        Some(own) => own.or(texts),
        None => texts,
    }
}

fn trace_id(trace: &Row) -> Option<&str> {
    trace.get("trace_id").and_then(Cell::as_text)
}

#[cfg(test)]
mod tests;
