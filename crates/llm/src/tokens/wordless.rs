//! Which models work on sound and pictures.

/// Words in the names of models that hear, speak, draw or film: they are priced by seconds, characters or
/// pictures, or by tokens of what no text shows.
const WORDS: [&str; 31] = [
    "asr",
    "audio",
    "chirp",
    "dall",
    "dalle",
    "diffusion",
    "eleven",
    "flux",
    "image",
    "imagen",
    "images",
    "imagine",
    "kling",
    "lyria",
    "realtime",
    "recraft",
    "scribe",
    "sdxl",
    "seedance",
    "seedream",
    "sonic",
    "sora",
    "speech",
    "stt",
    "transcribe",
    "transcription",
    "tts",
    "veo",
    "video",
    "voice",
    "whisper",
];

/// Whether a name has one of the words, as `gpt-4o-transcribe`, `tts-1` and `fal-ai/imagen4/preview` have.
/// A version may follow it.
pub(super) fn is_wordless(model: &str) -> bool {
    // No name of a model is longer, and texts of senders may be.
    if model.len() > 256 {
        return false;
    }
    let model = model.to_ascii_lowercase();
    let mut words = model.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.any(|word| {
        let unversioned = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let unversioned = unversioned.strip_suffix('v').unwrap_or(unversioned);
        WORDS.contains(&unversioned)
    })
}

#[cfg(test)]
mod tests;
