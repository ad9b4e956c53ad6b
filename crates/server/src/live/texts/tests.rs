use super::*;

const MOST_BYTES: usize = 12;

fn texts() -> Texts {
    Texts::new(MOST_BYTES)
}

/// The trace, offset and text of what is heard next.
fn next(texts: &Texts, hearing: &mut Hearing) -> Option<(String, usize, String)> {
    let Spoken { trace_id, offset, text, .. } = texts.next(hearing)?;
    Some((trace_id.into(), offset, text.into()))
}

fn heard(trace: &str, offset: usize, text: &str) -> Option<(String, usize, String)> {
    Some((trace.to_owned(), offset, text.to_owned()))
}

#[test]
fn each_listener_hears_what_is_new_to_it() {
    let mut texts = texts();
    let (mut early, mut late) = (Hearing::default(), Hearing::default());
    let number = texts.begin("t", "s").unwrap();
    assert_eq!(next(&texts, &mut early), None);
    assert!(texts.add(number, "für "));
    assert_eq!(next(&texts, &mut early), heard("t", 0, "für "));
    assert!(texts.add(number, "dich "));
    // Characters count, not bytes; who comes in the middle hears it from its beginning on.
    assert_eq!(next(&texts, &mut early), heard("t", 4, "dich "));
    assert_eq!(next(&texts, &mut late), heard("t", 0, "für dich "));
    assert_eq!((next(&texts, &mut early), next(&texts, &mut late)), (None, None));
}

#[test]
fn the_data_names_trace_and_span() {
    let mut texts = texts();
    let number = texts.begin("t", "s").unwrap();
    texts.add(number, "Hello");
    let spoken = texts.next(&mut Hearing::default()).unwrap();
    let expected =
        serde_json::json!({ "traceId": "t", "spanId": "s", "offset": 0, "text": "Hello" });
    assert_eq!(serde_json::to_value(&spoken).unwrap(), expected);
}

#[test]
fn who_is_slow_hears_more_at_once_and_of_every_text() {
    let mut texts = texts();
    let mut slow = Hearing::default();
    let (a, b) = (texts.begin("a", "a").unwrap(), texts.begin("b", "b").unwrap());
    texts.add(a, "1 ");
    texts.add(b, "2 ");
    texts.add(a, "3 ");
    assert_eq!(next(&texts, &mut slow), heard("b", 0, "2 "));
    texts.add(b, "4 ");
    assert_eq!(next(&texts, &mut slow), heard("a", 0, "1 3 "));
    assert_eq!(next(&texts, &mut slow), heard("b", 2, "4 "));
    assert_eq!(next(&texts, &mut slow), None);
}

#[test]
fn nothing_is_heard_of_a_text_that_is_over() {
    let mut texts = texts();
    let mut hearing = Hearing::default();
    let number = texts.begin("t", "s").unwrap();
    texts.add(number, "Hel");
    texts.end(number);
    assert_eq!(next(&texts, &mut hearing), None);
    assert!(!texts.add(number, "lo"));
    assert!(texts.growing.is_empty() && texts.by_growth.is_empty());
    // Another one of the same span begins anew.
    let again = texts.begin("t", "s").unwrap();
    texts.add(again, "Hey");
    assert_eq!(next(&texts, &mut hearing), heard("t", 0, "Hey"));
}

#[test]
fn what_is_deleted_is_not_heard_and_takes_nothing_more() {
    let mut texts = texts();
    let mut hearing = Hearing::default();
    let (gone, kept) = (texts.begin("t", "gone").unwrap(), texts.begin("t", "kept").unwrap());
    texts.add(gone, "secret");
    assert_eq!(next(&texts, &mut hearing), heard("t", 0, "secret"));
    texts.add(gone, " too");
    texts.add(kept, "Hello");
    texts.forget(|trace, span| (trace, span) == ("t", "gone"));
    assert!(!texts.add(gone, " and this"));
    assert_eq!(next(&texts, &mut hearing), heard("t", 0, "Hello"));
    assert_eq!(next(&texts, &mut hearing), None);
    texts.end(gone);
    texts.end(kept);
    assert!(texts.growing.is_empty() && texts.by_growth.is_empty());
}

#[test]
fn a_long_text_is_cut_between_characters_and_stays_so() {
    let mut texts = texts();
    let mut hearing = Hearing::default();
    let number = texts.begin("t", "s").unwrap();
    assert!(texts.add(number, "0123456789a"));
    // One byte is left, and the letter has two.
    assert!(!texts.add(number, "ü"));
    assert!(!texts.add(number, "x"));
    assert_eq!(next(&texts, &mut hearing), heard("t", 0, "0123456789a"));
    let full = texts.begin("u", "s").unwrap();
    assert!(texts.add(full, &"y".repeat(MOST_BYTES)));
    assert!(!texts.add(full, "z"));
    assert_eq!(next(&texts, &mut hearing), heard("u", 0, &"y".repeat(MOST_BYTES)));
}

#[test]
fn there_is_a_limit_to_texts_and_to_what_a_listener_remembers() {
    let mut texts = texts();
    let mut hearing = Hearing::default();
    for round in 0..4 {
        let numbers: Vec<u64> = (0..MOST_TEXTS).map(|_| texts.begin("t", "s").unwrap()).collect();
        assert_eq!(texts.begin("t", "s"), None);
        for number in &numbers {
            texts.add(*number, "x");
            assert_eq!(next(&texts, &mut hearing), heard("t", 0, "x"), "{round}");
        }
        assert!(hearing.heard.len() <= 2 * MOST_TEXTS);
        numbers.into_iter().for_each(|number| texts.end(number));
    }
}
