//! What is lost with a journal that is damaged or not there, in words for people.
//!
//! A record is acknowledged once the journal has it. The archive has it on disk once it is sealed, which
//! moves the checkpoint: what the journal has from there on is nowhere else.

use std::ops::Range;
use std::path::Path;

use tracekeep_journal::{OpenError, OsStorage, Position, reach};

use super::PipelineError;

/// Says of a damaged journal what only it has.
pub(super) fn at_stake(error: OpenError, journal: &Path, checkpoint: u64) -> PipelineError {
    match error {
        source @ OpenError::Corrupt { .. } => {
            PipelineError::Damaged { source, stake: stake(journal, checkpoint) }
        }
        other => PipelineError::Journal(other),
    }
}

/// What only the journal has: the most that its files may hold behind the checkpoint.
pub(crate) fn stake(journal: &Path, checkpoint: u64) -> String {
    let begin = format!(
        "The archive has what is before position {checkpoint}; acknowledged records from there on \
         are in the journal only"
    );
    match reach(&OsStorage, journal).map(Position::get) {
        Ok(end) => {
            let bytes = end.saturating_sub(checkpoint);
            format!("{begin}: up to {bytes} bytes, as its files reach to position {end}")
        }
        Err(error) => format!("{begin}; how many cannot be told: {error}"),
    }
}

/// Of a journal that ends before the checkpoint: it was moved away, emptied, cut or replaced.
pub(crate) fn of_end(checkpoint: u64, end: u64) -> String {
    format!(
        "the journal was moved away, emptied or replaced: it ends at position {end}, and the archive \
         has what was before position {checkpoint}. All that was acknowledged from {checkpoint} on and \
         not sealed is lost; how many bytes that is only the former journal tells. If it is still \
         there, put it back while no server runs, before new records come"
    )
}

/// Of a journal whose first files are gone, though no checkpoint has passed them.
pub(crate) fn of_first_files(missing: &Range<Position>) -> String {
    let Range { start, end } = missing;
    let bytes = end.get().saturating_sub(start.get());
    format!(
        "the journal's first files are missing: of positions {start} to {end}, {bytes} bytes, the \
         archive has nothing. The acknowledged records in them are lost, unless these files are put \
         back while no server runs"
    )
}

#[cfg(test)]
mod tests;
