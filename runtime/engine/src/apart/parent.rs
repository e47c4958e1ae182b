//! The host's side: programs, compiled code, and the processes made of them.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::{
    code::Code,
    compiler,
    keeper::{self, Keeper},
    logic::Logic,
};
use crate::{
    Budget, Ended, EngineError, Program,
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
        let started = self.code.descriptor().and_then(|code| {
            let argument = self.origin.word();
            self.keeper.run(keeper::Program { path: self.program.clone(), argument, code })
        });
        let process = started.map_err(|error| Ended::NoProcess(format!("{}: {error}", self.program.display())))?;
        Logic::start(process, Arc::clone(&self.keeper), budget, &self.sources)
    }
}
