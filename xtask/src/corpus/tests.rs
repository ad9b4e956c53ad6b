use std::collections::HashSet;

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::{Corpus, CorpusKind, SYNTHETIC_PICKS, SYNTHETIC_WORDS};

#[test]
fn every_word_is_safe_inside_json() {
    for kind in [CorpusKind::Synthetic, CorpusKind::Prose] {
        for word in Corpus::new(kind).words {
            let json = serde_json::Value::from(word.as_str()).to_string();
            assert_eq!(json, format!("\"{word}\""));
        }
    }
}

#[test]
fn every_synthetic_word_occurs_and_the_first_most() {
    let corpus = Corpus::new(CorpusKind::Synthetic);
    assert_eq!(corpus.words.len(), SYNTHETIC_WORDS);
    assert_eq!(corpus.picks.len(), SYNTHETIC_PICKS);
    let occurring: HashSet<u16> = corpus.picks.iter().copied().collect();
    assert_eq!(occurring.len(), SYNTHETIC_WORDS);
    let count = |rank: u16| corpus.picks.iter().filter(|pick| **pick == rank).count();
    assert!(count(0) > 50 * count(1_999), "{} and {}", count(0), count(1_999));
}

#[test]
fn the_same_seed_gives_the_same_text() {
    let corpus = Corpus::new(CorpusKind::Prose);
    let text = |seed| {
        let mut text = String::new();
        corpus.append(&mut StdRng::seed_from_u64(seed), &mut text, 300);
        text
    };
    assert_eq!(text(1), text(1));
    assert_ne!(text(1), text(2));
    assert!((300..350).contains(&text(1).len()));
}
