//! A key that signs: in a file, or on a PKCS#11 token.

use std::path::Path;

use guichet_pkcs11::{ListedKey, PinRequest, TokenAccess, TokenFailure, TokenKey, TokenUri, ask_on_terminal};
use guichet_trust::sign::{Message, PublicKey, SecretKey, Signature};

use crate::{failure::Failure, key_file, message::Message as Words, printer::Printer, settings};

/// One key, wherever it is kept.
#[derive(Debug)]
pub(crate) enum Key {
    /// Its secret half was read from a file.
    File(SecretKey),
    /// Its secret half stays where it is.
    Token(Box<TokenKey>, TokenUri),
}

impl Key {
    /// Reads the file, or goes to the token that the URI names.
    pub(crate) fn open(place: &Path, printer: Printer) -> Result<Self, Failure> {
        let Some(text) = uri(place) else { return Ok(Self::File(key_file::read(place, printer)?)) };
        on_token(text, printer, |access| access.open().map(|key| Self::Token(Box::new(key), access.uri.clone())))
    }

    /// The key others verify with.
    pub(crate) fn public(&self) -> PublicKey {
        match self {
            Self::File(key) => key.public(),
            Self::Token(key, _) => key.public(),
        }
    }

    /// Signs what was put together as a message.
    pub(crate) fn sign(&self, message: &Message) -> Result<Signature, Failure> {
        match self {
            Self::File(key) => Ok(key.sign_message(message)),
            Self::Token(key, uri) => key.sign(message).map_err(|failure| Failure::token(failure, uri)),
        }
    }
}

/// Makes a key; its public half.
pub(crate) fn create(place: &Path, printer: Printer) -> Result<PublicKey, Failure> {
    match uri(place) {
        None => Ok(key_file::create(place)?.public()),
        Some(text) => on_token(text, printer, |access| access.create()),
    }
}

/// The public half of a key.
pub(crate) fn public(place: &Path, printer: Printer) -> Result<PublicKey, Failure> {
    match uri(place) {
        None => Ok(key_file::read(place, printer)?.public()),
        Some(text) => on_token(text, printer, |access| access.public()),
    }
}

/// The keys on the tokens that a URI means, or on all.
pub(crate) fn list(text: &str, printer: Printer) -> Result<Vec<ListedKey>, Failure> {
    on_token(text, printer, |access| access.list())
}

/// Whether this is the URI of a key and not the name of a file.
pub(crate) fn uri(place: &Path) -> Option<&str> {
    place.to_str().filter(|text| TokenUri::is_meant_by(text))
}

fn on_token<T>(
    text: &str,
    printer: Printer,
    work: impl FnOnce(&TokenAccess<'_>) -> Result<T, TokenFailure>,
) -> Result<T, Failure> {
    let uri: TokenUri = text.parse().map_err(Failure::token_uri)?;
    let ask = |request: &PinRequest| {
        let token = crate::table::plain(&request.token);
        let words = if request.is_last_try { Words::AskLastPin { token } } else { Words::AskPin { token } };
        ask_on_terminal(&format!("{} ", words.text(printer.lang)))
    };
    let module = settings::pkcs11_module();
    let access = TokenAccess { uri: &uri, module: module.as_deref(), ask: &ask };
    work(&access).map_err(|failure| Failure::token(failure, &uri))
}
