//! Where a request may go: `https`, a host by its name, and a path. What other parsers read in two ways is refused.

use std::{fmt, str::FromStr};

use super::MAX_URL_BYTES;

/// The port that is not written.
const HTTPS_PORT: u16 = 443;

/// The text is no URL that can be fetched, or no host that can be declared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` {why}", .text.chars().take(200).collect::<String>())]
pub struct InvalidUrl {
    /// What was given.
    pub text: String,
    /// What is wrong with it, as the end of a sentence.
    pub why: &'static str,
}

/// A host by its name, with the port if it is not 443: an entry of the scope `domains`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    name: String,
    port: u16,
}

impl Domain {
    /// The host's name, in lower case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            HTTPS_PORT => f.write_str(&self.name),
            port => write!(f, "{}:{port}", self.name),
        }
    }
}

impl FromStr for Domain {
    type Err = InvalidUrl;

    /// Reads `host` or `host:port`; the one way to write it, so that a scope can be compared as text.
    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let refuse = |why| Err(InvalidUrl { text: text.to_owned(), why });
        let (name, port) = match text.split_once(':') {
            None => (text, HTTPS_PORT),
            Some((name, port)) => {
                let is_plain = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
                match port.parse().ok().filter(|port| is_plain && *port != HTTPS_PORT) {
                    Some(port) => (name, port),
                    None => return refuse("has no port that has to be written; leave out `:443`"),
                }
            }
        };
        if !name.is_ascii() {
            return refuse("has a host in another script; write it in its ASCII form, which begins with xn--");
        }
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let labels: Vec<&str> = name.split('.').collect();
        let is_number = labels.last().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_digit()));
        if is_number || name.starts_with('[') {
            return refuse("names an address; a host is declared and asked by its name");
        }
        if labels.len() < 2 || name.len() > 253 || !labels.into_iter().all(is_label) {
            return refuse("is not the name of a host such as data.example.gov, in lower case, without a wildcard");
        }
        Ok(Self { name: name.to_owned(), port })
    }
}

/// An `https` URL without credentials and fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    domain: Domain,
    /// Path and query, percent-encoded; begins with `/`.
    path: String,
}

impl Url {
    /// The host.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Where a `Location` of this URL's response leads.
    pub fn join(&self, location: &str) -> Result<Self, InvalidUrl> {
        let location = location.split('#').next().unwrap_or_default();
        let has_scheme = location.split(['/', '?']).next().is_some_and(|start| start.contains(':'));
        if has_scheme {
            return location.parse();
        }
        if location.starts_with("//") {
            return format!("https:{location}").parse();
        }
        let path = self.path.split('?').next().unwrap_or("/");
        let joined = match location.chars().next() {
            None => self.path.clone(),
            Some('/') => location.to_owned(),
            Some('?') => format!("{path}{location}"),
            Some(_) => format!("{}/{location}", path.rsplit_once('/').map_or("", |(folder, _)| folder)),
        };
        format!("https://{}{}", self.domain, without_dots(&joined)).parse()
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}{}", self.domain, self.path)
    }
}

impl FromStr for Url {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let refuse = |why| Err(InvalidUrl { text: text.to_owned(), why });
        if text.len() > MAX_URL_BYTES {
            return refuse("is longer than 8 KiB");
        }
        let rest = match text.split_at_checked(8) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https://") => rest,
            _ => return refuse("is not an https URL; only https://<host>/… can be fetched"),
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return refuse("holds a name or password; send an `authorization` header instead");
        }
        if path.starts_with('\\') || path.chars().any(char::is_control) {
            return refuse("holds a character that no URL has");
        }
        let authority = authority.to_ascii_lowercase();
        let authority = authority.strip_suffix(":443").unwrap_or(&authority);
        let domain = authority.parse().map_err(|InvalidUrl { why, .. }| InvalidUrl { text: text.to_owned(), why })?;
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { encoded(path) } else { format!("/{}", encoded(path)) };
        Ok(Self { domain, path })
    }
}

/// What may not stand in a URL as it is, in UTF-8 and with `%`.
fn encoded(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b' ' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x7f.. => {
                text.push_str(&format!("%{byte:02X}"));
            }
            _ => text.push(byte.into()),
        }
    }
    text
}

/// A path without `.` and `..` (RFC 3986, section 5.2.4); the query is left alone.
fn without_dots(path: &str) -> String {
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let mut parts: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    for (index, segment) in segments.iter().enumerate() {
        let is_last = index + 1 == segments.len();
        match *segment {
            "." | ".." => {
                if *segment == ".." {
                    parts.pop();
                }
                if is_last {
                    parts.push("");
                }
            }
            segment => parts.push(segment),
        }
    }
    let path = format!("/{}", parts.join("/"));
    query.map_or(path.clone(), |query| format!("{path}?{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Result<String, String> {
        text.parse::<Url>().map(|url| url.to_string()).map_err(|invalid| invalid.to_string())
    }

    #[test]
    fn a_url_is_read_in_one_way() {
        let read = |text: &str| url(text).unwrap();
        assert_eq!(read("HTTPS://Data.Example.gov"), "https://data.example.gov/");
        assert_eq!(read("https://a.example:443/x?y=1#z"), "https://a.example/x?y=1");
        assert_eq!(read("https://a.example:8443?q"), "https://a.example:8443/?q");
        assert_eq!(read("https://a.example/居 住?a|b"), "https://a.example/%E5%B1%85%20%E4%BD%8F?a%7Cb");
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        let why = |text: &str| url(text).unwrap_err();
        insta::assert_snapshot!(why("http://a.example/"), @"`http://a.example/` is not an https URL; only https://<host>/… can be fetched");
        insta::assert_snapshot!(why("/api/x"), @"`/api/x` is not an https URL; only https://<host>/… can be fetched");
        insta::assert_snapshot!(why("https://good.example@evil.example/"), @"`https://good.example@evil.example/` holds a name or password; send an `authorization` header instead");
        insta::assert_snapshot!(why("https://10.0.0.1/"), @"`https://10.0.0.1/` names an address; a host is declared and asked by its name");
        insta::assert_snapshot!(why("https://localhost/"), @"`https://localhost/` is not the name of a host such as data.example.gov, in lower case, without a wildcard");
        insta::assert_snapshot!(why("https://居住.example/"), @"`https://居住.example/` has a host in another script; write it in its ASCII form, which begins with xn--");
        for bad in [
            "https://",
            "https:///x",
            "https://a.example\\@evil.example/",
            "https://[::1]/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://a..example/",
            "https://a.example./",
            "https://-a.example/",
            "https://a.example:0/",
            "https://a.example:99999/",
            "https://a.example:/",
            "https://a%2eexample/",
            "https://a.example/\r\nHost: b.example",
            "https://*.example/",
            "https://a b.example/",
        ] {
            assert!(url(bad).is_err(), "{bad}");
        }
        assert!(url(&format!("https://a.example/{}", "x".repeat(MAX_URL_BYTES))).is_err(), "too long");
    }

    #[test]
    fn a_domain_is_written_in_one_way() {
        let domain = |text: &str| text.parse::<Domain>().map(|domain| domain.to_string()).ok();
        assert_eq!(domain("data.example.gov").as_deref(), Some("data.example.gov"));
        assert_eq!(domain("data.example.gov:8443").as_deref(), Some("data.example.gov:8443"));
        for bad in [
            "Data.example",
            "a.example:443",
            "a.example:08443",
            "https://a.example",
            "*.example",
            "a.example/",
            "example",
            "",
        ] {
            assert_eq!(domain(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_location_is_joined_as_rfc_3986_has_it() {
        let base: Url = "https://a.example/b/c?d".parse().unwrap();
        let joined = |location: &str| base.join(location).map(|url| url.to_string()).unwrap();
        assert_eq!(joined("/x/../y?z#f"), "https://a.example/y?z");
        assert_eq!(joined("x"), "https://a.example/b/x");
        assert_eq!(joined("../../x"), "https://a.example/x");
        assert_eq!(joined("./"), "https://a.example/b/");
        assert_eq!(joined("?e"), "https://a.example/b/c?e");
        assert_eq!(joined("//b.example/x"), "https://b.example/x");
        assert_eq!(joined("https://b.example:8443/"), "https://b.example:8443/");
        assert_eq!(joined(""), "https://a.example/b/c?d");
        assert!(base.join("http://a.example/").is_err());
        assert!(base.join("javascript:alert(1)").is_err());
    }
}
