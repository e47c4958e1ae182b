//! The grammar of MiniApp Addressing, with the rules it takes from RFC 3986; nothing here knows whose address it is.

/// A text taken apart by the grammar `miniappuri` (A1, A2, A3, A4, A5); every part is as it was written.
///
/// A literal in the grammar is written in any case (RFC 5234 section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MiniAppUri<'a> {
    /// What stands before `miniapp/`.
    pub prefix: Prefix<'a>,
    /// `1*unreserved`; compared without case.
    pub id: &'a str,
    /// `*unreserved` after `;version=`; compared without case. May be empty, which is as if it were absent.
    pub version: Option<&'a str>,
    /// `path-abempty`: empty, or segments that each follow a slash.
    pub path: &'a str,
    /// What follows the question mark.
    pub query: Option<&'a str>,
    /// What follows the number sign.
    pub fragment: Option<&'a str>,
}

/// How a MiniApp URI begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix<'a> {
    /// `custom-scheme "://"`. Our reading: what is no scheme of RFC 3986 is none here either.
    Scheme(&'a str),
    /// `"https://" host "/"`. There is no port and no user in this grammar.
    Https(&'a str),
}

/// Why a text is no MiniApp URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UriFault {
    /// It does not begin with a scheme, or with `https`, a host and a slash, and `miniapp/` after it.
    Prefix,
    /// What stands between `https://` and the next slash is no host.
    Host,
    /// There is no id, or it has a character that is not unreserved.
    Id,
    /// Something else than `;version=` and unreserved characters follows the id.
    Version,
    /// The path has a character that no segment may have.
    Path,
    /// The query has a character that it may not have.
    Query,
    /// The fragment has a character that it may not have.
    Fragment,
}

impl<'a> MiniAppUri<'a> {
    /// Takes a text apart.
    pub fn parse(text: &'a str) -> Result<Self, UriFault> {
        let (prefix, rest) = prefix(text)?;
        let (rest, fragment) = split(rest, '#');
        let (rest, query) = split(rest, '?');
        let (identify, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (id, parameter) = split(identify, ';');
        if id.is_empty() || !id.bytes().all(is_unreserved) {
            return Err(UriFault::Id);
        }
        let version = parameter.map(|parameter| without_case(parameter, "version=").ok_or(UriFault::Version));
        let version = version.transpose()?;
        let check = |part: Option<&str>, more: &[u8], fault| match part {
            Some(part) if !is_made_of(part, |byte| is_pchar(byte) || more.contains(&byte)) => Err(fault),
            _ => Ok(()),
        };
        if version.is_some_and(|version| !version.bytes().all(is_unreserved)) {
            return Err(UriFault::Version);
        }
        check(Some(path), b"/", UriFault::Path)?;
        check(query, b"/?", UriFault::Query)?;
        check(fragment, b"/?", UriFault::Fragment)?;
        Ok(Self { prefix, id, version, path, query, fragment })
    }
}

fn prefix(text: &str) -> Result<(Prefix<'_>, &str), UriFault> {
    let (scheme, rest) = text.split_once("://").ok_or(UriFault::Prefix)?;
    if !is_scheme(scheme) {
        return Err(UriFault::Prefix);
    }
    let (prefix, rest) = if scheme.eq_ignore_ascii_case("https") {
        let (host, rest) = rest.split_once('/').ok_or(UriFault::Prefix)?;
        if !is_host(host) {
            return Err(UriFault::Host);
        }
        (Prefix::Https(host), rest)
    } else {
        (Prefix::Scheme(scheme), rest)
    };
    Ok((prefix, without_case(rest, "miniapp/").ok_or(UriFault::Prefix)?))
}

fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn without_case<'a>(text: &'a str, literal: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(literal.len())?;
    start.eq_ignore_ascii_case(literal).then_some(rest)
}

/// RFC 3986 section 3.1, and only what `custom-scheme` allows.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
}

/// RFC 3986 section 3.2.2: a name that is not empty (RFC 9110 section 4.2.2), an IPv4 address, or a literal in brackets.
fn is_host(text: &str) -> bool {
    match text.strip_prefix('[') {
        Some(literal) => literal.strip_suffix(']').is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok()),
        None => !text.is_empty() && is_made_of(text, |byte| is_unreserved(byte) || is_sub_delim(byte)),
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn is_sub_delim(byte: u8) -> bool {
    b"!$&'()*+,;=".contains(&byte)
}

fn is_pchar(byte: u8) -> bool {
    is_unreserved(byte) || is_sub_delim(byte) || b":@".contains(&byte)
}

/// Whether a text has only these bytes and whole percent-encodings.
fn is_made_of(text: &str, is_allowed: impl Fn(u8) -> bool) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let is_encoding = byte == b'%'
            && [bytes.next(), bytes.next()].iter().all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit()));
        if !is_encoding && (byte == b'%' || !is_allowed(byte)) {
            return false;
        }
    }
    true
}
