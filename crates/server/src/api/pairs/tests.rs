#![allow(clippy::unwrap_used)]

use super::*;

fn pairs(query: &str) -> Vec<(String, String)> {
    Pairs::read(query).unwrap().0
}

fn of(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn names_and_values_are_decoded_in_their_order() {
    assert!(pairs("").is_empty());
    assert_eq!(pairs("b=1&&a=%C3%BC+%2B%26"), [of("b", "1"), of("a", "ü +&")]);
    assert_eq!(pairs("a&a==&%61="), [of("a", ""), of("a", "="), of("a", "")]);
}

#[test]
fn what_cannot_be_decoded_is_refused_by_name() {
    for query in ["search=%ff", "search=100%", "search=%4", "search=%zz", "x=1&search=%C3"] {
        let message = Pairs::read(query).unwrap_err().message;
        assert!(message.starts_with("search is not percent-encoded UTF-8"), "{query}: {message}");
    }
}

#[test]
fn what_is_encoded_is_decoded_to_the_same() {
    assert_eq!(encoded("a-._~Z9"), "a-._~Z9");
    assert_eq!(encoded("ü +&=%>"), "%C3%BC%20%2B%26%3D%25%3E");
    let text: String = ('\0'..='\u{300}').collect();
    let query = format!("{0}={0}", encoded(&text));
    assert_eq!(pairs(&query), [of(&text, &text)]);
}

#[test]
fn one_value_is_decoded_whatever_the_others_are() {
    assert_eq!(value("a=%ff&key=x%2By&key=z", "key").unwrap().as_deref(), Some("x+y"));
    assert_eq!(value("key=", "key").unwrap().as_deref(), Some(""));
    assert_eq!(value("akey=x&key", "key").unwrap(), None);
    assert!(value("key=%zz", "key").unwrap_err().message.starts_with("key is not"));
}
