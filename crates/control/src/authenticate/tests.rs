#![allow(clippy::unwrap_used)]

use super::*;
use crate::{
    KeyPair,
    test_support::{NOW, SECOND, rng, started},
};

#[tokio::test]
async fn a_secret_opens_its_project() {
    let (control, project, pair) = started().await;
    let secret = pair.secret().expose();
    let credential = control.authenticate_secret(secret).await.unwrap().unwrap();
    assert_eq!(*credential.project_id, *project.id);
    assert_eq!(credential.access, Access::Full);
    let keys = control.list_keys(&project.id).await.unwrap();
    assert_eq!(*credential.key_id, *keys[0].id);

    let by_pair = control.authenticate_pair(pair.public(), secret).await;
    assert_eq!(by_pair.unwrap(), Some(credential));
}

#[tokio::test]
async fn a_public_key_alone_may_only_write() {
    let (control, project, pair) = started().await;
    let found = control.authenticate_public(pair.public()).await.unwrap();
    let credential = found.unwrap();
    assert_eq!(*credential.project_id, *project.id);
    assert_eq!(credential.access, Access::WriteOnly);
}

#[tokio::test]
async fn whatever_is_not_a_key_opens_nothing() {
    let (control, project, pair) = started().await;
    let other = KeyPair::generate(&mut rng(2));
    control.create_key(&project.id, &other, "", NOW).await.unwrap();
    let (public, secret) = (pair.public(), pair.secret().expose());
    let hash = crate::secret::secret_hash(secret);
    let wrong = [
        Presented::Secret("sk-tk-wrong-but-well-formed"),
        Presented::Secret(public),
        Presented::Secret(&hash),
        Presented::Secret(&secret[1..]),
        Presented::Secret(""),
        Presented::Public(secret),
        Presented::Public(""),
        Presented::Pair { public: other.public(), secret },
        Presented::Pair { public, secret: public },
        Presented::Pair { public, secret: "" },
        Presented::Pair { public: "", secret },
    ];
    for (index, presented) in wrong.into_iter().enumerate() {
        // Twice: from the database, then from the cache.
        for _ in 0..2 {
            let answer = control.authenticate(presented, NOW).await.unwrap();
            assert_eq!(answer, None, "case {index}");
        }
        assert_eq!(control.ask(presented).await.unwrap(), None, "case {index}");
    }
}

#[tokio::test]
async fn the_form_belongs_to_what_is_cached() {
    let (control, _, pair) = started().await;
    let (public, secret) = (pair.public(), pair.secret().expose());
    let access = async |presented| {
        let answer = control.authenticate(presented, NOW).await.unwrap();
        answer.map(|credential| credential.access)
    };
    for _ in 0..2 {
        assert_eq!(access(Presented::Secret(secret)).await, Some(Access::Full));
        assert_eq!(access(Presented::Public(public)).await, Some(Access::WriteOnly));
        assert_eq!(access(Presented::Pair { public, secret }).await, Some(Access::Full));
        assert_eq!(access(Presented::Public(secret)).await, None);
        assert_eq!(access(Presented::Secret(public)).await, None);
    }
}

#[tokio::test]
async fn a_cached_answer_outlives_the_database_until_its_time_to_live() {
    let (control, _, pair) = started().await;
    let presented = Presented::Secret(pair.secret().expose());
    let answer = control.authenticate(presented, NOW).await.unwrap();
    assert!(answer.is_some());
    control.close().await;
    let cached = control.authenticate(presented, NOW + 10 * SECOND).await;
    assert_eq!(cached.unwrap(), answer);
    let expired = control.authenticate(presented, NOW + 30 * SECOND).await;
    assert!(matches!(expired, Err(ControlError::Database(_))));
}

#[tokio::test]
async fn another_process_revocation_is_seen_within_30_seconds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("control.db");
    let here = Control::open(&path).await.unwrap();
    let (project, pair) = crate::test_support::first_start(&here).await;
    let presented = Presented::Secret(pair.secret().expose());
    let credential = here.authenticate(presented, NOW).await.unwrap().unwrap();

    let elsewhere = Control::open(&path).await.unwrap();
    elsewhere.revoke_key(&project.id, &credential.key_id, NOW + SECOND).await.unwrap();
    let after_30_seconds = here.authenticate(presented, NOW + 30 * SECOND).await;
    assert_eq!(after_30_seconds.unwrap(), None);
}

#[tokio::test]
async fn a_key_made_after_it_was_refused_works_at_once() {
    let (control, project, _) = started().await;
    let pair = KeyPair::generate(&mut rng(2));
    let presented = Presented::Secret(pair.secret().expose());
    assert_eq!(control.authenticate(presented, NOW).await.unwrap(), None);
    control.create_key(&project.id, &pair, "", NOW).await.unwrap();
    assert!(control.authenticate(presented, NOW).await.unwrap().is_some());
}
