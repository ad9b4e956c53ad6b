#![allow(clippy::unwrap_used)]

use super::*;

fn parameters(pairs: &[(&str, &str)]) -> Result<Parameters, ApiError> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Parameters::new(pairs.iter().map(owned).collect(), &["limit"])
}

fn refused(pairs: &[(&str, &str)]) -> String {
    parameters(pairs).and_then(|parameters| parameters.filter()).unwrap_err().message
}

#[test]
fn a_refusal_speaks_of_the_parameter_that_was_sent() {
    let long = "x".repeat(70_000);
    for name in ["model", "userId", "sessionId", "environment", "name", "release"] {
        let message = refused(&[("status", "error"), (name, &long)]);
        assert_eq!(message, format!("{name} is 70000 bytes long; send at most 65536"));
    }
    assert_eq!(refused(&[("search", &long)]), "search is 70000 bytes long; send 1 to 1000");
    let filter =
        r#"{"or":[{"field":"name","op":"exists"},{"field":"spans","op":"eq","value":"x"}]}"#;
    let message = refused(&[("model", "m"), ("name", "n"), ("filter", filter)]);
    assert_eq!(message, "filter.or[1].value is a text, but the field is a whole number");
    let message = refused(&[("model", "m"), ("filter", r#"{"field":"modle","op":"exists"}"#)]);
    assert!(message.starts_with("filter.field names `modle`"), "{message}");
}

#[test]
fn all_conditions_make_one_query() {
    let sent = [("model", "m"), ("search", "words"), ("filter", r#"{"and":[]}"#)];
    let filters = parameters(&sent).unwrap().filter().unwrap();
    assert_eq!(filters.len(), 3);
    assert!(traces(filters, None).plan().is_ok());
    assert_eq!(traces(Vec::new(), None).filter, None);
}

#[test]
fn numbers_are_within_their_bounds() {
    let number = |text: &str| parameters(&[("limit", text)])?.number("limit", 50, 1..=1_000);
    assert_eq!(number("").unwrap(), 50);
    assert_eq!((number("1").unwrap(), number("1000").unwrap()), (1, 1_000));
    for text in ["0", "1001", "-1", "1.5", "many"] {
        let message = number(text).unwrap_err().message;
        assert_eq!(message, format!("limit is `{text}`; send a whole number from 1 to 1000"));
    }
}

#[test]
fn unknown_and_repeated_names_are_refused() {
    assert!(refused(&[("modle", "x")]).starts_with("modle is unknown; use one of model, "));
    assert_eq!(refused(&[("model", "x"), ("model", "")]), "model is sent twice; send it once");
    let none = Parameters::only(vec![("x".to_owned(), String::new())], &[]).err().unwrap();
    assert_eq!(none.message, "x is unknown; this endpoint takes no parameters");
}
