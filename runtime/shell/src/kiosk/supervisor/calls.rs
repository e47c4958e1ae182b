//! Somebody of the staff comes to a terminal: asked for their PIN, let in when nothing of a citizen is left, and gone again.

use std::sync::Arc;

use guichet_host::policy::Knock;

use super::{Supervisor, say};
use crate::kiosk::staff::{About, Staff, Told};

impl Supervisor {
    /// Asks for the staff's PIN, above whatever is on the glass.
    pub(super) fn call_staff(&mut self) {
        if self.staff.is_some() || self.policy.now().policy().staff.is_none() {
            return;
        }
        self.numbers += 1;
        match Staff::ask(self.numbers, &self.seat.lang, &self.tell) {
            Ok(staff) => {
                say("staff asked");
                self.staff = Some(staff);
            }
            Err(error) => tracing::error!(%error, "nobody of the staff is asked for their PIN"),
        }
    }

    pub(super) fn staff_told(&mut self, number: u64, told: Told) {
        let Some(mut staff) = self.staff.take_if(|staff| staff.is(number)) else { return };
        let done = match told {
            Told::Gone => {
                say("staff gone");
                return staff.put_away();
            }
            Told::Line(line) => match (line.strip_prefix("pin "), &self.policy.now().policy().staff) {
                (Some(pin), Some(of)) => {
                    staff.knock(of.pin.clone(), (&self.paper.home, &self.unwritten), pin.to_owned())
                }
                (None, _) if line == "look" && staff.is_inside() => staff.look(self.about_this()),
                _ => Ok(()),
            },
            Told::Knocked(Knock::Open) => {
                say("staff in");
                staff.let_in();
                if self.seen.as_ref().is_some_and(|seen| seen.is_used) {
                    say("session over staff");
                }
                self.change();
                Ok(())
            }
            Told::Knocked(Knock::Wrong { wait_until_ms } | Knock::TooEarly { wait_until_ms }) => {
                self.pad.failed("kiosk/wrong-pin");
                say("wrong PIN");
                staff.refuse(wait_until_ms);
                Ok(())
            }
            Told::Page(page) => {
                staff.show(&page);
                Ok(())
            }
        };
        match done {
            Ok(()) => self.staff = Some(staff),
            Err(error) => {
                tracing::error!(%error, "the page for staff ends");
                staff.put_away();
            }
        }
    }

    /// The staff see the terminal when nothing of a citizen is left on it.
    pub(super) fn show_staff(&mut self) {
        if self.seen.is_some() || !self.leaving.is_empty() {
            return;
        }
        let Some(mut staff) = self.staff.take_if(|staff| staff.waits()) else { return };
        match staff.look(self.about_this()) {
            Ok(()) => self.staff = Some(staff),
            Err(error) => {
                tracing::error!(%error, "the page for staff ends");
                staff.put_away();
            }
        }
    }

    fn about_this(&self) -> About {
        About {
            host: self.host.clone(),
            device: Arc::clone(&self.device),
            pad: self.pad.clone(),
            policy: self.policy.now(),
            freshness: self.freshness.clone(),
            operator: std::fs::read_to_string(&self.paper.files.operator_key).unwrap_or_default().trim().to_owned(),
            folders: [self.paper.home.clone(), self.memory.folder().to_owned()],
        }
    }
}
