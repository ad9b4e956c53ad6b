use utoipa::ToSchema;

/// What a virtual model is.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(examples(json!({
    "routes": [{ "model": "demo/fast", "weight": 9 }, { "model": "demo/slow", "weight": 1 }],
    "fallbacks": ["demo/reasoning"],
    "retries": 1,
    "timeoutMs": 30000
})))]
pub(crate) struct DefineVirtualModel {
    /// The models of which one is drawn for each call.
    #[schema(min_items = 1, max_items = 50)]
    routes: Vec<DefineRoute>,
    /// Models that are asked in this order where that one fails.
    #[schema(max_items = 50)]
    fallbacks: Option<Vec<String>>,
    /// How often each is asked again.
    #[schema(minimum = 0, maximum = 10)]
    retries: Option<u64>,
    /// Milliseconds until each has begun its answer.
    #[schema(minimum = 1, maximum = 3600000)]
    timeout_ms: Option<u64>,
    /// Seconds for which an answer is given again to the same request.
    #[schema(minimum = 1, maximum = 31536000)]
    cache_seconds: Option<u64>,
}

/// A model that may be drawn.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct DefineRoute {
    /// `provider/model`, a model, or another virtual model.
    #[schema(min_length = 1, max_length = 200)]
    model: String,
    /// Its share of the calls, beside the others' weights: above 0. Where it is not sent, 1.
    #[schema(maximum = 1000000)]
    weight: Option<f64>,
}
