//! Where words go: what was asked for to standard output, everything else to standard error.

use std::{fmt, io::Write as _};

use serde::Serialize;

use crate::{
    failure::{Failure, Report},
    lang::Lang,
    message::Message,
};

const BOLD_RED: &str = "\u{1b}[1;31m";
const BOLD_YELLOW: &str = "\u{1b}[1;33m";
const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// How one run of the program prints.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    /// One JSON document instead of text.
    pub(crate) json: bool,
    /// The language of the program's own words.
    pub(crate) lang: Lang,
}

impl Printer {
    /// Prints what was asked for: a JSON document, or else text.
    pub(crate) fn result(self, document: &impl Serialize, text: impl FnOnce(Lang) -> String) {
        if self.json {
            out(&serde_json::to_string_pretty(document).unwrap_or_default());
        } else {
            let text = text(self.lang);
            if !text.is_empty() {
                out(text.trim_end());
            }
        }
    }

    /// Prints one thing of many as it happens: a JSON document in one line, or lines of text.
    pub(crate) fn line(self, document: &impl Serialize, text: impl FnOnce() -> Vec<String>) {
        if self.json {
            out(&serde_json::to_string(document).unwrap_or_default());
        } else {
            text().iter().for_each(|line| out(line));
        }
    }

    /// Says how it is going.
    pub(crate) fn say(self, message: &Message) {
        if !self.json {
            error(message.text(self.lang));
        }
    }

    /// Shows what a decision rests on.
    pub(crate) fn show(self, text: &str) {
        if !self.json {
            error(text.trim_end());
        }
    }

    /// Points at something that is accepted but probably not meant.
    pub(crate) fn warn(self, message: &Message) {
        if !self.json {
            error(format_args!("{BOLD_YELLOW}{}{PLAIN}: {}", self.pick("note", "留意"), message.text(self.lang)));
        }
    }

    /// Asks on the terminal, without a line's end.
    pub(crate) fn ask(self, question: &Message) {
        let mut stream = anstream::stderr().lock();
        drop(write!(stream, "{BOLD}{}{PLAIN} ", question.text(self.lang)));
        drop(stream.flush());
    }

    /// Says why a command did not do what it was asked.
    pub(crate) fn fail(self, failure: &Failure) {
        self.report(&failure.report(self.lang));
    }

    /// Shows a failure that has been put into words.
    pub(crate) fn report(self, report: &Report) {
        if self.json {
            return out(&serde_json::to_string_pretty(report).unwrap_or_default());
        }
        error(format_args!("{BOLD_RED}{}[{}]{PLAIN}: {}", self.pick("error", "错误"), report.class, report.what));
        if let Some(place) = &report.place {
            error(format_args!("  --> {place}"));
        }
        for file in &report.files {
            let kind = match file.kind {
                "only_in_folder" => self.pick("only in the folder", "只在文件夹里"),
                "only_in_package" => self.pick("only in the package", "只在包里"),
                _ => self.pick("other bytes", "字节不同"),
            };
            error(format_args!("  {}: {kind}", crate::table::plain(&file.path)));
        }
        if let Some(detail) = &report.detail {
            error(format_args!("  {}: {detail}", self.pick("detail", "详情")));
        }
        error(format_args!("  {BOLD}{}{PLAIN}: {}", self.pick("hint", "建议"), report.hint));
    }

    /// One of two words.
    pub(crate) fn pick(self, en: &'static str, zh: &'static str) -> &'static str {
        match self.lang {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }
}

// A reader that has gone away is no reason to fail.
fn out(text: &str) {
    drop(writeln!(anstream::stdout(), "{text}"));
}

fn error(text: impl fmt::Display) {
    drop(writeln!(anstream::stderr(), "{text}"));
}
