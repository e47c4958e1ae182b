//! What the console says about letting releases out, once in each language, written by a person and not translated.

use super::words::{Language, words};

impl Language {
    pub(super) fn rollout_words(self) -> &'static RolloutWords {
        match self {
            Self::Chinese => &CHINESE_ROLLOUT,
            Self::English => &ENGLISH_ROLLOUT,
        }
    }

    /// What the line of installations shows, for whoever does not see it.
    pub(super) fn adoption_in_words(self, version: &str, last: u64) -> String {
        match self {
            Self::Chinese => format!("{version} 现在装在 {last} 台终端上。"),
            Self::English => format!("{version} is on {last} terminals now."),
        }
    }

    pub(super) fn errors_in_words(self, version: &str, last: &str) -> String {
        match self {
            Self::Chinese => format!("{version} 每千次打开出错 {last} 次。"),
            Self::English => format!("{version} has {last} errors for each thousand launches."),
        }
    }

    pub(super) fn go_back_to(self, version: &str, sequence: u64) -> String {
        match self {
            Self::Chinese => format!("{version}（序号 {sequence}）"),
            Self::English => format!("{version} (sequence {sequence})"),
        }
    }
}

words! {
    RolloutWords CHINESE_ROLLOUT ENGLISH_ROLLOUT;
    releases: "发布", "Releases";
    none: "还没有发布过任何应用", "Nothing has been released yet";
    none_text: "审核人员签完名，应用就会出现在这里。", "An app appears here once its reviewers have signed.";
    app: "应用", "App";
    state: "状态", "State";
    reach: "放量", "Reach";
    installed: "已装", "Installed";
    since: "发布时间", "Since";
    replaces: "接替", "Replaces";
    stages: "放量阶段", "Stages";
    now: "现在", "Now";
    everyone: "全部", "Everyone";
    not_yet: "未到", "Not yet";
    how_far: "放到多少（%）", "Let out to (%)";
    how_far_hint: "0 表示先不放。审核人员签下的上限：", "0 holds it. The reviewers signed for at most:";
    why: "原因", "Why";
    why_hint: "会写进操作记录；暂停和召回的原因，终端前的人也会读到。", "It goes into the record; of halts and recalls people at the terminals read it too.";
    set: "放量", "Let it out";
    have_installed: "已装这一版", "Have this version";
    error_free: "没有出错的打开", "Launches without an error";
    gave_up: "自己退回的终端", "Gave it up by themselves";
    launches: "打开次数", "Launches";
    adoption: "装了多少", "Who has it";
    errors: "每千次打开的出错", "Errors for each thousand launches";
    numbers: "看数字表", "The numbers";
    until: "截至", "Until";
    no_beacons: "还没有终端报过数。数字最多晚一小时。", "No terminal has told anything yet. Numbers are up to an hour late.";
    counted: "应用里数的事", "Counted in the app";
    counted_text: "应用申报过的事件，30 天内各版本的次数，按告诉商店的日子算，不含人和终端。", "Events that the app declares, by version, in the last 30 days, by the day they were told; of no person and no terminal.";
    event: "事件", "Event";
    version: "版本", "Version";
    today: "今天", "Today";
    week: "7 天", "7 days";
    month: "30 天", "30 days";
    none_counted: "还没有数到什么。次数晚几小时才到。", "Nothing has been counted yet. Counts are some hours late.";
    trouble: "出了问题？", "Something wrong?";
    halt: "立即暂停", "Halt now";
    halt_text: "不用确认，一分钟内生效。已装的照常用；还没有装的终端用上一个版本。", "At once, without another question. What is installed goes on; other terminals keep or get the version before.";
    resume: "恢复放量", "Let it go on";
    resume_text: "从暂停前的程度接着放。", "As far as it had come.";
    halted_because: "已暂停", "Halted";
    revert: "换回旧版本", "Go back";
    revert_to: "换回哪一版", "To which version";
    revert_text: "商店备好发布文件，审核人员签名后生效。", "The store prepares it, and it takes effect once reviewers have signed.";
    nothing_before: "没有可以换回的版本。", "There is no version to go back to.";
    recall: "召回", "Take the app back";
    recall_text: "所有终端停用，直到有新的发布。审核人员签名后生效。", "No terminal runs it until there is another release. It takes effect once reviewers have signed.";
    waits_for_reviewers: "等审核人员签名", "Waits for reviewers";
    history: "经过", "What happened";
    halted: "暂停", "Halted";
    resumed: "恢复", "Went on";
    let_out_to: "放到", "Let out to";
    released: "发布", "Released";
    sequence: "序号", "Sequence";
    groups: "终端分组", "Groups of terminals";
    all_groups: "所有分组", "All groups";
    beginning: "怎样开始放量", "How its release begins";
    begin_with: "先放到多少（%）", "Begin with (%)";
    begin_hint: "留空表示全部；0 表示通过后先不放。", "Empty for everyone; 0 holds it once it is approved.";
    not_before: "不早于（UTC）", "Not before (UTC)";
    not_before_hint: "留空表示马上。", "Empty for at once.";
    groups_hint: "用逗号分开；留空表示所有终端。改了分组，已有的签名作废。", "Separated by commas; empty for all. If they change, what was signed is void.";
    save: "保存", "Save";
    held: "先不放", "Held";
}
