//! `[storage]`: where the data is, and when memory becomes segments.

use super::Setting;
use crate::config::kind::Kind;

pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        name: "storage.data",
        variable: "TRACEKEEP_DATA",
        flag: "data",
        default: "./tracekeep-data",
        about: "Folder of all data; made if it is missing.",
        kind: Kind::Folder(|config| &mut config.data),
    },
    Setting {
        name: "storage.seal_mib",
        variable: "TRACEKEEP_SEAL_MIB",
        flag: "seal-mib",
        default: "64",
        about: "Memory that records take, in MiB, at which they are sealed into segments; at three times as much (of 64 at least), requests are refused.",
        kind: Kind::Count { field: |config| &mut config.seal_mib, min: 1, max: 4_096 },
    },
    Setting {
        name: "storage.seal_seconds",
        variable: "TRACEKEEP_SEAL_SECONDS",
        flag: "seal-seconds",
        default: "900",
        about: "Seconds after which anything in memory is sealed into segments.",
        kind: Kind::Count { field: |config| &mut config.seal_seconds, min: 1, max: u32::MAX },
    },
    Setting {
        name: "storage.secret_key",
        variable: "TRACEKEEP_SECRET_KEY",
        flag: "secret-key",
        default: "",
        about: "Key that seals stored credentials, better given by its variable, as other users may see flags; without one, that of the file secret.key in the data folder.",
        kind: Kind::Secret(|config| &mut config.secret_key),
    },
];
