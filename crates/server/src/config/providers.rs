//! `[[providers]]` of the file, and those that the customary variables make.
//!
//! A credential may be `env:NAME`: then it is the value of that variable. What `--print-config` shows
//! of a provider is noted here as it is read, without its secrets.

mod environment;

use std::ffi::{OsStr, OsString};

use toml::de::{DeTable, DeValue};
use tracekeep_llm::provider::Provider;

use crate::config::file::{self, line_of};
use crate::config::kind::{MASK, quoted};
use crate::config::nearest;
use crate::config::problem::Problem;
use crate::gateway::provider_settings::{ProviderSettings, Refused};

/// What the file calls the list.
pub(super) const SECTION: &str = "providers";

/// What is wrong with any other form of it.
pub(super) const NO_LIST: &str =
    "providers are a list: write [[providers]] above each, then its name and kind";

const KEYS: [&str; 11] = [
    "name",
    "kind",
    "base_url",
    "api_key",
    "api_version",
    "region",
    "access_key_id",
    "secret_access_key",
    "session_token",
    "models",
    "headers",
];
const SECRETS: [&str; 4] = ["api_key", "access_key_id", "secret_access_key", "session_token"];

/// A provider of the file, before variables are looked up.
#[derive(Debug)]
pub(super) struct Draft {
    /// Where it begins.
    place: String,
    given: Vec<Given>,
}

/// A key of it.
struct Given {
    place: String,
    key: &'static str,
    value: GivenValue,
}

/// Without what it holds: that may be a secret.
impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}", self.key, self.place)
    }
}

enum GivenValue {
    Text(String),
    List(Vec<String>),
    Map(Vec<(String, String)>),
}

/// A provider as it was described, and what came of it.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) name: String,
    /// The place in the file, or the variable.
    pub(super) origin: String,
    /// What `--print-config` shows of it.
    pub(super) lines: Vec<Line>,
    /// The provider, or why the environment's cannot be used.
    pub(super) made: Result<Provider, String>,
}

/// A line of what is printed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Value(String),
    Comment(String),
}

/// Whether a key of the file is about providers.
pub(super) fn is_named(key: &str) -> bool {
    key.strip_prefix(SECTION).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The providers of a list, and what is wrong with it; `None` if it is no list of tables.
pub(super) fn read(
    text: &str,
    place: &dyn Fn(usize) -> String,
    value: &DeValue<'_>,
) -> Option<(Vec<Draft>, Vec<Problem>)> {
    let DeValue::Array(list) = value else { return None };
    let (mut drafts, mut problems) = (Vec::new(), Vec::new());
    for element in list.iter() {
        let DeValue::Table(table) = element.get_ref() else { return None };
        let line = first_line(text, element.span().start, table);
        drafts.push(draft(text, place, place(line), table, &mut problems));
    }
    Some((drafts, problems))
}

/// The line of a provider's first key: what a table's own place is differs between its two forms.
fn first_line(text: &str, start: usize, table: &DeTable<'_>) -> usize {
    let keys = table.keys().map(|key| key.span().start);
    line_of(text, keys.min().unwrap_or(start))
}

fn draft(
    text: &str,
    place: &dyn Fn(usize) -> String,
    begins: String,
    table: &DeTable<'_>,
    problems: &mut Vec<Problem>,
) -> Draft {
    let mut given = Vec::new();
    for (key, value) in table {
        let at = place(line_of(text, key.span().start));
        let name: &str = key.get_ref();
        let value = value.get_ref();
        let Some(key) = KEYS.into_iter().find(|known| *known == name) else {
            let nearest = nearest::among(name, &KEYS);
            let message = format!("there is no key {name} of providers; the nearest is {nearest}");
            problems.push(Problem::new(at, message));
            continue;
        };
        match given_value(key, value) {
            Some(value) => given.push(Given { place: at, key, value }),
            None => problems.push(wrong_type(at, key, value)),
        }
    }
    given.sort_by_key(|given| KEYS.iter().position(|key| *key == given.key));
    Draft { place: begins, given }
}

fn given_value(key: &str, value: &DeValue<'_>) -> Option<GivenValue> {
    let text = |value: &DeValue<'_>| match value {
        DeValue::String(text) => Some(text.to_string()),
        _ => None,
    };
    match (key, value) {
        ("models", DeValue::Array(list)) => {
            let names = list.iter().map(|name| text(name.get_ref()));
            Some(GivenValue::List(names.collect::<Option<_>>()?))
        }
        ("headers", DeValue::Table(table)) => {
            let mut headers = Vec::new();
            for (name, value) in table {
                headers.push((name.get_ref().to_string(), text(value.get_ref())?));
            }
            Some(GivenValue::Map(headers))
        }
        ("models" | "headers", _) => None,
        (_, value) => text(value).map(GivenValue::Text),
    }
}

fn wrong_type(place: String, key: &str, value: &DeValue<'_>) -> Problem {
    let shown = if SECRETS.contains(&key) { MASK.to_owned() } else { file::shown(value) };
    let expected = match key {
        "models" => "a list of texts, such as [\"gpt-5\"]",
        "headers" => "a table of texts, such as { x-team = \"search\" }",
        _ => "a text, in quotes",
    };
    Problem::new(place, format!("providers.{key} is {shown}; expected {expected}"))
}

/// All providers: those of the file, then those of the environment whose names are free. A fault of
/// the file is a problem; one of the environment, whose variables may be there for others, leaves its
/// provider out.
pub(super) fn make(
    drafts: Vec<Draft>,
    variables: &[(OsString, OsString)],
) -> (Vec<Described>, Vec<Problem>) {
    let variable = |name: &str| {
        let (_, value) = variables.iter().find(|(known, _)| known == OsStr::new(name))?;
        value.to_str().filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let (mut all, mut problems): (Vec<Described>, Vec<Problem>) = (Vec::new(), Vec::new());
    for draft in drafts {
        match described(&draft, &variable) {
            Ok(made) => match all.iter().position(|other| other.name == made.name) {
                None => all.push(made),
                Some(at) => {
                    let (name, place) = (quoted(&made.name), &all[at].origin);
                    let message =
                        format!("providers.name is {name}, as at {place}; give each its own name");
                    problems.push(Problem::new(made.origin, message));
                }
            },
            Err(problem) => problems.push(problem),
        }
    }
    for made in environment::providers(&variable) {
        if all.iter().all(|other| other.name != made.name) {
            all.push(made);
        }
    }
    (all, problems)
}

fn described(
    draft: &Draft,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Described, Problem> {
    let mut settings = ProviderSettings::default();
    for given in &draft.given {
        fill(&mut settings, given, variable).map_err(|reason| {
            Problem::new(given.place.clone(), format!("providers.{} {reason}", given.key))
        })?;
    }
    let provider = settings.provider().map_err(|Refused { field, reason }| {
        let given = draft.given.iter().find(|given| given.key == field);
        let place = given.map_or(&draft.place, |given| &given.place);
        Problem::new(place.clone(), format!("providers.{field} {reason}"))
    })?;
    Ok(Described {
        name: provider.name.clone(),
        origin: draft.place.clone(),
        lines: lines(draft),
        made: Ok(provider),
    })
}

/// Sets what a key says.
fn fill(
    settings: &mut ProviderSettings,
    given: &Given,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(), String> {
    match &given.value {
        GivenValue::List(models) => settings.models = models.clone(),
        GivenValue::Map(headers) => {
            for (name, value) in headers {
                settings.headers.push((name.clone(), looked_up(value, variable)?));
            }
        }
        GivenValue::Text(text) => {
            let secret = || looked_up(text, variable).map(Some);
            let credential = &mut settings.credential;
            match given.key {
                "name" => settings.name = text.clone(),
                "kind" => settings.kind = text.clone(),
                "base_url" => settings.base_url = Some(text.clone()),
                "api_version" => settings.api_version = Some(text.clone()),
                "region" => credential.region = Some(text.clone()),
                "api_key" => credential.api_key = secret()?,
                "access_key_id" => credential.access_key_id = secret()?,
                "secret_access_key" => credential.secret_access_key = secret()?,
                "session_token" => credential.session_token = secret()?,
                // Models and headers are no texts, and there are no other keys.
                _ => {}
            }
        }
    }
    Ok(())
}

/// The text, or what the variable holds that it names.
fn looked_up(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let Some(name) = text.strip_prefix("env:") else { return Ok(text.to_owned()) };
    variable(name).ok_or_else(|| {
        let shown: String = name.chars().take(100).collect();
        format!("is env:{shown}, and that variable is not set; set it, or give the value itself")
    })
}

/// A draft as it is printed. A secret is a comment, unless the file only names its variable.
fn lines(draft: &Draft) -> Vec<Line> {
    let mut lines = vec![
        Line::Value(format!("[[{SECTION}]]")),
        Line::Comment(format!("From {}.", draft.place)),
    ];
    lines.extend(draft.given.iter().map(|given| match &given.value {
        GivenValue::Text(text) if SECRETS.contains(&given.key) && !text.starts_with("env:") => {
            Line::Comment(format!("{} = {MASK}", given.key))
        }
        GivenValue::Text(text) => Line::Value(format!("{} = {}", given.key, quoted(text))),
        GivenValue::List(models) => {
            let models: Vec<String> = models.iter().map(|model| quoted(model)).collect();
            Line::Value(format!("{} = [{}]", given.key, models.join(", ")))
        }
        GivenValue::Map(headers) => {
            let is_open = |(_, value): &(String, String)| value.starts_with("env:");
            let value = |pair: &(String, String)| match is_open(pair) {
                true => format!("{} = {}", quoted(&pair.0), quoted(&pair.1)),
                false => format!("{} = {MASK}", quoted(&pair.0)),
            };
            let shown: Vec<String> = headers.iter().map(value).collect();
            let text = format!("{} = {{ {} }}", given.key, shown.join(", "));
            if headers.iter().all(is_open) { Line::Value(text) } else { Line::Comment(text) }
        }
    }));
    lines
}
