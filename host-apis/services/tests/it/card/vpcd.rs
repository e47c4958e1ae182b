//! `pcscd` with the virtual reader of vsmartcard, in a namespace of its own, and our card program in it.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use guichet_contract::Services;
use guichet_services::{
    Device, Parts,
    card::{Driven, Program},
    driver::{Driver, Setup},
};
use tempfile::TempDir;

use super::{Bench, DEADLINE, keeps_the_contract};
use crate::{ports, print::programs};

struct Pcsc {
    services: Device,
    folder: TempDir,
    port: u16,
    daemon: Option<Daemon>,
    card: Option<Card>,
}

/// The daemon, ended with the test.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Daemon {
    /// The daemon has one place for its socket, below /run: it is given a /run of its own, which we can see.
    fn start(folder: &Path) -> Self {
        let run = folder.join("run");
        // One that was killed has left its own behind.
        drop(fs::remove_dir_all(&run));
        fs::create_dir_all(&run).unwrap();
        let script = r#"mount --bind "$1" /run && exec pcscd --foreground --config "$2""#;
        let child = Command::new("unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
            .args([&run, &folder.join("readers")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let daemon = Self(child.unwrap_or_else(|error| panic!("pcscd: {error}; hint: cargo xtask setup")));
        let deadline = Instant::now() + DEADLINE;
        while !run.join("pcscd/pcscd.comm").exists() {
            assert!(Instant::now() < deadline, "pcscd does not listen; hint: cargo xtask setup");
            thread::park_timeout(Duration::from_millis(20));
        }
        daemon
    }
}

/// A card in the virtual reader, until it is dropped.
struct Card {
    is_out: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Card {
    fn insert(port: u16) -> Self {
        let is_out = Arc::<AtomicBool>::default();
        let seen = Arc::clone(&is_out);
        let thread = thread::spawn(move || {
            while !seen.load(Ordering::SeqCst) {
                match TcpStream::connect(("127.0.0.1", port)) {
                    Ok(reader) => serve(reader, &seen),
                    // The daemon is not there, or not yet.
                    Err(_) => thread::park_timeout(Duration::from_millis(20)),
                }
            }
        });
        Self { is_out, thread: Some(thread) }
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        self.is_out.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// The protocol of vpcd: messages with their length in two bytes before them; one of a single byte is about power.
fn serve(mut reader: TcpStream, is_out: &AtomicBool) {
    let mut program = Program::new("王小明", "11010519491231002X", "2099-12-31");
    reader.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let mut heard = Vec::new();
    let mut bytes = [0; 1024];
    while !is_out.load(Ordering::SeqCst) {
        match reader.read(&mut bytes) {
            Ok(0) => return,
            Ok(length) => heard.extend_from_slice(&bytes[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
            Err(_) => return,
        }
        while let Some(message) = take(&mut heard) {
            let answer = match message.as_slice() {
                [0..=2] => {
                    program.reset();
                    continue;
                }
                [4] => Program::ATR.to_vec(),
                command => program.perform(command),
            };
            let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
            if reader.write_all(&[&length[..], &answer].concat()).is_err() {
                return;
            }
        }
    }
}

fn take(heard: &mut Vec<u8>) -> Option<Vec<u8>> {
    let [a, b, rest @ ..] = heard.as_slice() else { return None };
    let message = rest.get(..usize::from(u16::from_be_bytes([*a, *b])))?.to_vec();
    heard.drain(..2 + message.len());
    Some(message)
}

impl Pcsc {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = ports::free().unwrap();
        let readers = folder.path().join("readers");
        fs::create_dir(&readers).unwrap();
        let library = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
        assert!(Path::new(library).exists(), "{library} is missing; hint: cargo xtask setup");
        let config =
            format!("FRIENDLYNAME \"Virtual\"\nDEVICENAME /dev/null:{port}\nLIBPATH {library}\nCHANNELID {port}\n");
        fs::write(readers.join("virtual"), config).unwrap();
        let socket = folder.path().join("run/pcscd/pcscd.comm").display().to_string();
        let setup = Setup {
            program: env!("CARGO_BIN_EXE_guichet-driver-pcsc").into(),
            environment: [("PCSCLITE_CSOCK_NAME".to_owned(), socket)].into(),
            ..Setup::default()
        };
        let driver = Driver::new("card", setup, Some(programs())).unwrap();
        let parts = Parts::of_readers(vec![Arc::new(Driven::new(driver))]);
        let services = Device::new("/nowhere".into()).with_parts(parts);
        let daemon = Some(Daemon::start(folder.path()));
        Self { services, folder, port, daemon, card: Some(Card::insert(port)) }
    }
}

impl Bench for Pcsc {
    fn services(&self) -> &dyn Services {
        &self.services
    }

    fn card(&mut self, is_there: bool) {
        self.card = is_there.then(|| Card::insert(self.port));
    }

    fn connected(&mut self, is_connected: bool) {
        self.daemon = None;
        if is_connected {
            self.daemon = Some(Daemon::start(self.folder.path()));
        }
    }
}

#[test]
fn a_real_daemon_with_a_virtual_reader_keeps_the_contract() {
    keeps_the_contract(&mut Pcsc::new());
}
