#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::sync::Arc;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tracekeep_llm::provider::{Kind, Provider};

use super::*;
use crate::gateway::providers::Source;
use crate::gateway::virtual_model::{Route, Stored};

fn registry() -> Vec<Listed> {
    let of = |name: &str, problem: Option<&str>| Listed {
        provider: Provider::new(name, Kind::OpenaiCompatible),
        source: Source::Project,
        problem: problem.map(str::to_owned),
        facts: None,
    };
    vec![of("a", None), of("b", None), of("c", None), of("broken", Some("its key is gone"))]
}

fn model(routes: &[(&str, f64)], fallbacks: &[&str]) -> Definition {
    let route = |(model, weight): &(&str, f64)| Route { model: (*model).into(), weight: *weight };
    Definition {
        routes: routes.iter().map(route).collect(),
        fallbacks: fallbacks.iter().map(|model| (*model).to_owned()).collect(),
        retries: None,
        timeout_ms: None,
        cache_seconds: None,
    }
}

fn definitions(all: &[(&str, Definition)]) -> Definitions {
    let stored = |model: &Definition| Stored { definition: Some(model.clone()), updated_at: 5 };
    let all = all.iter().map(|(name, model)| ((*name).to_owned(), stored(model)));
    Arc::new(all.collect::<HashMap<_, _>>())
}

fn plan(all: &[(&str, Definition)], asked: &str) -> Result<Plan, ApiError> {
    made(&registry(), &definitions(all), asked, &mut StdRng::seed_from_u64(1))
}

fn names(plan: &Plan) -> Vec<&str> {
    plan.stops.iter().map(|stop| stop.name.as_str()).collect()
}

#[test]
fn a_plain_model_is_one_target() {
    let plan = plan(&[], "b/gpt-5").unwrap();
    assert_eq!(names(&plan), ["b/gpt-5"]);
    assert_eq!(plan.virtual_model, None);
    assert_eq!(plan.first().unwrap().model, "gpt-5");
}

#[test]
fn a_virtual_model_goes_before_one_of_the_same_name_and_ends_with_its_fallbacks() {
    let smart = model(&[("a/m", 1.0), ("b/m", 1.0)], &["c/m", "a/m"]);
    let plan = plan(&[("smart", smart)], "smart").unwrap();
    let mut names = names(&plan);
    assert_eq!(names.pop(), Some("c/m"), "and a target only once");
    names.sort_unstable();
    assert_eq!(names, ["a/m", "b/m"]);
    assert_eq!(plan.virtual_model.as_deref(), Some("smart"));
}

#[test]
fn the_first_is_drawn_by_weight() {
    let all = definitions(&[("m", model(&[("a/m", 6.0), ("b/m", 3.0), ("c/m", 1.0)], &[]))]);
    let mut rng = StdRng::seed_from_u64(7);
    let mut first: HashMap<String, u32> = HashMap::new();
    for _ in 0..10_000 {
        let plan = made(&registry(), &all, "m", &mut rng).unwrap();
        assert_eq!(plan.stops.len(), 3, "the others are there for when it fails");
        *first.entry(plan.stops[0].name.clone()).or_default() += 1;
    }
    for (name, expected) in [("a/m", 6_000), ("b/m", 3_000), ("c/m", 1_000)] {
        let drawn = first[name];
        // Five standard deviations are 245 at most.
        assert!(drawn.abs_diff(expected) < 250, "{name} came first {drawn} times of 10,000");
    }
}

#[test]
fn what_the_nearest_virtual_model_says_counts() {
    let mut outer = model(&[("inner", 1.0)], &["c/m"]);
    (outer.retries, outer.timeout_ms, outer.cache_seconds) = (Some(1), Some(2_000), Some(60));
    let mut inner = model(&[("a/m", 1.0)], &["b/m"]);
    (inner.retries, inner.cache_seconds) = (Some(5), Some(9));
    let plan = plan(&[("outer", outer), ("inner", inner)], "outer").unwrap();
    assert_eq!(names(&plan), ["a/m", "b/m", "c/m"]);
    let retries: Vec<_> = plan.stops.iter().map(|stop| stop.retry.most).collect();
    assert_eq!(retries, [5, 5, 1]);
    assert!(plan.stops.iter().all(|stop| stop.timeout == Some(Duration::from_secs(2))));
    assert_eq!(
        plan.keep_answers,
        Some(KeepAnswers { keep_for: Duration::from_secs(60), since: 5 })
    );
}

#[test]
fn who_cannot_be_asked_is_passed_over() {
    let all = [("m", model(&[("broken/x", 1.0)], &["nobody/x", "a/x"]))];
    let plan = plan(&all, "m").unwrap();
    assert_eq!(names(&plan), ["broken/x", "nobody/x", "a/x"]);
    assert_eq!(plan.first().unwrap().provider.name, "a");
}

#[test]
fn where_nobody_can_be_asked_all_reasons_are_told() {
    let all = [("m", model(&[("broken/x", 1.0)], &["nobody/x"]))];
    let error = plan(&all, "m").unwrap_err();
    assert_eq!(error.status, 503);
    assert!(error.message.contains("its key is gone"), "{}", error.message);
    assert!(error.message.contains("`nobody/x`"), "{}", error.message);
}

#[test]
fn a_circle_ends() {
    let all = [("m", model(&[("n", 1.0)], &["a/x"])), ("n", model(&[("m", 1.0)], &["b/x"]))];
    let plan = plan(&all, "m").unwrap();
    let mut asked: Vec<&str> =
        plan.stops.iter().filter(|stop| stop.target.is_ok()).map(|stop| &*stop.name).collect();
    asked.sort_unstable();
    assert_eq!(asked, ["a/x", "b/x"]);
    let alone = [("m", model(&[("m", 1.0)], &[]))];
    let error = made(&registry(), &definitions(&alone), "m", &mut StdRng::seed_from_u64(1));
    assert!(error.unwrap_err().message.contains("deep"));
}

#[test]
fn a_damaged_definition_says_what_to_do() {
    let damaged = Stored { definition: None, updated_at: 5 };
    let all: Definitions = Arc::new(HashMap::from([("m".to_owned(), damaged)]));
    let error = made(&registry(), &all, "m", &mut StdRng::seed_from_u64(1)).unwrap_err();
    assert!(error.message.contains("PUT /api/virtual-models/m"), "{}", error.message);
}
