#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use arrow::array::Int64Array;
use proptest::prelude::*;

use super::*;

fn counted(values: &[i32]) -> Buckets {
    let mut buckets = Buckets::default();
    let values = Int64Array::from_iter_values(values.iter().map(|value| i64::from(*value)));
    buckets.update_batch(&[Arc::new(values)]).unwrap();
    buckets
}

/// What another accumulator would be given of it.
fn state(buckets: &mut Buckets) -> ArrayRef {
    let mut state = buckets.state().unwrap();
    assert_eq!(state.len(), 1);
    state.remove(0).to_array().unwrap()
}

proptest! {
    /// Counting some by some and adding up gives what counting all at once gives.
    #[test]
    fn parts_add_up(
        parts in prop::collection::vec(prop::collection::vec(0..4_000i32, 0..60), 0..6),
    ) {
        let mut sum = Buckets::default();
        for part in &parts {
            sum.merge_batch(&[state(&mut counted(part))]).unwrap();
        }
        let mut wanted: BTreeMap<i32, u64> = BTreeMap::new();
        for value in parts.iter().flatten() {
            *wanted.entry(*value).or_default() += 1;
        }
        let wanted: Vec<(i32, u64)> = wanted.into_iter().collect();
        prop_assert_eq!(&sum.counts, &wanted);
        let ScalarValue::Binary(Some(bytes)) = sum.evaluate().unwrap() else { panic!("no bytes") };
        prop_assert_eq!(pairs(&bytes).collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn any_count_is_read_as_it_was_written(
        counts in prop::collection::btree_map(any::<i32>(), any::<u64>(), 0..20),
    ) {
        let counts: Vec<(i32, u64)> = counts.into_iter().collect();
        let buckets = Buckets { counts: counts.clone() };
        let ScalarValue::Binary(Some(bytes)) = buckets.encoded() else { panic!("no bytes") };
        prop_assert_eq!(pairs(&bytes).collect::<Vec<_>>(), counts);
    }

    #[test]
    fn garbage_has_an_end(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        prop_assert!(pairs(&bytes).count() <= bytes.len());
    }
}
