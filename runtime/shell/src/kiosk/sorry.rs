//! What people read while this terminal cannot serve: no web view, no app, nothing that could fail once more.

use std::process::ExitCode;

use gtk::{gdk, glib, prelude::*};

const STYLE: &str = "
window { background: #0e2a27; } label { color: #fff; } .title { font-size: 40px; font-weight: bold; } .text { font-size: 26px; }
";

/// What it says, in both languages: nobody can choose one here.
const LINES: [(&str, &str); 4] = [
    ("title", "这台机器暂时不能办理"),
    ("text", "您填写的内容已经清除。请用旁边的机器，或到窗口办理。"),
    ("title", "This machine can't help right now"),
    ("text", "What you entered has been cleared. Use the next machine, or ask at the counter."),
];

/// Fills the screen until it is killed.
pub(super) fn show() -> ExitCode {
    super::session::end_with_the_parent();
    if gtk::init().is_err() {
        return ExitCode::FAILURE;
    }
    let window = gtk::Window::new(gtk::WindowType::Toplevel);
    let style = gtk::CssProvider::new();
    if style.load_from_data(STYLE.as_bytes()).is_ok()
        && let Some(screen) = gdk::Screen::default()
    {
        gtk::StyleContext::add_provider_for_screen(&screen, &style, gtk::STYLE_PROVIDER_PRIORITY_APPLICATION);
    }
    let lines = gtk::Box::new(gtk::Orientation::Vertical, 24);
    lines.set_valign(gtk::Align::Center);
    for (class, text) in LINES {
        let label = gtk::Label::new(Some(text));
        label.set_line_wrap(true);
        label.set_justify(gtk::Justification::Center);
        label.style_context().add_class(class);
        lines.add(&label);
    }
    window.add(&lines);
    window.set_decorated(false);
    if let Some(area) = gdk::Display::default()
        .and_then(|display| display.primary_monitor().or_else(|| display.monitor(0)))
        .map(|monitor| monitor.geometry())
    {
        window.set_default_size(area.width(), area.height());
        window.move_(area.x(), area.y());
    }
    window.connect_delete_event(|_, _| glib::Propagation::Stop);
    window.show_all();
    window.fullscreen();
    println!("sorry");
    gtk::main();
    ExitCode::SUCCESS
}
