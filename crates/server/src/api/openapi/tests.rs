#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use tracekeep_query::{Filter, Op, Query, Table};

use super::*;

/// Where `make openapi` writes the document. What cargo says now: the tests may have been built for
/// another checkout.
fn committed() -> String {
    let server = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    format!("{server}/../../docs/openapi.json")
}

fn document() -> Value {
    serde_json::from_str(text()).unwrap()
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

/// Each path, method and what is said of it.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let methods = |(path, item)| {
        let item: &Map<String, Value> = object(item);
        item.iter().map(move |(method, said)| (String::as_str(path), method.as_str(), said))
    };
    object(&document["paths"]).iter().flat_map(methods).collect()
}

#[test]
fn the_committed_document_is_this_one() {
    let committed = std::fs::read_to_string(committed()).unwrap_or_default();
    assert!(
        committed == text(),
        "docs/openapi.json is not what the code says; write it again with `make openapi`"
    );
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let document = document();
    let described: BTreeSet<&str> = object(&document["paths"]).keys().map(String::as_str).collect();
    let paths = super::super::routes::paths();
    let routed: BTreeSet<&str> = paths.iter().copied().collect();
    assert_eq!(routed.len(), paths.len(), "a path stands twice in the table of routes");
    assert_eq!(described, routed);
}

#[test]
fn every_endpoint_is_described_whole() {
    let document = document();
    let tags = document["tags"].as_array().unwrap();
    let mut ids = BTreeSet::new();
    for (path, method, said) in operations(&document) {
        let name = format!("{method} {path}");
        assert!(ids.insert(said["operationId"].as_str().unwrap()), "{name}: a second such id");
        assert!(tags.iter().any(|tag| tag["name"] == said["tags"][0]), "{name}: its tag");
        assert!(!said["summary"].as_str().unwrap().contains('\n'), "{name}: its summary");
        let about = said["description"].as_str().unwrap();
        let needs_key = said["security"][0].as_object().is_some_and(|one| !one.is_empty());
        assert_eq!(about.contains("Permission: `"), needs_key, "{name}: its permission");
        let responses = object(&said["responses"]);
        assert!(responses.contains_key("200"), "{name}: no answer");
        assert_eq!(responses.contains_key("401"), needs_key, "{name}: 401");
        for (status, response) in responses {
            assert_ne!(response["description"].as_str().unwrap(), "", "{name}: {status}");
        }
        for parameter in said["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{name}: {parameter}");
        }
    }
}

#[test]
fn parameters_of_paths_are_described() {
    let document = document();
    for (path, method, said) in operations(&document) {
        let in_path: BTreeSet<&str> =
            path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
        let parameters = said["parameters"].as_array().into_iter().flatten();
        let described: BTreeSet<&str> = parameters
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        assert_eq!(described, in_path, "{method} {path}");
    }
}

#[test]
fn the_filter_names_every_field_that_it_takes() {
    let document = document();
    let operations = operations(&document);
    let list =
        operations.iter().find(|(_, _, said)| said["operationId"] == "listTraces").unwrap().2;
    let parameters = list["parameters"].as_array().unwrap();
    let filter = parameters.iter().find(|parameter| parameter["name"] == "filter").unwrap();
    let about = filter["description"].as_str().unwrap();
    let readme = std::env::var("CARGO_MANIFEST_DIR").unwrap() + "/../../README.md";
    let readme = std::fs::read_to_string(readme).unwrap();
    let filters = readme.split_once("### Filters").unwrap().1.split_once("### Bounds").unwrap().0;
    let row = object(&document["components"]["schemas"]["InteractionRow"]["properties"]);
    let shown = row.keys().map(String::as_str);
    let known = Table::Traces.columns().iter().map(|column| column.name);
    let mut count = 0;
    for name in shown.chain(known) {
        // One is made from the trace's id, the others are about the answer.
        if ["id", "tokens_estimated", "content_cut", "content_omitted"].contains(&name) {
            continue;
        }
        let filter = Filter::presence(name, Op::Exists);
        let query = Query { filter: Some(filter), ..Query::new(Table::Traces) };
        assert!(query.plan().is_ok(), "{name} cannot be filtered by");
        assert!(about.contains(&format!("`{name}`")), "{name} is not in the reference");
        let written = [format!("`{name}`"), format!("`{name}."), format!("{name}.<")];
        assert!(written.iter().any(|name| filters.contains(name)), "{name} is not in README.md");
        count += 1;
    }
    assert!(count > Table::Traces.columns().len());
}

/// All references in a part of the document.
fn references<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(elements) => elements.iter().for_each(|element| references(element, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.contains("#/components/schemas/InteractionRow"));
    for reference in found {
        let schema = document.pointer(reference.strip_prefix('#').unwrap());
        assert!(schema.is_some(), "{reference} leads nowhere");
    }
}

#[test]
fn every_field_is_described() {
    let document = document();
    for (name, schema) in object(&document["components"]["schemas"]) {
        assert!(schema["description"].is_string(), "{name} is not described");
        for (field, said) in schema["properties"].as_object().into_iter().flatten() {
            // Types of usage say what they are.
            let is_amount = matches!(name.as_str(), "TokenCounts" | "CostsByType");
            let about = [&said["description"], &said["oneOf"][0]["description"]];
            let is_described = about.iter().any(|about| about.is_string());
            assert!(is_amount || is_described, "{name}.{field} is not described");
        }
    }
}
