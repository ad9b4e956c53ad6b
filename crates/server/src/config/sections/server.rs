//! `[server]`: where it listens.

use super::Setting;
use crate::config::kind::Kind;

pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        name: "server.listen",
        variable: "TRACEKEEP_LISTEN",
        flag: "listen",
        default: "127.0.0.1:4000",
        about: "Address of the API, the UI and OTLP over HTTP.",
        kind: Kind::Address(|config| &mut config.listen),
    },
    Setting {
        name: "server.otlp_grpc",
        variable: "TRACEKEEP_OTLP_GRPC",
        flag: "otlp-grpc",
        default: "127.0.0.1:4317",
        about: "Address of OTLP over gRPC.",
        kind: Kind::Address(|config| &mut config.otlp_grpc),
    },
];
