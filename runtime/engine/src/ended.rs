//! Why logic ended, as a plain sentence.

use wasmtime::Trap;

use crate::state::State;

/// How wasmtime, whose version is fixed, says that the arguments of one call exceed the limit set for copying.
const COPIED_TOO_MUCH: &str = "fuel allocated for hostcalls has been exhausted";

/// Begin every sentence about the process that logic runs in, and none of wasmtime's.
const OF_THE_PROCESS: [&str; 2] = ["its process ", "it wanted something of the system "];

/// Why there is no logic, or no more. Every reason is final: the session must be started anew.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ended {
    /// The program is not a component that this host can run.
    #[error("the app's logic cannot be loaded: {0}; hint: build it against the WIT world guichet:app/mini-app")]
    Compile(String),
    /// Its compiler reached a limit.
    #[error(
        "the app's logic cannot be compiled: {0}; hint: split its largest functions, and build it for size and not for speed"
    )]
    CompileBudget(String),
    /// It could not be given the process it runs in.
    #[error(
        "the app's logic has no process to run in: {0}; hint: close other apps; if it stays so, install this host again"
    )]
    NoProcess(String),
    /// Loading the code threw, or was refused by the guest itself.
    #[error("the app's logic did not start: {0}")]
    Boot(String),
    /// Loading the code took too long.
    #[error(
        "the app's logic did not start within {0} ms; hint: do the work in `launched` or in a handler, not at the top of app.js"
    )]
    BootDeadline(u64),
    /// One event took too long.
    #[error(
        "the app's logic worked on one event for more than {0} ms; hint: look for a loop that does not end, or split the work with timers"
    )]
    Deadline(u64),
    /// The memory that was refused was needed.
    #[error("the app's logic needed more than {} MiB of memory; hint: keep less in memory, put it into guichet.storage", .0 >> 20)]
    Memory(usize),
    /// Calls nested too deeply.
    #[error("the app's logic nested its calls too deeply; hint: look for a function that calls itself without end")]
    Stack,
    /// The guest gave up and said why.
    #[error("the app's logic panicked: {0}")]
    Panic(String),
    /// The guest did what WebAssembly does not allow.
    #[error("the app's logic crashed: {0}")]
    Trap(String),
    /// Too many calls were started and not awaited.
    #[error("the app's logic started more than {0} calls at once; hint: await some before starting more")]
    TooManyCalls(usize),
    /// One event put out too much.
    #[error("the app's logic put out more than {} KiB in one event; hint: look for a loop that logs or stores without end", .0 >> 10)]
    TooMuchOutput(usize),
    /// The guest used an import in a way that the WIT rules out.
    #[error("the app's logic broke the contract with its host: {0}")]
    Contract(String),
}

impl Ended {
    /// A stable word for reports.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Compile(_) => "logic/not-loadable",
            Self::CompileBudget(_) => "logic/compile-budget",
            Self::NoProcess(_) => "logic/no-process",
            Self::Boot(_) => "logic/boot-failed",
            Self::BootDeadline(_) => "logic/boot-deadline",
            Self::Deadline(_) => "logic/event-deadline",
            Self::Memory(_) => "logic/memory",
            Self::Stack => "logic/stack",
            Self::Panic(_) => "logic/panic",
            Self::Trap(_) => "logic/trap",
            Self::TooManyCalls(_) => "logic/too-many-calls",
            Self::TooMuchOutput(_) => "logic/too-much-output",
            Self::Contract(_) => "logic/contract",
        }
    }

    /// Whether the clock or the system did it, so that the same events need not end another session of the same logic.
    pub fn is_from_outside(&self) -> bool {
        match self {
            Self::NoProcess(_) | Self::BootDeadline(_) | Self::Deadline(_) => true,
            Self::Trap(why) | Self::Contract(why) => OF_THE_PROCESS.iter().any(|words| why.starts_with(words)),
            _ => false,
        }
    }

    /// The guest refused to start, and said why.
    pub(crate) fn boot(reason: String) -> Self {
        Self::Boot(shortened(reason))
    }

    /// What an error that came out of a guest means, given what the guest did before it.
    pub(crate) fn from_error(error: &wasmtime::Error, state: &State) -> Self {
        if let Some(ended) = error.downcast_ref::<Self>() {
            return ended.clone();
        }
        let budget = state.budget();
        match error.downcast_ref::<Trap>() {
            Some(Trap::Interrupt) if state.has_started() => Self::Deadline(budget.event_ms),
            Some(Trap::Interrupt) => Self::BootDeadline(budget.boot_ms),
            Some(Trap::StackOverflow) => Self::Stack,
            Some(_) if state.memory_was_refused() => Self::Memory(budget.memory_bytes),
            Some(trap) => match state.last_report() {
                Some(report) => Self::Panic(shortened(report)),
                None => Self::Trap(trap.to_string()),
            },
            None if error.root_cause().to_string().contains(COPIED_TOO_MUCH) => {
                Self::TooMuchOutput(budget.output_bytes)
            }
            None => Self::Contract(error.root_cause().to_string()),
        }
    }
}

/// A guest chooses these words; they are for a log line, not for a book.
fn shortened(mut text: String) -> String {
    const MOST_BYTES: usize = 4 << 10;
    if text.len() > MOST_BYTES {
        text.truncate(text.floor_char_boundary(MOST_BYTES));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_clock_or_the_system_did_is_from_outside() {
        let killed = "its process was ended by signal 9".to_owned();
        for ended in [Ended::Deadline(500), Ended::NoProcess(String::new()), Ended::Trap(killed)] {
            assert!(ended.is_from_outside(), "{ended}");
        }
        let own = "wasm trap: integer divide by zero".to_owned();
        for ended in [Ended::Stack, Ended::Panic(String::new()), Ended::Memory(1), Ended::Trap(own)] {
            assert!(!ended.is_from_outside(), "{ended}");
        }
    }

    #[test]
    fn a_guests_own_words_are_cut() {
        let Ended::Boot(text) = Ended::boot("办".repeat(9_999)) else { panic!("a boot failure") };
        assert!(text.len() < 4_200 && text.ends_with("办…"));
        assert_eq!(Ended::boot("short".to_owned()), Ended::Boot("short".to_owned()));
    }
}
