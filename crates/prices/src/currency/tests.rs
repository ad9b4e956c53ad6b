#![allow(clippy::unwrap_used)]

use super::*;

fn rate(currency: &str, from: &str, rate: &str) -> Rate {
    Rate { currency: currency.into(), from: from.into(), rate: rate.into() }
}

fn at(text: &str) -> Micros {
    Micros::parse(text).unwrap()
}

fn usd(text: &str) -> Money {
    Money::parse_cost(text).unwrap()
}

#[test]
fn the_rate_of_the_day_counts() {
    let rates =
        Rates::new(&[rate("EUR", "2026-02-01", "0.9"), rate("EUR", "2026-01-01", "0.8")]).unwrap();
    let converted = |time| rates.convert(usd("10"), "EUR", at(time)).map(|found| found.rounded(2));
    assert_eq!(converted("2025-12-31T23:59:59Z"), None);
    assert_eq!(converted("2026-01-01T00:00:00Z").as_deref(), Some("8.00"));
    assert_eq!(converted("2026-01-31T23:59:59Z").as_deref(), Some("8.00"));
    assert_eq!(converted("2026-02-01T00:00:00Z").as_deref(), Some("9.00"));
    assert_eq!(rates.convert(usd("10"), "JPY", at("2026-02-01T00:00:00Z")), None);
}

#[test]
fn all_digits_are_kept_until_shown() {
    let rates = Rates::new(&[rate("JPY", "2026-01-01", "151.123456789")]).unwrap();
    let converted = |text| rates.convert(usd(text), "JPY", at("2026-01-02T00:00:00Z")).unwrap();
    assert_eq!(converted("0.000000000001").rounded(21), "0.000000000151123456789");
    assert_eq!(converted("0.000000000001").rounded(99), "0.000000000151123456789");
    assert_eq!(converted("2").rounded(0), "302");
    let trillion = Money(10i128.pow(24));
    let converted = rates.convert(trillion, "JPY", at("2026-01-02T00:00:00Z")).unwrap();
    assert_eq!(converted.rounded(2), "151123456789000.00");
    assert_eq!(rates.convert(Money(i128::MAX), "JPY", at("2026-01-02T00:00:00Z")), None);
}

#[test]
fn a_rate_says_since_when_and_how_much() {
    let rates =
        Rates::new(&[rate("EUR", "2026-01-01", "0.920"), rate("EUR", "2026-02-01", "1")]).unwrap();
    let found = rates.rate_at("EUR", at("2026-01-31T23:59:59Z")).unwrap();
    assert_eq!((&*found.day(), &*found.to_string()), ("2026-01-01", "0.92"));
    let found = rates.rate_at("EUR", at("2026-02-01T00:00:00Z")).unwrap();
    assert_eq!(found.to_string(), "1");
    assert_eq!(found.convert(usd("2.5")).unwrap().rounded(3), "2.500");
    assert_eq!(rates.rate_at("EUR", at("2025-12-31T23:59:59Z")), None);
    assert_eq!(rates.rate_at("CHF", at("2026-02-01T00:00:00Z")), None);
}

#[test]
fn halves_are_shown_even() {
    let rates = Rates::new(&[rate("EUR", "2026-01-01", "0.5")]).unwrap();
    let shown =
        |text| rates.convert(usd(text), "EUR", at("2026-01-02T00:00:00Z")).unwrap().rounded(2);
    assert_eq!(shown("0.01"), "0.00");
    assert_eq!(shown("0.03"), "0.02");
    assert_eq!(shown("0.05"), "0.02");
    assert_eq!(shown("0.050001"), "0.03");
}

#[test]
fn refuses_what_is_no_rate() {
    let refused = |rate: Rate| Rates::new(&[rate]).unwrap_err().to_string();
    assert!(refused(rate("eur", "2026-01-01", "1")).contains("`eur` is no currency"));
    assert!(refused(rate("EURO", "2026-01-01", "1")).contains("is no currency"));
    assert!(refused(rate("EUR", "yesterday", "1")).contains("`yesterday` is no day"));
    for text in ["0", "-1", "1e3", "", "1000001", "0.1234567891"] {
        assert!(refused(rate("EUR", "2026-01-01", text)).contains("is no rate"), "{text}");
    }
    let twice = [rate("EUR", "2026-01-01", "1"), rate("EUR", "2026-01-01", "2")];
    assert_eq!(Rates::new(&twice).unwrap_err().index, 1);
}
