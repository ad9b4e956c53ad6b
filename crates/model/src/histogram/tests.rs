use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn the_middle_is_near(micros in 0i64..i64::MAX / 2) {
        let near = bucket_value(bucket_of(micros));
        prop_assert!((near - micros).abs() <= micros / 128, "{micros} became {near}");
    }

    #[test]
    fn order_is_kept(a in 0i64..1 << 50, b in 0i64..1 << 50) {
        prop_assert!(a > b || bucket_of(a) <= bucket_of(b));
    }
}

#[test]
fn buckets_join_without_a_gap() {
    let buckets: Vec<i32> = (0..100_000).map(bucket_of).collect();
    assert!(buckets.windows(2).all(|w| w[1] - w[0] == 0 || w[1] - w[0] == 1));
    assert_eq!((bucket_of(127), bucket_of(128), bucket_of(-5)), (127, 128, 0));
    assert!(bucket_value(bucket_of(i64::MAX)) > 0);
}
