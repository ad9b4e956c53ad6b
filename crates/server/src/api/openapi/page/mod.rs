//! The document as one page of HTML. It is complete in itself: nothing is loaded from elsewhere,
//! and it can be read without its script, which only searches.

mod example;
mod html;
mod operation;
mod schema;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use self::html::{escape, inline, markdown};
use self::operation::Operation;

const STYLE: &str = concat!(include_str!("../../../ui/base.css"), "\n", include_str!("page.css"));
const SCRIPT: &str = include_str!("search.js");

/// A page, and what a browser may do on it.
pub(super) struct Page {
    pub(super) html: String,
    /// Its content security policy.
    pub(super) policy: String,
}

impl Page {
    /// Of a document. Endpoints come in the order of `paths`.
    pub(super) fn of(document: &Value, paths: &[&str]) -> Self {
        let none = Map::new();
        let schemas = document["components"]["schemas"].as_object().unwrap_or(&none);
        let html = Writer { document, paths, schemas }.page();
        let policy = format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'",
            hash(STYLE),
            hash(SCRIPT)
        );
        Self { html, policy }
    }
}

/// By which a policy knows a style or a script that stands in the page.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// Writes the page of a document.
struct Writer<'a> {
    document: &'a Value,
    paths: &'a [&'a str],
    schemas: &'a Map<String, Value>,
}

impl<'a> Writer<'a> {
    fn page(&self) -> String {
        let info = &self.document["info"];
        let operations = self.operations();
        let title = escape(text(info, "title"));
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} API</title>\n\
             <style>{STYLE}</style>\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#content\">Skip to the endpoints</a>\n\
             <nav aria-label=\"Endpoints and schemas\">\n\
             <p class=\"home\"><a href=\"/\">{title}</a> API</p>\n{SEARCH}{index}</nav>\n\
             <main id=\"content\" tabindex=\"-1\">\n<header>\n<h1>{title} API</h1>\n\
             <p class=\"facts\">Version {version}. \
             <a href=\"/api/openapi.json\">openapi.json</a></p>\n\
             {about}</header>\n{credentials}{tags}{schemas}</main>\n\
             <script>{SCRIPT}</script>\n</body>\n</html>\n",
            version = escape(text(info, "version")),
            index = self.index(&operations),
            about = self.markdown(text(info, "description")),
            credentials = self.credentials(),
            tags = self.tags(&operations),
            schemas = self.all_schemas(),
        )
    }

    /// All endpoints, in the order of the routes.
    fn operations(&self) -> Vec<Operation<'a>> {
        let mut operations = Vec::new();
        for (path, item) in self.document["paths"].as_object().into_iter().flatten() {
            for (method, said) in item.as_object().into_iter().flatten() {
                operations.push(Operation { method, path, said });
            }
        }
        operations
            .sort_by_key(|operation| self.paths.iter().position(|path| *path == operation.path));
        operations
    }

    /// Each tag, with its name and description.
    fn tag_list(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let tags = self.document["tags"].as_array().into_iter().flatten();
        tags.map(|tag| (text(tag, "name"), text(tag, "description")))
    }

    fn index(&self, operations: &[Operation<'_>]) -> String {
        let mut out = String::new();
        for (tag, _) in self.tag_list() {
            out += &format!("<h2>{}</h2>\n<ul>\n", escape(tag));
            for operation in operations.iter().filter(|operation| operation.tag() == tag) {
                let (id, title) = (escape(operation.id()), operation.title());
                out += &format!("<li><a href=\"#{id}\">{title}</a></li>\n");
            }
            out += "</ul>\n";
        }
        out += "<h2>Schemas</h2>\n<ul>\n";
        for name in self.schemas.keys() {
            let name = escape(name);
            out += &format!("<li><a href=\"#schema-{name}\"><code>{name}</code></a></li>\n");
        }
        out + "</ul>\n"
    }

    fn tags(&self, operations: &[Operation<'_>]) -> String {
        let mut out = String::new();
        for (tag, about) in self.tag_list() {
            let (tag_id, about) = (tag.to_lowercase().replace(' ', "-"), self.line(about));
            out += &format!("<section id=\"tag-{tag_id}\">\n<h2>{}</h2>\n", escape(tag));
            out += &format!("<p class=\"about\">{about}</p>\n");
            for operation in operations.iter().filter(|operation| operation.tag() == tag) {
                out += &self.operation(operation);
            }
            out += "</section>\n";
        }
        out
    }

    fn credentials(&self) -> String {
        let schemes = self.document["components"]["securitySchemes"].as_object();
        let mut out = String::from("<dl class=\"schemes\">\n");
        for (name, scheme) in schemes.into_iter().flatten() {
            let (name, about) = (escape(name), self.line(text(scheme, "description")));
            out += &format!(
                "<div id=\"credentials-{name}\"><dt><code>{name}</code></dt>\
                 <dd>{about}</dd></div>\n"
            );
        }
        out + "</dl>\n"
    }

    fn all_schemas(&self) -> String {
        let mut out = String::from("<section id=\"schemas\">\n<h2>Schemas</h2>\n");
        for (name, schema) in self.schemas {
            let name = escape(name);
            out += &format!(
                "<article class=\"schema\" id=\"schema-{name}\">\n<h3><code>{name}</code> \
                 <a class=\"anchor\" href=\"#schema-{name}\" aria-label=\"Link to {name}\">#</a>\
                 </h3>\n\
                 {}{}</article>\n",
                self.markdown(text(schema, "description")),
                self.fields(schema, &format!("Fields of {name}")),
            );
        }
        out + "</section>\n"
    }

    /// Paragraphs, in which names of schemas lead to them.
    fn markdown(&self, text: &str) -> String {
        markdown(text, &|code| self.place_of(code))
    }

    /// One line, in which names of schemas lead to them.
    fn line(&self, text: &str) -> String {
        inline(text, &|code| self.place_of(code))
    }

    fn place_of(&self, code: &str) -> Option<String> {
        self.schemas.contains_key(code).then(|| format!("#schema-{code}"))
    }
}

/// Shown by the script, which it needs.
const SEARCH: &str = "<div class=\"search\" role=\"search\" id=\"search-box\" hidden>\n\
    <label for=\"search\">Search <kbd>/</kbd></label>\n\
    <input id=\"search\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\">\n\
    <p id=\"found\" role=\"status\"></p>\n</div>\n";

/// A text of an object; empty where there is none.
fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests;
