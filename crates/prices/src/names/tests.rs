use super::*;

#[test]
fn a_date_is_tried_both_ways() {
    let spellings = Spellings::of(&["gpt-5.2-20251211"]);
    assert_eq!(spellings.stated, ["gpt-5.2-20251211", "gpt-5.2-2025-12-11"]);
    assert_eq!(spellings.without_snapshot, ["gpt-5.2"]);
    let spellings = Spellings::of(&["anthropic.claude-sonnet-4-20250514-v1:0"]);
    assert_eq!(spellings.stated[1], "anthropic.claude-sonnet-4-2025-05-14-v1:0");
    assert_eq!(
        Spellings::of(&["claude-3-5-sonnet@20240620"]).without_snapshot,
        ["claude-3-5-sonnet"]
    );
}

#[test]
fn what_is_no_date_stays() {
    let spellings = Spellings::of(&["model-20251399", "gpt-4-0613"]);
    assert_eq!(spellings.stated, ["model-20251399", "gpt-4-0613"]);
    assert_eq!(spellings.without_snapshot, ["model", "gpt-4-0613"]);
    assert_eq!(Spellings::of(&["-latest"]).without_snapshot, Vec::<String>::new());
}

#[test]
fn latest_and_default_are_snapshots_too() {
    let spellings = Spellings::of(&["gpt-4o-latest", "llama:latest", "claude-opus-4@default"]);
    assert_eq!(spellings.without_snapshot, ["gpt-4o", "llama", "claude-opus-4"]);
}

#[test]
fn resources_of_google() {
    assert_eq!(of_resource("models/gemini-2.5-pro"), Some("gemini-2.5-pro"));
    assert_eq!(of_resource("publishers/google/models/gemini-2.5-pro"), Some("gemini-2.5-pro"));
    assert_eq!(of_resource("accounts/fireworks/models/x"), None);
}
