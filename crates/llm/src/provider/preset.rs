//! Providers that are known by name.

use super::Kind;

/// A provider that is known by name: `kind = "groq"` in the configuration is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Where it listens; empty where only its user knows.
    pub base_url: &'static str,
    /// Environment variables that may hold its key, as its own SDK and others call them.
    pub keys: &'static [&'static str],
    /// The environment variable that may hold its address.
    pub url: Option<&'static str>,
}

/// All of them. Addresses are those of the providers' own documentation.
pub const PRESETS: &[Preset] = &[
    preset(
        "openai",
        Kind::Openai,
        "https://api.openai.com/v1",
        &["OPENAI_API_KEY"],
        Some("OPENAI_BASE_URL"),
    ),
    preset(
        "anthropic",
        Kind::Anthropic,
        "https://api.anthropic.com",
        &["ANTHROPIC_API_KEY"],
        Some("ANTHROPIC_BASE_URL"),
    ),
    preset(
        "gemini",
        Kind::Gemini,
        "https://generativelanguage.googleapis.com",
        &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        Some("GOOGLE_GEMINI_BASE_URL"),
    ),
    preset("azure", Kind::Azure, "", &["AZURE_OPENAI_API_KEY"], Some("AZURE_OPENAI_ENDPOINT")),
    preset(
        "bedrock",
        Kind::Bedrock,
        "",
        &["AWS_BEARER_TOKEN_BEDROCK"],
        Some("AWS_ENDPOINT_URL_BEDROCK_RUNTIME"),
    ),
    preset("mistral", Kind::Mistral, "https://api.mistral.ai/v1", &["MISTRAL_API_KEY"], None),
    preset(
        "cohere",
        Kind::Cohere,
        "https://api.cohere.com",
        &["CO_API_KEY", "COHERE_API_KEY"],
        Some("CO_API_URL"),
    ),
    compatible("groq", "https://api.groq.com/openai/v1", &["GROQ_API_KEY"]),
    compatible("together", "https://api.together.xyz/v1", &["TOGETHER_API_KEY"]),
    compatible("openrouter", "https://openrouter.ai/api/v1", &["OPENROUTER_API_KEY"]),
    compatible("sambanova", "https://api.sambanova.ai/v1", &["SAMBANOVA_API_KEY"]),
    compatible("deepseek", "https://api.deepseek.com/v1", &["DEEPSEEK_API_KEY"]),
    compatible("xai", "https://api.x.ai/v1", &["XAI_API_KEY"]),
    compatible("fireworks", "https://api.fireworks.ai/inference/v1", &["FIREWORKS_API_KEY"]),
    compatible("cerebras", "https://api.cerebras.ai/v1", &["CEREBRAS_API_KEY"]),
    compatible("perplexity", "https://api.perplexity.ai", &["PERPLEXITY_API_KEY"]),
    compatible("nvidia", "https://integrate.api.nvidia.com/v1", &["NVIDIA_API_KEY"]),
    preset(
        "ollama",
        Kind::OpenaiCompatible,
        "http://127.0.0.1:11434/v1",
        &[],
        Some("OLLAMA_BASE_URL"),
    ),
    preset(
        "vllm",
        Kind::OpenaiCompatible,
        "http://127.0.0.1:8000/v1",
        &["VLLM_API_KEY"],
        Some("VLLM_BASE_URL"),
    ),
];

const fn preset(
    name: &'static str,
    kind: Kind,
    base_url: &'static str,
    keys: &'static [&'static str],
    url: Option<&'static str>,
) -> Preset {
    Preset { name, kind, base_url, keys, url }
}

const fn compatible(
    name: &'static str,
    base_url: &'static str,
    keys: &'static [&'static str],
) -> Preset {
    preset(name, Kind::OpenaiCompatible, base_url, keys, None)
}

impl Preset {
    /// The one of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }
}
