use proptest::prelude::*;

use super::*;

#[test]
fn small_values_are_exact() {
    for value in 0..128 {
        assert_eq!(bucket_value(bucket_of(value)), value);
    }
    assert_eq!(bucket_of(-5), 0);
}

#[test]
fn buckets_have_no_gap() {
    assert_eq!(
        (bucket_of(127), bucket_of(128), bucket_of(129), bucket_of(130)),
        (127, 128, 128, 129)
    );
    assert_eq!((bucket_of(255), bucket_of(256)), (191, 192));
    assert_eq!(bucket_of(i64::MAX), LAST);
    for bucket in 0..=LAST {
        assert_eq!(bucket_of(bucket_value(bucket)), bucket);
    }
    assert!(bucket_value(i32::MAX) > 0);
}

proptest! {
    #[test]
    fn the_error_is_at_most_one_in_128(value in 0i64..=i64::MAX) {
        let shown = bucket_value(bucket_of(value));
        prop_assert!(i128::from(shown - value).abs() * 128 <= i128::from(value));
    }

    #[test]
    fn the_error_is_small_for_durations_too(value in 0i64..10_000_000_000) {
        let shown = bucket_value(bucket_of(value));
        prop_assert!(i128::from(shown - value).abs() * 128 <= i128::from(value));
    }

    #[test]
    fn order_is_kept(a in 0i64..10_000_000, b in 0i64..10_000_000) {
        prop_assert!(bucket_of(a.min(b)) <= bucket_of(a.max(b)));
    }
}
