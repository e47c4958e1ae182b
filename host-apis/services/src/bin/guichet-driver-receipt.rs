//! The example of a driver: a receipt printer that speaks ESC/POS, on a port of the network or a device file.
//!
//! `guichet-driver-receipt --tcp 10.0.0.9:9100` or `--device /dev/usb/lp0`, and `--ascii` for a printer without Chinese. It
//! takes text; a document waits here until there is paper. docs/reference/drivers.md tells how it is set up.

use std::{
    collections::{BTreeMap, VecDeque},
    env,
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use encoding_rs::GB18030;
use guichet_contract::{
    Value,
    print::{Condition, Document, Form, Job, Order, Printer, Progress},
};
use guichet_services::driver::{Performs, Refusal, serve};

/// How long the printer may take to connect or to say how it is.
const TO_ANSWER: Duration = Duration::from_secs(2);
/// How long a receipt may take; the host waits for ten seconds.
const TO_PRINT: Duration = Duration::from_secs(8);
/// How often a device file is looked at for an answer.
const STEP: Duration = Duration::from_millis(10);
/// `O_NONBLOCK`: reading from a device that says nothing must end.
const NONBLOCK: i32 = 0o4000;

/// ESC @: forget what the last one has set.
const BEGIN: &[u8] = b"\x1b@";
/// FS &: Chinese characters follow, two or four bytes each.
const CHINESE: &[u8] = b"\x1c&";
/// ESC d 4, GS V 66 0: feed past the knife, and cut.
const END: &[u8] = b"\x1bd\x04\x1dVB\x00";
/// DLE EOT 2 and DLE EOT 4: why it is offline, and its paper.
const WHY_OFFLINE: &[u8] = b"\x10\x04\x02";
const PAPER: &[u8] = b"\x10\x04\x04";
/// GS r 1: its paper, too, but answered in turn, when all before it is printed.
const PRINTED: &[u8] = b"\x1dr\x01";
/// Bits of the answers.
const COVER_OPEN: u8 = 0x04;
const ERROR: u8 = 0x40;
const NO_PAPER: u8 = 0x60;

/// Where the printer is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Port(SocketAddr),
    File(PathBuf),
}

/// A way to the printer, for one exchange.
enum Link {
    Port(TcpStream),
    File(File),
}

struct Receipts {
    place: Place,
    is_chinese: bool,
    last: u32,
    jobs: BTreeMap<u32, Progress>,
    queue: VecDeque<(u32, Vec<u8>)>,
}

fn main() -> ExitCode {
    let Some(mut receipts) = Receipts::read(env::args().skip(1)) else {
        eprintln!("usage: guichet-driver-receipt (--tcp ADDRESS:PORT | --device PATH) [--ascii]");
        return ExitCode::from(2);
    };
    match serve("receipt", &["print"], &mut receipts) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Place {
    fn open(&self) -> io::Result<Link> {
        match self {
            Self::Port(address) => {
                let stream = TcpStream::connect_timeout(address, TO_ANSWER)?;
                stream.set_write_timeout(Some(TO_ANSWER))?;
                Ok(Link::Port(stream))
            }
            Self::File(path) => {
                OpenOptions::new().read(true).write(true).custom_flags(NONBLOCK).open(path).map(Link::File)
            }
        }
    }
}

impl Link {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Port(stream) => stream.write_all(bytes),
            Self::File(file) => file.write_all(bytes),
        }
    }

    /// The one byte that answers a question about its state.
    fn ask(&mut self, question: &[u8], within: Duration) -> io::Result<u8> {
        self.write(question)?;
        if let Self::Port(stream) = self {
            stream.set_read_timeout(Some(within))?;
        }
        let deadline = Instant::now() + within;
        let mut byte = [0];
        loop {
            let read = match self {
                Self::Port(stream) => stream.read(&mut byte),
                Self::File(file) => file.read(&mut byte),
            };
            match read {
                Ok(1) => return Ok(byte[0]),
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                _ if Instant::now() >= deadline || matches!(self, Self::Port(_)) => {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                _ => thread::park_timeout(STEP),
            }
        }
    }

    fn condition(&mut self) -> io::Result<Condition> {
        if self.ask(PAPER, TO_ANSWER)? & NO_PAPER != 0 {
            return Ok(Condition::PaperOut);
        }
        let why = self.ask(WHY_OFFLINE, TO_ANSWER)?;
        Ok(if why & ERROR != 0 {
            Condition::Jammed
        } else if why & COVER_OPEN != 0 {
            Condition::Attention
        } else {
            Condition::Ready
        })
    }
}

impl Receipts {
    fn read(mut arguments: impl Iterator<Item = String>) -> Option<Self> {
        let (mut place, mut is_chinese) = (None, true);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--tcp" => place = Some(Place::Port(arguments.next()?.parse().ok()?)),
                "--device" => place = Some(Place::File(arguments.next()?.into())),
                "--ascii" => is_chinese = false,
                _ => return None,
            }
        }
        let (jobs, queue) = (BTreeMap::new(), VecDeque::new());
        place.map(|place| Self { place, is_chinese, last: 0, jobs, queue })
    }

    fn condition(&self) -> Condition {
        self.place.open().and_then(|mut link| link.condition()).unwrap_or(Condition::Unreachable)
    }

    /// The bytes for a text: lines, and nothing that the printer takes for a command.
    fn receipt(&self, text: &str, copies: u32) -> Vec<u8> {
        let plain: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        let mut once = BEGIN.to_vec();
        if self.is_chinese {
            once.extend_from_slice(CHINESE);
            once.extend_from_slice(&GB18030.encode(&plain).0);
        } else {
            once.extend(plain.chars().map(|c| if c.is_ascii() { c as u8 } else { b'?' }));
        }
        once.push(b'\n');
        once.extend_from_slice(END);
        once.repeat(copies as usize)
    }

    fn print_next(&mut self) -> io::Result<()> {
        let Some((job, bytes)) = self.queue.front() else { return Ok(()) };
        let mut link = self.place.open()?;
        if link.condition()? != Condition::Ready {
            return Ok(());
        }
        let printed = link.write(bytes).and_then(|()| link.ask(PRINTED, TO_PRINT));
        // Not sent again: nobody knows how much of it is on paper.
        self.jobs.insert(*job, if printed.is_ok() { Progress::Done } else { Progress::Failed });
        self.queue.pop_front();
        printed.map(drop)
    }

    fn job(&self, argument: Option<&Value>) -> Result<(u32, Progress), Refusal> {
        let unknown = || Refusal::new("unknown-job", "there is no such job");
        let Some(Value::Integer(job)) = argument else { return Err(unknown()) };
        let job = u32::try_from(*job).map_err(|_| unknown())?;
        self.jobs.get(&job).map(|progress| (job, *progress)).ok_or_else(unknown)
    }
}

impl Performs for Receipts {
    fn perform(&mut self, call: &str, mut arguments: Vec<Value>) -> Result<Value, Refusal> {
        match call {
            "print.printers" => {
                let printer =
                    Printer { name: "receipt".to_owned(), condition: self.condition(), takes: vec![Form::Text] };
                Ok(Value::List(vec![printer.into()]))
            }
            "print.submit" => {
                let order = arguments.pop().and_then(Order::of);
                let Order { document, copies, .. } =
                    order.ok_or_else(|| Refusal::new("refused", "the order is no order"))?;
                let Document::Text(text) = document else {
                    return Err(Refusal::new("form", "a receipt printer takes text"));
                };
                self.last += 1;
                self.jobs.insert(self.last, Progress::Waiting);
                self.queue.push_back((self.last, self.receipt(&text, copies)));
                Ok(Value::Integer(self.last.into()))
            }
            "print.status" => {
                let (_, progress) = self.job(arguments.first())?;
                if progress.is_over() {
                    return Ok(Job { progress, condition: Condition::Ready }.into());
                }
                let condition = self.condition();
                let progress = if condition.needs_a_person() { Progress::Stopped } else { Progress::Printing };
                Ok(Job { progress, condition }.into())
            }
            "print.cancel" => {
                let (job, progress) = self.job(arguments.first())?;
                if !progress.is_over() {
                    self.queue.retain(|(queued, _)| *queued != job);
                    self.jobs.insert(job, Progress::Cancelled);
                }
                Ok(Value::Null)
            }
            _ => Err(Refusal::new("refused", "this driver prints, and nothing else")),
        }
    }

    fn go_on(&mut self) {
        if let Err(error) = self.print_next() {
            eprintln!("the printer does not answer: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipts(arguments: &[&str]) -> Option<Receipts> {
        Receipts::read(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn a_text_is_never_a_command() {
        let printer = receipts(&["--device", "/dev/null", "--ascii"]).unwrap();
        let bytes = printer.receipt("a\x1bp\x00\x10\x04b\r\né", 1);
        assert_eq!(bytes, [BEGIN, b"apb\n?\n", END].concat());
    }

    #[test]
    fn chinese_is_gb18030_and_copies_are_cut() {
        let printer = receipts(&["--tcp", "127.0.0.1:9100"]).unwrap();
        let once = [BEGIN, CHINESE, b"\xd6\xa4\n", END].concat();
        assert_eq!(printer.receipt("证", 2), [once.clone(), once].concat());
    }

    #[test]
    fn a_place_is_needed() {
        for wrong in [&[][..], &["--ascii"], &["--tcp", "printer:9100"], &["--device"], &["--usb", "x"]] {
            assert!(receipts(wrong).is_none(), "{wrong:?}");
        }
    }
}
