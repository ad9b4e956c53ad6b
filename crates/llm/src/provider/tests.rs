#![allow(clippy::unwrap_used)]

use super::*;

fn url(provider: &Provider, operation: Operation, model: &str) -> String {
    provider.endpoint(operation, model).unwrap().url
}

#[test]
fn each_kind_has_its_own_address() {
    let chat = Operation::Generate(Protocol::ChatCompletions);
    assert_eq!(
        url(&Provider::new("openai", Kind::Openai), chat, "gpt-5"),
        "https://api.openai.com/v1/chat/completions"
    );
    let stream = Operation::Stream(Protocol::GenerateContent);
    assert_eq!(
        url(&Provider::new("gemini", Kind::Gemini), stream, "models/gemini-3-pro"),
        "https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse"
    );
    let mut bedrock = Provider::new("bedrock", Kind::Bedrock);
    bedrock.base_url = "https://bedrock-runtime.eu-west-1.amazonaws.com/".to_owned();
    assert_eq!(
        url(&bedrock, Operation::Stream(Protocol::Converse), "eu.anthropic.claude-x:0"),
        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/eu.anthropic.claude-x%3A0/converse-stream"
    );
}

#[test]
fn what_is_asked_beside_answers_has_addresses_too() {
    let gemini = Provider::new("gemini", Kind::Gemini);
    let base = "https://generativelanguage.googleapis.com/v1beta/models/m";
    assert_eq!(url(&gemini, Operation::Embed, "m"), format!("{base}:batchEmbedContents"));
    assert_eq!(url(&gemini, Operation::EmbedOne, "m"), format!("{base}:embedContent"));
    assert_eq!(url(&gemini, Operation::CountTokens, "m"), format!("{base}:countTokens"));
    let openai = Provider::new("openai", Kind::Openai);
    let base = "https://api.openai.com/v1";
    assert_eq!(url(&openai, Operation::EditImages, "m"), format!("{base}/images/edits"));
    assert_eq!(url(&openai, Operation::TranslateSpeech, "m"), format!("{base}/audio/translations"));
    assert_eq!(openai.endpoint(Operation::EmbedOne, "m"), None);
    assert_eq!(openai.endpoint(Operation::CountTokens, "m"), None);
}

#[test]
fn azure_has_two_generations_of_addresses() {
    let mut azure = Provider::new("azure", Kind::Azure);
    azure.base_url = "https://x.openai.azure.com".to_owned();
    let chat = Operation::Generate(Protocol::ChatCompletions);
    assert_eq!(
        url(&azure, chat, "my gpt"),
        "https://x.openai.azure.com/openai/v1/chat/completions"
    );
    azure.api_version = Some("2024-10-21".to_owned());
    assert_eq!(
        url(&azure, chat, "my gpt"),
        "https://x.openai.azure.com/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21"
    );
}

#[test]
fn a_key_goes_into_the_header_that_its_kind_wants() {
    let header = |kind| {
        let mut provider = Provider::new("x", kind);
        provider.credential = Credential::Key("k".to_owned());
        let protocol = kind.protocol(Protocol::ChatCompletions);
        let headers = provider.endpoint(Operation::Generate(protocol), "m").unwrap().headers;
        headers[0].clone()
    };
    assert_eq!(header(Kind::Openai), ("authorization".to_owned(), "Bearer k".to_owned()));
    assert_eq!(header(Kind::Anthropic), ("x-api-key".to_owned(), "k".to_owned()));
    assert_eq!(header(Kind::Gemini), ("x-goog-api-key".to_owned(), "k".to_owned()));
    assert_eq!(header(Kind::Azure), ("api-key".to_owned(), "k".to_owned()));
}

#[test]
fn secrets_are_not_shown() {
    let mut provider = Provider::new("x", Kind::Openai);
    provider.credential = Credential::Key("very-secret".to_owned());
    provider.headers = vec![("x-gateway-key".to_owned(), "quite-secret".to_owned())];
    let shown = format!("{provider:?}");
    assert!(!shown.contains("very-secret") && !shown.contains("quite-secret"), "{shown}");
    assert!(shown.contains("x-gateway-key"));
}

#[test]
fn plain_names_of_models_go_to_who_makes_them() {
    let makers = |model: &str| -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|kind| kind.names(model)).collect()
    };
    assert_eq!(makers("gpt-5-mini"), [Kind::Openai]);
    assert_eq!(makers("o4-mini"), [Kind::Openai]);
    assert_eq!(makers("claude-sonnet-4-5"), [Kind::Anthropic]);
    assert_eq!(makers("gemini-2.5-pro"), [Kind::Gemini]);
    assert_eq!(makers("us.anthropic.claude-3-5-sonnet-20240620-v1:0"), [Kind::Bedrock]);
    assert_eq!(makers("command-r-plus"), [Kind::Cohere]);
    assert_eq!(makers("embed-v4.0"), [Kind::Cohere]);
    assert_eq!(makers("amazon.titan-embed-text-v2:0"), [Kind::Bedrock]);
    assert_eq!(makers("olmo-2"), []);
}

#[test]
fn models_that_are_listed_are_the_only_ones() {
    let mut provider = Provider::new("openai", Kind::Openai);
    assert!(provider.serves("gpt-5"));
    provider.models = vec!["my-model".to_owned()];
    assert!(provider.serves("my-model") && !provider.serves("gpt-5"));
}

#[test]
fn presets_have_names_of_their_own() {
    let mut names: Vec<_> = PRESETS.iter().map(|preset| preset.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), PRESETS.len());
}

#[test]
fn prices_go_by_what_it_is_and_not_by_its_name() {
    let of = |kind: Kind, url: &str| {
        let mut provider = Provider::new("mine", kind);
        provider.base_url = url.to_owned();
        provider.priced_as()
    };
    assert_eq!(of(Kind::Openai, "http://127.0.0.1:9"), Some("openai"));
    assert_eq!(of(Kind::Gemini, ""), Some("google"));
    assert_eq!(of(Kind::Bedrock, ""), Some("aws"));
    let compatible = |url| of(Kind::OpenaiCompatible, url);
    assert_eq!(compatible("https://api.groq.com/openai/v1"), Some("groq"));
    assert_eq!(compatible("https://proxy.example.com/v1"), None);
    for own in ["http://10.0.0.5:8000/v1", "http://vllm:8000/v1", "http://[fd00::1]:80/v1"] {
        assert_eq!(compatible(own), Some("custom"), "{own}");
    }
}
