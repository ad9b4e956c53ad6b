#![allow(clippy::unwrap_used)]

use serde_json::json;
use tracekeep_llm::chat::Role;

use super::*;

fn one(body: &Value) -> Result<Question, ApiError> {
    Question::one(body.to_string().as_bytes())
}

#[test]
fn the_plans_request_is_read() {
    let question = one(&json!({
        "prompt": "Test prompt", "systemPrompt": "Be brief", "model": "demo/fast",
        "parameters": {"temperature": 0.7, "maxTokens": 50, "topP": 0.9,
                       "frequencyPenalty": 0.5, "presencePenalty": -0.5},
        "traceId": "t1", "promptId": "p1",
    }))
    .unwrap();
    let request = &question.request;
    assert_eq!(request.system, [Part::Text("Be brief".into())]);
    assert_eq!(request.messages[0].role, Role::User);
    assert_eq!(request.messages[0].parts, [Part::Text("Test prompt".into())]);
    assert_eq!(request.params.max_tokens, Some(50));
    assert_eq!(request.params.temperature.as_ref().unwrap().as_f64(), Some(0.7));
    assert!(request.stream);
    assert_eq!(question.input, "Test prompt");
    assert_eq!(question.trace_id.as_deref(), Some("t1"));
    let shown: Value = serde_json::from_str(&question.parameters.unwrap()).unwrap();
    assert_eq!(shown["maxTokens"], 50);
    assert!(shown.get("stop").is_none());
}

#[test]
fn what_is_wrong_is_named() {
    let cases = [
        (json!({"prompt": "x"}), "model"),
        (json!({"model": "demo/fast"}), "prompt"),
        (json!({"model": "m", "prompt": "x", "messages": []}), "messages"),
        (json!({"model": "m", "prompt": "x", "traceId": ""}), "traceId"),
        (json!({"model": "m", "prompt": "x", "temprature": 1}), "temprature"),
        (json!({"model": "m", "prompt": "x", "parameters": {"topp": 1}}), "topp"),
        (json!({"model": "m", "models": ["m"], "prompt": "x"}), "models"),
    ];
    for (body, named) in cases {
        let error = one(&body).unwrap_err();
        assert!(error.message.contains(named), "{body}: {}", error.message);
    }
}

#[test]
fn several_models_are_asked_the_same() {
    let body = json!({"prompt": "x", "models": ["demo/fast", "demo/slow"]});
    let questions = Question::several(body.to_string().as_bytes()).unwrap();
    let models: Vec<_> = questions.iter().map(|question| question.model.as_str()).collect();
    assert_eq!(models, ["demo/fast", "demo/slow"]);
    for body in [
        json!({"prompt": "x", "models": []}),
        json!({"prompt": "x", "models": vec!["m"; 9]}),
        json!({"prompt": "x", "models": ["m"], "traceId": "t"}),
    ] {
        assert!(Question::several(body.to_string().as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn tags_beyond_64_are_left_out() {
    let tags: Vec<String> = (0..70).map(|number| format!("t{number}")).collect();
    let question = one(&json!({"model": "m", "prompt": "x", "tags": tags})).unwrap();
    assert_eq!(question.tags, tags[..64]);
}
