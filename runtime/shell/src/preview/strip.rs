//! The strip above everything in a window that shows a preview: it says what this is, and ends it. It is the window's own and
//! lies outside of all views, so no page reaches or covers it.

use gtk::{glib, prelude::*};
use tao::{platform::unix::WindowExtUnix, window::Window};

use crate::{
    desk::Event,
    dev::Problem,
    machine::{Post, Signal},
};

const STYLE: &str = "
.guichet-preview { background: #5b2a00; padding: 6px 12px; }
.guichet-preview label { color: #fff; font-size: 15px; }
.guichet-preview label.preview-word { background: #ffd666; color: #3d1c00; font-weight: bold; border-radius: 6px; padding: 2px 10px; }
.guichet-preview label.trouble { color: #ffd666; }
.guichet-preview button { background: #fff; color: #3d1c00; border-radius: 8px; min-height: 36px; padding: 0 12px; border: none;
  box-shadow: none; text-shadow: none; }
.guichet-preview button:focus { outline: 2px solid #ffd666; outline-offset: 2px; }
";

/// The strip.
pub(crate) struct Strip {
    trouble: gtk::Label,
    is_chinese: bool,
}

impl Strip {
    /// Puts it at the top of the window.
    pub(crate) fn new(window: &Window, from: &str, minutes: u64, is_chinese: bool, post: Post) -> Option<Self> {
        let all = window.default_vbox()?;
        let style = gtk::CssProvider::new();
        if let Err(error) = style.load_from_data(STYLE.as_bytes()) {
            tracing::error!("the style of the strip cannot be read: {error}");
        }
        let strip = gtk::Box::new(gtk::Orientation::Horizontal, 12);
        let words = gtk::Box::new(gtk::Orientation::Vertical, 2);
        let (word, what, until) = said(from, &until(minutes), is_chinese);
        let word = gtk::Label::new(Some(word));
        let what = gtk::Label::new(Some(&format!("{what} {until}")));
        let trouble = gtk::Label::new(None);
        let end = gtk::Button::with_label(if is_chinese { "结束预览" } else { "End preview" });
        for label in [&what, &trouble] {
            label.set_xalign(0.0);
            label.set_line_wrap(true);
        }
        trouble.set_no_show_all(true);
        words.pack_start(&what, false, false, 0);
        words.pack_start(&trouble, false, false, 0);
        words.set_valign(gtk::Align::Center);
        word.set_valign(gtk::Align::Center);
        end.set_valign(gtk::Align::Center);
        strip.pack_start(&word, false, false, 0);
        strip.pack_start(&words, true, true, 0);
        strip.pack_end(&end, false, false, 0);
        end.connect_clicked(move |_| post(Signal::Desk(Event::CloseRequested)));
        strip.style_context().add_class("guichet-preview");
        word.style_context().add_class("preview-word");
        trouble.style_context().add_class("trouble");
        for widget in [
            strip.upcast_ref::<gtk::Widget>(),
            word.upcast_ref(),
            what.upcast_ref(),
            trouble.upcast_ref(),
            end.upcast_ref(),
        ] {
            widget.style_context().add_provider(&style, gtk::STYLE_PROVIDER_PRIORITY_APPLICATION);
        }
        all.pack_start(&strip, false, false, 0);
        all.reorder_child(&strip, 0);
        strip.show_all();
        Some(Self { trouble, is_chinese })
    }

    /// Says what keeps a newer draft away, or nothing.
    pub(crate) fn show<'a>(&self, problems: impl Iterator<Item = &'a Problem>) {
        match problems.into_iter().find(|problem| problem.is_error()) {
            None => self.trouble.hide(),
            Some(Problem { class, place, what, .. }) => {
                let begin = if self.is_chinese {
                    "新的草稿有问题，显示的是上一份："
                } else {
                    "The newest draft has a problem, so this is the one before:"
                };
                self.trouble.set_text(&format!("{begin} {place} [{class}] {what}"));
                self.trouble.show();
            }
        }
    }
}

/// The local time in so many minutes.
fn until(minutes: u64) -> String {
    let minutes = i32::try_from(minutes).unwrap_or_default();
    let then = glib::DateTime::now_local().and_then(|now| now.add_minutes(minutes));
    then.and_then(|then| then.format("%H:%M")).map(Into::into).unwrap_or_default()
}

/// The word, what this is, and until when.
fn said(from: &str, until: &str, is_chinese: bool) -> (&'static str, String, String) {
    if is_chinese {
        (
            "预览",
            format!("来自“{from}”的草稿，没有人审核过，不是正式服务。"),
            format!("{until} 结束，填写的内容都不保留。"),
        )
    } else {
        (
            "Preview",
            format!("A draft from {from} that nobody has approved. It is no real service."),
            format!("It ends at {until}, and nothing entered here is kept."),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strip_says_what_this_is_in_both_languages() {
        let all = [false, true].map(|is_chinese| {
            let (word, what, until) = said("desk", "16:40", is_chinese);
            format!("{word} | {what} {until}")
        });
        insta::assert_snapshot!(all.join("\n"), @r"
        Preview | A draft from desk that nobody has approved. It is no real service. It ends at 16:40, and nothing entered here is kept.
        预览 | 来自“desk”的草稿，没有人审核过，不是正式服务。 16:40 结束，填写的内容都不保留。
        ");
    }
}
