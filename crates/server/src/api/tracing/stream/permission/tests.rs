#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt as _;
use tokio::time::timeout;

use super::*;

const OFTEN: Duration = Duration::from_millis(5);
const LONG: Duration = Duration::from_secs(10);

#[tokio::test]
async fn it_is_asked_again_until_it_is_gone() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let mut permission = Permission::new(OFTEN, move || {
        let before = counter.fetch_add(1, Ordering::SeqCst);
        async move { before < 3 }.boxed()
    });
    timeout(LONG, permission.gone()).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn an_answer_counts_also_where_nobody_waited_for_it_to_the_end() {
    // Each answer takes longer than anybody waits for it.
    let mut permission = Permission::new(OFTEN, || {
        async { tokio::time::sleep(OFTEN * 20).await }.map(|()| false).boxed()
    });
    let mut waits = 0;
    while timeout(OFTEN * 2, permission.gone()).await.is_err() {
        waits += 1;
        assert!(waits < 1_000, "the answer was lost");
    }
    assert!(waits > 1);
}
