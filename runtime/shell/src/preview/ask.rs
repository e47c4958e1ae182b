//! Pairing: the question for the code that the developer's computer shows, before anything else is opened.

use gtk::prelude::*;
use guichet_host::preview::{Pairing, Preview, Tried};

use crate::start::StartError;

/// What the question says.
struct Words {
    title: &'static str,
    what: &'static str,
    warning: &'static str,
    key: &'static str,
    code: &'static str,
    wrong: fn(u32) -> String,
    pair: &'static str,
    leave: &'static str,
}

const EN: Words = Words {
    title: "Pair with a developer's computer",
    what: "A computer wants to show drafts of an app here. If it is yours, type the code that it shows now.",
    warning: "Never type a code that somebody else has told you: what is shown then, nobody has approved.",
    key: "Key of the computer",
    code: "Code, six digits",
    wrong: |left| format!("That is not the code. It can be typed {left} more times."),
    pair: "Pair",
    leave: "Leave",
};

const ZH: Words = Words {
    title: "与开发者的电脑配对",
    what: "有一台电脑想在这里显示应用的草稿。如果是您自己的电脑，请输入它现在显示的配对码。",
    warning: "别人告诉您的配对码千万不要输入：那样显示出来的东西没有人审核过。",
    key: "那台电脑的密钥",
    code: "配对码（六位数字）",
    wrong: |left| format!("配对码不对，还可以输入 {left} 次。"),
    pair: "配对",
    leave: "离开",
};

/// Asks until the code is right, given up on, or refused. None: the person has left it.
pub(super) fn ask(mut pairing: Pairing, lang: &str) -> Result<Option<Preview>, StartError> {
    gtk::init().map_err(|error| StartError::Window(error.into()))?;
    let words = if lang.starts_with("zh") { &ZH } else { &EN };
    let question = Question::new(words, &pairing.key().shown());
    println!("asks for a code");
    let asked = loop {
        let Some(code) = question.answer() else { break Ok(None) };
        match pairing.try_code(&code) {
            Ok(Tried::Begun(preview)) => break Ok(Some(preview)),
            Ok(Tried::Wrong(again)) => {
                question.wrong(&(words.wrong)(again.tries));
                pairing = again;
            }
            Err(error) => break Err(error),
        }
    };
    question.close();
    asked.map_err(StartError::Preview)
}

struct Question {
    dialog: gtk::Dialog,
    code: gtk::Entry,
    said: gtk::Label,
}

impl Question {
    fn new(words: &Words, key: &str) -> Self {
        let dialog = gtk::Dialog::with_buttons(
            Some(words.title),
            None::<&gtk::Window>,
            gtk::DialogFlags::MODAL,
            &[(words.leave, gtk::ResponseType::Cancel), (words.pair, gtk::ResponseType::Ok)],
        );
        dialog.set_default_response(gtk::ResponseType::Ok);
        dialog.set_position(gtk::WindowPosition::Center);
        let area = dialog.content_area();
        area.set_spacing(12);
        area.set_margin(24);
        let line = |text: &str| {
            let label = gtk::Label::new(Some(text));
            label.set_line_wrap(true);
            label.set_max_width_chars(52);
            label.set_xalign(0.0);
            area.add(&label);
            label
        };
        line(words.what);
        line(&format!("{}: {key}", words.key)).set_selectable(true);
        let name = line(words.code);
        let code = gtk::Entry::new();
        code.set_input_purpose(gtk::InputPurpose::Digits);
        code.set_max_length(16);
        code.set_activates_default(true);
        name.set_mnemonic_widget(Some(&code));
        area.add(&code);
        let said = line("");
        line(words.warning);
        dialog.show_all();
        code.grab_focus();
        Self { dialog, code, said }
    }

    /// What was typed, or none.
    fn answer(&self) -> Option<String> {
        match self.dialog.run() {
            gtk::ResponseType::Ok => Some(self.code.text().to_string()),
            _ => None,
        }
    }

    fn wrong(&self, text: &str) {
        self.said.set_text(text);
        self.code.set_text("");
        self.code.grab_focus();
        println!("wrong code");
    }

    fn close(&self) {
        self.dialog.hide();
        while gtk::events_pending() {
            gtk::main_iteration();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_asked_in_both_languages() {
        let all = [&EN, &ZH].map(|words| {
            let Words { title, what, warning, key, code, wrong, pair, leave } = words;
            format!("{title} | {what} | {warning} | {key} | {code} | {} | {pair} | {leave}", wrong(2))
        });
        insta::assert_snapshot!(all.join("\n"), @r"
        Pair with a developer's computer | A computer wants to show drafts of an app here. If it is yours, type the code that it shows now. | Never type a code that somebody else has told you: what is shown then, nobody has approved. | Key of the computer | Code, six digits | That is not the code. It can be typed 2 more times. | Pair | Leave
        与开发者的电脑配对 | 有一台电脑想在这里显示应用的草稿。如果是您自己的电脑，请输入它现在显示的配对码。 | 别人告诉您的配对码千万不要输入：那样显示出来的东西没有人审核过。 | 那台电脑的密钥 | 配对码（六位数字） | 配对码不对，还可以输入 2 次。 | 配对 | 离开
        ");
    }
}
