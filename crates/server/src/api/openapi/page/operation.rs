//! One endpoint.

use serde_json::Value;

use super::example::ORIGIN;
use super::html::escape;
use super::schema::{reference, table};
use super::{Writer, text};

/// One method of one path.
pub(super) struct Operation<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    /// What the document says of it.
    pub(super) said: &'a Value,
}

impl Operation<'_> {
    /// Its place on the page.
    pub(super) fn id(&self) -> &str {
        text(self.said, "operationId")
    }

    pub(super) fn tag(&self) -> &str {
        self.said["tags"][0].as_str().unwrap_or_default()
    }

    pub(super) fn parameters(&self) -> impl Iterator<Item = &Value> {
        self.said["parameters"].as_array().into_iter().flatten()
    }

    /// The names of the credentials of which it takes one.
    fn credentials(&self) -> Vec<&str> {
        let any = self.said["security"].as_array().into_iter().flatten();
        any.filter_map(Value::as_object).flat_map(|one| one.keys().map(String::as_str)).collect()
    }

    pub(super) fn has_credentials(&self) -> bool {
        !self.credentials().is_empty()
    }

    /// The method and the path.
    pub(super) fn title(&self) -> String {
        let (method, path) = (escape(self.method), escape(self.path));
        format!(
            "<span class=\"method {method}\">{}</span> <code>{path}</code>",
            method.to_uppercase()
        )
    }
}

impl Writer<'_> {
    pub(super) fn operation(&self, operation: &Operation<'_>) -> String {
        let (id, said) = (escape(operation.id()), operation.said);
        let command = escape(&self.command(operation))
            .replace(ORIGIN, &format!("<span data-origin>{ORIGIN}</span>"));
        format!(
            "<article class=\"operation\" id=\"{id}\">\n\
             <h3>{title} <a class=\"anchor\" href=\"#{id}\" aria-label=\"Link to {id}\">#</a>\
             </h3>\n\
             <p class=\"summary\">{summary}</p>\n{about}{credentials}{parameters}{body}{responses}\
             <h4>Example</h4>\n\
             <pre tabindex=\"0\" role=\"region\" aria-label=\"Example of {id}\">\
             <code>{command}</code></pre>\n\
             </article>\n",
            title = operation.title(),
            summary = self.line(text(said, "summary")),
            about = self.markdown(text(said, "description")),
            credentials = credentials(operation),
            parameters = self.parameters(operation),
            body = self.request(operation),
            responses = self.responses(operation),
        )
    }

    fn parameters(&self, operation: &Operation<'_>) -> String {
        let mut rows = String::new();
        for parameter in operation.parameters() {
            let required = parameter["required"].as_bool().unwrap_or_default();
            rows += &format!(
                "<tr><th scope=\"row\"><code>{}</code>{}</th><td>{}</td><td>{}</td>\
                 <td>{}</td></tr>\n",
                escape(text(parameter, "name")),
                if required { " <em>required</em>" } else { "" },
                escape(text(parameter, "in")),
                self.type_of(&parameter["schema"]),
                self.meaning(&parameter["schema"], text(parameter, "description")),
            );
        }
        if rows.is_empty() {
            return rows;
        }
        let caption = format!("Parameters of {}", operation.id());
        let columns = ["Parameter", "In", "Type", "Meaning"];
        format!("<h4>Parameters</h4>\n{}", table(&caption, &columns, &rows))
    }

    /// The body: each content type, and the fields of the one that is JSON.
    fn request(&self, operation: &Operation<'_>) -> String {
        let request = &operation.said["requestBody"];
        let Some(contents) = request["content"].as_object() else { return String::new() };
        let mut out = String::from("<h4>Body</h4>\n");
        out += &self.markdown(text(request, "description"));
        for (kind, content) in contents {
            let schema = &content["schema"];
            out += &format!("<p><code>{}</code>{}</p>\n", escape(kind), self.colon_type(schema));
            if let Some(named) = reference(schema).and_then(|name| self.schemas.get(name)) {
                out += &self.markdown(text(named, "description"));
                out += &self.fields(named, &format!("Body of {}", operation.id()));
            }
        }
        out
    }

    fn responses(&self, operation: &Operation<'_>) -> String {
        let mut rows = String::new();
        for (status, response) in operation.said["responses"].as_object().into_iter().flatten() {
            let contents = response["content"].as_object().into_iter().flatten();
            let contents: Vec<String> = contents
                .map(|(kind, content)| {
                    format!("<code>{}</code>{}", escape(kind), self.colon_type(&content["schema"]))
                })
                .collect();
            rows += &format!(
                "<tr><th scope=\"row\">{}</th><td>{}{}</td><td>{}</td></tr>\n",
                escape(status),
                self.line(text(response, "description")),
                self.headers(response),
                contents.join("<br>"),
            );
        }
        let caption = format!("Answers of {}", operation.id());
        format!("<h4>Answers</h4>\n{}", table(&caption, &["Status", "Meaning", "Body"], &rows))
    }

    fn headers(&self, response: &Value) -> String {
        let headers = response["headers"].as_object().into_iter().flatten();
        let header = |(name, header): (&String, &Value)| {
            let about = self.line(text(header, "description"));
            format!("<br><small>Header <code>{}</code>: {about}</small>", escape(name))
        };
        headers.map(header).collect()
    }

    /// What a body holds, where that is said.
    fn colon_type(&self, schema: &Value) -> String {
        if schema.is_null() { String::new() } else { format!(": {}", self.type_of(schema)) }
    }
}

fn credentials(operation: &Operation<'_>) -> String {
    let names = operation.credentials();
    if names.is_empty() {
        return "<p class=\"credentials\">Credentials: none.</p>\n".to_owned();
    }
    let link = |name: &&str| {
        let name = escape(name);
        format!("<a href=\"#credentials-{name}\">{name}</a>")
    };
    let links: Vec<String> = names.iter().map(link).collect();
    format!("<p class=\"credentials\">Credentials: {}.</p>\n", links.join(" or "))
}
