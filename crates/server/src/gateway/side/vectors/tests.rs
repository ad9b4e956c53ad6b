#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::time::Duration;

use parking_lot::Mutex;

use super::*;

/// Twice more, at once.
const SOON: Retry =
    Retry { most: 2, pause: Duration::from_micros(1), longest: Duration::from_secs(20) };

fn refused(kind: ErrorKind) -> Failed {
    Failed { is_undone: true, ..ApiError::new(kind, "no").into() }
}

/// What comes of it if these are the answers, and how many of them were not asked for.
async fn asked(retry: Retry, answers: Vec<Result<u8, Failed>>) -> (Result<u8, Failed>, usize) {
    let answers = Mutex::new(VecDeque::from(answers));
    let came = patiently(
        retry,
        || {
            let answer = answers.lock().pop_front().expect("asked more often than expected");
            async { answer }
        },
        |_, _| {},
    )
    .await;
    (came, answers.into_inner().len())
}

#[tokio::test]
async fn a_part_that_finds_no_room_is_asked_for_again() {
    let busy = || Err(refused(ErrorKind::RateLimited));
    let (came, left) = asked(SOON, vec![busy(), busy(), Ok(7)]).await;
    assert_eq!((came.unwrap(), left), (7, 0));
    let (came, left) = asked(SOON, vec![busy(), busy(), busy(), Ok(7)]).await;
    assert_eq!((came.unwrap_err().error.kind, left), (ErrorKind::RateLimited, 1));
    let (came, left) = asked(Retry::NONE, vec![busy(), Ok(7)]).await;
    assert_eq!((came.unwrap_err().is_undone, left), (true, 1), "others ask again");
}

#[tokio::test]
async fn a_part_is_not_asked_for_again_where_that_does_not_help() {
    let late = Err(refused(ErrorKind::Timeout));
    assert_eq!(asked(SOON, vec![late, Ok(7)]).await.1, 1);
    let wrong = Err(refused(ErrorKind::BadRequest));
    assert_eq!(asked(SOON, vec![wrong, Ok(7)]).await.1, 1);
    let begun = Err(Failed::from(ApiError::new(ErrorKind::Provider, "cut off")));
    assert_eq!(asked(SOON, vec![begun, Ok(7)]).await.1, 1);
    let mut busy = refused(ErrorKind::RateLimited);
    busy.error.retry_after = Some(Duration::from_secs(3_600));
    assert_eq!(asked(SOON, vec![Err(busy), Ok(7)]).await.1, 1, "it wants a longer pause");
}
