#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn read(body: &Value) -> Result<KeyLimits, FieldError> {
    limits(body.to_string().as_bytes())
}

#[test]
fn limits_are_read_exactly() {
    let all = json!({
        "requestsPerMinute": 60, "tokens_per_minute": 1, "budget": "12.50", "budgetPeriod": "week",
    });
    let expected = KeyLimits {
        requests_per_minute: Some(60),
        tokens_per_minute: Some(1),
        budget: Some(Budget { amount: "12.5".to_owned(), period: Period::Week }),
    };
    assert_eq!(read(&all).unwrap(), expected);
    let number = read(&json!({ "budget": 0.1, "budgetPeriod": "day" })).unwrap();
    assert_eq!(number.budget.unwrap().amount, "0.1");
    let none = json!({ "requestsPerMinute": null, "budget": null, "budgetPeriod": null });
    for body in [json!({}), none] {
        assert_eq!(read(&body).unwrap(), KeyLimits::default(), "{body}");
    }
}

#[test]
fn what_is_no_limit_is_refused_by_name() {
    for (body, field) in [
        (json!({ "requestsPerMinute": 0 }), "requestsPerMinute"),
        (json!({ "tokensPerMinute": -1 }), "tokensPerMinute"),
        (json!({ "tokensPerMinute": "many" }), "tokensPerMinute"),
        (json!({ "budget": "12" }), "budgetPeriod"),
        (json!({ "budgetPeriod": "day" }), "budget"),
        (json!({ "budget": "-1", "budgetPeriod": "day" }), "budget"),
        (json!({ "budget": "much", "budgetPeriod": "day" }), "budget"),
        (json!({ "budget": true, "budgetPeriod": "day" }), "budget"),
        (json!({ "budget": 1, "budgetPeriod": "year" }), "budgetPeriod"),
        (json!({ "requestsPerHour": 1 }), "requestsPerHour"),
    ] {
        assert_eq!(read(&body).unwrap_err().field, field, "{body}");
    }
}
