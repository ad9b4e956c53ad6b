#![allow(clippy::unwrap_used)]

use super::*;

fn providers(variables: &'static [(&'static str, &'static str)]) -> Providers {
    Providers::from_env(|name| {
        let found = variables.iter().find(|(known, _)| *known == name)?;
        Some(found.1.to_owned())
    })
}

fn target(providers: &Providers, model: &str) -> (String, String) {
    let target = providers.resolve(model).unwrap();
    (target.provider.name, target.model)
}

#[test]
fn without_a_key_there_is_the_built_in_provider() {
    let providers = providers(&[]);
    assert_eq!(target(&providers, "demo/fast"), ("demo".into(), "fast".into()));
    let error = providers.resolve("gpt-5").unwrap_err();
    assert_eq!(error.status, 404);
    assert!(error.message.contains("`gpt-5`") && error.message.contains("demo"), "{error:?}");
}

#[test]
fn keys_and_addresses_are_those_of_the_sdks_variables() {
    let providers = providers(&[
        ("OPENAI_API_KEY", "k1"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1"),
        ("ANTHROPIC_API_KEY", " "),
        ("OLLAMA_BASE_URL", "http://127.0.0.1:8/v1"),
    ]);
    let names: Vec<_> = providers.all().iter().map(|provider| provider.name.as_str()).collect();
    assert_eq!(names, ["demo", "openai", "ollama"]);
    let openai = &providers.all()[1];
    assert_eq!(openai.base_url, "http://127.0.0.1:9/v1");
    assert_eq!(openai.credential, Credential::Key("k1".into()));
    assert_eq!(target(&providers, "gpt-5"), ("openai".into(), "gpt-5".into()));
    assert_eq!(target(&providers, "ollama/qwen/x"), ("ollama".into(), "qwen/x".into()));
}

#[test]
fn a_key_that_is_brought_goes_to_who_speaks_the_protocol() {
    let providers = providers(&[("ANTHROPIC_BASE_URL", "http://127.0.0.1:7")]);
    let key = [(HeaderName::from_static("x-api-key"), "theirs".to_owned())];
    let none = HeaderMap::new();
    let target = providers.brought(&none, Protocol::Messages, "claude-x", &key).unwrap();
    assert_eq!(target.provider.base_url, "http://127.0.0.1:7");
    assert_eq!(target.brought.unwrap(), key);
    let mut headers = HeaderMap::new();
    headers.insert(PROVIDER, "groq".parse().unwrap());
    let target = providers.brought(&headers, Protocol::ChatCompletions, "x", &key).unwrap();
    assert_eq!(target.provider.name, "groq");
    headers.insert(PROVIDER, "nobody".parse().unwrap());
    assert!(providers.brought(&headers, Protocol::ChatCompletions, "x", &key).is_err());
}
