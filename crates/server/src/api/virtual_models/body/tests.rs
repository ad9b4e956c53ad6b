#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn read(body: &Value) -> Result<Definition, FieldError> {
    definition(body.to_string().as_bytes())
}

#[test]
fn a_definition_is_read_with_its_defaults() {
    let short = read(&json!({ "routes": [{ "model": "openai/gpt-5" }] })).unwrap();
    assert_eq!(short.routes, [Route { model: "openai/gpt-5".to_owned(), weight: 1.0 }]);
    assert_eq!((short.fallbacks.len(), short.retries, short.timeout_ms), (0, None, None));
    let whole = read(&json!({
        "routes": [{ "model": "a", "weight": 0.9 }, { "model": "b", "weight": 1 }],
        "fallbacks": ["c"],
        "retries": 0,
        "timeout_ms": 2_000,
        "cacheSeconds": 60,
    }))
    .unwrap();
    assert_eq!((whole.routes[0].weight, whole.routes[1].weight), (0.9, 1.0));
    assert_eq!(whole.fallbacks, ["c"]);
    assert_eq!(whole.retries, Some(0));
    assert_eq!((whole.timeout_ms, whole.cache_seconds), (Some(2_000), Some(60)));
}

#[test]
fn what_cannot_be_is_refused_by_its_path() {
    let route = json!({ "model": "m" });
    let with = |name: &str, value: Value| {
        let mut body = json!({ "routes": [route.clone()] });
        body[name] = value;
        body
    };
    for (body, field) in [
        (json!({}), "routes"),
        (with("routes", json!([])), "routes"),
        (with("routes", json!(vec![route.clone(); 51])), "routes"),
        (with("routes", json!(["m"])), "routes.0"),
        (with("routes", json!([{}])), "routes.0.model"),
        (with("routes", json!([route.clone(), { "model": "a b" }])), "routes.1.model"),
        (with("routes", json!([{ "model": "m", "wait": 1 }])), "routes.0.wait"),
        (with("routes", json!([{ "model": "m", "weight": 0 }])), "routes.0.weight"),
        (with("routes", json!([{ "model": "m", "weight": -1 }])), "routes.0.weight"),
        (with("routes", json!([{ "model": "m", "weight": "1" }])), "routes.0.weight"),
        (with("fallback", json!([])), "fallback"),
        (with("fallbacks", json!([""])), "fallbacks.0"),
        (with("fallbacks", json!("m")), "fallbacks"),
        (with("retries", json!(11)), "retries"),
        (with("timeoutMs", json!(0)), "timeoutMs"),
        (with("cacheSeconds", json!(1.5)), "cacheSeconds"),
    ] {
        assert_eq!(read(&body).unwrap_err().field, field, "{body}");
    }
}
