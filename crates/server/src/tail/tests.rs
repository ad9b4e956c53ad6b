use super::*;

fn options(url: &str, trace: Option<&str>) -> Options {
    Options {
        url: url.to_owned(),
        key: Some(Secret::new("sk-tk-test-0000".to_owned())),
        trace: trace.map(str::to_owned),
        json: false,
    }
}

#[test]
fn the_address_is_that_of_the_stream() {
    let url = stream_url(&options("http://127.0.0.1:4000/", None)).unwrap();
    assert_eq!(url.as_str(), "http://127.0.0.1:4000/api/tracing/live/stream");
    let url = stream_url(&options("http://tracekeep.example/below", Some("a b&c"))).unwrap();
    assert_eq!(
        url.as_str(),
        "http://tracekeep.example/below/api/tracing/live/stream?traceId=a+b%26c"
    );
}

#[test]
fn a_wrong_address_is_named_with_its_remedy() {
    for address in ["localhost:4000", "127.0.0.1:4000", "https://tracekeep.example", ""] {
        let error = stream_url(&options(address, None)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("--url {address}:")), "{error}");
        assert!(error.ends_with("such as http://127.0.0.1:4000"), "{error}");
    }
}

#[test]
fn a_missing_key_is_asked_for() {
    for key in [None, Some(Secret::new(String::new()))] {
        let options = Options { key, ..options("http://127.0.0.1:4000", None) };
        let error = Tail::new(&options).err().unwrap().to_string();
        assert!(error.contains("TRACEKEEP_KEY"), "{error}");
    }
}

#[test]
fn pauses_grow_to_ten_seconds_and_no_further() {
    let seconds: Vec<u64> = (0..7).map(|failures| backoff(failures).as_secs()).collect();
    assert_eq!(seconds, [1, 2, 4, 8, 10, 10, 10]);
    assert_eq!(backoff(u32::MAX).as_secs(), 10);
}

#[test]
fn the_same_reason_is_said_once_and_that_it_stays_once() {
    let mut repeats = Repeats::default();
    let mut said = |reason: &str| repeats.words(reason.to_owned(), Duration::from_secs(4));
    assert_eq!(said("refused").as_deref(), Some("refused; trying again in 4 s"));
    assert!(said("refused").unwrap().starts_with("still the same; "));
    for _ in 0..5 {
        assert_eq!(said("refused"), None);
    }
    assert_eq!(said("503").as_deref(), Some("503; trying again in 4 s"));
    assert_eq!(said("refused").as_deref(), Some("refused; trying again in 4 s"));
}
