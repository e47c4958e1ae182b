//! The life of one driver: a thread of its own starts it, asks it, ends it, and starts it again.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Read as _, Write as _},
    os::{fd::OwnedFd, unix::net::UnixStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use guichet_contract::Value;
use serde::de::DeserializeOwned;

use super::{
    Answer, Answered, Hello, LONGEST_ANSWER, LONGEST_QUESTION, Question, Setup, TO_ANSWER, TO_BEGIN, Trouble, VERSION,
};

/// The program that raises the walls and becomes the driver.
const LAUNCHER: &str = "guichet-driver";
/// How long a driver that has failed is left alone, at first and at most.
const FIRST_REST: Duration = Duration::from_millis(200);
const LONGEST_REST: Duration = Duration::from_secs(60);
/// Longest line of a driver's log, in bytes.
const LONGEST_LOG: u64 = 4 << 10;

/// A driver. Dropping it ends its program.
pub struct Driver {
    questions: mpsc::Sender<Asked>,
}

struct Asked {
    call: String,
    arguments: Vec<Value>,
    answer: mpsc::SyncSender<Answered>,
}

impl Driver {
    /// A driver for `part`, an interface of the WIT; its program is started when it is first asked.
    ///
    /// `programs` is the folder of `guichet-driver`; none for the folder of this program.
    pub fn new(part: &'static str, setup: Setup, programs: Option<PathBuf>) -> io::Result<Self> {
        let programs = match programs {
            Some(programs) => programs,
            None => std::env::current_exe()?.parent().map(Path::to_owned).unwrap_or_default(),
        };
        let (questions, asked) = mpsc::channel();
        let mut keeper = Keeper {
            part,
            setup,
            launcher: programs.join(LAUNCHER),
            program: None,
            failures: 0,
            rests_until: None,
            last: 0,
        };
        // A driver ends with the thread that has started it, so that thread stays.
        thread::Builder::new().name("driver".to_owned()).spawn(move || keeper.keep(&asked))?;
        Ok(Self { questions })
    }

    /// Asks the driver, and waits for its answer.
    pub fn ask(&self, call: &str, arguments: Vec<Value>) -> Answered {
        let (answer, answered) = mpsc::sync_channel(1);
        let asked = Asked { call: call.to_owned(), arguments, answer };
        self.questions.send(asked).map_err(|_| Trouble::Gone)?;
        // Others may be asking; each is answered in time.
        answered.recv().unwrap_or(Err(Trouble::Gone))
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}

struct Keeper {
    part: &'static str,
    setup: Setup,
    launcher: PathBuf,
    program: Option<Program>,
    /// In a row.
    failures: u32,
    rests_until: Option<Instant>,
    last: u64,
}

struct Program {
    child: Child,
    socket: BufReader<UnixStream>,
}

impl Keeper {
    fn keep(&mut self, asked: &mpsc::Receiver<Asked>) {
        while let Ok(Asked { call, arguments, answer }) = asked.recv() {
            let answered = self.ask(&call, &arguments);
            // Who has asked may be gone.
            let _ = answer.send(answered);
        }
    }

    fn ask(&mut self, call: &str, arguments: &[Value]) -> Answered {
        self.last += 1;
        let arguments = arguments.iter().map(Value::to_json).collect();
        let question = Question { id: self.last, call: call.to_owned(), arguments };
        let answered = self.program().and_then(|program| program.ask(&question));
        match answered {
            Ok(Answer { ok: Some(value), refusal: None, .. }) => {
                self.failures = 0;
                Ok(Value::from_json(value))
            }
            Ok(Answer { ok: None, refusal: Some(refusal), .. }) => {
                self.failures = 0;
                Err(Trouble::Refused(refusal))
            }
            Ok(_) => self.gave_up(&io::Error::other("an answer that is neither `ok` nor `refusal`")),
            Err(error) => self.gave_up(&error),
        }
    }

    /// The program, started if it is not there and has rested enough.
    fn program(&mut self) -> io::Result<&mut Program> {
        if let Some(program) = &mut self.program
            && program.child.try_wait()?.is_some()
        {
            self.program = None;
        }
        if let Some(until) = self.rests_until
            && Instant::now() < until
        {
            return Err(io::Error::new(io::ErrorKind::WouldBlock, "it has failed and is not started again yet"));
        }
        match &mut self.program {
            Some(program) => Ok(program),
            none => Ok(none.insert(Program::start(self.part, &self.setup, &self.launcher)?)),
        }
    }

    fn gave_up(&mut self, error: &io::Error) -> Answered {
        if error.kind() != io::ErrorKind::WouldBlock {
            let program = self.setup.program.display();
            tracing::warn!(%program, %error, "a driver is ended and will be started again");
            self.program = None;
            let rest = FIRST_REST.saturating_mul(1 << self.failures.min(16)).min(LONGEST_REST);
            self.failures = self.failures.saturating_add(1);
            self.rests_until = Some(Instant::now() + rest);
        }
        Err(Trouble::Gone)
    }
}

impl Program {
    fn start(part: &str, setup: &Setup, launcher: &Path) -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut command = Command::new(launcher);
        for device in &setup.devices {
            command.arg("--device").arg(device);
        }
        for port in &setup.ports {
            command.arg("--port").arg(port.to_string());
        }
        command.arg("--").arg(&setup.program).args(&setup.arguments);
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .envs(&setup.environment)
            .current_dir("/");
        command.stdin(Stdio::from(OwnedFd::from(theirs))).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        // It holds their end, and its end is heard only when nobody does.
        drop(command);
        if let Some(log) = child.stderr.take() {
            let program = setup.program.display().to_string();
            thread::Builder::new().name("driver log".to_owned()).spawn(move || pass_on(&program, log))?;
        }
        let mut program = Self { child, socket: BufReader::new(ours) };
        let hello: Hello = program.line(TO_BEGIN)?;
        if hello.version != VERSION || !hello.parts.iter().any(|known| known == part) {
            return Err(io::Error::other(format!("it does not perform `{part}` by version {VERSION} of the protocol")));
        }
        Ok(program)
    }

    fn ask(&mut self, question: &Question) -> io::Result<Answer> {
        let mut line = serde_json::to_vec(question).map_err(io::Error::other)?;
        line.push(b'\n');
        if line.len() > LONGEST_QUESTION {
            return Err(io::Error::other("the question is longer than any may be"));
        }
        let socket = self.socket.get_mut();
        socket.set_write_timeout(Some(TO_ANSWER))?;
        socket.write_all(&line)?;
        let answer: Answer = self.line(TO_ANSWER)?;
        if answer.id == question.id { Ok(answer) } else { Err(io::Error::other("an answer to another question")) }
    }

    /// The next line, within this time and within its length.
    fn line<T: DeserializeOwned>(&mut self, within: Duration) -> io::Result<T> {
        let deadline = Instant::now() + within;
        let mut line = Vec::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.socket.get_ref().set_read_timeout(Some(left))?;
            let room = u64::try_from(LONGEST_ANSWER.saturating_sub(line.len())).unwrap_or_default();
            match self.socket.by_ref().take(room).read_until(b'\n', &mut line) {
                Ok(0) if room == 0 => return Err(io::Error::other("a line that has no end")),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) if line.ends_with(b"\n") => return serde_json::from_slice(&line).map_err(io::Error::other),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(io::ErrorKind::TimedOut.into()),
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a driver says besides its answers is for whoever looks after the terminal.
fn pass_on(program: &str, log: impl io::Read) {
    let mut log = BufReader::new(log);
    loop {
        let mut line = Vec::new();
        match log.by_ref().take(LONGEST_LOG).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let text = String::from_utf8_lossy(&line);
                tracing::info!(program, line = %text.trim_end().escape_debug(), "a driver says");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeper() -> Keeper {
        Keeper {
            part: "print",
            setup: Setup::default(),
            launcher: "/nowhere/launcher".into(),
            program: None,
            failures: 0,
            rests_until: None,
            last: 0,
        }
    }

    /// A driver of which we hold the other end.
    fn program() -> (Program, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let child = Command::new("/bin/sh").args(["-c", "read -r end"]).stdin(Stdio::piped()).spawn().unwrap();
        (Program { child, socket: BufReader::new(ours) }, theirs)
    }

    #[test]
    fn whoever_fails_again_is_left_alone_for_longer_and_an_answer_makes_up_for_it() {
        let mut keeper = keeper();
        for (times, rest_ms) in [(1, 200), (1, 400), (1, 800), (20, 60_000)] {
            let mut before = Instant::now();
            for _ in 0..times {
                before = Instant::now();
                assert_eq!(keeper.gave_up(&io::Error::other("no answer")), Err(Trouble::Gone));
            }
            let (until, rest) = (keeper.rests_until.unwrap(), Duration::from_millis(rest_ms));
            assert!(before + rest <= until && until <= Instant::now() + rest, "{rest_ms}");
        }
        // Whoever asks meanwhile is told so at once, and makes it no longer.
        let until = keeper.rests_until;
        assert_eq!(keeper.ask("print.printers", &[]), Err(Trouble::Gone));
        assert_eq!(keeper.rests_until, until);

        let (program, mut driver) = program();
        (keeper.program, keeper.rests_until) = (Some(program), None);
        driver.write_all(b"{\"id\":2,\"ok\":7}\n").unwrap();
        assert_eq!(keeper.ask("print.printers", &[]), Ok(Value::Integer(7)));
        assert_eq!(keeper.failures, 0);
    }

    #[test]
    fn a_driver_that_says_nothing_or_half_a_line_is_waited_for_no_longer_than_it_may_take() {
        let (mut program, mut driver) = program();
        for said in [&b""[..], b"{\"id\":1"] {
            driver.write_all(said).unwrap();
            let error = program.line::<Answer>(Duration::from_millis(20)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        }
        let long = vec![Value::Text("x".repeat(LONGEST_QUESTION))];
        let mut keeper = keeper();
        keeper.program = Some(program);
        assert_eq!(keeper.ask("print.submit", &long), Err(Trouble::Gone));
        driver.set_nonblocking(true).unwrap();
        assert_eq!(driver.read(&mut [0]).unwrap(), 0, "it has heard nothing of a question that is too long");
    }
}
