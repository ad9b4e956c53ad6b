use serde_json::{Value, json};

use crate::chat::{Message, Params, Part, Reasoning, Request, Role, Tool, ToolCall, ToolChoice};
use crate::messages::write_request;

fn request(model: &str, reasoning: Reasoning) -> Request {
    let params = Params { reasoning: Some(reasoning), ..Params::default() };
    Request { model: model.into(), params, ..Request::default() }
}

fn effort(word: &str) -> Reasoning {
    Reasoning::Effort(word.into())
}

/// `thinking`, `output_config` and `max_tokens`.
fn written(request: &Request) -> (Value, Value, u64) {
    let mut body = write_request(request);
    let most = body["max_tokens"].as_u64().unwrap();
    (body["thinking"].take(), body["output_config"].take(), most)
}

#[test]
fn each_generation_gets_its_own_words() {
    let enabled = |budget: u64| json!({"type": "enabled", "budget_tokens": budget});
    let adaptive = || json!({"type": "adaptive"});
    let of = |effort: &str| json!({"effort": effort});
    for (model, reasoning, expected) in [
        ("claude-3-5-haiku-20241022", effort("high"), (Value::Null, Value::Null, 8192)),
        ("claude-3-haiku-20240307", effort("high"), (Value::Null, Value::Null, 4096)),
        ("claude-3-7-sonnet-20250219", effort("low"), (enabled(2048), Value::Null, 18_432)),
        (
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            effort("medium"),
            (enabled(8192), Value::Null, 24_576),
        ),
        (
            "anthropic/claude-sonnet-4.5",
            Reasoning::Budget(100),
            (enabled(1024), Value::Null, 17_408),
        ),
        ("claude-opus-4-20250514", Reasoning::Budget(4000), (enabled(4000), Value::Null, 20_384)),
        ("claude-opus-4-6", effort("xhigh"), (adaptive(), of("high"), 32_768)),
        ("claude-opus-5", effort("xhigh"), (adaptive(), of("xhigh"), 32_768)),
        ("claude-opus-5", effort("minimal"), (adaptive(), of("low"), 32_768)),
        ("claude-opus-5", Reasoning::Budget(8192), (adaptive(), of("medium"), 32_768)),
        ("claude-opus-5", Reasoning::Budget(0), (json!({"type": "disabled"}), Value::Null, 16_384)),
        ("claude-opus-5", effort("none"), (json!({"type": "disabled"}), Value::Null, 16_384)),
        ("claude-fable-5", effort("none"), (Value::Null, of("low"), 16_384)),
        ("kimi-k2", effort("high"), (enabled(16_384), Value::Null, 24_576)),
    ] {
        assert_eq!(written(&request(model, reasoning.clone())), expected, "{model} {reasoning:?}");
    }
}

#[test]
fn a_budget_fits_within_what_the_answer_may_take() {
    let mut asked = request("claude-sonnet-4-5", effort("high"));
    asked.params.max_tokens = Some(4000);
    assert_eq!(written(&asked).0["budget_tokens"], 3999);
    asked.params.max_tokens = Some(1024);
    assert_eq!(written(&asked).0, Value::Null);
}

#[test]
fn thinking_is_left_out_where_it_would_be_refused() {
    let tool = Tool { name: "t".into(), description: None, parameters: None, strict: None };
    for model in ["claude-sonnet-4-5", "claude-opus-5"] {
        let mut asked = request(model, effort("high"));
        asked.tools = vec![tool.clone()];
        asked.tool_choice = Some(ToolChoice::Any);
        assert_eq!(written(&asked).0, Value::Null, "{model}");
    }
    // Amid calls, without the thoughts before them.
    let call = Part::ToolCall(ToolCall { name: "t".into(), ..ToolCall::default() });
    let message = |parts| Message { role: Role::Assistant, name: None, parts };
    let mut asked = request("claude-sonnet-4-5", effort("high"));
    asked.messages = vec![message(vec![call.clone()])];
    assert_eq!(written(&asked).0, Value::Null);
    let thought = Part::Reasoning { text: "Hm.".into(), sealed: Some("c2ln".into()) };
    asked.messages = vec![message(vec![thought, call])];
    assert_eq!(written(&asked).0["type"], "enabled");
}

#[test]
fn sampling_is_left_out_where_it_would_be_refused() {
    let number = serde_json::Number::from_f64;
    let params = Params {
        temperature: number(1.5),
        top_p: number(0.9),
        top_k: Some(10),
        ..Params::default()
    };
    let sampled = |model: &str, reasoning: Option<Reasoning>| {
        let params = Params { reasoning, ..params.clone() };
        let mut body =
            write_request(&Request { model: model.into(), params, ..Request::default() });
        [body["temperature"].take(), body["top_p"].take(), body["top_k"].take()]
    };
    let all = [json!(1), json!(0.9), json!(10)];
    let none = [Value::Null, Value::Null, Value::Null];
    assert_eq!(sampled("claude-sonnet-4-5", None), all);
    assert_eq!(sampled("claude-sonnet-4-6", None), all);
    assert_eq!(sampled("deepseek-chat", None), all);
    assert_eq!(sampled("claude-sonnet-4-5", Some(effort("low"))), none);
    assert_eq!(sampled("claude-opus-4-7", None), none);
    assert_eq!(sampled("claude-opus-5", None), none);
}
