//! What people read while this terminal cannot serve: no web view, no app, nothing that could fail once more.

use std::process::ExitCode;

use gtk::{gdk, glib, prelude::*};

const STYLE: &str = "
window { background: #0e2a27; } label { color: #fff; } button label { font-size: 24px; color: #0e2a27; } button { min-height: 72px; padding: 0 32px; background: #fff; } .title { font-size: 40px; font-weight: bold; } .text { font-size: 26px; }
";

/// Where to go instead.
const ELSEWHERE: [&str; 2] = ["请用旁边的机器，或到窗口办理。", "Use the next machine, or ask at the counter."];

/// What it says, in both languages: nobody can choose one here. A title and a text in each.
fn lines(why: &str) -> [(&'static str, &'static str); 4] {
    let ([title_zh, title_en], [text_zh, text_en]) = match why {
        "closed" => (
            ["现在不是服务时间", "This machine is closed now"],
            ["请在大厅开放的时候再来。", "Come back while the hall is open."],
        ),
        "offline" => (["这台机器太久没有联网，暂停服务", "This machine has been offline for too long"], ELSEWHERE),
        "full" => (["这台机器的硬盘满了，暂停服务", "This machine's disk is full"], ELSEWHERE),
        "behind" => (["这台机器太久没有更新，暂停服务", "This machine hasn't been updated for too long"], ELSEWHERE),
        "ended" => (["这台机器目前停用", "This machine is not in use at the moment"], ELSEWHERE),
        _ => (
            ["这台机器暂时不能办理", "This machine can't help right now"],
            [
                "您填写的内容已经清除。请用旁边的机器，或到窗口办理。",
                "What you entered has been cleared. Use the next machine, or ask at the counter.",
            ],
        ),
    };
    [("title", title_zh), ("text", text_zh), ("title", title_en), ("text", text_en)]
}

/// Fills the screen until it is killed.
pub(super) fn show(why: &str, has_door: bool) -> ExitCode {
    super::session::end_with_the_parent();
    if gtk::init().is_err() {
        return ExitCode::FAILURE;
    }
    let [(_, in_chinese), _, (_, in_english), _] = lines(why);
    let window = window(&format!("{in_chinese} · {in_english}"), STYLE);
    let column = gtk::Box::new(gtk::Orientation::Vertical, 24);
    column.set_valign(gtk::Align::Center);
    for (class, text) in lines(why) {
        let label = gtk::Label::new(Some(text));
        label.set_line_wrap(true);
        label.set_justify(gtk::Justification::Center);
        label.style_context().add_class(class);
        column.add(&label);
    }
    if has_door {
        let door = gtk::Button::with_label("工作人员 · Staff");
        door.set_halign(gtk::Align::Center);
        door.connect_clicked(|_| println!("staff"));
        column.add(&door);
    }
    window.add(&column);
    appear(&window);
    println!("sorry {why}");
    gtk::main();
    ExitCode::SUCCESS
}

/// Fills the screen, and has the keys: where there is no window manager nobody else gives them to it.
pub(super) fn appear(window: &gtk::Window) {
    window.show_all();
    window.fullscreen();
    if let Some(surface) = window.window() {
        surface.raise();
        surface.focus(0);
    }
}

/// A window of this style as large as the screen, which nobody closes; its title is heard, and not seen.
pub(super) fn window(title: &str, css: &str) -> gtk::Window {
    let window = gtk::Window::new(gtk::WindowType::Toplevel);
    window.set_title(title);
    let style = gtk::CssProvider::new();
    if style.load_from_data(css.as_bytes()).is_ok()
        && let Some(screen) = gdk::Screen::default()
    {
        gtk::StyleContext::add_provider_for_screen(&screen, &style, gtk::STYLE_PROVIDER_PRIORITY_APPLICATION);
    }
    window.set_decorated(false);
    if let Some(area) = gdk::Display::default()
        .and_then(|display| display.primary_monitor().or_else(|| display.monitor(0)))
        .map(|monitor| monitor.geometry())
    {
        window.set_default_size(area.width(), area.height());
        window.move_(area.x(), area.y());
    }
    window.connect_delete_event(|_, _| glib::Propagation::Stop);
    window
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_said_as_what_it_is() {
        let said = |why: &str| {
            let [(_, zh), (_, go_zh), (_, en), (_, go_en)] = lines(why);
            format!("{why}: {zh} {go_zh} · {en}. {go_en}")
        };
        let all = ["closed", "offline", "full", "behind", "ended", "broken"].map(said);
        insta::assert_snapshot!(all.join("\n"), @r"
        closed: 现在不是服务时间 请在大厅开放的时候再来。 · This machine is closed now. Come back while the hall is open.
        offline: 这台机器太久没有联网，暂停服务 请用旁边的机器，或到窗口办理。 · This machine has been offline for too long. Use the next machine, or ask at the counter.
        full: 这台机器的硬盘满了，暂停服务 请用旁边的机器，或到窗口办理。 · This machine's disk is full. Use the next machine, or ask at the counter.
        behind: 这台机器太久没有更新，暂停服务 请用旁边的机器，或到窗口办理。 · This machine hasn't been updated for too long. Use the next machine, or ask at the counter.
        ended: 这台机器目前停用 请用旁边的机器，或到窗口办理。 · This machine is not in use at the moment. Use the next machine, or ask at the counter.
        broken: 这台机器暂时不能办理 您填写的内容已经清除。请用旁边的机器，或到窗口办理。 · This machine can't help right now. What you entered has been cleared. Use the next machine, or ask at the counter.
        ");
    }
}
