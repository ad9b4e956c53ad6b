#![allow(clippy::unwrap_used)]

use super::*;
use crate::amount::UnitPrice;

fn units(prices: &[(&str, &str)]) -> Units {
    let ladder = |text: &str| Ladder { base: UnitPrice::parse(text).unwrap(), steps: Vec::new() };
    Units(prices.iter().map(|(name, text)| ((*name).into(), ladder(text))).collect())
}

fn price<'a>(standard: &'a Units, tier: Option<&'a Units>) -> Price<'a> {
    let factor = None;
    Price { id: "p/m@start".into(), standard, tier, factor, least: &[], rule: StepRule::Whole }
}

fn usage(counts: &[(&str, i64)]) -> Usage {
    let mut usage = Usage::default();
    counts.iter().for_each(|(name, count)| usage.set(&Text::from(*name), *count));
    usage
}

fn parts(price: &Price<'_>, counts: &[(&str, i64)]) -> Vec<(String, String)> {
    let cost = price.cost(&usage(counts)).unwrap();
    cost.parts.iter().map(|(name, amount)| (name.to_string(), amount.to_string())).collect()
}

fn total(price: &Price<'_>, counts: &[(&str, i64)]) -> Option<String> {
    price.cost(&usage(counts)).and_then(|cost| cost.total()).map(|amount| amount.to_string())
}

const M: i64 = 1_000_000;

#[test]
fn a_type_without_a_price_costs_what_its_parent_costs() {
    let standard = units(&[("input", "2"), ("input_cache_write", "3"), ("output", "8")]);
    let found = parts(
        &price(&standard, None),
        &[
            ("input", M),
            ("input_cache_read", M),
            ("input_cache_write_1h", M),
            ("output_reasoning", M),
            ("input_odd", M),
        ],
    );
    let expected = [
        ("input", "2"),
        ("input_cache_read", "2"),
        ("output_reasoning", "8"),
        ("input_cache_write_1h", "3"),
        ("input_odd", "2"),
    ];
    let expected = expected.map(|(name, amount)| (name.to_owned(), amount.to_owned()));
    assert_eq!(found, expected);
}

#[test]
fn without_any_price_the_cost_is_unknown_and_not_zero() {
    let standard = units(&[("input", "2")]);
    let price = price(&standard, None);
    assert_eq!(total(&price, &[("output", 5)]), None);
    assert_eq!(total(&price, &[]), None);
    assert_eq!(total(&price, &[("total", 5)]), None);
    assert_eq!(total(&price, &[("input", 0)]).as_deref(), Some("0"));
    let counts = usage(&[("input", 1), ("web_searches", 1), ("output", 1)]);
    assert_eq!(price.unpriced(&counts).collect::<Vec<_>>(), ["output", "web_searches"]);
}

#[test]
fn a_tier_changes_what_it_names_and_what_hangs_on_it() {
    let standard = units(&[("input", "2"), ("input_cache_read", "1"), ("output", "8")]);
    let tier = units(&[("input", "1"), ("output", "4")]);
    let counts =
        [("input", M), ("input_cache_read", M), ("input_audio", M), ("output_reasoning", M)];
    assert_eq!(total(&price(&standard, Some(&tier)), &counts).as_deref(), Some("7"));
}

#[test]
fn a_fee_for_the_call_is_charged_once() {
    let standard = units(&[("input", "1"), ("requests", "5000")]);
    let price_with = price(&standard, None);
    assert_eq!(total(&price_with, &[("input", M)]).as_deref(), Some("1.005"));
    assert_eq!(total(&price_with, &[("input", M), ("requests", 3)]).as_deref(), Some("1.015"));
    assert_eq!(total(&price_with, &[]), None);
    let only = units(&[("requests", "5000")]);
    assert_eq!(total(&price(&only, None), &[]).as_deref(), Some("0.005"));
}

#[test]
fn a_least_amount_is_charged_of_what_was_used_at_all() {
    let standard = units(&[("audio_seconds", "3600")]);
    let least: [(Box<str>, i64); 1] = [("audio_seconds".into(), 10)];
    let price = Price { least: &least, ..price(&standard, None) };
    assert_eq!(total(&price, &[("audio_seconds", 3)]).as_deref(), Some("10"));
    assert_eq!(total(&price, &[("audio_seconds", 30)]).as_deref(), Some("30"));
    assert_eq!(total(&price, &[("audio_seconds", 0)]).as_deref(), Some("0"));
}

#[test]
fn thresholds_look_at_all_input_tokens_and_at_no_other_units() {
    let two = |low: &str, high: &str| Ladder {
        base: UnitPrice::parse(low).unwrap(),
        steps: vec![(200_000, UnitPrice::parse(high).unwrap())],
    };
    let standard = Units(vec![("input".into(), two("1", "2")), ("output".into(), two("10", "20"))]);
    let price = price(&standard, None);
    let output = |counts: &[(&str, i64)]| {
        let cost = price.cost(&usage(counts)).unwrap();
        cost.output().unwrap().to_string()
    };
    assert_eq!(output(&[("input", 200_000), ("output", M)]), "10");
    assert_eq!(output(&[("input", 1), ("input_cache_read", 200_000), ("output", M)]), "20");
    assert_eq!(output(&[("input", 1), ("input_images", 300_000), ("output", M)]), "10");
}

#[test]
fn a_regions_factor_is_for_tokens_alone() {
    let standard = units(&[("input", "1"), ("web_searches", "10000")]);
    let factor = Some(Factor::parse("1.1").unwrap());
    let price = Price { factor, ..price(&standard, None) };
    assert_eq!(total(&price, &[("input", M), ("web_searches", 1)]).as_deref(), Some("1.11"));
}
