//! PKCS#11 URIs (RFC 7512): which token, which key on it, which module leads there.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::TokenFailure;

/// What a URI begins with.
pub(crate) const SCHEME: &str = "pkcs11:";

/// What may stand in a path attribute as it is (RFC 7512, 2.3: unreserved characters).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Names a key on a token, or a token.
///
/// Attributes that could narrow the choice and are not understood here are refused, never passed over: another key would
/// sign. A PIN in a URI is refused, for command lines are read by others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenUri {
    pub(crate) token: Option<String>,
    pub(crate) manufacturer: Option<String>,
    pub(crate) serial: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) slot_id: Option<u64>,
    pub(crate) object: Option<String>,
    pub(crate) id: Option<Vec<u8>>,
    pub(crate) module_path: Option<PathBuf>,
    pub(crate) pin_source: Option<PathBuf>,
}

impl TokenUri {
    /// Whether a text that names a key is a URI, and not the name of a file.
    pub fn is_meant_by(text: &str) -> bool {
        text.get(..SCHEME.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
    }

    /// The URI of one key on one token.
    pub(crate) fn of_key(token: &str, serial: &str, object: &str, id: &[u8]) -> Self {
        Self {
            token: Some(token.to_owned()),
            serial: Some(serial.to_owned()).filter(|serial| !serial.is_empty()),
            object: Some(object.to_owned()).filter(|object| !object.is_empty()),
            id: Some(id.to_vec()).filter(|id| !id.is_empty()),
            ..Self::default()
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), TokenFailure> {
        let text = |value: &str| {
            let decoded =
                percent_decode_str(value).decode_utf8().map_err(|_| wrong(format!("`{name}` is not UTF-8")))?;
            Ok::<_, TokenFailure>(decoded.into_owned())
        };
        let taken = match name {
            "token" => self.token.replace(text(value)?).is_some(),
            "manufacturer" => self.manufacturer.replace(text(value)?).is_some(),
            "serial" => self.serial.replace(text(value)?).is_some(),
            "model" => self.model.replace(text(value)?).is_some(),
            "object" => self.object.replace(text(value)?).is_some(),
            "id" => self.id.replace(percent_decode_str(value).collect()).is_some(),
            "slot-id" => {
                let number = value.parse().map_err(|_| wrong("`slot-id` is not a number".to_owned()))?;
                self.slot_id.replace(number).is_some()
            }
            "type" if matches!(value, "private" | "public") => false,
            "type" => return Err(wrong("`type` is neither `private` nor `public`".to_owned())),
            "module-path" => self.module_path.replace(absolute(name, &text(value)?)?).is_some(),
            "pin-source" => {
                let source = text(value)?;
                let path = source.strip_prefix("file://").or_else(|| source.strip_prefix("file:")).unwrap_or(&source);
                self.pin_source.replace(absolute(name, path)?).is_some()
            }
            "pin-value" => return Err(TokenFailure::PinInUri),
            _ => return Err(wrong(format!("`{}` is not understood here", name.escape_default()))),
        };
        if taken { Err(wrong(format!("`{name}` stands there twice"))) } else { Ok(()) }
    }
}

fn wrong(why: String) -> TokenFailure {
    TokenFailure::Uri { why }
}

fn absolute(name: &str, path: &str) -> Result<PathBuf, TokenFailure> {
    if Path::new(path).is_absolute() { Ok(path.into()) } else { Err(wrong(format!("`{name}` is not a full path"))) }
}

impl FromStr for TokenUri {
    type Err = TokenFailure;

    fn from_str(text: &str) -> Result<Self, TokenFailure> {
        if !Self::is_meant_by(text) {
            return Err(wrong("it does not begin with `pkcs11:`".to_owned()));
        }
        let (path, query) = text[SCHEME.len()..].split_once('?').unwrap_or((&text[SCHEME.len()..], ""));
        let mut uri = Self::default();
        let attributes = path.split(';').chain(query.split('&')).filter(|attribute| !attribute.is_empty());
        for attribute in attributes {
            let (name, value) =
                attribute.split_once('=').ok_or_else(|| wrong("an attribute has no `=` and no value".to_owned()))?;
            uri.set(name, value)?;
        }
        Ok(uri)
    }
}

/// The path attributes; what leads to the module and to a PIN is left out.
impl fmt::Display for TokenUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = [
            ("token", &self.token),
            ("manufacturer", &self.manufacturer),
            ("serial", &self.serial),
            ("model", &self.model),
            ("object", &self.object),
        ];
        let mut parts: Vec<String> = texts
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", utf8_percent_encode(value.as_ref()?, ESCAPED))))
            .collect();
        parts.extend(self.slot_id.map(|number| format!("slot-id={number}")));
        parts.extend(self.id.as_ref().map(|id| {
            let escaped: String = id.iter().map(|byte| format!("%{byte:02X}")).collect();
            format!("id={escaped}")
        }));
        write!(f, "{SCHEME}{}", parts.join(";"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> TokenUri {
        text.parse().unwrap()
    }

    fn refused(text: &str) -> String {
        text.parse::<TokenUri>().unwrap_err().to_string()
    }

    #[test]
    fn a_uri_names_token_key_module_and_pin_file() {
        let uri = parse(
            "pkcs11:token=Office%20of%20Keys;object=officer%201;id=%01%ab;type=private?module-path=/usr/lib/x.so&pin-source=file:/run/pin",
        );
        assert_eq!(uri.token.as_deref(), Some("Office of Keys"));
        assert_eq!(uri.object.as_deref(), Some("officer 1"));
        assert_eq!(uri.id, Some(vec![1, 0xab]));
        assert_eq!(uri.module_path.as_deref(), Some(Path::new("/usr/lib/x.so")));
        assert_eq!(uri.pin_source.as_deref(), Some(Path::new("/run/pin")));
        assert_eq!(parse("pkcs11:?pin-source=/run/pin").pin_source, uri.pin_source);
        assert_eq!(parse("pkcs11:?pin-source=file:///run/pin").pin_source, uri.pin_source);
        assert_eq!(parse("PKCS11:token=%E7%BD%B2").token.as_deref(), Some("署"));
    }

    #[test]
    fn what_is_shown_reads_back_and_names_no_pin() {
        let text = "pkcs11:token=a%3Bb;serial=1%2F2;object=%E7%BD%B2;slot-id=3;id=%00%FF";
        assert_eq!(parse(text).to_string(), text);
        let shown = parse(&format!("{text}?pin-source=/run/pin&module-path=/x.so")).to_string();
        assert_eq!(shown, text);
    }

    #[test]
    fn what_could_mean_another_key_is_refused() {
        insta::assert_snapshot!(refused("officer.key"), @"this PKCS#11 URI cannot be used: it does not begin with `pkcs11:`");
        insta::assert_snapshot!(refused("pkcs11:token"), @"this PKCS#11 URI cannot be used: an attribute has no `=` and no value");
        insta::assert_snapshot!(refused("pkcs11:token=a;token=b"), @"this PKCS#11 URI cannot be used: `token` stands there twice");
        insta::assert_snapshot!(refused("pkcs11:token=a;slot-description=b"), @"this PKCS#11 URI cannot be used: `slot-description` is not understood here");
        insta::assert_snapshot!(refused("pkcs11:token=%ff"), @"this PKCS#11 URI cannot be used: `token` is not UTF-8");
        insta::assert_snapshot!(refused("pkcs11:slot-id=first"), @"this PKCS#11 URI cannot be used: `slot-id` is not a number");
        insta::assert_snapshot!(refused("pkcs11:type=cert"), @"this PKCS#11 URI cannot be used: `type` is neither `private` nor `public`");
        insta::assert_snapshot!(refused("pkcs11:?module-path=x.so"), @"this PKCS#11 URI cannot be used: `module-path` is not a full path");
        insta::assert_snapshot!(refused("pkcs11:?pin-source=%7Cprogram"), @"this PKCS#11 URI cannot be used: `pin-source` is not a full path");
    }

    #[test]
    fn a_pin_in_a_uri_is_refused_and_not_repeated() {
        for text in ["pkcs11:token=a?pin-value=271828", "pkcs11:token=a;pin-value=271828"] {
            let refusal = refused(text);
            assert!(!refusal.contains("271828"), "{refusal}");
            assert_eq!(text.parse::<TokenUri>().unwrap_err().class(), "key/pin-in-uri");
        }
    }
}
