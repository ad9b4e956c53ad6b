use tracekeep_model::{Micros, Status, Step, Version};
use tracekeep_redact::Masking;

use super::*;

const NOON: Micros = Micros(1_770_000_000_000_000);

fn version() -> Version {
    Version::stated(NOON, NOON, Step::End)
}

fn end(fields: &[(Field, &str)]) -> State {
    let mut state = State::new(NOON);
    state.set(Field::Status, version(), Status::Success);
    state.set(Register::Usage("input".into()), version(), 12_i64);
    for (field, text) in fields {
        state.set(*field, version(), *text);
    }
    state
}

fn metadata<'s>(state: &'s State, key: &'static str) -> Option<&'s str> {
    let entry = state.entry(&Register::Metadata(Text::from_static(key)))?;
    entry.value.as_text().map(|text| &**text)
}

fn off() -> Redactor {
    Redactor::new(Masking::Off)
}

#[test]
fn what_fits_stays_as_it_is() {
    let state = end(&[(Field::Output, "0123456789"), (Field::ErrorCode, "429")]);
    assert_eq!(to_beginnings(&state, 10, &off()), None);
    assert_eq!(without_texts(&state, 10), None);
}

#[test]
fn long_text_is_cut_and_says_so_and_all_else_stays() {
    let state = end(&[(Field::Output, "0123456789A"), (Field::ErrorCode, "429")]);
    let short = to_beginnings(&state, 10, &off()).unwrap();
    let mut expected = end(&[(Field::Output, "0123456789"), (Field::ErrorCode, "429")]);
    expected.set(Register::Metadata("output_cut".into()), version(), "true");
    assert_eq!(short, expected);
    let short = without_texts(&state, 10).unwrap();
    let mut expected = end(&[(Field::ErrorCode, "429")]);
    expected.set(Register::Metadata("output_cut".into()), version(), "true");
    assert_eq!(short, expected);
}

#[test]
fn text_is_cut_between_characters() {
    let state = end(&[(Field::Output, "12345ü789")]);
    let cut = |most| to_beginnings(&state, most, &off()).unwrap();
    assert_eq!(&**cut(6).text(Field::Output).unwrap(), "12345");
    assert_eq!(&**cut(7).text(Field::Output).unwrap(), "12345ü");
}

#[test]
fn json_is_left_out_whole_and_says_so() {
    let mut state = end(&[(Field::ToolCalls, r#"[{"id":"call"}]"#)]);
    state.set(Register::Metadata("stream".into()), version(), r#"{"pieces":1000}"#);
    state.set(Register::Metadata("cache".into()), version(), "{}");
    let short = to_beginnings(&state, 8, &off()).unwrap();
    assert_eq!(short.text(Field::ToolCalls), None);
    assert_eq!(metadata(&short, "tool_calls_cut"), Some("true"));
    assert_eq!((metadata(&short, "stream"), metadata(&short, "stream_cut")), (None, Some("true")));
    assert_eq!((metadata(&short, "cache"), metadata(&short, "cache_cut")), (Some("{}"), None));
}

#[test]
fn what_has_too_long_a_name_goes_without_a_mark() {
    let mut state = end(&[]);
    state.set(Register::Metadata("long name".into()), version(), "1");
    assert_eq!(to_beginnings(&state, 8, &off()), Some(end(&[])));
}

#[test]
fn an_address_is_not_cut_in_half() {
    let state = end(&[(Field::Output, "Write to john@example.org, please")]);
    let redactor = Redactor::new(Masking::On);
    for most in 9..25 {
        let short = to_beginnings(&state, most, &redactor).unwrap();
        assert_eq!(&**short.text(Field::Output).unwrap(), "Write to ", "cut at {most}");
    }
    // Were this kept as an empty text, it would replace what was said before.
    let short = to_beginnings(&state, 3, &redactor).unwrap();
    assert_eq!(short.text(Field::Output), None);
    assert_eq!(metadata(&short, "output_cut"), Some("true"));
}
