#![allow(clippy::unwrap_used)]

use super::*;

fn object_of(value: Value) -> Object {
    value.as_object().unwrap().clone()
}

/// The request that a `generationConfig` makes, and what is kept of it.
fn config(value: Value) -> (Request, Value) {
    let mut request = Request::default();
    let kept = read(object_of(value), &mut request).unwrap();
    (request, Value::Object(kept))
}

/// What comes back of a `generationConfig`.
fn again(value: Value) -> Value {
    let (request, kept) = config(value);
    Value::Object(write(&request, object_of(kept)))
}

#[test]
fn parameters_keep_their_digits_and_the_rest_is_kept() {
    let value = json!({
        "temperature": 0.10, "topP": 1, "top_k": 40.0, "maxOutputTokens": "256",
        "stopSequences": ["END"], "seed": -7, "candidateCount": 2,
        "presencePenalty": 0.5, "frequencyPenalty": -0.5,
        "responseModalities": ["TEXT"], "speechConfig": {"languageCode": "de-DE"},
    });
    let (request, kept) = config(value);
    let params = Params {
        max_tokens: Some(256),
        temperature: Number::from_f64(0.1),
        top_p: Some(1.into()),
        top_k: Some(40),
        frequency_penalty: Number::from_f64(-0.5),
        presence_penalty: Number::from_f64(0.5),
        stop: vec!["END".to_owned()],
        seed: Some(-7),
        choices: Some(2),
        ..Params::default()
    };
    assert_eq!(request.params, params);
    let rest = json!({"responseModalities": ["TEXT"], "speechConfig": {"languageCode": "de-DE"}});
    assert_eq!(kept, rest);
}

#[test]
fn wrong_values_are_named() {
    for (value, field) in [
        (json!({"temperature": "hot"}), "generationConfig.temperature"),
        (json!({"topK": 1.5}), "generationConfig.topK"),
        (json!({"maxOutputTokens": -1}), "generationConfig.maxOutputTokens"),
        (json!({"stopSequences": [1]}), "generationConfig.stopSequences"),
        (json!({"thinkingConfig": 1}), "generationConfig.thinkingConfig"),
    ] {
        let error = read(object_of(value), &mut Request::default()).unwrap_err();
        assert_eq!(error.field, field);
    }
}

#[test]
fn the_form_of_the_answer() {
    assert_eq!(config(json!({"responseMimeType": "text/plain"})).0.output, OutputFormat::Text);
    assert_eq!(
        config(json!({"response_mime_type": "application/json"})).0.output,
        OutputFormat::Json
    );
    let googles = json!({
        "responseMimeType": "application/json",
        "responseSchema": {"type": "OBJECT", "title": "Recipe"},
    });
    let expected = OutputFormat::Schema {
        name: "Recipe".to_owned(),
        description: None,
        schema: json!({"type": "object", "title": "Recipe"}),
        strict: None,
    };
    assert_eq!(config(googles.clone()).0.output, expected);
    let expected = json!({
        "responseMimeType": "application/json",
        "responseJsonSchema": {"type": "object", "title": "Recipe"},
    });
    assert_eq!(again(googles), expected);
    let choice = json!({
        "responseMimeType": "text/x.enum",
        "responseSchema": {"type": "STRING", "enum": ["a"]},
    });
    assert_eq!(config(choice.clone()), (Request::default(), choice));
}

#[test]
fn how_much_to_think_is_said_as_it_came() {
    for (value, reasoning) in [
        (json!({"thinkingBudget": 1024, "includeThoughts": true}), Some(Reasoning::Budget(1024))),
        (json!({"thinkingBudget": 0, "includeThoughts": false}), Some(Reasoning::Budget(0))),
        (
            json!({"thinkingLevel": "HIGH", "includeThoughts": true}),
            Some(Reasoning::Effort("high".into())),
        ),
        // The model decides.
        (json!({"thinkingBudget": -1, "includeThoughts": true}), None),
        (json!({"includeThoughts": true}), None),
    ] {
        let value = json!({"thinkingConfig": value});
        assert_eq!(config(value.clone()).0.params.reasoning, reasoning);
        assert_eq!(again(value.clone()), value);
    }
    let silent = json!({"thinkingConfig": {"thinkingBudget": 5}});
    let expected = json!({"thinkingConfig": {"thinkingBudget": 5, "includeThoughts": false}});
    assert_eq!(again(silent), expected);
}

#[test]
fn an_effort_is_a_budget_for_models_that_know_no_levels() {
    let of = |model: &str, effort: &str| {
        let mut request = Request { model: model.to_owned(), ..Request::default() };
        request.params.reasoning = Some(Reasoning::Effort(effort.to_owned()));
        write(&request, Object::new()).shift_remove("thinkingConfig").unwrap()
    };
    let medium = json!({"includeThoughts": true, "thinkingBudget": 8192});
    assert_eq!(of("gemini-2.5-flash", "medium"), medium);
    let none = json!({"includeThoughts": false, "thinkingBudget": 0});
    assert_eq!(of("models/gemini-2.5-flash", "none"), none);
    let medium = json!({"includeThoughts": true, "thinkingLevel": "MEDIUM"});
    assert_eq!(of("gemini-3.1-pro-preview", "medium"), medium);
    let least = json!({"includeThoughts": false, "thinkingLevel": "MINIMAL"});
    assert_eq!(of("gemini-flash-latest", "none"), least);
    assert_eq!(generation("publishers/google/models/gemini-3-flash"), Some(3));
    assert_eq!(generation("gemma-3"), None);
}

#[test]
fn which_tools_must_be_called() {
    for (mode, choice) in [
        (json!({"mode": "AUTO"}), Some(ToolChoice::Auto)),
        (json!({"mode": "NONE"}), Some(ToolChoice::None)),
        (json!({"mode": "ANY"}), Some(ToolChoice::Any)),
        (
            json!({"mode": "ANY", "allowedFunctionNames": ["f"]}),
            Some(ToolChoice::Named("f".into())),
        ),
        (json!({"mode": "ANY", "allowedFunctionNames": ["f", "g"]}), Some(ToolChoice::Any)),
        (json!({"mode": "VALIDATED", "allowedFunctionNames": ["f"]}), Some(ToolChoice::Auto)),
        (json!({"mode": "AUTO", "streamFunctionCallArguments": true}), Some(ToolChoice::Auto)),
        (json!({"mode": "MODE_UNSPECIFIED"}), None),
    ] {
        let value = object_of(json!({"functionCallingConfig": mode, "retrievalConfig": {}}));
        let mut request = Request::default();
        let kept = read_tools(value.clone(), &mut request);
        assert_eq!(request.tool_choice, choice, "{mode}");
        assert!(kept.contains_key("retrievalConfig"));
        assert_eq!(write_tools(request.tool_choice.as_ref(), kept), value);
    }
}
