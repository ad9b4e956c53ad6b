#![allow(clippy::unwrap_used)]

use super::*;

fn at(text: &str) -> Micros {
    Micros::parse(text).unwrap()
}

fn call<'a>(provider: Option<&'a str>, model: &'a str) -> Call<'a> {
    Call { provider, model, at: at("2026-11-22T12:00:00Z"), tier: None, region: None }
}

/// Provider and model that a name means in the embedded book.
fn found(provider: Option<&str>, model: &str) -> Option<String> {
    let found = PriceBook::embedded().find(&call(provider, model))?;
    Some(format!("{}/{}", found.model.provider(), found.model.id()))
}

fn computed(call: &Call<'_>, usage: &Usage) -> Option<Computed> {
    PriceBook::embedded().cost(&CustomPrices::default(), call, usage)
}

fn total(call: &Call<'_>, usage: &Usage) -> String {
    computed(call, usage).unwrap().cost.total().unwrap().to_string()
}

fn million() -> Usage {
    Usage { input: Some(1_000_000), ..Usage::default() }
}

#[test]
fn the_embedded_data_is_read_whole() {
    let book = PriceBook::from_json(include_str!("../../data/prices.json")).unwrap();
    assert!(book.models().len() > 5_000, "{}", book.models().len());
    let sources: Vec<&str> = book.sources().map(|(name, _)| name).collect();
    assert_eq!(sources, ["genai-prices", "litellm"]);
    assert_eq!(book.provider_name("openai"), "OpenAI");
    let ids: std::collections::HashSet<(&str, String)> =
        book.models().iter().map(|model| (model.provider(), model.id().to_lowercase())).collect();
    assert_eq!(ids.len(), book.models().len(), "two models have the same price ids");
    // Every id is found under its provider, so that nothing in the list is out of reach by it.
    let unreached = book.models().iter().filter(|model| model.pattern().is_none()).find(|model| {
        let found = book.find(&call(Some(model.provider()), model.id()));
        found.is_none_or(|found| found.model.id() != model.id())
    });
    assert!(unreached.is_none(), "{unreached:?}");
}

#[test]
fn a_provider_has_many_names() {
    for name in ["openai", "OpenAI", "openai.chat", "openai.responses", "text-completion-openai"] {
        assert_eq!(found(Some(name), "gpt-4o").as_deref(), Some("openai/gpt-4o"), "{name}");
    }
    for (name, id) in [
        ("azure.ai.openai", "azure"),
        ("azure_openai", "azure"),
        ("azure.ai.inference", "azure_ai"),
        ("aws.bedrock", "aws"),
        ("amazon_bedrock", "aws"),
        ("gcp.vertex_ai", "google"),
        ("gcp.gemini", "google"),
        ("vertex_ai-anthropic_models", "google"),
        ("google.generative-ai", "google"),
        ("x_ai", "x-ai"),
        ("mistral_ai", "mistral"),
        ("ibm.watsonx.ai", "watsonx"),
        ("anthropic.messages", "anthropic"),
        ("togetherai.chat", "together"),
    ] {
        assert_eq!(PriceBook::embedded().provider_id(name), Some(id), "{name}");
    }
    assert_eq!(PriceBook::embedded().provider_id("my-gateway"), None);
}

#[test]
fn a_model_has_many_names() {
    for (provider, model, expected) in [
        (Some("openai"), "GPT-4o-2024-08-06", "openai/gpt-4o"),
        (Some("openai"), "gpt-4o-latest", "openai/gpt-4o"),
        (None, "openai/gpt-4o", "openai/gpt-4o"),
        (None, "gpt-4o-2099-01-01", "openai/gpt-4o"),
        (None, "azure/gpt-4o", "azure/gpt-4o"),
        (None, "claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"),
        (None, "text-embedding-3-small", "openai/text-embedding-3-small"),
        (Some("my-gateway"), "gpt-4o", "openai/gpt-4o"),
        (
            Some("litellm"),
            "anthropic/claude-3-5-haiku-20241022",
            "anthropic/claude-3-5-haiku-latest",
        ),
        (Some("gcp.vertex_ai"), "claude-3-5-sonnet@20240620", "google/claude-3-5-sonnet"),
        (Some("gcp.gemini"), "models/gemini-2.5-pro", "google/gemini-2.5-pro"),
        (
            Some("gcp.vertex_ai"),
            "publishers/google/models/gemini-2.5-flash",
            "google/gemini-2.5-flash",
        ),
        (
            Some("aws.bedrock"),
            "us.anthropic.claude-sonnet-4-20250514-v1:0",
            "aws/regional.anthropic.claude-sonnet-4-20250514-v1:0",
        ),
        (
            None,
            "us.anthropic.claude-sonnet-4-20250514-v1:0",
            "aws/regional.anthropic.claude-sonnet-4-20250514-v1:0",
        ),
        (
            Some("aws.bedrock"),
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0",
            "aws/regional.anthropic.claude-sonnet-4-20250514-v1:0",
        ),
        (
            Some("openrouter"),
            "anthropic/claude-3.5-sonnet",
            "openrouter/anthropic/claude-3.5-sonnet",
        ),
    ] {
        assert_eq!(found(provider, model).as_deref(), Some(expected), "{provider:?} {model}");
    }
}

#[test]
fn what_is_not_known_is_not_guessed() {
    assert_eq!(found(Some("openai"), "no-such-model"), None);
    assert_eq!(found(None, "no-such-model"), None);
    assert_eq!(found(None, ""), None);
    assert_eq!(found(None, " / "), None);
    // On one's own machine a model of that name costs what the machine costs.
    assert_eq!(found(Some("vllm"), "gpt-4o"), None);
    assert_eq!(found(Some("ollama"), "llama3"), None);
    assert_eq!(computed(&call(Some("openai"), "no-such-model"), &million()), None);
}

#[test]
fn the_price_at_the_start_of_the_call_counts() {
    let o3 = |time| Call { at: at(time), ..call(Some("openai"), "o3") };
    assert_eq!(total(&o3("2025-06-09T23:59:59.999999Z"), &million()), "10");
    assert_eq!(total(&o3("2025-06-10T00:00:00Z"), &million()), "2");
    let price_id = |time| computed(&o3(time), &million()).unwrap().price_id;
    assert_eq!(price_id("2025-06-09T00:00:00Z"), "openai/o3@start");
    assert_eq!(price_id("2025-06-11T00:00:00Z"), "openai/o3@2025-06-10");
}

#[test]
fn and_the_hour() {
    let chat = |time| Call { at: at(time), ..call(Some("deepseek"), "deepseek-chat") };
    assert_eq!(total(&chat("2025-06-01T12:00:00Z"), &million()), "0.27");
    assert_eq!(total(&chat("2025-06-01T20:00:00Z"), &million()), "0.135");
    let price_id = computed(&chat("2025-06-01T12:00:00Z"), &million()).unwrap().price_id;
    assert_eq!(price_id, "deepseek/deepseek-chat@start,00:30-16:30");
}

#[test]
fn a_service_tier_has_its_price() {
    let tier = |tier| Call { tier: Some(tier), ..call(Some("openai"), "gpt-4o") };
    assert_eq!(total(&tier("batch"), &million()), "1.25");
    assert_eq!(total(&tier("Priority"), &million()), "4.25");
    assert_eq!(total(&tier("fast"), &million()), "4.25");
    assert_eq!(total(&tier("default"), &million()), "2.5");
    let price_id = computed(&tier("batch"), &million()).unwrap().price_id;
    assert_eq!(price_id, "openai/gpt-4o@start+batch@2026-10-14");
}

#[test]
fn a_region_has_its_price() {
    let region = |region| Call { region: Some(region), ..call(Some("azure"), "gpt-4o-2024-08-06") };
    assert_eq!(total(&region("EU"), &million()), "2.75");
    assert_eq!(total(&region("elsewhere"), &million()), "2.5");
    let region = |region| Call { region: Some(region), ..call(Some("openai"), "gpt-6-astra") };
    let computed = computed(&region("eu"), &million()).unwrap();
    assert_eq!(computed.cost.total().unwrap().to_string(), "22");
    assert!(computed.price_id.ends_with("#eu"), "{}", computed.price_id);
    assert_eq!(total(&region("global"), &million()), "20");
}

#[test]
fn a_price_of_another_provider_stands_in_without_its_tiers() {
    let call = Call { tier: Some("batch"), ..call(Some("azure.ai.inference"), "gpt-4o") };
    let found = PriceBook::embedded().find(&call).unwrap();
    assert!(found.borrowed);
    assert_eq!(total(&call, &million()), "2.5");
}

#[test]
fn the_parts_add_up_to_the_total() {
    let usage = Usage {
        input: Some(1_234),
        input_cache_read: Some(77_777),
        output: Some(321),
        output_reasoning: Some(9_999),
        other: vec![("web_searches".into(), 2), ("my_own_unit".into(), 5)],
        ..Usage::default()
    };
    let computed = computed(&call(Some("openai"), "gpt-4o"), &usage).unwrap();
    let amounts: Vec<_> =
        computed.cost.parts.iter().map(|(name, amount)| (&**name, amount.to_string())).collect();
    let expected = [
        ("input", "0.003085"),
        ("input_cache_read", "0.09722125"),
        ("output", "0.00321"),
        ("output_reasoning", "0.09999"),
        ("web_searches", "0.02"),
    ];
    assert_eq!(amounts, expected.map(|(name, amount)| (name, amount.to_owned())));
    assert_eq!(computed.cost.total().unwrap().to_string(), "0.22350625");
    assert_eq!(computed.unpriced, ["my_own_unit"]);
}
