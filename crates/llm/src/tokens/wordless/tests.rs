use super::*;

#[test]
fn models_of_sound_and_pictures_are_known_by_a_word_of_their_names() {
    for model in [
        "whisper-1",
        "distil-whisper-large-v3-en",
        "@cf/openai/whisper",
        "gpt-4o-mini-transcribe-2025-12-15",
        "TTS-1-HD",
        "gemini-2.5-flash-preview-tts",
        "dall-e-3",
        "gpt-image-1",
        "high/1024-x-1024/gpt-image-1.5",
        "imagen-4.0-ultra-generate-001",
        "fal-ai/imagen4/preview",
        "recraftv3",
        "gpt-4o-audio-preview",
        "gpt-realtime",
        "scribe_v1",
    ] {
        assert!(is_wordless(model), "{model}");
    }
}

#[test]
fn models_of_words_have_none_of_them() {
    for model in [
        "",
        "gpt-4o",
        "gpt-4-vision-preview",
        "text-embedding-3-small",
        "claude-sonnet-4-5",
        "amazon.nova-lite-v1:0",
        // Within a word it is another word.
        "thinkingmachines/inkling",
        "imagenary-7b",
        "soraya-2",
    ] {
        assert!(!is_wordless(model), "{model}");
    }
    assert!(!is_wordless(&format!("whisper-{}", "x".repeat(300))));
}
