//! Why a token did not do what it was asked: class, what, hint.

use std::path::PathBuf;

use cryptoki::error::{Error, RvError};

/// A key on a token that cannot be used. Display says *what*; where is the URI it was asked for with.
#[derive(Debug, thiserror::Error)]
pub enum TokenFailure {
    /// The text is no URI that can be followed.
    #[error("this PKCS#11 URI cannot be used: {why}")]
    Uri {
        /// What is wrong with it.
        why: String,
    },
    /// The URI has a PIN in it.
    #[error("the PIN stands in the PKCS#11 URI, where others can read it")]
    PinInUri,
    /// Neither URI nor environment names a module.
    #[error("nothing says which PKCS#11 module leads to the token")]
    NoModule,
    /// The module cannot be loaded.
    #[error("the PKCS#11 module `{}` could not be loaded: {why}", path.display())]
    Module {
        /// Its file.
        path: PathBuf,
        /// What the system or the module said.
        why: String,
    },
    /// No token that is present is meant.
    #[error("no such token is present; {}", among(present, "these are:", "there is none at all"))]
    NoToken {
        /// The labels of those that are.
        present: Vec<String>,
    },
    /// Several tokens are meant.
    #[error("more than one token that is present is meant: {}", tokens.join(", "))]
    TwoTokens {
        /// The URI of each.
        tokens: Vec<String>,
    },
    /// The token has no user's PIN yet.
    #[error("the token was never made ready for use: it has no PIN")]
    NotReady,
    /// The token asks for a PIN, and there is nobody to type it, or nobody did.
    #[error("the token asks for its PIN, and none was given")]
    NoPin,
    /// The file with the PIN is of no use.
    #[error("the file with the PIN, `{}`, cannot be used: {why}", path.display())]
    PinFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The PIN is not the token's.
    #[error("the PIN is wrong{}", if *is_last_try { "; one more wrong PIN locks the token" } else { "" })]
    WrongPin {
        /// Whether the token says that the next try is the last.
        is_last_try: bool,
    },
    /// The token takes no PIN any more.
    #[error("the token is locked: a wrong PIN was given too often")]
    Locked,
    /// No key of the token is meant.
    #[error("the token has no such key; {}", among(present, "it has", "it has none at all"))]
    NotFound {
        /// The URIs of those it has.
        present: Vec<String>,
    },
    /// Several keys of the token are meant.
    #[error("more than one key of the token is meant: {}", keys.join(", "))]
    TwoKeys {
        /// The URI of each.
        keys: Vec<String>,
    },
    /// The key is of another kind.
    #[error("this key is not an Ed25519 key, and nothing else can be signed with here")]
    OtherKind,
    /// The token does not show the public half of a key.
    #[error("the token does not show the public half of this key")]
    NoPublicHalf,
    /// The public half may not be listed.
    #[error("{}", .0.what())]
    Public(guichet_trust::Refusal),
    /// The token lacks what Ed25519 needs.
    #[error("the token does not know `{mechanism}`, so it cannot {operation} with Ed25519")]
    Mechanism {
        /// The mechanism's name in PKCS#11.
        mechanism: &'static str,
        /// What it would be needed for.
        operation: &'static str,
    },
    /// There is a key of this name.
    #[error("the token has a key of this name already, and it was not touched")]
    Exists,
    /// The token's signature does not fit its public key.
    #[error("what the token signed does not fit its public key, and was not used")]
    BadSignature,
    /// The token cannot take so much at once.
    #[error("the token cannot sign a text of {bytes} bytes")]
    TooLong {
        /// How many there were.
        bytes: usize,
    },
    /// The token, or its module, failed.
    #[error("the token could not {operation}: {why}")]
    Token {
        /// What it was asked.
        operation: &'static str,
        /// What it said.
        why: String,
    },
}

fn among(present: &[String], some: &str, none: &str) -> String {
    if present.is_empty() { none.to_owned() } else { format!("{some} {}", present.join(", ")) }
}

impl TokenFailure {
    /// The stable word for this kind of failure.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Uri { .. } => "key/uri",
            Self::PinInUri => "key/pin-in-uri",
            Self::NoModule => "key/no-module",
            Self::Module { .. } => "key/module",
            Self::NoToken { .. } => "key/no-token",
            Self::TwoTokens { .. } => "key/two-tokens",
            Self::NotReady => "key/token-not-ready",
            Self::NoPin => "key/no-pin",
            Self::PinFile { .. } => "key/pin-file",
            Self::WrongPin { .. } => "key/wrong-pin",
            Self::Locked => "key/token-locked",
            Self::NotFound { .. } => "key/not-found",
            Self::TwoKeys { .. } => "key/two-keys",
            Self::OtherKind => "key/other-kind",
            Self::NoPublicHalf => "key/no-public-half",
            Self::Public(refusal) => refusal.class(),
            Self::Mechanism { .. } => "key/mechanism",
            Self::Exists => "key/exists",
            Self::BadSignature => "key/bad-signature",
            Self::TooLong { .. } => "key/too-long-to-sign",
            Self::Token { .. } => "key/token-failed",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Uri { .. } => "write it like pkcs11:token=LABEL;object=NAME (RFC 7512); guichet key list shows those there are",
            Self::PinInUri => "leave it out: it is asked for, or read from the file that pin-source=/path names. Change the PIN: it stands in the history of your shell",
            Self::NoModule => "add ?module-path=/full/path.so to the URI, or set GUICHET_PKCS11_MODULE; the maker of the token says where the module is",
            Self::Module { .. } => "see that the module is there and made for this system; the maker of the token says where it is",
            Self::NoToken { .. } => "plug the token in, and compare its label: guichet key list",
            Self::TwoTokens { .. } => "add serial=… or slot-id=… to the URI",
            Self::NotReady => "initialize it with the tool of its maker, and set the user's PIN",
            Self::NoPin => "type it where the command runs, or name a file with the PIN: ?pin-source=/path",
            Self::PinFile { .. } => "the PIN is the file's first line, and nobody else may read it",
            Self::WrongPin { is_last_try: false } => "type it again with care: a token locks itself after a few wrong ones",
            Self::WrongPin { is_last_try: true } => "stop, and look the PIN up before you try again",
            Self::Locked => "unlock it with its administrator's PIN (SO PIN) and the tool of its maker",
            Self::NotFound { .. } => "compare object=… and id=… with guichet key list, or make the key: guichet key new URI",
            Self::TwoKeys { .. } => "add id=… to the URI, as it stands above",
            Self::OtherKind => "make a key for this: guichet key new 'pkcs11:token=LABEL;object=NAME'",
            Self::NoPublicHalf => "write the public key beside it with the tool that made it, under the same id",
            Self::Public(refusal) => return refusal.hint(),
            Self::Mechanism { .. } => "use a token that knows Ed25519 (PKCS#11 3.0), or bring its module up to date",
            Self::Exists => "choose another object=NAME; a key that is overwritten is lost for good",
            Self::BadSignature => "the token holds a public key that belongs to another: make the key anew, and have the old one taken off the list",
            Self::TooLong { .. } => "use a token that signs longer texts with Ed25519; many take 2 kilobytes only",
            Self::Token { .. } => "plug it in again and try once more; if it stays, the tool of its maker says more",
        }
        .to_owned()
    }

    /// What the module said while it was asked to do something.
    pub(crate) fn said(operation: &'static str) -> impl FnOnce(Error) -> Self {
        move |error| match error {
            Error::Pkcs11(RvError::PinLocked, _) => Self::Locked,
            Error::Pkcs11(RvError::UserPinNotInitialized | RvError::TokenNotRecognized, _) => Self::NotReady,
            Error::Pkcs11(RvError::TokenNotPresent | RvError::DeviceRemoved, _) => {
                Self::NoToken { present: Vec::new() }
            }
            Error::Pkcs11(code, _) => Self::Token { operation, why: short(&code) },
            other => Self::Token { operation, why: other.to_string() },
        }
    }
}

/// The code's name, as it can be looked up.
fn short(code: &RvError) -> String {
    format!("{code:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_says_what_and_what_to_do() {
        let some = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let weak = guichet_trust::sign::PublicKey::from_bytes([0; 32]).unwrap_err();
        let all = [
            TokenFailure::Uri { why: "`slot-id` is not a number".into() },
            TokenFailure::PinInUri,
            TokenFailure::NoModule,
            TokenFailure::Module { path: "/usr/lib/token.so".into(), why: "there is no such file".into() },
            TokenFailure::NoToken { present: some(&["Archive", "Press office"]) },
            TokenFailure::NoToken { present: Vec::new() },
            TokenFailure::TwoTokens { tokens: some(&["pkcs11:token=A;serial=1", "pkcs11:token=A;serial=2"]) },
            TokenFailure::NotReady,
            TokenFailure::NoPin,
            TokenFailure::PinFile { path: "/run/pin".into(), why: "its first line is empty".into() },
            TokenFailure::WrongPin { is_last_try: false },
            TokenFailure::WrongPin { is_last_try: true },
            TokenFailure::Locked,
            TokenFailure::NotFound { present: some(&["pkcs11:object=one;id=%01"]) },
            TokenFailure::NotFound { present: Vec::new() },
            TokenFailure::TwoKeys { keys: some(&["pkcs11:object=one;id=%01", "pkcs11:object=one;id=%02"]) },
            TokenFailure::OtherKind,
            TokenFailure::NoPublicHalf,
            TokenFailure::Public(weak),
            TokenFailure::Mechanism { mechanism: "CKM_EDDSA", operation: "sign" },
            TokenFailure::Exists,
            TokenFailure::BadSignature,
            TokenFailure::TooLong { bytes: 40_000 },
            TokenFailure::Token { operation: "open a session", why: "SessionCount".into() },
        ];
        let text: Vec<_> = all.iter().map(|one| format!("[{}]: {one}\n  hint: {}", one.class(), one.hint())).collect();
        insta::assert_snapshot!(text.join("\n"), @r"
        [key/uri]: this PKCS#11 URI cannot be used: `slot-id` is not a number
          hint: write it like pkcs11:token=LABEL;object=NAME (RFC 7512); guichet key list shows those there are
        [key/pin-in-uri]: the PIN stands in the PKCS#11 URI, where others can read it
          hint: leave it out: it is asked for, or read from the file that pin-source=/path names. Change the PIN: it stands in the history of your shell
        [key/no-module]: nothing says which PKCS#11 module leads to the token
          hint: add ?module-path=/full/path.so to the URI, or set GUICHET_PKCS11_MODULE; the maker of the token says where the module is
        [key/module]: the PKCS#11 module `/usr/lib/token.so` could not be loaded: there is no such file
          hint: see that the module is there and made for this system; the maker of the token says where it is
        [key/no-token]: no such token is present; these are: Archive, Press office
          hint: plug the token in, and compare its label: guichet key list
        [key/no-token]: no such token is present; there is none at all
          hint: plug the token in, and compare its label: guichet key list
        [key/two-tokens]: more than one token that is present is meant: pkcs11:token=A;serial=1, pkcs11:token=A;serial=2
          hint: add serial=… or slot-id=… to the URI
        [key/token-not-ready]: the token was never made ready for use: it has no PIN
          hint: initialize it with the tool of its maker, and set the user's PIN
        [key/no-pin]: the token asks for its PIN, and none was given
          hint: type it where the command runs, or name a file with the PIN: ?pin-source=/path
        [key/pin-file]: the file with the PIN, `/run/pin`, cannot be used: its first line is empty
          hint: the PIN is the file's first line, and nobody else may read it
        [key/wrong-pin]: the PIN is wrong
          hint: type it again with care: a token locks itself after a few wrong ones
        [key/wrong-pin]: the PIN is wrong; one more wrong PIN locks the token
          hint: stop, and look the PIN up before you try again
        [key/token-locked]: the token is locked: a wrong PIN was given too often
          hint: unlock it with its administrator's PIN (SO PIN) and the tool of its maker
        [key/not-found]: the token has no such key; it has pkcs11:object=one;id=%01
          hint: compare object=… and id=… with guichet key list, or make the key: guichet key new URI
        [key/not-found]: the token has no such key; it has none at all
          hint: compare object=… and id=… with guichet key list, or make the key: guichet key new URI
        [key/two-keys]: more than one key of the token is meant: pkcs11:object=one;id=%01, pkcs11:object=one;id=%02
          hint: add id=… to the URI, as it stands above
        [key/other-kind]: this key is not an Ed25519 key, and nothing else can be signed with here
          hint: make a key for this: guichet key new 'pkcs11:token=LABEL;object=NAME'
        [key/no-public-half]: the token does not show the public half of this key
          hint: write the public key beside it with the tool that made it, under the same id
        [key/weak]: the public key is weak: anyone could make signatures for it
          hint: make another key with `guichet key new` and enrol that one
        [key/mechanism]: the token does not know `CKM_EDDSA`, so it cannot sign with Ed25519
          hint: use a token that knows Ed25519 (PKCS#11 3.0), or bring its module up to date
        [key/exists]: the token has a key of this name already, and it was not touched
          hint: choose another object=NAME; a key that is overwritten is lost for good
        [key/bad-signature]: what the token signed does not fit its public key, and was not used
          hint: the token holds a public key that belongs to another: make the key anew, and have the old one taken off the list
        [key/too-long-to-sign]: the token cannot sign a text of 40000 bytes
          hint: use a token that signs longer texts with Ed25519; many take 2 kilobytes only
        [key/token-failed]: the token could not open a session: SessionCount
          hint: plug it in again and try once more; if it stays, the tool of its maker says more
        ");
    }

    #[test]
    fn what_a_module_says_keeps_its_meaning() {
        use cryptoki::context::Function;
        let said = |code| TokenFailure::said("sign")(Error::Pkcs11(code, Function::Sign)).class();
        assert_eq!(said(RvError::PinLocked), "key/token-locked");
        assert_eq!(said(RvError::UserPinNotInitialized), "key/token-not-ready");
        assert_eq!(said(RvError::DeviceRemoved), "key/no-token");
        assert_eq!(said(RvError::GeneralError), "key/token-failed");
    }
}
