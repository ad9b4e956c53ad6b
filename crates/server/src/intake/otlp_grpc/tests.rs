use super::*;

fn answered(refused: Status) -> (Code, String) {
    let response = in_our_words(refused.into_http(), 64 << 20);
    let status = Status::from_header_map(response.headers()).expect("a status");
    (status.code(), status.message().to_owned())
}

#[test]
fn a_message_beyond_the_limit_is_refused_as_over_http() {
    let same = ApiError::too_large(64 << 20).message;
    for status in [
        Status::out_of_range("Error, decoded message length too large"),
        Status::resource_exhausted("Error decompressing: size limit"),
    ] {
        assert_eq!(answered(status), (Code::ResourceExhausted, same.clone()));
    }
    assert!(same.contains("--max-body-mib"), "{same}");
}

#[test]
fn other_refusals_stay_as_they_are() {
    let unknown = Status::unimplemented("Content is compressed with `x`");
    assert_eq!(
        answered(unknown),
        (Code::Unimplemented, "Content is compressed with `x`".to_owned())
    );
}
