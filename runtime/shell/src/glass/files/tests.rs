//! The contract of `files`, held against GTK's own dialogs: by what GTK offers to programs, and by the keys of a person.

#[path = "../../../../../host-apis/services/tests/it/files/contract.rs"]
mod contract;

use std::{process::Command, sync::Arc, thread, time::Instant};

use gtk::FileFilterInfo;
use guichet_contract::Services;
use guichet_services::{Device, Parts};

use super::*;
use crate::glass::screen;

/// How long anything may take.
const DEADLINE: Duration = Duration::from_secs(60);

const OFFERED: &str = "certificate.txt";

/// Asks something on GTK's thread.
fn on_gtk<T: Send + 'static>(ask: impl FnOnce() -> T + Send + 'static) -> T {
    let (say, said) = channel();
    glib::MainContext::default().invoke(move || say.send(ask()).unwrap());
    said.recv_timeout(DEADLINE).unwrap()
}

fn until<T: Send + 'static>(what: &str, look: impl Fn() -> Option<T> + Clone + Send + 'static) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(seen) = on_gtk(look.clone()) {
            return seen;
        }
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::park_timeout(STEP);
    }
}

/// What the dialog that is open says to this.
fn open_one<T>(look: impl Fn(&FileChooserDialog) -> Option<T>) -> Option<T> {
    OPEN.with_borrow(|dialog| dialog.as_ref().and_then(look))
}

fn is_live(dialog: &FileChooserDialog) -> bool {
    dialog.widget_for_response(ResponseType::Accept).is_some_and(|button| button.is_sensitive())
}

/// Waits for a dialog that can be answered.
fn until_live() {
    until("a dialog can be answered", || open_one(|dialog| is_live(dialog).then_some(())));
}

fn until_gone() {
    until("the dialog is gone", || OPEN.with_borrow(Option::is_none).then_some(()));
}

fn answer(response: ResponseType) {
    on_gtk(move || OPEN.with_borrow(Clone::clone).unwrap().response(response));
    until_gone();
}

/// A person at a screen, with a folder.
struct Person {
    device: Device,
    folder: tempfile::TempDir,
    /// Whether they type; else the dialog is spoken to by the names of GTK.
    types: bool,
}

impl Person {
    fn new(types: bool) -> Self {
        let parts = Parts::default().with_chooser(Arc::new(DesktopChooser::new("en")));
        Self { device: Device::new("/nowhere".into()).with_parts(parts), folder: tempfile::tempdir().unwrap(), types }
    }
}

impl contract::Bench for Person {
    fn services(&self) -> &dyn Services {
        &self.device
    }

    fn chooses(&self, file: Option<(&str, &[u8])>) -> Box<dyn FnOnce() + Send> {
        let path = file.map(|(name, bytes)| {
            let path = self.folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        });
        let types = self.types;
        Box::new(move || {
            until_live();
            let Some(path) = path else {
                return if types { leave_by_keys() } else { answer(ResponseType::Cancel) };
            };
            if types {
                return type_path(&path, "ctrl+l");
            }
            let there = path.clone();
            on_gtk(move || open_one(|dialog| Some(dialog.set_filename(&there))).unwrap());
            until("it is chosen", move || open_one(|dialog| dialog.filename().filter(|chosen| *chosen == path)));
            answer(ResponseType::Accept);
        })
    }

    fn keeps(&self, is_kept: bool) -> Box<dyn FnOnce() + Send> {
        let (folder, types) = (self.folder.path().to_owned(), self.types);
        Box::new(move || {
            until_live();
            until("the name is proposed", || {
                open_one(|dialog| dialog.current_name().filter(|name| name == OFFERED)).map(drop)
            });
            match (is_kept, types) {
                (false, true) => leave_by_keys(),
                (false, false) => answer(ResponseType::Cancel),
                (true, true) => type_path(&folder.join(OFFERED), "ctrl+a"),
                (true, false) => {
                    let there = folder.clone();
                    on_gtk(move || open_one(|dialog| Some(dialog.set_current_folder(&there))).unwrap());
                    let place = folder.join(OFFERED);
                    until("it is there", move || {
                        open_one(|dialog| dialog.filename().filter(|chosen| *chosen == place))
                    });
                    answer(ResponseType::Accept);
                }
            }
        })
    }

    fn kept(&self) -> Option<Vec<u8>> {
        fs::read(self.folder.path().join(OFFERED)).ok()
    }
}

fn xdotool(arguments: &[&str]) {
    assert!(Command::new("xdotool").args(arguments).status().unwrap().success(), "{arguments:?}");
}

/// Gives the dialog the keys, as a window manager would.
fn give_it_the_keys() {
    let title = on_gtk(|| open_one(|dialog| dialog.title().map(String::from)).unwrap());
    xdotool(&["search", "--sync", "--onlyvisible", "--name", &title, "windowfocus", "--sync"]);
    until("it has the keys", || open_one(|dialog| dialog.is_active().then_some(())));
}

/// The text in the field that has the keys.
fn field(dialog: &FileChooserDialog) -> Option<String> {
    dialog.focused_widget()?.downcast::<gtk::Entry>().ok().map(|entry| entry.text().to_string())
}

fn leave_by_keys() {
    give_it_the_keys();
    xdotool(&["key", "Escape"]);
    until_gone();
}

fn type_path(path: &Path, before: &str) {
    let path = path.display().to_string();
    give_it_the_keys();
    xdotool(&["key", before]);
    until("there is a field for a path", || open_one(field));
    xdotool(&["key", "ctrl+a"]);
    xdotool(&["type", "--delay", "20", &path]);
    until("the path is typed", move || open_one(|dialog| field(dialog).filter(|text| *text == path)));
    xdotool(&["key", "Return"]);
    until_gone();
}

#[test]
fn the_dialogs_of_a_screen_keep_the_contract() {
    screen::inside("glass::files::tests::the_dialogs_of_a_screen_keep_the_contract", || {
        contract::keeps_the_contract(&Person::new(false));
    });
}

#[test]
#[ignore = "keys of a person in a real dialog: cargo xtask test --full"]
fn a_person_who_types_keeps_the_contract() {
    screen::inside("glass::files::tests::a_person_who_types_keeps_the_contract", || {
        contract::keeps_the_contract(&Person::new(true));
    });
}

#[test]
fn a_dialog_is_the_only_one_cannot_be_answered_by_mistake_and_goes_when_nobody_waits() {
    let name = "glass::files::tests::a_dialog_is_the_only_one_cannot_be_answered_by_mistake_and_goes_when_nobody_waits";
    screen::inside(name, || {
        let app: AppId = "gov.example.tax".parse().unwrap();
        on_gtk(|| {
            let words = ["Choose".to_owned(), "Go on".to_owned(), "Leave".to_owned()];
            let fresh = dialog(&words, &Question::Which(vec!["pdf".to_owned()]));
            assert!(!is_live(&fresh), "nobody has seen it yet");
            let leave = fresh.widget_for_response(ResponseType::Cancel).unwrap();
            assert!(leave.is_sensitive(), "it can be left at once");
            let offered = fresh.filter().unwrap();
            let is_offered = |name| offered.filter(&FileFilterInfo::new(None, None, Some(name), None));
            assert!(is_offered("lease.pdf") && is_offered("LEASE.Pdf"));
            assert!(!is_offered("film.mp4") && !is_offered("pdf"));
            fresh.close();
        });
        let (chooser, stop) = (Arc::new(DesktopChooser::new("zh-Hans")), Stop::default());
        let (asked, asker, until_then) = (Arc::clone(&chooser), app.clone(), stop.clone());
        let first = thread::spawn(move || asked.pick(&asker, &["pdf".to_owned()], &until_then).map(|it| it.is_some()));
        until_live();
        assert_eq!(chooser.save(&app, "a.pdf", b"", &Stop::default()), Err(Trouble::Busy));
        stop.stop();
        assert_eq!(first.join().unwrap(), Ok(false));
        until_gone();
        // The person has changed the language of the terminal meanwhile.
        chooser.speak("en");
        let (asked, stop) = (Arc::clone(&chooser), Stop::default());
        let until_then = stop.clone();
        let second = thread::spawn(move || asked.pick(&app, &["pdf".to_owned()], &until_then).map(|it| it.is_some()));
        until_live();
        let title = on_gtk(|| OPEN.with_borrow(|open| open.as_ref().and_then(|dialog| dialog.title())));
        assert_eq!(title.as_deref(), Some("Choose a file for gov.example.tax"));
        stop.stop();
        assert_eq!(second.join().unwrap(), Ok(false));
        until_gone();
    });
}

#[test]
fn what_cannot_be_read_or_written_is_said() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(open(folder.path()).err(), Some(Trouble::Unreadable));
    assert_eq!(open(&folder.path().join("gone.pdf")).err(), Some(Trouble::Unreadable));
    let kept = folder.path().join("a.pdf");
    fs::write(&kept, "before").unwrap();
    write(&kept, b"after").unwrap();
    assert_eq!(fs::read(&kept).unwrap(), b"after");
    assert_eq!(write(&folder.path().join("gone/a.pdf"), b"").unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left there");
}

#[test]
fn a_dialog_says_for_whom_it_asks() {
    let app: AppId = "gov.example.tax".parse().unwrap();
    let of = |is_chinese, question: &Question| words(is_chinese, &app, question).join(" · ");
    let (which, place) = (Question::Which(vec!["pdf".to_owned()]), Question::Where("a.pdf".to_owned()));
    let all = [of(true, &which), of(true, &place), of(false, &which), of(false, &place)];
    insta::assert_snapshot!(all.join("\n"), @"
    为 gov.example.tax 选一个文件 · 选这个 · 不选
    存下 gov.example.tax 给您的文件 · 存下 · 不存
    Choose a file for gov.example.tax · Choose · Don't choose
    Keep a file from gov.example.tax · Keep · Don't keep
    ");
}
