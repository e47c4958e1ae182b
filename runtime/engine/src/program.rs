//! What is run: the logic of a package.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use sha2::{Digest as _, Sha256};

use crate::Sources;

/// The logic of a package.
pub enum Program {
    /// JavaScript modules by their path in the package; `app.js` is the main one.
    Script(BTreeMap<String, String>),
    /// The same, read only when they are asked for: who starts from an image seldom does.
    ScriptIn(Sources),
    /// A WebAssembly component of the world `mini-app`.
    Component(Wasm),
}

/// The bytes of a component, and their SHA-256, under which its compiled code is kept.
pub struct Wasm {
    bytes: Cow<'static, [u8]>,
    sha256: [u8; 32],
}

impl Program {
    pub(crate) fn sources(&self) -> Sources {
        match self {
            Self::Script(sources) => {
                let sources = sources.clone();
                Arc::new(move |path| sources.get(path).cloned())
            }
            Self::ScriptIn(sources) => Arc::clone(sources),
            Self::Component(_) => Arc::new(|_| None),
        }
    }
}

impl Wasm {
    /// Hashes them.
    pub fn new(bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        let bytes = bytes.into();
        let sha256 = Sha256::digest(&bytes).into();
        Self { bytes, sha256 }
    }

    /// Bytes that were hashed when they were read, and had this digest: by it their compiled code is found, and kept for others.
    pub fn hashed(bytes: Vec<u8>, sha256: [u8; 32]) -> Self {
        debug_assert!(Sha256::digest(&bytes)[..] == sha256, "the digest is that of the bytes");
        Self { bytes: bytes.into(), sha256 }
    }

    /// The bytes, as a package has them.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }
}
