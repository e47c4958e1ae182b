//! What the console says about reviewing, once in each language, written by a person and not translated.

use super::words::{Language, words};
use crate::review::risk::Level;

/// Reasons that come up again and again, with what is written for them.
const REASONS: [[(&str, &str); 2]; 6] = [
    [
        ("权限没有说明用途", "请在清单里为每一项新权限写明用途，让市民看得懂。"),
        (
            "A permission has no reason",
            "Say in the manifest what each new permission is for, in words that citizens understand.",
        ),
    ],
    [
        ("域名范围太大", "请写出确切的主机名，不要用通配符。"),
        ("Too many hosts", "Name the exact hosts instead of a wildcard."),
    ],
    [
        ("缺中文或英文", "请补齐两种语言的文字。"),
        ("A language is missing", "Add the texts of the language that is missing."),
    ],
    [
        ("辅助功能有问题", "请为表单控件加上标签，并核对对比度和键盘操作。"),
        ("Hard to use for some", "Label the form fields, and check contrast and use by keyboard."),
    ],
    [
        ("有不该有的文件", "请去掉应用用不到的文件，例如测试和源码映射。"),
        ("Files that do not belong", "Leave out files the app does not need, such as tests and source maps."),
    ],
    [
        ("说明与内容不符", "名称或说明与应用实际做的事不一致，请改成一致。"),
        ("It does not do what it says", "Name or description differ from what the app does. Make them agree."),
    ],
];

impl Language {
    pub(super) fn review_words(self) -> &'static ReviewWords {
        match self {
            Self::Chinese => &CHINESE_REVIEW,
            Self::English => &ENGLISH_REVIEW,
        }
    }

    /// Canned reasons: what they are called, and what is written.
    pub(super) fn reasons(self) -> Vec<(&'static str, &'static str)> {
        let number = usize::from(self == Self::English);
        REASONS.iter().filter_map(|reason| reason.get(number)).copied().collect()
    }

    pub(super) fn risk(self, level: Level) -> &'static str {
        match (self, level) {
            (Self::Chinese, Level::Low) => "低",
            (Self::Chinese, Level::Medium) => "中",
            (Self::Chinese, Level::High) => "高",
            (Self::Chinese, Level::Held) => "已隔离",
            (Self::English, Level::Low) => "Low",
            (Self::English, Level::Medium) => "Medium",
            (Self::English, Level::High) => "High",
            (Self::English, Level::Held) => "Held",
        }
    }

    pub(super) fn risk_of_five(self, score: u8) -> String {
        match self {
            Self::Chinese => format!("风险 {score}，最高 5"),
            Self::English => format!("Risk {score} of 5"),
        }
    }

    pub(super) fn files_changed(self, changed: usize, all: usize) -> String {
        match self {
            Self::Chinese => format!("{all} 个文件，{changed} 个有变化"),
            Self::English => format!("{changed} changed of {all}"),
        }
    }
}

words! {
    ReviewWords CHINESE_REVIEW ENGLISH_REVIEW;
    mine: "我的", "Mine";
    widening: "扩大权限", "Widening";
    needs_second: "还差一位", "Needs another";
    quarantined: "已隔离", "Quarantined";
    drafts: "在部门手里", "With publishers";
    search: "应用、部门或摘要", "App, department or digest";
    find: "查找", "Find";
    risk: "风险", "Risk";
    with: "谁在看", "With";
    you: "您", "You";
    claim: "我来看", "Claim";
    claim_next: "看下一件", "Claim next";
    unclaim: "交回队列", "Give it back";
    nobody: "还没有人在看", "Nobody has it yet";
    new_key: "换了密封公钥", "New publisher key";
    no_match: "没有符合的提交", "Nothing matches";
    no_match_text: "换个条件再找。", "Look for something else.";
    keys: "键盘", "Keys";
    key_move: "上下", "move";
    key_open: "打开", "open";
    key_claim: "我来看", "claim";
    key_search: "查找", "search";
    key_changes: "要求修改", "request changes";
    key_agree: "同意或复制命令", "agree, or the command";
    key_message: "写消息", "message";
    keys_off: "关闭快捷键", "Turn keys off";
    keys_on: "打开快捷键", "Turn keys on";
    reaches: "它用到什么", "What it uses";
    calls: "平台接口和导入", "Host calls and imports";
    calls_text: "从代码和组件里找出，没有运行。", "Found in code and components, not by running them.";
    hosts: "文件里写到的主机", "Hosts named in files";
    hosts_text: "写到的主机不等于能连接；能连接的只有权限里的。", "A name is no permission: it reaches only what its permissions list.";
    none_found: "没有找到。", "None found.";
    show_unchanged: "不变的", "Unchanged";
    file: "文件", "File";
    what_changed: "变化", "Change";
    added: "新增", "New";
    changed: "改动", "Changed";
    removed: "去掉", "Removed";
    all_same: "文件完全相同。", "The files are the same.";
    text_diff: "逐行对比", "Text diff";
    no_text: "这个文件不是文字，或者太长，不能逐行对比。", "This file is no text, or too long to compare line by line.";
    same_file: "这个文件没有变化。", "This file has not changed.";
    line_before: "原行号", "Line before";
    line_now: "现行号", "Line now";
    conversation: "往来", "Conversation";
    nothing_said: "还没有人说过什么。发布部门和审核人员都能看到。", "Nothing said yet. The publisher and the reviewers read it.";
    reply: "写一条", "Write a message";
    send: "发送", "Send";
    canned: "常用理由", "Common reasons";
    choose: "不用", "None";
    quarantine: "隔离", "Quarantine";
    quarantine_hint: "马上停止一切处理，要写原因。", "Stops everything about it at once. Say why.";
    free: "解除隔离", "Let it out";
    in_quarantine: "已隔离，没有人能签名。", "It is in quarantine, and nobody can sign it.";
    why: "原因", "Why";
    publisher_acts: "发布部门可以做的", "What its publisher can do";
    withdraw: "撤回", "Take it back";
    withdraw_text: "撤回后是草稿，可以再提交。已有的签名作废。", "It is a draft again and can be handed in again. What was signed is void.";
    hand_in: "再次提交", "Hand it in";
    hand_in_text: "字节不变，重新排队等待审核。", "With the same bytes, as the last in the queue.";
    archive: "归档", "Put it away";
    archive_text: "以后不能再提交。", "It cannot be handed in any more.";
    trial: "试用", "Trial";
    trial_text: "列出的人可以在提交之前试用，写商店里的姓名，用逗号分开。", "Whoever is listed can try it before it is handed in. Names as in this store, separated by commas.";
    trial_set: "开始试用", "Let them try it";
    trial_end: "结束试用", "End the trial";
    trial_page: "试用页面和二维码", "Page of the trial, with a QR code";
    testers: "试用人员", "Testers";
    no_testers: "还没有人试用。", "Nobody tries it yet.";
    try_it: "在您的电脑上试用", "Try it on your computer";
    try_text: "这一版还没有审核，只给试用人员看。用完请删除文件。", "Nobody has reviewed this version yet; it is for its testers. Delete the file when you are done.";
    download: "下载", "Download";
    pass_on: "转给试用人员", "Pass it on";
    pass_text: "只有列出的人能打开。", "It opens for those who are listed.";
    code_of: "二维码：", "QR code of";
    has_changed: "这一页的内容有变化。", "Something here has changed.";
    look_again: "再看一次", "Look again";
    copy: "复制命令", "Copy the command";
    copied: "已复制", "Copied";
    waiting_for_signature: "签名到了，这一页会自己更新。", "This page follows by itself once your signature is there.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_written_in_both_languages() {
        for language in [Language::Chinese, Language::English] {
            assert_eq!(language.reasons().len(), REASONS.len());
            assert!(language.reasons().iter().all(|(name, text)| !name.is_empty() && text.len() > name.len()));
        }
    }
}
