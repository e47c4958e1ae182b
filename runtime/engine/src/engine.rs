//! The engine of one host process: settings, the cache of compiled code, and the script component.

#[cfg(feature = "host")]
use std::{fs::File, path::Path, sync::OnceLock};
use std::{io, path::PathBuf, sync::Arc};

#[cfg(feature = "host")]
use hmac::Mac as _;
use wasmtime::Config;
#[cfg(feature = "host")]
use wasmtime::component::{Component, InstancePre};

#[cfg(feature = "host")]
use crate::{
    Budget, Ended, Image, Loaded, NoImage, Program, Wasm,
    believed::Believed,
    cache::{self, Cache},
    image::{self, HmacSha256},
    logic,
    shapes::{self, Origin},
    state::State,
};
#[cfg(all(feature = "host", target_os = "linux"))]
use crate::{Programs, apart::Apart};
use crate::{clock::Clock, memory::Memories};

/// The script component, built for its own target by `cargo xtask guests`.
#[cfg(feature = "host")]
pub(crate) const SCRIPT: &[u8] = include_bytes!(env!("GUICHET_SCRIPT_WASM"));
/// How deep a guest's frames may go. The script component stops JavaScript at 384 KiB of its own stack, before this one is full.
const GUEST_STACK_BYTES: usize = 1536 << 10;

/// Runs logic. Clones share everything.
#[cfg(feature = "host")]
#[derive(Clone)]
pub struct Engine(Arc<Shared>);

/// How an engine is set up.
#[cfg(feature = "host")]
#[derive(Default)]
pub struct EngineOptions {
    /// Where compiled code is kept; without it code is compiled each time, and there are no images.
    pub cache: Option<CacheOptions>,
    /// What stands between an app and the host.
    pub walls: Walls,
}

/// Where compiled code is kept.
#[cfg(feature = "host")]
#[derive(Clone)]
pub struct CacheOptions {
    /// The folder; made if it is not there.
    pub folder: PathBuf,
    /// The secret that proves that compiled code, or an image, is ours.
    pub key: [u8; 32],
    /// What is kept.
    pub holds: Holds,
}

/// Whose code a cache holds.
#[cfg(feature = "host")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// The platform's and that of packages; there are images, too.
    Everything,
    /// The script component, which is the platform's, and nothing of any package.
    ScriptComponent,
}

/// What stands between an app and the host: the composition root decides it, once.
#[cfg(feature = "host")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Walls {
    /// WebAssembly, in the process of the host: where a platform forbids children.
    #[default]
    One,
    /// WebAssembly, in a process of its own for each session, and another for the compiler.
    #[cfg(target_os = "linux")]
    Two(Programs),
}

/// The engine could not be made.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// wasmtime does not take the settings.
    #[error("this machine cannot run WebAssembly: {0}; hint: a 64-bit system is needed")]
    Configure(String),
    /// A program that a host starts is not there.
    #[error("{} is missing; hint: install all programs of this host into one folder", path.display())]
    NoProgram {
        /// Where it should be.
        path: PathBuf,
    },
    /// The folder of compiled code is not usable.
    #[cfg(feature = "host")]
    #[error(
        "the cache of compiled code at {path} cannot be opened; hint: make the folder writable, or set GUICHET_HOME to another one"
    )]
    OpenCache {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The clock's thread does not start.
    #[error(
        "the thread that watches deadlines cannot start; hint: close other programs, or raise the limit on threads"
    )]
    StartClock(#[source] io::Error),
}

/// What clones of an engine, and everything made by it, have in common.
pub(crate) struct Shared {
    pub(crate) engine: wasmtime::Engine,
    pub(crate) clock: Clock,
    #[cfg(feature = "host")]
    cache: Option<Cache>,
    #[cfg(all(feature = "host", target_os = "linux"))]
    apart: Option<Apart>,
    #[cfg(feature = "host")]
    script: OnceLock<Result<InstancePre<State>, Ended>>,
    /// Names the script component and the settings it is compiled with.
    #[cfg(feature = "host")]
    script_name: OnceLock<String>,
    #[cfg(feature = "host")]
    believed: Believed,
}

#[cfg(feature = "host")]
impl Engine {
    /// Makes an engine and starts its clock.
    pub fn new(options: EngineOptions) -> Result<Self, EngineError> {
        let open = |options: CacheOptions| {
            let path = options.folder.clone();
            Cache::open(options).map_err(|source| EngineError::OpenCache { path, source })
        };
        let cache = options.cache.map(open).transpose()?;
        #[cfg(target_os = "linux")]
        let apart = match options.walls {
            Walls::One => None,
            Walls::Two(programs) => Some(Apart::new(programs).map_err(EngineError::StartClock)?),
        };
        let shared = Shared {
            cache,
            #[cfg(target_os = "linux")]
            apart,
            ..Shared::bare()?
        };
        Ok(Self(Arc::new(shared)))
    }

    /// Compiles and links a program, or takes it from the cache.
    ///
    /// Behind two walls it is linked when it starts.
    pub fn load(&self, program: &Program) -> Result<Loaded, Ended> {
        #[cfg(target_os = "linux")]
        if let Some(apart) = &self.0.apart {
            return apart.load(&self.0, program).map(Loaded::apart);
        }
        let (linked, origin) = match program {
            Program::Script(_) | Program::ScriptIn(_) => {
                (self.0.script.get_or_init(|| self.0.link(&Wasm::new(SCRIPT), Origin::Script)).clone()?, Origin::Script)
            }
            Program::Component(wasm) => (self.0.link(wasm, Origin::App)?, Origin::App),
        };
        Ok(Loaded::here(logic::Loaded::new(self.0.clone(), linked, origin, program.sources())))
    }

    /// Sees to it that the next session finds a process that waits, one for a script and one for a component. To be called
    /// on a thread that has time, when the machine has; does nothing where logic runs in this process.
    pub fn prepare(&self) {
        #[cfg(target_os = "linux")]
        if let Some(apart) = &self.0.apart {
            apart.prepare(&self.0);
        }
    }

    /// The numbers of the processes that wait, for reports.
    pub fn waiting(&self) -> Vec<u32> {
        #[cfg(target_os = "linux")]
        if let Some(apart) = &self.0.apart {
            return apart.waiting();
        }
        Vec::new()
    }

    /// The image at a path, if this device has made it with this engine from the package of this digest.
    pub fn image(&self, path: &Path, package: &[u8; 32]) -> Option<Image> {
        let mac = self.0.mac(package)?;
        let opened = File::open(path).and_then(|file| {
            let is_ours = self.0.believed.check(&file, package, || image::is_sealed(&file, mac))?;
            Ok((is_ours, Image::read(file)?))
        });
        match opened {
            Ok((true, image)) => Some(image),
            Ok((false, _)) => {
                tracing::info!(path = %path.display(), "a memory image is not of this device, engine and package");
                None
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "a memory image cannot be read");
                None
            }
        }
    }

    /// Loads a script as a launch would, and writes an image of its memory, as that of the package of this digest.
    pub fn write_image(
        &self,
        file: &File,
        package: &[u8; 32],
        program: &Program,
        budget: Budget,
    ) -> Result<(), NoImage> {
        self.load(program)?.write_image(file, budget)?;
        self.seal_image(file, package)
    }

    /// Authenticates an image that was written by [`crate::Logic::write_image`], perhaps in another process that was
    /// given nothing else to write to.
    pub fn seal_image(&self, file: &File, package: &[u8; 32]) -> Result<(), NoImage> {
        Ok(image::seal(file, self.0.mac(package).ok_or(NoImage::NoKey)?)?)
    }
}

impl Shared {
    /// What running needs, and nothing that loading needs.
    pub(crate) fn bare() -> Result<Self, EngineError> {
        let engine =
            wasmtime::Engine::new(&config()).map_err(|error| EngineError::Configure(error.root_cause().to_string()))?;
        let clock = Clock::start(engine.clone()).map_err(EngineError::StartClock)?;
        Ok(Self {
            engine,
            clock,
            #[cfg(feature = "host")]
            cache: None,
            #[cfg(all(feature = "host", target_os = "linux"))]
            apart: None,
            #[cfg(feature = "host")]
            script: OnceLock::new(),
            #[cfg(feature = "host")]
            script_name: OnceLock::new(),
            #[cfg(feature = "host")]
            believed: Believed::default(),
        })
    }

    /// Begins the tag of an image: it is bound to the package, the script component and how that is compiled.
    #[cfg(feature = "host")]
    fn mac(&self, package: &[u8; 32]) -> Option<HmacSha256> {
        let mac = self.cache(Origin::App)?.mac_for("guichet memory image v1\0", self.script_name());
        Some(mac.chain_update(package))
    }

    /// The cache, if it holds what is of this origin.
    #[cfg(feature = "host")]
    pub(crate) fn cache(&self, origin: Origin) -> Option<&Cache> {
        self.cache.as_ref().filter(|cache| origin == Origin::Script || cache.holds == Holds::Everything)
    }

    #[cfg(feature = "host")]
    pub(crate) fn script_name(&self) -> &str {
        self.script_name.get_or_init(|| cache::name(&self.engine, &Wasm::new(SCRIPT)))
    }

    #[cfg(feature = "host")]
    fn link(&self, wasm: &Wasm, origin: Origin) -> Result<InstancePre<State>, Ended> {
        check_kind(wasm.bytes())?;
        let compiled = match self.cache(origin) {
            Some(cache) => cache.compile(&self.engine, wasm),
            None => Component::from_binary(&self.engine, wasm.bytes()),
        };
        let component = compiled.map_err(|error| Ended::Compile(error.root_cause().to_string()))?;
        let linker = shapes::link(&self.engine, &component, origin)?;
        linker.instantiate_pre(&component).map_err(|error| Ended::Compile(error.root_cause().to_string()))
    }
}

/// Refuses what is no component, and above all what is compiled already.
#[cfg(feature = "host")]
pub(crate) fn check_kind(wasm: &[u8]) -> Result<(), Ended> {
    match wasm {
        [b'\0', b'a', b's', b'm', 1, 0, 0, 0, ..] => {
            Err(Ended::Compile("it is a core module, not a component".to_owned()))
        }
        [b'\0', b'a', b's', b'm', ..] => Ok(()),
        _ => Err(Ended::Compile("it is not WebAssembly".to_owned())),
    }
}

pub(crate) fn config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(GUEST_STACK_BYTES)
        .relaxed_simd_deterministic(true)
        // Memories are ours, so that one can begin from an image of an app; wasmtime's own images are of a module.
        .memory_init_cow(false)
        .with_host_memory(Arc::new(Memories));
    // A journal must replay alike on every processor.
    #[cfg(feature = "host")]
    config.cranelift_nan_canonicalization(true);
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_that_is_no_folder_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let cache = CacheOptions { folder: file.path().to_owned(), key: [0; 32], holds: Holds::Everything };
        let options = EngineOptions { cache: Some(cache), walls: Walls::One };
        let message =
            Engine::new(options).err().unwrap().to_string().replace(&file.path().display().to_string(), "FOLDER");
        insta::assert_snapshot!(message, @"the cache of compiled code at FOLDER cannot be opened; hint: make the folder writable, or set GUICHET_HOME to another one");
    }

    #[test]
    fn an_engine_that_cannot_be_made_says_why() {
        insta::assert_snapshot!(EngineError::Configure("no such processor".to_owned()), @"this machine cannot run WebAssembly: no such processor; hint: a 64-bit system is needed");
        insta::assert_snapshot!(EngineError::NoProgram { path: "/usr/bin/guichet-logic".into() }, @"/usr/bin/guichet-logic is missing; hint: install all programs of this host into one folder");
        insta::assert_snapshot!(EngineError::StartClock(io::Error::other("no threads")), @"the thread that watches deadlines cannot start; hint: close other programs, or raise the limit on threads");
    }
}
