//! `print`: whose job is whose, who is busy, and what a printer is told; the printers themselves are parts.
//!
//! Invariant: an app reaches its own jobs only, and no part learns which app prints or what its document is called.

#[cfg(unix)]
mod driven;
mod ipp;
mod ledger;
mod pages;
mod simulated;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use guichet_contract::{
    AppId, Failure, Part, Permit, Stop,
    print::{
        Cancel, Condition, Document, Form, Job, MAX_UNDER_WAY, Order, Original, PATIENCE, Print, Printer, Printers,
        Status, Submit,
    },
};

#[cfg(unix)]
pub use driven::Driven;
pub use ipp::{InvalidPrinter, Ipp};
pub use ledger::{Place, take_back_jobs};
pub use pages::{PagePart, PageTrouble, SimulatedPages};
pub use simulated::{Fault, Printed, Simulated};

use self::ledger::Ledger;
use crate::{
    health::{Fitness, Health},
    wait::wait,
};

/// How soon a busy printer is asked again, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// Jobs of one app that are remembered after they are over.
const MOST_OVER: usize = 100;

/// One printer, however it is reached.
pub trait PrinterPart: Send + Sync + fmt::Debug {
    /// Whether this terminal has it at all.
    fn is_there(&self) -> bool {
        true
    }

    /// Its name on this terminal.
    fn name(&self) -> &str;

    /// How it is; one that does not answer takes what it took last.
    fn look(&self) -> Printer;

    /// Begins a job, and says by what it is found again.
    fn submit(&self, document: &Document, copies: u32) -> Result<u32, Trouble>;

    /// How far a job is.
    fn status(&self, job: u32) -> Result<Job, Trouble>;

    /// Takes a job back.
    fn cancel(&self, job: u32) -> Result<(), Trouble>;

    /// How it is for whoever keeps the terminal, who is told more than apps are.
    fn health(&self) -> (Fitness, &'static str) {
        fitness(self.look().condition)
    }

    /// Where its jobs can be taken back by whoever knows their numbers; none if they end with this program.
    fn place(&self) -> Option<Place> {
        None
    }
}

/// Why a printer did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It takes nothing now, and may soon.
    Busy,
    /// It does not take such documents.
    Form,
    /// It knows no such job.
    UnknownJob,
    /// It does not answer, or not as a printer does.
    Unreachable,
    /// Another one answers: it shows another certificate than the one that it is known by.
    Untrusted,
    /// It says no, and why.
    Refused(String),
}

/// All printers of a terminal, and the jobs of its apps.
#[derive(Debug, Default)]
pub struct Spooler {
    parts: Vec<Arc<dyn PrinterPart>>,
    /// Who makes paper of pages; none: pages are not printed here.
    pages: Option<Arc<dyn PagePart>>,
    jobs: Mutex<HashMap<AppId, Jobs>>,
    /// Where jobs are noted for whoever takes them back; none: nobody does.
    ledger: Option<Ledger>,
}

/// The jobs of one app: the number it knows, the printer, and the number that the printer knows.
#[derive(Debug, Default)]
struct Jobs {
    last: u32,
    known: BTreeMap<u32, Known>,
}

#[derive(Clone, Debug)]
struct Known {
    part: Arc<dyn PrinterPart>,
    number: u32,
    is_over: bool,
}

impl Spooler {
    /// These printers; the first that takes a document gets it.
    pub fn new(parts: Vec<Arc<dyn PrinterPart>>) -> Self {
        Self { parts, ..Self::default() }
    }

    /// The same, where this part makes PDFs of pages.
    pub fn with_pages(self, pages: Arc<dyn PagePart>) -> Self {
        Self { pages: Some(pages), ..self }
    }

    /// The same with these printers.
    pub(crate) fn with_printers(self, parts: Vec<Arc<dyn PrinterPart>>) -> Self {
        Self { parts, ..self }
    }

    /// The same, and what printers are given is noted in this file.
    pub fn noting(self, file: &Path) -> Self {
        Self { ledger: Some(Ledger::new(file)), ..self }
    }

    /// Whether there is a printer.
    pub fn has_any(&self) -> bool {
        self.there().next().is_some()
    }

    /// How each printer is.
    pub(crate) fn health(&self) -> Vec<Health> {
        let of = |part: &Arc<dyn PrinterPart>| {
            let (fitness, needs) = part.health();
            Health { part: Part::Print, name: part.name().to_owned(), fitness, needs }
        };
        self.there().map(of).collect()
    }

    fn there(&self) -> impl Iterator<Item = &Arc<dyn PrinterPart>> {
        self.parts.iter().filter(|part| part.is_there())
    }

    fn jobs(&self) -> MutexGuard<'_, HashMap<AppId, Jobs>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who prints an order.
    fn choose(&self, order: &Order<Original>) -> Result<&Arc<dyn PrinterPart>, Failure> {
        let form = order.document.form();
        if !self.has_any() {
            return Err(unsupported());
        }
        // What a printer takes that has never answered is not known: it is asked, and what keeps it from printing is said.
        let is_silent = |looked: &Printer| looked.takes.is_empty() && looked.condition == Condition::Unreachable;
        let Some(wanted) = &order.printer else {
            let mut silent = None;
            for part in self.there() {
                let looked = part.look();
                if looked.takes.contains(&form) {
                    return Ok(part);
                }
                silent = silent.or_else(|| is_silent(&looked).then_some(part));
            }
            return silent.ok_or_else(|| cannot_take("no printer of this terminal takes", form));
        };
        let part = self.there().find(|part| part.name() == wanted);
        let part =
            part.ok_or_else(|| failure("print/no-such-printer", "there is none of this name", "ask `printers`"))?;
        let looked = part.look();
        if looked.takes.contains(&form) || is_silent(&looked) {
            Ok(part)
        } else {
            Err(cannot_take(&format!("{} does not take", quoted(wanted)), form))
        }
    }

    fn known(&self, app: &AppId, job: u32) -> Result<Known, Failure> {
        let known = self.jobs().get(app).and_then(|jobs| jobs.known.get(&job).cloned());
        known.ok_or_else(unknown_job)
    }

    /// Refuses if too much of an app is under way: what the app has not asked about is asked now.
    fn check_room(&self, app: &AppId) -> Result<(), Failure> {
        let under_way = |jobs: &Jobs| -> Vec<u32> {
            jobs.known.iter().filter(|(_, known)| !known.is_over).map(|(number, _)| *number).collect()
        };
        let numbers = self.jobs().get(app).map(under_way).unwrap_or_default();
        if numbers.len() < MAX_UNDER_WAY {
            return Ok(());
        }
        let is_over = |number: &u32| self.look_after(app, *number).is_ok_and(|job| job.progress.is_over());
        if numbers.iter().any(is_over) {
            return Ok(());
        }
        let what = format!("{MAX_UNDER_WAY} documents of the app are not printed yet");
        Err(failure("print/too-many", &what, "wait until one of them is, or take one back"))
    }

    fn look_after(&self, app: &AppId, number: u32) -> Result<Job, Failure> {
        let known = self.known(app, number)?;
        let job = known.part.status(known.number).map_err(|trouble| in_words(&trouble, known.part.name()))?;
        if job.progress.is_over()
            && let Some(jobs) = self.jobs().get_mut(app)
            && let Some(known) = jobs.known.get_mut(&number)
        {
            known.is_over = true;
        }
        Ok(job)
    }

    fn remember(&self, app: AppId, part: Arc<dyn PrinterPart>, number: u32) -> u32 {
        if let (Some(ledger), Some(place)) = (&self.ledger, part.place())
            && let Err(error) = ledger.note(place, number)
        {
            tracing::warn!(%error, "a job is noted nowhere, so nobody takes it back");
        }
        let mut all = self.jobs();
        let jobs = all.entry(app).or_default();
        jobs.last = jobs.last.wrapping_add(1);
        jobs.known.insert(jobs.last, Known { part, number, is_over: false });
        let over: Vec<u32> = jobs.known.iter().filter(|(_, known)| known.is_over).map(|(job, _)| *job).collect();
        for job in over.iter().take(over.len().saturating_sub(MOST_OVER)) {
            jobs.known.remove(job);
        }
        jobs.last
    }
}

impl Print for Spooler {
    fn printers(&self, permit: Permit<Printers>) -> Result<Vec<Printer>, Failure> {
        let (_, Printers { stop }) = permit.redeem();
        Ok(self.there().take_while(|_| !stop.is_stopped()).map(|part| part.look()).collect())
    }

    fn submit(&self, permit: Permit<Submit>) -> Result<u32, Failure> {
        let (app, Submit { order, page, stop }) = permit.redeem();
        let part = Arc::clone(self.choose(&order)?);
        self.check_room(&app)?;
        let Order { document, printer, copies } = order;
        let document = match document {
            Original::Document(document) => document,
            Original::Page(paper) => pages::pdf(self.pages.as_deref(), &app, page, paper, &stop)?,
        };
        let order = Order { document, printer, copies };
        let number = hand_over(&*part, &order, &stop).map_err(|trouble| in_words(&trouble, part.name()))?;
        Ok(self.remember(app, part, number))
    }

    fn status(&self, permit: Permit<Status>) -> Result<Job, Failure> {
        let (app, Status { job, .. }) = permit.redeem();
        self.look_after(&app, job)
    }

    fn cancel(&self, permit: Permit<Cancel>) -> Result<(), Failure> {
        let (app, Cancel { job, .. }) = permit.redeem();
        let known = self.known(&app, job)?;
        known.part.cancel(known.number).map_err(|trouble| in_words(&trouble, known.part.name()))
    }
}

fn fitness(condition: Condition) -> (Fitness, &'static str) {
    match condition {
        Condition::Ready | Condition::Busy => (Fitness::Ready, ""),
        Condition::Unreachable => (Fitness::Down, condition.as_str()),
        _ => (Fitness::Attention, condition.as_str()),
    }
}

/// Asks a busy printer again, later and later, as long as there is patience and anybody wants it.
fn hand_over(part: &dyn PrinterPart, order: &Order, stop: &Stop) -> Result<u32, Trouble> {
    let deadline = Instant::now() + PATIENCE;
    let mut pause = FIRST_PAUSE;
    loop {
        match part.submit(&order.document, order.copies) {
            Err(Trouble::Busy) if !stop.is_stopped() && Instant::now() + pause < deadline => {
                wait(Instant::now() + pause, stop);
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            done => return done,
        }
    }
}

fn failure(class: &str, what: &str, hint: &str) -> Failure {
    Failure::Unavailable(format!("{class}: {what}; hint: {hint}"))
}

fn unsupported() -> Failure {
    let hint = "offer another way; an app that is nothing without a printer says \"requires\": [\"print\"]";
    failure("print/unsupported", "this terminal has no printer", hint)
}

fn unknown_job() -> Failure {
    failure("print/unknown-job", "the app has no such job", "keep the number that `submit` brought")
}

fn cannot_take(who: &str, form: Form) -> Failure {
    let what = match form {
        Form::Text => "text",
        Form::Pdf => "a PDF",
    };
    failure("print/form", &format!("{who} {what}"), "look at `takes` of `printers`")
}

fn quoted(name: &str) -> String {
    format!("the printer \"{name}\"")
}

fn in_words(trouble: &Trouble, name: &str) -> Failure {
    let who = quoted(name);
    match trouble {
        Trouble::Busy => {
            let what = format!("{who} has taken nothing for {} seconds", PATIENCE.as_secs());
            failure("print/busy", &what, "nothing is printed and nothing lost; try again when it is done")
        }
        Trouble::Form => {
            failure("print/form", &format!("{who} does not take such a document"), "look at `takes` of `printers`")
        }
        Trouble::UnknownJob => unknown_job(),
        Trouble::Unreachable => {
            let hint = "keep what was entered; somebody has to look whether it is on and connected";
            failure("print/unreachable", &format!("{who} does not answer"), hint)
        }
        Trouble::Untrusted => {
            let what =
                format!("what answers for {who} shows another certificate than the one this terminal knows it by");
            failure("print/untrusted", &what, "nothing was sent; whoever keeps the terminal has to compare the two")
        }
        Trouble::Refused(why) => {
            failure("print/refused", &format!("{who} refuses: {why}"), "somebody has to look at it")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use guichet_contract::print::{Condition, Paper, Progress};

    use super::*;

    /// Is busy as often as it is told, and then takes what comes and never prints it.
    #[derive(Debug)]
    struct Slow {
        busy: AtomicU32,
        asked: AtomicU32,
    }

    impl PrinterPart for Slow {
        fn name(&self) -> &str {
            "slow"
        }

        fn look(&self) -> Printer {
            Printer { name: "slow".to_owned(), condition: Condition::Busy, takes: vec![Form::Text] }
        }

        fn submit(&self, _: &Document, _: u32) -> Result<u32, Trouble> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            match self.busy.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) {
                Ok(_) => Err(Trouble::Busy),
                Err(_) => Ok(7),
            }
        }

        fn status(&self, _: u32) -> Result<Job, Trouble> {
            Ok(Job { progress: Progress::Waiting, condition: Condition::Busy })
        }

        fn cancel(&self, _: u32) -> Result<(), Trouble> {
            Ok(())
        }
    }

    fn slow(busy: u32) -> Slow {
        Slow { busy: busy.into(), asked: 0.into() }
    }

    fn order() -> Order {
        Order { document: Document::Text("x".to_owned()), printer: None, copies: 1 }
    }

    #[test]
    fn a_busy_printer_is_asked_again() {
        let part = slow(2);
        assert_eq!(hand_over(&part, &order(), &Stop::default()), Ok(7));
        assert_eq!(part.asked.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn nobody_waits_for_what_nobody_wants() {
        let (part, stop) = (slow(1000), Stop::default());
        stop.stop();
        let trouble = hand_over(&part, &order(), &stop).unwrap_err();
        assert_eq!(part.asked.load(Ordering::SeqCst), 1);
        insta::assert_snapshot!(in_words(&trouble, "slow"), @r#"print/busy: the printer "slow" has taken nothing for 30 seconds; hint: nothing is printed and nothing lost; try again when it is done"#);
    }

    #[test]
    fn an_app_has_ten_jobs_under_way_at_most() {
        let spooler = Spooler::new(vec![Arc::new(slow(0))]);
        let app: AppId = "a.b".parse().unwrap();
        for number in 1..=10 {
            assert_eq!(spooler.check_room(&app), Ok(()));
            assert_eq!(spooler.remember(app.clone(), Arc::clone(&spooler.parts[0]), 7), number);
        }
        insta::assert_snapshot!(spooler.check_room(&app).unwrap_err(), @"print/too-many: 10 documents of the app are not printed yet; hint: wait until one of them is, or take one back");
        assert_eq!(spooler.check_room(&"a.c".parse().unwrap()), Ok(()), "another app's are its own");
    }

    #[test]
    fn every_trouble_says_what_to_do() {
        let troubles = [
            Trouble::Form,
            Trouble::UnknownJob,
            Trouble::Unreachable,
            Trouble::Untrusted,
            Trouble::Refused("no toner".to_owned()),
        ];
        let mut words: Vec<_> = troubles.iter().map(|trouble| in_words(trouble, "A4").to_string()).collect();
        let text = Order { document: Original::Document(order().document), printer: None, copies: 1 };
        words.push(Spooler::default().choose(&text).unwrap_err().to_string());
        let named = |name: &str, document| Order {
            printer: Some(name.to_owned()),
            document: Original::Document(document),
            copies: 1,
        };
        let spooler = Spooler::new(vec![Arc::new(slow(0))]);
        let pdf = || Document::Pdf(b"%PDF-1.7".to_vec());
        let page = Order { document: Original::Page(Paper::A4), printer: None, copies: 1 };
        for order in [named("fast", pdf()), named("slow", pdf()), Order { printer: None, ..named("", pdf()) }, page] {
            words.push(spooler.choose(&order).unwrap_err().to_string());
        }
        insta::assert_snapshot!(words.join("\n"), @r#"
        print/form: the printer "A4" does not take such a document; hint: look at `takes` of `printers`
        print/unknown-job: the app has no such job; hint: keep the number that `submit` brought
        print/unreachable: the printer "A4" does not answer; hint: keep what was entered; somebody has to look whether it is on and connected
        print/untrusted: what answers for the printer "A4" shows another certificate than the one this terminal knows it by; hint: nothing was sent; whoever keeps the terminal has to compare the two
        print/refused: the printer "A4" refuses: no toner; hint: somebody has to look at it
        print/unsupported: this terminal has no printer; hint: offer another way; an app that is nothing without a printer says "requires": ["print"]
        print/no-such-printer: there is none of this name; hint: ask `printers`
        print/form: the printer "slow" does not take a PDF; hint: look at `takes` of `printers`
        print/form: no printer of this terminal takes a PDF; hint: look at `takes` of `printers`
        print/form: no printer of this terminal takes a PDF; hint: look at `takes` of `printers`
        "#);
    }
}
