//! `[demo]`: the traffic of `tracekeep demo`.

use super::Setting;
use crate::config::kind::Kind;

pub(super) const SETTINGS: &[Setting] = &[Setting {
    name: "demo.seed",
    variable: "TRACEKEEP_DEMO_SEED",
    flag: "demo-seed",
    default: "1",
    about: "Seed of the traffic of `tracekeep demo`.",
    kind: Kind::Seed(|config| &mut config.demo_seed),
}];
