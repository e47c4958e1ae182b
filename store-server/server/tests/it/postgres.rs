//! A PostgreSQL of the tests' own: made in a temporary folder, reached over a socket in it, gone with its last user.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// Waits until nobody holds its input any more, however they came to let go; then stops the server and removes it.
const WARDEN: &str = r#"trap '' INT; read -r _; "$@"; rm -rf -- "$0""#;

/// A server that runs until it is dropped.
pub(crate) struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
    settings: Vec<String>,
    warden: Option<Child>,
}

impl Postgres {
    /// The one that tests share which do not stop it.
    pub(crate) fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let server = Arc::new(Self::start());
            *shared = Arc::downgrade(&server);
            server
        })
    }

    /// Makes and starts one that only this machine reaches.
    pub(crate) fn start() -> Self {
        Self::start_with("listen_addresses=", |_| ()).unwrap_or_else(|| panic!("PostgreSQL did not start"))
    }

    /// Makes and starts one with more settings, and with what they name; none if it does not start with them.
    pub(crate) fn start_with(settings: &str, prepare: impl FnOnce(&Self)) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("pg").tempdir().unwrap().keep();
        let settings = settings.split(' ').map(str::to_owned).collect();
        let mut server = Self { folder, programs: programs(), settings, warden: None };
        server.hand_over(&server.folder);
        let mut stop = Command::new("sh");
        let control = server.control("stop");
        stop.args(["-c", WARDEN]).arg(&server.folder).arg(control.get_program()).args(control.get_args());
        stop.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        server.warden = Some(stop.spawn().unwrap());
        // It sorts as people do, and not byte by byte as SQLite does.
        let sorts = ["--no-locale", "--locale-provider=icu", "--icu-locale=und"];
        let guards = ["--auth-local=trust", "--auth-host=scram-sha-256"];
        let made = ["--username=store", "--encoding=UTF8", "--no-sync", "-D"];
        run(server.program("initdb").args(sorts).args(guards).args(made).arg(server.data()));
        prepare(&server);
        is_done(&mut server.control("start")).then_some(server)
    }

    /// Gives a file to whom the server runs as. It refuses to run for root; the package has made a user for it.
    pub(crate) fn hand_over(&self, path: &Path) {
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(path));
        }
    }

    /// An empty database, as `--database` has it.
    pub(crate) fn database(&self, name: &str) -> String {
        run(self.program("createdb").arg("--host").arg(&self.folder).args(["--username=store", name]));
        let socket = self.folder.to_str().unwrap().replace('/', "%2F");
        format!("postgres://store@{socket}/{name}")
    }

    /// Stops it as a power cut would, and starts it again.
    pub(crate) fn restart(&self) {
        run(&mut self.control("restart"));
    }

    fn control(&self, what: &str) -> Command {
        let socket = self.folder.display();
        let own =
            ["fsync=off".to_owned(), "max_connections=500".to_owned(), format!("unix_socket_directories={socket}")];
        let options: Vec<_> = own.iter().chain(&self.settings).map(|setting| format!("-c {setting}")).collect();
        let mut command = self.program("pg_ctl");
        command.args([what, "--wait", "--silent", "--mode=immediate", "-D"]).arg(self.data());
        if what != "stop" {
            command.args(["-o", &options.join(" "), "-l"]).arg(self.folder.join("log"));
        }
        command
    }

    /// Its files.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// One of its programs, as whoever the server runs as.
    pub(crate) fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&self.folder);
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut warden) = self.warden.take() {
            // It has gone before us if somebody ended it, and then there is nothing to wait for.
            let _ = warden.stdin.take().map(|mut input| input.flush());
            let _ = warden.wait();
        }
    }
}

/// Debian keeps them beside each other, by version; the newest is taken.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let whole = versions.map(|entry| entry.path()).filter(|path| path.join("bin/initdb").exists());
    let newest = whole.max_by_key(number);
    newest.unwrap_or_else(|| panic!("`cargo xtask setup` installs PostgreSQL")).join("bin")
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

pub(crate) fn run(command: &mut Command) {
    assert!(is_done(command), "{command:?}");
}

fn is_done(command: &mut Command) -> bool {
    // What it starts lives on and would keep a pipe open.
    let status = command.stdout(Stdio::null()).stderr(Stdio::inherit()).status();
    status.as_ref().is_ok_and(ExitStatus::success)
}
