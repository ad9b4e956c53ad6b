#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;
use crate::chat::{Assembly, Response, Tool, ToolResult};

fn asked(said: &str) -> Request {
    let message =
        Message { role: Role::User, name: None, parts: vec![Part::Text(said.to_owned())] };
    Request { messages: vec![message], ..Request::default() }
}

fn assembled(steps: &[Step]) -> (Response, Option<ApiError>) {
    let mut assembly = Assembly::default();
    steps.iter().for_each(|step| assembly.add(&step.delta));
    assembly.finish()
}

fn answered(model: &str, request: &Request) -> Response {
    assembled(&answer(model, request).unwrap()).0
}

fn text(response: &Response) -> String {
    texts(&response.choices[0].parts)
}

#[test]
fn every_listed_model_answers_or_fails_as_it_says() {
    for model in MODELS {
        match answer(model, &asked("Hello?")) {
            Ok(steps) => {
                let (response, failed) = assembled(&steps);
                assert!(!response.choices[0].parts.is_empty(), "{model}");
                assert_eq!(failed.is_some(), *model == "fail-midway");
                assert!(matches!(steps[0].delta, Delta::Start { .. }));
                let ends = matches!(steps.last().unwrap().delta, Delta::End);
                assert_eq!(ends, *model != "fail-midway");
            }
            Err(refusal) if *model == "embed" => {
                assert_eq!(refusal.error.kind, ErrorKind::NotFound);
                assert!(refusal.error.message.contains("/v1/embeddings"), "{:?}", refusal.error);
            }
            Err(refusal) => {
                assert_eq!(*model, "fail");
                assert_eq!(refusal.error.kind, ErrorKind::Overloaded);
            }
        }
    }
}

#[test]
fn an_answer_is_of_the_question_and_always_the_same() {
    let one = answer("fast", &asked("How do I bake bread?")).unwrap();
    assert_eq!(one, answer("fast", &asked("How do I bake bread?")).unwrap());
    assert!(text(&assembled(&one).0).contains("How do I bake bread"));
}

#[test]
fn slow_is_slower_than_fast() {
    let time = |model| -> Duration {
        answer(model, &asked("Hi")).unwrap().iter().map(|step| step.after).sum()
    };
    assert!(time("slow") > 5 * time("fast"));
    assert!(time("fast") < Duration::from_secs(5));
}

#[test]
fn usage_is_what_was_said() {
    let response = answered("reasoning", &asked("Why?"));
    let usage = response.counted.unwrap().usage;
    assert!(usage.input.unwrap() > 0 && usage.output.unwrap() > 10);
    assert!(usage.output_reasoning.unwrap() > 10);
    assert!(matches!(response.choices[0].parts[0], Part::Reasoning { .. }));
    assert_eq!(response.choices[0].finish, Some(Finish::Stop));
}

#[test]
fn the_limit_of_tokens_and_stop_texts_are_kept_to() {
    let mut request = asked("Tell me all");
    request.params.max_tokens = Some(3);
    let response = answered("fast", &request);
    assert_eq!(response.choices[0].finish, Some(Finish::Length));
    assert_eq!(response.counted.unwrap().usage.output, Some(3));
    request.params = crate::chat::Params { stop: vec!["asked".to_owned()], ..Default::default() };
    assert_eq!(text(&answered("fast", &request)), "You ");
}

#[test]
fn a_tool_is_called_and_its_result_is_told() {
    let parameters = json!({"type": "object", "properties": {
        "city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}, "days": {"type": "integer"},
    }});
    let mut request = asked("What is the weather in Lisbon?");
    request.tools = vec![Tool {
        name: "get_weather".to_owned(),
        description: None,
        parameters: Some(parameters),
        strict: None,
    }];
    let response = answered("tools", &request);
    assert_eq!(response.choices[0].finish, Some(Finish::ToolCalls));
    let Part::ToolCall(call) = &response.choices[0].parts[0] else { panic!("a call") };
    let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
    assert_eq!(arguments, json!({"city": "Lisbon", "unit": "celsius", "days": 3}));
    assert_eq!(call.name, "get_weather");

    let result = ToolResult {
        call_id: call.id.clone(),
        name: None,
        parts: vec![Part::Text("{\"temperature\": 21, \"sky\": \"clear\"}".to_owned())],
        is_error: false,
    };
    let parts = vec![Part::ToolResult(result)];
    request.messages.push(Message { role: Role::User, name: None, parts });
    let told = text(&answered("tools", &request));
    assert!(told.contains("temperature is 21, sky is clear"), "{told}");
}

#[test]
fn a_schema_is_kept_to_also_one_that_names_itself() {
    let schema = json!({"type": "object", "properties": {
        "names": {"type": "array", "items": {"type": "string"}, "minItems": 2},
        "kind": {"$ref": "#/$defs/kind"},
        "child": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
    }, "$defs": {"kind": {"const": "leaf"}}});
    let mut request = asked("Describe Ada");
    request.output =
        OutputFormat::Schema { name: "x".to_owned(), description: None, schema, strict: None };
    let value: Value = serde_json::from_str(&text(&answered("fast", &request))).unwrap();
    assert_eq!(value["names"], json!(["Ada", "Ada"]));
    assert_eq!(value["kind"], "leaf");
    assert!(value["child"].is_object());
}

#[test]
fn a_schema_of_many_branches_takes_bounded_work() {
    let mut schema = json!({"type": "string"});
    for _ in 0..7 {
        let fields: Vec<_> = (0..9).map(|n| (format!("f{n}"), schema.clone())).collect();
        if schema.to_string().len() > 200_000 {
            break;
        }
        let fields: serde_json::Map<_, _> = fields.into_iter().collect();
        schema = json!({"type": "object", "properties": fields});
    }
    assert!(schema::example(&schema, "").to_string().len() < 1_000_000);
}

#[test]
fn an_unknown_model_is_named_with_those_that_are_there() {
    let error = answer("huge", &asked("Hi")).unwrap_err().error;
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.message.contains("demo/huge") && error.message.contains("demo/fast"));
}
