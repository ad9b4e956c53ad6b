//! GenAI conventions: kind, model, parameters, tokens, first token.

use tracekeep_model::Kind;

use super::*;

fn kind(attributes: &[Attribute]) -> Kind {
    match read_attributes(attributes).get(Field::Kind) {
        Some(Value::Kind(kind)) => *kind,
        other => panic!("{other:?}"),
    }
}

/// The disjoint counts of `gen_ai.usage.*` attributes.
fn counts(given: &[(&str, i64)]) -> Vec<(String, i64)> {
    let attributes: Vec<Attribute> = given
        .iter()
        .map(|(name, count)| attribute(&format!("gen_ai.usage.{name}"), *count))
        .collect();
    let state = read_attributes(&attributes);
    usage(&state).into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

fn owned(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

#[test]
fn the_operation_says_what_a_span_did() {
    for (operation, expected) in [
        ("chat", Kind::Generation),
        ("text_completion", Kind::Generation),
        ("generate_content", Kind::Generation),
        ("embeddings", Kind::Embedding),
        ("execute_tool", Kind::Tool),
        ("invoke_agent", Kind::Agent),
        ("create_agent", Kind::Agent),
        ("invoke_workflow", Kind::Chain),
        ("retrieval", Kind::Retriever),
        ("unheard_of", Kind::Span),
    ] {
        let attributes = [attribute("gen_ai.operation.name", operation)];
        assert_eq!(kind(&attributes), expected, "{operation}");
        let json = format!("\"{operation}\"");
        let state = read_attributes(&attributes);
        assert_eq!(metadata(&state, "gen_ai.operation.name"), Some(&*json));
    }
}

#[test]
fn without_an_operation_a_model_with_tokens_is_a_generation() {
    let model = attribute("gen_ai.response.model", "m");
    let tokens = attribute("gen_ai.usage.output_tokens", 1i64);
    assert_eq!(kind(&[model.clone(), tokens.clone()]), Kind::Generation);
    assert_eq!(kind(&[model]), Kind::Span);
    assert_eq!(kind(&[tokens]), Kind::Span);
}

#[test]
fn a_generation_is_read_whole() {
    let stop = AnyValue::from(&["END"][..]);
    let finish = AnyValue::from(&["stop"][..]);
    let state = read_attributes(&[
        attribute("gen_ai.operation.name", "chat"),
        attribute("gen_ai.provider.name", "openai"),
        attribute("gen_ai.system", "az.ai.openai"),
        attribute("gen_ai.request.model", "gpt-4o"),
        attribute("gen_ai.response.model", "gpt-4o-2024-08-06"),
        attribute("gen_ai.request.temperature", 0.5f64),
        attribute("gen_ai.request.max_tokens", 100i64),
        ("gen_ai.request.stop_sequences".into(), stop),
        attribute("gen_ai.request.choice.count", 2i64),
        attribute("gen_ai.request.stream", true),
        attribute("gen_ai.openai.request.seed", 7i64),
        attribute("gen_ai.response.id", "chatcmpl-1"),
        ("gen_ai.response.finish_reasons".into(), finish),
        attribute("gen_ai.response.time_to_first_chunk", 0.25f64),
        attribute("gen_ai.prompt.name", "greeting"),
        attribute("gen_ai.prompt.version", 3i64),
        attribute("gen_ai.agent.name", "Guide"),
    ]);
    for (field, expected) in [
        (Field::Provider, "openai"),
        (Field::Model, "gpt-4o"),
        (Field::ResponseModel, "gpt-4o-2024-08-06"),
        (Field::PromptName, "greeting"),
        (Field::PromptVersion, "3"),
        (
            Field::Parameters,
            r#"{"temperature":0.5,"max_tokens":100,"stop_sequences":["END"],"choice.count":2,"stream":true,"seed":7}"#,
        ),
    ] {
        assert_eq!(text(&state, field), Some(expected), "{field:?}");
    }
    assert_eq!(state.get(Field::Streaming), Some(&Value::Bool(true)));
    assert_eq!(state.get(Field::FirstTokenLatency), Some(&Value::Int(250_000)));
    assert_eq!(metadata(&state, "gen_ai.system"), Some("\"az.ai.openai\""));
    assert_eq!(metadata(&state, "gen_ai.response.id"), Some("\"chatcmpl-1\""));
    assert_eq!(metadata(&state, "gen_ai.response.finish_reasons"), Some("[\"stop\"]"));
    assert_eq!(metadata(&state, "gen_ai.agent.name"), Some("\"Guide\""));
}

#[test]
fn the_system_is_the_provider_where_no_provider_is_named() {
    let state = read_attributes(&[attribute("gen_ai.system", "anthropic")]);
    assert_eq!(text(&state, Field::Provider), Some("anthropic"));
    assert_eq!(metadata(&state, "gen_ai.system"), None);
}

#[test]
fn parts_are_taken_out_of_wholes() {
    let given = [
        ("input_tokens", 100),
        ("cache_read.input_tokens", 40),
        ("cache_creation.input_tokens", 10),
        ("output_tokens", 30),
        ("reasoning.output_tokens", 20),
    ];
    let expected = [
        ("input", 50),
        ("input_cache_read", 40),
        ("input_cache_write", 10),
        ("output", 10),
        ("output_reasoning", 20),
    ];
    assert_eq!(counts(&given), owned(&expected));
}

#[test]
fn parts_that_exceed_the_whole_were_counted_apart() {
    let given = [
        ("input_tokens", 5),
        ("cache_read_input_tokens", 40),
        ("output_tokens", 3),
        ("output_tokens.reasoning", 4),
    ];
    let expected = [("input", 5), ("input_cache_read", 40), ("output", 3), ("output_reasoning", 4)];
    assert_eq!(counts(&given), owned(&expected));
}

#[test]
fn audio_and_images_are_types_where_they_fit() {
    let given = [
        ("input_tokens", 100),
        ("cache_read.input_tokens", 40),
        ("audio.input_tokens", 50),
        ("audio.cache_read.input_tokens", 30),
        ("image.input_tokens", 5),
        ("text.input_tokens", 45),
    ];
    let expected =
        [("input", 35), ("input_audio", 20), ("input_cache_read", 40), ("input_image", 5)];
    assert_eq!(counts(&given), owned(&expected));

    let unclear =
        [("input_tokens", 100), ("cache_read.input_tokens", 90), ("audio.input_tokens", 50)];
    assert_eq!(counts(&unclear), owned(&[("input", 10), ("input_cache_read", 90)]));
}

#[test]
fn current_names_win_over_former_ones_in_any_order() {
    let given = [("prompt_tokens", 1), ("input_tokens", 2), ("completion_tokens", 3)];
    assert_eq!(counts(&given), owned(&[("input", 2), ("output", 3)]));
    let given = [("input_tokens", 2), ("prompt_tokens", 1), ("total_tokens", 9)];
    assert_eq!(counts(&given), owned(&[("input", 2), ("total", 9)]));
}

#[test]
fn counts_are_read_from_whole_doubles_and_text_and_kept_as_sent() {
    let state = read_attributes(&[
        attribute("gen_ai.usage.input_tokens", 12.0f64),
        attribute("gen_ai.usage.output_tokens", "34"),
        attribute("gen_ai.usage.cost", 0.002f64),
    ]);
    assert_eq!(usage(&state), [("input", 12), ("output", 34)]);
    let given = r#"{"input_tokens":12.0,"output_tokens":"34","cost":0.002}"#;
    assert_eq!(text(&state, Field::UsageGiven), Some(given));
}

#[test]
fn counts_that_are_none_reject_the_span() {
    let attributes = [attribute("gen_ai.usage.input_tokens", -5i64)];
    assert_eq!(
        rejection(span(&attributes)),
        "attributes.gen_ai.usage.input_tokens is -5, but a count cannot be negative"
    );
    for (value, shown) in [(AnyValue::Double(1.5), "1.5"), (AnyValue::from("many"), "many")] {
        let attributes = [("gen_ai.usage.output_tokens".into(), value)];
        let expected =
            format!("attributes.gen_ai.usage.output_tokens is `{shown}`; send a whole number");
        assert_eq!(rejection(span(&attributes)), expected);
    }
}

#[test]
fn the_first_token_comes_as_an_event_too() {
    let first = event("gen_ai.content.first_token", &[]);
    let later = RawEvent { nanos: first.nanos + 1_000_000, ..first.clone() };
    let (state, _) = read(RawSpan { events: vec![later, first], ..span(&[]) });
    let expected = Micros::from_nanos(START).plus(500_000);
    assert_eq!(state.time(Field::FirstTokenTime), Some(expected));
    assert_eq!(text(&state, Field::Events), None);
}

#[test]
fn a_first_token_before_the_request_is_refused() {
    let attributes = [attribute("gen_ai.server.time_to_first_token", -1.0f64)];
    let expected = "attributes.gen_ai.server.time_to_first_token is -1.0; send seconds, 0 or more";
    assert_eq!(rejection(span(&attributes)), expected);
}
