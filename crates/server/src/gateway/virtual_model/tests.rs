#![allow(clippy::unwrap_used)]

use super::*;

fn to(models: &[&str]) -> Definition {
    let route = |model: &&str| Route { model: (*model).to_owned(), weight: 1.0 };
    Definition {
        routes: models.iter().map(route).collect(),
        fallbacks: Vec::new(),
        retries: None,
        timeout_ms: None,
        cache_seconds: None,
    }
}

fn others(all: &[(&str, Definition)]) -> HashMap<String, Definition> {
    all.iter().map(|(name, definition)| ((*name).to_owned(), definition.clone())).collect()
}

#[test]
fn a_way_back_is_found_however_long_it_is() {
    assert_eq!(way_back("a", &to(&["a"]), &others(&[])).unwrap(), ["a", "a"]);
    let known = others(&[("b", to(&["gpt-5", "c"])), ("c", to(&["a"])), ("d", to(&["gpt-5"]))]);
    assert_eq!(way_back("a", &to(&["d", "b"]), &known).unwrap(), ["a", "b", "c", "a"]);
    let mut by_fallback = to(&["gpt-5"]);
    by_fallback.fallbacks = vec!["c".to_owned()];
    assert_eq!(way_back("a", &by_fallback, &known).unwrap(), ["a", "c", "a"]);
}

#[test]
fn what_only_meets_again_is_no_way_back() {
    let known = others(&[("b", to(&["d"])), ("c", to(&["d"])), ("d", to(&["openai/a"]))]);
    assert_eq!(way_back("a", &to(&["b", "c"]), &known), None);
    // What it was until now does not count.
    let known = others(&[("a", to(&["a"])), ("b", to(&["gpt-5"]))]);
    assert_eq!(way_back("a", &to(&["b"]), &known), None);
    // Nor does a circle among others: each of them was refused when it was made.
    let known = others(&[("b", to(&["c"])), ("c", to(&["b"]))]);
    assert_eq!(way_back("a", &to(&["b"]), &known), None);
}

#[test]
fn what_is_stored_is_read_back() {
    let mut definition = to(&["openai/gpt-5"]);
    definition.cache_seconds = Some(60);
    let json = serde_json::to_string(&definition).unwrap();
    assert_eq!(Definition::of(&json).unwrap(), definition);
    let short = Definition::of(r#"{"routes":[{"model":"m","weight":2}]}"#).unwrap();
    assert_eq!((short.routes[0].weight, short.retries), (2.0, None));
}
