#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn read(body: Value) -> Result<CustomPrice, FieldError> {
    price("a", body.to_string().as_bytes())
}

#[test]
fn a_whole_price_is_read() {
    let body = json!({
        "provider": "openai", "match": ["=gpt-4o", "^gpt-4o-"], "valid_from": "2026-01-01",
        "units": { "input": "2", "output": ["8", [200_000, "16"]] }, "steps": "part",
    });
    let written = json!({
        "id": "a", "provider": "openai", "match": ["=gpt-4o", "^gpt-4o-"],
        "validFrom": "2026-01-01", "units": { "input": "2", "output": ["8", [200_000, "16"]] },
        "steps": "part",
    });
    assert_eq!(serde_json::to_value(read(body).unwrap()).unwrap(), written);
}

#[test]
fn null_is_as_if_not_sent() {
    let body = json!({
        "provider": null, "match": "=m", "validFrom": null, "units": { "input": "0" }, "steps": null,
    });
    let price = read(body).unwrap();
    assert_eq!((price.provider, price.valid_from), (None, None));
}

#[test]
fn what_is_wrong_is_named() {
    let whole = json!({ "match": "=m", "units": { "input": "1" } });
    for (field, value, reason) in [
        ("match", Value::Null, "is missing; send which models"),
        ("match", json!("gpt"), "does not begin with"),
        ("match", json!(5), "is no pattern"),
        ("match", json!("/("), "no regular expression"),
        ("units", Value::Null, "is missing; send texts"),
        ("units", json!({ "input": 2 }), "is no object of prices"),
        ("units", json!(["1"]), "is no object of prices"),
        ("steps", json!("all"), "is neither `whole` nor `part`"),
        ("provider", json!(1), "is no text"),
        ("validFrom", json!(2026), "is no text"),
        ("id", json!("b"), "is not a field here"),
    ] {
        let mut body = whole.clone();
        body[field] = value;
        let refused = read(body).unwrap_err();
        assert_eq!(refused.field, field);
        assert!(refused.reason.contains(reason), "{refused:?}");
    }
    assert_eq!(price("a", b"[]").unwrap_err().field, "body");
}
