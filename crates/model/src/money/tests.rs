#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn reads_what_json_writes() {
    for (text, shown) in [
        ("0.000001234567", "0.000001234567"),
        ("1.5e-7", "0.00000015"),
        ("3", "3"),
        ("0.10", "0.1"),
        ("-0", "0"),
        ("0.0000000000005", "0"),
        ("0.0000000000015", "0.000000000002"),
    ] {
        assert_eq!(Money::parse_cost(text).unwrap().to_string(), shown, "{text}");
    }
}

#[test]
fn refuses_what_is_no_cost() {
    assert!(matches!(Money::parse_cost("-1"), Err(MoneyError::Negative(_))));
    assert!(matches!(Money::parse_cost("1e12"), Err(MoneyError::TooLarge(_))));
    assert!(matches!(Money::parse_cost("NaN"), Err(MoneyError::Unreadable(_))));
    assert!(matches!(Money::parse_cost(""), Err(MoneyError::Unreadable(_))));
    let zeros = "0".repeat(1_000_000);
    assert_eq!(Money::parse_cost(&zeros), Err(MoneyError::TooLong(1_000_000)));
    assert_eq!(Money::parse_cost(&zeros[..256]), Ok(Money::ZERO));
}

#[test]
fn a_tenth_ten_times_is_one() {
    let sum: Money = std::iter::repeat_n(Money::parse_cost("0.1").unwrap(), 10).sum();
    assert_eq!(serde_json::to_string(&sum).unwrap(), "1");
}
