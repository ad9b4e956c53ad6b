#![allow(clippy::unwrap_used)]

use super::*;

fn fields(text: &str) -> Fields<'_> {
    Fields::of(text, "body").unwrap()
}

fn refused<T>(result: Result<T, FieldError>) -> String {
    result.err().unwrap().to_string()
}

#[test]
fn both_spellings_are_read() {
    let read = fields(r#" {"traceId": "t" , "user_id":null, "\u0061b":1}"#);
    assert_eq!(&*read.get("trace_id").unwrap().text().unwrap(), "t");
    assert!(read.stated("user_id").is_some());
    assert!(read.get("user_id").is_none());
    assert_eq!(read.get("ab").unwrap().count().unwrap(), 1);
    assert!(read.stated("traceId").is_none());
    assert_eq!(read.all().count(), 3);
}

#[test]
fn what_is_unknown_is_named_in_the_senders_spelling() {
    let known = ["trace_id", "model", "prompt"];
    assert_eq!(
        refused(fields(r#"{"modle":1}"#).only(&known)),
        "modle is not a field here; did you mean `model`?"
    );
    assert_eq!(
        refused(fields(r#"{"tracedId":1}"#).only(&known)),
        "tracedId is not a field here; did you mean `traceId`?"
    );
    assert_eq!(
        refused(fields(r#"{"traced_id":1}"#).only(&known)),
        "traced_id is not a field here; did you mean `trace_id`?"
    );
    assert_eq!(
        refused(fields(r#"{"temperature":1}"#).only(&known)),
        "temperature is not a field here; send only traceId, model, prompt"
    );
    assert!(fields(r#"{"traceId":1,"model":2}"#).only(&known).is_ok());
}

#[test]
fn a_field_is_sent_once() {
    let mut twice = fields(r#"{"traceId":1,"trace_id":1}"#);
    assert_eq!(refused(twice.rename(&[])), "trace_id says the same as `traceId`; send one of them");
    let mut same = fields(r#"{"a":1,"a":1}"#);
    assert_eq!(refused(same.rename(&[])), "a is sent twice; send it once");
    let mut other = fields(r#"{"model":1,"model_id":2}"#);
    let others = [("model_id", "model")];
    assert_eq!(
        refused(other.rename(&others)),
        "model_id says the same as `model`; send one of them"
    );
    assert!(fields(r#"{"aB":1,"a_b":1}"#).distinct().is_ok());
    assert!(fields(r#"{"aB":1,"aB":1}"#).distinct().is_err());
}

#[test]
fn another_name_is_read_by_the_first() {
    let mut read = fields(r#"{"modelId":"m"}"#);
    read.rename(&[("model_id", "model")]).unwrap();
    let sent = read.get("model").unwrap();
    assert_eq!(sent.key(), "modelId");
    assert_eq!(refused(sent.flag()), "modelId is text; send true or false");
}

#[test]
fn what_is_missing_says_what_to_send() {
    let read = fields(r#"{"a":{"b":null}}"#);
    assert_eq!(refused(read.required("trace_id", "an id")), "traceId is missing; send an id");
    let inner = read.get("a").unwrap().object().unwrap();
    assert_eq!(refused(inner.required("b", "an id")), "a.b is null; send an id");
    assert_eq!(refused(inner.required("c_d", "an id")), "a.cD is missing; send an id");
}

#[test]
fn what_is_no_object_is_refused() {
    assert_eq!(refused(Fields::of("7", "body")), "body is a number; send an object");
    for text in ["", "{", "{]", "nul", "{\"a\":}", "{} x", "{\"a\" 1}"] {
        assert!(
            refused(Fields::of(text, "body")).starts_with("body is not valid JSON: "),
            "{text}"
        );
    }
}

#[test]
fn an_object_may_have_so_many_keys_and_no_more() {
    let object = |count: usize| {
        let members: Vec<String> = (0..count).map(|key| format!("\"{key}\":0")).collect();
        format!("{{{}}}", members.join(","))
    };
    assert_eq!(fields(&object(MAX_KEYS)).all().count(), MAX_KEYS);
    let too_many = object(MAX_KEYS + 2);
    let reason = "holds 10002 keys; send at most 10000, with what belongs together in one object";
    assert_eq!(refused(Fields::of(&too_many, "body")), format!("body {reason}"));
    let within = format!("{{\"metadata\":{too_many}}}");
    let metadata = fields(&within);
    let refusal = refused(metadata.get("metadata").unwrap().object());
    assert_eq!(refusal, format!("metadata {reason}"));
    // What comes after them is passed over, but must be JSON.
    let broken = too_many.replace("10001\":0", "10001\":");
    assert!(refused(Fields::of(&broken, "body")).starts_with("body is not valid JSON: "));
}

#[test]
fn a_field_is_forgotten() {
    let mut read = fields(r#"{"type":"span","a":1}"#);
    read.forget("type");
    assert!(read.only(&["a"]).is_ok());
}
