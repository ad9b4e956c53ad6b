#![allow(clippy::unwrap_used)]

use super::*;
use crate::{
    Access, Presented,
    test_support::{NOW, SECOND, rng, started},
};

#[tokio::test]
async fn a_made_key_is_listed_without_its_secret() {
    let (control, project, _) = started().await;
    let pair = KeyPair::generate(&mut rng(2));
    let made = control.create_key(&project.id, &pair, "for the worker", NOW + 1).await.unwrap();
    assert_eq!(made.public_key, pair.public());
    assert!(pair.secret().expose().ends_with(&made.secret_hint));
    assert_eq!(made.secret_hint.len(), 4);
    assert_eq!(made.note, "for the worker");
    assert_eq!((made.created_at, made.revoked_at), (NOW + 1, None));

    let listed = control.list_keys(&project.id).await.unwrap();
    assert_eq!(listed.len(), 2, "the first key and this one");
    assert_eq!(listed[1], made);
    assert!(control.list_keys("other").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_key_needs_a_project() {
    let (control, ..) = started().await;
    let pair = KeyPair::generate(&mut rng(2));
    let error = control.create_key("nowhere", &pair, "", NOW).await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "there is no project \"nowhere\"; check the project id"
    );
}

#[tokio::test]
async fn a_pair_is_stored_once() {
    let (control, project, first) = started().await;
    let error = control.create_key(&project.id, &first, "", NOW).await;
    assert!(matches!(error, Err(ControlError::PublicKeyTaken { .. })));

    let same_secret =
        KeyPair::given(("public_key", "pk-another-one"), ("secret_key", first.secret())).unwrap();
    let error = control.create_key(&project.id, &same_secret, "", NOW).await;
    assert!(matches!(
        error,
        Err(ControlError::SecretKeyTaken { public_key, .. }) if public_key == first.public()
    ));
    assert_eq!(control.list_keys(&project.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn revoking_is_effective_at_once_final_and_idempotent() {
    let (control, project, pair) = started().await;
    let key = control.list_keys(&project.id).await.unwrap().remove(0);
    let presented = Presented::Secret(pair.secret().expose());
    let public = Presented::Public(pair.public());
    assert!(control.authenticate(presented, NOW).await.unwrap().is_some());
    assert!(control.authenticate(public, NOW).await.unwrap().is_some());

    let revoked_at = NOW + SECOND;
    control.revoke_key(&project.id, &key.id, revoked_at).await.unwrap();
    // The same moment as above: the cached answers are gone, they have not merely expired.
    assert_eq!(control.authenticate(presented, NOW).await.unwrap(), None);
    assert_eq!(control.authenticate(public, NOW).await.unwrap(), None);

    control.revoke_key(&project.id, &key.id, revoked_at + SECOND).await.unwrap();
    let listed = control.list_keys(&project.id).await.unwrap();
    assert_eq!(listed[0].revoked_at, Some(revoked_at));

    // Its keys stay taken.
    let again = control.create_key(&project.id, &pair, "", NOW).await;
    assert!(matches!(again, Err(ControlError::PublicKeyTaken { .. })));
}

#[tokio::test]
async fn of_keys_that_are_rotated_the_last_works_and_no_other_is_touched() {
    let (control, project, first) = started().await;
    let pairs: Vec<KeyPair> = (2..5).map(|seed| KeyPair::generate(&mut rng(seed))).collect();
    for (pair, at) in pairs.iter().zip(NOW..) {
        let made = control.rotate_key(&project.id, pair, "demo", at).await.unwrap();
        assert_eq!((made.note.as_str(), made.revoked_at), ("demo", None));
        let presented = Presented::Secret(pair.secret().expose());
        assert!(control.authenticate(presented, NOW).await.unwrap().is_some());
    }
    let mut works = Vec::new();
    for pair in pairs.iter().chain([&first]) {
        let presented = Presented::Secret(pair.secret().expose());
        works.push(control.authenticate(presented, NOW).await.unwrap().is_some());
    }
    assert_eq!(works, [false, false, true, true]);
    let listed = control.list_keys(&project.id).await.unwrap();
    assert_eq!(listed.iter().filter(|key| key.revoked_at.is_none()).count(), 2);

    // A pair that cannot be stored revokes nothing.
    let refused = control.rotate_key(&project.id, &first, "demo", NOW).await;
    assert!(matches!(refused, Err(ControlError::PublicKeyTaken { .. })));
    let last = Presented::Secret(pairs[2].secret().expose());
    assert!(control.authenticate(last, NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn a_project_cannot_revoke_anothers_key() {
    let (control, project, pair) = started().await;
    let key = control.list_keys(&project.id).await.unwrap().remove(0);
    let error = control.revoke_key("other", &key.id, NOW).await;
    assert!(matches!(error, Err(ControlError::UnknownKey { .. })));
    let found = control.authenticate_secret(pair.secret().expose()).await;
    assert_eq!(found.unwrap().unwrap().access, Access::Full);
}

#[tokio::test]
async fn use_is_noted_once_an_hour() {
    let (control, project, pair) = started().await;
    let presented = Presented::Secret(pair.secret().expose());
    let last_used = async |now| {
        control.authenticate(presented, now).await.unwrap();
        control.list_keys(&project.id).await.unwrap()[0].last_used_at
    };
    assert_eq!(last_used(NOW).await, Some(NOW));
    // Past the cache's time to live, so that the database is asked each time.
    assert_eq!(last_used(NOW + 60 * SECOND).await, Some(NOW));
    let later = NOW + LAST_USED_STEP;
    assert_eq!(last_used(later).await, Some(later));
}
