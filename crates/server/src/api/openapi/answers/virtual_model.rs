use utoipa::ToSchema;

/// The virtual models of a project, by name.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VirtualModelList {
    /// All of them.
    virtual_models: Vec<VirtualModel>,
}

/// A virtual model.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VirtualModel {
    /// Its name.
    name: String,
    /// What it is.
    definition: VirtualModelDefinition,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    updated_at: String,
}

/// What a virtual model is. Null is what the gateway does by itself.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VirtualModelDefinition {
    /// The models of which one is drawn for each call.
    routes: Vec<VirtualModelRoute>,
    /// Models that are asked in this order where that one fails.
    fallbacks: Vec<String>,
    /// How often each is asked again.
    #[schema(required)]
    retries: Option<u64>,
    /// Milliseconds until each has begun its answer.
    #[schema(required)]
    timeout_ms: Option<u64>,
    /// Seconds for which an answer is given again to the same request.
    #[schema(required)]
    cache_seconds: Option<u64>,
}

/// A model that may be drawn.
#[derive(ToSchema)]
pub(crate) struct VirtualModelRoute {
    /// `provider/model`, a model, or another virtual model.
    model: String,
    /// Its share of the calls, beside the others' weights.
    weight: f64,
}
