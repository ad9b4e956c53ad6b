//! `[privacy]`: what is not written.

use super::Setting;
use crate::config::kind::Kind;

pub(super) const SETTINGS: &[Setting] = &[Setting {
    name: "privacy.masking",
    variable: "TRACEKEEP_MASKING",
    flag: "masking",
    default: "on",
    about: "Whether sensitive data is masked before it is written.",
    kind: Kind::Switch(|config| &mut config.masking),
}];
