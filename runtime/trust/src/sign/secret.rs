//! Secret keys and the file they are kept in; nothing here prints a secret except the file's own text.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer as _, SigningKey};
use serde::Deserialize;

use super::{Message, PublicKey, Purpose, Signature};
use crate::{Refusal, canonical, refusal::Reason};

/// An Ed25519 secret key; wiped from memory when dropped.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// Makes a key of 32 bytes from the operating system's random source.
    pub fn generate(entropy: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&entropy))
    }

    /// The key others verify with.
    pub fn public(&self) -> PublicKey {
        PublicKey::of(&self.0)
    }

    /// Signs `payload` for `purpose`.
    pub fn sign(&self, purpose: Purpose, payload: &[u8]) -> Signature {
        self.sign_message(&purpose.message(payload))
    }

    /// Signs what was put together as a message.
    pub fn sign_message(&self, message: &Message) -> Signature {
        self.sign_exactly(message.bytes())
    }

    /// Signs `message` as it is: TUF documents begin with `{` and notes hold no NUL, so none reads as a purpose's message.
    pub(crate) fn sign_exactly(&self, message: &[u8]) -> Signature {
        Signature::from_bytes(self.0.sign(message).to_bytes())
    }

    /// The text of the key file.
    pub fn to_file(&self) -> String {
        let secret = STANDARD.encode(self.0.as_bytes());
        format!("{{\"format\":1,\"algorithm\":\"ed25519\",\"secret\":\"{secret}\"}}\n")
    }

    /// Reads the text of a key file.
    pub fn from_file(text: &str) -> Result<Self, Refusal> {
        let wrong = |why: &str| Refusal::from(Reason::KeyFile(why.to_owned()));
        let file: KeyFile = canonical::parse_as(text.as_bytes()).map_err(|refusal| wrong(&described(&refusal)))?;
        if file.format != 1 {
            return Err(wrong(&format!("its format is {}, not 1", file.format)));
        }
        if file.algorithm != "ed25519" {
            return Err(wrong(&format!("its algorithm is `{}`, not `ed25519`", file.algorithm)));
        }
        let secret = STANDARD.decode(&file.secret).ok().and_then(|bytes| bytes.try_into().ok());
        secret.map(Self::generate).ok_or_else(|| wrong("its secret is not 32 bytes in base64"))
    }
}

/// What is wrong with a key file, in words that cannot hold a part of it.
fn described(refusal: &Refusal) -> String {
    match refusal.reason() {
        Reason::JsonSyntax(_) => "it is not JSON".to_owned(),
        _ => "it is not an object of `format`, `algorithm` and `secret`".to_owned(),
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(… of {})", self.public())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    format: u64,
    algorithm: String,
    secret: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_reads_back() {
        let secret = SecretKey::generate([3; 32]);
        assert_eq!(SecretKey::from_file(&secret.to_file()).unwrap().public(), secret.public());
    }

    #[test]
    fn debugging_prints_no_secret() {
        let secret = SecretKey::generate([0xab; 32]);
        let text = format!("{secret:?}");
        assert_eq!(text, format!("SecretKey(… of {})", secret.public()));
        assert!(!text.contains("abab") && !text.contains(&STANDARD.encode([0xab; 32])));
    }

    #[test]
    fn a_bad_key_file_is_refused_without_quoting_it() {
        let file = SecretKey::generate([0xab; 32]).to_file();
        let quoted = STANDARD.encode([0xab; 32]);
        let check = |text: &str| {
            let refusal = SecretKey::from_file(text).unwrap_err();
            assert_eq!(refusal.class(), "key/file");
            assert!(!refusal.to_string().contains(&quoted), "{refusal}");
            refusal.to_string()
        };
        insta::assert_snapshot!(check(&quoted), @"this is not a key file: it is not JSON");
        insta::assert_snapshot!(check(&file.replace("format", "Format")), @"this is not a key file: it is not an object of `format`, `algorithm` and `secret`");
        insta::assert_snapshot!(check(&format!("{{\"a\":\"{quoted}\",\"a\":1}}")), @"this is not a key file: it is not an object of `format`, `algorithm` and `secret`");
        insta::assert_snapshot!(check(&file.replace(":1,", ":2,")), @"this is not a key file: its format is 2, not 1");
        insta::assert_snapshot!(check(&file.replace("ed25519", "sm2")), @"this is not a key file: its algorithm is `sm2`, not `ed25519`");
        insta::assert_snapshot!(check(&file.replace("secret\":\"q", "secret\":\"")), @"this is not a key file: its secret is not 32 bytes in base64");
    }
}
