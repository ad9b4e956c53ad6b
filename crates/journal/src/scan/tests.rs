use proptest::prelude::*;

use super::*;
use crate::format::frame_header;

const SEGMENT: SegmentHeader = SegmentHeader { base: 1000, salt: 0x5a17, link: None };

/// A segment of these groups of blocks.
fn segment(groups: &[&[&[u8]]]) -> Vec<u8> {
    let mut data = SEGMENT.encode().to_vec();
    for blocks in groups {
        let position = SEGMENT.base + data.len() as u64;
        let body: usize = blocks.iter().map(|block| FRAME_HEADER + block.len()).sum();
        let header = GroupHeader {
            position,
            synced_to: position,
            body: body as u64,
            blocks: blocks.len() as u32,
        };
        data.extend_from_slice(&header.encode(SEGMENT.salt));
        for block in *blocks {
            let position = SEGMENT.base + data.len() as u64;
            data.extend_from_slice(&frame_header(SEGMENT.salt, position, block));
            data.extend_from_slice(block);
        }
    }
    data
}

fn blocks(data: &[u8], scan: &Scan) -> Vec<Vec<u8>> {
    let block = |frame: &Frame| data[frame.block.clone()].to_vec();
    scan.frames.iter().map(block).collect()
}

#[test]
fn groups_come_back_with_positions() {
    let data = segment(&[&[b"one", b""], &[], &[b"three"]]);
    let scan = scan(&data, &SEGMENT);
    assert_eq!(blocks(&data, &scan), [&b"one"[..], b"", b"three"]);
    assert_eq!(scan.end, data.len());
    assert_eq!(scan.damage, None);
    assert_eq!(scan.last_group, Some(data.len() - 53..data.len()));
    assert_eq!(scan.frames[0].position, Position::new(1000 + 64 + 40));
    assert_eq!(scan.frames[0].end, Position::new(1000 + 64 + 40 + 8 + 3));
    assert_eq!(scan.frames[1].position, scan.frames[0].end);
}

#[test]
fn a_later_group_is_a_witness_even_when_its_blocks_are_gone() {
    let mut data = segment(&[&[b"one"], &[b"two"]]);
    let second = SEGMENT_HEADER + GROUP_HEADER + FRAME_HEADER + 3;
    let end = data.len();
    data[SEGMENT_HEADER] ^= 1;
    data[end - 3..].fill(0);
    let scan = scan(&data, &SEGMENT);
    assert_eq!(scan.end, SEGMENT_HEADER);
    assert_eq!(scan.damage.map(|damage| damage.offset), Some(SEGMENT_HEADER));
    let synced_to = SEGMENT.base + second as u64;
    assert_eq!(witness(&data, &SEGMENT, SEGMENT_HEADER), Some(synced_to));
    assert_eq!(witness(&data, &SEGMENT, second), None);
}

#[test]
fn a_block_cannot_pose_as_a_witness_without_the_salt() {
    let position = SEGMENT.base + (SEGMENT_HEADER + GROUP_HEADER + FRAME_HEADER) as u64;
    let forged = GroupHeader { position, synced_to: position, body: 0, blocks: 0 };
    let data = segment(&[&[&forged.encode(0)]]);
    assert_eq!(witness(&data, &SEGMENT, SEGMENT_HEADER), None);
    // With the salt it would pass: it is the salt that protects.
    let data = segment(&[&[&forged.encode(SEGMENT.salt)]]);
    assert_eq!(witness(&data, &SEGMENT, SEGMENT_HEADER), Some(position));
}

#[test]
fn zeros_behind_the_last_group_are_damage_at_its_end() {
    let mut data = segment(&[&[b"one"]]);
    let end = data.len();
    data.resize(end + 4096, 0);
    let scan = scan(&data, &SEGMENT);
    assert_eq!(scan.end, end);
    assert_eq!(scan.damage.map(|damage| damage.offset), Some(end));
    assert_eq!(witness(&data, &SEGMENT, end), None);
}

proptest! {
    #[test]
    fn any_flipped_bit_and_any_cut_keeps_exactly_the_groups_before_it(
        sizes in proptest::collection::vec(proptest::collection::vec(0..40_usize, 0..4), 1..5),
        place in any::<proptest::sample::Index>(),
        bit in 0..8,
        cut in any::<bool>(),
    ) {
        let owned: Vec<Vec<Vec<u8>>> = sizes
            .iter()
            .map(|group| group.iter().map(|size| vec![7; *size]).collect())
            .collect();
        let borrowed: Vec<Vec<&[u8]>> = owned
            .iter()
            .map(|group| group.iter().map(Vec::as_slice).collect())
            .collect();
        let groups: Vec<&[&[u8]]> = borrowed.iter().map(Vec::as_slice).collect();
        let mut data = segment(&groups);
        let at = SEGMENT_HEADER + place.index(data.len() - SEGMENT_HEADER);
        // The number of whole groups that end at or before the damage.
        let intact = (0..=groups.len())
            .rev()
            .find(|count| segment(&groups[..*count]).len() <= at)
            .unwrap_or(0);
        if cut {
            data.truncate(at);
        } else {
            data[at] ^= 1u8 << bit;
        }
        let scan = scan(&data, &SEGMENT);
        let expected = segment(&groups[..intact]);
        prop_assert_eq!(scan.end, expected.len());
        let kept: Vec<Vec<u8>> = owned[..intact].concat();
        prop_assert_eq!(blocks(&data, &scan), kept);
        // A cut between two groups leaves nothing that looks damaged.
        prop_assert_eq!(scan.damage.is_none(), data.len() == expected.len());
    }
}
