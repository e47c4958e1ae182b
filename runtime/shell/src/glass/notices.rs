//! Notices of the desktop: `org.freedesktop.Notifications`, on the bus of the person's session.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use gtk::{
    gio::{self, DBusCallFlags, DBusConnection, prelude::*},
    glib::{self, Variant},
};
use guichet_contract::{AppId, notify::Notice};
use guichet_services::notify::{NoticePart, Unreachable};

const NAME: &str = "org.freedesktop.Notifications";
const PLACE: &str = "/org/freedesktop/Notifications";
/// How long the desktop may take to answer, in milliseconds.
const PATIENCE_MS: i32 = 5_000;
/// How soon it is looked again whether anybody shows notices.
const AGAIN: Duration = Duration::from_secs(10);
/// Whoever shows a notice decides how long.
const AS_LONG_AS_USUAL: i32 = -1;

/// Whoever shows notices on this desktop.
#[derive(Debug, Default)]
pub(crate) struct DesktopNotices {
    /// Whether anybody showed notices, and when that was looked at.
    looked: Mutex<Option<(Instant, bool)>>,
}

impl NoticePart for DesktopNotices {
    fn is_there(&self) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, is_there)) = looked.filter(|(at, is_there)| *is_there || at.elapsed() < AGAIN) {
            return is_there;
        }
        let own = |method: &str| {
            let answer = call("org.freedesktop.DBus", "/org/freedesktop/DBus", method, None).ok()?;
            answer.get::<(Vec<String>,)>().map(|(names,)| names.iter().any(|name| name == NAME))
        };
        let is_there = ["ListNames", "ListActivatableNames"].into_iter().any(|method| own(method) == Some(true));
        *looked = Some((Instant::now(), is_there));
        is_there
    }

    fn show(&self, app: &AppId, notice: &Notice) -> Result<u32, Unreachable> {
        let told = call(NAME, PLACE, "GetCapabilities", None)?.get::<(Vec<String>,)>().ok_or(Unreachable)?.0;
        // Where the text may be marked up, an app's is not.
        let plain = |text: &str| match told.iter().any(|one| one == "body-markup") {
            true => glib::markup_escape_text(text).to_string(),
            false => text.to_owned(),
        };
        // A notice says whose it is: its words are the app's, and could be anybody's.
        let text = plain(&[notice.text.as_str(), app.as_str()].join("\n"));
        let hints = HashMap::<String, Variant>::new();
        let what =
            ("Guichet", 0_u32, "", notice.title.trim(), text.trim(), Vec::<String>::new(), hints, AS_LONG_AS_USUAL);
        let (number,) = call(NAME, PLACE, "Notify", Some(&what.to_variant()))?.get::<(u32,)>().ok_or(Unreachable)?;
        Ok(number)
    }

    fn withdraw(&self, shown: u32) -> Result<(), Unreachable> {
        // Some daemons refuse to close what a person has closed already.
        drop(call(NAME, PLACE, "CloseNotification", Some(&(shown,).to_variant())));
        Ok(())
    }
}

fn bus() -> Result<DBusConnection, Unreachable> {
    gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE).map_err(|_| Unreachable)
}

/// Asks, and waits; every name has one interface, which is called as it is.
fn call(name: &str, place: &str, method: &str, what: Option<&Variant>) -> Result<Variant, Unreachable> {
    bus()?
        .call_sync(
            Some(name),
            place,
            name,
            method,
            what,
            None,
            DBusCallFlags::NONE,
            PATIENCE_MS,
            gio::Cancellable::NONE,
        )
        .inspect_err(|error| tracing::warn!(%error, method, "the desktop does not answer"))
        .map_err(|_| Unreachable)
}

#[cfg(test)]
#[path = "../../../../host-apis/services/tests/it/notify/contract.rs"]
mod contract;

#[cfg(test)]
mod tests {
    use std::{
        fs,
        process::Command,
        sync::Arc,
        thread,
        time::{Duration, Instant},
    };

    use gtk::glib::prelude::*;
    use guichet_contract::Services;
    use guichet_services::{Device, Parts};

    use super::{DesktopNotices, NAME, call, contract};
    use crate::glass::screen::{self, Ended};

    /// How long anything may take.
    const DEADLINE: Duration = Duration::from_secs(30);

    struct Desktop(Device);

    fn dunstctl(words: &[&str]) -> String {
        String::from_utf8(Command::new("dunstctl").args(words).output().unwrap().stdout).unwrap()
    }

    impl contract::Bench for Desktop {
        fn services(&self) -> &dyn Services {
            &self.0
        }

        fn seen(&self) -> usize {
            dunstctl(&["count", "displayed"]).trim().parse().unwrap()
        }
    }

    #[test]
    fn a_desktop_keeps_the_contract() {
        let name = "glass::notices::tests::a_desktop_keeps_the_contract";
        screen::inside(name, || {
            let folder = tempfile::tempdir().unwrap();
            let config = folder.path().join("dunstrc");
            // Nothing goes away by itself.
            fs::write(&config, "[global]\n    notification_limit = 20\n[urgency_normal]\n    timeout = 0\n").unwrap();
            let _dunst = Ended::start(Command::new("dunst").arg("-config").arg(&config));
            let parts = Parts::default().with_notices(Arc::<DesktopNotices>::default());
            let desktop = Desktop(Device::new("/nowhere".into()).with_parts(parts));
            let deadline = Instant::now() + DEADLINE;
            // A bus could start one by itself, which would have no screen.
            let owned = || {
                let (bus, place) = ("org.freedesktop.DBus", "/org/freedesktop/DBus");
                call(bus, place, "NameHasOwner", Some(&(NAME,).to_variant())).unwrap().get::<(bool,)>().unwrap().0
            };
            while !owned() {
                assert!(Instant::now() < deadline, "dunst does not come");
                thread::park_timeout(Duration::from_millis(20));
            }
            contract::keeps_the_contract(&desktop);
            let history = dunstctl(&["history"]);
            assert!(history.contains("请到 <b>3</b> 号窗口"), "{history}");
            assert!(history.contains("a.b"), "whose it is: {history}");
        });
    }
}
