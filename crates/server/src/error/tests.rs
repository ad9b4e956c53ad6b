use super::*;

fn storage() -> WriteError {
    let message = "cannot sync /srv/tracekeep-data/journal/0000.wal: no space left on device";
    WriteError::Journal(AppendError::Storage { message: message.to_owned() })
}

#[test]
fn what_is_not_acknowledged_says_so_without_naming_files() {
    let archive =
        ArchiveError::Failed("/srv/tracekeep-data/archive/manifest.json: gone".to_owned());
    for error in [storage(), WriteError::Archive(archive), WriteError::Stopping] {
        let shown = ApiError::from(error.clone());
        assert_eq!(shown.status, StatusCode::SERVICE_UNAVAILABLE, "{error}");
        assert_eq!((shown.code, shown.retry_after), ("not_durable", Some(1)), "{error}");
        assert!(!shown.message.contains('/'), "{}", shown.message);
    }
}

#[test]
fn an_answer_carries_its_error_along() {
    let response = ApiError::parameter("limit", "is `0`").into_response();
    let carried = response.extensions().get::<ApiError>().map(|error| error.message.clone());
    assert_eq!(carried.as_deref(), Some("limit is `0`"));
}

#[test]
fn refusals_of_others_get_our_codes() {
    for (status, code) in [
        (StatusCode::BAD_REQUEST, "invalid_request"),
        (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        (StatusCode::EXPECTATION_FAILED, "refused"),
    ] {
        let error = ApiError::of_status(status, "Service panicked");
        assert_eq!((error.status, error.code), (status, code));
        let is_ours = status.is_server_error();
        assert_eq!(error.message.contains("panicked"), !is_ours, "{}", error.message);
    }
}

#[test]
fn what_is_asked_of_the_control_store_wrongly_is_no_failure_of_it() {
    let what = "provider";
    let name = || "openai".to_owned();
    for (error, status, code) in [
        (
            ControlError::Invalid { field: "name", problem: "is wrong".to_owned() },
            StatusCode::BAD_REQUEST,
            "invalid_field",
        ),
        (ControlError::Unknown { what, name: name() }, StatusCode::NOT_FOUND, "not_found"),
        (ControlError::Taken { what, name: name() }, StatusCode::CONFLICT, "conflict"),
        (ControlError::TooMany { what, most: 1 }, StatusCode::CONFLICT, "conflict"),
        (
            ControlError::DamagedSeal { provider: name() },
            StatusCode::SERVICE_UNAVAILABLE,
            "secret_key",
        ),
    ] {
        let said = error.to_string();
        let shown = ApiError::from(error);
        assert_eq!((shown.status, shown.code), (status, code), "{said}");
    }
}
