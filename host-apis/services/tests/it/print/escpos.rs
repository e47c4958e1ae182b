//! A receipt printer of our own that speaks ESC/POS over TCP, in front of it the driver, walled in and out of process.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use guichet_contract::{Services, Value};
use guichet_services::{
    Device, Parts,
    driver::{Driver, Setup, Trouble},
    print::Driven,
};

use super::{Bench, keeps_the_contract, printer, submit, until, until_printer, word};

/// The folder of the programs of this crate.
pub(crate) fn programs() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_guichet-driver")).parent().unwrap().to_owned()
}

/// What is between the paper and the plug.
#[derive(Debug, Default)]
struct Insides {
    has_no_paper: AtomicBool,
    is_off: AtomicBool,
    tray: Mutex<Vec<u8>>,
}

struct Receipts {
    services: Device,
    insides: Arc<Insides>,
    address: SocketAddr,
}

fn listen(insides: &Arc<Insides>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let insides = Arc::clone(insides);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if !insides.is_off.load(Ordering::SeqCst) {
                serve(stream, &insides);
            }
        }
    });
    address
}

/// Answers `DLE EOT n` and `GS r n`, and keeps everything else.
fn serve(mut stream: TcpStream, insides: &Insides) {
    let mut byte = [0];
    while stream.read_exact(&mut byte).is_ok() {
        if byte == [0x10] {
            let mut question = [0; 2];
            if stream.read_exact(&mut question).is_err() {
                return;
            }
            let is_empty = insides.has_no_paper.load(Ordering::SeqCst);
            let state = if question == [0x04, 0x04] && is_empty { 0x72 } else { 0x12 };
            if stream.write_all(&[state]).is_err() {
                return;
            }
        } else if byte == [0x1d] {
            let mut command = [0];
            if stream.read_exact(&mut command).is_err() {
                return;
            }
            let is_question = command == *b"r" && stream.read_exact(&mut [0]).is_ok();
            if is_question && stream.write_all(&[0]).is_err() {
                return;
            }
            if !is_question {
                insides.tray.lock().unwrap().extend([0x1d, command[0]]);
            }
        } else {
            insides.tray.lock().unwrap_or_else(PoisonError::into_inner).push(byte[0]);
        }
    }
}

fn setup(address: SocketAddr, ports: Vec<u16>) -> Setup {
    let program = env!("CARGO_BIN_EXE_guichet-driver-receipt").into();
    let arguments = vec!["--tcp".to_owned(), address.to_string()];
    Setup { program, arguments, ports, ..Setup::default() }
}

impl Receipts {
    fn new() -> Self {
        let insides = Arc::<Insides>::default();
        let address = listen(&insides);
        let driver = Driver::new("print", setup(address, vec![address.port()]), Some(programs())).unwrap();
        let parts = Parts::of_printers(vec![Arc::new(Driven::new("Receipts", driver))]);
        Self { services: Device::new("/nowhere".into()).with_parts(parts), insides, address }
    }
}

impl Bench for Receipts {
    fn services(&self) -> &dyn Services {
        &self.services
    }

    fn paper(&self, is_there: bool) {
        self.insides.has_no_paper.store(!is_there, Ordering::SeqCst);
    }

    fn connected(&mut self, is_connected: bool) {
        self.insides.is_off.store(!is_connected, Ordering::SeqCst);
    }

    fn tray(&self) -> Vec<u8> {
        self.insides.tray.lock().unwrap().clone()
    }
}

#[test]
fn a_receipt_printer_behind_a_driver_keeps_the_contract() {
    keeps_the_contract(&mut Receipts::new());
}

#[test]
fn what_comes_out_is_what_the_printer_understands() {
    let bench = Receipts::new();
    let job = submit(&bench, word("居住证\n\x1bp")).unwrap();
    until(&bench, &job, "done");
    until_printer(&bench, "ready");
    let (gb18030, _, _) = encoding_rs::GB18030.encode("居住证");
    let receipt = [b"\x1b@\x1c&", &*gb18030, b"\np\n\x1bd\x04\x1dVB\x00"].concat();
    assert_eq!(bench.tray(), receipt, "no command of the app's among ours");
}

#[test]
fn a_driver_that_dies_is_started_again() {
    let bench = Receipts::new();
    until_printer(&bench, "ready");
    let job = submit(&bench, word("x")).unwrap();
    until(&bench, &job, "done");
    let ours = driver_processes(bench.address);
    let [driver] = ours.as_slice() else { panic!("{ours:?}") };
    rustix::process::kill_process(rustix::process::Pid::from_raw(*driver).unwrap(), rustix::process::Signal::KILL)
        .unwrap();
    until_printer(&bench, "ready");
    assert_ne!(driver_processes(bench.address), ours);
    let job = submit(&bench, word("y")).unwrap();
    until(&bench, &job, "done");
}

#[test]
fn a_driver_ends_with_its_host() {
    let bench = Receipts::new();
    until_printer(&bench, "ready");
    let address = bench.address;
    assert_eq!(driver_processes(address).len(), 1);
    drop(bench);
    let deadline = std::time::Instant::now() + super::DEADLINE;
    while !driver_processes(address).is_empty() {
        assert!(std::time::Instant::now() < deadline, "it is still there");
        thread::park_timeout(std::time::Duration::from_millis(20));
    }
}

/// The processes that drive the printer at this address.
fn driver_processes(address: SocketAddr) -> Vec<i32> {
    let is_it = |process: &i32| {
        let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        line.contains("guichet-driver-receipt") && line.contains(&address.to_string())
    };
    let names = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().into_string().ok());
    names.filter_map(|name| name.parse().ok()).filter(is_it).collect()
}

#[test]
fn a_driver_reaches_only_the_ports_it_is_given() {
    let insides = Arc::<Insides>::default();
    let address = listen(&insides);
    let driver = Driver::new("print", setup(address, vec![]), Some(programs())).unwrap();
    let bench = Receipts {
        services: Device::new("/nowhere".into())
            .with_parts(Parts::of_printers(vec![Arc::new(Driven::new("Receipts", driver))])),
        insides,
        address,
    };
    let looked = printer(&bench);
    if crate::drivers::has_landlock() {
        assert_eq!(super::member(&looked, "condition"), word("unreachable"));
    }
}

#[test]
fn what_is_no_driver_is_no_printer() {
    for (program, arguments) in [("/bin/true", &[][..]), ("/bin/echo", &["hello"]), ("/nowhere/driver", &[])] {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let setup = Setup { program: program.into(), arguments, ..Setup::default() };
        let driver = Driver::new("print", setup, Some(programs())).unwrap();
        assert_eq!(driver.ask("print.printers", vec![]), Err(Trouble::Gone), "{program}");
        assert_eq!(driver.ask("print.printers", vec![Value::Null]), Err(Trouble::Gone), "it rests: {program}");
    }
}
