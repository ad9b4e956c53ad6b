#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn a_key_that_is_brought_goes_to_who_speaks_the_protocol() {
    let addresses = Addresses::of_env(|name| {
        (name == "ANTHROPIC_BASE_URL").then(|| "http://127.0.0.1:7".to_owned())
    });
    let key = [(HeaderName::from_static("x-api-key"), "theirs".to_owned())];
    let none = HeaderMap::new();
    let target = addresses.target(&[], &none, Protocol::Messages, "claude-x", &key).unwrap();
    assert_eq!(target.provider.base_url, "http://127.0.0.1:7");
    assert_eq!(target.brought.unwrap(), key);
    let mut headers = HeaderMap::new();
    headers.insert(PROVIDER, "groq".parse().unwrap());
    let target = addresses.target(&[], &headers, Protocol::ChatCompletions, "x", &key).unwrap();
    assert_eq!(target.provider.name, "groq");
    headers.insert(PROVIDER, "nobody".parse().unwrap());
    assert!(addresses.target(&[], &headers, Protocol::ChatCompletions, "x", &key).is_err());
}
