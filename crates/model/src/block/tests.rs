#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn block() -> impl Strategy<Value = Block> {
    let key = prop_oneof![
        Just(RecordKey::Trace { trace_id: "t".into() }),
        Just(RecordKey::Span { trace_id: "t".into(), span_id: "ü".into() }),
        Just(RecordKey::Score { score_id: "s".into() }),
    ];
    prop::collection::vec((key, crate::state::tests::state()), 0..5).prop_map(|patches| Block {
        project_id: "p".into(),
        received: Micros(-3),
        patches,
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(block in block()) {
        prop_assert_eq!(Block::decode(&block.encode()).unwrap(), block);
    }

    #[test]
    fn garbage_is_an_error_not_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Block::decode(&Bytes::from(bytes));
    }

    #[test]
    fn a_cut_block_is_truncated(block in block(), cut in any::<prop::sample::Index>()) {
        let bytes = block.encode();
        let cut = bytes.slice(..cut.index(bytes.len()));
        prop_assert!(Block::decode(&cut).is_err());
    }
}

#[test]
fn a_newer_format_names_the_remedy() {
    let error = Block::decode(&Bytes::from_static(&[2])).unwrap_err();
    assert!(error.to_string().contains("start a newer Tracekeep"), "{error}");
}
