use super::*;

#[test]
fn edits_are_counted() {
    for (from, to, edits) in
        [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ä", "a", 1)]
    {
        assert_eq!(distance(from, to), edits, "{from} {to}");
    }
}

#[test]
fn a_slip_finds_what_was_meant() {
    for (given, meant) in [
        ("server.lisen", "server.listen"),
        ("listen", "server.listen"),
        ("storage.listen", "server.listen"),
        ("limits.max_body_mb", "limits.max_body_mib"),
        ("storage.seal_secs", "storage.seal_seconds"),
        ("masking", "privacy.masking"),
        ("server.otlp-grpc", "server.otlp_grpc"),
        ("privacy.masking.emails", "privacy.masking"),
        ("provider", "providers"),
    ] {
        assert_eq!(key(given), meant, "{given}");
    }
    for (given, meant) in [
        ("sever", "server"),
        ("Storage", "storage"),
        ("limit", "limits"),
        ("provider", "providers"),
    ] {
        assert_eq!(section(given), meant, "{given}");
    }
    for (given, meant) in [
        ("TRACEKEEP_LISTENS", "TRACEKEEP_LISTEN"),
        ("TRACEKEEP_SEAL_MB", "TRACEKEEP_SEAL_MIB"),
        ("TRACEKEEP_LOGS", "TRACEKEEP_LOG"),
    ] {
        assert_eq!(variable(given), meant, "{given}");
    }
}
