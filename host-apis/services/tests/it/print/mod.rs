//! What `print` promises, held against the twin in memory, the simulator of a developer's window, a real IPP printer and a
//! vendor's driver with a receipt printer behind it.

mod escpos;
mod ipp;

pub(crate) use escpos::programs;

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use guichet_contract::{Ask, Consent, DevicePolicy, Failure, Grants, Part, Permission, Services, Value};
use guichet_services::{
    Memory, Rehearsed,
    print::{Fault, Simulated},
};

/// How long anything may take.
const DEADLINE: Duration = Duration::from_secs(30);
const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj trailer<</Root 1 0 R>>";

/// A terminal with one printer whose misfortunes are in our hand.
pub(crate) trait Bench {
    fn services(&self) -> &dyn Services;
    /// Takes its paper away, or gives it back.
    fn paper(&self, is_there: bool);
    /// Takes it off the network, or puts it back.
    fn connected(&mut self, is_connected: bool);
    /// Everything that has come out.
    fn tray(&self) -> Vec<u8>;
}

/// A printer in memory.
struct InMemory<S> {
    services: S,
    printer: Arc<Simulated>,
}

impl<S: Services> Bench for InMemory<S> {
    fn services(&self) -> &dyn Services {
        &self.services
    }

    fn paper(&self, is_there: bool) {
        self.printer.set(if is_there { Fault::Ready } else { Fault::PaperOut });
    }

    fn connected(&mut self, is_connected: bool) {
        self.printer.set(if is_connected { Fault::Ready } else { Fault::Offline });
    }

    fn tray(&self) -> Vec<u8> {
        let copies = |one: &guichet_services::print::Printed| one.document.as_bytes().repeat(one.copies as usize);
        self.printer.printed().iter().flat_map(copies).collect()
    }
}

fn grants(app: &str) -> Grants {
    let held = [Permission::unlimited("host:print".parse().unwrap())];
    Grants::intersect(app.parse().unwrap(), &held, &held, &DevicePolicy::default(), &Consent::default())
}

fn call(services: &dyn Services, app: &str, function: &str, arguments: Vec<Value>) -> Result<Value, Failure> {
    match Ask::decode("print", function, arguments)? {
        Ask::Service(call) => {
            assert!(call.stop().is_some(), "{function} waits for others");
            call.perform(&grants(app), services)
        }
        Ask::Session(call) => panic!("{call:?} belongs to the session"),
    }
}

fn record(members: &[(&str, Value)]) -> Value {
    Value::Record(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn member(value: &Value, name: &str) -> Value {
    match value {
        Value::Record(members) => members[name].clone(),
        other => panic!("{other:?} is no record"),
    }
}

fn word(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// The one printer there is.
fn printer(bench: &dyn Bench) -> Value {
    match call(bench.services(), "a.b", "printers", vec![]).unwrap() {
        Value::List(mut printers) => {
            assert_eq!(printers.len(), 1);
            printers.remove(0)
        }
        other => panic!("{other:?} is no list"),
    }
}

fn submit(bench: &dyn Bench, document: Value) -> Result<Value, Failure> {
    call(bench.services(), "a.b", "submit", vec![record(&[("document", document)])])
}

/// Asks until a job is as far as it should be.
fn until(bench: &dyn Bench, job: &Value, progress: &str) -> Value {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let status = call(bench.services(), "a.b", "status", vec![job.clone()]).unwrap();
        if member(&status, "progress") == word(progress) {
            return status;
        }
        assert!(Instant::now() < deadline, "the job is not {progress} but {status:?}");
        thread::park_timeout(Duration::from_millis(20));
    }
}

/// Asks until the printer is as it should be.
fn until_printer(bench: &dyn Bench, condition: &str) {
    let deadline = Instant::now() + DEADLINE;
    while member(&printer(bench), "condition") != word(condition) {
        assert!(Instant::now() < deadline, "the printer is not {condition} but {:?}", printer(bench));
        thread::park_timeout(Duration::from_millis(20));
    }
}

/// All of the contract, in one go: starting a real printer takes longer than using it.
fn keeps_the_contract(bench: &mut dyn Bench) {
    assert!(bench.services().parts().contains(&Part::Print));
    until_printer(bench, "ready");
    let looked = printer(bench);
    let name = member(&looked, "name");
    let Value::List(takes) = member(&looked, "takes") else { panic!("{looked:?}") };
    assert!(!takes.is_empty());

    // Whatever it says it takes comes out; what it does not say, it is not given.
    let documents = [("text", word("一式两份")), ("pdf", Value::Bytes(PDF.to_vec()))];
    for (form, document) in &documents {
        if takes.contains(&word(form)) {
            let before = bench.tray().len();
            let order =
                record(&[("document", document.clone()), ("printer", name.clone()), ("copies", Value::Integer(2))]);
            let job = call(bench.services(), "a.b", "submit", vec![order]).unwrap();
            until(bench, &job, "done");
            assert!(bench.tray().len() > before, "nothing came out");
        } else {
            let refused = submit(bench, document.clone()).unwrap_err();
            assert_eq!(refused.class(), Some("print/form"), "{refused}");
        }
    }
    let (_, document) = documents.iter().find(|(form, _)| takes.contains(&word(form))).unwrap();

    // Paper out: the job stops, and goes on when there is paper.
    until_printer(bench, "ready");
    bench.paper(false);
    let before = bench.tray().len();
    let job = submit(bench, document.clone()).unwrap();
    let stopped = until(bench, &job, "stopped");
    assert_eq!(member(&stopped, "condition"), word("paper-out"));
    until_printer(bench, "paper-out");
    assert_eq!(bench.tray().len(), before, "printed without paper");
    bench.paper(true);
    until(bench, &job, "done");
    assert!(bench.tray().len() > before);

    // A job of one app is not there for another.
    for function in ["status", "cancel"] {
        let refused = call(bench.services(), "a.c", function, vec![job.clone()]).unwrap_err();
        assert_eq!(refused.class(), Some("print/unknown-job"), "{refused}");
    }

    // What is taken back is over.
    until_printer(bench, "ready");
    bench.paper(false);
    let job = submit(bench, document.clone()).unwrap();
    until(bench, &job, "stopped");
    assert_eq!(call(bench.services(), "a.b", "cancel", vec![job.clone()]), Ok(Value::Null));
    bench.paper(true);
    until(bench, &job, "cancelled");
    assert_eq!(call(bench.services(), "a.b", "cancel", vec![job]), Ok(Value::Null), "nothing is left to take back");

    // Unplugged: said as what it is, and all is well when it is back.
    until_printer(bench, "ready");
    bench.connected(false);
    until_printer(bench, "unreachable");
    assert_eq!(member(&printer(bench), "takes"), Value::List(takes), "what it took last");
    bench.connected(true);
    until_printer(bench, "ready");
    let job = submit(bench, document.clone()).unwrap();
    until(bench, &job, "done");
}

#[test]
fn the_twin_in_memory_keeps_the_contract() {
    let printer = Arc::new(Simulated::new("A4"));
    let services = Memory::default().with_printer(Arc::clone(&printer));
    keeps_the_contract(&mut InMemory { services, printer });
}

#[test]
fn the_simulator_of_a_developers_window_keeps_the_contract() {
    let services = Rehearsed::default();
    let printer = Arc::clone(&services.printer);
    keeps_the_contract(&mut InMemory { services, printer });
}

#[test]
fn a_terminal_without_a_printer_says_so() {
    let services = Memory::default();
    assert!(services.parts().is_empty());
    assert_eq!(call(&services, "a.b", "printers", vec![]), Ok(Value::List(vec![])));
    let refused = call(&services, "a.b", "submit", vec![record(&[("document", word("x"))])]).unwrap_err();
    assert_eq!((refused.case(), refused.class()), ("unavailable", Some("print/unsupported")));
    let rehearsed = Rehearsed::default();
    rehearsed.printer.set(Fault::Missing);
    assert!(!rehearsed.parts().contains(&Part::Print));
    assert_eq!(call(&rehearsed, "a.b", "printers", vec![]), Ok(Value::List(vec![])));
}
