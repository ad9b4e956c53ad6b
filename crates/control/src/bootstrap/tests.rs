#![allow(clippy::unwrap_used)]

use super::*;
use crate::{
    Access,
    test_support::{NOW, rng, started},
};

async fn empty() -> Control {
    Control::open_in_memory().await.unwrap()
}

/// Starts with these settings, with other randomness each time, as real starts have.
async fn start(control: &Control, init: &Init, seed: u64) -> Result<Bootstrap, ControlError> {
    let fresh = FreshKeys::generate(&mut rng(seed));
    control.bootstrap(init, fresh, NOW).await
}

fn init(project_id: Option<&str>, public: &str, secret: &str) -> Init {
    Init {
        project_id: project_id.map(str::to_owned),
        public_key: Some(public.to_owned()),
        secret_key: Some(Secret::new(secret.to_owned())),
        ..Init::default()
    }
}

/// As in a usual Langfuse set-up.
fn langfuse() -> Init {
    Init {
        org_id: Some("acme".to_owned()),
        org_name: Some("Acme".to_owned()),
        project_name: Some("Chat".to_owned()),
        ..init(Some("chat"), "lf_pk_1234567890", "lf_sk_1234567890")
    }
}

#[tokio::test]
async fn a_first_start_makes_a_project_and_shows_its_secret_once() {
    let (control, project, pair) = started().await;
    assert_eq!(project.retention_days, 90);
    assert_eq!(control.projects().await.unwrap(), std::slice::from_ref(&project));
    let found = control.project(&project.id).await.unwrap();
    assert_eq!(found, Some(project.clone()));
    let organisations = control.organisations().await.unwrap();
    assert_eq!(organisations.len(), 1);
    assert_eq!(organisations[0].id, project.org_id);

    let again = start(&control, &Init::default(), 2).await.unwrap();
    assert_eq!(again, Bootstrap::Existing);
    assert_eq!(control.projects().await.unwrap(), std::slice::from_ref(&project));
    assert_eq!(control.list_keys(&project.id).await.unwrap().len(), 1);
    let found = control.authenticate_secret(pair.secret().expose()).await;
    assert!(found.unwrap().is_some());
}

#[tokio::test]
async fn the_settings_are_ensured_on_every_start() {
    let control = empty().await;
    let Bootstrap::Created { project, generated } = start(&control, &langfuse(), 1).await.unwrap()
    else {
        unreachable!("the first start makes the project");
    };
    assert_eq!((&*project.id, &*project.org_id), ("chat", "acme"));
    assert_eq!(project.name, "Chat");
    assert_eq!(generated, None, "the operator knows the given pair");
    let organisations = control.organisations().await.unwrap();
    assert_eq!(organisations[0].name, "Acme");
    let found = control.authenticate_pair("lf_pk_1234567890", "lf_sk_1234567890").await.unwrap();
    assert_eq!(found.unwrap().access, Access::Full);

    let again = start(&control, &langfuse(), 2).await.unwrap();
    assert_eq!(again, Bootstrap::Existing);
    assert_eq!(control.list_keys("chat").await.unwrap().len(), 1);
}

#[tokio::test]
async fn empty_settings_count_as_not_given() {
    let control = empty().await;
    let empty = Some(String::new());
    let init = Init {
        org_id: empty.clone(),
        org_name: empty.clone(),
        project_id: empty.clone(),
        project_name: empty.clone(),
        retention_days: empty.clone(),
        public_key: empty,
        secret_key: Some(Secret::new(String::new())),
    };
    let made = start(&control, &init, 1).await.unwrap();
    assert!(matches!(made, Bootstrap::Created { generated: Some(_), .. }));
}

#[tokio::test]
async fn a_retention_is_that_of_the_project_that_is_made() {
    let control = empty().await;
    let kept = |days: &str| Init { retention_days: Some(days.to_owned()), ..langfuse() };
    for days in ["365", "30"] {
        start(&control, &kept(days), 1).await.unwrap();
        assert_eq!(control.projects().await.unwrap()[0].retention_days, 365);
    }
}

#[tokio::test]
async fn another_pair_is_added_to_the_project() {
    let control = empty().await;
    start(&control, &langfuse(), 1).await.unwrap();
    let second = init(Some("chat"), "lf_pk_second", "lf_sk_second");
    let made = start(&control, &second, 2).await.unwrap();
    assert!(matches!(made, Bootstrap::Created { generated: None, .. }));
    for secret in ["lf_sk_1234567890", "lf_sk_second"] {
        let found = control.authenticate_secret(secret).await.unwrap();
        assert_eq!(*found.unwrap().project_id, *"chat");
    }
}

#[tokio::test]
async fn without_a_project_id_the_oldest_project_is_meant() {
    let (control, project, _) = started().await;
    let keys = init(None, "lf_pk_1234567890", "lf_sk_1234567890");
    start(&control, &keys, 2).await.unwrap();
    assert_eq!(control.projects().await.unwrap().len(), 1);
    assert_eq!(control.list_keys(&project.id).await.unwrap().len(), 2);
    let again = start(&control, &keys, 3).await.unwrap();
    assert_eq!(again, Bootstrap::Existing);
}

#[tokio::test]
async fn a_second_named_project_joins_the_organisation_and_gets_a_key() {
    let (control, first, _) = started().await;
    let named = Init { project_id: Some("second".to_owned()), ..Init::default() };
    let Bootstrap::Created { project, generated: Some(pair) } =
        start(&control, &named, 2).await.unwrap()
    else {
        unreachable!("a new project without a given key gets one");
    };
    assert_eq!(project.org_id, first.org_id);
    let found = control.authenticate_secret(pair.secret().expose()).await;
    assert_eq!(*found.unwrap().unwrap().project_id, *"second");
}

#[tokio::test]
async fn a_key_of_another_project_is_an_error_that_names_it_and_changes_nothing() {
    let control = empty().await;
    start(&control, &langfuse(), 1).await.unwrap();
    let stolen = init(Some("other"), "lf_pk_1234567890", "lf_sk_1234567890");
    let message = start(&control, &stolen, 2).await.unwrap_err().to_string();
    assert!(message.contains("\"lf_pk_1234567890\""), "{message}");
    assert!(message.contains("project \"chat\""), "{message}");
    assert_eq!(control.projects().await.unwrap().len(), 1);
}

#[tokio::test]
async fn neither_key_can_be_paired_anew() {
    let control = empty().await;
    start(&control, &langfuse(), 1).await.unwrap();

    let secret_changed = init(Some("chat"), "lf_pk_1234567890", "lf_sk_changed");
    let error = start(&control, &secret_changed, 2).await.unwrap_err();
    assert!(matches!(error, ControlError::SecretKeyDiffers { .. }));
    assert!(!error.to_string().contains("lf_sk_changed"));

    let public_changed = init(Some("chat"), "lf_pk_changed", "lf_sk_1234567890");
    let error = start(&control, &public_changed, 3).await.unwrap_err();
    assert!(matches!(error, ControlError::SecretKeyTaken { .. }));
    assert!(!error.to_string().contains("lf_sk_1234567890"));
}

#[tokio::test]
async fn a_project_of_another_organisation_is_an_error() {
    let control = empty().await;
    start(&control, &langfuse(), 1).await.unwrap();
    let mut moved = langfuse();
    moved.org_id = Some("globex".to_owned());
    let message = start(&control, &moved, 2).await.unwrap_err().to_string();
    assert!(message.contains("organisation \"acme\""), "{message}");
}

#[tokio::test]
async fn a_restart_does_not_bring_a_revoked_key_back() {
    let control = empty().await;
    start(&control, &langfuse(), 1).await.unwrap();
    let key = control.list_keys("chat").await.unwrap().remove(0);
    control.revoke_key("chat", &key.id, NOW).await.unwrap();
    let again = start(&control, &langfuse(), 2).await.unwrap();
    assert_eq!(again, Bootstrap::Existing);
    let found = control.authenticate_secret("lf_sk_1234567890").await;
    assert_eq!(found.unwrap(), None);
}

#[tokio::test]
async fn bad_settings_are_named_before_anything_is_made() {
    let control = empty().await;
    let with = |change: fn(&mut Init)| {
        let mut init = langfuse();
        change(&mut init);
        init
    };
    let cases = [
        (ORG_ID, with(|init| init.org_id = Some("../x".to_owned()))),
        (ORG_NAME, with(|init| init.org_name = Some("\n".to_owned()))),
        (PROJECT_ID, with(|init| init.project_id = Some("a/b".to_owned()))),
        (PROJECT_NAME, with(|init| init.project_name = Some(" ".to_owned()))),
        (RETENTION, with(|init| init.retention_days = Some("0".to_owned()))),
        (RETENTION, with(|init| init.retention_days = Some("a year".to_owned()))),
        (PUBLIC_KEY, with(|init| init.public_key = Some("short".to_owned()))),
        (PUBLIC_KEY, with(|init| init.public_key = None)),
        (SECRET_KEY, with(|init| init.secret_key = Some(Secret::new("short".to_owned())))),
        (SECRET_KEY, with(|init| init.secret_key = None)),
    ];
    for (name, init) in cases {
        let message = start(&control, &init, 1).await.unwrap_err().to_string();
        assert!(message.starts_with(name), "{name}: {message}");
    }
    assert!(control.projects().await.unwrap().is_empty());
    assert!(control.organisations().await.unwrap().is_empty());
}
