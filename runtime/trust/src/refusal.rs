//! Why something is not acceptable: a stable class, what is wrong, where, and what to do about it.

use std::fmt;

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
    #[error("{valid} of its required {threshold} signatures are valid")]
    Threshold { valid: usize, threshold: u64 },
    #[error("it expired on {expires}, before this check at {now}")]
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
    #[error("it could not be had, but the update cannot go on without it")]
    Missing,
    #[error("no trusted role delegates to `{0}`")]
    Delegation(String),
    #[error("the {0} of this update had already ended")]
    Ended(&'static str),

    #[error("role `{role}` may not list `{path}`")]
    EditPath { role: String, path: String },
    #[error("key {key} does not belong to role `{role}`")]
    EditKey { role: String, key: String },
    #[error("there is no role `{0}` to change")]
    EditRole(String),
    #[error("there is already a role `{0}`")]
    EditRoleTaken(String),
    #[error("role `{role}` would need {threshold} signatures but have {keys} keys")]
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
            Self::Missing => "metadata/missing",
            Self::Delegation(_) => "metadata/delegation",
            Self::Ended(_) => "metadata/ended",
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
            Self::Missing => "the store's folder is incomplete: publish it again, or use another mirror",
            Self::Delegation(_) => "check the department's name, or ask the security office to delegate to it",
            Self::Ended(_) => "begin a new update",
            Self::EditPath { .. } => "use a path the role's delegation covers; `*` stands for one path segment",
            Self::EditKey { .. } => "sign with a key that is listed for the role, or have the key enrolled first",
            Self::EditRole(_) => "check the name, or add the role first",
            Self::EditRoleTaken(_) => "choose another name, or change the existing role",
            Self::EditThreshold { .. } => "list more keys, or lower the threshold",
        }
    }
}
