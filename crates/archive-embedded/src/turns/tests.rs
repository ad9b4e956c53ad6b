use super::*;

#[test]
fn one_after_another_each_is_alone() {
    let turns = Arc::new(Turns::default());
    for _ in 0..3 {
        assert!(turns.begin().is_alone());
    }
}

#[test]
fn who_meets_another_is_not_alone_even_when_that_one_has_gone() {
    let turns = Arc::new(Turns::default());
    let first = turns.begin();
    assert!(first.is_alone());
    let second = turns.begin();
    assert!(!first.is_alone() && !second.is_alone());
    drop(second);
    assert!(!first.is_alone());
    let third = turns.begin();
    drop(first);
    assert!(!third.is_alone());
    drop(third);
    assert!(turns.begin().is_alone());
}
