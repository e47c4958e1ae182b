//! Apps that open others: the desk decides, and leads back.

use std::{
    sync::{
        OnceLock,
        mpsc::{Sender, channel},
    },
    time::Duration,
};

use guichet_contract::{AppId, Stop};
use guichet_services::open_app::{AppsPart, Opened, Trouble};

use super::Glass;
use crate::machine::{Post, Signal};

/// How long the thread that draws may take to decide.
const PATIENCE: Duration = Duration::from_secs(10);

/// The desk of this window, once it is there.
#[derive(Default)]
pub(crate) struct DeskApps {
    post: OnceLock<Post>,
}

/// One app has opened another.
pub(super) struct Led {
    caller: AppId,
    app: AppId,
    /// Raised when the person is back without an answer.
    left: Stop,
}

impl std::fmt::Debug for DeskApps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeskApps")
    }
}

impl DeskApps {
    /// Brings the window a signal; false if there is none yet.
    pub(super) fn tell(&self, signal: Signal) -> bool {
        self.post.get().map(|post| post(signal)).is_some()
    }

    /// From now on this window decides.
    pub(super) fn attend(&self, post: Post) {
        // There is one window in a process.
        let _ = self.post.set(post);
    }
}

impl AppsPart for DeskApps {
    fn open(&self, caller: &AppId, app: &AppId, _data: &str) -> Result<Opened, Trouble> {
        let (decide, decided) = channel();
        if !self.tell(Signal::Lead(caller.clone(), app.clone(), decide)) {
            return Err(Trouble::NotSeen);
        }
        decided.recv_timeout(PATIENCE).map_err(|_| Trouble::NotSeen)?.map(Opened::Waits)
    }

    fn back(&self, app: &AppId) {
        self.tell(Signal::LeadBack(app.clone()));
    }
}

impl Glass {
    pub(super) fn lead(&mut self, caller: AppId, app: AppId, decide: &Sender<Result<Stop, Trouble>>) {
        let led = self.desk.lead(&caller, &app, super::now_ms()).map(|effects| {
            effects.into_iter().for_each(|effect| self.carry_out(effect));
            self.redraw();
        });
        // What was too often is refused on the glass, and opens nothing.
        let is_open = || self.desk.open().is_some_and(|open| open.app_id == app);
        let led = led.and_then(|()| if is_open() { Ok(Stop::default()) } else { Err(Trouble::NotSeen) });
        if let Ok(left) = &led {
            self.led.push(Led { caller, app, left: left.clone() });
        }
        // Whoever asked may have gone.
        let _ = decide.send(led);
    }

    pub(super) fn lead_back(&mut self, app: &AppId) {
        self.led.retain(|led| led.app != *app);
        let effects = self.desk.lead_back(app, super::now_ms());
        effects.into_iter().for_each(|effect| self.carry_out(effect));
        self.redraw();
    }

    /// Whoever is seen again waits for no answer any more.
    pub(super) fn note_who_is_back(&mut self) {
        let seen = self.desk.open().map(|open| &open.app_id);
        self.led.retain(|led| {
            let is_back = seen == Some(&led.caller);
            if is_back {
                led.left.stop();
            }
            !is_back
        });
    }
}
