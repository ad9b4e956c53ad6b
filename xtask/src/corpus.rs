//! The words that the generated prompts, answers and documents are made of.
//!
//! Both corpora draw single words by their frequency. Whole sentences of a short text would repeat
//! inside every compression window and flatter the disk figures: measured on 1 MB with zstd 3,
//! sentences of the 26 KB fixture compress 9 times, its single words 2.8 times, which is what a
//! long novel does; the synthetic words compress 3.0 times.

use clap::ValueEnum;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const PROSE: &str = include_str!("../fixtures/prose.txt");
const SYNTHETIC_WORDS: usize = 2_000;
/// A power of two well above the number of words, so that the rarest still has a place.
const SYNTHETIC_PICKS: usize = 1 << 16;

/// Which words to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CorpusKind {
    /// 2,000 invented words, used as unevenly as those of a language.
    Synthetic,
    /// The words of five English novels, used as often as there.
    Prose,
}

/// Words that are safe inside a JSON string as they stand.
#[derive(Debug)]
pub(crate) struct Corpus {
    words: Vec<String>,
    /// Indexes of words; a frequent word stands here more often.
    picks: Vec<u16>,
}

impl Corpus {
    pub(crate) fn new(kind: CorpusKind) -> Self {
        match kind {
            CorpusKind::Synthetic => synthetic(),
            CorpusKind::Prose => prose(),
        }
    }

    /// Appends words of at least so many bytes, with blanks between them; nothing if it is 0.
    pub(crate) fn append(&self, rng: &mut StdRng, text: &mut String, bytes: usize) {
        let end = text.len() + bytes;
        let mut first = true;
        while text.len() < end {
            if !first {
                text.push(' ');
            }
            first = false;
            text.push_str(self.word(rng));
        }
    }

    fn word(&self, rng: &mut StdRng) -> &str {
        let place = (u64::from(rng.next_u32()) * self.picks.len() as u64) >> 32;
        &self.words[usize::from(self.picks[place as usize])]
    }
}

fn prose() -> Corpus {
    let lines = PROSE.lines().filter(|line| !line.starts_with('#'));
    let words: Vec<String> =
        lines.flat_map(str::split_whitespace).map(|word| word.replace(['"', '\\'], "'")).collect();
    let picks = (0..words.len()).filter_map(|word| u16::try_from(word).ok()).collect();
    Corpus { words, picks }
}

/// The vocabulary is the same whatever the seed of the load.
fn synthetic() -> Corpus {
    const ONSETS: [&str; 20] = [
        "b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "tr",
        "pl", "sh",
    ];
    const RIMES: [&str; 10] = ["a", "e", "i", "o", "u", "ai", "er", "on", "ent", "all"];
    let mut rng = StdRng::seed_from_u64(2_000);
    let mut words: Vec<String> = Vec::with_capacity(SYNTHETIC_WORDS);
    let mut seen = std::collections::HashSet::new();
    while words.len() < SYNTHETIC_WORDS {
        let mut word = String::new();
        // Frequent words are short, as in a language.
        let syllables = match words.len() {
            0..100 => 1,
            100..700 => 2,
            _ => 3,
        };
        for _ in 0..syllables {
            word.push_str(pick(&mut rng, &ONSETS));
            word.push_str(pick(&mut rng, &RIMES));
        }
        if seen.insert(word.clone()) {
            words.push(word);
        }
    }
    Corpus { words, picks: zipf() }
}

fn pick(rng: &mut StdRng, from: &[&'static str]) -> &'static str {
    from[rng.next_u32() as usize % from.len()]
}

/// Word n has a share of about 1 / (n + 2.7) (Mandelbrot's form of Zipf's law).
fn zipf() -> Vec<u16> {
    let weight = |rank: usize| 1.0 / (rank as f64 + 2.7);
    let total: f64 = (0..SYNTHETIC_WORDS).map(weight).sum();
    let mut picks = Vec::with_capacity(SYNTHETIC_PICKS);
    let mut sum = 0.0;
    for rank in 0..SYNTHETIC_WORDS {
        sum += weight(rank);
        let upto = (sum / total * SYNTHETIC_PICKS as f64).round() as usize;
        picks.resize(upto.min(SYNTHETIC_PICKS), rank as u16);
    }
    picks
}

#[cfg(test)]
mod tests;
