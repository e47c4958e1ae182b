//! The clipboard of the screen. GTK is spoken to on its own thread, so whoever asks waits for that.

use std::{
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use gtk::{gdk, glib};
use guichet_services::clipboard::{ClipboardPart, Unreachable};

/// How long whoever has copied may take to say what it was.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is copied and pasted in all windows of this screen.
#[derive(Debug)]
pub(crate) struct ScreenClipboard;

impl ClipboardPart for ScreenClipboard {
    fn write(&self, text: &str) -> Result<(), Unreachable> {
        let (text, (done, is_done)) = (text.to_owned(), channel());
        glib::MainContext::default().invoke(move || {
            clipboard().set_text(&text);
            // Whoever asked may have gone; then nobody waits.
            let _ = done.send(());
        });
        await_answer(&is_done)
    }

    fn read(&self) -> Result<Option<String>, Unreachable> {
        let (said, told) = channel();
        glib::MainContext::default().invoke(move || {
            // That others have copied something since is an event, which comes first.
            gdk::Display::default().iter().for_each(gdk::Display::sync);
            glib::idle_add_once(move || {
                clipboard().request_text(move |_, text| {
                    let _ = said.send(text.map(str::to_owned));
                });
            });
        });
        Ok(await_answer(&told)?.filter(|text| !text.is_empty()))
    }
}

fn clipboard() -> gtk::Clipboard {
    gtk::Clipboard::get(&gdk::SELECTION_CLIPBOARD)
}

fn await_answer<T>(answer: &Receiver<T>) -> Result<T, Unreachable> {
    answer.recv_timeout(PATIENCE).map_err(|_| Unreachable)
}

#[cfg(test)]
#[path = "../../../../host-apis/services/tests/it/clipboard/contract.rs"]
mod contract;

#[cfg(test)]
mod tests {
    use std::{
        io::Write as _,
        process::{Command, Stdio},
        sync::Arc,
        time::{Duration, Instant},
    };

    use guichet_contract::Services;
    use guichet_services::{Device, Parts};

    use super::{ScreenClipboard, contract};
    use crate::glass::screen;

    /// How long anything may take.
    const DEADLINE: Duration = Duration::from_secs(30);

    struct Screen(Device);

    impl contract::Bench for Screen {
        fn services(&self) -> &dyn Services {
            &self.0
        }

        fn copy_elsewhere(&self, text: &str) {
            let mut xclip = Command::new("xclip");
            let mut xclip = xclip.args(["-i", "-selection", "clipboard"]).stdin(Stdio::piped()).spawn().unwrap();
            xclip.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
            assert!(xclip.wait().unwrap().success(), "it goes on in the background, and ends when others copy");
            let deadline = Instant::now() + DEADLINE;
            while self.paste_elsewhere() != text {
                assert!(Instant::now() < deadline, "it is not copied");
            }
        }

        fn paste_elsewhere(&self) -> String {
            let pasted = Command::new("xclip").args(["-o", "-selection", "clipboard"]).output().unwrap();
            String::from_utf8(pasted.stdout).unwrap()
        }
    }

    #[test]
    fn the_clipboard_of_a_screen_keeps_the_contract() {
        screen::inside("glass::clipboard::tests::the_clipboard_of_a_screen_keeps_the_contract", || {
            let parts = Parts::default().with_clipboard(Arc::new(ScreenClipboard));
            contract::keeps_the_contract(&Screen(Device::new("/nowhere".into()).with_parts(parts)));
        });
    }
}
