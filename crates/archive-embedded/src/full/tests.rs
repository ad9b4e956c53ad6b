use super::*;

#[test]
fn a_trace_is_full_in_its_project_until_it_is_no_longer() {
    let traces = FullTraces::default();
    traces.note("p", "t", Some(Full::Spans(5)));
    traces.note("p", "u", Some(Full::Bytes(256 << 20)));
    traces.note("q", "t", Some(Full::Spans(7)));
    assert_eq!(traces.get("p", "t"), Some(Full::Spans(5)));
    assert_eq!(traces.get("q", "t"), Some(Full::Spans(7)));
    assert_eq!((traces.get("q", "u"), traces.get("r", "t")), (None, None));
    traces.note("p", "t", None);
    traces.note("r", "t", None);
    assert_eq!(traces.get("p", "t"), None);
    traces.forget("q");
    assert_eq!((traces.get("q", "t"), traces.get("p", "u")), (None, Some(Full::Bytes(256 << 20))));
    traces.forget("p");
    assert_eq!(traces.count.load(Ordering::Relaxed), 0);
}

#[test]
fn the_reason_goes_on_with_a_sentence() {
    assert_eq!(Full::Spans(100_013).to_string(), "has 100013 spans");
    assert_eq!(Full::Bytes((256 << 20) + 7).to_string(), "takes 256 MiB of memory");
}
