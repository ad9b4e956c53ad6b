#![allow(clippy::unwrap_used)]

use super::*;
use crate::test_support::{NOW, started};

#[tokio::test]
async fn prices_and_currency_are_set_apart_and_every_change_has_its_revision() {
    let (control, project, _) = started().await;
    let unset = control.price_settings(&project.id).await.unwrap();
    assert_eq!((unset.revision, &*unset.prices, &*unset.rates), (0, "[]", "[]"));
    assert_eq!((unset.prices_updated_at, unset.currency_updated_at), (None, None));
    assert!(control.price_revisions().await.unwrap().is_empty());

    let set = control.put_prices(&project.id, 0, "[1]", NOW).await.unwrap().unwrap();
    assert_eq!((set.revision, set.prices_updated_at), (1, Some(NOW)));
    let set = control.put_currency(&project.id, Some("EUR"), "[2]", NOW + 1).await.unwrap();
    assert_eq!(control.price_settings(&project.id).await.unwrap(), set);
    assert_eq!((set.revision, &*set.prices, &*set.rates), (2, "[1]", "[2]"));
    assert_eq!((set.prices_updated_at, set.currency_updated_at), (Some(NOW), Some(NOW + 1)));
    assert_eq!(control.price_revisions().await.unwrap(), [(project.id.clone(), 2)]);

    let dollars = control.put_currency(&project.id, None, "[]", NOW + 2).await.unwrap();
    assert_eq!((dollars.revision, dollars.currency, &*dollars.prices), (3, None, "[1]"));
}

#[tokio::test]
async fn of_two_who_read_the_same_prices_one_changes_them() {
    let (control, project, _) = started().await;
    control.put_prices(&project.id, 0, "[1]", NOW).await.unwrap().unwrap();
    assert_eq!(control.put_prices(&project.id, 0, "[2]", NOW).await.unwrap(), None);
    assert_eq!(control.price_settings(&project.id).await.unwrap().prices, "[1]");
    assert!(control.put_prices(&project.id, 1, "[3]", NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn there_are_no_prices_of_no_project() {
    let (control, ..) = started().await;
    let error = control.put_prices("nowhere", 0, "[]", NOW).await;
    assert!(matches!(error, Err(ControlError::UnknownProject(_))));
    let error = control.put_currency("nowhere", None, "[]", NOW).await;
    assert!(matches!(error, Err(ControlError::UnknownProject(_))));
    assert_eq!(control.price_settings("nowhere").await.unwrap().revision, 0);
}
