//! Which bucket, and how it is reached: the address on the command line, the rest from the usual variables of the environment.

use std::{net::IpAddr, time::Duration};

use axum::http::Uri;
use guichet_api::Problem;
use rusty_s3::{Bucket, Credentials, UrlStyle};
use ureq::{
    Agent,
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

use super::problems;

/// Where packages are kept: `s3://BUCKET[/PREFIX]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub(super) bucket: String,
    /// Ends with `/` unless it is empty.
    pub(super) prefix: String,
}

/// How long what is asked of a bucket may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// To connect, and for each piece that is sent or received.
    pub piece: Duration,
    /// Until an answer to a whole request begins.
    pub answer: Duration,
    /// How often something is tried before it has failed.
    pub tries: u32,
    /// Before the second time; each later pause is twice as long.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { piece: seconds(20), answer: seconds(60), tries: 3, pause: Duration::from_millis(200) }
    }
}

/// Everything that a request needs.
pub(super) struct Access {
    pub(super) bucket: Bucket,
    pub(super) key: Credentials,
    pub(super) agent: Agent,
}

impl Address {
    /// Reads an address; none if it is of anything else, or of names that not every server takes.
    pub fn parse(text: &str) -> Option<Self> {
        let place = text.strip_prefix("s3://")?;
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let is_bucket = (3..=63).contains(&bucket.len())
            && bucket.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'))
            && is_end(bucket.as_bytes().first())
            && is_end(bucket.as_bytes().last());
        let prefix = prefix.trim_end_matches('/');
        let is_name = |name: &str| {
            let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            !name.is_empty() && !name.starts_with('.') && name.bytes().all(is_safe)
        };
        let is_prefix = prefix.len() <= 512 && (prefix.is_empty() || prefix.split('/').all(is_name));
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        (is_bucket && is_prefix).then(|| Self { bucket: bucket.to_owned(), prefix })
    }

    /// As it is named in messages.
    pub fn shown(&self) -> String {
        let (bucket, prefix) = (&self.bucket, self.prefix.trim_end_matches('/'));
        if prefix.is_empty() { format!("s3://{bucket}") } else { format!("s3://{bucket}/{prefix}") }
    }

    pub(super) fn access(
        &self,
        environment: impl Fn(&str) -> Option<String>,
        patience: &Patience,
    ) -> Result<Access, Box<Problem>> {
        let set = |name: &str| environment(name).filter(|value| !value.is_empty());
        let is_true = |name: &str| set(name).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1");
        let (Some(id), Some(secret)) = (set("AWS_ACCESS_KEY_ID"), set("AWS_SECRET_ACCESS_KEY")) else {
            return Err(problems::no_key().into());
        };
        let key = match set("AWS_SESSION_TOKEN") {
            Some(token) => Credentials::new_with_token(id, secret, token),
            None => Credentials::new(id, secret),
        };
        let own = set("AWS_ENDPOINT_URL_S3").or_else(|| set("AWS_ENDPOINT_URL"));
        let region = set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION"));
        let region = match (region, &own) {
            (Some(region), _) => region,
            // What stands in a cellar has no region, and calls it so.
            (None, Some(_)) => "us-east-1".to_owned(),
            (None, None) => return Err(problems::no_region().into()),
        };
        let endpoint = own.clone().unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        guard(&endpoint, is_true("AWS_ALLOW_HTTP"))?;
        let by_path = (own.is_some() || self.bucket.contains('.')) && !is_true("AWS_VIRTUAL_HOSTED_STYLE_REQUEST");
        let style = if by_path { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let parsed = endpoint.parse().map_err(|_| problems::bad_endpoint(&endpoint))?;
        let bucket = Bucket::new(parsed, style, self.bucket.clone(), region);
        let bucket = bucket.map_err(|_| problems::bad_endpoint(&endpoint))?;
        let roots = set("AWS_CA_BUNDLE").map(|path| roots(&path)).transpose()?;
        Ok(Access { bucket, key, agent: agent(roots, patience) })
    }
}

/// Over a network what is kept is sent by TLS, unless the operator says otherwise.
fn guard(endpoint: &str, may_be_plain: bool) -> Result<(), Box<Problem>> {
    let bad = || Box::new(problems::bad_endpoint(endpoint));
    let uri: Uri = endpoint.parse().map_err(|_| bad())?;
    let host = uri.host().ok_or_else(bad)?;
    let address: Option<IpAddr> = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
    let is_here = host == "localhost" || address.is_some_and(|address| address.is_loopback());
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) || uri.query().is_some() {
        return Err(bad());
    }
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if is_here || may_be_plain => Ok(()),
        Some("http") => Err(problems::plain_endpoint(endpoint).into()),
        _ => Err(bad()),
    }
}

fn roots(path: &str) -> Result<RootCerts, Box<Problem>> {
    let bad = |reason: &str| Box::new(problems::no_roots(path, reason));
    let bytes = std::fs::read(path).map_err(|error| bad(&error.to_string()))?;
    let items = parse_pem(&bytes).collect::<Result<Vec<_>, _>>().map_err(|error| bad(&error.to_string()))?;
    let certificates = items.into_iter().filter_map(|item| match item {
        PemItem::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    let certificates: Vec<_> = certificates.collect();
    if certificates.is_empty() {
        Err(bad("it has no certificate"))
    } else {
        Ok(RootCerts::new_with_certs(&certificates))
    }
}

fn agent(roots: Option<RootCerts>, patience: &Patience) -> Agent {
    let tls = TlsConfig::builder();
    let tls = match roots {
        Some(roots) => tls.root_certs(roots),
        None => tls,
    };
    Agent::config_builder()
        .http_status_as_error(false)
        // A signature is for one address.
        .max_redirects(0)
        .user_agent(concat!("guichet-store/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls.build())
        .timeout_resolve(Some(patience.piece))
        .timeout_connect(Some(patience.piece))
        .timeout_per_write(Some(patience.piece))
        .timeout_per_read(Some(patience.piece))
        .timeout_recv_response(Some(patience.answer))
        .build()
        .new_agent()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(address: &str, set: &[(&str, &str)]) -> Result<Access, String> {
        let find = |name: &str| set.iter().find(|(one, _)| *one == name).map(|(_, value)| (*value).to_owned());
        let access = Address::parse(address).unwrap().access(find, &Patience::default());
        access.map_err(|problem| problem.class)
    }

    #[test]
    fn an_address_names_a_bucket_and_perhaps_a_place_in_it() {
        for (text, shown, prefix) in [
            ("s3://guichet", "s3://guichet", ""),
            ("s3://guichet/", "s3://guichet", ""),
            ("s3://a.b-3/stores/one/", "s3://a.b-3/stores/one", "stores/one/"),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!((address.shown().as_str(), address.prefix.as_str()), (shown, prefix));
        }
        for bad in [
            "",
            "s3://",
            "s3://ab",
            "s3://Guichet",
            "s3://-ab",
            "s3://abc/../x",
            "s3://abc//x",
            "s3://abc/a b",
            "gs://abc",
            "abc",
        ] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_rest_comes_from_the_usual_variables() {
        let key = [("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret")];
        let with = |more: &[(&'static str, &'static str)]| [&key[..], more].concat();
        for (address, more, url) in [
            ("s3://abc", &[("AWS_REGION", "eu-1")][..], "https://abc.s3.eu-1.amazonaws.com/"),
            ("s3://a.bc", &[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "eu-1")], "https://s3.eu-1.amazonaws.com/a.bc/"),
            ("s3://abc", &[("AWS_ENDPOINT_URL", "https://s3.example")], "https://s3.example/abc/"),
            ("s3://abc", &[("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")], "http://127.0.0.1:9000/abc/"),
            (
                "s3://abc",
                &[("AWS_ENDPOINT_URL", "https://s3.example"), ("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "true")],
                "https://abc.s3.example/",
            ),
            (
                "s3://abc",
                &[
                    ("AWS_ENDPOINT_URL", "https://x"),
                    ("AWS_ENDPOINT_URL_S3", "http://s3.example"),
                    ("AWS_ALLOW_HTTP", "true"),
                ],
                "http://s3.example/abc/",
            ),
        ] {
            assert_eq!(access(address, &with(more)).ok().unwrap().bucket.base_url().as_str(), url);
        }
        for (set, class) in [
            (vec![("AWS_REGION", "eu-1")], "bucket/no-key"),
            (with(&[]), "bucket/no-region"),
            (with(&[("AWS_ENDPOINT_URL", "http://s3.example")]), "bucket/plain"),
            (with(&[("AWS_ENDPOINT_URL", "ftp://s3.example")]), "bucket/endpoint"),
            (with(&[("AWS_ENDPOINT_URL", "https://me:secret@s3.example")]), "bucket/endpoint"),
            (with(&[("AWS_ENDPOINT_URL", "https://s3.example"), ("AWS_CA_BUNDLE", "/none")]), "bucket/roots"),
        ] {
            assert_eq!(access("s3://abc", &set).err().as_deref(), Some(class));
        }
    }
}
