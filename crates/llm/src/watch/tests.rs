#![allow(clippy::unwrap_used)]

use super::*;
use crate::chat::{Finish, Part};

fn chunk(content: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{content}\"}}}}]}}\n\n")
}

fn watch() -> Watch {
    Watch::bytes(Protocol::ChatCompletions, Framing::Events)
}

#[test]
fn an_answer_is_put_together_with_its_times() {
    let mut watch = watch();
    let role = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
    watch.push(role.as_bytes(), Micros(50));
    assert_eq!(watch.first(), None);
    for (at, text) in [(100, "a"), (110, "b"), (130, "c"), (230, "d")] {
        assert_eq!(watch.push(chunk(text).as_bytes(), Micros(at)).len(), 1);
    }
    let end = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    watch.push(end.as_bytes(), Micros(240));
    let watched = watch.finish();
    assert_eq!(watched.failed, None);
    assert_eq!(watched.response.choices[0].parts, [Part::Text("abcd".into())]);
    assert_eq!(watched.response.choices[0].finish, Some(Finish::Stop));
    let timing = Timing {
        first: Micros(100),
        last: Micros(230),
        pieces: 4,
        pause_p50: 20,
        pause_p95: 100,
        pause_max: 100,
    };
    assert_eq!(watched.timing, Some(timing));
}

#[test]
fn what_is_cut_off_is_an_error_with_what_came() {
    let mut watch = watch();
    watch.push(chunk("half").as_bytes(), Micros(1));
    let watched = watch.finish();
    assert_eq!(watched.response.choices[0].parts, [Part::Text("half".into())]);
    assert_eq!(watched.failed.unwrap().code.as_deref(), Some("incomplete_stream"));
}

#[test]
fn after_what_cannot_be_read_nothing_is_read() {
    let mut watch = watch();
    watch.push(chunk("half").as_bytes(), Micros(1));
    watch.push(b"data: {broken\n\n", Micros(2));
    assert!(watch.push(chunk("more").as_bytes(), Micros(3)).is_empty());
    let watched = watch.finish();
    assert_eq!(watched.response.choices[0].parts, [Part::Text("half".into())]);
    assert_eq!(watched.failed.unwrap().code.as_deref(), Some("malformed_stream"));
}
