#![allow(clippy::unwrap_used)]

use std::future::pending;

use tokio::sync::mpsc::channel;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::*;

/// Within this a busy machine has done it too.
const LONGEST: Duration = Duration::from_secs(60);

fn ended(span: usize) -> Ended {
    Ended { project_id: "p".into(), trace_id: "t".into(), span_id: span.to_string().into() }
}

/// More comes than the queue holds, and the round ends only after all of it was taken over.
#[tokio::test]
async fn what_ends_during_a_round_is_taken_over() {
    let (queue, mut heard) = channel(1);
    let (done, round) = oneshot::channel::<()>();
    let round = async { round.await.unwrap() };
    let stop = CancellationToken::new();
    let mut noted = Vec::new();
    let note = |ended: Ended| noted.push(ended.span_id);
    let hearing = hearing(round, &mut heard, &stop, note);
    let telling = async {
        for span in 0..5 {
            queue.send(ended(span)).await.unwrap();
        }
        drop(queue.reserve().await.unwrap());
        done.send(()).unwrap();
    };
    let both = async { tokio::join!(hearing, telling) };
    let (flow, ()) = timeout(LONGEST, both).await.unwrap();
    assert_eq!(flow, ControlFlow::Continue(()));
    assert_eq!(noted, ["0", "1", "2", "3", "4"].map(Box::<str>::from));
}

#[tokio::test]
async fn a_round_ends_when_the_server_stops_or_nobody_tells_any_more() {
    let (queue, mut heard) = channel(1);
    let stop = CancellationToken::new();
    stop.cancel();
    let flow = timeout(LONGEST, hearing(pending(), &mut heard, &stop, drop)).await.unwrap();
    assert_eq!(flow, ControlFlow::Break(()));
    drop(queue);
    let stop = CancellationToken::new();
    let flow = timeout(LONGEST, hearing(pending(), &mut heard, &stop, drop)).await.unwrap();
    assert_eq!(flow, ControlFlow::Break(()));
}
