use super::*;

fn link(pairs: &[(&str, &str)]) -> Option<String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let pairs: Vec<(String, String)> = pairs.iter().map(owned).collect();
    let link = next_link(&pairs, "next_1")?;
    Some(link.to_str().expect("it is ASCII").to_owned())
}

#[test]
fn a_link_is_the_same_request_with_another_cursor() {
    let pairs = [("cursor", "old"), ("name", "ü >&"), ("offset", "4"), ("limit", "2")];
    let expected = "</api/tracing/list?name=%C3%BC%20%3E%26&limit=2&cursor=next_1>; rel=\"next\"";
    assert_eq!(link(&pairs).as_deref(), Some(expected));
    let expected = "</api/tracing/list?cursor=next_1>; rel=\"next\"";
    assert_eq!(link(&[]).as_deref(), Some(expected));
}

#[test]
fn a_link_is_no_longer_than_a_header_may_be() {
    let rest = "</api/tracing/list?search=&cursor=next_1>; rel=\"next\"".len();
    let fits = "x".repeat(LONGEST_LINK - rest);
    assert_eq!(link(&[("search", &fits)]).map(|link| link.len()), Some(LONGEST_LINK));
    assert_eq!(link(&[("search", &format!("{fits}x"))]), None);
}
