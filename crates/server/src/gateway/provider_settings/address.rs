//! Where a provider listens.

use http::Uri;
use tracekeep_llm::provider::Kind;

use super::Refused;

const LONGEST: usize = 2_000;

/// An address as its SDKs take it, without a slash at its end.
pub(super) fn checked(url: &str) -> Result<String, Refused> {
    let wrong = |reason: &str| {
        let remedy = "give one such as https://api.example.com/v1";
        Refused::new("base_url", format!("{reason}; {remedy}"))
    };
    if url.len() > LONGEST {
        return Err(wrong(&format!("is longer than {LONGEST} bytes")));
    }
    let uri: Uri = url.parse().map_err(|_| wrong("is no address"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(wrong("begins with neither https:// nor http://"));
    }
    let Some(authority) = uri.authority().filter(|_| uri.host().is_some_and(|h| !h.is_empty()))
    else {
        return Err(wrong("names no host"));
    };
    // What stands before the `@` may be a password, which would be shown with the address.
    if authority.as_str().contains('@') {
        return Err(wrong("holds a user's name; give what it needs as api_key or in headers"));
    }
    if uri.query().is_some() || url.contains('#') {
        return Err(wrong("has a part that begins with ? or #"));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// Bedrock's in a region, which has been checked.
pub(super) fn of_bedrock(region: &str) -> String {
    format!("https://bedrock-runtime.{region}.amazonaws.com")
}

/// A kind that only its user knows the address of, and none was given.
pub(super) fn missing(kind: Kind) -> Refused {
    match kind {
        Kind::Bedrock => Refused::new("region", "is missing; give one such as eu-central-1"),
        Kind::Azure => Refused::new(
            "base_url",
            "is missing; give that of your resource, such as https://name.openai.azure.com",
        ),
        _ => Refused::new("base_url", "is missing; give one such as http://127.0.0.1:8000/v1"),
    }
}
