//! The opening path as a Chrome trace: spans and points of the target `opening`, written into a file as they end.
//!
//! The format is the JSON object of the Trace Event Format, which `chrome://tracing` and Perfetto read. The file is whole
//! after every event, so a program that is killed leaves a trace too.

use std::{
    cell::Cell,
    fs::File,
    io::{self, Write as _},
    os::unix::fs::FileExt as _,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use serde_json::{Map, Value, json};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// The environment variable that names the file.
pub(crate) const VARIABLE: &str = "GUICHET_TRACE";

/// The target of all that belongs to the opening path, here and in the host.
pub(crate) const TARGET: &str = "opening";

const HEAD: &[u8] = b"{\"displayTimeUnit\":\"ms\",\"traceEvents\":[";
const TAIL: &[u8] = b"\n]}\n";

/// Writes the trace. Times are microseconds since it was made, which is the first thing the program does.
pub(crate) struct Trace {
    begun: Instant,
    written: Mutex<Written>,
}

/// What stands in the file: all but the tail, and whether something does not.
struct Written {
    file: File,
    bytes: u64,
    is_broken: bool,
}

/// When a span began, and what it is about.
struct Begun {
    at: u128,
    thread: u64,
    about: Map<String, Value>,
}

impl Trace {
    /// Writes into this file, in place of what was there.
    pub(crate) fn into(path: &Path, begun: Instant) -> io::Result<Self> {
        let mut file = File::create(path)?;
        file.write_all(HEAD)?;
        file.write_all(TAIL)?;
        let written = Written { file, bytes: HEAD.len() as u64, is_broken: false };
        let trace = Self { begun, written: Mutex::new(written) };
        trace.write(&json!({"ph": "M", "name": "process_name", "args": {"name": "guichet-desktop"}}), 0);
        Ok(trace)
    }

    fn now(&self) -> u128 {
        self.begun.elapsed().as_micros()
    }

    /// The number of this thread; the first time its name is written too.
    fn thread(&self) -> u64 {
        static LAST: AtomicU64 = AtomicU64::new(0);
        thread_local!(static NUMBER: Cell<u64> = const { Cell::new(0) });
        if NUMBER.get() == 0 {
            NUMBER.set(LAST.fetch_add(1, Ordering::Relaxed) + 1);
            let thread = std::thread::current();
            let name = json!({"ph": "M", "name": "thread_name", "args": {"name": thread.name()}});
            self.write(&name, NUMBER.get());
        }
        NUMBER.get()
    }

    fn write(&self, event: &Value, thread: u64) {
        let mut event = event.clone();
        event["pid"] = json!(std::process::id());
        event["tid"] = json!(thread);
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = written.append(&event)
            && !std::mem::replace(&mut written.is_broken, true)
        {
            eprintln!("warning: the trace is not whole: {error}");
        }
    }
}

impl Written {
    /// Puts an event where the tail is, and the tail behind it.
    fn append(&mut self, event: &Value) -> io::Result<()> {
        let mut text = if self.bytes == HEAD.len() as u64 { "\n" } else { ",\n" }.to_owned().into_bytes();
        serde_json::to_writer(&mut text, event)?;
        let length = text.len() as u64;
        text.extend(TAIL);
        self.file.write_all_at(&text, self.bytes)?;
        self.bytes += length;
        Ok(())
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Trace {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut about = About::default();
        attributes.record(&mut about);
        let begun = Begun { thread: self.thread(), about: about.0, at: self.now() };
        span.extensions_mut().insert(begun);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(Begun { at, thread, about }) = span.extensions_mut().remove() else { return };
        let took = self.now().saturating_sub(at);
        let event = json!({"ph": "X", "name": span.name(), "cat": TARGET, "ts": at, "dur": took, "args": about});
        self.write(&event, thread);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let (at, thread) = (self.now(), self.thread());
        let mut about = About::default();
        event.record(&mut about);
        let name = about.0.remove("message").unwrap_or_default();
        self.write(&json!({"ph": "i", "s": "p", "name": name, "cat": TARGET, "ts": at, "args": about.0}), thread);
    }
}

/// The fields of a span or a point.
#[derive(Default)]
struct About(Map<String, Value>);

impl Visit for About {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), json!(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), json!(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().to_owned(), json!(format!("{value:?}")));
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::prelude::*;

    use super::*;

    fn events(path: &Path) -> Vec<Value> {
        let text = std::fs::read(path).unwrap();
        let trace: Value = serde_json::from_slice(&text).unwrap();
        trace["traceEvents"].as_array().unwrap().clone()
    }

    #[test]
    fn a_trace_is_whole_json_after_every_event() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.json");
        std::fs::write(&path, "what was there before, and was longer than anything that will be\n".repeat(9)).unwrap();
        let trace = Trace::into(&path, Instant::now()).unwrap();
        assert_eq!(events(&path).len(), 1);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(trace), || {
            let outer = tracing::trace_span!(target: TARGET, "start");
            let inner = tracing::trace_span!(target: TARGET, "verify", app = %"gov.example.\"permit\"");
            tracing::trace!(target: TARGET, page = 7_u64, "page loaded");
            assert!(events(&path).iter().any(|event| event["name"] == "page loaded" && event["args"]["page"] == 7));
            drop(inner);
            drop(outer);
        });
        let events = events(&path);
        let of = |name: &str| events.iter().find(|event| event["name"] == name).unwrap().clone();
        let (start, verify) = (of("start"), of("verify"));
        assert_eq!((&start["ph"], &verify["args"]["app"]), (&json!("X"), &json!("gov.example.\"permit\"")));
        let end = |span: &Value| span["ts"].as_u64().unwrap() + span["dur"].as_u64().unwrap();
        assert!(start["ts"].as_u64() <= verify["ts"].as_u64() && end(&verify) <= end(&start), "{events:?}");
        assert_eq!(start["tid"], of("thread_name")["tid"]);
        assert!(events.iter().all(|event| event["pid"] == std::process::id()));
    }

    #[test]
    fn a_trace_that_cannot_be_written_is_no_trace() {
        assert!(Trace::into(Path::new("/nowhere/trace.json"), Instant::now()).is_err());
    }
}
