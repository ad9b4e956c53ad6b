//! Signs calls to Amazon (Signature Version 4), with Amazon's own crate.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningParams, SigningSettings, sign as sign_request,
};
use aws_sigv4::sign::v4;

/// The last second whose year has four digits, as signatures write it: 9999-12-31T23:59:59Z.
const LAST_SECOND: u64 = 253_402_300_799;

/// Who calls.
#[derive(Clone)]
pub struct Credentials {
    /// The access key's id.
    pub access_key: String,
    /// The access key's secret.
    pub secret_key: String,
    /// What temporary credentials have besides.
    pub session_token: Option<String>,
}

/// What is called.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The whole address, percent-encoded as it is sent.
    pub url: &'a str,
    /// Its headers. `host`, `content-type` and `x-amz-*` are signed; proxies may change the others.
    pub headers: &'a [(&'a str, &'a str)],
    /// Its body.
    pub body: &'a [u8],
}

/// Where a signature holds.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The region, such as `us-east-1`.
    pub region: &'a str,
    /// The service, such as `bedrock`.
    pub service: &'a str,
}

/// A call that cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the call cannot be signed: {0}")]
pub struct Unsignable(String);

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// The headers to send besides: `x-amz-date`, `authorization`, and `x-amz-security-token` for
/// temporary credentials. Amazon takes them for five minutes from `at`.
///
/// # Errors
/// The address has no host, a header is none, or the time is not within years 1970 to 9999.
pub fn sign(
    call: Call<'_>,
    credentials: &Credentials,
    scope: Scope<'_>,
    at: SystemTime,
) -> Result<Vec<(&'static str, String)>, Unsignable> {
    check(call, at)?;
    let identity = aws_credential_types::Credentials::new(
        credentials.access_key.as_str(),
        credentials.secret_key.as_str(),
        credentials.session_token.clone(),
        None,
        "tracekeep",
    )
    .into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.service)
        .time(at)
        .settings(SigningSettings::default())
        .build()
        .map_err(unsignable)?;
    let params = SigningParams::V4(params);
    let headers = call.headers.iter().copied().filter(|(name, _)| is_signed(name));
    let request =
        SignableRequest::new(call.method, call.url, headers, SignableBody::Bytes(call.body));
    let signed = sign_request(request.map_err(unsignable)?, &params).map_err(unsignable)?;
    let (headers, _) = signed.into_parts().0.into_parts();
    Ok(headers.iter().map(|header| (header.name(), header.value().to_owned())).collect())
}

/// Amazon's crate panics where these do not hold.
fn check(call: Call<'_>, at: SystemTime) -> Result<(), Unsignable> {
    let url: http::Uri = call.url.parse().map_err(unsignable)?;
    if url.host().is_none_or(str::is_empty) {
        return Err(Unsignable(format!("its address {:?} has no host", call.url)));
    }
    let since = at.duration_since(SystemTime::UNIX_EPOCH).ok();
    if since.is_none_or(|since| since > Duration::from_secs(LAST_SECOND)) {
        return Err(Unsignable("its time is not within the years 1970 to 9999".to_owned()));
    }
    Ok(())
}

fn is_signed(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "host" | "content-type" => true,
        // The signature brings its own.
        "x-amz-date" | "x-amz-security-token" => false,
        _ => name.starts_with("x-amz-"),
    }
}

/// Amazon's errors say what went wrong in their sources.
fn unsignable(error: impl std::error::Error) -> Unsignable {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    Unsignable(text)
}

#[cfg(test)]
mod tests;
