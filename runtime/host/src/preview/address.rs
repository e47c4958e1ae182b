//! The address of a preview: where the developer's computer is, which key it has, and which preview it is.

use std::{fmt, net::SocketAddr, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use guichet_package::address::SCHEME;

use super::{PeerKey, PreviewError};

/// Longest address, in bytes: one with an IPv6 address and a scope has 140.
const MOST: usize = 256;

/// One run of `guichet preview`. An address of another run leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviewId(pub(super) [u8; 16]);

/// `guichet://preview/<ip>:<port>/<key>/<id>`. Nothing in it is secret: whoever reads it still has to be paired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewAddress {
    /// Where the computer listens. No name: nobody who answers for names has a say.
    pub at: SocketAddr,
    /// The only key that drafts are taken from.
    pub key: PeerKey,
    /// Which preview.
    pub id: PreviewId,
}

impl PreviewAddress {
    /// Whether a text means to be the address of a preview, and no app's.
    pub fn is_meant(text: &str) -> bool {
        let prefix = prefix();
        text.trim().get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(&prefix))
    }
}

impl fmt::Display for PreviewAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}/{}/{}", prefix(), self.at, encode(&self.key.to_bytes()), encode(&self.id.0))
    }
}

impl FromStr for PreviewAddress {
    type Err = PreviewError;

    /// Strict: what is read is what would be written, or it is refused.
    fn from_str(text: &str) -> Result<Self, PreviewError> {
        let text = text.trim();
        let parsed = || {
            let rest = text.get(..MOST.min(text.len())).filter(|_| text.len() <= MOST)?.strip_prefix(&prefix())?;
            let mut parts = rest.split('/');
            let at: SocketAddr = parts.next()?.parse().ok()?;
            let key = PeerKey::from_bytes(decode(parts.next()?)?);
            let id = PreviewId(decode(parts.next()?)?);
            let address = Self { at, key, id };
            let is_usable = at.port() != 0 && !at.ip().is_unspecified() && !at.ip().is_multicast();
            (parts.next().is_none() && is_usable && address.to_string() == text).then_some(address)
        };
        parsed().ok_or(PreviewError::Address)
    }
}

fn prefix() -> String {
    format!("{SCHEME}://preview/")
}

pub(super) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str =
        "guichet://preview/192.0.2.7:7411/AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE/AgICAgICAgICAgICAgICAg";

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let address: PreviewAddress = ADDRESS.parse().unwrap();
        assert_eq!(address.to_string(), ADDRESS);
        assert_eq!(address.key.to_bytes(), [1; 32]);
        let v6 = PreviewAddress { at: "[2001:db8::1]:1".parse().unwrap(), ..address };
        assert_eq!(v6.to_string().parse::<PreviewAddress>().unwrap(), v6);
        for other in [
            "guichet://miniapp/a.b",
            "guichet://preview/",
            &ADDRESS.replace("192.0.2.7", "desk.example"),
            &ADDRESS.replace("7411", "0"),
            &ADDRESS.replace("192.0.2.7", "0.0.0.0"),
            &ADDRESS.replace("AQEBAQEB", "AQEB"),
            &ADDRESS.replace("AQE/", "AQF/"),
            &format!("{ADDRESS}/more"),
            &format!("{ADDRESS}?x"),
            &format!("{ADDRESS}{}", "A".repeat(300)),
            "guichet://preview/\u{65e5}",
        ] {
            assert!(other.parse::<PreviewAddress>().is_err(), "{other}");
        }
    }

    #[test]
    fn what_means_to_be_a_preview_is_no_app() {
        assert!(PreviewAddress::is_meant(" GUICHET://preview/x"));
        assert!(!PreviewAddress::is_meant("guichet://miniapp/preview"));
        assert!(guichet_package::Address::given(ADDRESS).is_err(), "no page of an app leads to a preview");
    }
}
