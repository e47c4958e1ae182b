//! Compiled code on disk, believed only if this engine wrote it.
//!
//! Invariant: no byte is deserialized that was not authenticated in memory first, because wasmtime trusts such bytes as it
//! trusts itself.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;

type HmacSha256 = Hmac<Sha256>;

const TAG_BYTES: usize = 32;
/// HMAC pads a shorter key with zeros to a block of its hash.
const BLOCK_BYTES: usize = 64;

/// A folder of compiled components.
pub(crate) struct Cache {
    folder: PathBuf,
    key: [u8; 32],
}

impl Cache {
    pub(crate) fn open(folder: PathBuf, key: [u8; 32]) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, key })
    }

    /// The compiled form of `wasm`, from the cache or compiled now and kept.
    pub(crate) fn compile(&self, engine: &wasmtime::Engine, wasm: &[u8]) -> wasmtime::Result<Component> {
        let name = name(engine, wasm);
        let path = self.folder.join(format!("{name}.cwasm"));
        if let Some(component) = self.load(engine, &name, &path) {
            return Ok(component);
        }
        let component = Component::from_binary(engine, wasm)?;
        if let Err(error) = self.keep(&name, &path, &component.serialize()?) {
            tracing::warn!(path = %path.display(), %error, "compiled code could not be kept");
        }
        Ok(component)
    }

    fn load(&self, engine: &wasmtime::Engine, name: &str, path: &Path) -> Option<Component> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "compiled code could not be read");
                return None;
            }
        };
        let Some(code) = self.authentic(name, &bytes) else {
            tracing::warn!(path = %path.display(), "compiled code is not ours and is compiled anew");
            return None;
        };
        // SAFETY: the bytes carry this host's own tag for this name, so `keep` wrote them from what `serialize` returned,
        // and they are the very buffer that was authenticated.
        #[expect(unsafe_code, reason = "wasmtime loads compiled code only by unsafe functions")]
        let component = unsafe { Component::deserialize(engine, code) };
        component.inspect_err(|error| tracing::warn!(path = %path.display(), %error, "compiled code does not fit")).ok()
    }

    fn keep(&self, name: &str, path: &Path, code: &[u8]) -> io::Result<()> {
        let part = self.folder.join(format!("{name}.{}.part", std::process::id()));
        let mut file = fs::File::create(&part)?;
        file.write_all(&self.mac(name, code).finalize().into_bytes())?;
        file.write_all(code)?;
        file.sync_all()?;
        fs::rename(part, path)
    }

    fn authentic<'a>(&self, name: &str, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let (tag, code) = bytes.split_at_checked(TAG_BYTES)?;
        self.mac(name, code).verify_slice(tag).ok().map(|()| code)
    }

    fn mac(&self, name: &str, code: &[u8]) -> HmacSha256 {
        let mut block = [0; BLOCK_BYTES];
        block[..self.key.len()].copy_from_slice(&self.key);
        HmacSha256::new(&block.into())
            .chain_update("guichet compiled code v1\0")
            .chain_update(name)
            .chain_update("\0")
            .chain_update(code)
    }
}

/// Names code by its source and by everything that decides how it is compiled.
fn name(engine: &wasmtime::Engine, wasm: &[u8]) -> String {
    let mut settings = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut settings);
    let digest = Sha256::new().chain_update(settings.finish().to_le_bytes()).chain_update(wasm).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
