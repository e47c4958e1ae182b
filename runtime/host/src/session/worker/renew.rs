//! Another package in the place of the one that runs: new logic is given every event of the session, and takes over if it
//! asks the same of the host.

use guichet_contract::Tell;
use guichet_engine::{Budget, Ended, Logic, Output};
use serde_json::Value as Json;

use super::{
    super::{
        event::SessionEvent,
        rehearsal::{Anew, Modules, Past, Renewal, Renewed, asked, changed},
    },
    Work, Worker, ending,
};
use crate::{Look, Problem, journal};

/// New logic, up to where the session is, and what it has told on the way.
struct Replay {
    logic: Logic,
    told: Vec<Output>,
    modules: Modules,
    events: usize,
}

impl Worker {
    /// Takes the package that a developer's window has given; what became of it is told.
    pub(super) fn renew(&mut self) {
        let running = std::sync::Arc::clone(&self.running);
        let Some((rehearsal, look)) = running.rehearsal.as_ref().and_then(|all| Some((all, all.take()?))) else {
            return;
        };
        let (before, after) = (rehearsal.files(), look.files());
        let changed = changed(before.statement(), after.statement());
        let logic = if *look.manifest() != running.manifest || look.lang() != running.info.lang {
            Renewed::Anew(Anew::Manifest)
        } else if !rehearsal.concerns_logic(before.statement(), after.statement()) {
            rehearsal.put(after, None);
            Renewed::Same
        } else {
            match self.replay(&look) {
                Ok(replay) => {
                    let (events, modules) = (replay.events, replay.modules.clone());
                    // Who hears of the new state may ask for files at once.
                    rehearsal.put(after, Some(modules));
                    self.take_over(replay);
                    Renewed::Replayed { events }
                }
                Err(other) => other,
            }
        };
        let seen = rehearsal.seen(&changed);
        (self.sink)(SessionEvent::Renewed(Renewal { changed, seen, logic }));
    }

    fn replay(&self, look: &Look) -> Result<Replay, Renewed> {
        let history = self.history.as_ref().and_then(|history| history.events());
        let Some(history) = history else { return Err(Renewed::Anew(Anew::TooLong)) };
        let refused = |error: crate::HostError| Renewed::Refused(error.problem());
        let (program, modules) = Modules::of(look.files(), look.manifest()).map_err(refused)?;
        let started = self.engine.load(&program).and_then(|loaded| loaded.start(Budget::default()));
        let mut logic = started.map_err(|ended| Renewed::Refused(problem(&ended)))?;
        let mut told = Vec::new();
        for (number, Past { at_ms, event, asked: expected }) in (1..).zip(history) {
            let input = || journal::text(event);
            let outputs = logic.handle(*at_ms, event.clone()).map_err(|ended| {
                Renewed::Anew(Anew::Ended { event: number, input: input(), problem: problem(&ended) })
            })?;
            let got = asked(&outputs);
            if got != *expected {
                let at = got.iter().zip(expected).take_while(|(got, expected)| got == expected).count();
                let of = |outputs: &[Output]| outputs.get(at).map(journal::output_text);
                let (expected, got) = (of(expected), of(&got));
                return Err(Renewed::Anew(Anew::Differs { event: number, input: input(), expected, got }));
            }
            told.extend(outputs.into_iter().filter(|output| matches!(output, Output::Tell { .. })));
        }
        Ok(Replay { logic, told, modules, events: history.len() })
    }

    /// The new logic is the logic. What it has told on the way counts where it is still of use: the state that pages see, and
    /// answers that pages still wait for.
    fn take_over(&mut self, replay: Replay) {
        let Replay { logic, told, .. } = replay;
        let inbox = std::sync::Arc::clone(&self.inbox);
        logic.at_end(move || inbox.push(Work::LogicGone));
        self.logic = logic;
        let mut state = Json::Object(serde_json::Map::new());
        for output in told {
            let Output::Tell { interface, function, arguments } = output else { continue };
            match Tell::decode(&interface, &function, arguments) {
                Ok(Tell::Update(patch)) => json_patch::merge(&mut state, &patch),
                Ok(Tell::Answer { question, answer }) => self.pages.answer_question(question, answer),
                // It was said when it happened.
                Ok(Tell::Log(..) | Tell::Report(_)) | Err(_) => {}
            }
        }
        self.pages.put_state(state);
    }
}

fn problem(ended: &Ended) -> Problem {
    let ending = ending(ended);
    Problem { class: ending.class, what: ending.reason, place: None, hint: ending.hint }
}
