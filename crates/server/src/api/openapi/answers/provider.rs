use utoipa::ToSchema;

/// The providers that a project can call, in the order in which they are asked.
#[derive(ToSchema)]
pub(crate) struct ProviderList {
    /// The built-in one, the project's own, the server's.
    providers: Vec<Provider>,
}

/// A provider of models, without its secrets.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Provider {
    /// Its name: the part before `/` of `name/model`.
    name: String,
    /// What it is, such as `openai` or `groq`.
    kind: String,
    /// Where it listens.
    base_url: String,
    /// Azure's `api-version`.
    #[schema(required)]
    api_version: Option<String>,
    /// Models that are asked for here by their plain names. None: those that look like its own.
    models: Vec<String>,
    /// The names of the headers that each request gets besides.
    headers: Vec<String>,
    /// Whether it has a key.
    has_credential: bool,
    /// The last four characters of the project's key for it; null for none and for a short one.
    #[schema(required)]
    hint: Option<String>,
    /// Where it comes from.
    source: ProviderSource,
    /// Why it cannot be called; null if it can.
    #[schema(required)]
    problem: Option<String>,
    /// When the project stored it.
    #[schema(required, format = DateTime)]
    created_at: Option<String>,
    /// When it was last changed.
    #[schema(required, format = DateTime)]
    updated_at: Option<String>,
}

/// Where a provider comes from.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProviderSource {
    /// It is built in.
    BuiltIn,
    /// The project has stored it.
    Project,
    /// The server's file or environment has it.
    Server,
}
