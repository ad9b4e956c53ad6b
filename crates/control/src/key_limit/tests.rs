#![allow(clippy::unwrap_used)]

use super::*;
use crate::test_support::{NOW, started};

fn limits() -> KeyLimits {
    KeyLimits {
        requests_per_minute: Some(60),
        tokens_per_minute: None,
        budget: Some(Budget { amount: "12.50".to_owned(), period: Period::Month }),
    }
}

#[tokio::test]
async fn limits_are_set_whole_and_taken_away() {
    let (control, project, pair) = started().await;
    let key_id = control.list_keys(&project.id).await.unwrap().remove(0).id;
    assert_eq!(control.key_id(&project.id, pair.public()).await.unwrap(), key_id);
    let of = async || control.limits_of_key(&key_id).await.unwrap();
    assert_eq!(of().await, KeyLimits::default());

    let set = control.set_key_limits(&project.id, pair.public(), &limits(), NOW).await;
    assert_eq!(set.unwrap(), key_id);
    assert_eq!(of().await, limits());
    assert_eq!(control.limits_of_key("absent").await.unwrap(), KeyLimits::default());

    let other = KeyLimits { tokens_per_minute: Some(1), ..KeyLimits::default() };
    control.set_key_limits(&project.id, pair.public(), &other, NOW).await.unwrap();
    assert_eq!(of().await, other);

    let deleted = control.delete_key_limits(&project.id, pair.public()).await;
    assert_eq!(deleted.unwrap(), key_id);
    control.delete_key_limits(&project.id, pair.public()).await.unwrap();
    assert_eq!(of().await, KeyLimits::default());
}

#[tokio::test]
async fn a_limit_is_at_least_one() {
    let (control, project, pair) = started().await;
    for limit in [0, -1] {
        let wrong = KeyLimits { requests_per_minute: Some(limit), ..KeyLimits::default() };
        let error = control.set_key_limits(&project.id, pair.public(), &wrong, NOW).await;
        let error = error.unwrap_err().to_string();
        assert!(error.starts_with(&format!("requests_per_minute is {limit}: ")), "{error}");
    }
}

#[tokio::test]
async fn a_project_cannot_limit_anothers_key() {
    let (control, project, pair) = started().await;
    for (project_id, public_key) in [("other", pair.public()), (project.id.as_str(), "pk-absent")] {
        let set = control.set_key_limits(project_id, public_key, &limits(), NOW).await;
        assert!(matches!(set, Err(ControlError::Unknown { what: "key", .. })));
        assert!(control.key_id(project_id, public_key).await.is_err());
        assert!(control.delete_key_limits(project_id, public_key).await.is_err());
    }
}

#[test]
fn periods_have_names() {
    for period in Period::ALL {
        assert_eq!(Period::of(period.as_str()), Some(period));
    }
    assert_eq!(Period::of("year"), None);
}
