#![allow(clippy::unwrap_used)]

use super::*;

fn document() -> Value {
    serde_json::from_str(crate::api::openapi::text()).unwrap()
}

fn whole() -> &'static Page {
    crate::api::openapi::page()
}

#[test]
fn every_endpoint_and_schema_has_its_place() {
    let (document, html) = (document(), &whole().html);
    let mut places = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, said) in item.as_object().unwrap() {
            let id = said["operationId"].as_str().unwrap();
            assert!(html.contains(&format!("id=\"{id}\"")), "{method} {path}");
            assert!(html.contains(&format!("<li><a href=\"#{id}\">")), "{method} {path}");
            places += 1;
        }
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(html.contains(&format!("id=\"schema-{name}\"")), "{name}");
        places += 1;
    }
    assert_eq!(html.matches("<article ").count(), places);
}

#[test]
fn links_within_the_page_lead_somewhere() {
    let html = &whole().html;
    let links = html.split("href=\"#").skip(1).map(|rest| rest.split_once('"').unwrap().0);
    // The script writes links of its own.
    for link in links.filter(|link| !link.contains('$')) {
        assert!(html.contains(&format!("id=\"{link}\"")), "#{link} leads nowhere");
    }
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let page = whole();
    for forbidden in ["src=", "@import", "url(", "<link", "href=\"http", "fetch("] {
        assert!(!page.html.contains(forbidden), "{forbidden}");
    }
    assert!(page.policy.starts_with("default-src 'none'; style-src 'sha256-"));
    for (tag, text) in [("style", STYLE), ("script", SCRIPT)] {
        assert_eq!(page.html.matches(&format!("<{tag}>{text}</{tag}>")).count(), 1);
        assert!(page.policy.contains(&hash(text)));
    }
}

#[test]
fn every_example_is_a_whole_command() {
    let html = &whole().html;
    let examples: Vec<&str> = html
        .split("<code>curl")
        .skip(1)
        .map(|rest| rest.split_once("</code></pre>").unwrap().0)
        .collect();
    assert_eq!(examples.len(), html.matches("class=\"operation\"").count());
    for example in examples {
        let address = example.split_once("</span>").unwrap().1.split_once("&quot;").unwrap().0;
        assert!(!address.contains('{'), "{address} has a gap");
    }
    assert!(html.contains("/api/tracing/list?model=gpt-5-mini&amp;limit=10"));
}

#[test]
fn text_stands_for_itself() {
    let document = serde_json::json!({
        "info": { "title": "<b>", "version": "\"1\"", "description": "a `<i>` & b\n\n- c\n- d" },
        "paths": {}, "tags": [], "components": { "schemas": {} },
    });
    let html = Page::of(&document, &[]).html;
    assert!(html.contains("<title>&lt;b&gt; API</title>"));
    assert!(html.contains("<p>a <code>&lt;i&gt;</code> &amp; b</p>"));
    assert!(html.contains("<ul><li>c</li>\n<li>d</li></ul>"));
    assert!(!html.contains("<b>") && !html.contains("<i>"));
}

#[test]
fn types_are_told_in_words() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let writer = Writer { document: &document, paths: &[], schemas };
    for (schema, words) in [
        (serde_json::json!({ "type": ["string", "null"] }), "string or null"),
        (serde_json::json!({ "type": "string", "format": "date-time" }), "RFC 3339 time"),
        (
            serde_json::json!({ "type": "array", "items": { "type": "integer" } }),
            "array of integer",
        ),
        (
            serde_json::json!({ "type": "object", "additionalProperties": { "type": "number" } }),
            "object of number",
        ),
        (
            serde_json::json!({
                "oneOf": [{ "$ref": "#/components/schemas/Id" }, { "type": "null" }]
            }),
            "<a href=\"#schema-Id\">Id</a> or null",
        ),
        (serde_json::json!({ "enum": ["a", "b"] }), "<code>a</code> or <code>b</code>"),
        (serde_json::json!({}), "any JSON"),
    ] {
        assert_eq!(writer.type_of(&schema), words);
    }
}
