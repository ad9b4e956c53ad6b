#![allow(clippy::unwrap_used)]

use super::*;

fn text(text: &str) -> Input {
    Input::Text(text.to_owned())
}

fn counted(tokens: i64, pictures: i64) -> Counted {
    let mut usage = Usage { input: Some(tokens), ..Usage::default() };
    usage.set(&"input_image".into(), pictures);
    Counted { usage, stated: json!({"tokens": tokens}) }
}

fn response(vector: f64, counted: Option<Counted>) -> Response {
    Response { vectors: vec![vec![vector]], counted, model: None }
}

#[test]
fn a_request_is_cut_into_pieces_in_order() {
    let inputs: Vec<Input> = (0..5).map(|n| text(&n.to_string())).collect();
    let request = Request { inputs, dimensions: Some(8), ..Request::default() };
    let parts = request.parts(2);
    let texts: Vec<Vec<&str>> = parts.iter().map(|part| part.texts().unwrap()).collect();
    assert_eq!(texts, [vec!["0", "1"], vec!["2", "3"], vec!["4"]]);
    assert!(parts.iter().all(|part| part.dimensions == Some(8)));
    assert!(Request::default().parts(2).is_empty());
}

#[test]
fn tokens_are_no_texts() {
    let inputs = vec![text("a"), Input::Tokens(vec![1])];
    let error = Request { inputs, ..Request::default() }.texts().unwrap_err();
    assert_eq!(error.field, "input[1]");
    assert!(error.reason.contains("token ids"), "{error}");
}

#[test]
fn answers_are_joined_and_their_counts_added() {
    let parts = vec![response(1.0, Some(counted(3, 10))), response(2.0, Some(counted(4, 20)))];
    let joined = Response::join(parts);
    assert_eq!(joined.vectors, [[1.0], [2.0]]);
    let sum = joined.counted.unwrap();
    assert_eq!(sum.usage.types().collect::<Vec<_>>(), [("input", 7), ("input_image", 30)]);
    assert_eq!(sum.stated, json!({"calls": 2, "input_tokens": 37}));
}

#[test]
fn what_some_did_not_count_is_not_counted() {
    let nothing = Counted { usage: Usage::default(), stated: json!({}) };
    for uncounted in [None, Some(nothing)] {
        let parts = vec![response(1.0, Some(counted(3, 0))), response(2.0, uncounted)];
        let joined = Response::join(parts);
        assert_eq!((joined.vectors.len(), joined.counted), (2, None));
    }
    assert_eq!(Response::join(Vec::new()).counted, None);
}

#[test]
fn what_one_call_stated_stays() {
    let joined = Response::join(vec![response(1.0, Some(counted(3, 0)))]);
    assert_eq!(joined.counted.unwrap().stated, json!({"tokens": 3}));
    assert_eq!(Response::join(vec![response(1.0, None)]).counted, None);
}

#[test]
fn a_list_that_is_too_long_is_refused() {
    let list = |length: usize| RawValue::from_string(format!("[{}1]", "1,".repeat(length - 1)));
    let full = list(MOST_INPUTS).unwrap();
    assert_eq!(elements(&full, "input").unwrap().unwrap().len(), MOST_INPUTS);
    let error = elements(&list(MOST_INPUTS + 1).unwrap(), "input").unwrap_err();
    assert_eq!(error.field, "input");
    let object = RawValue::from_string("{}".to_owned()).unwrap();
    assert!(elements(&object, "input").unwrap().is_none());
}

#[test]
fn each_kind_is_asked_in_its_own_way() {
    use crate::provider::Kind;

    assert_eq!(Wire::of(Kind::Azure, "x"), Some(Wire::Openai));
    assert_eq!(Wire::of(Kind::Bedrock, "amazon.titan-embed-text-v2:0"), Some(Wire::Titan));
    assert_eq!(Wire::of(Kind::Bedrock, "eu.cohere.embed-v4:0"), Some(Wire::InvokedCohere));
    assert_eq!(Wire::of(Kind::Bedrock, "amazon.nova-pro-v1:0"), None);
    assert_eq!(Wire::of(Kind::Anthropic, "claude-x"), None);
    assert_eq!(Wire::Titan.most_inputs(), 1);
    let request = Request {
        inputs: vec![text("a"), Input::Tokens(vec![7])],
        dimensions: Some(2),
        model: "m".to_owned(),
        ..Request::default()
    };
    let sent = json!({"model": "m", "input": ["a", [7]], "output_dimension": 2});
    assert_eq!(Wire::Mistral.write(&request).unwrap(), sent);
    let sent = json!({"model": "m", "input": ["a", [7]], "dimensions": 2});
    assert_eq!(Wire::Openai.write(&request).unwrap(), sent);
}

#[test]
fn purposes_are_known_by_many_names() {
    assert_eq!(Purpose::of("RETRIEVAL_QUERY", "taskType").unwrap(), Purpose::Query);
    assert_eq!(Purpose::of("passage", "input_type").unwrap(), Purpose::Document);
    let error = Purpose::of("image", "input_type").unwrap_err();
    assert_eq!(error.field, "input_type");
}
