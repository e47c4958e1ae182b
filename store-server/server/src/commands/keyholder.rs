//! A keyholder's key: in a file, or on a PKCS#11 token.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use guichet_pkcs11::{PinRequest, TokenAccess, TokenKey, TokenUri, ask_on_terminal};
use guichet_trust::{
    editor,
    sign::{Message, PublicKey, SecretKey, Signature},
};

use super::problems;
use crate::{error::NotDone, keys::OfflineKeys};

/// One key that signs by hand.
pub(super) enum Keyholder {
    /// Its secret half was read from a file.
    File(SecretKey),
    /// Its secret half stays where it is.
    Token(Box<TokenKey>, TokenUri),
}

impl Keyholder {
    /// Reads the file, or goes to the token that the URI names.
    pub(super) fn open(place: &Path) -> Result<Self, NotDone> {
        if let Some(text) = uri(place) {
            return Self::on_token(text);
        }
        let unreadable = |reason: String| problems::ceremony_file(&place.display().to_string(), &reason);
        let text = fs::read_to_string(place).map_err(|error| unreadable(error.to_string()))?;
        Ok(Self::File(SecretKey::from_file(&text).map_err(|refusal| problems::ceremony_refused(&refusal))?))
    }

    /// The key that signs the top-level targets: `targets.key` in the folder, or the one that the URI names.
    pub(super) fn open_targets(offline: &Path) -> Result<Self, NotDone> {
        if let Some(text) = uri(offline) {
            return Self::on_token(text);
        }
        let key = OfflineKeys::load_targets(offline);
        let missing = |reason: String| problems::no_targets_key(&offline.display().to_string(), &reason);
        Ok(Self::File(key.map_err(|error| missing(error.to_string()))?))
    }

    /// The key others verify with.
    pub(super) fn public(&self) -> PublicKey {
        match self {
            Self::File(key) => key.public(),
            Self::Token(key, _) => key.public(),
        }
    }

    /// Signs what was put together as a message.
    pub(super) fn sign(&self, message: &Message) -> Result<Signature, NotDone> {
        match self {
            Self::File(key) => Ok(key.sign_message(message)),
            Self::Token(key, uri) => Ok(key.sign(message).map_err(|failure| problems::token(&failure, Some(uri)))?),
        }
    }

    /// Adds this key's signature to a document of the metadata.
    pub(super) fn sign_document(&self, document: &[u8]) -> Result<Vec<u8>, NotDone> {
        let refused = |refusal| problems::ceremony_refused(&refusal);
        let signature = self.sign(&editor::message(document).map_err(refused)?)?;
        Ok(editor::attach_signature(document, &self.public(), &signature).map_err(refused)?)
    }

    fn on_token(text: &str) -> Result<Self, NotDone> {
        // Not repeated: a PIN may stand in it.
        let uri: TokenUri = text.parse().map_err(|failure| problems::token(&failure, None))?;
        let module = env::var_os("GUICHET_PKCS11_MODULE").filter(|path| !path.is_empty()).map(PathBuf::from);
        let ask = |request: &PinRequest| {
            let warning = if request.is_last_try { " (a wrong one locks it)" } else { "" };
            ask_on_terminal(&format!("PIN of the token {}{warning}: ", request.token.escape_debug()))
        };
        let access = TokenAccess { uri: &uri, module: module.as_deref(), ask: &ask };
        let key = access.open().map_err(|failure| problems::token(&failure, Some(&uri)))?;
        Ok(Self::Token(Box::new(key), uri))
    }
}

/// Whether this is the URI of a key and not the name of a file or folder.
pub(super) fn uri(place: &Path) -> Option<&str> {
    place.to_str().filter(|text| TokenUri::is_meant_by(text))
}
