#![allow(clippy::unwrap_used)]

use super::*;

fn ladder(base: &str, steps: &[(i64, &str)]) -> Ladder {
    let steps = steps.iter().map(|(start, text)| (*start, UnitPrice::parse(text).unwrap()));
    Ladder { base: UnitPrice::parse(base).unwrap(), steps: steps.collect() }
}

fn charge(input_tokens: i64) -> Charge {
    Charge { input_tokens, rule: StepRule::Whole, factor: None, per: 1_000_000 }
}

fn shown(money: Money) -> String {
    money.to_string()
}

#[test]
fn prices_are_exact() {
    assert_eq!(shown(ladder("2.5", &[]).cost(3, &charge(3))), "0.0000075");
    assert_eq!(shown(ladder("0.1", &[]).cost(MOST_TOKENS, &charge(0))), "100000");
    assert_eq!(shown(ladder("1000000000", &[]).cost(MOST_TOKENS, &charge(0))), "1000000000000000");
    assert_eq!(shown(ladder("0.0000015", &[]).cost(1, &charge(1))), "0.000000000002");
}

#[test]
fn halves_go_to_the_even_neighbour() {
    // 0.5 and 1.5 and 2.5 of the last digit.
    for (price, expected) in
        [("0.0000005", "0"), ("0.0000015", "0.000000000002"), ("0.0000025", "0.000000000002")]
    {
        assert_eq!(shown(ladder(price, &[]).cost(1, &charge(1))), expected, "{price}");
    }
}

#[test]
fn a_threshold_is_passed_above_it_and_counts_for_the_whole_request() {
    let price = ladder("3", &[(200_000, "6")]);
    assert_eq!(shown(price.cost(100_000, &charge(200_000))), "0.3");
    assert_eq!(shown(price.cost(100_000, &charge(200_001))), "0.6");
}

#[test]
fn or_only_for_what_is_above_it() {
    let price = ladder("3", &[(100, "6"), (200, "9")]);
    let part = |count| {
        let charge = Charge { input_tokens: 1_000_000, rule: StepRule::Part, factor: None, per: 1 };
        shown(price.cost(count, &charge))
    };
    assert_eq!(part(50), "150");
    assert_eq!(part(100), "300");
    assert_eq!(part(150), "600");
    assert_eq!(part(250), "1350");
}

#[test]
fn a_factor_multiplies_exactly() {
    let factor = Some(Factor::parse("1.1").unwrap());
    let charge = Charge { factor, ..charge(1) };
    assert_eq!(shown(ladder("2.5", &[]).cost(1_000_000, &charge)), "2.75");
}

#[test]
fn counts_below_zero_cost_nothing() {
    assert_eq!(ladder("2.5", &[]).cost(-5, &charge(0)), Money::ZERO);
}

#[test]
fn refuses_what_is_no_price() {
    assert!(matches!(UnitPrice::parse("1e3"), Err(AmountError::Unreadable(_))));
    assert!(matches!(UnitPrice::parse(""), Err(AmountError::Unreadable(_))));
    assert!(matches!(UnitPrice::parse(&"9".repeat(1_000)), Err(AmountError::Unreadable(_))));
    assert!(matches!(UnitPrice::parse("-0.1"), Err(AmountError::Negative(_))));
    assert!(matches!(UnitPrice::parse("1000000000.01"), Err(AmountError::TooLarge(_))));
    assert!(matches!(UnitPrice::parse("0.0000000000001"), Err(AmountError::TooFine(_))));
    assert_eq!(UnitPrice::parse("2.50"), UnitPrice::parse("2.5"));
    assert!(
        Factor::parse("0").is_err()
            && Factor::parse("101").is_err()
            && Factor::parse("1.0000000001").is_err()
    );
}
