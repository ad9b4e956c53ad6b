//! Which proxy a call of a provider goes through, as the customary variables say it.
//!
//! `HTTPS_PROXY` is for addresses that begin with `https`, `HTTP_PROXY` for the others, `ALL_PROXY` for
//! those that have none of their own; `NO_PROXY` names hosts that are called directly. The names in capitals
//! go before those in small letters, and an empty one counts as not set. What a proxy's address and a host
//! in `NO_PROXY` may look like is hyper-util's: as curl has it.

use http::{HeaderValue, Uri, uri::Scheme};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

/// The proxies that providers are called through. The default: none.
#[derive(Debug, Default)]
pub struct Proxies {
    http: Option<Result<Proxy, String>>,
    https: Option<Result<Proxy, String>>,
    /// Takes all hosts but those that are called directly.
    others: Option<Matcher>,
}

/// One proxy.
#[derive(Clone, Debug)]
pub(super) struct Proxy(Intercept);

impl Proxies {
    /// Those that these variables name.
    #[must_use]
    pub fn of_env(env: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: [&'static str; 2]| {
            names.into_iter().find_map(|name| {
                let value = env(name)?.trim().to_owned();
                (!value.is_empty()).then_some((name, value))
            })
        };
        let all = first(["ALL_PROXY", "all_proxy"]);
        let named = |own: Option<(&'static str, String)>| {
            own.or_else(|| all.clone()).map(|(name, value)| Proxy::read(name, &value))
        };
        let (_, no) = first(["NO_PROXY", "no_proxy"]).unwrap_or_default();
        Self {
            http: named(first(["HTTP_PROXY", "http_proxy"])),
            https: named(first(["HTTPS_PROXY", "https_proxy"])),
            others: Some(Matcher::builder().all("http://any.invalid").no(no).build()),
        }
    }

    /// Why calls fail: variables that name no proxy that can be used, each once, without credentials.
    #[must_use]
    pub fn problems(&self) -> Vec<&str> {
        let named = [&self.https, &self.http].into_iter().flatten();
        let mut problems: Vec<&str> =
            named.filter_map(|named| named.as_ref().err()).map(String::as_str).collect();
        problems.dedup();
        problems
    }

    /// The proxy on the way to `target`, or why there is none that can be used. What cannot be used is not
    /// gone around: whoever has set it does not want calls that leave directly.
    pub(super) fn to(&self, target: &Uri) -> Option<Result<&Proxy, &str>> {
        let of_scheme = match target.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => &self.https,
            _ => &self.http,
        };
        let named = of_scheme.as_ref()?;
        self.others.as_ref()?.intercept(target)?;
        Some(named.as_ref().map_err(String::as_str))
    }

    /// The proxy that is to read requests to `target` and to send them on: only where no tunnel leads
    /// through it.
    pub(super) fn forwarding(&self, target: &Uri) -> Option<&Proxy> {
        let is_tunnelled = target.scheme() == Some(&Scheme::HTTPS);
        self.to(target).filter(|_| !is_tunnelled)?.ok()
    }
}

impl Proxy {
    /// # Errors
    /// It is none, or none that can be used. The text names the variable and no credentials.
    fn read(name: &str, value: &str) -> Result<Self, String> {
        // Any target will do: hyper-util shows what it read only where it would go there.
        let target = Uri::from_static("https://any.invalid");
        let read = Matcher::builder().all(value).build().intercept(&target).map(Self);
        let proxy = read.ok_or_else(|| {
            format!("{name} is not the address of an HTTP proxy; write http://host:port")
        })?;
        match proxy.uri().scheme_str() {
            Some("http" | "https") => Ok(proxy),
            _ => Err(format!(
                "{name} names {}, but SOCKS proxies cannot be used; name an HTTP proxy in \
                 HTTPS_PROXY, or the hosts that are called directly in NO_PROXY",
                proxy.address()
            )),
        }
    }

    pub(super) fn uri(&self) -> &Uri {
        self.0.uri()
    }

    /// What `proxy-authorization` is to say.
    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        self.0.basic_auth()
    }

    /// Where it listens, without credentials.
    pub(super) fn address(&self) -> String {
        let scheme = self.uri().scheme_str().unwrap_or("http");
        let host = self.uri().host().unwrap_or_default();
        let port = self.uri().port_u16().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}://{host}{port}")
    }
}

#[cfg(test)]
mod tests;
