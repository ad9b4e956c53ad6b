#![allow(clippy::unwrap_used)]

use tracekeep_model::{Field, Money, Register, Value};

use super::*;

const NOON: Micros = Micros(1_770_000_000_000_000);

/// A call that ended well and says nothing of what it took, changed by other statements.
fn call(registers: &[(Register, Value)]) -> State {
    let version = Version { rank: Rank::Stated, time: NOON, step: Step::End };
    let mut state = State::new(NOON);
    state.set(Field::Kind, version, Kind::Generation);
    state.set(Field::EndTime, version, NOON);
    state.set(Field::Model, version, "gpt-4o");
    state.set(Field::Input, version, "What is the weather in Oslo?");
    state.set(Field::Output, version, "7 degrees");
    let later = Version { time: NOON.plus(1), ..version };
    for (register, value) in registers {
        state.set(register.clone(), later, value.clone());
    }
    state
}

fn question(state: &State) -> Option<Question> {
    Question::of(&"t".into(), &"s".into(), state)
}

fn field(field: Field, value: impl Into<Value>) -> (Register, Value) {
    (field.into(), value.into())
}

#[test]
fn a_call_that_nobody_counted_is_counted() {
    let mut state = call(&[]);
    let patch = question(&state).unwrap().answer(NOON.plus(9)).unwrap();
    assert!(patch.entries().iter().all(|entry| entry.version.rank == Rank::Inferred));
    state.join(patch);
    let span = project_span(&"t".into(), &"s".into(), &state);
    // Seven of the question, four of a message, three of the answer's beginning.
    assert_eq!((span.usage.input, span.usage.output), (Some(14), Some(2)));
    let given = r#"{"estimated_by":"o200k_base","exact":true,"input":14,"output":2}"#;
    assert_eq!(span.usage_given.as_deref(), Some(given));
    assert!(question(&state).is_none(), "once is enough");
}

#[test]
fn what_its_sender_counted_is_left_alone() {
    for register in [
        (Register::Usage("output".into()), Value::Int(0)),
        (Register::Usage("total".into()), Value::Int(9)),
        (Register::Cost("total".into()), Value::Money(Money(1))),
        field(Field::UsageGiven, r#"{"characters":3}"#),
    ] {
        assert!(question(&call(std::slice::from_ref(&register))).is_none(), "{register:?}");
    }
}

#[test]
fn what_is_no_finished_call_of_a_model_is_left_alone() {
    for register in [
        field(Field::Kind, Value::Kind(Kind::Agent)),
        field(Field::EndTime, Value::Cleared),
        field(Field::Model, Value::Cleared),
    ] {
        assert!(question(&call(std::slice::from_ref(&register))).is_none(), "{register:?}");
    }
    let mut gone = call(&[]);
    gone.join(State::deleted(NOON));
    assert!(question(&gone).is_none());
}

/// An answer that was cut off was paid for, a call that was refused was not.
#[test]
fn a_failed_call_is_counted_as_far_as_it_answered() {
    let failed = field(Field::Status, Value::Status(Status::Error));
    let cut_off = question(&call(std::slice::from_ref(&failed))).unwrap().answer(NOON).unwrap();
    assert_eq!(cut_off.entry(&Register::Usage("output".into())).unwrap().value, Value::Int(2));
    for nothing in [Value::Cleared, Value::from("")] {
        let refused = call(&[failed.clone(), field(Field::Output, nothing)]);
        assert!(question(&refused).is_none());
    }
    let called = r#"[{"type":"function","function":{"name":"get_weather","arguments":"{}"}}]"#;
    let with_call =
        call(&[failed, field(Field::Output, Value::Cleared), field(Field::ToolCalls, called)]);
    assert!(question(&with_call).is_some());
}

#[test]
fn vectors_have_input_only() {
    let state = call(&[
        field(Field::Kind, Value::Kind(Kind::Embedding)),
        field(Field::Model, "text-embedding-3-small"),
        field(Field::Input, "hello world"),
        field(Field::Output, "[0.5,0.25]"),
    ]);
    let patch = question(&state).unwrap().answer(NOON).unwrap();
    assert_eq!(patch.entry(&Register::Usage("input".into())).unwrap().value, Value::Int(2));
    assert_eq!(patch.entry(&Register::Usage("output".into())), None);
}

#[test]
fn a_call_without_texts_has_no_answer() {
    let empty = call(&[field(Field::Input, Value::Cleared), field(Field::Output, Value::Cleared)]);
    assert!(question(&empty).unwrap().answer(NOON).is_none());
}

/// As the gateway shows transcriptions.
#[test]
fn a_call_of_sound_has_no_answer() {
    let form =
        r#"{"prompt":null,"files":[{"field":"file","name":"a.wav","type":"audio/wav","bytes":9}]}"#;
    for (model, input) in [("whisper-1", "hello world"), ("gpt-4o", form)] {
        let state = call(&[field(Field::Model, model), field(Field::Input, input)]);
        assert!(question(&state).unwrap().answer(NOON).is_none(), "{model}");
    }
}
