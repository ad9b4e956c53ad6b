//! `[tokens]`: the tokens of calls of which nobody counted them.

use super::Setting;
use crate::config::kind::Kind;

pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        name: "tokens.estimate",
        variable: "TRACEKEEP_ESTIMATE_TOKENS",
        flag: "estimate-tokens",
        default: "on",
        about: "Whether tokens are counted of calls whose senders count none.",
        kind: Kind::Switch(|config| &mut config.estimate_tokens),
    },
    Setting {
        name: "tokens.estimate_after_seconds",
        variable: "TRACEKEEP_ESTIMATE_TOKENS_AFTER_SECONDS",
        flag: "estimate-tokens-after-seconds",
        default: "5",
        about: "Seconds after a call's end that its sender's own count may still take.",
        kind: Kind::Count {
            field: |config| &mut config.estimate_tokens_after_seconds,
            min: 1,
            max: 3_600,
        },
    },
];
