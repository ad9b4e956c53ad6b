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
        (r#"{"text":"\u00e9ann@example.org"}"#, r#"{"text":"[EMAIL]"}"#),
        (r#"{"text":"\tann@example.org"}"#, r#"{"text":"\t[EMAIL]"}"#),
        (r#""C:\\ann@example.org""#, r#""C:\\[EMAIL]""#),
    ] {
        assert_eq!(masked(text), clean);
    }
}

#[test]
fn addresses_go_with_their_escapes_and_other_bytes_stay() {
    for (text, clean) in [
        (r#""ann\u002btag@example.org""#, r#""[EMAIL]""#),
        (r#""j\u00f6rg@example.org""#, r#""[EMAIL]""#),
        (r#""ann\u0040example.org""#, r#""[EMAIL]""#),
        (r#""ann@example\u002eorg""#, r#""[EMAIL]""#),
        (r#""\u0061nn@example.or\u0067\u002c""#, r#""[EMAIL]\u002c""#),
        (r#""\ud835\udc1ann@example.org""#, r#""[EMAIL]""#),
        (
            r#"{"\u0061" : "\u00e9 \/ \"a\u002bb@c.org\"","b":"\u0040","c":"x@y.org"}"#,
            r#"{"\u0061" : "\u00e9 \/ \"[EMAIL]\"","b":"\u0040","c":"[EMAIL]"}"#,
        ),
        (r#"{"ann\u0040example.org":1}"#, r#"{"[EMAIL]":1}"#),
        // JSON as text in JSON.
        (
            r#"{"arguments":"{\"to\":\"a\\u002bb\\u0040c.org\"}"}"#,
            r#"{"arguments":"{\"to\":\"[EMAIL]\"}"}"#,
        ),
        (r#""{\"to\":\"ann@c.org\"}""#, r#""{\"to\":\"[EMAIL]\"}""#),
    ] {
        assert_eq!(masked(text), clean, "{text}");
    }
}

#[test]
fn every_address_is_counted() {
    let text = r#"["a@b.org","c\u0040d.org","e","f@g.org h@i.org"]"#;
    assert_eq!(email::mask(text).map(|(_, count)| count), Some(4));
    assert_eq!(email::mask(r#"["\n","\u0041"]"#), None);
    assert_eq!(email::mask(r#"["\u0040 x","@y"]"#), None);
}

#[test]
fn what_is_no_address_stays() {
    for text in [
        "@decorator",
        "a@b",
        "5 @ 3.50",
        "user@localhost",
        "git@",
        "foo@1.2.3",
        "",
        "v1.2@3",
        r"\u0040",
        r"a\u0040b",
    ] {
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

#[test]
fn a_text_is_settled_up_to_what_no_address_and_no_escape_holds() {
    for (text, settled) in [
        ("", ""),
        ("ann", ""),
        ("write to ann@exam", "write to "),
        ("write to ann@example.org", "write to "),
        ("write to ann@example.org,", "write to ann@example.org,"),
        ("你好，世界", "你好，"),
        (r#"{"to":"ann\u00"#, r#"{"to":""#),
        ("a.\nb\u{2028}c", "a.\nb\u{2028}"),
    ] {
        assert_eq!(&text[..Redactor::new(Masking::On).settled(text)], settled);
        assert_eq!(Redactor::new(Masking::Off).settled(text), text.len());
    }
}

/// The letters of the pattern and of the standard library may be of different versions of Unicode.
#[test]
fn no_address_holds_a_character_that_settles() {
    let on = Redactor::new(Masking::On);
    let all = (char::MIN..=char::MAX).filter(|c| on.settled(c.encode_utf8(&mut [0; 4])) > 0);
    let text: String = all.flat_map(|c| [c, 'a', '@', 'b', '.', 'c', 'o']).collect();
    let clean = text.replace("a@b.co", "[EMAIL]");
    assert!(on.mask(&text) == clean, "an address holds what settles");
}

#[test]
fn a_text_is_masked_as_in_a_patch_or_not_at_all() {
    let text = "write to ann@example.org, please";
    assert_eq!(Redactor::new(Masking::On).mask(text), "write to [EMAIL], please");
    assert_eq!(Redactor::new(Masking::Off).mask(text), text);
}

/// What addresses, escapes and JSON are made of.
fn pieces() -> impl Strategy<Value = Vec<String>> {
    let piece = prop::sample::select(vec![
        "ann@example.org",
        "a@b.co",
        "@",
        ".",
        "b",
        "m",
        "\\",
        "u0040",
        "\\u00",
        "61",
        "\\ud835",
        "\\udc1a",
        "\\n",
        "/",
        "\"",
        " ",
        "\n",
        ",",
        "é",
        "。",
        "你",
        "write to ",
    ]);
    prop::collection::vec(piece.prop_map(str::to_owned), 0..40)
}

proptest! {
    /// Whoever watches a text being written sees nothing that is masked in the end, and in the end all.
    #[test]
    fn a_text_that_grows_is_masked_piece_by_piece(
        pieces in pieces(),
        lengths in prop::collection::vec(1..12_usize, 1..20),
    ) {
        let text = pieces.concat();
        let whole = masked(&text);
        let on = Redactor::new(Masking::On);
        let (mut shown, mut pending) = (String::new(), String::new());
        let mut rest = text.chars();
        for length in lengths.iter().cycle() {
            let come: String = rest.by_ref().take(*length).collect();
            if come.is_empty() {
                break;
            }
            pending.push_str(&come);
            let behind = pending.split_off(on.settled(&pending));
            shown.push_str(&on.mask(&pending));
            pending = behind;
            prop_assert!(whole.starts_with(&shown), "{text:?} showed {shown:?}, is {whole:?}");
        }
        shown.push_str(&on.mask(&pending));
        prop_assert_eq!(shown, whole);
    }

    #[test]
    fn an_address_goes_however_it_is_escaped(escaped in prop::collection::vec(any::<bool>(), 19)) {
        let letters = "ann+tag@example.org".chars().zip(escaped);
        let letter = |(letter, is_escaped): (char, bool)| {
            if is_escaped { format!("\\u{:04x}", u32::from(letter)) } else { String::from(letter) }
        };
        let address: String = letters.map(letter).collect();
        let clean = masked(&format!(r#"{{"a":"\t{address}, bye"}}"#));
        prop_assert_eq!(clean, r#"{"a":"\t[EMAIL], bye"}"#);
    }

    #[test]
    fn json_stays_json(text in r#"[a-z@.\\"\n/é]{0,40}"#) {
        let json = serde_json::Value::from(text).to_string();
        let clean = masked(&json);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&clean).is_ok(), "{json} became {clean}");
    }
}
