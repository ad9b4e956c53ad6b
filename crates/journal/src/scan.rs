//! Reads the groups of one segment, and tells where they stop being intact.

use std::ops::Range;

use crate::Position;
use crate::format::{
    FRAME_HEADER, GROUP_HEADER, GROUP_MAGIC, GroupHeader, SEGMENT_HEADER, SegmentHeader,
    frame_checksum, u32_at,
};

/// The first thing that is not intact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    /// Where it begins in the file.
    pub(crate) offset: usize,
    pub(crate) reason: &'static str,
}

/// A block that is intact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) position: Position,
    pub(crate) end: Position,
    /// Where the block is in the file.
    pub(crate) block: Range<usize>,
}

/// The intact groups at the start of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Scan {
    pub(crate) frames: Vec<Frame>,
    /// Where the last intact group is in the file.
    pub(crate) last_group: Option<Range<usize>>,
    /// Where the intact groups end in the file.
    pub(crate) end: usize,
    /// What follows them, unless the file ends there.
    pub(crate) damage: Option<Damage>,
}

impl Scan {
    /// Where the last block ends in the log, 0 if there is none.
    pub(crate) fn blocks_end(&self) -> u64 {
        self.frames.last().map_or(0, |frame| frame.end.get())
    }
}

/// Reads groups from the start of a segment, header included in `data`, up to the first damage.
pub(crate) fn scan(data: &[u8], segment: &SegmentHeader) -> Scan {
    let mut scan = Scan { frames: Vec::new(), last_group: None, end: SEGMENT_HEADER, damage: None };
    while scan.end < data.len() {
        let start = scan.end;
        match read_group(data, segment, start) {
            Ok((end, mut frames)) => {
                scan.frames.append(&mut frames);
                scan.last_group = Some(start..end);
                scan.end = end;
            }
            Err(damage) => {
                scan.damage = Some(damage);
                break;
            }
        }
    }
    scan
}

/// The greatest `synced_to` of any intact group header that begins after `offset`.
///
/// Every offset is tried: where there is damage, no length leads to the next group.
pub(crate) fn witness(data: &[u8], segment: &SegmentHeader, offset: usize) -> Option<u64> {
    let last = data.len().saturating_sub(GROUP_HEADER);
    (offset + 1..=last)
        .filter(|at| data[*at..].starts_with(&GROUP_MAGIC))
        .filter_map(|at| group_at(data, segment, at))
        .map(|group| group.synced_to)
        .max()
}

/// The end and the frames of the group at `start`.
fn read_group(
    data: &[u8],
    segment: &SegmentHeader,
    start: usize,
) -> Result<(usize, Vec<Frame>), Damage> {
    let damage = |offset, reason| Damage { offset, reason };
    let Some(header) = group_at(data, segment, start) else {
        return Err(damage(start, "the group header is not intact"));
    };
    let mut at = start + GROUP_HEADER;
    let room = data.len() - at;
    let body = match usize::try_from(header.body) {
        Ok(body) if body <= room => body,
        _ => return Err(damage(start, "the group does not end where it should")),
    };
    let end = at + body;
    let mut frames = Vec::new();
    for _ in 0..header.blocks {
        let Some(frame) = frame_at(&data[..end], segment, at) else {
            return Err(damage(at, "a block does not match its checksum"));
        };
        at = frame.block.end;
        frames.push(frame);
    }
    if at != end {
        return Err(damage(at, "the group is longer than its blocks"));
    }
    Ok((end, frames))
}

/// The intact group header at `at`, if it is there and belongs there.
fn group_at(data: &[u8], segment: &SegmentHeader, at: usize) -> Option<GroupHeader> {
    let header = GroupHeader::decode(data.get(at..)?, segment.salt)?;
    (header.position == segment.base + at as u64).then_some(header)
}

/// The intact frame at `at` that ends within `data`.
fn frame_at(data: &[u8], segment: &SegmentHeader, at: usize) -> Option<Frame> {
    let start = at + FRAME_HEADER;
    if start > data.len() {
        return None;
    }
    let end = start.checked_add(u32_at(data, at) as usize)?;
    let block = data.get(start..end)?;
    let position = segment.base + at as u64;
    let intact = u32_at(data, at + 4) == frame_checksum(segment.salt, position, block);
    intact.then(|| Frame {
        position: Position::new(position),
        end: Position::new(segment.base + end as u64),
        block: start..end,
    })
}

#[cfg(test)]
mod tests;
