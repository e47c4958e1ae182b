//! What the console says about checks, once in each language, written by a person and not translated.

use super::words::{Language, words};

impl Language {
    pub(super) fn check_words(self) -> &'static CheckWords {
        match self {
            Self::Chinese => &CHINESE_CHECK,
            Self::English => &ENGLISH_CHECK,
        }
    }

    pub(super) fn seconds(self, ms: u64) -> String {
        let tenths = ms.div_ceil(100);
        match self {
            Self::Chinese => format!("{}.{} 秒", tenths / 10, tenths % 10),
            Self::English => format!("{}.{} s", tenths / 10, tenths % 10),
        }
    }

    pub(super) fn tries(self, attempts: u32) -> String {
        match self {
            Self::Chinese => format!("试了 {attempts} 次"),
            Self::English => format!("tried {attempts} times"),
        }
    }

    pub(super) fn found(self, number: usize) -> String {
        match (self, number) {
            (Self::Chinese, 0) => "没有发现问题".to_owned(),
            (Self::Chinese, _) => format!("发现 {number} 处"),
            (Self::English, 0) => "nothing found".to_owned(),
            (Self::English, 1) => "1 finding".to_owned(),
            (Self::English, _) => format!("{number} findings"),
        }
    }

    pub(super) fn line(self, line: u32) -> String {
        match self {
            Self::Chinese => format!("第 {line} 行"),
            Self::English => format!("line {line}"),
        }
    }
}

words! {
    CheckWords CHINESE_CHECK ENGLISH_CHECK;
    checks: "自动检查", "Checks by machines";
    checks_text: "由程序完成，每项在单独受限的进程里；没有运行应用的代码。", "Made by programs, each in a confined process of its own. No code of the app was run.";
    again: "再查一次", "Look again";
    under_way: "还有检查在进行，结束后这一页会提示。", "Some are under way; this page says when they have ended.";
    being_checked: "正在检查，之后交给审核人。", "It is being checked and goes to reviewers after that.";
    grave: "严重", "Grave";
    warning: "可能有误", "Probably a mistake";
    note: "留意", "Worth knowing";
    what_to_do: "怎么办", "What to do";
}
