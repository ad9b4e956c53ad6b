#![allow(clippy::unwrap_used)]

use super::*;

fn index() -> Index {
    let ids: Vec<Text> = (0..100).map(|n| format!("trace {n}").into()).collect();
    Index::new(&ids, &["score".into()], (0..=100).map(|n| n * 5).collect())
}

#[test]
fn finds_what_was_put_in() {
    let index = Index::decode(&index().encode()).unwrap();
    assert_eq!(index, self::index());
    for n in 0..100u32 {
        let found: Vec<u32> = index.traces(key_hash(&format!("trace {n}"))).collect();
        assert_eq!(found, [n]);
        assert_eq!(index.spans(n), n as usize * 5..n as usize * 5 + 5);
    }
    assert_eq!(index.traces(key_hash("absent")).count(), 0);
    assert_eq!(index.scores(key_hash("score")).collect::<Vec<_>>(), [0]);
}

#[test]
fn damage_is_noticed_wherever_it_is() {
    let good = index().encode();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(Index::decode(&bad).is_err(), "byte {at}");
        assert!(Index::decode(&good[..at]).is_err(), "cut at {at}");
    }
}
