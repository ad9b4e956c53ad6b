#![allow(clippy::unwrap_used)]

use super::*;
use crate::test_support::{NOW, started};

#[tokio::test]
async fn a_virtual_model_is_made_changed_and_removed() {
    let (control, project, _) = started().await;
    let made = control.put_virtual_model(&project.id, "smart", "{\"a\":1}", NOW).await.unwrap();
    assert_eq!((made.created_at, made.updated_at), (NOW, NOW));
    control.put_virtual_model(&project.id, "smart", "{\"a\":2}", NOW + 1).await.unwrap();
    control.put_virtual_model(&project.id, "cheap", "{}", NOW).await.unwrap();

    let found = control.virtual_model(&project.id, "smart").await.unwrap().unwrap();
    assert_eq!(found.definition, "{\"a\":2}");
    assert_eq!((found.created_at, found.updated_at), (NOW, NOW + 1));
    let names: Vec<String> = control
        .virtual_models(&project.id)
        .await
        .unwrap()
        .into_iter()
        .map(|model| model.name)
        .collect();
    assert_eq!(names, ["cheap", "smart"]);
    assert!(control.virtual_models("other").await.unwrap().is_empty());

    assert!(control.delete_virtual_model("other", "smart").await.is_err());
    control.delete_virtual_model(&project.id, "smart").await.unwrap();
    let error = control.delete_virtual_model(&project.id, "smart").await.unwrap_err();
    assert!(error.to_string().starts_with("there is no virtual model \"smart\""), "{error}");
}

#[tokio::test]
async fn names_are_checked() {
    let (control, project, _) = started().await;
    for name in ["", "a/b", "a b", "ä", &"a".repeat(101)] {
        let error = control.put_virtual_model(&project.id, name, "{}", NOW).await;
        assert!(matches!(error, Err(ControlError::Invalid { field: "name", .. })), "{name}");
    }
    control.put_virtual_model(&project.id, "gpt-5.1:fast_2", "{}", NOW).await.unwrap();
    let error = control.put_virtual_model("nowhere", "a", "{}", NOW).await;
    assert!(matches!(error, Err(ControlError::UnknownProject(_))));
}
