//! What lies above the app in a developer's window: the problems that keep a newer package away, and the curtain of somebody
//! who does not look at the page.

use gtk::prelude::*;

use super::wire::Problem;

const STYLE: &str = "
.guichet-problems { background: #2c1210; border: 1px solid #f49a89; border-radius: 12px; padding: 12px 16px; }
.guichet-problems label { color: #fff; font-size: 14px; }
.guichet-problems label.title { font-size: 16px; font-weight: bold; color: #fadcd5; }
.guichet-problems label.hint { color: #fadcd5; }
.guichet-problems label.place { font-family: monospace; color: #f49a89; }
.guichet-problems button { background: #fff; color: #451310; border-radius: 8px; min-height: 36px; padding: 0 12px; border: none;
  box-shadow: none; text-shadow: none; }
.guichet-problems button:focus { outline: 2px solid #ffd666; outline-offset: 2px; }
.guichet-curtain { background: #06201d; }
.guichet-curtain label { color: #eaf5f1; font-size: 18px; }
";

/// Problems that are shown at once; the panel has all.
const MOST: usize = 4;

/// What lies above the app.
pub(crate) struct Overlay {
    problems: gtk::Box,
    title: gtk::Label,
    list: gtk::Box,
    close: gtk::Button,
    curtain: gtk::Box,
    curtain_says: gtk::Label,
    style: gtk::CssProvider,
}

impl Overlay {
    /// Makes both, hidden, above everything that is in the window.
    pub(crate) fn new(overlay: &gtk::Overlay) -> Self {
        let style = gtk::CssProvider::new();
        if let Err(error) = style.load_from_data(STYLE.as_bytes()) {
            tracing::error!("the style of the problems cannot be read: {error}");
        }
        let (curtain, curtain_says) = (gtk::Box::new(gtk::Orientation::Vertical, 0), gtk::Label::new(None));
        curtain_says.set_line_wrap(true);
        curtain.set_center_widget(Some(&curtain_says));
        let problems = gtk::Box::new(gtk::Orientation::Vertical, 8);
        problems.set_valign(gtk::Align::End);
        problems.set_margin(12);
        let (title, list, close) =
            (gtk::Label::new(None), gtk::Box::new(gtk::Orientation::Vertical, 8), gtk::Button::new());
        title.set_xalign(0.0);
        title.set_line_wrap(true);
        title.style_context().add_class("title");
        close.set_halign(gtk::Align::End);
        problems.add(&title);
        problems.add(&list);
        problems.add(&close);
        let hidden = problems.clone();
        close.connect_clicked(move |_| hidden.hide());
        problems.style_context().add_class("guichet-problems");
        curtain.style_context().add_class("guichet-curtain");
        overlay.add_overlay(&curtain);
        overlay.add_overlay(&problems);
        let made = Self { problems, title, list, close, curtain, curtain_says, style };
        for widget in [
            made.problems.upcast_ref::<gtk::Widget>(),
            made.title.upcast_ref(),
            made.close.upcast_ref(),
            made.curtain.upcast_ref(),
            made.curtain_says.upcast_ref(),
        ] {
            made.styled(widget);
        }
        made
    }

    /// Shows what keeps a newer package away; remarks are for the panel.
    pub(crate) fn show<'a>(&self, problems: impl Iterator<Item = &'a Problem>, is_chinese: bool) {
        for old in self.list.children() {
            self.list.remove(&old);
        }
        let problems: Vec<&Problem> = problems.filter(|problem| problem.is_error()).collect();
        if problems.is_empty() {
            return self.problems.hide();
        }
        let rest = problems.len().saturating_sub(MOST);
        self.title.set_text(match is_chinese {
            true => "文件夹现在打不成包；窗口里是上一个好的版本",
            false => "The folder cannot be packed now; the window shows the last good version",
        });
        self.close.set_label(if is_chinese { "收起" } else { "Hide" });
        for problem in problems.into_iter().take(MOST) {
            let Problem { class, place, what, hint, .. } = problem;
            let place = if place.is_empty() { format!("[{class}]") } else { format!("{place} [{class}]") };
            for (text, class) in [(place.as_str(), "place"), (what.as_str(), "what"), (hint.as_str(), "hint")] {
                self.line(text, class);
            }
        }
        if rest > 0 {
            self.line(&if is_chinese { format!("还有 {rest} 个") } else { format!("and {rest} more") }, "what");
        }
        self.problems.show_all();
    }

    /// Draws the curtain or takes it away.
    pub(crate) fn draw_curtain(&self, is_drawn: bool, is_chinese: bool) {
        self.curtain_says.set_text(if is_chinese {
            "屏幕帘：只听不看"
        } else {
            "Screen curtain: heard, not seen"
        });
        if is_drawn {
            self.curtain.show_all();
        } else {
            self.curtain.hide();
        }
    }

    fn line(&self, text: &str, class: &str) {
        let label = gtk::Label::new(Some(text));
        label.set_xalign(0.0);
        label.set_line_wrap(true);
        label.set_line_wrap_mode(gtk::pango::WrapMode::WordChar);
        label.set_selectable(true);
        label.style_context().add_class(class);
        self.styled(label.upcast_ref());
        self.list.add(&label);
    }

    fn styled(&self, widget: &gtk::Widget) {
        widget.style_context().add_provider(&self.style, gtk::STYLE_PROVIDER_PRIORITY_APPLICATION);
    }
}
