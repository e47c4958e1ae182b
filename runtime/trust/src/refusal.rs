//! Why something is not acceptable: a stable class, what is wrong, where, and what to do about it.

use std::fmt;

use crate::log::LogReason;

/// Bytes, a key or a signature that cannot be accepted.
///
/// Its text is *what*, followed by *where* if that is known; programs print the class before and the hint after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    // Boxed: a refusal is rare, and every verifying function carries its size.
    inner: Box<(Reason, Option<String>)>,
}

impl Refusal {
    /// The stable word for this kind of refusal, such as `metadata/rollback`.
    pub fn class(&self) -> &'static str {
        self.inner.0.class()
    }

    /// What is wrong, as one sentence without its end.
    pub fn what(&self) -> String {
        self.inner.0.to_string()
    }

    /// The document, file or member it was found in.
    pub fn place(&self) -> Option<String> {
        self.inner.1.clone()
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        self.inner.0.hint().to_owned()
    }

    /// The same refusal, found in `place`; a place that is already known is kept.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.inner.1.get_or_insert_with(|| place.into());
        self
    }

    pub(crate) fn reason(&self) -> &Reason {
        &self.inner.0
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { inner: Box::new((reason, None)) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.0.fmt(f)?;
        match &self.inner.1 {
            Some(place) => write!(f, " (in {place})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}

/// One variant for each check that can fail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    #[error("this is not JSON: {0}")]
    JsonSyntax(String),
    #[error("the member `{0}` appears twice")]
    JsonDuplicate(String),
    #[error("{0} is not an integer between -9007199254740991 and 9007199254740991")]
    JsonNumber(String),
    #[error("the JSON is nested deeper than {0} levels")]
    JsonDepth(usize),
    #[error("the JSON does not have the expected members: {0}")]
    JsonShape(String),
    #[error("the JSON is not in its canonical form")]
    JsonNotCanonical,

    #[error("`{0}` is not a SHA-256 digest")]
    Digest(String),

    #[error("`{0}` is not a public key")]
    KeyText(String),
    #[error("the public key is not a point in its canonical encoding")]
    KeyEncoding,
    #[error("the public key is weak: anyone could make signatures for it")]
    KeyWeak,
    #[error("the public key has a small-order part")]
    KeyTorsion,
    #[error("this is not a key file: {0}")]
    KeyFile(String),
    #[error("the signature is not 64 bytes in hexadecimal")]
    SignatureText,
    #[error("the signature was not made by key {key} over these bytes for this purpose")]
    Signature { key: String },

    #[error("the document is not valid metadata: {0}")]
    Format(String),
    #[error("the document is of type `{found}`, not `{expected}`")]
    Type { expected: &'static str, found: String },
    #[error("the document was signed for role `{found}`, not `{expected}`")]
    Role { expected: String, found: String },
    #[error("the document is written to version {0} of the TUF specification, not 1.x")]
    SpecVersion(String),
    #[error("two signatures name key {0}")]
    DuplicateSignature(String),
    #[error("it has {valid} of the {threshold} signatures it needs")]
    Threshold { valid: usize, threshold: u64 },
    #[error("it expired on {expires}, and it is {now}")]
    Expired { expires: String, now: String },
    #[error("{what} went back from version {trusted} to {found}")]
    Rollback { what: String, trusted: u64, found: u64 },
    #[error("{0} was listed before and is no longer listed")]
    Unlisted(String),
    #[error("it is version {found}, but version {expected} was announced")]
    Version { expected: u64, found: u64 },
    #[error("root version {expected} must follow, but this is version {found}")]
    RootChain { expected: u64, found: u64 },
    #[error("it is {found} bytes long, but {allowed} were announced or allowed")]
    Length { allowed: u64, found: u64 },
    #[error("its SHA-256 is {found}, but {expected} was announced")]
    Mismatch { expected: String, found: String },
    #[error("the store has no such file, and the update cannot go on without it")]
    Missing,
    #[error("role `{0}` is delegated to, but the snapshot does not list it")]
    Unpinned(String),
    #[error("no trusted role delegates to `{0}`")]
    Delegation(String),
    #[error("this update has ended and asked for nothing")]
    Ended,

    #[error("the passkey is refused: {0}")]
    Passkey(&'static str),
    #[error(transparent)]
    Log(LogReason),

    #[error("role `{role}` may not list `{path}`")]
    EditPath { role: String, path: String },
    #[error("key {key} does not belong to role `{role}`")]
    EditKey { role: String, key: String },
    #[error("there is no role `{0}` to change")]
    EditRole(String),
    #[error("there is already a role `{0}`")]
    EditRoleTaken(String),
    #[error("role `{role}` would need {threshold} signatures but has {keys} keys")]
    EditThreshold { role: String, threshold: u64, keys: usize },
}

impl Reason {
    fn class(&self) -> &'static str {
        match self {
            Self::JsonSyntax(_) => "json/syntax",
            Self::JsonDuplicate(_) => "json/duplicate-member",
            Self::JsonNumber(_) => "json/number",
            Self::JsonDepth(_) => "json/depth",
            Self::JsonShape(_) => "json/shape",
            Self::JsonNotCanonical => "json/not-canonical",
            Self::Digest(_) => "digest/format",
            Self::KeyText(_) => "key/format",
            Self::KeyEncoding => "key/encoding",
            Self::KeyWeak => "key/weak",
            Self::KeyTorsion => "key/torsion",
            Self::KeyFile(_) => "key/file",
            Self::SignatureText => "signature/format",
            Self::Signature { .. } => "signature/invalid",
            Self::Format(_) => "metadata/format",
            Self::Type { .. } => "metadata/type",
            Self::Role { .. } => "metadata/role",
            Self::SpecVersion(_) => "metadata/spec-version",
            Self::DuplicateSignature(_) => "metadata/signature",
            Self::Threshold { .. } => "metadata/threshold",
            Self::Expired { .. } => "metadata/expired",
            Self::Rollback { .. } | Self::Unlisted(_) => "metadata/rollback",
            Self::Version { .. } => "metadata/version",
            Self::RootChain { .. } => "metadata/root-chain",
            Self::Length { .. } => "metadata/length",
            Self::Mismatch { .. } => "metadata/digest",
            Self::Missing | Self::Unpinned(_) => "metadata/missing",
            Self::Delegation(_) => "metadata/delegation",
            Self::Ended => "metadata/ended",
            Self::Passkey(_) => "passkey/refused",
            Self::Log(reason) => reason.class(),
            Self::EditPath { .. } => "editor/path",
            Self::EditKey { .. } => "editor/key",
            Self::EditRole(_) => "editor/unknown-role",
            Self::EditRoleTaken(_) => "editor/role-taken",
            Self::EditThreshold { .. } => "editor/threshold",
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::JsonSyntax(_) => "check the file for damage and write it again with the tool that made it",
            Self::JsonDuplicate(_) => "keep one of the two: readers would not agree which one counts",
            Self::JsonNumber(_) => "write amounts as whole numbers, or as text",
            Self::JsonDepth(_) => "flatten the document",
            Self::JsonShape(_) => "compare it with docs/reference/formats.md",
            Self::JsonNotCanonical => "write it with the tool that signs it: RFC 8785, no spaces, members sorted",
            Self::Digest(_) => "a digest is 64 lower-case hexadecimal digits",
            Self::KeyText(_) => "a public key is `ed25519:` and 64 lower-case hexadecimal digits: `guichet key show`",
            Self::KeyEncoding | Self::KeyWeak | Self::KeyTorsion => {
                "make another key with `guichet key new` and enrol that one"
            }
            Self::KeyFile(_) => "give the file that `guichet key new` wrote",
            Self::SignatureText => "a signature is 128 lower-case hexadecimal digits",
            Self::Signature { .. } => "the bytes were changed after signing, or another key signed them",
            Self::Format(_) | Self::Type { .. } => {
                "the store or something on the way to it served another file in its place"
            }
            Self::Role { .. } => "publish the document under the role its signers meant",
            Self::SpecVersion(_) => "update this program, or ask the store's operator for TUF 1.0 metadata",
            Self::DuplicateSignature(_) => "each key signs once: remove the second signature",
            Self::Threshold { .. } => {
                "let more keyholders of the role sign, and check that their keys are still listed"
            }
            Self::Expired { .. } => {
                "check this device's clock; if it is right, the store has stopped refreshing: tell its operator"
            }
            Self::Rollback { .. } | Self::Unlisted(_) => {
                "an old state is being served: check the address and any mirror or proxy, then tell the store's operator"
            }
            Self::Version { .. } | Self::Length { .. } | Self::Mismatch { .. } => {
                "the store's files do not belong together: try again, then tell its operator"
            }
            Self::RootChain { .. } => "root documents follow one by one: ask the store's operator for every version",
            Self::Missing | Self::Unpinned(_) => {
                "the store's folder is incomplete: publish it again, or use another mirror"
            }
            Self::Delegation(_) => "check the department's name, or ask the security office to delegate to it",
            Self::Ended => "begin a new update",
            Self::Passkey(_) => "try again on the store's own page, with a passkey that was made there",
            Self::Log(reason) => reason.hint(),
            Self::EditPath { .. } => "use a path the role's delegation covers; `*` stands for one path segment",
            Self::EditKey { .. } => "sign with a key that is listed for the role, or have the key enrolled first",
            Self::EditRole(_) => "check the name, or add the role first",
            Self::EditRoleTaken(_) => "choose another name, or change the existing role",
            Self::EditThreshold { .. } => "list more keys, or lower the threshold",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Expiry;

    /// One of every kind.
    fn every() -> Vec<Reason> {
        let text = || "x".to_owned();
        vec![
            Reason::JsonSyntax("expected value at line 1 column 1".to_owned()),
            Reason::JsonDuplicate("version".to_owned()),
            Reason::JsonNumber("1.5".to_owned()),
            Reason::JsonDepth(32),
            Reason::JsonShape("missing field `version`".to_owned()),
            Reason::JsonNotCanonical,
            Reason::Digest(text()),
            Reason::KeyText(text()),
            Reason::KeyEncoding,
            Reason::KeyWeak,
            Reason::KeyTorsion,
            Reason::KeyFile("its format is 2, not 1".to_owned()),
            Reason::SignatureText,
            Reason::Signature { key: "0a1b".to_owned() },
            Reason::Format("its version is 0".to_owned()),
            Reason::Type { expected: "root", found: "targets".to_owned() },
            Reason::Role { expected: "residence-wide".to_owned(), found: "residence".to_owned() },
            Reason::SpecVersion("2.0.0".to_owned()),
            Reason::DuplicateSignature("0a1b".to_owned()),
            Reason::Threshold { valid: 1, threshold: 2 },
            Reason::Expired { expires: Expiry::at(0).to_string(), now: Expiry::at(86_400_000).to_string() },
            Reason::Rollback { what: "the timestamp".to_owned(), trusted: 9, found: 8 },
            Reason::Unlisted("`residence.json`".to_owned()),
            Reason::Version { expected: 9, found: 8 },
            Reason::RootChain { expected: 3, found: 4 },
            Reason::Length { allowed: 10, found: 11 },
            Reason::Mismatch { expected: "00".to_owned(), found: "ff".to_owned() },
            Reason::Missing,
            Reason::Passkey("it answers another question"),
            Reason::Unpinned("residence".to_owned()),
            Reason::Delegation("residence".to_owned()),
            Reason::Ended,
            Reason::EditPath { role: "residence".to_owned(), path: "keys/tax.json".to_owned() },
            Reason::EditKey { role: "residence".to_owned(), key: "0a1b".to_owned() },
            Reason::EditRole("residence".to_owned()),
            Reason::EditRoleTaken("residence".to_owned()),
            Reason::EditThreshold { role: "root".to_owned(), threshold: 3, keys: 2 },
        ]
    }

    #[test]
    fn every_refusal_says_what_and_what_to_do() {
        let text: String = every()
            .into_iter()
            .map(Refusal::from)
            .map(|it| format!("error[{}]: {}\n  hint: {}\n", it.class(), it.what(), it.hint()))
            .collect();
        insta::assert_snapshot!(text, @r"
        error[json/syntax]: this is not JSON: expected value at line 1 column 1
          hint: check the file for damage and write it again with the tool that made it
        error[json/duplicate-member]: the member `version` appears twice
          hint: keep one of the two: readers would not agree which one counts
        error[json/number]: 1.5 is not an integer between -9007199254740991 and 9007199254740991
          hint: write amounts as whole numbers, or as text
        error[json/depth]: the JSON is nested deeper than 32 levels
          hint: flatten the document
        error[json/shape]: the JSON does not have the expected members: missing field `version`
          hint: compare it with docs/reference/formats.md
        error[json/not-canonical]: the JSON is not in its canonical form
          hint: write it with the tool that signs it: RFC 8785, no spaces, members sorted
        error[digest/format]: `x` is not a SHA-256 digest
          hint: a digest is 64 lower-case hexadecimal digits
        error[key/format]: `x` is not a public key
          hint: a public key is `ed25519:` and 64 lower-case hexadecimal digits: `guichet key show`
        error[key/encoding]: the public key is not a point in its canonical encoding
          hint: make another key with `guichet key new` and enrol that one
        error[key/weak]: the public key is weak: anyone could make signatures for it
          hint: make another key with `guichet key new` and enrol that one
        error[key/torsion]: the public key has a small-order part
          hint: make another key with `guichet key new` and enrol that one
        error[key/file]: this is not a key file: its format is 2, not 1
          hint: give the file that `guichet key new` wrote
        error[signature/format]: the signature is not 64 bytes in hexadecimal
          hint: a signature is 128 lower-case hexadecimal digits
        error[signature/invalid]: the signature was not made by key 0a1b over these bytes for this purpose
          hint: the bytes were changed after signing, or another key signed them
        error[metadata/format]: the document is not valid metadata: its version is 0
          hint: the store or something on the way to it served another file in its place
        error[metadata/type]: the document is of type `targets`, not `root`
          hint: the store or something on the way to it served another file in its place
        error[metadata/role]: the document was signed for role `residence`, not `residence-wide`
          hint: publish the document under the role its signers meant
        error[metadata/spec-version]: the document is written to version 2.0.0 of the TUF specification, not 1.x
          hint: update this program, or ask the store's operator for TUF 1.0 metadata
        error[metadata/signature]: two signatures name key 0a1b
          hint: each key signs once: remove the second signature
        error[metadata/threshold]: it has 1 of the 2 signatures it needs
          hint: let more keyholders of the role sign, and check that their keys are still listed
        error[metadata/expired]: it expired on 1970-01-01T00:00:00Z, and it is 1970-01-02T00:00:00Z
          hint: check this device's clock; if it is right, the store has stopped refreshing: tell its operator
        error[metadata/rollback]: the timestamp went back from version 9 to 8
          hint: an old state is being served: check the address and any mirror or proxy, then tell the store's operator
        error[metadata/rollback]: `residence.json` was listed before and is no longer listed
          hint: an old state is being served: check the address and any mirror or proxy, then tell the store's operator
        error[metadata/version]: it is version 8, but version 9 was announced
          hint: the store's files do not belong together: try again, then tell its operator
        error[metadata/root-chain]: root version 3 must follow, but this is version 4
          hint: root documents follow one by one: ask the store's operator for every version
        error[metadata/length]: it is 11 bytes long, but 10 were announced or allowed
          hint: the store's files do not belong together: try again, then tell its operator
        error[metadata/digest]: its SHA-256 is ff, but 00 was announced
          hint: the store's files do not belong together: try again, then tell its operator
        error[metadata/missing]: the store has no such file, and the update cannot go on without it
          hint: the store's folder is incomplete: publish it again, or use another mirror
        error[passkey/refused]: the passkey is refused: it answers another question
          hint: try again on the store's own page, with a passkey that was made there
        error[metadata/missing]: role `residence` is delegated to, but the snapshot does not list it
          hint: the store's folder is incomplete: publish it again, or use another mirror
        error[metadata/delegation]: no trusted role delegates to `residence`
          hint: check the department's name, or ask the security office to delegate to it
        error[metadata/ended]: this update has ended and asked for nothing
          hint: begin a new update
        error[editor/path]: role `residence` may not list `keys/tax.json`
          hint: use a path the role's delegation covers; `*` stands for one path segment
        error[editor/key]: key 0a1b does not belong to role `residence`
          hint: sign with a key that is listed for the role, or have the key enrolled first
        error[editor/unknown-role]: there is no role `residence` to change
          hint: check the name, or add the role first
        error[editor/role-taken]: there is already a role `residence`
          hint: choose another name, or change the existing role
        error[editor/threshold]: role `root` would need 3 signatures but has 2 keys
          hint: list more keys, or lower the threshold
        ");
    }

    #[test]
    fn the_first_place_stays() {
        let refusal = Refusal::from(Reason::Missing).at("3.root.json").at("root.json");
        assert_eq!(refusal.place().as_deref(), Some("3.root.json"));
        insta::assert_snapshot!(refusal, @"the store has no such file, and the update cannot go on without it (in 3.root.json)");
    }
}
