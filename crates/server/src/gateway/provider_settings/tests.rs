#![allow(clippy::unwrap_used)]

use tracekeep_llm::provider::Credential;

use super::*;

fn settings(kind: &str) -> ProviderSettings {
    ProviderSettings { name: "mine".to_owned(), kind: kind.to_owned(), ..Default::default() }
}

fn refused(settings: &ProviderSettings) -> (&'static str, String) {
    let refused = settings.provider().unwrap_err();
    (refused.field, refused.reason)
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn every_kind_and_preset_can_be_described() {
    for name in kinds().split(", ") {
        let mut settings = settings(name);
        settings.base_url = text("https://models.example/v1/");
        let provider = settings.provider().unwrap();
        assert_eq!(provider.base_url, "https://models.example/v1", "{name}");
        let kind = Preset::of(name).map_or(provider.kind.as_str(), |preset| preset.kind.as_str());
        assert_eq!(provider.kind.as_str(), kind);
    }
    assert!(kinds().contains("groq") && kinds().contains("openai_compatible"));
    assert!(!kinds().contains("demo"));
}

#[test]
fn a_kind_that_is_none_is_answered_with_those_that_are() {
    for kind in ["", "demo", "Openai", "gpt"] {
        let (field, reason) = refused(&settings(kind));
        assert_eq!(field, "kind");
        assert!(reason.contains("anthropic, gemini"), "{reason}");
    }
}

#[test]
fn an_address_is_that_of_the_preset_or_the_kind_or_the_region() {
    let url = |settings: &ProviderSettings| settings.provider().unwrap().base_url;
    assert_eq!(url(&settings("groq")), "https://api.groq.com/openai/v1");
    assert_eq!(url(&settings("openai")), "https://api.openai.com/v1");
    let mut bedrock = settings("bedrock");
    bedrock.credential.region = text("eu-west-1");
    assert_eq!(url(&bedrock), "https://bedrock-runtime.eu-west-1.amazonaws.com");
    for (kind, field) in
        [("azure", "base_url"), ("openai_compatible", "base_url"), ("bedrock", "region")]
    {
        let (missing, reason) = refused(&settings(kind));
        assert_eq!(missing, field, "{kind}");
        assert!(reason.starts_with("is missing; give "), "{reason}");
    }
}

#[test]
fn an_address_that_cannot_be_called_is_refused() {
    for url in [
        "",
        "api.example.com",
        "ftp://api.example.com",
        "https://",
        "https://me:secret@api.example.com",
        "https://api.example.com/v1?key=secret",
        "https://api.example.com/#top",
        "https://api example.com",
    ] {
        let mut settings = settings("openai");
        settings.base_url = text(url);
        let (field, reason) = refused(&settings);
        assert_eq!(field, "base_url", "{url}");
        assert!(!reason.contains("secret"), "{reason}");
    }
}

#[test]
fn a_key_and_keys_of_amazon_make_credentials() {
    let mut openai = settings("openai");
    assert_eq!(openai.provider().unwrap().credential, Credential::None);
    openai.credential.api_key = text("sk-1");
    assert_eq!(openai.provider().unwrap().credential, Credential::Key("sk-1".to_owned()));

    let mut bedrock = settings("bedrock");
    bedrock.credential = CredentialSettings {
        region: text("us-east-1"),
        access_key_id: text("AKIA"),
        secret_access_key: text("shh"),
        ..Default::default()
    };
    let credential = bedrock.provider().unwrap().credential;
    assert!(matches!(credential, Credential::Aws { region, .. } if region == "us-east-1"));
    bedrock.credential.secret_access_key = None;
    assert_eq!(refused(&bedrock).0, "secret_access_key");
    bedrock.credential.api_key = text("token");
    assert_eq!(refused(&bedrock).0, "access_key_id");
    openai.credential.api_key = None;
    openai.credential.access_key_id = text("AKIA");
    assert_eq!(refused(&openai).0, "access_key_id");
}

#[test]
fn a_secret_that_is_refused_is_not_repeated() {
    for secret in ["", "sk secret", "sk-secret\n", "sk-sécret"] {
        let mut settings = settings("openai");
        settings.credential.api_key = text(secret);
        let (field, reason) = refused(&settings);
        assert_eq!(field, "api_key");
        assert!(!reason.contains("sk"), "{reason}");
    }
    let mut settings = settings("openai");
    settings.headers = vec![("x-key".to_owned(), "se\ncret".to_owned())];
    let (field, reason) = refused(&settings);
    assert_eq!(field, "headers");
    assert!(reason.contains("x-key") && !reason.contains("cret"), "{reason}");
}

#[test]
fn headers_are_lower_case_once_each_and_not_the_requests_own() {
    let with = |headers: &[(&str, &str)]| {
        let mut settings = settings("openai");
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        settings.headers = headers.iter().map(owned).collect();
        settings.provider()
    };
    let provider = with(&[("X-Team", "a b")]).unwrap();
    assert_eq!(provider.headers, [("x-team".to_owned(), "a b".to_owned())]);
    for headers in
        [&[("host", "x")][..], &[("a b", "x")], &[("", "x")], &[("x-a", "1"), ("X-A", "2")]]
    {
        assert_eq!(with(headers).unwrap_err().field, "headers", "{headers:?}");
    }
}

#[test]
fn regions_versions_and_models_are_checked() {
    let mut bedrock = settings("bedrock");
    bedrock.credential.region = text("evil.example/");
    assert_eq!(refused(&bedrock).0, "region");
    let mut openai = settings("openai");
    openai.api_version = text("2024-10-21");
    assert_eq!(refused(&openai).0, "api_version");
    let mut azure = settings("azure");
    azure.base_url = text("https://x.openai.azure.com");
    azure.api_version = text("a&b");
    assert_eq!(refused(&azure).0, "api_version");
    for models in [vec![String::new()], vec!["a b".to_owned()], vec!["m".to_owned(); 1_001]] {
        let mut settings = settings("openai");
        settings.models = models;
        assert_eq!(refused(&settings).0, "models");
    }
}

#[test]
fn what_is_sealed_is_read_back() {
    let settings = CredentialSettings { api_key: text("sk-1"), ..Default::default() };
    let json = serde_json::to_string(&settings).unwrap();
    assert_eq!(json, r#"{"apiKey":"sk-1"}"#);
    assert_eq!(serde_json::from_str::<CredentialSettings>(&json).unwrap(), settings);
    assert!(!format!("{settings:?}").contains("sk-1"));
}

#[test]
fn a_hint_is_of_the_key() {
    let long = "sk-proj-0123456789";
    let key = CredentialSettings { api_key: text(long), ..Default::default() };
    assert_eq!(key.hint(), "6789");
    let short = CredentialSettings { api_key: text("sk-1"), ..Default::default() };
    assert_eq!(short.hint(), "");
    assert_eq!(CredentialSettings::default().hint(), "");
}
