#![allow(clippy::unwrap_used)]

use axum::http::StatusCode;

use super::*;

const WHOLE: Form = Form { protocol: Protocol::ChatCompletions, framing: None };
const ANSWER: &str = r#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}"#;

fn keeping(body: &str, headers: &HeaderMap) -> Keeping {
    let kept = KeepAnswers { keep_for: Duration::from_secs(60), since: 5 };
    Keeping::of("p", "smart", WHOLE, kept, headers, body.as_bytes()).unwrap()
}

fn key(body: &str) -> Key {
    keeping(body, &HeaderMap::new()).key
}

async fn through(answers: &Answers, keeping: Keeping, response: Response) -> Bytes {
    let response = answers.keep(keeping, "openai", "t1".into(), response);
    axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap()
}

#[test]
fn the_same_request_is_one_that_asks_the_same() {
    let plain = key(r#"{"model":"smart","messages":[]}"#);
    assert_eq!(plain, key(r#"{ "model": "smart", "messages": [], "user": "ada" }"#));
    assert_eq!(plain, key(r#"{"model":"smart","messages":[],"metadata":{"trace_id":"t"}}"#));
    assert_ne!(plain, key(r#"{"model":"smart","messages":[],"temperature":0}"#));
    let of = |project: &str, name: &str, form: Form, since| {
        let keep = KeepAnswers { keep_for: Duration::ZERO, since };
        let body = br#"{"model":"smart","messages":[]}"#;
        Keeping::of(project, name, form, keep, &HeaderMap::new(), body).unwrap().key
    };
    assert_eq!(plain, of("p", "smart", WHOLE, 5));
    assert_ne!(plain, of("q", "smart", WHOLE, 5));
    assert_ne!(plain, of("p", "other", WHOLE, 5));
    assert_ne!(plain, of("p", "smart", Form { framing: Some(Framing::Events), ..WHOLE }, 5));
    assert_ne!(plain, of("p", "smart", Form { protocol: Protocol::Messages, ..WHOLE }, 5));
    assert_ne!(plain, of("p", "smart", WHOLE, 6));
    let mut headers = HeaderMap::new();
    headers.insert("anthropic-beta", HeaderValue::from_static("x"));
    assert_ne!(plain, keeping(r#"{"model":"smart","messages":[]}"#, &headers).key);
}

#[tokio::test]
async fn a_whole_answer_is_kept_for_its_time() {
    let answers = Answers::default();
    let response = ([(header::CONTENT_TYPE, "application/json")], ANSWER).into_response();
    let passed = through(&answers, keeping("{}", &HeaderMap::new()), response).await;
    assert_eq!(passed, ANSWER);
    let now = clock::now();
    let kept = answers.get(&key("{}"), now).unwrap();
    assert_eq!(kept.body, ANSWER);
    assert_eq!(&*kept.trace_id, "t1");
    assert_eq!(kept.said(WHOLE).unwrap().choices.len(), 1);
    let late = Micros(now.0 + 61 * Micros::SECOND);
    assert!(answers.get(&key("{}"), late).is_none());
    assert!(answers.get(&key("{}"), now).is_none(), "what is over is let go of");
    assert_eq!(answers.0.lock().bytes, 0);
}

#[tokio::test]
async fn errors_and_halves_are_not_kept() {
    let answers = Answers::default();
    let none = HeaderMap::new();
    let failed = (StatusCode::BAD_GATEWAY, ANSWER).into_response();
    through(&answers, keeping("{}", &none), failed).await;
    through(&answers, keeping("{}", &none), "{\"half".into_response()).await;
    let form = Form { framing: Some(Framing::Events), ..WHOLE };
    let cut = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\
               \"choices\":[{\"index\":0,\"delta\":{\"content\":\"H\"}}]}\n\n";
    through(&answers, Keeping { form, ..keeping("{}", &none) }, cut.into_response()).await;
    assert!(answers.get(&key("{}"), clock::now()).is_none());
}

#[test]
fn an_answer_that_depends_on_more_is_not_kept() {
    let of = |body: &str| {
        let keep = KeepAnswers { keep_for: Duration::from_secs(60), since: 5 };
        Keeping::of("p", "smart", WHOLE, keep, &HeaderMap::new(), body.as_bytes()).is_some()
    };
    assert!(of(r#"{"input":"yes","previous_response_id":null}"#));
    assert!(!of(r#"{"input":"yes","previous_response_id":"r1"}"#));
    assert!(!of(r#"{"input":"yes","conversation":{"id":"c"}}"#));
    assert!(!of(r#"{"input":"yes","background":true}"#));
    assert!(!of(&format!(r#"{{"input":"{}"}}"#, "x".repeat(MOST_OF_REQUEST))));
    assert!(!of("[]"));
}

#[tokio::test]
async fn a_client_may_want_none_of_it() {
    let answers = Answers::default();
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=0, No-Store"));
    let keeping = keeping("{}", &headers);
    assert!(!keeping.takes);
    through(&answers, keeping, ANSWER.into_response()).await;
    assert!(answers.get(&key("{}"), clock::now()).is_none());
}

#[test]
fn the_least_used_go_where_there_is_no_room() {
    let answers = Answers::default();
    let answer = |length: usize| Answer {
        content_type: None,
        body: vec![b'x'; length].into(),
        trace_id: "t".into(),
        provider: "openai".into(),
        at: Micros(0),
        until: Micros(10),
    };
    let key = |n: u8| [n; 32];
    let most = MOST_OF_ONE - OVERHEAD;
    let fit = u8::try_from(MOST_BYTES / MOST_OF_ONE).unwrap();
    (0..fit).for_each(|n| answers.put(key(n), answer(most)));
    assert!(answers.get(&key(0), Micros(1)).is_some());
    answers.put(key(fit), answer(most));
    assert!(answers.get(&key(1), Micros(1)).is_none());
    assert!(answers.get(&key(0), Micros(1)).is_some());
    assert!(answers.get(&key(fit), Micros(1)).is_some());
    answers.put(key(0), answer(1));
    let bytes = answers.0.lock().bytes;
    assert_eq!(bytes, MOST_BYTES - MOST_OF_ONE + 1 + OVERHEAD, "a newer one takes its place");
    answers.put(key(9), answer(MOST_OF_ONE));
    assert!(answers.0.lock().bytes <= MOST_BYTES);
}
