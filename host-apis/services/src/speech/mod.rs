//! `speech`: whose text is whose and whose turn it is; the voice itself is a part.
//!
//! Invariant: one text is spoken at a time, in the order in which they were given, and no voice learns which app speaks.

#[cfg(unix)]
mod espeak;
mod simulated;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use guichet_contract::{
    AppId, Failure, Permit, Stop,
    speech::{self, Languages, MAX_IN_LINE, Outcome, Say, Speech, Utterance, WaitFor},
};

#[cfg(unix)]
pub use espeak::Espeak;
pub use simulated::{Simulated, State};

use crate::wait::STEP;

/// Texts of one app whose outcome is remembered.
const MOST_OVER: usize = 100;
/// How long a voice may take to fall silent before nobody waits for it any more.
const SILENCE: Duration = Duration::from_secs(2);

/// One voice, however it is reached.
pub trait VoicePart: Send + Sync + fmt::Debug {
    /// Whether this terminal has it at all.
    fn is_there(&self) -> bool {
        true
    }

    /// The first parts of the tags of languages that it speaks: `zh`.
    fn languages(&self) -> Result<Vec<String>, Mute>;

    /// Speaks, and returns when it is done or, in silence, soon after nobody wants it any more.
    fn speak(&self, utterance: &Utterance, stop: &Stop) -> Result<(), Mute>;
}

/// The voice does not speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mute;

/// The voice of a terminal, and the texts of its apps.
#[derive(Debug, Default)]
pub struct Speaker {
    part: Option<Arc<dyn VoicePart>>,
    line: Arc<Line>,
}

#[derive(Debug, Default)]
struct Line {
    state: Mutex<InLine>,
    /// Something is over.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct InLine {
    waiting: VecDeque<(Turn, Utterance)>,
    /// What is spoken now.
    speaking: Option<(Turn, Stop)>,
    /// Whether somebody takes one text after the other.
    is_served: bool,
    apps: HashMap<AppId, Told>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Turn {
    app: AppId,
    number: u32,
}

/// The texts of one app: the last number, and how each went; none: it is not over.
#[derive(Debug, Default)]
struct Told {
    last: u32,
    outcomes: BTreeMap<u32, Option<Outcome>>,
}

impl Speaker {
    /// This voice.
    pub fn new(part: Arc<dyn VoicePart>) -> Self {
        Self { part: Some(part), line: Arc::default() }
    }

    /// Whether there is a voice.
    pub fn has_any(&self) -> bool {
        self.part.as_ref().is_some_and(|part| part.is_there())
    }

    /// The session of an app is over: it says nothing more, and its numbers begin anew.
    pub fn over(&self, app: &AppId) {
        let mut state = self.line.state();
        state.drop_all(app);
        state.apps.remove(app);
        self.line.fall_silent(state);
    }

    fn part(&self) -> Result<&Arc<dyn VoicePart>, Failure> {
        self.part.as_ref().filter(|part| part.is_there()).ok_or_else(|| {
            let hint = "show the text; an app that is nothing without a voice says \"requires\": [\"speech\"]";
            failure("speech/unsupported", "this terminal has no voice", hint)
        })
    }
}

impl Speech for Speaker {
    fn languages(&self, permit: Permit<Languages>) -> Result<Vec<String>, Failure> {
        drop(permit);
        if self.has_any() { self.part()?.languages().map_err(mute) } else { Ok(Vec::new()) }
    }

    fn say(&self, permit: Permit<Say>) -> Result<u32, Failure> {
        let (app, Say { utterance, .. }) = permit.redeem();
        let part = self.part()?;
        if !part.languages().map_err(mute)?.contains(&utterance.lang) {
            let what = format!("the voice of this terminal does not speak `{}`", utterance.lang);
            return Err(failure("speech/no-voice", &what, "ask `languages`, and show the text"));
        }
        let mut state = self.line.state();
        let told = state.apps.entry(app.clone()).or_default();
        if told.outcomes.values().filter(|outcome| outcome.is_none()).count() >= MAX_IN_LINE {
            let what = format!("{MAX_IN_LINE} texts of the app wait already");
            return Err(failure("speech/too-many", &what, "wait until one of them is over, or stop them"));
        }
        told.last = told.last.wrapping_add(1);
        let number = told.last;
        told.outcomes.insert(number, None);
        state.waiting.push_back((Turn { app, number }, utterance));
        if !std::mem::replace(&mut state.is_served, true) {
            let (part, line) = (Arc::clone(part), Arc::clone(&self.line));
            let served = thread::Builder::new().name("voice".to_owned()).spawn(move || line.serve(&*part));
            if let Err(error) = served {
                tracing::error!(%error, "nobody speaks");
                state.is_served = false;
                let gone: Vec<_> = state.waiting.drain(..).collect();
                gone.into_iter().for_each(|(turn, _)| state.settle(&turn, Outcome::Failed));
            }
        }
        Ok(number)
    }

    fn wait_for(&self, permit: Permit<WaitFor>) -> Result<Outcome, Failure> {
        let (app, WaitFor { number, stop }) = permit.redeem();
        let mut state = self.line.state();
        loop {
            let outcome = state.apps.get(&app).and_then(|told| told.outcomes.get(&number).copied());
            match outcome {
                None => {
                    let hint = "keep the number that `say` brought";
                    return Err(failure("speech/unknown-text", "the app has no such text", hint));
                }
                Some(Some(outcome)) => return Ok(outcome),
                Some(None) if stop.is_stopped() => {
                    return Err(Failure::Unavailable("the call was given up".to_owned()));
                }
                Some(None) => {
                    let waited = self.line.changed.wait_timeout(state, STEP);
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }

    fn stop(&self, permit: Permit<speech::Stop>) -> Result<(), Failure> {
        let (app, _) = permit.redeem();
        self.part()?;
        let mut state = self.line.state();
        state.drop_all(&app);
        self.line.fall_silent(state);
        Ok(())
    }
}

impl Line {
    fn state(&self) -> MutexGuard<'_, InLine> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of what was dropped, and waits until none of it is heard any more.
    fn fall_silent(&self, state: MutexGuard<'_, InLine>) {
        self.changed.notify_all();
        let is_heard = |state: &mut InLine| state.speaking.as_ref().is_some_and(|(_, stop)| stop.is_stopped());
        let waited = self.changed.wait_timeout_while(state, SILENCE, is_heard);
        if waited.unwrap_or_else(PoisonError::into_inner).1.timed_out() {
            tracing::warn!("the voice goes on with a text that nobody wants any more");
        }
    }

    /// Speaks what waits, until nothing does.
    fn serve(&self, part: &dyn VoicePart) {
        loop {
            let (turn, utterance, stop) = {
                let mut state = self.state();
                let Some((turn, utterance)) = state.waiting.pop_front() else {
                    state.is_served = false;
                    return;
                };
                let stop = Stop::default();
                state.speaking = Some((turn.clone(), stop.clone()));
                (turn, utterance, stop)
            };
            let spoken = part.speak(&utterance, &stop);
            let mut state = self.state();
            state.speaking = None;
            // Whoever stops a text says that it is stopped, and may have begun to count anew.
            if !stop.is_stopped() {
                state.settle(&turn, spoken.map_or(Outcome::Failed, |()| Outcome::Spoken));
            }
            self.changed.notify_all();
        }
    }
}

impl InLine {
    fn settle(&mut self, turn: &Turn, outcome: Outcome) {
        let Some(told) = self.apps.get_mut(&turn.app) else { return };
        told.outcomes.insert(turn.number, Some(outcome));
        let over: Vec<u32> =
            told.outcomes.iter().filter(|(_, outcome)| outcome.is_some()).map(|(number, _)| *number).collect();
        for number in over.iter().take(over.len().saturating_sub(MOST_OVER)) {
            told.outcomes.remove(number);
        }
    }

    fn drop_all(&mut self, app: &AppId) {
        let (gone, kept) = std::mem::take(&mut self.waiting).into_iter().partition(|(turn, _)| turn.app == *app);
        self.waiting = kept;
        let gone: VecDeque<(Turn, Utterance)> = gone;
        let spoken = self.speaking.clone().filter(|(turn, _)| turn.app == *app);
        if let Some((_, stop)) = &spoken {
            stop.stop();
        }
        for turn in gone.into_iter().map(|(turn, _)| turn).chain(spoken.map(|(turn, _)| turn)) {
            self.settle(&turn, Outcome::Stopped);
        }
    }
}

fn mute(_: Mute) -> Failure {
    let hint = "show the text; somebody has to look at the terminal's sound";
    failure("speech/mute", "the voice of this terminal does not answer", hint)
}

fn failure(class: &str, what: &str, hint: &str) -> Failure {
    Failure::Unavailable(format!("{class}: {what}; hint: {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_says_what_to_do() {
        let words = [Speaker::default().part().unwrap_err(), mute(Mute)].map(|failure| failure.to_string());
        insta::assert_snapshot!(words.join("\n"), @r#"
        speech/unsupported: this terminal has no voice; hint: show the text; an app that is nothing without a voice says "requires": ["speech"]
        speech/mute: the voice of this terminal does not answer; hint: show the text; somebody has to look at the terminal's sound
        "#);
    }
}
