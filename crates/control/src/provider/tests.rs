#![allow(clippy::unwrap_used)]

use super::*;
use crate::{
    MasterKey, Project,
    test_support::{NOW, rng, started},
};

const KEY: &str = "sk-proj-0123456789";
const HEADER: &str = "org-secret-7";

fn vault() -> Vault {
    Vault::new(MasterKey::generate(&mut rng(7)))
}

fn fresh(seed: u64) -> FreshProvider {
    FreshProvider::generate(&mut rng(seed))
}

fn credential(secret: &str) -> ProviderCredential {
    let secret = Secret::new(secret.to_owned());
    ProviderCredential { hint: secret.hint().to_owned(), secret }
}

fn headers() -> ProviderHeaders {
    ProviderHeaders {
        names: r#"["x-org"]"#.to_owned(),
        secret: Secret::new(format!(r#"{{"x-org":"{HEADER}"}}"#)),
    }
}

fn new(name: &str) -> NewProvider {
    NewProvider {
        name: name.to_owned(),
        kind: "openai".to_owned(),
        base_url: None,
        api_version: None,
        models: "[]".to_owned(),
        headers: Some(headers()),
        credential: Some(credential(KEY)),
    }
}

async fn with_one() -> (Control, Project, StoredProvider) {
    let (control, project, _) = started().await;
    let made = control.create_provider(&project.id, new("openai"), &vault(), fresh(1), NOW).await;
    (control, project, made.unwrap())
}

#[tokio::test]
async fn a_provider_is_kept_sealed_and_opens() {
    let (control, project, made) = with_one().await;
    assert_eq!((made.hint.as_str(), made.header_names.as_str()), ("6789", r#"["x-org"]"#));
    let found = control.provider(&project.id, "openai").await.unwrap().unwrap();
    assert_eq!(found, made);
    assert_eq!(control.providers(&project.id).await.unwrap(), [made]);
    assert!(control.providers("other").await.unwrap().is_empty());

    let opened = vault().open_provider(&found).unwrap();
    assert_eq!(opened.credential.as_ref().unwrap().expose(), KEY);
    assert_eq!(opened.headers.as_ref().unwrap().expose(), headers().secret.expose());
    let shown = format!("{found:?} {opened:?} {:?}", new("openai"));
    assert!(!shown.contains(KEY) && !shown.contains(HEADER), "{shown}");
}

#[tokio::test]
async fn the_file_holds_no_secret_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let control = Control::open(&folder.path().join("control.db")).await.unwrap();
    let (project, _) = crate::test_support::first_start(&control).await;
    control.create_provider(&project.id, new("openai"), &vault(), fresh(1), NOW).await.unwrap();
    control.close().await;
    let bytes = std::fs::read(folder.path().join("control.db")).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("x-org"), "the provider is in the file");
    assert!(!holds(KEY) && !holds(HEADER));
}

#[tokio::test]
async fn a_sealed_credential_opens_in_its_own_row_only() {
    let (control, project, _) = with_one().await;
    control.create_provider(&project.id, new("other"), &vault(), fresh(2), NOW).await.unwrap();
    let sql = "UPDATE providers SET sealed_credential =
                   (SELECT sealed_credential FROM providers WHERE name = 'openai')
               WHERE name = 'other'";
    sqlx::query::<Sqlite>(sql).execute(&control.pool).await.unwrap();
    let moved = control.provider(&project.id, "other").await.unwrap().unwrap();
    let error = vault().open_provider(&moved).unwrap_err();
    assert!(matches!(error, ControlError::DamagedSeal { provider } if provider == "other"));
}

#[tokio::test]
async fn without_its_key_a_provider_is_listed_and_does_not_open() {
    let (control, project, _) = with_one().await;
    let stored = control.providers(&project.id).await.unwrap().remove(0);
    let other = Vault::new(MasterKey::generate(&mut rng(8)));
    let error = other.open_provider(&stored).unwrap_err();
    assert!(matches!(error, ControlError::OtherSecretKey { .. }), "{error}");
    // What has no secret needs no key.
    let bare = NewProvider { headers: None, credential: None, ..new("ollama") };
    let bare = control.create_provider(&project.id, bare, &other, fresh(3), NOW).await.unwrap();
    assert!(!bare.has_credential());
    let opened = other.open_provider(&bare).unwrap();
    assert_eq!(opened, OpenedProvider { credential: None, headers: None });
}

#[tokio::test]
async fn names_are_checked_and_unique_in_their_project() {
    let (control, project, _) = with_one().await;
    let vault = vault();
    for name in ["", "demo", "OpenAI", "open ai", "open/ai", &"a".repeat(51)] {
        let made = control.create_provider(&project.id, new(name), &vault, fresh(2), NOW).await;
        assert!(matches!(made, Err(ControlError::Invalid { field: "name", .. })), "{name}");
    }
    let again = control.create_provider(&project.id, new("openai"), &vault, fresh(2), NOW).await;
    assert!(matches!(again, Err(ControlError::Taken { .. })));
    let longest = "a".repeat(50);
    control.create_provider(&project.id, new(&longest), &vault, fresh(3), NOW).await.unwrap();
    let nowhere = control.create_provider("nowhere", new("x"), &vault, fresh(4), NOW).await;
    assert!(matches!(nowhere, Err(ControlError::UnknownProject(_))));
}

#[tokio::test]
async fn a_change_leaves_what_it_does_not_name() {
    let (control, project, made) = with_one().await;
    let change = ProviderChange {
        base_url: Some(Some("https://x.example".to_owned())),
        credential: Some(Some(credential("sk-proj-abcdefghijkl"))),
        ..ProviderChange::default()
    };
    let changed = control
        .update_provider(&project.id, "openai", change, &vault(), fresh(2), NOW + 1)
        .await
        .unwrap();
    assert_eq!(changed.base_url.as_deref(), Some("https://x.example"));
    assert_eq!((changed.hint.as_str(), changed.updated_at), ("ijkl", NOW + 1));
    assert_eq!((&changed.id, changed.created_at), (&made.id, NOW));
    let opened = vault().open_provider(&changed).unwrap();
    assert_eq!(opened.credential.unwrap().expose(), "sk-proj-abcdefghijkl");
    assert_eq!(opened.headers.unwrap().expose(), headers().secret.expose());

    let clear = ProviderChange {
        base_url: Some(None),
        credential: Some(None),
        headers: Some(None),
        ..ProviderChange::default()
    };
    control
        .update_provider(&project.id, "openai", clear, &vault(), fresh(3), NOW + 2)
        .await
        .unwrap();
    let found = control.provider(&project.id, "openai").await.unwrap().unwrap();
    assert_eq!((found.base_url.as_deref(), found.hint.as_str()), (None, ""));
    assert_eq!((found.has_credential(), found.header_names.as_str()), (false, "[]"));
}

#[tokio::test]
async fn a_project_reaches_its_own_providers_only() {
    let (control, project, _) = with_one().await;
    let change = ProviderChange::default();
    let changed = control.update_provider("other", "openai", change, &vault(), fresh(2), NOW).await;
    assert!(matches!(changed, Err(ControlError::Unknown { .. })));
    let deleted = control.delete_provider("other", "openai").await;
    assert!(matches!(deleted, Err(ControlError::Unknown { .. })));
    assert_eq!(control.provider("other", "openai").await.unwrap(), None);

    control.delete_provider(&project.id, "openai").await.unwrap();
    let error = control.delete_provider(&project.id, "openai").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no provider \"openai\" in this project; list them to find its name"
    );
}

#[tokio::test]
async fn a_project_has_so_many_providers_and_no_more() {
    let (control, project, _) = with_one().await;
    for n in 1..MOST {
        let name = format!("p{n}");
        let seed = u64::try_from(n).unwrap() + 100;
        let made =
            control.create_provider(&project.id, new(&name), &vault(), fresh(seed), NOW).await;
        made.unwrap();
    }
    let beyond = control.create_provider(&project.id, new("one"), &vault(), fresh(5), NOW).await;
    assert!(matches!(beyond, Err(ControlError::TooMany { most: MOST, .. })));
}
