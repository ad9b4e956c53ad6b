use utoipa::ToSchema;

use super::value::Object;

/// OTLP's `ExportTraceServiceRequest` in proto3 JSON. Ids are hex, 64-bit integers may be text.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(examples(json!({
    "resourceSpans": [{
        "resource": {
            "attributes": [{ "key": "service.name", "value": { "stringValue": "shop" } }]
        },
        "scopeSpans": [{
            "scope": { "name": "shop.agent" },
            "spans": [{
                "traceId": "5b8efff798038103d269b633813fc60c",
                "spanId": "eee19b7ec3c1b174",
                "name": "chat gpt-5-mini",
                "kind": 3,
                "startTimeUnixNano": "1785499200000000000",
                "endTimeUnixNano": "1785499201500000000",
                "attributes": [
                    { "key": "gen_ai.operation.name", "value": { "stringValue": "chat" } },
                    { "key": "gen_ai.request.model", "value": { "stringValue": "gpt-5-mini" } },
                    { "key": "gen_ai.usage.input_tokens", "value": { "intValue": "12" } },
                    { "key": "gen_ai.usage.output_tokens", "value": { "intValue": "6" } }
                ]
            }]
        }]
    }]
})))]
pub(crate) struct ExportTraceServiceRequest {
    /// Spans by the resource that they are of, as `opentelemetry/proto/trace/v1/trace.proto` has
    /// them.
    #[schema(required = false)]
    resource_spans: Vec<Object>,
}
