//! Passkeys: registered by whoever is signed in, used to sign in, and to agree to one exact release.
//!
//! The relying party is the store's own address. Where that is a number, or not secure, browsers know no passkeys, and the
//! store does without. What an answer is worth is judged in [`guichet_trust::passkey`].

mod ceremony;
mod decide;
mod register;
mod sign_in;

use axum::http::Uri;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use guichet_trust::{digest::Digest, passkey::RelyingParty};
use serde::{Deserialize, Serialize};

use self::ceremony::Ceremonies;
pub use self::{
    decide::{agree, challenge, decided, offer_decision},
    register::{of, offer_registration, register, remove},
    sign_in::{offer_sign_in, sign_in},
};
use crate::{database::passkeys::PasskeyRecord, error::NotDone, people::problems};

/// How long a browser waits for somebody, in milliseconds.
const WAITS_MS: u32 = 5 * 60 * 1000;

/// What the store knows to use passkeys with.
#[derive(Debug, Default)]
pub struct Passkeys {
    party: Option<RelyingParty>,
    ceremonies: Ceremonies,
}

/// What an authenticator is asked: the options of WebAuthn as JSON, with bytes in base64url.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// What the answer is known by.
    pub ceremony: String,
    /// `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`.
    pub public_key: serde_json::Value,
}

/// An authenticator's answer, bytes in base64url; only one that makes a passkey has a public key, only one that uses it a
/// signature.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Answer {
    /// The credential's id.
    pub id: String,
    /// `clientDataJSON`.
    pub client_data: String,
    /// The authenticator data.
    pub authenticator_data: String,
    /// The signature.
    pub signature: String,
    /// The new public key, as SubjectPublicKeyInfo.
    pub public_key: String,
}

impl Passkeys {
    /// For the store at this address, `https://store.example`.
    pub fn at(address: &str) -> Self {
        Self { party: relying_party(address), ceremonies: Ceremonies::default() }
    }

    /// Whether browsers can use passkeys at this store.
    pub fn are_possible(&self) -> bool {
        self.party.is_some()
    }

    fn party(&self) -> Result<&RelyingParty, NotDone> {
        Ok(self.party.as_ref().ok_or_else(problems::no_passkeys_here)?)
    }
}

fn relying_party(address: &str) -> Option<RelyingParty> {
    let address: Uri = address.parse().ok()?;
    let (scheme, authority) = (address.scheme_str()?, address.authority()?);
    let id = authority.host().to_ascii_lowercase();
    let is_local = id == "localhost" || id.ends_with(".localhost");
    let is_number = id.starts_with('[') || id.split('.').next_back()?.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || !(scheme == "https" || (scheme == "http" && is_local)) {
        return None;
    }
    // Browsers leave out the port that a scheme has anyway.
    let usual = if scheme == "https" { 443 } else { 80 };
    let port = authority.port_u16().filter(|port| *port != usual);
    let origin = port.map_or_else(|| format!("{scheme}://{id}"), |port| format!("{scheme}://{id}:{port}"));
    Some(RelyingParty { id, origin })
}

fn bytes(text: &str) -> Result<Vec<u8>, NotDone> {
    Ok(URL_SAFE_NO_PAD.decode(text).map_err(|_| crate::problems::not_the_json("bytes are in base64url"))?)
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Keys that a browser may use, or must not make again.
fn listed(keys: &[PasskeyRecord]) -> serde_json::Value {
    keys.iter().map(|key| serde_json::json!({ "type": "public-key", "id": key.id })).collect()
}

fn request(party: &RelyingParty, challenge: Digest, keys: &[PasskeyRecord]) -> serde_json::Value {
    serde_json::json!({
        "challenge": text(challenge.as_bytes()),
        "rpId": party.id,
        "allowCredentials": listed(keys),
        "userVerification": "required",
        "timeout": WAITS_MS,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relying_party_has_a_name_and_a_secure_address() {
        let origin = |address: &str| relying_party(address).map(|party| format!("{} {}", party.id, party.origin));
        for (address, party) in [
            ("https://Store.example", Some("store.example https://store.example")),
            ("https://store.example:8443", Some("store.example https://store.example:8443")),
            ("https://store.example:443", Some("store.example https://store.example")),
            ("http://localhost:8480", Some("localhost http://localhost:8480")),
            ("http://store.example", None),
            ("http://127.0.0.1:8480", None),
            ("https://[::1]:8480", None),
            ("nonsense", None),
        ] {
            assert_eq!(origin(address).as_deref(), party, "{address}");
        }
    }
}
