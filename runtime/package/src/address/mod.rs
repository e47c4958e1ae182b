//! Where a person wants to go: an address as MiniApp Addressing writes it (requirements A1 to A7, A9).
//!
//! ```text
//! guichet://miniapp/<id>[;version=<v>]/<page>?<query>#<fragment>
//! https://<host>/miniapp/<id>[;version=<v>]/<page>?<query>#<fragment>
//! ```

mod refusal;
mod uri;

use std::{fmt, str::FromStr};

use guichet_contract::AppId;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

pub use refusal::AddressRefusal;
pub use uri::{MiniAppUri, Prefix, UriFault};

/// The scheme of this platform's addresses (`custom-scheme`).
pub const SCHEME: &str = "guichet";

/// The longest address, in bytes.
pub const MAX_ADDRESS_BYTES: usize = 8192;

/// The longest query, in bytes.
pub const MAX_QUERY_BYTES: usize = 4096;

/// What the file of a page ends with and its name does not.
const ENDING: &str = ".html";

/// What a URI leaves as it is: `unreserved` of RFC 3986, and the slash between segments.
const KEEP: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A page of an app, or the app itself.
///
/// Two spellings of one address are equal: id and version are in lower case (A6), and the page is decoded. An address
/// never says where a package is fetched from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The host of an `https` address, in lower case; none for `guichet://`.
    pub host: Option<String>,
    /// The app.
    pub app_id: AppId,
    /// The version it asks for, in lower case; none: the terminal's choice.
    pub version: Option<String>,
    /// The page, decoded; none: the app's first. It names a page only if the app has one of this name.
    pub page: Option<String>,
    /// What follows the question mark, as it was written; may be empty.
    pub query: String,
    /// What follows the number sign, as it was written; may be empty.
    pub fragment: String,
}

impl Address {
    /// The address of an app's first page.
    pub fn of(app_id: AppId) -> Self {
        Self { host: None, app_id, version: None, page: None, query: String::new(), fragment: String::new() }
    }

    /// Reads what a person has given: an address, or the id of an app alone. Spaces around it do not count.
    pub fn given(text: &str) -> Result<Self, AddressRefusal> {
        let text = text.trim();
        match text.parse() {
            Ok(app_id) => Ok(Self::of(app_id)),
            Err(_) => text.parse(),
        }
    }

    /// Whether an address with this host may open something here: `guichet://` always, `https` if its host is one of these.
    pub fn is_known_to(&self, hosts: &[String]) -> bool {
        self.host.as_ref().is_none_or(|host| hosts.iter().any(|known| known.eq_ignore_ascii_case(host)))
    }

    /// Whether a release of this `version.name` is the one it asks for; names are compared without case (A6).
    pub fn asks_for(&self, version_name: &str) -> bool {
        self.version.as_ref().is_none_or(|version| version.eq_ignore_ascii_case(version_name))
    }

    /// The page with its query and fragment, encoded, as a session takes it; nothing means the app's first page.
    ///
    /// Without a page, query and fragment are for the first page: it begins with the question mark.
    pub fn page_query_and_fragment(&self) -> Option<String> {
        let mark = |mark, part: &str| if part.is_empty() { String::new() } else { format!("{mark}{part}") };
        let page = self.page.as_deref().map(encoded).unwrap_or_default();
        let text = format!("{page}{}{}", mark('?', &self.query), mark('#', &self.fragment));
        (!text.is_empty()).then_some(text)
    }
}

impl FromStr for Address {
    type Err = AddressRefusal;

    /// Reads an address; the whole text must be one.
    fn from_str(text: &str) -> Result<Self, AddressRefusal> {
        if text.len() > MAX_ADDRESS_BYTES {
            return Err(AddressRefusal::TooLong { bytes: text.len() });
        }
        let given = || shortened(text);
        let uri = MiniAppUri::parse(text).map_err(|fault| AddressRefusal::NotAnAddress { text: given(), fault })?;
        let host = match uri.prefix {
            Prefix::Https(host) => Some(host.to_ascii_lowercase()),
            Prefix::Scheme(scheme) if scheme.eq_ignore_ascii_case(SCHEME) => None,
            Prefix::Scheme(scheme) => return Err(AddressRefusal::ForeignScheme { scheme: shortened(scheme) }),
        };
        // `app_id` is case-sensitive and an address is not (A6): every app id here is in lower case, so no two collide (A7).
        let app_id = uri.id.to_ascii_lowercase().parse();
        let app_id = app_id.map_err(|_| AddressRefusal::NoAppId { id: shortened(uri.id) })?;
        let query = uri.query.unwrap_or_default();
        if query.len() > MAX_QUERY_BYTES {
            return Err(AddressRefusal::QueryTooLong { bytes: query.len() });
        }
        let page = page(uri.path).ok_or_else(|| AddressRefusal::LeavesApp { path: shortened(uri.path) })?;
        Ok(Self {
            host,
            app_id,
            version: uri.version.filter(|version| !version.is_empty()).map(str::to_ascii_lowercase),
            page: (!page.is_empty()).then_some(page),
            query: query.to_owned(),
            fragment: uri.fragment.unwrap_or_default().to_owned(),
        })
    }
}

impl fmt::Display for Address {
    /// The one way an address is written; reading it gives the same address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) => write!(f, "https://{host}")?,
            None => write!(f, "{SCHEME}:/")?,
        }
        write!(f, "/miniapp/{}", self.app_id)?;
        if let Some(version) = &self.version {
            write!(f, ";version={version}")?;
        }
        if let Some(page) = &self.page {
            write!(f, "/{}", encoded(page))?;
        }
        for (mark, part) in [('?', &self.query), ('#', &self.fragment)] {
            if !part.is_empty() {
                write!(f, "{mark}{part}")?;
            }
        }
        Ok(())
    }
}

/// The page that the path of a URL names, decoded and without `.html`; none if it could leave the app or is not text.
///
/// Empty if the path is empty or a slash.
pub fn page(path: &str) -> Option<String> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let is_plain = |segment: &str| !matches!(segment, "." | "..") && !segment.contains(['\\', '\0', '/', '?', '#']);
    let mut segments = Vec::new();
    for segment in path.split('/') {
        segments.push(percent_decode_str(segment).decode_utf8().ok()?.into_owned());
    }
    if let Some(last) = segments.last_mut()
        && let Some(name) = last.strip_suffix(ENDING)
    {
        *last = name.to_owned();
    }
    segments.iter().all(|segment| is_plain(segment)).then(|| segments.join("/"))
}

/// How a page is written in an address, so that [`page`] reads it as the same.
fn encoded(page: &str) -> String {
    let ending = if page.ends_with(ENDING) { ENDING } else { "" };
    format!("{}{ending}", utf8_percent_encode(page, KEEP))
}

fn shortened(text: &str) -> String {
    const MOST: usize = 120;
    let shown: String = text.chars().take(MOST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(MOST).is_some() { format!("{shown}…") } else { shown }
}
