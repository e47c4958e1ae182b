//! The host's side: programs, compiled code, and the processes made of them.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::{
    child::Role,
    code::Code,
    compiler,
    keeper::{self, Keeper},
    logic::Logic,
};
use crate::{
    Budget, Ended, EngineError, Image, NoImage, Program,
    engine::{SCRIPT, Shared, check_kind},
    shapes::Origin,
};

const LOGIC: &str = "guichet-logic";
const COMPILE: &str = "guichet-compile";

/// The programs that a host starts to run logic, and to compile it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    logic: PathBuf,
    compile: PathBuf,
}

impl Programs {
    /// Those in a folder.
    pub fn in_folder(folder: &Path) -> Result<Self, EngineError> {
        let find = |name| {
            let path = folder.join(name);
            if path.is_file() { Ok(path) } else { Err(EngineError::NoProgram { path }) }
        };
        Ok(Self { logic: find(LOGIC)?, compile: find(COMPILE)? })
    }

    /// Those that lie beside the program that runs, as they are installed and as they are built.
    pub fn beside_this_one() -> Result<Self, EngineError> {
        let this = std::env::current_exe();
        let folder = this.as_ref().ok().and_then(|path| path.parent()).unwrap_or(Path::new("/"));
        Self::in_folder(folder)
    }
}

/// Runs logic in processes.
pub(crate) struct Apart {
    programs: Programs,
    keeper: Arc<Keeper>,
    script: OnceLock<Result<Code, Ended>>,
    /// One at a time: each may take a good part of the machine.
    compiling: Mutex<()>,
}

/// A program that is compiled, from which sessions start.
#[derive(Clone)]
pub(crate) struct Loaded {
    keeper: Arc<Keeper>,
    program: PathBuf,
    origin: Origin,
    code: Code,
    sources: Arc<BTreeMap<String, String>>,
}

impl Apart {
    pub(crate) fn new(programs: Programs) -> io::Result<Self> {
        let keeper = Arc::new(Keeper::start()?);
        Ok(Self { programs, keeper, script: OnceLock::new(), compiling: Mutex::default() })
    }

    /// Compiles a program in a process, or takes it from the cache.
    pub(crate) fn load(&self, shared: &Shared, program: &Program) -> Result<Loaded, Ended> {
        let (origin, code, sources) = match program {
            Program::Script(sources) => {
                let code = self.script.get_or_init(|| self.code(shared, SCRIPT)).clone()?;
                (Origin::Script, code, sources.clone())
            }
            Program::Component(wasm) => (Origin::App, self.code(shared, wasm)?, BTreeMap::new()),
        };
        let (keeper, program) = (Arc::clone(&self.keeper), self.programs.logic.clone());
        Ok(Loaded { keeper, program, origin, code, sources: Arc::new(sources) })
    }

    fn code(&self, shared: &Shared, wasm: &[u8]) -> Result<Code, Ended> {
        check_kind(wasm)?;
        let compile = || {
            let _one = self.compiling.lock().unwrap_or_else(PoisonError::into_inner);
            compiler::compile(&self.keeper, &self.programs.compile, wasm)
        };
        match &shared.cache {
            Some(cache) => cache.code(&shared.engine, wasm, compile),
            None => compile(),
        }
    }
}

impl Loaded {
    /// Starts a process for a session and loads the app's code there.
    pub(crate) fn start(&self, budget: Budget) -> Result<Logic, Ended> {
        self.run(if self.is_script() { Role::Script } else { Role::App }, None, budget)
    }

    /// Starts a process that maps an image; if it cannot be used there, the code is loaded.
    pub(crate) fn start_from(&self, image: &Image, budget: Budget) -> Result<Logic, Ended> {
        if self.is_script() && image.memory_bytes() <= budget.memory_bytes {
            self.run(Role::FromImage, Some(image.file()), budget)
        } else {
            tracing::warn!("a memory image is not used: it is too large, or of another kind of logic");
            self.start(budget)
        }
    }

    /// Loads the app's code in a process that can write to this file besides, and does.
    pub(crate) fn write_image(&self, file: &File, budget: Budget) -> Result<(), NoImage> {
        if self.is_script() {
            Ok(self.run(Role::ToImage, Some(file), budget).map(drop)?)
        } else {
            Err(NoImage::NotAScript)
        }
    }

    fn is_script(&self) -> bool {
        self.origin == Origin::Script
    }

    fn run(&self, role: Role, image: Option<&File>, budget: Budget) -> Result<Logic, Ended> {
        let image = image.map(|image| image.try_clone().map(Into::into)).transpose();
        let started = image.and_then(|image| {
            let (path, code) = (self.program.clone(), self.code.descriptor()?);
            self.keeper.run(keeper::Program { path, argument: role.word(), code, image })
        });
        let process = started.map_err(|error| Ended::NoProcess(format!("{}: {error}", self.program.display())))?;
        Logic::start(process, self.clone(), budget, &self.sources)
    }
}
