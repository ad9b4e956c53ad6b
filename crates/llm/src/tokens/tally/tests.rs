use super::*;

fn counted(texts: &[&str]) -> Tally {
    let mut tally = Tally::new(Tokenizer::O200k);
    texts.iter().for_each(|text| tally.text(text));
    tally
}

/// Whole, tiktoken says 400,001 and 62,000.
#[test]
fn long_texts_are_cut_where_no_token_is() {
    let words = "The quick brown fox jumps over the lazy dog. ".repeat(40_000);
    assert_eq!(counted(&[&words]).tokens(), 400_001);
    let lines: String =
        (0..4_000).map(|n| format!("{n}: some words, and a\n  second line /{n}\n")).collect();
    assert_eq!(counted(&[&lines]).tokens(), 62_000);
}

#[test]
fn what_is_beyond_the_longest_is_taken_to_be_like_it() {
    let word = "abc ";
    let most = counted(&[&word.repeat(MOST_COUNTED / word.len())]);
    assert!(most.is_whole());
    let twice = counted(&[&word.repeat(2 * MOST_COUNTED / word.len())]);
    assert!(!twice.is_whole());
    assert_eq!(twice.tokens(), 2 * most.tokens());
    // It is one bound for all texts.
    let mut several = Tally::new(Tokenizer::O200k);
    for _ in 0..8 {
        several.text(&word.repeat(MOST_COUNTED / word.len() / 4));
    }
    assert!(!several.is_whole());
    assert_eq!(several.counted, MOST_COUNTED);
    assert_eq!(several.beyond, MOST_COUNTED as u64);
    assert!(several.tokens() >= twice.tokens());
}

#[test]
fn nothing_has_no_tokens() {
    assert_eq!(counted(&[]).tokens(), 0);
    assert_eq!(counted(&["", ""]).tokens(), 0);
    let mut overhead = counted(&[]);
    overhead.add(7);
    assert_eq!(overhead.tokens(), 7);
}

/// Texts that take other tokenizers a time that grows with the square of their length, or that end them.
/// Each must come to its end within what a test may take, with a count that is possible.
#[test]
fn hostile_texts_are_counted() {
    for unit in [
        "a",
        "A",
        "^",
        " ",
        "\n",
        " \n",
        "0",
        "'s",
        "\u{3000}",
        "\u{3000}\u{3000}1",
        "日",
        "🎉",
        "\u{a0}\u{a0}-",
    ] {
        let text = unit.repeat((MOST_COUNTED / 4) / unit.len());
        let tally = counted(&[&text]);
        assert!(tally.is_whole(), "{unit:?}");
        let bytes = text.len() as u64;
        assert!((bytes / 256..=bytes).contains(&tally.tokens()), "{unit:?}: {}", tally.tokens());
    }
}

#[test]
fn a_cut_in_a_text_without_words_is_between_characters() {
    for text in ["日".repeat(AT_ONCE), format!("x{}", "é".repeat(AT_ONCE))] {
        let at = seam(&text);
        assert!(text.is_char_boundary(at) && at > AT_ONCE - 4, "{at}");
    }
}
