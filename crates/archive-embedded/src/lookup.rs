//! Looking for a unit in segments, newest first. Reads files: not to be done under a lock.

use tracekeep_model::{Unit, UnitKey};
use tracekeep_segment::SegmentError;

use crate::snapshot::MaskedSegment;

/// The segment that has a unit, and its row there.
pub(crate) fn locate<'s>(
    segments: &'s [MaskedSegment],
    key: &UnitKey,
) -> Result<Option<(&'s MaskedSegment, u32)>, SegmentError> {
    for masked in segments.iter().rev() {
        let row = match key {
            UnitKey::Trace(id) => {
                masked.segment.find_trace(id, |row| masked.mask.traces.contains(row))?
            }
            UnitKey::Score(id) => {
                masked.segment.find_score(id, |row| masked.mask.scores.contains(row))?
            }
        };
        if let Some(row) = row {
            return Ok(Some((masked, row)));
        }
    }
    Ok(None)
}

/// A unit of a segment, and where it is.
pub(crate) struct There {
    /// The number of the segment.
    pub(crate) segment: u64,
    pub(crate) row: u32,
    pub(crate) unit: Unit,
}

impl There {
    pub(crate) fn new(masked: &MaskedSegment, row: u32, unit: Unit) -> Self {
        Self { segment: masked.number, row, unit }
    }
}

/// Finds a unit and reads it.
pub(crate) fn read(
    segments: &[MaskedSegment],
    key: &UnitKey,
) -> Result<Option<There>, SegmentError> {
    for masked in segments.iter().rev() {
        let found = match key {
            UnitKey::Trace(id) => masked
                .segment
                .find_trace_unit(id, |row| masked.mask.traces.contains(row))?
                .map(|(row, unit)| (row, Unit::Trace(unit))),
            UnitKey::Score(id) => {
                match masked.segment.find_score(id, |row| masked.mask.scores.contains(row))? {
                    Some(row) => Some((row, Unit::Score(masked.segment.score_state(row)?))),
                    None => None,
                }
            }
        };
        if let Some((row, unit)) = found {
            return Ok(Some(There::new(masked, row, unit)));
        }
    }
    Ok(None)
}
