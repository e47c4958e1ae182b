//! Compiled code on disk, believed only if this engine wrote it.
//!
//! Invariant: no byte is deserialized that was not authenticated in memory first, because wasmtime trusts such bytes as it
//! trusts itself.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use hmac::{KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;

use crate::{CacheOptions, Holds, Wasm, image::HmacSha256};
#[cfg(target_os = "linux")]
use crate::{
    Ended,
    apart::{Code, Kept},
};

/// The purpose of a tag.
const CODE: &str = "guichet compiled code v1\0";
const TAG_BYTES: usize = 32;
/// HMAC pads a shorter key with zeros to a block of its hash.
const BLOCK_BYTES: usize = 64;

/// A folder of compiled components.
pub(crate) struct Cache {
    folder: PathBuf,
    key: [u8; 32],
    /// What it is asked for.
    pub(crate) holds: Holds,
    #[cfg(target_os = "linux")]
    kept: Kept,
}

impl Cache {
    pub(crate) fn open(CacheOptions { folder, key, holds }: CacheOptions) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self {
            folder,
            key,
            holds,
            #[cfg(target_os = "linux")]
            kept: Kept::default(),
        })
    }

    /// The compiled form of `wasm`, from the cache or compiled now and kept.
    pub(crate) fn compile(&self, engine: &wasmtime::Engine, wasm: &Wasm) -> wasmtime::Result<Component> {
        let name = name(engine, wasm);
        let path = self.folder.join(format!("{name}.cwasm"));
        if let Some(component) = self.load(engine, &name, &path) {
            return Ok(component);
        }
        let component = Component::from_binary(engine, wasm.bytes())?;
        if let Err(error) = self.keep(&name, &path, &component.serialize()?) {
            tracing::warn!(path = %path.display(), %error, "compiled code could not be kept");
        }
        Ok(component)
    }

    /// The compiled form of what has this name ([`name`]) as sealed memory, from the cache or compiled now and kept.
    #[cfg(target_os = "linux")]
    pub(crate) fn code(&self, name: &str, compile: impl FnOnce() -> Result<Code, Ended>) -> Result<Code, Ended> {
        if let Some(code) = self.kept.get(name) {
            return Ok(code);
        }
        let code = self.read_or_compile(name, compile)?;
        self.kept.put(name, &code);
        Ok(code)
    }

    #[cfg(target_os = "linux")]
    fn read_or_compile(&self, name: &str, compile: impl FnOnce() -> Result<Code, Ended>) -> Result<Code, Ended> {
        let path = self.folder.join(format!("{name}.cwasm"));
        match self.load_sealed(name, &path) {
            Ok(Some(code)) => return Ok(code),
            Ok(None) => {}
            Err(error) => tracing::warn!(path = %path.display(), %error, "compiled code could not be read"),
        }
        let code = compile()?;
        if let Err(error) = self.keep_sealed(name, &path, &code) {
            tracing::warn!(path = %path.display(), %error, "compiled code could not be kept");
        }
        Ok(code)
    }

    /// The very bytes that were authenticated, sealed while they are.
    #[cfg(target_os = "linux")]
    fn load_sealed(&self, name: &str, path: &Path) -> io::Result<Option<Code>> {
        let mut file = match fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut tag = [0; TAG_BYTES];
        let mut room = Code::room()?;
        let whole = file.read_exact(&mut tag);
        io::copy(&mut file, &mut room)?;
        let code = Code::seal(room)?;
        let mut mac = Tagging(self.mac_for(CODE, name));
        code.copy_to(&mut mac)?;
        if whole.is_ok() && mac.0.verify_slice(&tag).is_ok() {
            return Ok(Some(code));
        }
        tracing::warn!(path = %path.display(), "compiled code is not ours and is compiled anew");
        Ok(None)
    }

    #[cfg(target_os = "linux")]
    fn keep_sealed(&self, name: &str, path: &Path, code: &Code) -> io::Result<()> {
        let mut mac = Tagging(self.mac_for(CODE, name));
        code.copy_to(&mut mac)?;
        self.write(name, path, &mac.0.finalize().into_bytes(), |file| code.copy_to(file))
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
        let tag = self.mac(name, code).finalize().into_bytes();
        self.write(name, path, &tag, |file| file.write_all(code))
    }

    fn write(
        &self,
        name: &str,
        path: &Path,
        tag: &[u8],
        code: impl FnOnce(&mut fs::File) -> io::Result<()>,
    ) -> io::Result<()> {
        let part = self.folder.join(format!("{name}.{}.part", std::process::id()));
        let mut file = fs::File::create(&part)?;
        file.write_all(tag)?;
        code(&mut file)?;
        file.sync_all()?;
        fs::rename(part, path)
    }

    fn authentic<'a>(&self, name: &str, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let (tag, code) = bytes.split_at_checked(TAG_BYTES)?;
        self.mac(name, code).verify_slice(tag).ok().map(|()| code)
    }

    fn mac(&self, name: &str, code: &[u8]) -> HmacSha256 {
        self.mac_for(CODE, name).chain_update(code)
    }

    /// Begins the tag of something made on this device, for one purpose and under one name.
    pub(crate) fn mac_for(&self, purpose: &str, name: &str) -> HmacSha256 {
        let mut block = [0; BLOCK_BYTES];
        block[..self.key.len()].copy_from_slice(&self.key);
        HmacSha256::new(&block.into()).chain_update(purpose).chain_update(name).chain_update("\0")
    }
}

/// Feeds what is written to it into a tag.
#[cfg(target_os = "linux")]
struct Tagging(HmacSha256);

#[cfg(target_os = "linux")]
impl io::Write for Tagging {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Names code by its source and by everything that decides how it is compiled.
pub(crate) fn name(engine: &wasmtime::Engine, wasm: &Wasm) -> String {
    let mut settings = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut settings);
    let digest = Sha256::new().chain_update(settings.finish().to_le_bytes()).chain_update(wasm.sha256()).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    /// An empty component.
    fn wasm() -> Wasm {
        Wasm::new(&b"\0asm\x0d\0\x01\0"[..])
    }

    struct Fixture {
        engine: wasmtime::Engine,
        folder: tempfile::TempDir,
    }

    impl Fixture {
        /// A cache that has compiled the component.
        fn filled() -> Self {
            let fixture = Self { engine: wasmtime::Engine::default(), folder: tempfile::tempdir().unwrap() };
            fixture.cache(KEY).compile(&fixture.engine, &wasm()).unwrap();
            fixture
        }

        fn cache(&self, key: [u8; 32]) -> Cache {
            let folder = self.folder.path().to_owned();
            Cache::open(CacheOptions { folder, key, holds: Holds::Everything }).unwrap()
        }

        fn file(&self) -> PathBuf {
            self.folder.path().join(format!("{}.cwasm", name(&self.engine, &wasm())))
        }

        fn is_believed(&self, key: [u8; 32]) -> bool {
            self.is_believed_as(key, &name(&self.engine, &wasm()), &self.file())
        }

        /// Whether it is, which is the same behind one wall and behind two.
        fn is_believed_as(&self, key: [u8; 32], name: &str, file: &Path) -> bool {
            let cache = self.cache(key);
            let is_believed = cache.load(&self.engine, name, file).is_some();
            #[cfg(target_os = "linux")]
            assert_eq!(cache.load_sealed(name, file).unwrap().is_some(), is_believed, "behind two walls");
            is_believed
        }
    }

    #[test]
    fn what_was_compiled_is_loaded() {
        assert!(Fixture::filled().is_believed(KEY));
    }

    #[test]
    fn nothing_is_left_beside_the_kept_file() {
        let fixture = Fixture::filled();
        let files: Vec<_> = fs::read_dir(fixture.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files, [fixture.file()]);
    }

    #[test]
    fn one_changed_bit_is_not_believed() {
        let fixture = Fixture::filled();
        let bytes = fs::read(fixture.file()).unwrap();
        for at in [0, TAG_BYTES - 1, TAG_BYTES, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(fixture.file(), changed).unwrap();
            assert!(!fixture.is_believed(KEY), "byte {at}");
        }
        for length in [0, 1, TAG_BYTES - 1, TAG_BYTES, bytes.len() - 1] {
            fs::write(fixture.file(), &bytes[..length]).unwrap();
            assert!(!fixture.is_believed(KEY), "length {length}");
        }
    }

    #[test]
    fn another_hosts_file_is_not_believed() {
        assert!(!Fixture::filled().is_believed([8; 32]));
    }

    #[test]
    fn a_file_under_another_name_is_not_believed() {
        let fixture = Fixture::filled();
        let other = fixture.folder.path().join("other.cwasm");
        fs::copy(fixture.file(), &other).unwrap();
        assert!(!fixture.is_believed_as(KEY, "other", &other));
    }

    #[test]
    fn what_is_not_believed_is_compiled_anew_and_kept() {
        let fixture = Fixture::filled();
        fs::write(fixture.file(), b"forged").unwrap();
        fixture.cache(KEY).compile(&fixture.engine, &wasm()).unwrap();
        assert!(fixture.is_believed(KEY));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_was_believed_once_is_not_read_again() {
        let fixture = Fixture::filled();
        let (cache, name) = (fixture.cache(KEY), name(&fixture.engine, &wasm()));
        let first = cache.code(&name, || panic!("it is in the folder")).unwrap();
        fs::write(fixture.file(), b"forged").unwrap();
        let again = cache.code(&name, || panic!("it is in memory")).unwrap();
        assert!(std::ptr::eq(first.file(), again.file()));
        let compiled = std::cell::Cell::new(false);
        fixture
            .cache(KEY)
            .code(&name, || {
                compiled.set(true);
                Ok(first.clone())
            })
            .unwrap();
        assert!(compiled.get(), "another run of the host finds the forged file");
    }

    #[test]
    fn other_settings_have_another_name() {
        let mut config = wasmtime::Config::new();
        let other = wasmtime::Engine::new(config.epoch_interruption(true)).unwrap();
        assert_ne!(name(&wasmtime::Engine::default(), &wasm()), name(&other, &wasm()));
        assert_ne!(name(&other, &wasm()), name(&other, &Wasm::new([wasm().bytes(), &[0]].concat())));
    }
    #[test]
    fn bytes_that_were_hashed_have_the_name_of_their_digest() {
        let (engine, wasm) = (wasmtime::Engine::default(), wasm());
        assert_eq!(name(&engine, &Wasm::hashed(wasm.bytes().to_vec(), *wasm.sha256())), name(&engine, &wasm));
    }

    #[cfg(debug_assertions)]
    #[test]
    #[should_panic(expected = "the digest is that of the bytes")]
    fn a_digest_of_other_bytes_is_found_by_whoever_tests() {
        Wasm::hashed(wasm().bytes().to_vec(), [0; 32]);
    }
}
