#![allow(clippy::unwrap_used)]

use tracekeep_model::{Micros, Money, Rank, Register, Status, Value};

use super::*;
use crate::native::test_support::{NOW, entry, noon, some, span, trace, with};

fn updated(updates: &str) -> Patched {
    let body = format!(r#"{{"traceId":"t","updates":{updates}}}"#);
    with(|ctx| update(body.as_bytes(), ctx)).unwrap()
}

fn refused(updates: &str) -> String {
    let body = format!(r#"{{"traceId":"t","updates":{updates}}}"#);
    with(|ctx| update(body.as_bytes(), ctx)).unwrap_err().to_string()
}

fn value(patched: &Patched, register: impl Into<Register>) -> Option<Value> {
    entry(&patched.patches, register).map(|entry| entry.value)
}

#[test]
fn the_plans_metrics() {
    let patched = updated(
        r#"{"first_token_latency_ms":150,"tokens_used":{"input":10,"output":20,"total":30}}"#,
    );
    let span = span(&patched.patches);
    assert_eq!(span.first_token_latency(), Some(150_000));
    assert_eq!((span.usage.input, span.usage.output), (Some(10), Some(20)));
    assert_eq!((span.usage.stated_total, span.usage.total()), (None, Some(30)));
    assert_eq!(span.usage_given, some(r#"{"input":10,"output":20,"total":30}"#));
    assert_eq!(
        (span.kind, span.status, span.span_id),
        (Kind::Generation, Status::Pending, "t".into())
    );
    assert_eq!(entry(&patched.patches, Field::Kind).unwrap().version.rank, Rank::Assumed);
    assert_eq!(patched.patches.len(), 1);
}

#[test]
fn the_plans_costs_are_exact() {
    let patched =
        updated(r#"{"costCalculation":{"input_cost":0.1,"output_cost":0.2,"total_cost":0.3}}"#);
    let cost = span(&patched.patches).cost;
    assert_eq!(cost.stated_total, None);
    assert_eq!(cost.total(), Some(Money(300_000_000_000)));
    assert_eq!(value(&patched, Register::Cost("total".into())), Some(Value::Cleared));
    let other =
        updated(r#"{"cost_calculation":{"inputCost":"0.1","output_cost":0.2,"total_cost":0.31}}"#);
    assert_eq!(span(&other.patches).cost.total(), Some(Money(310_000_000_000)));
    let total = updated(r#"{"cost_calculation":{"total_cost":0.5}}"#);
    assert_eq!(span(&total.patches).cost.stated_total, Some(Money(500_000_000_000)));
}

#[test]
fn details_stand_in_for_their_sums() {
    let patched = updated(
        r#"{"tokens_used":{"input":100,"output":20,"total":120,
              "details":{"input":10,"input_cache_read":90,"output":20}},
            "cost_calculation":{"input_cost":3,"output_cost":2,"total_cost":5,
              "details":{"input":1,"input_cache_read":2,"output":2}}}"#,
    );
    let span = span(&patched.patches);
    assert_eq!((span.usage.input, span.usage.input_cache_read), (Some(10), Some(90)));
    assert_eq!((span.usage.input_total(), span.usage.total()), (Some(100), Some(120)));
    assert_eq!(span.usage.stated_total, None);
    assert_eq!((span.cost.parts.len(), span.cost.stated_total), (3, None));
    let empty = updated(r#"{"tokens_used":{"input":5,"details":{}}}"#);
    assert_eq!(value(&empty, Register::Usage("input".into())), Some(Value::Int(5)));
}

#[test]
fn tokens_of_any_type() {
    let patched = updated(r#"{"tokensUsed":{"inputCacheRead":5,"searches":2,"total":9}}"#);
    let usage = span(&patched.patches).usage;
    assert_eq!((usage.input_cache_read, usage.stated_total), (Some(5), Some(9)));
    assert_eq!(usage.other, vec![("searches".into(), 2)]);
    for (tokens, error) in [
        ("{\"input\":-1}", "updates.tokens_used.input is -1; send a whole number from 0 to 1e12"),
        ("{\"input\":1.5}", "updates.tokens_used.input is 1.5; send a whole number from 0 to 1e12"),
        (
            "{\"input\":\"1\"}",
            "updates.tokens_used.input is text; send a whole number from 0 to 1e12",
        ),
        (
            "{\"details\":{\"output\":[]}}",
            "updates.tokens_used.details.output is an array; send a whole number from 0 to 1e12",
        ),
        ("{\"input\":1,\"input\":1}", "updates.tokens_used.input is sent twice; send it once"),
        (
            "{\"inputCacheRead\":1,\"input_cache_read\":1}",
            "updates.tokens_used.input_cache_read is a second amount of `input_cache_read`; send one of them",
        ),
        ("{\"\":1}", "updates.tokens_used.\"\" names a type that is empty; send 1 to 800 bytes"),
        ("7", "updates.tokens_used is a number; send an object"),
    ] {
        assert_eq!(refused(&format!("{{\"tokens_used\":{tokens}}}")), error);
    }
    let foreign = refused(r#"{"tokens_used":{"prompt_tokens":1}}"#);
    assert!(foreign.contains("send `input`"), "{foreign}");
    let many: Vec<String> = (0..101).map(|n| format!("\"t{n}\":1")).collect();
    let error = refused(&format!("{{\"tokens_used\":{{{}}}}}", many.join(",")));
    assert!(error.contains("one type too many"), "{error}");
}

#[test]
fn every_column_finds_its_place() {
    let patched = updated(
        r#"{"trace_id":"t","parent_trace_id":"t-0","session_id":"s","user_id":"u","source":"test",
            "prompt_id":"p","promptName":"greet","promptVersion":3,"model_id":"m","responseModel":"m-1",
            "provider":"x","prompt_content":"in","system_prompt":"sys","parameters":{"a":1},
            "response_content":{"role": "assistant"},"toolCalls":[1],"end_time":"2026-07-31T12:00:02Z",
            "start_time":"2026-07-31T12:00:00Z","duration_ms":9000,"firstTokenTime":"2026-07-31T12:00:01Z",
            "streaming_enabled":false,"status":"error","statusMessage":"sm","level":"WARNING",
            "error_message":"boom","error_code":429,"errorType":"RateLimit","error_stack":"at x",
            "langfuse_trace_id":"lt","langfuse_observation_id":"lo","user_agent":"ua",
            "ip_address":"192.0.2.9","name":"n","metadata":{"k":"v"},"tags":["a"],"version":"1",
            "environment":"e","release":"r","public":true,"bookmarked":true}"#,
    );
    let span = span(&patched.patches);
    assert_eq!(
        (span.model, span.response_model, span.provider),
        (some("m"), some("m-1"), some("x"))
    );
    assert_eq!((span.input, span.output), (some("in"), some(r#"{"role": "assistant"}"#)));
    assert_eq!(
        (span.prompt_id, span.prompt_name, span.prompt_version),
        (some("p"), some("greet"), some("3"))
    );
    assert_eq!((span.start_time, span.end_time), (noon(0), Some(noon(2))));
    assert_eq!(span.first_token_time, Some(noon(1)));
    assert_eq!((span.streaming, span.status), (Some(false), Status::Error));
    assert_eq!((span.error_code, span.error_type), (some("429"), some("RateLimit")));
    assert_eq!((span.langfuse_trace_id, span.langfuse_observation_id), (some("lt"), some("lo")));
    assert_eq!((span.user_agent, span.ip), (some("ua"), some("192.0.2.9")));
    assert_eq!((span.name, span.tool_calls), (some("n"), some("[1]")));
    let trace = trace(&patched.patches);
    assert!(trace.public && trace.bookmarked);
    assert_eq!(trace.parent_trace_id, some("t-0"));
    assert_eq!(trace.metadata, vec![("k".into(), "\"v\"".into())]);
    assert_eq!((trace.inherited.trace_name, &*trace.inherited.source), (some("n"), "test"));
}

#[test]
fn the_traces_attributes_alone_make_no_span() {
    let patched = updated(r#"{"userId":"u","tags":["a"],"metadata":{"k":1}}"#);
    assert_eq!(patched.patches.len(), 1);
    assert_eq!(trace(&patched.patches).inherited.user_id, some("u"));
    assert!(updated("{}").patches.is_empty());
}

#[test]
fn null_clears() {
    let patched = updated(
        r#"{"user_id":null,"response_content":null,"model":null,"first_token_latency_ms":null,
            "status":null,"error":null,"metadata":{"k":null},"tokens_used":null,
            "cost_calculation":null,"duration_ms":null}"#,
    );
    for field in
        [Field::UserId, Field::Output, Field::Model, Field::FirstTokenLatency, Field::Status]
    {
        assert_eq!(value(&patched, field), Some(Value::Cleared), "{field:?}");
    }
    for field in [Field::ErrorMessage, Field::ErrorCode, Field::ErrorType, Field::ErrorStack] {
        assert_eq!(value(&patched, field), Some(Value::Cleared), "{field:?}");
    }
    for register in [
        Register::Metadata("k".into()),
        Register::Usage("input".into()),
        Register::Usage("total".into()),
        Register::Cost("total".into()),
    ] {
        assert_eq!(value(&patched, register.clone()), Some(Value::Cleared), "{register:?}");
    }
    assert_eq!(value(&patched, Field::EndTime), None);
    let one = updated(r#"{"tokens_used":{"input":null,"output":3}}"#);
    assert_eq!(value(&one, Register::Usage("input".into())), Some(Value::Cleared));
    assert!(refused(r#"{"metadata":null}"#).contains("cleared key by key"));
    assert!(refused(r#"{"tags":null}"#).contains("only add up"));
}

#[test]
fn a_duration_says_an_end_where_the_start_is_beside_it() {
    let patched = updated(r#"{"start_time":"2026-07-31T12:00:00Z","duration_ms":1500.5}"#);
    let end = entry(&patched.patches, Field::EndTime).unwrap();
    assert_eq!((end.value, end.version.rank), (Value::Time(noon(1).plus(500_500)), Rank::Inferred));
    assert!(updated(r#"{"end_time":"2026-07-31T12:00:00Z","duration_ms":5}"#).patches.len() == 1);
    assert_eq!(
        refused(r#"{"duration_ms":5}"#),
        "updates.duration_ms is computed from start and end; send end_time, or start_time beside it"
    );
    let late = refused(r#"{"start_time":"2026-07-31T12:00:00Z","durationMs":1e11}"#);
    assert!(late.starts_with("updates.durationMs makes an end_time that is "), "{late}");
}

#[test]
fn a_terminal_status_ends_the_trace_unless_an_end_is_stated() {
    let patched = updated(r#"{"status":"success"}"#);
    let end = entry(&patched.patches, Field::EndTime).unwrap();
    assert_eq!((end.value, end.version.rank), (Value::Time(NOW), Rank::Assumed));
    let stated = updated(r#"{"status":"error","end_time":"2026-07-31T12:00:00Z"}"#);
    let end = entry(&stated.patches, Field::EndTime).unwrap();
    assert_eq!((end.value, end.version.rank), (Value::Time(noon(0)), Rank::Stated));
    assert_eq!(span(&stated.patches).start_time, noon(0));
}

#[test]
fn what_is_wrong_is_named() {
    for (updates, error) in [
        ("7", "updates is a number; send an object"),
        (r#"{"id":"x"}"#, "updates.id is kept by the server; leave it out"),
        (r#"{"createdAt":"x"}"#, "updates.createdAt is kept by the server; leave it out"),
        (r#"{"updated_at":"x"}"#, "updates.updated_at is kept by the server; leave it out"),
        (
            r#"{"trace_id":"other"}"#,
            "updates.trace_id is another trace's; a trace keeps its id, so leave it out",
        ),
        (
            r#"{"promp_content":"x"}"#,
            "updates.promp_content is not a field here; did you mean `prompt_content`?",
        ),
        (
            r#"{"model":"a","modelId":"b"}"#,
            "updates.modelId says the same as `model`; send one of them",
        ),
        (
            r#"{"error":"a","error_code":"b"}"#,
            "updates.error_code says the same as `error`; send one of them",
        ),
        (
            r#"{"error":{"text":"a"}}"#,
            "updates.error.text is not a field here; send only message, code, type, stack",
        ),
        (
            r#"{"status":"done"}"#,
            "updates.status is `done`, which is none of pending, success, error",
        ),
    ] {
        assert_eq!(refused(updates), error, "{updates}");
    }
    let missing = with(|ctx| update(br#"{"traceId":"t"}"#, ctx)).unwrap_err().to_string();
    assert_eq!(missing, "updates is missing; send an object of what has changed");
}

#[test]
fn every_field_refuses_the_wrong_type() {
    let texts = [
        "trace_id",
        "parent_trace_id",
        "session_id",
        "user_id",
        "source",
        "prompt_id",
        "prompt_name",
        "prompt_version",
        "model_id",
        "model",
        "response_model",
        "provider",
        "system_prompt",
        "parameters",
        "tool_calls",
        "tokens_used",
        "cost_calculation",
        "start_time",
        "end_time",
        "duration_ms",
        "first_token_latency_ms",
        "first_token_time",
        "status",
        "status_message",
        "level",
        "error",
        "error_message",
        "error_code",
        "error_type",
        "error_stack",
        "langfuse_trace_id",
        "langfuse_observation_id",
        "user_agent",
        "ip_address",
        "name",
        "metadata",
        "tags",
        "version",
        "environment",
        "release",
    ];
    for name in texts {
        let error = refused(&format!("{{\"{name}\":true}}"));
        assert!(error.starts_with(&format!("updates.{name} is a boolean; send ")), "{error}");
    }
    for name in ["streaming_enabled", "streaming", "public", "bookmarked"] {
        let error = refused(&format!("{{\"{name}\":1}}"));
        assert_eq!(error, format!("updates.{name} is a number; send true or false"));
    }
    let any_json = ["prompt_content", "prompt", "response_content", "response"];
    assert_eq!(texts.len() + 4 + any_json.len(), FIELDS.len());
    for name in any_json {
        let patched = updated(&format!("{{\"{name}\":[true, 1.0]}}"));
        let span = span(&patched.patches);
        assert_eq!(span.input.or(span.output), some("[true, 1.0]"));
    }
}

#[test]
fn an_error_is_text_or_an_object() {
    let text = span(&updated(r#"{"error":"boom"}"#).patches);
    assert_eq!((text.error_message, text.status), (some("boom"), Status::Pending));
    let whole =
        span(&updated(r#"{"error":{"message":"m","code":500,"type":"T","stack":"s"}}"#).patches);
    assert_eq!((whole.error_message, whole.error_code), (some("m"), some("500")));
    assert_eq!((whole.error_type, whole.error_stack), (some("T"), some("s")));
}

#[test]
fn a_version_is_the_updates_time() {
    let body = r#"{"trace_id":"t","updates":{"model":"m"},"timestamp":"2026-07-31T12:00:05Z"}"#;
    let patched = with(|ctx| update(body.as_bytes(), ctx)).unwrap();
    let model = entry(&patched.patches, Field::Model).unwrap().version;
    assert_eq!((model.rank, model.time, model.step), (Rank::Stated, noon(5), Step::Update));
    let start = entry(&patched.patches, Field::StartTime).unwrap();
    assert_eq!((start.value, start.version.rank), (Value::Time(noon(5)), Rank::Assumed));
    assert!(noon(5) < Micros::parse("2026-08-01T00:00:00Z").unwrap());
}
