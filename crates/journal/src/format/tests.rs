#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn segment_header() -> impl Strategy<Value = SegmentHeader> {
    let link = proptest::option::of((0..NO_SEGMENT, any::<u64>()));
    (any::<u64>(), any::<u64>(), link).prop_map(|(base, salt, link)| SegmentHeader {
        base,
        salt,
        link: link.map(|(base, end)| Link { base, end }),
    })
}

fn group_header() -> impl Strategy<Value = GroupHeader> {
    (any::<u64>(), any::<u64>(), any::<u64>(), any::<u32>()).prop_map(
        |(position, synced_to, body, blocks)| GroupHeader { position, synced_to, body, blocks },
    )
}

proptest! {
    #[test]
    fn a_segment_header_comes_back_and_any_flipped_bit_shows(
        header in segment_header(),
        bit in 0..SEGMENT_HEADER * 8,
    ) {
        let mut bytes = header.encode();
        prop_assert_eq!(SegmentHeader::decode(&bytes), Ok(header));
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(SegmentHeader::decode(&bytes), Err(HeaderError::Damaged));
    }

    #[test]
    fn a_group_header_comes_back_and_any_flipped_bit_shows(
        header in group_header(),
        salt in any::<u64>(),
        bit in 0..GROUP_HEADER * 8,
    ) {
        let mut bytes = header.encode(salt);
        prop_assert_eq!(GroupHeader::decode(&bytes, salt), Some(header));
        prop_assert_eq!(GroupHeader::decode(&bytes, salt ^ 1), None);
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(GroupHeader::decode(&bytes, salt), None);
    }

    #[test]
    fn a_name_comes_back(base in any::<u64>()) {
        prop_assert_eq!(parse_file_name(&file_name(base)), Some(base));
    }
}

#[test]
fn names_sort_like_positions_and_have_one_spelling() {
    assert_eq!(file_name(0x1f), "000000000000001f.wal");
    assert!(file_name(9) < file_name(10));
    assert!(file_name(0xff) < file_name(0x100));
    for name in [
        "1f.wal",
        "000000000000001F.wal",
        "+00000000000001f.wal",
        "000000000000001f",
        "journal.lock",
        "",
    ] {
        assert_eq!(parse_file_name(name), None, "{name}");
    }
}

#[test]
fn zeros_are_neither_header_nor_empty_block() {
    let zeros = [0; SEGMENT_HEADER];
    assert_eq!(SegmentHeader::decode(&zeros), Err(HeaderError::Damaged));
    assert_eq!(GroupHeader::decode(&zeros, 0), None);
    assert_ne!(frame_checksum(0, 0, &[]), 0);
}

#[test]
fn a_newer_version_is_told_from_damage() {
    let header = SegmentHeader { base: 0, salt: 7, link: None };
    let mut bytes = header.encode();
    bytes[8..12].copy_from_slice(&2_u32.to_le_bytes());
    let checksum = crc32fast::hash(&bytes[..60]);
    bytes[60..].copy_from_slice(&checksum.to_le_bytes());
    assert_eq!(SegmentHeader::decode(&bytes), Err(HeaderError::Version(2)));
}
