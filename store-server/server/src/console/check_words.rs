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

    /// On what a page is seen, and in what language.
    pub(super) fn seen_on(self, terminal: &str, language: &str, theme: &str) -> String {
        let chinese = match terminal {
            "phone" => "手机",
            "tablet" => "平板",
            "kiosk" => "自助机",
            "elder" => "长者大字",
            _ => "桌面",
        };
        let english = match terminal {
            "phone" => "Phone",
            "tablet" => "Tablet",
            "kiosk" => "Kiosk",
            "elder" => "Large type",
            _ => "Desktop",
        };
        let dark = theme == "dark";
        match (self, language.starts_with("zh")) {
            (Self::Chinese, true) => format!("{chinese} · 中文{}", if dark { " · 深色" } else { "" }),
            (Self::Chinese, false) => format!("{chinese} · 英文{}", if dark { " · 深色" } else { "" }),
            (Self::English, true) => format!("{english} · Chinese{}", if dark { " · dark" } else { "" }),
            (Self::English, false) => format!("{english} · English{}", if dark { " · dark" } else { "" }),
        }
    }

    pub(super) fn pictures(self, all: usize, changed: usize) -> String {
        match self {
            Self::Chinese => format!("{all} 张图，{changed} 张有变化"),
            Self::English => format!("{changed} changed of {all}"),
        }
    }

    /// How far two icons are apart, of 100.
    pub(super) fn apart(self, apart: u32) -> String {
        match self {
            Self::Chinese => format!("差异 {apart}%"),
            Self::English => format!("{apart}% apart"),
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
    checks_text: "由程序完成，每项在单独受限的进程里。", "Made by programs, each in a confined process of its own.";
    again: "再查一次", "Look again";
    under_way: "还有检查在进行，结束后这一页会提示。", "Some are under way; this page says when they have ended.";
    being_checked: "正在检查，之后交给审核人员。", "It is being checked and goes to reviewers after that.";
    grave: "严重", "Grave";
    warning: "可能有误", "Probably a mistake";
    note: "留意", "Worth knowing";
    pictures: "各种终端上的页面", "Pages on every terminal";
    pictures_text: "由市民使用的同一个程序显示，没有网络，没有任何数据；与上一个版本对比。", "Seen in the program that citizens have, without a network and without any data, beside the release before.";
    picture_new: "新增", "New";
    picture_changed: "有变化", "Changed";
    picture_same: "没有变化", "Same";
    slide: "原来与现在的分界", "Where before ends and now begins";
    own_icon: "这个应用", "This app";
    other_icon: "对方", "The other";
    what_to_do: "怎么办", "What to do";
}
