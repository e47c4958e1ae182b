//! What a developer is told of what happens: an entry in the panel, and for some of it a line for `guichet dev`.

use std::io::Write as _;

use guichet_contract::Level;
use guichet_host::{Anew, Decision, HostCall, LogLine, Renewal, Renewed, SessionEvent};
use serde_json::{Value as Json, json};

use super::Dev;
use crate::{desk::Event, machine::Signal};

/// Takes note of a signal.
pub(crate) fn note(dev: &mut Dev, signal: &Signal) {
    let at = dev.at();
    let entry = match signal {
        Signal::Desk(Event::Session(_, SessionEvent::Log(LogLine { level, page, text }))) => {
            let level = match level {
                Level::Debug => "debug",
                Level::Info => "info",
                Level::Warn => "warn",
                Level::Error => "error",
            };
            let entry = json!({"is": "console", "at": at, "level": level, "page": page, "text": text});
            dev.say(&entry);
            entry
        }
        Signal::Desk(Event::Session(_, SessionEvent::Lifecycle(event))) => {
            json!({"is": "lifecycle", "at": at, "page": event.page, "phase": event.phase, "input": event.input})
        }
        Signal::Desk(Event::Session(_, SessionEvent::Asked(call))) => of_call(at, call),
        Signal::Desk(Event::Session(_, SessionEvent::Handled { event, took })) => {
            json!({"is": "handled", "at": at, "event": event, "us": took.as_micros() as u64})
        }
        Signal::Desk(Event::Session(_, SessionEvent::Ended(ending))) if !ending.is_closed() => {
            stopped(dev, ending.class, &ending.reason, &ending.hint)
        }
        Signal::Desk(Event::Broke(_, problem)) => stopped(dev, problem.class, &problem.what, &problem.hint),
        Signal::Desk(Event::Failed(failure)) => {
            stopped(dev, failure.problem.class, &failure.problem.what, &failure.problem.hint)
        }
        Signal::Desk(Event::Session(_, SessionEvent::Renewed(renewal))) => {
            let entry = of_renewal(at, renewal);
            dev.say(&entry);
            entry
        }
        Signal::Desk(Event::Loaded(_, page)) => json!({"is": "page", "at": at, "page": page, "reached": "loaded"}),
        Signal::Desk(Event::Ready(_, page)) => json!({"is": "page", "at": at, "page": page, "reached": "ready"}),
        _ => return,
    };
    dev.push(entry);
}

/// Writes a line for `guichet dev`; if nobody reads it, nothing is lost.
pub(super) fn say(line: &Json) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn stopped(dev: &Dev, class: &str, what: &str, hint: &str) -> Json {
    let entry = json!({"is": "stopped", "at": dev.at(), "class": class, "what": what, "hint": hint});
    dev.say(&entry);
    entry
}

fn of_call(at: u64, call: &HostCall) -> Json {
    let decision = match call.decision {
        Decision::Free => "free",
        Decision::Granted => "granted",
        Decision::Denied => "denied",
        Decision::Invalid => "invalid",
        Decision::Waits => "waits",
    };
    let (ok, failed, us) = match &call.outcome {
        Some(outcome) => {
            let us = outcome.took.as_micros() as u64;
            (outcome.result.as_ref().ok(), outcome.result.as_ref().err(), Some(us))
        }
        None => (None, None, None),
    };
    json!({
        "is": "call", "at": at, "number": call.number, "page": call.page, "function": call.function,
        "arguments": call.arguments, "decision": decision, "permission": call.permission, "reason": call.reason,
        "ok": ok, "failed": failed, "us": us,
    })
}

fn of_renewal(at: u64, renewal: &Renewal) -> Json {
    let mut entry = json!({"is": "logic", "at": at, "changed": renewal.changed});
    let of_problem =
        |problem: &guichet_host::Problem| json!({"class": problem.class, "what": problem.what, "hint": problem.hint});
    match &renewal.logic {
        Renewed::Same => entry["became"] = json!("same"),
        Renewed::Replayed { events } => {
            entry["became"] = json!("replayed");
            entry["events"] = json!(events);
        }
        Renewed::Refused(problem) => {
            entry["became"] = json!("refused");
            entry["problem"] = of_problem(problem);
        }
        Renewed::Anew(why) => {
            entry["became"] = json!("anew");
            entry["why"] = json!(match why {
                Anew::Manifest => "manifest",
                Anew::TooLong => "too-long",
                Anew::Differs { .. } => "differs",
                Anew::Ended { .. } => "ended",
            });
            if let Anew::Differs { event, input, .. } | Anew::Ended { event, input, .. } = why {
                entry["event"] = json!(event);
                entry["input"] = json!(input);
            }
            match why {
                Anew::Differs { expected, got, .. } => {
                    entry["expected"] = json!(expected);
                    entry["got"] = json!(got);
                }
                Anew::Ended { problem, .. } => entry["problem"] = of_problem(problem),
                Anew::Manifest | Anew::TooLong => {}
            }
        }
    }
    entry
}
