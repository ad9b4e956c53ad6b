#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;

use parking_lot::Mutex;
use tracekeep_llm::provider::{Kind, Provider};

use super::*;

/// Twice more, at once.
const SOON: Retry =
    Retry { most: 2, pause: Duration::from_micros(1), longest: Duration::from_secs(20) };

fn stop(name: &str) -> Stop {
    let provider = Provider::new(name, Kind::Openai);
    let target = Target { provider, model: "m".into(), brought: None };
    Stop { name: format!("{name}/m"), target: Ok(target), retry: SOON, timeout: None }
}

fn plan(stops: Vec<Stop>) -> Plan {
    Plan { virtual_model: Some("v".into()), stops, keep_answers: None }
}

fn refused(kind: ErrorKind) -> Failed {
    Failed { is_undone: true, ..ApiError::new(kind, "no").into() }
}

/// Answers in this order; says whom it was asked of.
async fn asked(
    plan: &Plan,
    answers: Vec<Result<u8, Failed>>,
) -> (Result<u8, Failed>, Vec<String>, Value) {
    let answers = Mutex::new(VecDeque::from(answers));
    let of = Mutex::new(Vec::new());
    let attempts = Attempts::default();
    let reached = first_that_answers(plan, &attempts, |target| {
        of.lock().push(target.provider.name.clone());
        let answer = answers.lock().pop_front().expect("asked more often than expected");
        async { answer }
    })
    .await;
    let shown = attempts.shown().unwrap_or_default();
    (reached.map(|(_, answer)| answer), of.into_inner(), shown)
}

#[tokio::test]
async fn a_target_is_asked_again_and_then_the_next() {
    let plan = plan(vec![stop("a"), stop("b")]);
    let no_room = || Err(refused(ErrorKind::Overloaded));
    let (answer, of, shown) = asked(&plan, vec![no_room(), no_room(), no_room(), Ok(1)]).await;
    assert_eq!(answer.unwrap(), 1);
    assert_eq!(of, ["a", "a", "a", "b"]);
    assert_eq!(shown.as_array().unwrap().len(), 3);
    assert_eq!(shown[0]["model"], "a/m");
    assert_eq!(shown[0]["status"], 503);
}

#[tokio::test]
async fn every_failure_leads_to_the_next_target() {
    for kind in [ErrorKind::BadRequest, ErrorKind::Unauthenticated, ErrorKind::NotFound] {
        let plan = plan(vec![stop("a"), stop("b")]);
        let (answer, of, _) = asked(&plan, vec![Err(refused(kind)), Ok(1)]).await;
        assert_eq!(answer.unwrap(), 1);
        assert_eq!(of, ["a", "b"], "asking again would not help");
    }
}

#[tokio::test]
async fn what_was_begun_is_not_asked_for_again() {
    let plan = plan(vec![stop("a")]);
    let begun = Failed { is_undone: false, ..refused(ErrorKind::Provider) };
    let (answer, of, attempts) = asked(&plan, vec![Err(begun)]).await;
    assert!(answer.is_err());
    assert_eq!((of.len(), attempts.as_array().unwrap().len()), (1, 1));
}

#[tokio::test]
async fn the_plan_says_how_often_and_how_long() {
    let mut patient = stop("a");
    patient.retry.most = 0;
    let plan = plan(vec![patient, Stop { timeout: Some(Duration::from_millis(50)), ..stop("b") }]);
    let count = Mutex::new(0);
    let failed = first_that_answers(&plan, &Attempts::default(), |target| {
        *count.lock() += 1;
        let hangs = target.provider.name == "b";
        async move {
            if hangs {
                sleep(Duration::from_secs(60)).await;
            }
            Err::<(), _>(refused(ErrorKind::RateLimited))
        }
    })
    .await
    .unwrap_err();
    assert_eq!(count.into_inner(), 2);
    assert_eq!(failed.error.kind, ErrorKind::Timeout);
    assert!(failed.error.message.contains("50 ms"));
}

#[tokio::test]
async fn a_long_pause_is_kept_to_only_where_nobody_else_is_left() {
    let wait = |pause| {
        let mut failed = refused(ErrorKind::RateLimited);
        failed.error.retry_after = Some(pause);
        Err(failed)
    };
    let slow = Stop { retry: Retry { most: 1, ..SOON }, ..stop("a") };
    assert_eq!(retry(&slow, true).longest, Duration::from_secs(20));
    let both = plan(vec![slow, stop("b")]);
    let (long, short) = (Duration::from_millis(1_001), Duration::from_millis(1));
    let (_, of, _) = asked(&both, vec![wait(long), wait(short), Ok(1)]).await;
    assert_eq!(of, ["a", "b", "b"]);
}

#[tokio::test]
async fn who_cannot_be_asked_is_an_attempt_too() {
    let mut gone = stop("a");
    gone.target = Err(Box::new(ApiError::new(ErrorKind::Overloaded, "its key is gone")));
    let plan = plan(vec![gone, stop("b")]);
    let (answer, of, attempts) = asked(&plan, vec![Ok(1)]).await;
    assert_eq!(answer.unwrap(), 1);
    assert_eq!(of, ["b"]);
    assert_eq!(attempts[0]["message"], "its key is gone");
}

#[tokio::test]
async fn an_outage_is_not_hidden_by_a_fallback_that_cannot_be_asked() {
    let once = |name| Stop { retry: Retry { most: 0, ..SOON }, ..stop(name) };
    let both = plan(vec![once("a"), once("b")]);
    let down = || Err(refused(ErrorKind::Provider));
    let wrong = || Err(refused(ErrorKind::BadRequest));
    let kind = async |plan: &Plan, answers| asked(plan, answers).await.0.unwrap_err().error.kind;
    assert_eq!(kind(&both, vec![down(), wrong()]).await, ErrorKind::Provider);
    assert_eq!(kind(&both, vec![wrong(), down()]).await, ErrorKind::Provider);
    let room = Err(refused(ErrorKind::Overloaded));
    assert_eq!(kind(&both, vec![down(), room]).await, ErrorKind::Overloaded, "of two the last");
    let mut gone = stop("b");
    gone.target = Err(Box::new(ApiError::new(ErrorKind::Overloaded, "its key is gone")));
    let with_gone = plan(vec![once("a"), gone]);
    assert_eq!(kind(&with_gone, vec![down()]).await, ErrorKind::Provider);
}
