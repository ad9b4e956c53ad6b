#![allow(clippy::unwrap_used)]

use super::*;

fn of(variables: &[(&str, &str)]) -> Proxies {
    Proxies::of_env(|name| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

/// The address of the proxy on the way, `direct`, or the problem.
fn way(proxies: &Proxies, target: &'static str) -> String {
    match proxies.to(&Uri::from_static(target)) {
        None => "direct".to_owned(),
        Some(Ok(proxy)) => proxy.address(),
        Some(Err(problem)) => problem.to_owned(),
    }
}

#[test]
fn each_scheme_has_its_proxy_and_all_proxy_stands_in() {
    let both = of(&[("HTTPS_PROXY", "http://secure:1"), ("HTTP_PROXY", "http://plain:2")]);
    assert_eq!(way(&both, "https://api.openai.com/v1"), "http://secure:1");
    assert_eq!(way(&both, "http://10.0.0.5:8000/v1"), "http://plain:2");
    let one = of(&[("https_proxy", "secure:1")]);
    assert_eq!(way(&one, "https://api.openai.com/v1"), "http://secure:1");
    assert_eq!(way(&one, "http://10.0.0.5:8000/v1"), "direct");
    let rest = of(&[("HTTPS_PROXY", "https://secure"), ("all_proxy", "http://[::1]:3128/")]);
    assert_eq!(way(&rest, "https://api.openai.com/v1"), "https://secure");
    assert_eq!(way(&rest, "http://10.0.0.5:8000/v1"), "http://[::1]:3128");
    assert_eq!(way(&Proxies::default(), "https://api.openai.com/v1"), "direct");
}

#[test]
fn capitals_go_before_small_letters_and_an_empty_variable_is_not_set() {
    let both = of(&[("HTTP_PROXY", "http://capital"), ("http_proxy", "http://small")]);
    assert_eq!(way(&both, "http://target"), "http://capital");
    let empty = of(&[("HTTP_PROXY", " "), ("http_proxy", "http://small"), ("ALL_PROXY", "")]);
    assert_eq!(way(&empty, "http://target"), "http://small");
    assert_eq!(way(&empty, "https://target"), "direct");
}

#[test]
fn no_proxy_names_hosts_networks_and_domains() {
    let proxies = of(&[
        ("ALL_PROXY", "http://proxy:3128"),
        ("no_proxy", "localhost, 127.0.0.1,10.0.0.0/8,.house.example,::1"),
    ]);
    for target in [
        "http://localhost:11434/v1",
        "http://127.0.0.1:8000/v1",
        "http://[::1]:8000/v1",
        "http://10.1.2.3/v1",
        "https://models.house.example/v1",
    ] {
        assert_eq!(way(&proxies, target), "direct", "{target}");
    }
    for target in ["http://127.0.0.2/v1", "https://lighthouse.example/v1", "https://[::2]/v1"] {
        assert_eq!(way(&proxies, target), "http://proxy:3128", "{target}");
    }
    let none = of(&[("ALL_PROXY", "http://proxy:3128"), ("NO_PROXY", "*")]);
    assert_eq!(way(&none, "https://api.openai.com/v1"), "direct");
}

#[test]
fn loop_back_goes_through_the_proxy_unless_no_proxy_names_it() {
    let proxies = of(&[("HTTP_PROXY", "http://proxy:3128")]);
    assert_eq!(way(&proxies, "http://127.0.0.1:11434/v1"), "http://proxy:3128");
    assert_eq!(way(&proxies, "http://localhost:11434/v1"), "http://proxy:3128");
}

#[test]
fn credentials_are_for_the_proxy_and_are_not_shown() {
    let proxies = of(&[("ALL_PROXY", "http://user:p%40ss@proxy:3128")]);
    let proxy = proxies.to(&Uri::from_static("https://target")).unwrap().unwrap();
    assert_eq!(proxy.authorization().unwrap(), "Basic dXNlcjpwQHNz");
    assert_eq!(proxy.address(), "http://proxy:3128");
    let shown = format!("{proxies:?}");
    assert!(!shown.contains("p%40ss") && !shown.contains("dXNlcjpwQHNz"), "{shown}");
}

/// Through a tunnel the target reads what is sent: a header for the proxy would be the target's.
#[test]
fn a_request_is_the_proxy_s_to_read_only_without_a_tunnel() {
    let proxies = of(&[("ALL_PROXY", "http://user:secret@proxy:3128"), ("NO_PROXY", "near")]);
    let forwarding = |target: &'static str| proxies.forwarding(&Uri::from_static(target));
    assert!(forwarding("http://target/v1").is_some());
    assert!(forwarding("https://target/v1").is_none());
    assert!(forwarding("http://near/v1").is_none());
}

#[test]
fn what_cannot_be_used_is_a_problem_and_never_gone_around() {
    let socks = of(&[("ALL_PROXY", "socks5h://user:secret@proxy:1080"), ("NO_PROXY", "near")]);
    let [problem] = socks.problems()[..] else { panic!("{socks:?}") };
    assert!(problem.starts_with("ALL_PROXY names socks5h://proxy:1080, but SOCKS"), "{problem}");
    assert!(!problem.contains("secret"), "{problem}");
    assert_eq!(way(&socks, "https://api.openai.com/v1"), problem);
    assert_eq!(way(&socks, "http://near/v1"), "direct");
    for value in ["ftp://user:secret@proxy", "not an address secret", "http://"] {
        let proxies = of(&[("HTTPS_PROXY", value), ("ALL_PROXY", "http://proxy")]);
        let [problem] = proxies.problems()[..] else { panic!("{value}: {proxies:?}") };
        assert!(problem.starts_with("HTTPS_PROXY is not the address"), "{problem}");
        assert!(!problem.contains("secret"), "{problem}");
        assert_eq!(way(&proxies, "https://api.openai.com/v1"), problem);
        assert_eq!(way(&proxies, "http://10.0.0.5/v1"), "http://proxy");
    }
    let two = of(&[("HTTPS_PROXY", "ftp://proxy"), ("HTTP_PROXY", "socks4://proxy")]);
    assert_eq!(two.problems().len(), 2);
    assert!(of(&[("HTTPS_PROXY", "http://proxy")]).problems().is_empty());
}
