//! What the tests of several files start from.
#![allow(clippy::unwrap_used)]

use rand::{SeedableRng, rngs::StdRng};

use crate::{Bootstrap, Control, FreshKeys, Init, KeyPair, Micros, Project};

/// 2026-01-01T00:00:00Z.
pub(crate) const NOW: Micros = 1_767_225_600_000_000;
pub(crate) const SECOND: Micros = 1_000_000;

pub(crate) fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// A store in memory, as after a first start without settings.
pub(crate) async fn started() -> (Control, Project, KeyPair) {
    let control = Control::open_in_memory().await.unwrap();
    let (project, pair) = first_start(&control).await;
    (control, project, pair)
}

/// Bootstraps an empty store without settings.
pub(crate) async fn first_start(control: &Control) -> (Project, KeyPair) {
    let fresh = FreshKeys::generate(&mut rng(1));
    match control.bootstrap(&Init::default(), fresh, NOW).await.unwrap() {
        Bootstrap::Created { project, generated: Some(pair) } => (project, pair),
        other => unreachable!("a first start makes a project and a key, but: {other:?}"),
    }
}
