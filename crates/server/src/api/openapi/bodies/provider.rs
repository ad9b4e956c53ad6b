use std::collections::BTreeMap;

use utoipa::ToSchema;

/// A provider of models. Names in snake_case are taken too.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(examples(json!({
    "name": "openai-eu",
    "kind": "openai",
    "baseUrl": "https://eu.api.openai.com/v1",
    "apiKey": "sk-the-key-of-the-provider"
})))]
pub(crate) struct CreateProvider {
    /// Its name here: the part before `/` of `name/model`. Not `demo`.
    #[schema(pattern = "^[a-z0-9_-]{1,50}$")]
    name: String,
    /// `openai`, `anthropic`, `gemini`, `azure`, `bedrock`, `mistral`, `cohere`,
    /// `openai_compatible`, or a provider that is known by name, such as `groq` or `ollama`.
    kind: String,
    /// Where it listens, as its own SDKs take it. Needed for `azure` and `openai_compatible`.
    base_url: Option<String>,
    /// Its key. It is sealed and not shown again.
    api_key: Option<String>,
    /// Azure's `api-version`.
    api_version: Option<String>,
    /// Bedrock's region.
    region: Option<String>,
    /// The id of a key of Amazon's, for `bedrock`. It is sealed.
    access_key_id: Option<String>,
    /// That key's secret. It is sealed.
    secret_access_key: Option<String>,
    /// Of temporary keys. It is sealed.
    session_token: Option<String>,
    /// Models that are asked for here by their plain names. None: those that look like its own.
    #[schema(max_items = 1000)]
    models: Option<Vec<String>>,
    /// What each request gets besides, by the headers' names. The values are sealed.
    headers: Option<BTreeMap<String, String>>,
}

/// What to change of a provider: what is not sent stays, null takes away.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(examples(json!({ "apiKey": "sk-another-key-of-the-provider" })))]
pub(crate) struct ChangeProvider {
    /// Where it listens. Null: where its kind does by itself.
    base_url: Option<String>,
    /// Its key.
    api_key: Option<String>,
    /// Azure's `api-version`.
    api_version: Option<String>,
    /// Bedrock's region.
    region: Option<String>,
    /// The id of a key of Amazon's.
    access_key_id: Option<String>,
    /// That key's secret.
    secret_access_key: Option<String>,
    /// Of temporary keys.
    session_token: Option<String>,
    /// Models that are asked for here by their plain names; all of them.
    #[schema(max_items = 1000)]
    models: Option<Vec<String>>,
    /// What each request gets besides; all of it.
    headers: Option<BTreeMap<String, String>>,
}
