//! The pattern language for names of models and providers.
//!
//! | written | matches a name that |
//! |---|---|
//! | `"=gpt-4o"` | is this |
//! | `"^gpt-4o-"` | begins so |
//! | `"$-latest"` | ends so |
//! | `"~sonnet"` | has this in it |
//! | `"/^o[134]"` | the regular expression finds something in |
//! | `"!~tts"` | is not matched by what follows |
//! | `["=a", "=b"]` | one of them matches |
//! | `{"all": ["^a", "!~b"]}` | all of them match |
//!
//! Names are compared in lower case, expressions whatever their case.

mod expression;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use self::expression::Expression;

/// What a name must be like. The module's first lines give the language.
#[derive(Clone, Debug)]
pub struct Pattern(Kind);

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Equal(Box<str>),
    Begins(Box<str>),
    Ends(Box<str>),
    Contains(Box<str>),
    Regex(Box<Expression>),
    Not(Box<Kind>),
    Any(Vec<Kind>),
    All(Vec<Kind>),
}

/// Why a pattern was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Its first character is none that says how to compare.
    #[error("`{0}` does not begin with =, ^, $, ~, / or !")]
    Kind(String),
    /// Nothing follows the first character.
    #[error("`{0}` matches nothing in particular; put a name behind it")]
    Empty(String),
    /// No regular expression.
    #[error("`{0}` is no regular expression: {1}")]
    Regex(String, String),
    /// Neither text, a list, nor `{"all": […]}`.
    #[error("{0} is no pattern; send text, a list of patterns, or {{\"all\": […]}}")]
    Shape(String),
    /// Longer, deeper or more than a pattern may be.
    #[error(
        "is larger than a pattern may be: {LONGEST} bytes of text, {MOST} in a list, {MOST_LEAVES} in all lists, {DEEPEST} lists in each other, {MOST_EXPRESSIONS} regular expressions"
    )]
    TooLarge,
}

const LONGEST: usize = 500;
const MOST: usize = 200;
/// Texts in all lists of a pattern.
const MOST_LEAVES: usize = 1_000;
const DEEPEST: usize = 4;
/// Regular expressions in a pattern, and in all of a project's.
pub(crate) const MOST_EXPRESSIONS: usize = 100;

impl Pattern {
    /// Whether a name matches. `name` is in lower case.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.0.matches(name)
    }

    /// Reads a pattern in its JSON form.
    ///
    /// # Errors
    /// Says what is not of the pattern language.
    pub fn read(json: &Value) -> Result<Self, PatternError> {
        // Before any is compiled.
        if expressions_in(json) > MOST_EXPRESSIONS {
            return Err(PatternError::TooLarge);
        }
        read(json, 0, &mut 0).map(Self)
    }

    /// Whether a name matches on which expressions are tried only if it has at most `longest` bytes.
    /// What they say of a longer one is not known, so neither `/a` nor `!/a` matches it. `name` is in
    /// lower case.
    pub(crate) fn matches_within(&self, name: &str, longest: usize) -> bool {
        self.0.says(name, longest) == Some(true)
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.0
    }

    /// How many regular expressions are in it.
    pub(crate) fn expressions(&self) -> usize {
        let mut count = 0;
        self.0.each_expression(&mut |_| count += 1);
        count
    }

    /// What its regular expressions take, in bytes.
    pub(crate) fn expression_bytes(&self) -> usize {
        let mut bytes = 0;
        self.0.each_expression(&mut |expression| bytes += expression.bytes());
        bytes
    }
}

impl Kind {
    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Equal(text) => name == &**text,
            Self::Begins(text) => name.starts_with(&**text),
            Self::Ends(text) => name.ends_with(&**text),
            Self::Contains(text) => name.contains(&**text),
            Self::Regex(expression) => expression.is_match(name),
            Self::Not(inner) => !inner.matches(name),
            Self::Any(kinds) => kinds.iter().any(|kind| kind.matches(name)),
            Self::All(kinds) => kinds.iter().all(|kind| kind.matches(name)),
        }
    }

    /// `None`: it hangs on an expression that is not tried on a name as long as this.
    fn says(&self, name: &str, longest: usize) -> Option<bool> {
        match self {
            Self::Regex(_) if name.len() > longest => None,
            Self::Not(inner) => inner.says(name, longest).map(|matches| !matches),
            Self::Any(kinds) => one_says(kinds, true, name, longest),
            Self::All(kinds) => one_says(kinds, false, name, longest),
            _ => Some(self.matches(name)),
        }
    }

    fn each_expression(&self, see: &mut dyn FnMut(&Expression)) {
        match self {
            Self::Equal(_) | Self::Begins(_) | Self::Ends(_) | Self::Contains(_) => {}
            Self::Regex(expression) => see(expression),
            Self::Not(inner) => inner.each_expression(see),
            Self::Any(kinds) | Self::All(kinds) => {
                for kind in kinds {
                    kind.each_expression(see);
                }
            }
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Equal(text) => Value::from(format!("={text}")),
            Self::Begins(text) => Value::from(format!("^{text}")),
            Self::Ends(text) => Value::from(format!("${text}")),
            Self::Contains(text) => Value::from(format!("~{text}")),
            Self::Regex(expression) => Value::from(format!("/{}", expression.as_str())),
            Self::Not(inner) => match inner.to_json() {
                Value::String(text) => Value::from(format!("!{text}")),
                other => other,
            },
            Self::Any(kinds) => kinds.iter().map(Self::to_json).collect(),
            Self::All(kinds) => {
                json!({ "all": kinds.iter().map(Self::to_json).collect::<Value>() })
            }
        }
    }
}

/// `decisive` if one says so, its opposite if all do, else nothing.
fn one_says(kinds: &[Kind], decisive: bool, name: &str, longest: usize) -> Option<bool> {
    let mut said = Some(!decisive);
    for kind in kinds {
        match kind.says(name, longest) {
            Some(matches) if matches == decisive => return Some(decisive),
            Some(_) => {}
            None => said = None,
        }
    }
    said
}

/// How many texts in a value say that they are regular expressions.
fn expressions_in(json: &Value) -> usize {
    match json {
        Value::String(text) => usize::from(text.trim_start_matches('!').starts_with('/')),
        Value::Array(list) => list.iter().map(expressions_in).sum(),
        Value::Object(object) => object.values().map(expressions_in).sum(),
        _ => 0,
    }
}

/// `leaves` are the texts that were read before.
fn read(json: &Value, depth: usize, leaves: &mut usize) -> Result<Kind, PatternError> {
    match json {
        _ if depth > DEEPEST => Err(PatternError::TooLarge),
        Value::String(_) if *leaves == MOST_LEAVES => Err(PatternError::TooLarge),
        Value::String(text) => {
            *leaves += 1;
            read_text(text)
        }
        Value::Array(list) => Ok(Kind::Any(read_list(list, depth, leaves)?)),
        Value::Object(object) if object.len() == 1 => match object.get("all") {
            Some(Value::Array(list)) => Ok(Kind::All(read_list(list, depth, leaves)?)),
            _ => Err(shape(json)),
        },
        _ => Err(shape(json)),
    }
}

fn read_list(list: &[Value], depth: usize, leaves: &mut usize) -> Result<Vec<Kind>, PatternError> {
    match list.len() {
        0 => Err(PatternError::Empty("[]".to_owned())),
        length if length > MOST => Err(PatternError::TooLarge),
        _ => list.iter().map(|item| read(item, depth + 1, leaves)).collect(),
    }
}

fn read_text(text: &str) -> Result<Kind, PatternError> {
    if text.len() > LONGEST {
        return Err(PatternError::TooLarge);
    }
    let mut characters = text.chars();
    let kind = characters.next();
    let rest = characters.as_str();
    if rest.is_empty() && kind.is_some() {
        return Err(PatternError::Empty(text.to_owned()));
    }
    let lower = || rest.to_lowercase().into_boxed_str();
    Ok(match kind {
        Some('=') => Kind::Equal(lower()),
        Some('^') => Kind::Begins(lower()),
        Some('$') => Kind::Ends(lower()),
        Some('~') => Kind::Contains(lower()),
        Some('/') => Kind::Regex(Box::new(Expression::new(rest)?)),
        // Not again: `!!…!` would go one call deeper with each character.
        Some('!') if !rest.starts_with('!') => Kind::Not(Box::new(read_text(rest)?)),
        _ => return Err(PatternError::Kind(text.to_owned())),
    })
}

fn shape(json: &Value) -> PatternError {
    PatternError::Shape(json.to_string().chars().take(80).collect())
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_json() == other.0.to_json()
    }
}

impl Eq for Pattern {}

/// Its JSON form.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.to_json())
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.to_json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        Self::read(&json).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
