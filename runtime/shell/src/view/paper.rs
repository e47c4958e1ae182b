//! A page drawn on paper, into a file: no dialog of the engine's is ever shown.

use std::{
    cell::Cell,
    io,
    path::{Path, PathBuf},
    rc::Rc,
    time::Duration,
};

use gtk::{PageSetup, PaperSize, PrintSettings, RecentManager, Unit, glib, prelude::*};
use guichet_contract::print::Paper;
use guichet_services::print::PageTrouble;
use tempfile::TempDir;
use webkit2gtk::{PrintOperation, PrintOperationExt as _, WebView};

/// What printers cannot reach, in millimetres.
const MARGIN: f64 = 12.0;

/// GTK notes what it has printed into a file among the files that the person has used, a moment after it says that it has
/// finished, and writes that down a quarter of a second later. How often it is looked for, and for how many times.
const NOTED: (Duration, u32) = (Duration::from_millis(5), 600);

/// A file with a page on it, alone in a folder that only this person can enter. It goes with this.
pub(crate) struct Sheet(TempDir);

impl Sheet {
    fn new(above: &Path) -> io::Result<Self> {
        tempfile::Builder::new().prefix("paper-").tempdir_in(above).map(Self)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("page.pdf")
    }

    /// Takes it away.
    pub(crate) fn clear(self) -> io::Result<()> {
        self.0.close()
    }
}

/// Draws a page into a file below `above`, and hands that on.
pub(super) fn print(
    view: &WebView,
    above: &Path,
    paper: Paper,
    then: impl FnOnce(Result<Sheet, PageTrouble>) + 'static,
) {
    let made = Sheet::new(above).and_then(|sheet| {
        let uri = glib::filename_to_uri(sheet.path(), None).map_err(|_| io::ErrorKind::InvalidFilename)?;
        Ok((sheet, uri))
    });
    let (sheet, uri) = match made {
        Ok(made) => made,
        Err(error) => return then(Err(PageTrouble::Unmade(error.kind().to_string()))),
    };
    let settings = PrintSettings::new();
    // GTK has a printer for files, and knows it by its name in the language of the system.
    settings.set_printer(&printer_for_files());
    settings.set("output-uri", Some(&uri));
    settings.set("output-file-format", Some("pdf"));
    let setup = PageSetup::new();
    let name = match paper {
        Paper::A4 => "iso_a4",
        Paper::A5 => "iso_a5",
    };
    setup.set_paper_size(&PaperSize::new(Some(name)));
    setup.set_top_margin(MARGIN, Unit::Mm);
    setup.set_bottom_margin(MARGIN, Unit::Mm);
    setup.set_left_margin(MARGIN, Unit::Mm);
    setup.set_right_margin(MARGIN, Unit::Mm);
    let operation = PrintOperation::new(view);
    operation.set_print_settings(&settings);
    operation.set_page_setup(&setup);
    let then = Rc::new(Cell::new(Some(then)));
    let failed = Rc::clone(&then);
    // It says that it has finished in any case, and before that that it has failed.
    operation.connect_failed(move |_, error| {
        if let Some(then) = failed.take() {
            then(Err(PageTrouble::Unmade(error.message().to_owned())));
        }
    });
    let sheet = Cell::new(Some(sheet));
    operation.connect_finished(move |_| {
        if let (Some(then), Some(sheet)) = (then.take(), sheet.take()) {
            forget(uri.clone(), move || then(Ok(sheet)));
        }
    });
    operation.print();
}

fn printer_for_files() -> glib::GString {
    glib::dgettext(Some("gtk30"), "Print to File")
}

/// Has GTK forget a file as soon as it has noted it, and goes on then.
fn forget(uri: glib::GString, then: impl FnOnce() + 'static) {
    let (every, mut left) = NOTED;
    let mut then = Some(then);
    glib::timeout_add_local(every, move || {
        let is_forgotten = RecentManager::default().is_none_or(|recent| recent.remove_item(&uri).is_ok());
        left -= 1;
        if !is_forgotten && left > 0 {
            return glib::ControlFlow::Continue;
        }
        if let Some(then) = then.take() {
            then();
        }
        glib::ControlFlow::Break
    });
}

#[cfg(test)]
mod tests {
    use std::{
        cell::RefCell,
        fs,
        process::Command,
        sync::mpsc::{Receiver, channel},
        time::Instant,
    };

    use webkit2gtk::{LoadEvent, WebContext, WebViewExt as _};

    use super::*;
    use crate::glass::screen::{inside, inside_with};

    const SOON: Duration = Duration::from_secs(60);
    const PAGE: &str = "<style>@media print { button { display: none } }</style>\
        <h1>居住证明</h1><button>not on paper</button>";

    #[test]
    fn a_page_becomes_a_pdf_of_the_paper_and_the_file_goes_with_the_sheet() {
        let name = "view::paper::tests::a_page_becomes_a_pdf_of_the_paper_and_the_file_goes_with_the_sheet";
        // The system of a hall speaks Chinese, and its printers have Chinese names; that of the journeys speaks English.
        inside_with(name, &[("LC_ALL", "C.UTF-8"), ("LANGUAGE", "zh_CN")], || {
            if Path::new("/usr/share/locale/zh_CN/LC_MESSAGES/gtk30.mo").exists() {
                assert_eq!(printer_for_files(), "打印到文件");
            }
            let above = tempfile::tempdir().unwrap();
            let (made, making) = channel();
            let place = above.path().to_owned();
            glib::MainContext::default().invoke(move || {
                let view = WebView::builder().web_context(&WebContext::new_ephemeral()).build();
                let window = gtk::OffscreenWindow::new();
                window.add(&view);
                window.show_all();
                let kept = RefCell::new(Some(window));
                view.connect_load_changed(move |view, event| {
                    if event != LoadEvent::Finished {
                        return;
                    }
                    let (made, window) = (made.clone(), kept.take());
                    print(view, &place, Paper::A5, move |sheet| {
                        made.send(sheet.map(|sheet| {
                            let bytes = fs::read(sheet.path()).unwrap();
                            (bytes, sheet.clear().is_ok())
                        }))
                        .unwrap();
                        drop(window);
                    });
                });
                view.load_html(PAGE, None);
            });
            let (pdf, is_clear) = making.recv_timeout(SOON).unwrap().unwrap();
            assert!(is_clear);
            assert_eq!(fs::read_dir(above.path()).unwrap().count(), 0);
            let copy = above.path().join("copy.pdf");
            fs::write(&copy, pdf).unwrap();
            let said = |program: &str, arguments: &[&str]| {
                let said = Command::new(program).args(arguments).output().expect("hint: cargo xtask setup");
                String::from_utf8(said.stdout).unwrap()
            };
            let copy = copy.to_str().unwrap();
            let about = said("pdfinfo", &[copy]);
            assert!(about.contains("420 x 595 pts (A5)"), "148 mm by 210: {about}");
            let words = said("pdftotext", &[copy, "-"]);
            assert!(words.contains("居住证明"), "{words}");
            assert!(!words.contains("not on paper"), "{words}");
            // GTK writes down which files were used, and this is none of them.
            let used = glib::user_data_dir().join("recently-used.xbel");
            let deadline = Instant::now() + SOON;
            let used = loop {
                match fs::read_to_string(&used) {
                    Ok(used) => break used,
                    Err(error) => assert!(Instant::now() < deadline, "{error}"),
                }
                std::thread::park_timeout(Duration::from_millis(20));
            };
            assert!(!used.contains("page.pdf"), "{used}");
        });
    }

    /// Two pages of one app, which one process draws, and what becomes of their sheets: `then` is called when both are there.
    fn of_one_app(
        above: &Path,
        then: impl Fn(&dyn Fn(usize)) + Send + 'static,
    ) -> Receiver<(usize, Result<Vec<u8>, PageTrouble>)> {
        let (made, making) = channel();
        let place = above.to_owned();
        glib::MainContext::default().invoke(move || {
            let first = WebView::builder().web_context(&WebContext::new_ephemeral()).build();
            let views = [WebView::builder().related_view(&first).build(), first];
            let windows = views.each_ref().map(|view| {
                let window = gtk::OffscreenWindow::new();
                window.add(view);
                window.show_all();
                window
            });
            let (all, loaded) = (views.clone(), Cell::new(0));
            let both = Rc::new(move || {
                loaded.set(loaded.get() + 1);
                if loaded.get() < all.len() {
                    return;
                }
                let print_one = |number: usize| {
                    let (made, windows) = (made.clone(), windows.clone());
                    print(&all[number], &place, Paper::A4, move |sheet| {
                        let sheet = sheet.map(|sheet| fs::read(sheet.path()).unwrap_or_default());
                        made.send((number, sheet)).unwrap();
                        drop(windows);
                    });
                };
                then(&print_one);
            });
            for (number, view) in views.iter().enumerate() {
                let both = both.clone();
                view.connect_load_changed(move |_, event| {
                    if event == LoadEvent::Finished {
                        both();
                    }
                });
                view.load_html(&format!("<p>page {number}</p>").repeat(500), None);
            }
        });
        making
    }

    /// How often each page of [`of_one_app`] is on a sheet.
    fn pages_on(pdf: &[u8], above: &Path) -> [usize; 2] {
        let copy = above.join("copy.pdf");
        fs::write(&copy, pdf).unwrap();
        let words = Command::new("pdftotext").arg(&copy).arg("-").output().expect("hint: cargo xtask setup");
        let words = String::from_utf8(words.stdout).unwrap();
        [0, 1].map(|number| words.matches(&format!("page {number}")).count())
    }

    /// A page is left while it is drawn, and the next one prints at once.
    #[test]
    fn two_pages_of_one_app_are_drawn_at_once_and_each_is_itself() {
        inside("view::paper::tests::two_pages_of_one_app_are_drawn_at_once_and_each_is_itself", || {
            let above = tempfile::tempdir().unwrap();
            let making = of_one_app(above.path(), |print| [0, 1].into_iter().for_each(print));
            for _ in 0..2 {
                let (number, pdf) = making.recv_timeout(SOON).unwrap();
                let found = pages_on(&pdf.unwrap(), above.path());
                assert_eq!((found[number], found[1 - number]), (500, 0), "{number}");
            }
        });
    }
}
