//! Writing a journal: one line for each thing, as it happens, so that what a crash leaves is whole up to its last line.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use guichet_engine::{Ended, Event, Output, Program};
use guichet_trust::digest::Digest;
use serde_json::{Value as Json, json};

use super::{FORMAT, MAX_JOURNAL_BYTES, MAX_LINE_BYTES, lines, pages::PagesTape, redact::Redactor, steps::Step};
use crate::{options::Clock, session::Sink};

/// The journal of all sessions of a host. Clones write the same one.
#[derive(Clone)]
pub struct Recorder(Arc<Mutex<Writer>>);

struct Writer {
    file: File,
    bytes: u64,
    most_bytes: u64,
    sessions: u64,
    programs: BTreeMap<Digest, u64>,
    packages: BTreeMap<Digest, u64>,
    /// Nothing is written any more: it is full, or it could not be written.
    is_over: bool,
}

/// What a session begins with.
pub(crate) struct Begin<'a> {
    pub(crate) app_id: &'a str,
    pub(crate) version_code: u32,
    pub(crate) version_name: &'a str,
    /// `guichet.personal` of the manifest.
    pub(crate) personal: &'a [String],
    /// What its pages are made of; none if the cache does not have it all.
    pub(crate) package: Option<Vec<u8>>,
    /// What the app is told it runs on.
    pub(crate) terminal: &'a str,
    /// The app's language, a BCP 47 tag.
    pub(crate) lang: &'a str,
    /// `ltr`, `rtl` or `auto`.
    pub(crate) dir: &'a str,
    /// `referrerInfo`.
    pub(crate) referrer: &'a str,
    /// The route it was launched with.
    pub(crate) page: &'a str,
}

/// One session's part of a journal, or none at all. Clones write the same one.
#[derive(Clone)]
pub(crate) struct Tape {
    going: Option<Arc<Mutex<Going>>>,
}

struct Going {
    recorder: Recorder,
    session: u64,
    redactor: Redactor,
    pages: PagesTape,
    is_over: bool,
    /// Events so far.
    events: u64,
    /// Whether what came of the last one is still to be written.
    is_open: bool,
}

impl Recorder {
    /// Begins a journal in a new file that only its owner can read; one that exists is never touched.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Self::of(options.open(path)?, MAX_JOURNAL_BYTES)
    }

    fn of(file: File, most_bytes: u64) -> io::Result<Self> {
        let mut writer = Writer {
            file,
            bytes: 0,
            most_bytes,
            sessions: 0,
            programs: BTreeMap::new(),
            packages: BTreeMap::new(),
            is_over: false,
        };
        let first = json!({"format": FORMAT, "journal": "guichet", "host": env!("CARGO_PKG_VERSION")});
        writer.append(&first)?;
        Ok(Self(Arc::new(Mutex::new(writer))))
    }

    /// Begins a session's part.
    pub(crate) fn begin(&self, begin: &Begin<'_>, program: &Program) -> Tape {
        let mut writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writer.sessions += 1;
        let session = writer.sessions;
        let Begin { app_id, version_code, version_name, personal, package, terminal, lang, dir, referrer, page } =
            begin;
        let program = writer.program(program);
        let package = writer.package(package.as_deref());
        let mut redactor = Redactor::new(personal);
        let referrer = redactor.words(referrer);
        writer.line(&json!({"session": session, "begin": {
            "app_id": app_id,
            "version": {"code": version_code, "name": version_name},
            "program": program,
            "package": package,
            "personal": personal,
            "launch": {"page": page, "referrer": referrer, "lang": lang, "dir": dir, "terminal": terminal},
        }}));
        drop(writer);
        let (recorder, pages) = (self.clone(), PagesTape::new(personal));
        let going = Going { recorder, session, redactor, pages, is_over: false, events: 0, is_open: false };
        Tape { going: Some(Arc::new(Mutex::new(going))) }
    }

    fn line(&self, line: &Json) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).line(line);
    }
}

impl Writer {
    /// Writes a program that is not in the journal yet. Returns its number.
    fn program(&mut self, program: &Program) -> u64 {
        let body = match program {
            Program::Script(modules) => json!({"script": modules}),
            Program::Component(wasm) => json!({"component": STANDARD.encode(wasm.bytes())}),
            // Its modules have not been read; a replay takes them from the package.
            Program::ScriptIn(_) => Json::Null,
        };
        let text = body.to_string();
        let digest = Digest::of(text.as_bytes());
        if let Some(number) = self.programs.get(&digest) {
            return *number;
        }
        let number = self.programs.len() as u64 + 1;
        self.programs.insert(digest, number);
        let is_too_long = text.len() > MAX_LINE_BYTES - (1 << 10);
        self.line(&json!({"program": number, "is": if is_too_long { Json::Null } else { body }}));
        number
    }

    /// Writes a package that is not in the journal yet. Returns its number; none if there is none, or it is too large.
    fn package(&mut self, bytes: Option<&[u8]>) -> Option<u64> {
        let bytes = bytes.filter(|bytes| bytes.len() / 3 * 4 < MAX_LINE_BYTES - (1 << 10))?;
        let digest = Digest::of(bytes);
        if let Some(number) = self.packages.get(&digest) {
            return Some(*number);
        }
        let number = self.packages.len() as u64 + 1;
        self.packages.insert(digest, number);
        self.line(&json!({"package": number, "is": STANDARD.encode(bytes)}));
        Some(number)
    }

    fn line(&mut self, line: &Json) {
        if self.is_over {
            return;
        }
        if let Err(error) = self.append(line) {
            self.is_over = true;
            tracing::error!(%error, "the journal cannot be written any more; it ends here");
        }
    }

    fn append(&mut self, line: &Json) -> io::Result<()> {
        const FULL: &[u8] = b"{\"full\":true}\n";
        let mut text = line.to_string();
        text.push('\n');
        let bytes = self.bytes + text.len() as u64;
        if bytes + FULL.len() as u64 > self.most_bytes || text.len() > MAX_LINE_BYTES {
            self.is_over = true;
            tracing::error!(bytes = self.bytes, "the journal is full; what follows is not recorded");
            return self.file.write_all(FULL);
        }
        self.bytes = bytes;
        self.file.write_all(text.as_bytes())
    }
}

impl Tape {
    /// Nothing is recorded.
    pub(crate) fn none() -> Self {
        Self { going: None }
    }

    /// An event is about to be delivered. It is written first, so that one that brings the host down is there.
    pub(crate) fn event(&mut self, at_ms: u64, event: &Event) {
        let Some(mut going) = self.going() else { return };
        let going = &mut *going;
        going.events += 1;
        going.is_open = true;
        let event = lines::event(&going.redactor.event(event));
        going.line(&json!({"at": at_ms, "event": event}));
    }

    /// What an event has brought.
    pub(crate) fn outputs(&mut self, outputs: &[Output]) {
        let Some(mut going) = self.going() else { return };
        going.is_open = false;
        let outputs = going.redacted(outputs);
        going.line(&json!({"outputs": outputs}));
    }

    /// The logic has ended in an event, at its start, or by itself between two.
    pub(crate) fn ended(&mut self, last_words: &[Output], ended: &Ended) {
        let Some(mut going) = self.going() else { return };
        let mut outputs = going.redacted(last_words);
        let reason = going.redactor.words(&ended.to_string());
        let ending = lines::ended(ended, &reason);
        if going.is_open || going.events == 0 {
            outputs.push(ending);
            going.line(&json!({"outputs": outputs}));
        } else {
            going.line(&json!({"lost": ending["ended"]}));
        }
        going.is_open = false;
    }

    /// The session is over.
    pub(crate) fn end(&mut self, class: &str) {
        if let Some(mut going) = self.going() {
            let rest = going.pages.rest();
            going.write(rest);
            going.recorder.line(&json!({"session": going.session, "end": class}));
            going.is_over = true;
        }
    }

    /// The same sink, and what it is told of pages is recorded.
    pub(crate) fn along(&self, sink: Sink, clock: Clock) -> Sink {
        let Some(going) = self.going.clone() else { return sink };
        Arc::new(move |event| {
            let mut going = going.lock().unwrap_or_else(PoisonError::into_inner);
            if !going.is_over {
                going.learn();
                let steps = going.pages.event(clock.now_ms(), &event);
                going.write(steps);
            }
            drop(going);
            sink(event);
        })
    }

    /// A page has said something.
    pub(crate) fn said(&self, page: u32, at_ms: u64, text: &str) {
        if let Some(mut going) = self.going() {
            let steps = going.pages.said(page, at_ms, text);
            going.write(steps);
        }
    }

    /// The shell has seen something in a page.
    pub(crate) fn witnessed(&self, page: u32, at_ms: u64, text: &str) {
        if let Some(mut going) = self.going() {
            going.learn();
            let steps = going.pages.witnessed(page, at_ms, text);
            going.write(steps);
        }
    }

    fn going(&self) -> Option<MutexGuard<'_, Going>> {
        let going = self.going.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        (!going.is_over).then_some(going)
    }
}

impl Going {
    fn redacted(&mut self, outputs: &[Output]) -> Vec<Json> {
        outputs.iter().map(|output| lines::output(&self.redactor.output(output))).collect()
    }

    /// What the logic's lines have shown to be personal is so in those of pages.
    fn learn(&mut self) {
        self.pages.redactor.learn(&self.redactor);
    }

    fn write(&self, steps: Vec<Step>) {
        for step in steps {
            let mut line = step.line();
            line["session"] = Json::from(self.session);
            self.recorder.line(&line);
        }
    }

    /// A line about the last event.
    fn line(&self, line: &Json) {
        let mut line = line.clone();
        line["session"] = Json::from(self.session);
        line["n"] = Json::from(self.events);
        self.recorder.line(&line);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use guichet_contract::Value;
    use guichet_engine::Phase;

    use super::*;

    fn begun(recorder: &Recorder) -> Tape {
        let personal = ["name".to_owned()];
        let begin = Begin {
            app_id: "a.b",
            version_code: 3,
            version_name: "1.2",
            personal: &personal,
            package: Some(b"PK".to_vec()),
            terminal: "desktop",
            lang: "en",
            dir: "ltr",
            referrer: "",
            page: "pages/a",
        };
        recorder.begin(&begin, &Program::Script(BTreeMap::from([("app.js".to_owned(), "export {}".to_owned())])))
    }

    #[test]
    fn a_journal_is_lines_that_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.journal");
        let recorder = Recorder::create(&path).unwrap();
        let mut tape = begun(&recorder);
        tape.event(5, &Event::Phase(Phase::Shown));
        let said = Value::Text(r#"{"name":"Ada"}"#.to_owned());
        let output =
            Output::Tell { interface: "page".to_owned(), function: "update".to_owned(), arguments: vec![said] };
        tape.outputs(std::slice::from_ref(&output));
        let mut other = begun(&recorder);
        other.event(6, &Event::Phase(Phase::Hidden));
        other.ended(&[output], &Ended::Stack);
        other.end("logic/stack");
        tape.ended(&[], &Ended::Trap("its process was killed".to_owned()));
        tape.end("logic/trap");
        let text = fs::read_to_string(&path).unwrap().replace(env!("CARGO_PKG_VERSION"), "VERSION");
        insta::assert_snapshot!(text, @r#"
        {"format":2,"host":"VERSION","journal":"guichet"}
        {"is":{"script":{"app.js":"export {}"}},"program":1}
        {"is":"UEs=","package":1}
        {"begin":{"app_id":"a.b","launch":{"dir":"ltr","lang":"en","page":"pages/a","referrer":"","terminal":"desktop"},"package":1,"personal":["name"],"program":1,"version":{"code":3,"name":"1.2"}},"session":1}
        {"at":5,"event":{"phase":"shown"},"n":1,"session":1}
        {"n":1,"outputs":[{"tell":{"arguments":["{\"name\":\"~personal-1~\"}"],"function":"update","interface":"page"}}],"session":1}
        {"begin":{"app_id":"a.b","launch":{"dir":"ltr","lang":"en","page":"pages/a","referrer":"","terminal":"desktop"},"package":1,"personal":["name"],"program":1,"version":{"code":3,"name":"1.2"}},"session":2}
        {"at":6,"event":{"phase":"hidden"},"n":1,"session":2}
        {"n":1,"outputs":[{"tell":{"arguments":["{\"name\":\"~personal-1~\"}"],"function":"update","interface":"page"}},{"ended":{"class":"logic/stack","outside":false,"reason":"the app's logic nested its calls too deeply; hint: look for a function that calls itself without end"}}],"session":2}
        {"end":"logic/stack","session":2}
        {"lost":{"class":"logic/trap","outside":true,"reason":"the app's logic crashed: its process was killed"},"n":1,"session":1}
        {"end":"logic/trap","session":1}
        "#);
    }

    #[test]
    #[cfg(unix)]
    fn a_file_that_exists_is_not_touched_and_a_new_one_is_its_owners() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.journal");
        Recorder::create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let error = Recorder::create(&path).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_journal_that_is_full_says_so_and_stays_within_its_bound() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let recorder = Recorder::of(file.reopen().unwrap(), 2_000).unwrap();
        let mut tape = begun(&recorder);
        for at_ms in 0..100 {
            tape.event(at_ms, &Event::Phase(Phase::Shown));
            tape.outputs(&[]);
        }
        tape.end("session/closed");
        let text = fs::read_to_string(file.path()).unwrap();
        assert!(text.len() <= 2_000 && text.len() > 1_900, "{}", text.len());
        assert!(text.ends_with("\n{\"full\":true}\n"), "{text}");
        assert_eq!(text.matches("full").count(), 1);
    }
}
