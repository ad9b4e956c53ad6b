#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tracekeep_model::{Micros, Rank, Step, Version};

use super::*;

fn masked(text: &str) -> String {
    email::mask(text).map_or_else(|| text.to_owned(), |(clean, _)| clean)
}

#[test]
fn addresses_go_and_the_rest_stays() {
    for (text, clean) in [
        ("write to ann.lee+x@mail.example.org, please", "write to [EMAIL], please"),
        ("jürgen@müller.de and a@b.co", "[EMAIL] and [EMAIL]"),
        (r#"{"to":"ann@example.org"}"#, r#"{"to":"[EMAIL]"}"#),
        (r#"{"text":"hi\nann@example.org"}"#, r#"{"text":"hi\n[EMAIL]"}"#),
        (r#"{"text":"\u00e9ann@example.org"}"#, r#"{"text":"\u00e9[EMAIL]"}"#),
        (r#""C:\\ann@example.org""#, r#""C:\\[EMAIL]""#),
    ] {
        assert_eq!(masked(text), clean);
    }
}

#[test]
fn what_is_no_address_stays() {
    for text in
        ["@decorator", "a@b", "5 @ 3.50", "user@localhost", "git@", "foo@1.2.3", "", "v1.2@3"]
    {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn only_free_text_is_masked() {
    let version = Version { rank: Rank::Stated, time: Micros(1), step: Step::Start };
    let mut state = State::new(Micros(1));
    for field in [Field::Input, Field::UserId, Field::SessionId, Field::Name] {
        state.set(field, version, "ann@example.org");
    }
    state.set(Register::Metadata("to".into()), version, "\"ann@example.org\"");
    state.set(Register::Tag("ann@example.org".into()), version, true);
    let mut patches =
        vec![(RecordKey::Trace { trace_id: "ann@example.org".into() }, state.clone())];
    assert_eq!(Redactor::new(Masking::Off).redact(&mut patches), 0);
    assert_eq!(Redactor::new(Masking::On).redact(&mut patches), 2);
    let (key, redacted) = &patches[0];
    assert_eq!(key, &RecordKey::Trace { trace_id: "ann@example.org".into() });
    assert_eq!(redacted.text(Field::Input).unwrap(), "[EMAIL]");
    assert_eq!(redacted.text(Field::UserId), state.text(Field::UserId));
}

proptest! {
    #[test]
    fn json_stays_json(text in r#"[a-z@.\\"\n/é]{0,40}"#) {
        let json = serde_json::Value::from(text).to_string();
        let clean = masked(&json);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&clean).is_ok(), "{json} became {clean}");
    }
}
