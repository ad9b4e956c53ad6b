//! Vectors without a model: each word of a text turns some of the numbers. So texts that share words get
//! vectors that are near each other, and the same text always gets the same.

use serde_json::json;
use tracekeep_model::{MOST_TOKENS, Usage};

use super::EMBEDS;
use crate::chat::{ApiError, Counted, ErrorKind};
use crate::embed::{Input, Request, Response};

/// Numbers of a vector: unless another length is asked for, and at most.
const DIMENSIONS: u32 = 256;
const MOST_DIMENSIONS: u32 = 1_536;
/// Numbers that one word turns.
const TURNS: u64 = 4;

/// The vectors of a request's inputs, each of length 1. `model`: its name behind `demo/`.
///
/// # Errors
/// The model makes no vectors, or longer ones are asked for than it makes.
pub fn embed(model: &str, request: &Request) -> Result<Response, ApiError> {
    if model != EMBEDS {
        let message = format!("`demo/{model}` makes no vectors; `demo/{EMBEDS}` does.");
        let mut error = ApiError::new(ErrorKind::NotFound, message);
        error.code = Some("model_not_found".to_owned());
        error.param = Some("model".to_owned());
        return Err(error);
    }
    let dimensions = request.dimensions.unwrap_or(DIMENSIONS);
    if !(1..=MOST_DIMENSIONS).contains(&dimensions) {
        let message = format!("dimensions is {dimensions}; ask for 1 to {MOST_DIMENSIONS}.");
        let mut error = ApiError::new(ErrorKind::BadRequest, message);
        error.param = Some("dimensions".to_owned());
        return Err(error);
    }
    let vectors = request.inputs.iter().map(|input| vector(input, dimensions as usize)).collect();
    let tokens = request.inputs.iter().map(tokens).fold(0i64, i64::saturating_add);
    let tokens = tokens.min(MOST_TOKENS);
    let usage = Usage { input: Some(tokens), ..Usage::default() };
    let counted = Some(Counted { usage, stated: json!({"input_tokens": tokens}) });
    Ok(Response { vectors, counted, model: Some(format!("demo/{EMBEDS}")) })
}

/// About four bytes a token, as English has it.
fn tokens(input: &Input) -> i64 {
    let count = match input {
        Input::Text(text) => text.len().div_ceil(4),
        Input::Tokens(ids) => ids.len(),
    };
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn vector(input: &Input, dimensions: usize) -> Vec<f64> {
    let mut vector = vec![0.0; dimensions];
    match input {
        Input::Text(text) => {
            let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            words.for_each(|word| turn(&mut vector, hash(word.to_lowercase().as_bytes())));
        }
        Input::Tokens(ids) => ids.iter().for_each(|id| turn(&mut vector, hash(&id.to_le_bytes()))),
    }
    let length = vector.iter().map(|number| number * number).sum::<f64>().sqrt();
    if length > 0.0 {
        // As f32, which is what most models give.
        vector.iter_mut().for_each(|number| *number = f64::from((*number / length) as f32));
    } else {
        // Without words, or where all turns cancel each other.
        vector[0] = 1.0;
    }
    vector
}

fn turn(vector: &mut [f64], word: u64) {
    for nth in 0..TURNS {
        let mixed = mix(word.wrapping_add(nth));
        let place = (mixed >> 1) % vector.len() as u64;
        vector[place as usize] += if mixed & 1 == 0 { 1.0 } else { -1.0 };
    }
}

/// FNV-1a.
fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// The finalizer of SplitMix64: neighbours become far apart.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn embedded(texts: &[&str], dimensions: Option<u32>) -> Vec<Vec<f64>> {
        let inputs = texts.iter().map(|text| Input::Text((*text).to_owned())).collect();
        let request = Request { inputs, dimensions, ..Request::default() };
        embed("embed", &request).unwrap().vectors
    }

    fn likeness(one: &[f64], other: &[f64]) -> f64 {
        one.iter().zip(other).map(|(one, other)| one * other).sum()
    }

    #[test]
    fn the_same_text_gets_the_same_vector_of_length_1() {
        let vectors = embedded(&["How do I bake bread?", "how do I bake BREAD", ""], None);
        assert_eq!(vectors[0].len(), 256);
        assert_eq!(vectors[0], vectors[1]);
        for vector in &vectors {
            assert!((likeness(vector, vector) - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn texts_with_the_same_words_are_nearer() {
        let texts = ["How do I bake bread?", "Do I bake bread at noon?", "Ships sail over seas."];
        let vectors = embedded(&texts, None);
        let near = likeness(&vectors[0], &vectors[1]);
        assert!(near > 0.5, "{near}");
        assert!(near > likeness(&vectors[0], &vectors[2]) + 0.3);
    }

    #[test]
    fn the_length_is_the_one_asked_for() {
        assert_eq!(embedded(&["a"], Some(7))[0].len(), 7);
        let request = |dimensions| Request {
            inputs: vec![Input::Tokens(vec![1, 2])],
            dimensions: Some(dimensions),
            ..Request::default()
        };
        let answer = embed("embed", &request(1)).unwrap();
        assert_eq!(answer.vectors[0][0].abs(), 1.0);
        assert_eq!(answer.counted.unwrap().usage.input, Some(2));
        assert_eq!(embed("embed", &request(0)).unwrap_err().kind, ErrorKind::BadRequest);
        assert_eq!(embed("embed", &request(1_537)).unwrap_err().kind, ErrorKind::BadRequest);
    }

    #[test]
    fn models_that_talk_make_no_vectors() {
        let error = embed("fast", &Request::default()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound);
        assert!(error.message.contains("demo/embed"));
    }
}
