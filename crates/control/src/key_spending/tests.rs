#![allow(clippy::unwrap_used)]

use super::*;
use crate::test_support::{NOW, first_start, started};

const CENT: i128 = PER_DOLLAR / 100;

fn spent(key_id: &str, day: i64, amount: i128) -> Spent {
    Spent { key_id: key_id.to_owned(), day, amount }
}

async fn key_of(control: &Control, project_id: &str) -> String {
    control.list_keys(project_id).await.unwrap().remove(0).id
}

#[tokio::test]
async fn amounts_add_up_exactly_by_day() {
    let (control, project, _) = started().await;
    let key = key_of(&control, &project.id).await;
    assert_eq!(control.key_spending(&key, 0..1_000).await.unwrap(), 0);
    let all =
        [spent(&key, 100, 99 * CENT + 1), spent(&key, 100, CENT), spent(&key, 101, 3 * PER_DOLLAR)];
    control.add_key_spending(&all, NOW).await.unwrap();
    control.add_key_spending(&all, NOW).await.unwrap();
    let sum = async |days| control.key_spending(&key, days).await.unwrap();
    assert_eq!(sum(100..101).await, 2 * PER_DOLLAR + 2);
    assert_eq!(sum(101..102).await, 6 * PER_DOLLAR);
    assert_eq!(sum(100..102).await, 8 * PER_DOLLAR + 2);
    assert_eq!(sum(102..200).await, 0);
    assert_eq!(control.key_spending("absent", 0..1_000).await.unwrap(), 0);
}

#[tokio::test]
async fn more_than_one_number_of_the_table_holds_is_exact() {
    let (control, project, _) = started().await;
    let key = key_of(&control, &project.id).await;
    // Above what i64 holds in these units, which is some nine million dollars.
    let much = spent(&key, 1, 1_000_000_000 * PER_DOLLAR + 999_999_999_999);
    control.add_key_spending(&[much.clone(), much], NOW).await.unwrap();
    let sum = control.key_spending(&key, 1..2).await.unwrap();
    assert_eq!(sum, 2_000_000_001 * PER_DOLLAR + 999_999_999_998);
}

#[tokio::test]
async fn what_is_added_is_there_after_a_restart_and_of_two_handles_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("control.db");
    let first = Control::open(&path).await.unwrap();
    let (project, _) = first_start(&first).await;
    let key = key_of(&first, &project.id).await;
    let second = Control::open(&path).await.unwrap();
    first.add_key_spending(&[spent(&key, 7, CENT)], NOW).await.unwrap();
    second.add_key_spending(&[spent(&key, 7, 2 * CENT)], NOW).await.unwrap();
    assert_eq!(first.key_spending(&key, 7..8).await.unwrap(), 3 * CENT);
    first.close().await;
    second.close().await;
    let again = Control::open(&path).await.unwrap();
    assert_eq!(again.key_spending(&key, 7..8).await.unwrap(), 3 * CENT);
}

#[tokio::test]
async fn two_months_are_kept_of_each_key() {
    let (control, project, _) = started().await;
    let key = key_of(&control, &project.id).await;
    let add = async |day| control.add_key_spending(&[spent(&key, day, CENT)], NOW).await.unwrap();
    add(1_000).await;
    add(1_000 + KEPT_DAYS).await;
    assert_eq!(control.key_spending(&key, 0..2_000).await.unwrap(), 2 * CENT);
    add(1_001 + KEPT_DAYS).await;
    assert_eq!(control.key_spending(&key, 0..2_000).await.unwrap(), 2 * CENT);
    assert_eq!(control.key_spending(&key, 1_000..1_001).await.unwrap(), 0);
}

#[tokio::test]
async fn of_several_all_are_added_or_none() {
    let (control, project, _) = started().await;
    let key = key_of(&control, &project.id).await;
    let all = [spent(&key, 1, CENT), spent("absent", 1, CENT)];
    let error = control.add_key_spending(&all, NOW).await.unwrap_err();
    assert!(matches!(error, ControlError::Database(_)), "{error}");
    assert_eq!(control.key_spending(&key, 0..2).await.unwrap(), 0);
}

#[test]
fn an_amount_that_is_none_changes_nothing() {
    assert_eq!(split(-1), (0, 0));
    assert_eq!(split(i128::MAX), (MOST_DOLLARS, 0));
    assert_eq!(split(PER_DOLLAR + 5), (1, 5));
}
