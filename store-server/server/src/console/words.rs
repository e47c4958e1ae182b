//! What the console says, once in each language, written by a person and not translated.

use axum::http::{HeaderMap, header};
use guichet_api::{PersonRole, Said, SubmissionKind, SubmissionState};

use crate::http::cookie;

/// The cookie that remembers `?lang=`.
pub(super) const COOKIE: &str = "guichet_lang";

/// A language of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Chinese,
    English,
}

impl Language {
    /// What was asked for in the address, else what was chosen before, else what the browser prefers.
    pub(super) fn of(asked: Option<&str>, headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        [asked, cookie(headers, COOKIE)]
            .into_iter()
            .flatten()
            .chain(accepted.unwrap_or_default().split(','))
            .find_map(|tag| match tag.trim().get(..2) {
                Some("zh") => Some(Self::Chinese),
                Some("en") => Some(Self::English),
                _ => None,
            })
            .unwrap_or(Self::English)
    }

    /// The value for `lang=`.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-Hans",
            Self::English => "en",
        }
    }

    /// The value for `?lang=`.
    pub(super) fn short(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }

    /// The one that is not this one.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Chinese => Self::English,
            Self::English => Self::Chinese,
        }
    }

    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::Chinese => &CHINESE,
            Self::English => &ENGLISH,
        }
    }

    /// The words that `guichet status` has, at the beginning of a line.
    pub(super) fn state(self, state: SubmissionState) -> String {
        self.begin(state.said())
    }

    /// What a submission hands in, if it is no new package.
    pub(super) fn kind(self, kind: SubmissionKind) -> Option<String> {
        kind.said().map(|said| self.begin(said))
    }

    /// What is said, as a sentence of its own.
    pub(super) fn sentence(self, Said { en, zh }: Said) -> String {
        self.begin([&en, &zh])
    }

    fn begin(self, [english, chinese]: [&str; 2]) -> String {
        match self {
            Self::Chinese => chinese.to_owned(),
            Self::English => {
                let mut letters = english.chars();
                letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
            }
        }
    }

    pub(super) fn role(self, role: PersonRole) -> &'static str {
        match (self, role) {
            (Self::Chinese, role) => Self::pick(role.said(), self),
            (Self::English, PersonRole::Developer) => "Developer",
            (Self::English, PersonRole::Reviewer) => "Reviewer",
            (Self::English, PersonRole::Lead) => "Lead",
            (Self::English, PersonRole::Operator) => "Operator",
            (Self::English, PersonRole::Auditor) => "Auditor",
            (Self::English, PersonRole::Administrator) => "Administrator",
        }
    }

    pub(super) fn age(self, milliseconds: u64) -> String {
        let minutes = milliseconds / 60_000;
        match (self, minutes) {
            (Self::Chinese, 0..60) => format!("{minutes} 分钟"),
            (Self::Chinese, 60..2880) => format!("{} 小时", minutes / 60),
            (Self::Chinese, 2880..) => format!("{} 天", minutes / 1440),
            (Self::English, 0..60) => format!("{minutes} min"),
            (Self::English, 60..2880) => format!("{} h", minutes / 60),
            (Self::English, 2880..) => format!("{} d", minutes / 1440),
        }
    }

    pub(super) fn reviewers(self, have: usize, need: u32) -> String {
        match self {
            Self::Chinese => format!("{have} / {need} 位审核人员"),
            Self::English => format!("{have} of {need} reviewers"),
        }
    }

    pub(super) fn waiting(self, count: usize, oldest: Option<u64>) -> String {
        match (self, oldest) {
            (Self::Chinese, Some(age)) => format!("{count} 件等待，最早的已等 {}", self.age(age)),
            (Self::English, Some(age)) => format!("{count} waiting · oldest {}", self.age(age)),
            (Self::Chinese, None) => "都看完了。没有人在等您。".to_owned(),
            (Self::English, None) => "All done. Nobody is waiting for you.".to_owned(),
        }
    }

    pub(super) fn replaces(self, version: &str) -> String {
        match self {
            Self::Chinese => format!("接替 {version}"),
            Self::English => format!("Replaces {version}"),
        }
    }

    pub(super) fn asks(self, count: usize) -> String {
        match (self, count) {
            (Self::Chinese, _) => format!("{count} 项权限"),
            (Self::English, 1) => "1 permission".to_owned(),
            (Self::English, _) => format!("{count} permissions"),
        }
    }
}

macro_rules! words {
    ($all:ident $zh_all:ident $en_all:ident; $($name:ident: $zh:literal, $en:literal;)*) => {
        /// Fixed texts of the console.
        #[derive(Debug)]
        pub(super) struct $all {
            $(pub(super) $name: &'static str,)*
        }

        pub(super) static $zh_all: $all = $all { $($name: $zh,)* };
        pub(super) static $en_all: $all = $all { $($name: $en,)* };
    };
}

pub(super) use words;

words! {
    Words CHINESE ENGLISH;
    console: "控制台", "Console";
    members: "人员", "People";
    audit: "操作记录", "Record";
    account: "我的账户", "Your account";
    other_language: "English", "中文";
    queue: "审核队列", "Review queue";
    sign_out: "退出", "Sign out";
    all: "全部", "All";
    open: "等待中", "Waiting";
    released: "已发布", "Released";
    closed: "已结束", "Closed";
    submission: "提交", "Submission";
    what_changes: "有什么变化", "What changes";
    state: "状态", "State";
    since: "已等", "Waiting for";
    submitted_by: "提交人", "Submitted by";
    first_release: "首次发布", "First release";
    nothing_widens: "权限没有扩大", "Nothing widens";
    widens: "权限扩大", "Widens what it may do";
    empty_title: "这里没有提交", "Nothing here";
    empty_text: "部门提交后会出现在这里。", "What departments submit appears here.";
    back: "审核队列", "Review queue";
    may_do: "它可以做什么", "What it may do";
    permission: "权限", "Permission";
    before: "之前", "Before";
    now: "这一版", "In this version";
    why: "开发人员说明的理由", "Why, says the developer";
    no_reason: "没有说明理由", "No reason given";
    new_tag: "新增", "New";
    wider_tag: "扩大", "Wider";
    removed_tag: "去掉", "Removed";
    same_tag: "不变", "Unchanged";
    not_asked: "没有要求", "Not asked";
    unlimited: "没有限制", "No limit";
    asks_nothing: "它不要求任何权限。", "It asks for no permission.";
    files: "文件", "Files";
    history: "经过", "History";
    facts: "这一版", "This version";
    app_id: "应用编号", "App id";
    version_code: "版本号", "Version code";
    sequence: "发布序号", "Sequence";
    channel: "渠道", "Channel";
    publisher: "发布部门", "Publisher";
    submitted_at: "提交时间", "Submitted";
    package: "包", "Package";
    logic: "逻辑", "Logic";
    logic_script: "JavaScript", "JavaScript";
    logic_component: "WebAssembly 组件", "WebAssembly component";
    pages: "页面", "Pages";
    decide: "在您自己的电脑上通过", "Approve on your own machine";
    decide_text: "私钥不离开您的电脑。运行这条命令，它会核对提案、下载的包和部门的角色，再签名。",
        "Your key never leaves your machine. This command checks the proposal, the package and the department's role, then signs.";
    own_submission: "这是您自己提交的，要由别人来审。", "You submitted this, so someone else must review it.";
    signed_already: "您已经签过名，还需要另一位审核人员。", "You have signed. It needs another reviewer.";
    refuse: "要求修改", "Request changes";
    refuse_instead: "不通过，请发布部门修改", "Request changes instead";
    refuse_label: "要改什么", "What is to be changed";
    refuse_hint: "写给发布部门看。", "The publisher reads it.";
    refused_because: "审核人员要求修改", "A reviewer wants changes";
    sign_in: "进入控制台", "Sign in to the console";
    sign_in_text: "供审核人员、管理员和部门使用。", "For reviewers, administrators and departments.";
    token: "您的令牌", "Your token";
    token_hint: "管理员给您的那一串，以 gst_ 开头。", "The text an administrator gave you; it begins with gst_.";
    enter: "进入", "Sign in";
    unknown_token: "这里没有这个令牌。核对一下有没有少复制几个字，或向管理员要一个新的。",
        "That token isn't known here. Check that you copied all of it, or ask an administrator for a new one.";
    motto: "一个窗口，所有服务。", "One window, every service.";
    motto_more: "看清变化，作出决定。", "See what changed. Decide.";
    went_wrong: "没有做成", "That didn't work";
    hint: "怎么办", "What to do";
    detail: "详情", "Detail";
    code: "代码", "Code";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_wins_over_the_cookie_and_the_cookie_over_the_browser() {
        let mut headers = HeaderMap::new();
        assert_eq!(Language::of(None, &headers), Language::English);
        headers.insert(header::ACCEPT_LANGUAGE, "fr, zh-CN;q=0.9, en;q=0.8".parse().unwrap());
        assert_eq!(Language::of(None, &headers), Language::Chinese);
        headers.insert(header::COOKIE, "guichet_lang=en".parse().unwrap());
        assert_eq!(Language::of(None, &headers), Language::English);
        assert_eq!(Language::of(Some("zh"), &headers), Language::Chinese);
    }
}
