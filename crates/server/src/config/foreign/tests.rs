use super::*;
use crate::config::sections;

#[test]
fn neighbours_are_known() {
    for name in [
        "TRACEKEEP_LOG",
        "TRACEKEEP_INIT_USER_PASSWORD",
        "TRACEKEEP_SERVICE_HOST",
        "TRACEKEEP_SERVICE_PORT_HTTP",
        "TRACEKEEP_PORT",
        "TRACEKEEP_PORT_4000_TCP_PROTO",
        "TRACEKEEP_OTLP_PORT_4317_TCP",
    ] {
        assert!(is_foreign(name, OsStr::new("tcp://10.0.0.1:4000")), "{name}");
    }
    for name in ["TRACEKEEP_", "TRACEKEEP_LISTENS", "TRACEKEEP_IMPORT_URL", "TRACEKEEP_PORT"] {
        assert!(!is_foreign(name, OsStr::new("4000")), "{name}");
    }
}

#[test]
fn no_setting_is_mistaken_for_one() {
    for setting in sections::all() {
        assert!(!is_foreign(setting.variable, OsStr::new("http://")), "{}", setting.variable);
    }
}
