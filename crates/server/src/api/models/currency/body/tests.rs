#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn read(body: &Value) -> Result<Sent, FieldError> {
    currency(body.to_string().as_bytes())
}

#[test]
fn a_currency_is_read_with_its_rates() {
    let sent = read(&json!({
        "currency": "EUR",
        "rates": [{ "from": "2026-02-01", "rate": "0.9" }, { "from": "2026-01-01", "rate": "0.92" }],
    }));
    let rate = |from: &str, rate: &str| DayRate { from: from.to_owned(), rate: rate.to_owned() };
    let rates = vec![rate("2026-02-01", "0.9"), rate("2026-01-01", "0.92")];
    assert_eq!(sent, Ok(Sent { currency: Some("EUR".to_owned()), rates }));
    for body in [json!({ "currency": null }), json!({ "currency": null, "rates": [] })] {
        assert_eq!(read(&body), Ok(Sent { currency: None, rates: Vec::new() }));
    }
}

#[test]
fn what_is_wrong_is_named() {
    let rate = || json!({ "from": "2026-01-01", "rate": "0.92" });
    for (body, field, reason) in [
        (json!({}), "currency", "is missing; send three capital letters"),
        (json!({ "currency": "euro", "rates": [rate()] }), "currency", "is no currency"),
        (json!({ "currency": "USD", "rates": [rate()] }), "currency", "send null"),
        (json!({ "currency": "EUR" }), "rates", "are missing"),
        (json!({ "currency": "EUR", "rates": 1 }), "rates", "are no list"),
        (json!({ "currency": null, "rates": [rate()] }), "rates", "are of no currency"),
        (json!({ "currency": "EUR", "rates": [1] }), "rates.0", "is no object"),
        (json!({ "currency": "EUR", "rates": [{ "rate": "1" }] }), "rates.0.from", "is missing"),
        (
            json!({ "currency": "EUR", "rates": [{ "from": "2026-01-01", "rate": 0.92 }] }),
            "rates.0.rate",
            "is no text",
        ),
        (json!({ "currency": "EUR", "rates": [rate(), rate()] }), "rates.1", "already"),
        (
            json!({ "currency": "EUR", "rates": [{ "from": "soon", "rate": "1" }] }),
            "rates.0",
            "is no day",
        ),
        (json!({ "currency": "EUR", "rate": 1 }), "rate", "is not a field here"),
    ] {
        let refused = read(&body).unwrap_err();
        assert_eq!(refused.field, field, "{body}: {refused:?}");
        assert!(refused.reason.contains(reason), "{body}: {refused:?}");
    }
    let many: Vec<Value> = (0..=MOST_RATES).map(|_| rate()).collect();
    assert!(
        read(&json!({ "currency": "EUR", "rates": many })).unwrap_err().reason.contains("more")
    );
}
