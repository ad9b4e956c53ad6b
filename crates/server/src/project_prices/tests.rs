#![allow(clippy::unwrap_used)]

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tracekeep_control::{Bootstrap, FreshKeys, Init};

use super::*;

const NOW: i64 = 1_767_225_600_000_000;
const ONE: &str = r#"[{"id":"a","match":"=m","units":{"input":"1"}}]"#;
const OTHER: &str = r#"[{"id":"b","match":"=m","units":{"input":"2"}}]"#;

async fn started() -> (Control, String) {
    let control = Control::open_in_memory().await.unwrap();
    let fresh = FreshKeys::generate(&mut StdRng::seed_from_u64(1));
    match control.bootstrap(&Init::default(), fresh, NOW).await.unwrap() {
        Bootstrap::Created { project, .. } => (control, project.id),
        Bootstrap::Existing => unreachable!("an empty store has no project"),
    }
}

fn table() -> PriceTable {
    PriceTable::new(Arc::new(BookPrices::embedded()))
}

fn ids(settings: &Settings) -> Vec<&str> {
    settings.custom().as_slice().iter().map(|price| price.id.as_str()).collect()
}

#[tokio::test]
async fn what_another_process_changes_is_read() {
    let (control, project) = started().await;
    let table = table();
    table.refresh(&control).await.unwrap();
    let book = table.of(&project).version();
    assert_eq!(book, table.of("other").version());

    control.put_prices(&project, 0, ONE, NOW).await.unwrap().unwrap();
    assert!(ids(&table.get(&project)).is_empty(), "nobody has looked yet");
    table.refresh(&control).await.unwrap();
    assert_eq!(ids(&table.get(&project)), ["a"]);
    assert_ne!(table.of(&project).version(), book);
    assert_eq!(table.of("other").version(), book);

    control.put_prices(&project, 1, "[]", NOW).await.unwrap().unwrap();
    table.refresh(&control).await.unwrap();
    assert_eq!(table.of(&project).version(), book);
}

#[tokio::test]
async fn what_was_read_earlier_does_not_replace_what_is_known() {
    let (control, project) = started().await;
    let table = table();
    let earlier = control.put_prices(&project, 0, ONE, NOW).await.unwrap().unwrap();
    let later = control.put_prices(&project, 1, OTHER, NOW).await.unwrap().unwrap();
    assert_eq!(ids(&table.learn(&later).unwrap()), ["b"]);
    assert_eq!(ids(&table.learn(&earlier).unwrap()), ["b"]);
    assert_eq!(ids(&table.get(&project)), ["b"]);
}

#[tokio::test]
async fn what_cannot_be_read_leaves_what_was_known() {
    let (control, project) = started().await;
    let table = table();
    control.put_prices(&project, 0, ONE, NOW).await.unwrap().unwrap();
    table.refresh(&control).await.unwrap();
    let bad = control.put_prices(&project, 1, r#"[{"id":"a"}]"#, NOW).await.unwrap().unwrap();
    assert!(table.learn(&bad).unwrap_err().contains("match"));
    table.refresh(&control).await.unwrap();
    assert_eq!(ids(&table.get(&project)), ["a"]);
}

#[tokio::test]
async fn a_currency_has_its_dated_rates() {
    let (control, project) = started().await;
    let table = table();
    let rates = r#"[{"from":"2026-01-01","rate":"0.92"},{"from":"2026-02-01","rate":"0.9"}]"#;
    let stored = control.put_currency(&project, Some("EUR"), rates, NOW).await.unwrap();
    let settings = table.learn(&stored).unwrap();
    let display = settings.display.as_ref().unwrap();
    let rate = |at| display.rate_at(Micros::parse(at).unwrap()).map(|rate| rate.to_string());
    assert_eq!(display.currency, "EUR");
    assert_eq!(rate("2025-12-31T23:59:59Z"), None);
    assert_eq!(rate("2026-01-31T00:00:00Z").as_deref(), Some("0.92"));
    assert_eq!(rate("2026-02-01T00:00:00Z").as_deref(), Some("0.9"));
    let stored = control.put_currency(&project, None, "[]", NOW).await.unwrap();
    assert!(table.learn(&stored).unwrap().display.is_none());
}
