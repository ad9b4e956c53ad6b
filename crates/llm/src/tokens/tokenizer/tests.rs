#![allow(clippy::unwrap_used)]

use super::*;

/// Counted by OpenAI's own tiktoken, some of them in its documentation.
#[test]
fn texts_have_as_many_tokens_as_tiktoken_says() {
    for (text, cl100k, o200k) in [
        ("", 0, 0),
        ("hello world", 2, 2),
        ("tiktoken is great!", 6, 6),
        ("antidisestablishmentarianism", 6, 6),
        ("2 + 2 = 4", 7, 7),
        ("お誕生日おめでとう", 9, 8),
        ("ünïcode 日本語", 7, 5),
        (".\n/", 2, 1),
        ("  \n\n x", 2, 2),
        ("def f(x):\n    return x\n\n\n", 8, 8),
        // What only looks like a special token is text.
        ("<|endoftext|>", 7, 7),
    ] {
        assert_eq!(Tokenizer::Cl100k.count(text), cl100k, "cl100k_base {text:?}");
        assert_eq!(Tokenizer::O200k.count(text), o200k, "o200k_base {text:?}");
    }
}

/// Qwen and Tekken take digits one by one, OpenAI's vocabularies three by three. Their other counts are
/// those of their makers' tokenizers.
#[test]
fn every_vocabulary_is_its_own() {
    for (tokenizer, digits, emoji) in [
        (Tokenizer::O200k, 4, 6),
        (Tokenizer::Cl100k, 4, 8),
        (Tokenizer::Qwen2, 10, 3),
        (Tokenizer::Tekken, 10, 12),
    ] {
        assert_eq!(tokenizer.count("1234567890"), digits, "{tokenizer:?}");
        assert_eq!(tokenizer.count("🎉🚀💡"), emoji, "{tokenizer:?}");
        assert_eq!(tokenizer.count("Hello, world!"), 4, "{tokenizer:?}");
    }
}

#[test]
fn models_have_the_tokenizers_of_their_makers() {
    for (tokenizer, models) in [
        (
            Some(Tokenizer::O200k),
            &[
                "gpt-4o",
                "gpt-4o-mini-2024-07-18",
                "GPT-4.1",
                "gpt-4.5-preview",
                "gpt-5",
                "gpt-5.1-codex",
                "gpt-5-nano",
                "o1",
                "o3-mini",
                "o4-mini",
                "chatgpt-4o-latest",
                "openai/gpt-4o",
                "openai.gpt-oss-120b-1:0",
                "accounts/fireworks/models/gpt-oss-20b",
                "gpt-oss:20b",
                "ft:gpt-4o-mini-2024-07-18:org::id",
            ][..],
        ),
        (
            Some(Tokenizer::Cl100k),
            &[
                "gpt-4",
                "gpt-4-turbo",
                "gpt-4-0613",
                "gpt-3.5-turbo",
                "gpt-35-turbo",
                "ft:gpt-3.5-turbo:org",
                "text-embedding-3-small",
                "text-embedding-ada-002",
            ][..],
        ),
        (
            Some(Tokenizer::Qwen2),
            &["Qwen/Qwen2.5-72B-Instruct", "qwen3-32b", "qwen3:8b", "qwen.qwen3-coder-30b"][..],
        ),
        (
            Some(Tokenizer::Tekken),
            &["open-mistral-nemo-2407", "mistral-small-3.2-24b", "mistralai/Devstral-Small-2507"][..],
        ),
        (
            None,
            &[
                "",
                "claude-sonnet-4-5",
                "gemini-2.5-pro",
                "llama-3.3-70b",
                "deepseek-chat",
                "mistral-large-latest",
                "qwen3.5-plus",
                "qwen-max",
                "gpt-4.9",
                "gpt-55",
                "o10",
                "o3x",
                "text-embedding-004",
                "my-gpt-4o",
            ][..],
        ),
    ] {
        for model in models {
            assert_eq!(Tokenizer::of_model(model), tokenizer, "{model}");
        }
    }
    assert_eq!(Tokenizer::of_model(&format!("gpt-4o-{}", "x".repeat(300))), None);
}
