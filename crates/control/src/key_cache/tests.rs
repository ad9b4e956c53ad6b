#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use super::*;
use crate::{
    Access,
    test_support::{NOW, SECOND},
};

const LIMITS: CacheLimits = CacheLimits { accepted: 100, rejected: 100, ttl: 30 * SECOND };

fn fingerprint(number: u32) -> Fingerprint {
    let mut fingerprint = [0; 32];
    fingerprint[..4].copy_from_slice(&number.to_be_bytes());
    fingerprint
}

fn credential(key_id: &str) -> Credential {
    Credential { project_id: Arc::from("project"), key_id: Arc::from(key_id), access: Access::Full }
}

/// Puts an answer as a caller does that asked the database just now.
fn learn(cache: &KeyCache, number: u32, answer: Option<Credential>, now: Micros) {
    let ticket = ask(cache, number, now).unwrap();
    cache.put(fingerprint(number), answer, ticket, now);
}

fn ask(cache: &KeyCache, number: u32, now: Micros) -> Option<Ticket> {
    match cache.get(&fingerprint(number), now) {
        Lookup::Ask(ticket) => Some(ticket),
        Lookup::Known(_) => None,
    }
}

fn known(cache: &KeyCache, number: u32, now: Micros) -> Option<Option<Credential>> {
    match cache.get(&fingerprint(number), now) {
        Lookup::Known(answer) => Some(answer),
        Lookup::Ask(_) => None,
    }
}

fn len(cache: &KeyCache) -> (usize, usize) {
    let state = cache.state.read();
    (
        state.accepted.young.len() + state.accepted.old.len(),
        state.rejected.young.len() + state.rejected.old.len(),
    )
}

#[test]
fn both_answers_are_remembered() {
    let cache = KeyCache::new(LIMITS);
    learn(&cache, 1, Some(credential("a")), NOW);
    learn(&cache, 2, None, NOW);
    assert_eq!(known(&cache, 1, NOW), Some(Some(credential("a"))));
    assert_eq!(known(&cache, 2, NOW), Some(None));
    assert_eq!(known(&cache, 3, NOW), None);
}

#[test]
fn an_answer_expires() {
    let cache = KeyCache::new(LIMITS);
    learn(&cache, 1, Some(credential("a")), NOW);
    learn(&cache, 2, None, NOW);
    for number in [1, 2] {
        assert!(known(&cache, number, NOW + 20 * SECOND - 1).is_some());
        assert!(known(&cache, number, NOW + 30 * SECOND).is_none());
        assert!(known(&cache, number, NOW + 30 * SECOND).is_none());
    }
}

#[test]
fn one_caller_renews_while_the_others_keep_the_answer() {
    let cache = KeyCache::new(LIMITS);
    learn(&cache, 1, Some(credential("a")), NOW);
    let later = NOW + 20 * SECOND;
    let ticket = ask(&cache, 1, later).expect("the first caller is sent to the database");
    for _ in 0..10 {
        assert!(known(&cache, 1, later).is_some());
    }
    cache.put(fingerprint(1), Some(credential("a")), ticket, later);
    assert!(known(&cache, 1, NOW + 30 * SECOND).is_some());
}

#[test]
fn if_the_renewing_caller_fails_the_answer_still_expires() {
    let cache = KeyCache::new(LIMITS);
    learn(&cache, 1, Some(credential("a")), NOW);
    ask(&cache, 1, NOW + 20 * SECOND).unwrap();
    assert!(known(&cache, 1, NOW + 30 * SECOND - 1).is_some());
    assert!(known(&cache, 1, NOW + 30 * SECOND).is_none());
}

#[test]
fn a_renewal_can_turn_the_answer() {
    let cache = KeyCache::new(LIMITS);
    learn(&cache, 1, Some(credential("a")), NOW);
    learn(&cache, 1, None, NOW + 20 * SECOND);
    assert_eq!(known(&cache, 1, NOW + 20 * SECOND), Some(None));
    learn(&cache, 1, Some(credential("a")), NOW + 50 * SECOND);
    assert!(known(&cache, 1, NOW + 50 * SECOND).unwrap().is_some());
    assert_eq!(len(&cache), (1, 0));
}

#[test]
fn a_clock_that_is_set_back_keeps_nothing_alive() {
    let cache = KeyCache::new(LIMITS);
    learn(&cache, 1, Some(credential("a")), NOW);
    assert!(known(&cache, 1, NOW - SECOND).is_some());
    assert!(known(&cache, 1, NOW - 3_600 * SECOND).is_none());
}

#[test]
fn the_cache_is_bounded_and_wrong_keys_push_out_no_good_one() {
    let cache = KeyCache::new(LIMITS);
    learn(&cache, 0, Some(credential("good")), NOW);
    for number in 1..10_000 {
        learn(&cache, number, None, NOW);
        assert!(len(&cache).1 <= LIMITS.rejected);
    }
    assert!(known(&cache, 9_999, NOW).is_some(), "the newest is kept");
    assert!(known(&cache, 1, NOW).is_none(), "the oldest is not");
    assert_eq!(known(&cache, 0, NOW), Some(Some(credential("good"))));

    for number in 20_000..30_000 {
        learn(&cache, number, Some(credential("b")), NOW);
        assert!(len(&cache).0 <= LIMITS.accepted);
    }
}

#[test]
fn forgetting_a_key_forgets_every_form_of_it_and_no_other() {
    let cache = KeyCache::new(LIMITS);
    learn(&cache, 1, Some(credential("a")), NOW);
    learn(&cache, 2, Some(credential("a")), NOW);
    learn(&cache, 3, Some(credential("b")), NOW);
    cache.forget_key("a");
    assert_eq!(known(&cache, 1, NOW), None);
    assert_eq!(known(&cache, 2, NOW), None);
    assert_eq!(known(&cache, 3, NOW), Some(Some(credential("b"))));
}

#[test]
fn an_answer_read_before_a_revocation_does_not_come_back_after_it() {
    let cache = KeyCache::new(LIMITS);
    let ticket = ask(&cache, 1, NOW).unwrap();
    cache.forget_key("a");
    cache.put(fingerprint(1), Some(credential("a")), ticket, NOW);
    assert_eq!(known(&cache, 1, NOW), None);
}

#[test]
fn a_refusal_read_before_the_key_was_made_does_not_come_back_after_it() {
    let cache = KeyCache::new(LIMITS);
    learn(&cache, 2, None, NOW);
    let ticket = ask(&cache, 1, NOW).unwrap();
    cache.forget_rejected();
    cache.put(fingerprint(1), None, ticket, NOW);
    assert_eq!(known(&cache, 1, NOW), None);
    assert_eq!(known(&cache, 2, NOW), None);
}
