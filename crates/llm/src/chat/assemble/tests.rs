#![allow(clippy::unwrap_used)]

use serde_json::json;
use tracekeep_model::Usage;

use super::*;
use crate::chat::{ErrorKind, Finish, ToolCall};

fn text(choice: u32, text: &str) -> Delta {
    Delta::Text { choice, text: text.to_owned() }
}

fn assembled(deltas: &[Delta]) -> Response {
    let mut assembly = Assembly::default();
    deltas.iter().for_each(|delta| assembly.add(delta));
    assembly.finish().0
}

#[test]
fn texts_of_a_choice_are_one_part_and_choices_do_not_mix() {
    let response = assembled(&[text(0, "Hel"), text(1, "Sa"), text(0, "lo"), text(1, "lut")]);
    let parts: Vec<_> = response.choices.iter().map(|choice| choice.parts.clone()).collect();
    assert_eq!(parts, [[Part::Text("Hello".into())], [Part::Text("Salut".into())]]);
}

#[test]
fn arguments_go_to_their_call_though_calls_alternate() {
    let begin = |call, name: &str| Delta::ToolCall {
        choice: 0,
        call,
        begin: ToolCall { id: format!("c{call}"), name: name.into(), ..ToolCall::default() },
    };
    let more = |call, text: &str| Delta::Arguments { choice: 0, call, text: text.into() };
    let response = assembled(&[
        begin(0, "a"),
        begin(1, "b"),
        more(1, "{\"y\":"),
        more(0, "{}"),
        more(1, "2}"),
        more(7, "of a call that never began"),
    ]);
    let arguments: Vec<_> = response.choices[0]
        .parts
        .iter()
        .map(|part| match part {
            Part::ToolCall(call) => call.arguments.as_str(),
            _ => panic!("only calls were sent"),
        })
        .collect();
    assert_eq!(arguments, ["{}", "{\"y\":2}"]);
}

#[test]
fn a_seal_ends_a_part_of_thoughts() {
    let think = |text: &str, sealed: Option<&str>| Delta::Reasoning {
        choice: 0,
        text: text.into(),
        sealed: sealed.map(Into::into),
    };
    let response =
        assembled(&[think("a", None), think("b", None), think("", Some("s")), think("c", None)]);
    let expected = [
        Part::Reasoning { text: "ab".into(), sealed: Some("s".into()) },
        Part::Reasoning { text: "c".into(), sealed: None },
    ];
    assert_eq!(response.choices[0].parts, expected);
}

#[test]
fn later_counts_replace_earlier_ones_type_by_type() {
    let usage = |input, output| Usage { input, output, ..Usage::default() };
    let counted = |usage, stated| Delta::Counted(Counted { usage, stated });
    let response = assembled(&[
        counted(usage(Some(10), Some(1)), json!({"input_tokens": 10, "output_tokens": 1})),
        counted(usage(None, Some(25)), json!({"output_tokens": 25})),
    ]);
    let counted = response.counted.unwrap();
    assert_eq!(counted.usage, usage(Some(10), Some(25)));
    assert_eq!(counted.stated, json!({"input_tokens": 10, "output_tokens": 25}));
}

#[test]
fn what_was_said_before_a_failure_is_kept() {
    let mut assembly = Assembly::default();
    assembly.add(&text(0, "half"));
    assembly.add(&Delta::Failed(ApiError::new(ErrorKind::Overloaded, "busy")));
    assert!(!assembly.has_ended());
    let (response, failed) = assembly.finish();
    assert_eq!(response.choices[0].parts, [Part::Text("half".into())]);
    assert_eq!(failed.unwrap().kind, ErrorKind::Overloaded);
}

#[test]
fn a_stream_without_end_and_wild_indexes_take_bounded_memory() {
    let mut assembly = Assembly::default();
    let large = "x".repeat(1 << 20);
    (0..100).for_each(|_| assembly.add(&text(0, &large)));
    assembly.add(&text(u32::MAX, "x"));
    assembly.add(&Delta::Finish { choice: u32::MAX, reason: Finish::Stop });
    let response = assembly.response();
    assert_eq!(response.choices.len(), 1);
    let Part::Text(kept) = &response.choices[0].parts[0] else { panic!("a text was sent") };
    assert!(kept.len() <= MOST_BYTES);
}
