#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

/// Signatures by botocore: `fixtures/llm/converse/record.py`.
const VECTORS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/llm/sigv4/vectors.json"));

#[derive(Deserialize)]
struct Recorded {
    at: u64,
    access_key: String,
    secret_key: String,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body: String,
    region: String,
    service: String,
    session_token: Option<String>,
    signed: BTreeMap<String, String>,
}

fn credentials(session_token: Option<&str>) -> Credentials {
    Credentials {
        access_key: "AKIDEXAMPLE".into(),
        secret_key: "not-a-secret".into(),
        session_token: session_token.map(Into::into),
    }
}

fn at(second: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(second)
}

fn get(url: &str) -> Call<'_> {
    Call { method: "GET", url, headers: &[], body: &[] }
}

const SCOPE: Scope<'static> = Scope { region: "us-east-1", service: "bedrock" };

#[test]
fn signatures_are_those_of_amazons_own_signer() {
    let recorded: Recorded = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(recorded.vectors.len(), 4);
    for vector in &recorded.vectors {
        let headers: Vec<(&str, &str)> =
            vector.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let call = Call {
            method: &vector.method,
            url: &vector.url,
            headers: &headers,
            body: vector.body.as_bytes(),
        };
        let credentials = Credentials {
            access_key: recorded.access_key.clone(),
            secret_key: recorded.secret_key.clone(),
            session_token: vector.session_token.clone(),
        };
        let scope = Scope { region: &vector.region, service: &vector.service };
        let signed = sign(call, &credentials, scope, at(recorded.at)).unwrap();
        let signed: BTreeMap<String, String> =
            signed.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        assert_eq!(signed, vector.signed, "{}", vector.url);
    }
}

#[test]
fn headers_that_proxies_change_are_not_signed() {
    let headers = [
        ("user-agent", "x"),
        ("connection", "close"),
        ("Content-Type", "application/json"),
        ("accept", "*/*"),
        ("x-amz-date", "forged"),
        ("authorization", "forged"),
    ];
    let call = Call { headers: &headers, ..get("https://example.com/") };
    let signed = sign(call, &credentials(None), SCOPE, at(0)).unwrap();
    let authorization = signed.iter().find(|(name, _)| *name == "authorization").unwrap();
    assert!(authorization.1.contains("SignedHeaders=content-type;host;x-amz-date,"), "{signed:?}");
    let dates: Vec<_> = signed.iter().filter(|(name, _)| *name == "x-amz-date").collect();
    assert_eq!(dates, [&("x-amz-date", "19700101T000000Z".to_owned())]);
}

#[test]
fn what_cannot_be_signed_is_an_error() {
    for url in ["", "/model/a", "not an address", "https://", "https://example.com/ x"] {
        assert!(sign(get(url), &credentials(None), SCOPE, at(0)).is_err(), "{url}");
    }
    let url = "https://example.com/";
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    for time in [before, at(LAST_SECOND + 1)] {
        let error = sign(get(url), &credentials(None), SCOPE, time).unwrap_err();
        assert!(error.to_string().contains("1970"), "{error}");
    }
    assert!(sign(get(url), &credentials(None), SCOPE, at(LAST_SECOND)).is_ok());
    let bad = Call { headers: &[("x-amz-a", "a\nb")], ..get(url) };
    assert!(sign(bad, &credentials(None), SCOPE, at(0)).is_err());
    assert!(sign(get(url), &credentials(Some("a\nb")), SCOPE, at(0)).is_err());
}

#[test]
fn secrets_are_not_shown() {
    let shown = format!("{:?}", credentials(Some("a-token")));
    assert_eq!(shown, "Credentials { access_key: \"AKIDEXAMPLE\", .. }");
}
