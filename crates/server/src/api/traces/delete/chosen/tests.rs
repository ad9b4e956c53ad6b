use super::*;

fn read(body: &str) -> Result<Chosen, String> {
    Chosen::read(body.as_bytes()).map_err(|error| format!("{} {}", error.field, error.reason))
}

#[test]
fn a_field_has_either_spelling() {
    for name in ["traceIds", "trace_ids"] {
        let ids = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(read(&format!(r#"{{"{name}":["a","b"]}}"#)), Ok(Chosen::Ids(ids)));
    }
    for (name, column) in [
        ("userId", "user_id"),
        ("user_id", "user_id"),
        ("sessionId", "session_id"),
        ("session_id", "session_id"),
    ] {
        let chosen = Chosen::Where(column, "x".to_owned());
        assert_eq!(read(&format!(r#"{{"{name}":"x"}}"#)), Ok(chosen));
    }
}

#[test]
fn a_refusal_names_what_was_sent() {
    for (body, begin) in [
        (r#"{"userId":"a","userId":"b"}"#, "userId is sent twice; send it once"),
        (r#"{"userId":"a","user_id":"a"}"#, "user_id says the same as `userId`; send one of them"),
        (r#"{"userId":"a","sessionId":"b"}"#, "body holds 2 fields; send one of"),
        ("{}", "body holds no field; send one of"),
        ("[]", "body is no object; send one of"),
        ("3", "body is no object; send one of"),
        ("{", "body is no JSON: "),
        ("", "body is no JSON: "),
        (r#"{"user":"a"}"#, "user is unknown; send one of"),
        (r#"{"user_id":""}"#, "user_id is no text; send an id"),
        (r#"{"trace_ids":[]}"#, "trace_ids is no list of 1 to 1000 ids"),
        (r#"{"traceIds":["a",1]}"#, "traceIds is no list of 1 to 1000 ids"),
    ] {
        let message = read(body).expect_err(body);
        assert!(message.starts_with(begin), "{body}: {message}");
    }
}
