#![allow(clippy::unwrap_used)]

use futures::FutureExt as _;
use serde_json::{Value, json};
use tracekeep_llm::chat::Choice;
use tracekeep_redact::Masking;

use super::*;
use crate::live::{Heard, Listener};

const START: Micros = Micros(1_800_000_000_000_000);

/// One call, and the project's live stream.
struct Scene {
    hub: Arc<Hub>,
    live: LiveText,
    now: Micros,
}

impl Scene {
    fn new(masking: Masking) -> Self {
        let hub = Arc::new(Hub::default());
        let live = LiveText::new(hub.clone(), Redactor::new(masking));
        Self { hub, live, now: START }
    }

    fn listen(&self) -> Listener {
        self.hub.listen(&"p".into(), None, START).unwrap()
    }

    /// So much has come when it is time to show more.
    fn come(&mut self, parts: &[Part]) {
        self.now = self.now.plus(PAUSE);
        self.come_at(self.now, parts);
    }

    fn come_at(&mut self, at: Micros, parts: &[Part]) {
        let place = Place { trace_id: "t".into(), span_id: "s".into(), parent_span_id: None };
        let other = Choice { parts: vec![Part::Text("another choice ".into())], finish: None };
        let first = Choice { parts: parts.to_vec(), finish: None };
        let response = Response { choices: vec![first, other], ..Response::default() };
        self.live.show(&"p".into(), &place, at, &response);
    }
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

/// The offset and the text that are heard next.
fn heard(listener: &mut Listener) -> Option<(u64, String)> {
    match listener.next().now_or_never()?? {
        Heard::Text(spoken) => {
            let data: Value = serde_json::to_value(&spoken).unwrap();
            assert_eq!((&data["traceId"], &data["spanId"]), (&json!("t"), &json!("s")));
            Some((data["offset"].as_u64().unwrap(), data["text"].as_str().unwrap().to_owned()))
        }
        other => panic!("{other:?}"),
    }
}

fn said(offset: u64, text: &str) -> Option<(u64, String)> {
    Some((offset, text.to_owned()))
}

#[test]
fn a_text_grows_word_by_word() {
    let mut scene = Scene::new(Masking::On);
    let mut listener = scene.listen();
    scene.come(&[text("Hel")]);
    assert_eq!(heard(&mut listener), None);
    scene.come(&[text("Hello, wor")]);
    assert_eq!(heard(&mut listener), said(0, "Hello, "));
    scene.come(&[text("Hello, world. B")]);
    assert_eq!(heard(&mut listener), said(7, "world. "));
    assert_eq!(heard(&mut listener), None);
}

#[test]
fn an_address_is_masked_and_never_shown_in_part() {
    let mut scene = Scene::new(Masking::On);
    let mut listener = scene.listen();
    let whole = "Write to ann@example.org, or to \"b\\u0040c.org\" now";
    let mut shown = String::new();
    for end in 1..=whole.len() {
        scene.come(&[text(&whole[..end])]);
        if let Some((offset, more)) = heard(&mut listener) {
            assert_eq!(offset, shown.chars().count() as u64);
            shown.push_str(&more);
            let masked = "Write to [EMAIL], or to \"[EMAIL]\" now";
            assert!(masked.starts_with(&shown), "{shown}");
        }
    }
    assert_eq!(shown, "Write to [EMAIL], or to \"[EMAIL]\" ");
}

#[test]
fn where_nothing_is_masked_the_whole_text_is_shown() {
    let mut scene = Scene::new(Masking::Off);
    let mut listener = scene.listen();
    scene.come(&[text("Write to ann@exam")]);
    assert_eq!(heard(&mut listener), said(0, "Write to ann@exam"));
    scene.come(&[text("Write to ann@example.org")]);
    assert_eq!(heard(&mut listener), said(17, "ple.org"));
}

#[test]
fn who_comes_in_the_middle_hears_it_from_its_beginning_on() {
    let mut scene = Scene::new(Masking::On);
    scene.come(&[text("one ")]);
    let mut first = scene.listen();
    assert_eq!(heard(&mut first), None);
    scene.come(&[text("one two ")]);
    assert_eq!(heard(&mut first), said(0, "one two "));
    let mut second = scene.listen();
    assert_eq!(heard(&mut second), said(0, "one two "));
    scene.come(&[text("one two three ")]);
    for listener in [&mut first, &mut second] {
        assert_eq!(heard(listener), said(8, "three "));
    }
    // Nobody is there for a while.
    drop((first, second));
    scene.come(&[text("one two three four ")]);
    let mut third = scene.listen();
    assert_eq!(heard(&mut third), None);
    scene.come(&[text("one two three four five ")]);
    assert_eq!(heard(&mut third), said(0, "one two three four five "));
}

#[test]
fn no_text_comes_sooner_than_a_pause_after_the_last() {
    let mut scene = Scene::new(Masking::On);
    let mut listener = scene.listen();
    scene.come_at(START, &[text("one ")]);
    assert_eq!(heard(&mut listener), said(0, "one "));
    scene.come_at(START.plus(PAUSE - 1), &[text("one two ")]);
    assert_eq!(heard(&mut listener), None);
    scene.come_at(START.plus(PAUSE), &[text("one two three ")]);
    assert_eq!(heard(&mut listener), said(4, "two three "));
}

#[test]
fn only_text_is_shown_wherever_it_stands() {
    let mut scene = Scene::new(Masking::On);
    let mut listener = scene.listen();
    let thought = Part::Reasoning { text: "Hm, so. ".into(), sealed: None };
    scene.come(std::slice::from_ref(&thought));
    assert_eq!(heard(&mut listener), None);
    scene.come(&[thought.clone(), text("one, ")]);
    assert_eq!(heard(&mut listener), said(0, "one, "));
    scene.come(&[thought.clone(), text("one, "), thought.clone(), text("two, ")]);
    assert_eq!(heard(&mut listener), said(5, "two, "));
    scene.come(&[thought.clone(), text("one, "), thought, text("two, thr")]);
    assert_eq!(heard(&mut listener), None);
}

#[test]
fn nothing_comes_behind_the_end() {
    let mut scene = Scene::new(Masking::On);
    let mut listener = scene.listen();
    scene.come(&[text("one ")]);
    scene.live.end();
    assert_eq!(heard(&mut listener), None);
}

#[test]
fn a_long_text_is_shown_as_far_as_an_event_shows_it() {
    let mut scene = Scene::new(Masking::On);
    let mut listener = scene.listen();
    let long = "word ".repeat(MOST_OUTPUT / 5 + 10);
    let (mut shown, mut pieces) = (String::new(), 0);
    for _ in 0..5 {
        scene.come(&[text(&long), Part::Refusal("no".into()), text("more ")]);
        if let Some((offset, more)) = heard(&mut listener) {
            assert_eq!(offset, shown.chars().count() as u64);
            shown.push_str(&more);
            pieces += 1;
        }
    }
    assert_eq!(shown, long[..MOST_OUTPUT]);
    assert_eq!(pieces, 2, "the beginning in one piece, and its last word");
}
