//! Fields that are too large to be kept with the others.

use tracekeep_model::{Field, Register, Text};

use crate::conformance::patch::Patch;
use crate::conformance::run::Run;
use crate::conformance::views::verify_views;
use crate::conformance::{Disturbance, Subject};

/// From here on a field counts as large.
const LARGE: usize = 256 << 10;
/// Bytes of the texts, by turns.
const SIZES: [usize; 4] = [LARGE + 1, LARGE + 1, 3 * LARGE, LARGE];

/// Fields of a span that hold plain text, and those that hold JSON.
const TEXTS: &[Field] = &[
    Field::StatusMessage,
    Field::ErrorMessage,
    Field::ErrorStack,
    Field::SystemPrompt,
    Field::Input,
    Field::Output,
];
const JSON: &[Field] =
    &[Field::Parameters, Field::ToolCalls, Field::UsageGiven, Field::Events, Field::Links];

/// Every field that can be large is kept whole whatever its size, is found, compared and counted by
/// its content, stays whole when its trace changes, and goes when its trace is deleted.
///
/// # Panics
/// Where the archive says something else.
pub async fn large_fields_come_back_whole(subject: &mut dyn Subject) {
    let mut run = Run::new(subject);
    let mut number = 0;
    for field in TEXTS {
        number += 1;
        let span = Patch::begun(field.as_str(), "s", number);
        run.merge("p", [span.with(*field, text(field.as_str(), number))]).await;
    }
    for field in JSON {
        number += 1;
        let json = format!(r#"{{"word":"kept","text":"{}"}}"#, text(field.as_str(), number));
        let span = Patch::begun(field.as_str(), "s", number).with(*field, json);
        run.merge("p", [span]).await;
    }
    let log = || Register::Metadata(Text::from("log"));
    let word = || Register::Metadata(Text::from("word"));
    let json = |name: &str, number| format!("\"{}\"", text(name, number));
    let span = Patch::begun("metadata", "s", 12).with(log(), json("of a span", 12));
    let trace = Patch::trace("metadata", 12)
        .with(Field::Input, text("of a trace", 13))
        .with(Field::Output, text("of a trace", 14))
        .with(log(), json("of a trace", 15))
        .with(word(), "\"kept\"");
    let score = Patch::score("score", "metadata", 0.5, 12)
        .with(Field::Comment, text("of a score", 16))
        .with(Field::ScoreText, text("of a score", 17))
        .with(log(), json("of a score", 18));
    run.merge("p", [span.with(word(), "\"kept\""), trace, score]).await;
    are_found(&run).await;
    run.verify_through_everything().await;
    are_found(&run).await;
    verify_views(&run, "p").await;

    // Re-opened, sealed again, and all but one of them deleted.
    let names = || TEXTS.iter().chain(JSON).map(|field| field.as_str());
    run.merge("p", names().map(|trace| Patch::ended(trace, "s", 60))).await;
    run.disturb(Disturbance::Seal).await;
    run.verify().await;
    run.merge("p", names().map(|trace| Patch::deleted_trace(trace, 70))).await;
    run.verify_through_everything().await;
    assert_eq!(run.texts("p", WITH_WORD).await, ["metadata"]);
}

const WITH_WORD: &str = r#"{"table":"spans","select":["trace_id"],"order":[{"by":"trace_id"}],
    "filter":{"field":"metadata.word","op":"eq","value":"kept"}}"#;

/// Text that says what it is at its end.
fn text(name: &str, number: i64) -> String {
    let turn = usize::try_from(number).unwrap_or_default();
    // Every other one has characters of several lengths, which are compared in another way.
    let line = if turn.is_multiple_of(2) {
        "what does the brown fox say? "
    } else {
        "Ää\u{1F600} say? "
    };
    let (size, end) = (SIZES[turn % SIZES.len()], format!("the end {name}"));
    let mut text = line.repeat(size / line.len());
    text.truncate(text.floor_char_boundary(size - end.len()));
    let missing = size - end.len() - text.len();
    format!("{text}{}{end}", ".".repeat(missing))
}

/// By their ends, their beginnings, what they hold, and in groups.
async fn are_found(run: &Run<'_>) {
    let of = |filter: &str| {
        format!(
            r#"{{"table":"spans","select":["trace_id"],"order":[{{"by":"trace_id"}}],
                "filter":{filter}}}"#
        )
    };
    for field in [Field::Input, Field::Output, Field::ErrorMessage] {
        let name = field.as_str();
        let found = run.texts("p", &of(&format!(r#"{{"search":"THE END {name}"}}"#))).await;
        assert_eq!(found, [name], "found by a search");
    }
    for field in TEXTS {
        let name = field.as_str();
        for (op, value) in
            [("contains", format!("the end {name}")), ("ends_with", format!("d {name}"))]
        {
            let filter = format!(r#"{{"field":"{name}","op":"{op}","value":"{value}"}}"#);
            assert_eq!(run.texts("p", &of(&filter)).await, [name], "{op}");
        }
    }
    for filter in [
        r#"{"field":"input","op":"starts_with","value":"ques"}"#,
        r#"{"field":"input","op":"eq","value":"question"}"#,
        r#"{"field":"input","op":"ne","value":"question"}"#,
        r#"{"field":"output","op":"not_contains","value":"fox"}"#,
        r#"{"field":"error_message","op":"in","value":["a","b"]}"#,
        r#"{"field":"error_message","op":"exists"}"#,
        r#"{"field":"parameters.word","op":"eq","value":"kept"}"#,
        r#"{"field":"metadata","op":"exists"}"#,
    ] {
        run.texts("p", &of(filter)).await;
    }
    assert_eq!(run.texts("p", WITH_WORD).await, ["metadata"]);
    for query in [
        r#"{"table":"traces","select":["trace_id"],"filter":{"search":"the end of a trace"}}"#,
        r#"{"table":"traces","select":["input","output","metadata"],"limit":3}"#,
        r#"{"table":"spans","select":["error_message"],"order":[{"by":"error_message"}]}"#,
        r#"{"table":"spans","select":["input"],"order":[{"by":"input","direction":"desc"}],"limit":2}"#,
        r#"{"table":"spans","group_by":["output"],"measures":[{"fn":"count"}]}"#,
        r#"{"table":"spans","group_by":["parameters.word"],"measures":[{"fn":"count"}]}"#,
        r#"{"table":"spans","measures":[{"fn":"count_distinct","field":"system_prompt"}]}"#,
        r#"{"table":"scores","select":["comment","string_value"],
            "filter":{"search":"the end of a score"}}"#,
    ] {
        run.texts("p", query).await;
    }
}
