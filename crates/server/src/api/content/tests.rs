#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn a_preview_is_so_many_characters_and_ends_between_two() {
    for letter in ["x", "ü", "€", "😀"] {
        assert_eq!(beginning(&letter.repeat(PREVIEW)), None, "{letter}");
        let long = letter.repeat(PREVIEW + 1);
        assert_eq!(beginning(&long), Some(letter.repeat(PREVIEW).as_str()), "{letter}");
    }
    assert_eq!(beginning(""), None);
}

#[test]
fn what_stands_beside_is_a_preview_at_most() {
    assert_eq!(Content::Full.in_passing(), Content::Preview);
    assert_eq!(Content::Preview.in_passing(), Content::Preview);
    assert_eq!(Content::None.in_passing(), Content::None);
}

#[test]
fn the_parameter_names_one_of_three() {
    let read = |value: &str| {
        let pairs = vec![(Content::NAME.to_owned(), value.to_owned())];
        Content::read(&Parameters::only(pairs, &[Content::NAME])?, Content::Preview)
    };
    assert_eq!(read("full").unwrap(), Content::Full);
    assert_eq!(read("none").unwrap(), Content::None);
    assert_eq!(read("").unwrap(), Content::Preview);
    assert_eq!(read("all").unwrap_err().message, "content is `all`; send full, preview or none");
}
