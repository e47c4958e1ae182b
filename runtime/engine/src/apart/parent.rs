//! The host's side: programs, compiled code, and the processes made of them.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::{
    code::Code,
    compiler,
    keeper::Keeper,
    logic::{Handed, Logic},
    pool::{Kind, Pool},
};
use crate::{
    Budget, Ended, EngineError, Image, NoImage, Program, cache,
    engine::{SCRIPT, Shared, check_kind},
    shapes::Origin,
    state::Sources,
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
    compile: PathBuf,
    pool: Arc<Pool>,
    script: OnceLock<Result<Code, Ended>>,
    /// One at a time: each may take a good part of the machine.
    compiling: Mutex<()>,
}

/// A program that is compiled, from which sessions start.
#[derive(Clone)]
pub(crate) struct Loaded {
    pool: Arc<Pool>,
    kind: Kind,
    code: Code,
    sources: Sources,
}

impl Apart {
    pub(crate) fn new(programs: Programs) -> io::Result<Self> {
        let pool = Arc::new(Pool::new(programs.logic, Keeper::start()?));
        Ok(Self { compile: programs.compile, pool, script: OnceLock::new(), compiling: Mutex::default() })
    }

    /// Compiles a program in a process, or takes it from the cache.
    pub(crate) fn load(&self, shared: &Shared, program: &Program) -> Result<Loaded, Ended> {
        let (kind, code) = match program {
            Program::Script(_) | Program::ScriptIn(_) => (Kind::Script, self.script(shared)?),
            Program::Component(wasm) => {
                (Kind::Component, self.code(shared, Origin::App, &cache::name(&shared.engine, wasm), wasm.bytes())?)
            }
        };
        Ok(Loaded { pool: Arc::clone(&self.pool), kind, code, sources: program.sources() })
    }

    /// Sees to it that a process waits for the next session of each kind. What keeps one from waiting, the session says that
    /// needs it.
    pub(crate) fn prepare(&self, shared: &Shared) {
        let fill =
            |code: Code| [Kind::Script, Kind::Component].into_iter().try_for_each(|kind| self.pool.fill(kind, &code));
        if let Err(ended) = self.script(shared).and_then(fill) {
            tracing::warn!(class = ended.class(), %ended, "no logic process waits");
        }
    }

    /// The numbers of the processes that wait.
    pub(crate) fn waiting(&self) -> Vec<u32> {
        self.pool.waiting()
    }

    fn script(&self, shared: &Shared) -> Result<Code, Ended> {
        self.script.get_or_init(|| self.code(shared, Origin::Script, shared.script_name(), SCRIPT)).clone()
    }

    fn code(&self, shared: &Shared, origin: Origin, name: &str, wasm: &[u8]) -> Result<Code, Ended> {
        check_kind(wasm)?;
        let compile = || {
            let _one = self.compiling.lock().unwrap_or_else(PoisonError::into_inner);
            compiler::compile(self.pool.keeper(), &self.compile, wasm)
        };
        match shared.cache(origin) {
            Some(cache) => cache.code(name, compile),
            None => compile(),
        }
    }
}

impl Loaded {
    /// Binds a process to a session and loads the app's code there.
    pub(crate) fn start(&self, budget: Budget) -> Result<Logic, Ended> {
        self.bind(None, budget)
    }

    /// Binds a process that maps an image; if it cannot be used there, the code is loaded.
    pub(crate) fn start_from(&self, image: &Image, budget: Budget) -> Result<Logic, Ended> {
        if self.kind == Kind::Script && image.memory_bytes() <= budget.memory_bytes {
            self.bind(Some(image.file()), budget)
        } else {
            tracing::warn!("a memory image is not used: it is too large, or of another kind of logic");
            self.start(budget)
        }
    }

    /// Loads the app's code in a process that can write to this file besides, and does.
    pub(crate) fn write_image(&self, file: &File, budget: Budget) -> Result<(), NoImage> {
        if self.kind != Kind::Script {
            return Err(NoImage::NotAScript);
        }
        let process = self.pool.to_image(&self.code, file)?;
        Ok(Logic::start(process, self.clone(), &Handed::default(), budget).map(drop)?)
    }

    pub(crate) fn source(&self, path: &str) -> Option<String> {
        (self.sources)(path)
    }

    fn bind(&self, image: Option<&File>, budget: Budget) -> Result<Logic, Ended> {
        let (process, code) = match self.kind {
            Kind::Script => (self.pool.take(Kind::Script, Some(&self.code))?, None),
            Kind::Component => (self.pool.take(Kind::Component, None)?, Some(&self.code)),
        };
        Logic::start(process, self.clone(), &Handed { code: code.map(Code::file), image }, budget)
    }
}
