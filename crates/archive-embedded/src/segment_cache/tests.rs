use super::*;

/// Bytes of a group without entries.
const GROUP: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Heavy(usize);

impl Weight for &'static str {
    fn bytes(&self) -> usize {
        GROUP
    }
}

impl Weight for Heavy {
    fn bytes(&self) -> usize {
        self.0
    }
}

type Cache = SegmentCache<&'static str, Heavy>;

fn masks(of: &[(u64, u64)]) -> HashMap<u64, u64> {
    of.iter().copied().collect()
}

/// Numbers of the segments of which a group's value is known.
fn found(cache: &Cache, group: &'static str, of: &[(u64, u64)]) -> Vec<u64> {
    let mut found: Vec<u64> = cache.find(&group, &masks(of)).into_keys().collect();
    found.sort_unstable();
    found
}

#[test]
fn what_was_kept_is_found_by_group_segment_and_mask() {
    let cache = Cache::within(10_000);
    cache.keep(&"a", 1, 0, Heavy(1));
    cache.keep(&"a", 2, 5, Heavy(2));
    cache.keep(&"b", 3, 0, Heavy(3));
    let values = cache.find(&"a", &masks(&[(1, 0), (2, 5), (3, 0)]));
    let wanted: HashMap<u64, Heavy> = [(1, Heavy(1)), (2, Heavy(2))].into_iter().collect();
    assert_eq!(values, wanted);
    assert_eq!(found(&cache, "b", &[(1, 0), (3, 0)]), [3]);
    assert!(found(&cache, "c", &[(1, 0)]).is_empty());
}

#[test]
fn what_is_gone_or_was_masked_since_goes() {
    let cache = Cache::within(10_000);
    for number in 1..=3 {
        cache.keep(&"a", number, 0, Heavy(50));
    }
    assert_eq!(cache.bytes(), GROUP + 150);
    assert_eq!(found(&cache, "a", &[(1, 0), (2, 1), (4, 0)]), [1]);
    assert_eq!(cache.bytes(), GROUP + 50);
    assert_eq!(found(&cache, "a", &[(1, 0), (2, 0), (3, 0)]), [1]);
    // Again of another mask: in the place of the one before.
    cache.keep(&"a", 1, 7, Heavy(70));
    assert_eq!(cache.bytes(), GROUP + 70);
    assert_eq!(found(&cache, "a", &[(1, 7)]), [1]);
    assert!(found(&cache, "a", &[(1, 0)]).is_empty());
    assert_eq!(cache.bytes(), GROUP);
}

#[test]
fn the_group_that_was_not_used_for_longest_makes_room_with_all_its_entries() {
    let one = GROUP + 20;
    let cache = Cache::within(3 * one);
    for group in ["a", "b", "c"] {
        cache.keep(&group, 1, 0, Heavy(10));
        cache.keep(&group, 2, 0, Heavy(10));
    }
    let all = [(1, 0), (2, 0)];
    assert_eq!(found(&cache, "a", &all), [1, 2]);
    cache.keep(&"d", 1, 0, Heavy(10));
    assert_eq!(cache.bytes(), 2 * one + GROUP + 10);
    let left = ["a", "b", "c", "d"].map(|group| found(&cache, group, &all).len());
    assert_eq!(left, [2, 0, 2, 1]);
}

#[test]
fn a_group_keeps_no_more_than_there_is_room_for() {
    let cache = Cache::within(GROUP + 25);
    let all: Vec<(u64, u64)> = (1..=9).map(|number| (number, 0)).collect();
    for (number, masked) in &all {
        cache.keep(&"a", *number, *masked, Heavy(10));
    }
    assert_eq!(found(&cache, "a", &all), [1, 2]);
    assert_eq!(cache.bytes(), GROUP + 20);
}

#[test]
fn what_is_too_large_is_not_kept() {
    let cache = Cache::within(GROUP + 10);
    cache.keep(&"a", 1, 0, Heavy(11));
    assert!(found(&cache, "a", &[(1, 0)]).is_empty());
    assert_eq!(cache.bytes(), 0);
    // Nor is what it was before.
    cache.keep(&"a", 1, 0, Heavy(10));
    cache.keep(&"a", 1, 1, Heavy(11));
    assert!(found(&cache, "a", &[(1, 0)]).is_empty());
    assert_eq!(cache.bytes(), 0);
}
