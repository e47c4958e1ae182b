//! The dialogs in which a person chooses a file for an app, or where one is kept: GTK's own, outside all views.
//!
//! Invariant: no path leaves this module; an app gets the one file that was opened here, or that its bytes are kept.

#[cfg(test)]
mod tests;

use std::{
    cell::{Cell, RefCell},
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{RecvTimeoutError, channel},
    },
    time::Duration,
};

use gtk::{FileChooserAction, FileChooserDialog, FileFilter, ResponseType, glib, prelude::*};
use guichet_contract::{AppId, Stop};
use guichet_services::files::{ChooserPart, Picked, Trouble};

/// How often it is looked whether anybody still wants the answer.
const STEP: Duration = Duration::from_millis(50);

/// How long a dialog is seen before it can be answered: whoever was about to click or type in the page has chosen nothing.
const FRESH: Duration = Duration::from_millis(700);

/// Width and height of a dialog at most, and how much less than the window below it, in pixels.
const LARGEST: (i32, i32) = (960, 640);
const AROUND: i32 = 80;

thread_local! {
    /// The dialog that is open, on GTK's thread.
    static OPEN: RefCell<Option<FileChooserDialog>> = const { RefCell::new(None) };
}

/// The dialogs of this screen, one at a time.
#[derive(Debug)]
pub(crate) struct DesktopChooser {
    is_chinese: AtomicBool,
    asking: Mutex<()>,
}

/// What a person is asked.
#[derive(Clone, Debug)]
enum Question {
    /// Which file, with one of these endings.
    Which(Vec<String>),
    /// Where a file of this name is kept.
    Where(String),
}

impl DesktopChooser {
    /// Asks in this language, a BCP 47 tag.
    pub(crate) fn new(lang: &str) -> Self {
        Self { is_chinese: AtomicBool::new(lang.starts_with("zh")), asking: Mutex::default() }
    }

    /// Asks in this language from now on.
    pub(crate) fn speak(&self, lang: &str) {
        self.is_chinese.store(lang.starts_with("zh"), Ordering::Relaxed);
    }

    /// The place that the person has chosen; none if they choose none, or nobody wants it any more.
    fn ask(&self, app: &AppId, question: Question, stop: &Stop) -> Result<Option<PathBuf>, Trouble> {
        let _alone = self.asking.try_lock().map_err(|_| Trouble::Busy)?;
        let (answer, answered) = channel();
        let words = words(self.is_chinese.load(Ordering::Relaxed), app, &question);
        glib::MainContext::default().invoke(move || {
            let dialog = dialog(&words, &question);
            let answer = Cell::new(Some(answer));
            dialog.connect_response(move |dialog, response| {
                // A dialog that goes answers once more.
                let Some(answer) = answer.take() else { return };
                let path = (response == ResponseType::Accept).then(|| dialog.filename()).flatten();
                OPEN.take();
                dialog.close();
                // Whoever asked may have gone; then nobody waits.
                let _ = answer.send(path);
            });
            // It takes its own size when it is realized, and its place when it is seen.
            dialog.realize();
            fit(&dialog);
            dialog.show_all();
            dialog.present();
            OPEN.replace(Some(dialog));
        });
        loop {
            match answered.recv_timeout(STEP) {
                Ok(path) => return Ok(path),
                Err(RecvTimeoutError::Disconnected) => return Err(Trouble::Unreachable),
                Err(RecvTimeoutError::Timeout) if stop.is_stopped() => {
                    glib::MainContext::default().invoke(|| {
                        let open = OPEN.with_borrow(Clone::clone);
                        open.iter().for_each(|dialog| dialog.response(ResponseType::Cancel));
                    });
                    // The next dialog does not open before this one is gone.
                    answered.recv().ok();
                    return Ok(None);
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

/// Title, the button that goes on, and the one that does not.
fn words(is_chinese: bool, app: &AppId, question: &Question) -> [String; 3] {
    match (is_chinese, question) {
        (true, Question::Which(_)) => [format!("为 {app} 选一个文件"), "选这个".to_owned(), "不选".to_owned()],
        (true, Question::Where(_)) => [format!("存下 {app} 给您的文件"), "存下".to_owned(), "不存".to_owned()],
        (false, Question::Which(_)) => {
            [format!("Choose a file for {app}"), "Choose".to_owned(), "Don't choose".to_owned()]
        }
        (false, Question::Where(_)) => [format!("Keep a file from {app}"), "Keep".to_owned(), "Don't keep".to_owned()],
    }
}

/// A dialog that can be left at once, and goes on only when it was seen for a while.
fn dialog([title, go_on, leave]: &[String; 3], question: &Question) -> FileChooserDialog {
    let action = match question {
        Question::Which(_) => FileChooserAction::Open,
        Question::Where(_) => FileChooserAction::Save,
    };
    let windows = gtk::Window::list_toplevels().into_iter().filter_map(|window| window.downcast::<gtk::Window>().ok());
    let above =
        windows.into_iter().find(|window| window.is_visible() && window.window_type() == gtk::WindowType::Toplevel);
    let buttons = [(leave.as_str(), ResponseType::Cancel), (go_on.as_str(), ResponseType::Accept)];
    let dialog = FileChooserDialog::with_buttons(Some(title), above.as_ref(), action, &buttons);
    // In the dialog itself: not every screen shows titles of windows.
    let asks = gtk::Label::new(Some(title));
    asks.set_line_wrap(true);
    asks.set_margin(12);
    let content = dialog.content_area();
    content.pack_start(&asks, false, false, 0);
    content.reorder_child(&asks, 0);
    dialog.set_modal(true);
    dialog.set_local_only(true);
    dialog.set_default_response(ResponseType::Accept);
    dialog.set_response_sensitive(ResponseType::Accept, false);
    let seen = dialog.downgrade();
    glib::timeout_add_local_once(FRESH, move || {
        if let Some(dialog) = seen.upgrade() {
            dialog.set_response_sensitive(ResponseType::Accept, true);
        }
    });
    // What was used lately is nobody's business who looks on.
    dialog.set_current_folder(glib::home_dir());
    match question {
        Question::Which(endings) => dialog.add_filter(filter(endings)),
        Question::Where(name) => {
            dialog.set_do_overwrite_confirmation(true);
            dialog.set_current_name(name);
        }
    }
    dialog
}

/// GTK's own size may be larger than the window below, or than the screen.
fn fit(dialog: &FileChooserDialog) {
    let (width, height) = dialog.transient_for().map_or(LARGEST, |above| above.size());
    dialog.resize((width - AROUND).clamp(1, LARGEST.0), (height - AROUND).clamp(1, LARGEST.1));
}

/// What is offered, however its ending is written: patterns of GTK know no case.
fn filter(endings: &[String]) -> FileFilter {
    let filter = FileFilter::new();
    for ending in endings {
        let any_case = |letter: char| format!("[{}{}]", letter.to_lowercase(), letter.to_uppercase());
        filter.add_pattern(&format!("*.{}", ending.chars().map(any_case).collect::<String>()));
    }
    filter.set_name(Some(&endings.join(", ")));
    filter
}

impl ChooserPart for DesktopChooser {
    fn pick(&self, app: &AppId, endings: &[String], stop: &Stop) -> Result<Option<Picked>, Trouble> {
        let path = self.ask(app, Question::Which(endings.to_vec()), stop)?;
        path.map(|path| open(&path)).transpose()
    }

    fn save(&self, app: &AppId, name: &str, bytes: &[u8], stop: &Stop) -> Result<bool, Trouble> {
        let Some(path) = self.ask(app, Question::Where(name.to_owned()), stop)? else { return Ok(false) };
        write(&path, bytes).map_err(|error| Trouble::NotWritten(error.kind().to_string())).map(|()| true)
    }
}

/// Opens what was chosen; a pipe would be waited for without end.
fn open(path: &Path) -> Result<Picked, Trouble> {
    let is_file = fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let picked = is_file.then(|| Picked::open(path).ok()).flatten();
    picked.ok_or(Trouble::Unreadable)
}

/// Writes beside the place first, so that a disk that is full costs nothing that was there.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut file = tempfile::Builder::new().prefix(".guichet-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
