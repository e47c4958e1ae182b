//! The desk of a kiosk: who is there, what they may ask of the terminal, and when they are gone.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Desk, Effect, Status};
use crate::{
    action::{Action, Reach},
    field::{Keys, Place},
    kiosk::{
        idle::{Idle, Presence},
        seat::{PICTURED, Seat},
    },
};

/// Something that happened at a kiosk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtKiosk {
    /// Somebody has touched the glass or a key.
    Touched,
    /// A card is in a reader, or none is.
    Card(bool),
    /// A field has the focus that wants these keys, or none there has it any more.
    Field(Place, Option<Keys>),
    /// The session before has ended because its card was taken.
    CardTaken,
    /// A picture of the home page was made.
    Pictured,
    /// Somebody has put the keyboard away.
    KeysAway,
    /// Time has passed.
    Passed,
}

/// How long it is said to whoever has taken a card that nothing is left, if nobody touches the glass.
const GOODBYE: Duration = Duration::from_secs(30);

/// One citizen's time at a kiosk.
#[derive(Debug)]
pub(super) struct Seated {
    hall: String,
    name: String,
    idle: Idle,
    now: Duration,
    has_card: bool,
    /// Whether a card can be put somewhere.
    has_reader: bool,
    /// Since when the terminal has not heard from its store lately enough.
    stale_since_ms: Option<u64>,
    /// Whether there is a page for staff.
    has_staff: bool,
    /// Whether everything lies in the lower part of the glass.
    is_low: bool,
    /// The field that has the focus.
    field: Option<(Place, Keys)>,
    /// Until when it is said to whoever has taken a card that nothing is left.
    goodbye: Option<Duration>,
    /// Seconds that are left, as they were said last.
    said: Option<u64>,
    is_over: bool,
}

impl Seated {
    pub(super) fn new(seat: &Seat) -> Self {
        let (idle, now) = (Idle::new(seat.limits()), Duration::ZERO);
        let (hall, name) = (seat.hall.clone(), seat.name.clone());
        let has_reader = seat.devices["readers"].as_array().is_some_and(|readers| !readers.is_empty());
        Self {
            hall,
            name,
            idle,
            now,
            has_card: false,
            has_reader,
            stale_since_ms: seat.stale_since_ms,
            has_staff: seat.has_staff,
            is_low: false,
            field: None,
            goodbye: None,
            said: None,
            is_over: false,
        }
    }

    /// What the host's own page is told.
    pub(super) fn render(&self, keys: Option<(Place, Keys)>) -> Value {
        json!({ "hall": self.hall, "name": self.name, "begun": self.idle.has_begun(), "reader": self.has_reader, "low": self.is_low, "staff": self.has_staff, "stale_since_ms": self.stale_since_ms, "card_taken": self.goodbye.is_some(),
                "typing": matches!(keys, Some((Place::Page(..), _))) })
    }

    fn touch(&mut self, is_answer: bool) -> Vec<Effect> {
        self.goodbye = None;
        let had_begun = self.idle.has_begun();
        self.idle.touch(self.now, is_answer);
        if had_begun { vec![] } else { vec![Effect::Begun, Effect::Say("begun".to_owned())] }
    }

    fn end(&mut self, why: &str) -> Vec<Effect> {
        if std::mem::replace(&mut self.is_over, true) {
            return vec![];
        }
        vec![Effect::Say(format!("over {why}"))]
    }
}

impl Desk {
    /// The same desk, for one citizen at a kiosk.
    pub(crate) fn at_kiosk(self, seat: &Seat) -> Self {
        Self { seat: Some(Seated::new(seat)), ..self }
    }

    /// Seconds that are left of those that there were to answer in, while it is asked whether somebody is there.
    pub(crate) fn is_asked(&self) -> Option<(u64, u64)> {
        let seat = self.seat.as_ref().filter(|seat| !seat.is_over)?;
        match seat.idle.at(seat.now) {
            Presence::Asked { left } => Some((left, seat.idle.answer_seconds())),
            _ => None,
        }
    }

    /// Whether somebody is in a session.
    pub(crate) fn has_begun(&self) -> bool {
        self.seat.as_ref().is_some_and(|seat| seat.idle.has_begun())
    }

    /// Whether it is said that a card was taken and nothing is left.
    pub(crate) fn says_goodbye(&self) -> bool {
        self.seat.as_ref().is_some_and(|seat| seat.goodbye.is_some())
    }

    /// Whether high contrast, and whether larger and shorter pages were chosen.
    pub(crate) fn display(&self) -> (bool, bool) {
        (self.settings.contrast, self.settings.elder)
    }

    /// Whether everything is to lie in the lower part of the glass.
    pub(crate) fn is_low(&self) -> bool {
        self.seat.as_ref().is_some_and(|seat| seat.is_low)
    }

    /// The keys that the field on the glass wants, and where it is. A page that is not seen has no keyboard, and while it is
    /// asked whether somebody is there nobody has.
    pub(crate) fn keys(&self) -> Option<(Place, Keys)> {
        let (place, keys) = self.seat.as_ref().filter(|_| self.is_asked().is_none())?.field?;
        let is_seen = match (place, &self.open) {
            (Place::Home, open) => open.is_none(),
            (Place::Page(run, page), Some(open)) => {
                let is_top = open.pages.last().is_some_and(|top| top.page == page);
                open.run == run && is_top && open.status == Status::Running
            }
            (Place::Page(..), None) => false,
        };
        is_seen.then_some((place, keys))
    }

    /// Takes in what happened at a kiosk; `now` counts from any moment and never goes back.
    pub(super) fn kiosk(&mut self, event: AtKiosk, now: Duration) -> Vec<Effect> {
        let Some(seat) = self.seat.as_mut().filter(|seat| !seat.is_over) else { return vec![] };
        seat.now = seat.now.max(now);
        seat.goodbye.take_if(|until| *until <= seat.now);
        match event {
            AtKiosk::Touched => seat.touch(false),
            AtKiosk::Card(true) if seat.has_card => vec![],
            AtKiosk::Card(true) => {
                seat.has_card = true;
                seat.touch(false)
            }
            AtKiosk::Card(false) if std::mem::take(&mut seat.has_card) => seat.end("card"),
            AtKiosk::Card(false) => vec![],
            AtKiosk::CardTaken => {
                seat.goodbye = Some(seat.now + GOODBYE);
                vec![]
            }
            AtKiosk::Field(place, Some(keys)) => {
                seat.field = Some((place, keys));
                vec![]
            }
            // The field that had it may be heard after the one that has it now.
            AtKiosk::Field(place, None) => {
                seat.field.take_if(|(focused, _)| *focused == place);
                vec![]
            }
            // Somebody may have come in between.
            AtKiosk::Pictured if seat.idle.has_begun() => vec![],
            AtKiosk::Pictured => vec![Effect::Say(PICTURED.to_owned())],
            AtKiosk::KeysAway => {
                seat.field = None;
                vec![]
            }
            AtKiosk::Passed => match seat.idle.at(seat.now) {
                Presence::Gone => seat.end("idle"),
                Presence::Asked { left } => {
                    let before = seat.said.replace(left);
                    if before.is_none() { vec![Effect::Say("asked".to_owned())] } else { vec![] }
                }
                Presence::Here | Presence::Nobody => {
                    seat.said = None;
                    vec![]
                }
            },
        }
    }

    /// What a citizen asks of a kiosk itself; none if it is nothing that a kiosk does in another way.
    pub(super) fn asked_at_kiosk(&mut self, action: &Action) -> Option<Vec<Effect>> {
        let has_just_come = self.is_asked().is_some_and(|(left, of)| left == of);
        let seat = self.seat.as_mut()?;
        match action {
            Action::End if !has_just_come => Some(seat.end("button")),
            // Whoever was about to touch something else has not said that they are done.
            Action::End | Action::Stay => {
                seat.said = None;
                Some(seat.touch(true))
            }
            Action::Staff if !seat.has_staff => Some(vec![]),
            Action::Staff => Some(vec![Effect::Say("staff".to_owned())]),
            Action::SetReach { reach } => {
                seat.is_low = *reach == Reach::Low;
                Some(vec![])
            }
            Action::Shown => Some(vec![Effect::Say("shown".to_owned())]),
            // What is installed here is for its operator to say; nothing is looked for on behalf of one person.
            Action::Refresh
            | Action::Install { .. }
            | Action::Remove { .. }
            | Action::Erase { .. }
            | Action::UpdateNow { .. }
            | Action::UpdateLater { .. }
            | Action::KeepVersion { .. }
            | Action::GoBackVersion { .. }
            | Action::Scan(_)
            | Action::Visit { .. } => Some(vec![]),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{desk::Event, settings::Settings};

    fn desk() -> Desk {
        Desk::new(Settings::default(), None, false).at_kiosk(&Seat::of_a_test())
    }

    fn said(effects: Vec<Effect>) -> Vec<String> {
        let line = |effect| if let Effect::Say(line) = effect { Some(line) } else { None };
        effects.into_iter().filter_map(line).collect()
    }

    fn on(desk: &mut Desk, event: AtKiosk, seconds: u64) -> Vec<String> {
        said(desk.on(Event::Kiosk(event, Duration::from_secs(seconds)), 0))
    }

    #[test]
    fn a_session_begins_with_a_touch_and_ends_when_nobody_answers() {
        let mut desk = desk();
        assert!(on(&mut desk, AtKiosk::Passed, 500).is_empty(), "nobody is there");
        assert_eq!(on(&mut desk, AtKiosk::Touched, 501), ["begun"]);
        assert!(on(&mut desk, AtKiosk::Touched, 502).is_empty());
        assert!(on(&mut desk, AtKiosk::Passed, 561).is_empty());
        assert_eq!(on(&mut desk, AtKiosk::Passed, 562), ["asked"]);
        assert_eq!(desk.is_asked(), Some((30, 30)));
        assert!(on(&mut desk, AtKiosk::Touched, 570).is_empty());
        assert_eq!(desk.is_asked(), Some((22, 30)), "a touch beside the dialog is no answer");
        desk.on(Event::Asked(Action::Stay), 0);
        assert_eq!(desk.is_asked(), None);
        assert_eq!(on(&mut desk, AtKiosk::Passed, 640), ["asked"], "and it is asked again");
        assert_eq!(on(&mut desk, AtKiosk::Passed, 660), ["over idle"]);
        assert!(on(&mut desk, AtKiosk::Passed, 661).is_empty(), "once");
        assert_eq!(desk.is_asked(), None);
    }

    #[test]
    fn a_question_that_has_just_come_ends_nothing() {
        let mut desk = desk();
        on(&mut desk, AtKiosk::Touched, 501);
        assert_eq!(on(&mut desk, AtKiosk::Passed, 561), ["asked"]);
        assert!(said(desk.on(Event::Asked(Action::End), 0)).is_empty(), "a touch that was meant for the page");
        assert_eq!(desk.is_asked(), None, "somebody is there");
        assert_eq!(on(&mut desk, AtKiosk::Passed, 640), ["asked"]);
        on(&mut desk, AtKiosk::Passed, 641);
        assert_eq!(said(desk.on(Event::Asked(Action::End), 0)), ["over button"]);
    }

    #[test]
    fn a_card_begins_a_session_and_taking_it_ends_it() {
        let mut desk = desk();
        assert!(on(&mut desk, AtKiosk::Card(false), 1).is_empty());
        assert_eq!(on(&mut desk, AtKiosk::Card(true), 2), ["begun"]);
        assert!(on(&mut desk, AtKiosk::Card(true), 3).is_empty());
        assert_eq!(on(&mut desk, AtKiosk::Card(false), 4), ["over card"]);
        assert!(on(&mut desk, AtKiosk::Card(true), 5).is_empty(), "the next card is the next one's");
    }

    #[test]
    fn whoever_has_taken_the_card_reads_so_until_somebody_comes_or_time_has_passed() {
        let says = |desk: &Desk| desk.render()["kiosk"]["card_taken"] == true;
        let mut left = desk();
        assert!(!says(&left));
        assert!(on(&mut left, AtKiosk::CardTaken, 1).is_empty(), "that begins no session");
        on(&mut left, AtKiosk::Passed, 30);
        assert!(says(&left) && left.says_goodbye());
        on(&mut left, AtKiosk::Passed, 31);
        assert!(!says(&left) && !left.says_goodbye());
        let mut touched = desk();
        on(&mut touched, AtKiosk::CardTaken, 1);
        assert_eq!(on(&mut touched, AtKiosk::Touched, 2), ["begun"]);
        assert!(!says(&touched), "it is not said to the next one");
    }

    #[test]
    fn a_picture_is_told_of_only_while_nobody_is_there() {
        let mut desk = desk();
        assert_eq!(on(&mut desk, AtKiosk::Pictured, 1), ["pictured"]);
        assert!(!desk.has_begun(), "that begins no session");
        on(&mut desk, AtKiosk::Touched, 2);
        assert!(desk.has_begun());
        assert!(on(&mut desk, AtKiosk::Pictured, 3).is_empty());
    }

    #[test]
    fn whoever_has_no_card_is_not_sent_away_for_it() {
        let mut desk = desk();
        on(&mut desk, AtKiosk::Touched, 1);
        assert!(on(&mut desk, AtKiosk::Card(false), 2).is_empty());
        assert_eq!(said(desk.on(Event::Asked(Action::End), 0)), ["over button"]);
        assert!(said(desk.on(Event::Asked(Action::End), 0)).is_empty(), "twice pressed");
    }

    #[test]
    fn keys_come_for_the_field_that_is_seen_and_for_no_other() {
        let mut desk = desk();
        on(&mut desk, AtKiosk::Touched, 1);
        on(&mut desk, AtKiosk::Field(Place::Page(7, 1), Some(Keys::Id)), 2);
        assert_eq!(desk.keys(), None, "no such page is open");
        on(&mut desk, AtKiosk::Field(Place::Home, Some(Keys::Latin)), 3);
        assert_eq!(desk.keys(), Some((Place::Home, Keys::Latin)));
        on(&mut desk, AtKiosk::Field(Place::Page(7, 1), None), 4);
        assert_eq!(desk.keys(), Some((Place::Home, Keys::Latin)), "somebody else's field has lost the focus");
        on(&mut desk, AtKiosk::Passed, 80);
        assert_eq!(desk.keys(), None, "nobody types while it is asked who is there");
        desk.on(Event::Asked(Action::Stay), 0);
        assert!(desk.keys().is_some());
        on(&mut desk, AtKiosk::KeysAway, 81);
        assert_eq!(desk.keys(), None);
        on(&mut desk, AtKiosk::Field(Place::Home, Some(Keys::Number)), 82);
        on(&mut desk, AtKiosk::Field(Place::Home, None), 83);
        assert_eq!(desk.keys(), None);
    }

    #[test]
    fn staff_are_let_to_their_door_where_there_is_one() {
        assert_eq!(said(desk().on(Event::Asked(Action::Staff), 0)), ["staff"]);
        let seat = Seat { has_staff: false, ..Seat::of_a_test() };
        let mut desk = Desk::new(Settings::default(), None, false).at_kiosk(&seat);
        assert!(desk.on(Event::Asked(Action::Staff), 0).is_empty());
        assert_eq!(desk.render()["kiosk"]["staff"], false);
    }

    #[test]
    fn everything_comes_down_and_goes_up_again() {
        let mut desk = desk();
        desk.on(Event::Asked(Action::SetReach { reach: Reach::Low }), 0);
        assert!(desk.is_low());
        assert_eq!(desk.render()["kiosk"]["low"], true);
        desk.on(Event::Asked(Action::SetReach { reach: Reach::Standard }), 0);
        assert!(!desk.is_low());
    }

    #[test]
    fn nobody_closes_the_window_or_changes_what_is_installed() {
        let mut desk = desk();
        assert!(desk.on(Event::CloseRequested, 0).is_empty());
        let app_id: guichet_contract::AppId = "gov.example.a".parse().unwrap();
        for action in [
            Action::Refresh,
            Action::Install { app_id: app_id.clone(), sequence: None },
            Action::Remove { app_id: app_id.clone() },
            Action::Erase { app_id },
            Action::Visit { text: "gov.example.a".to_owned() },
        ] {
            assert!(desk.on(Event::Asked(action.clone()), 0).is_empty(), "{action:?}");
        }
    }
}
