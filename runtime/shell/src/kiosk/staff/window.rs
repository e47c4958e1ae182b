//! The window of the page for staff: a question for the PIN, and what the terminal says of itself. It closes by itself.

use std::{
    cell::{Cell, RefCell},
    io::{self, BufRead as _, Write as _},
    process::ExitCode,
    rc::Rc,
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use gtk::{atk, gdk, glib, prelude::*};

use super::{
    super::sorry,
    report::Report,
    words::{self, Tone},
};
use crate::grid::{Placed, lay_out};

const STYLE: &str = "
window { background: #0e2a27; } label { color: #fff; font-size: 26px; } .title { font-size: 40px; font-weight: bold; }
.section { font-size: 30px; font-weight: bold; } .good { color: #9be3c8; } .warn { color: #ffd479; } .bad { color: #ffb3a7; }
button { font-size: 30px; padding: 16px 28px; min-width: 72px; min-height: 72px; background: #fff; color: #0e2a27; border-radius: 8px; }
button label { color: #0e2a27; font-size: 30px; } button:focus, entry:focus { outline: 5px solid #ffd479; outline-offset: 2px; }
button:disabled label { color: #66746f; } entry { font-size: 40px; padding: 12px; min-height: 72px; background: #fff; color: #0e2a27; }
";

/// How long nobody has to do anything until it closes: in front of the door, and on the page.
const OUTSIDE: Duration = Duration::from_secs(30);
const INSIDE: Duration = Duration::from_secs(120);
/// How often it is looked at what has come and how late it is.
const TICK: Duration = Duration::from_millis(100);
/// The pixels beside the page.
const MARGIN: i32 = 64;

/// The letters of the first column.
const WIDE: i32 = 22;

/// The keys of the pad, row by row.
const PAD: [[&str; 3]; 4] = [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"], ["erase", "0", "enter"]];

struct Page {
    window: gtk::Window,
    is_english: Cell<bool>,
    /// What was done last.
    touched: Cell<Instant>,
    /// No PIN is looked at before.
    refused_until: Cell<Option<Instant>>,
    said: Cell<&'static str>,
    report: RefCell<Option<Report>>,
    /// The line below the PIN.
    told: RefCell<Option<gtk::Label>>,
    orders: Receiver<String>,
}

/// Fills the screen until somebody closes it or nobody does anything.
pub(in crate::kiosk) fn show(lang: &str) -> ExitCode {
    super::super::session::end_with_the_parent();
    if gtk::init().is_err() {
        return ExitCode::FAILURE;
    }
    let (tell, orders) = mpsc::channel();
    let listening = thread::Builder::new().name("orders".to_owned()).spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if tell.send(line).is_err() {
                return;
            }
        }
    });
    if listening.is_err() {
        return ExitCode::FAILURE;
    }
    let page = Rc::new(Page {
        window: sorry::window("", STYLE),
        is_english: Cell::new(lang.starts_with("en")),
        touched: Cell::new(Instant::now()),
        refused_until: Cell::new(None),
        said: Cell::new(""),
        report: RefCell::new(None),
        told: RefCell::new(None),
        orders,
    });
    page.draw();
    sorry::appear(&page.window);
    let touched = Rc::clone(&page);
    gdk::Event::set_handler(Some(move |event: &mut gdk::Event| {
        use gdk::EventType::{ButtonPress, KeyPress, Scroll, TouchBegin};
        if matches!(event.event_type(), ButtonPress | KeyPress | Scroll | TouchBegin) {
            touched.touched.set(Instant::now());
        }
        if let Some(key) = event.downcast_ref::<gdk::EventKey>()
            && event.event_type() == KeyPress
            && key.keyval() == gdk::keys::constants::Escape
        {
            return gtk::main_quit();
        }
        gtk::main_do_event(event);
    }));
    let passing = Rc::clone(&page);
    glib::timeout_add_local(TICK, move || {
        passing.pass();
        glib::ControlFlow::Continue
    });
    gtk::main();
    ExitCode::SUCCESS
}

/// A line to whoever has started this window.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

impl Page {
    fn word(&self, both: [&'static str; 2]) -> &'static str {
        both[usize::from(self.is_english.get())]
    }

    /// Takes in what has come, and closes when nobody has done anything for too long.
    fn pass(self: &Rc<Self>) {
        while let Ok(line) = self.orders.try_recv() {
            self.take(&line);
        }
        let limit = if self.report.borrow().is_some() { INSIDE } else { OUTSIDE };
        if self.touched.get().elapsed() > limit {
            gtk::main_quit();
        }
        if self.refused_until.get().is_some() {
            self.tell();
        }
    }

    fn take(self: &Rc<Self>, line: &str) {
        if let Some(wait_ms) = line.strip_prefix("wrong ").and_then(|ms| ms.parse().ok()) {
            self.said.set("");
            self.refused_until.set(Some(Instant::now() + Duration::from_millis(wait_ms)));
            self.tell();
        } else if line == "clearing" {
            self.said.set(self.word(words::CLEARING));
            self.refused_until.set(None);
            self.tell();
        } else if let Some(report) = line.strip_prefix("page ").and_then(|json| serde_json::from_str(json).ok()) {
            self.report.replace(Some(report));
            self.redraw();
        }
    }

    /// The line below the PIN says how it stands.
    fn tell(&self) {
        let text = match self.refused_until.get() {
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                words::wrong(left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX), self.is_english.get())
            }
            None => self.said.get().to_owned(),
        };
        if let Some(told) = &*self.told.borrow()
            && told.text() != text
        {
            told.set_text(&text);
        }
    }

    fn redraw(self: &Rc<Self>) {
        self.draw();
        self.window.show_all();
    }

    fn draw(self: &Rc<Self>) {
        if let Some(before) = self.window.child() {
            self.window.remove(&before);
        }
        let column = gtk::Box::new(gtk::Orientation::Vertical, 24);
        column.set_margin(MARGIN);
        let title = label(self.word(words::TITLE), "title");
        set_role(&title, atk::Role::Heading);
        self.window.set_title(self.word(words::TITLE));
        column.add(&title);
        let first = match &*self.report.borrow() {
            Some(report) => self.draw_report(&column, report),
            None => self.draw_door(&column),
        };
        self.window.add(&column);
        first.grab_focus();
    }

    /// A button; what it does is done with the page.
    fn button(self: &Rc<Self>, text: &str, does: impl Fn(&Rc<Self>) + 'static) -> gtk::Button {
        let button = gtk::Button::with_label(text);
        let page = Rc::clone(self);
        button.connect_clicked(move |_| {
            // A screen reader presses it without any event of a finger or a key.
            page.touched.set(Instant::now());
            does(&page);
        });
        button
    }

    fn other_language(self: &Rc<Self>) -> gtk::Button {
        self.button(self.word(words::OTHER_LANGUAGE), |page| {
            page.is_english.set(!page.is_english.get());
            page.said.set("");
            page.redraw();
        })
    }

    fn draw_door(self: &Rc<Self>, column: &gtk::Box) -> gtk::Widget {
        column.set_valign(gtk::Align::Center);
        column.set_halign(gtk::Align::Center);
        column.add(&label(self.word(words::ASK), "text"));
        column.add(&label(self.word(words::ENDS), "text"));
        let entry = gtk::Entry::new();
        entry.set_visibility(false);
        entry.set_input_purpose(gtk::InputPurpose::Pin);
        entry.set_max_length(12);
        if let Some(spoken) = entry.accessible() {
            spoken.set_name(self.word(words::PIN));
        }
        let page = Rc::clone(self);
        entry.connect_activate(move |entry| page.enter(entry));
        column.add(&entry);
        let told = label("", "warn");
        // What becomes of a PIN is said at once, wherever the focus is.
        set_role(&told, atk::Role::Alert);
        column.add(&told);
        self.told.replace(Some(told));
        self.tell();

        let pad = gtk::Grid::new();
        pad.set_row_spacing(12);
        pad.set_column_spacing(12);
        pad.set_column_homogeneous(true);
        let mut keys: Vec<Placed> = Vec::new();
        for (top, row) in (0..).zip(PAD) {
            for (left, key) in (0..).zip(row) {
                let text = match key {
                    "erase" => self.word(words::ERASE),
                    "enter" => self.word(words::ENTER),
                    digit => digit,
                };
                let typed = entry.clone();
                let button = self.button(text, move |page| match key {
                    "erase" => typed.set_text(""),
                    "enter" => page.enter(&typed),
                    digit => typed.set_text(&format!("{}{digit}", typed.text())),
                });
                keys.push((button.upcast(), left, top, 1));
            }
        }
        lay_out(&pad, keys);
        column.add(&pad);
        let row = gtk::Box::new(gtk::Orientation::Horizontal, 24);
        row.set_homogeneous(true);
        row.add(&self.button(self.word(words::BACK), |_| gtk::main_quit()));
        row.add(&self.other_language());
        column.add(&row);
        entry.upcast()
    }

    fn enter(&self, entry: &gtk::Entry) {
        let pin = entry.text();
        let waits = self.refused_until.get().is_some_and(|until| until > Instant::now());
        entry.set_text("");
        if waits || pin.is_empty() {
            return;
        }
        self.refused_until.set(None);
        self.said.set(self.word(words::CHECKING));
        self.tell();
        say(&format!("pin {pin}"));
    }

    fn draw_report(self: &Rc<Self>, column: &gtk::Box, report: &Report) -> gtk::Widget {
        self.told.replace(None);
        column.add(&label(&format!("{} {}", report.hall, report.name), "text"));
        let grid = gtk::Grid::new();
        grid.set_row_spacing(10);
        grid.set_column_spacing(32);
        let mut all: Vec<Placed> = Vec::new();
        let mut line = 0;
        for section in words::page(report, self.is_english.get(), &time) {
            let title = label(section.title, "section");
            set_role(&title, atk::Role::Heading);
            title.set_margin_top(20);
            all.push((title.upcast(), 0, line, 2));
            line += 1;
            for row in section.rows {
                let tone = match row.tone {
                    Tone::Good => "good",
                    Tone::Warn => "warn",
                    Tone::Bad => "bad",
                    Tone::Plain => "text",
                };
                let what = label(&row.what, "text");
                what.set_width_chars(WIDE);
                all.push((what.upcast(), 0, line, 1));
                all.push((label(&row.says, tone).upcast(), 1, line, 1));
                line += 1;
            }
        }
        lay_out(&grid, all);
        let scrolled = gtk::ScrolledWindow::builder().vexpand(true).hscrollbar_policy(gtk::PolicyType::Never).build();
        scrolled.add(&grid);
        column.add(&scrolled);
        let row = gtk::Box::new(gtk::Orientation::Horizontal, 24);
        row.set_homogeneous(true);
        let done = self.button(self.word(words::DONE), |_| gtk::main_quit());
        row.add(&done);
        row.add(&self.button(self.word(words::LOOK), |_| say("look")));
        row.add(&self.other_language());
        column.add(&row);
        done.upcast()
    }
}

/// As what it is heard.
fn set_role(widget: &impl IsA<gtk::Widget>, role: atk::Role) {
    if let Some(spoken) = widget.accessible() {
        spoken.set_role(role);
    }
}

fn label(text: &str, class: &str) -> gtk::Label {
    let label = gtk::Label::new(Some(text));
    label.set_line_wrap(true);
    // A key has no spaces.
    label.set_line_wrap_mode(gtk::pango::WrapMode::WordChar);
    label.set_xalign(0.0);
    label.style_context().add_class(class);
    label
}

/// A time where this terminal stands, with its zone.
fn time(ms: u64) -> String {
    let seconds = i64::try_from(ms / 1000).unwrap_or(i64::MAX);
    let there = glib::DateTime::from_unix_local(seconds).and_then(|time| time.format("%Y-%m-%d %H:%M:%S %Z"));
    there.map_or_else(|_| ms.to_string(), Into::into)
}
