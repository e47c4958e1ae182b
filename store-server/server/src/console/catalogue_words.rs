//! What the catalogue says to everybody, once in each language, written by a person and not translated.

use guichet_contract::Part;

use super::words::{Language, words};

impl Language {
    pub(super) fn catalogue_words(self) -> &'static CatalogueWords {
        match self {
            Self::Chinese => &CHINESE_CATALOGUE,
            Self::English => &ENGLISH_CATALOGUE,
        }
    }

    /// One of two texts, English first.
    pub(super) fn pick([english, chinese]: [&'static str; 2], language: Self) -> &'static str {
        match language {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }

    pub(super) fn services_found(self, count: usize) -> String {
        match self {
            Self::Chinese => format!("找到 {count} 项服务"),
            Self::English if count == 1 => "1 service found".to_owned(),
            Self::English => format!("{count} services found"),
        }
    }

    pub(super) fn all_of_them(self, count: usize) -> String {
        match self {
            Self::Chinese => format!("全部 {count} 项"),
            Self::English => format!("All {count}"),
        }
    }

    /// What a terminal must have, with its icon.
    pub(super) fn needs_part(self, part: &str) -> (&'static str, String) {
        match (self, Part::named(part)) {
            (Self::Chinese, Some(Part::Print)) => ("print", "要有打印机".to_owned()),
            (Self::Chinese, Some(Part::Card)) => ("idcard", "要有读卡器".to_owned()),
            (Self::Chinese, Some(Part::Speech)) => ("info", "要能读出声".to_owned()),
            (Self::Chinese, Some(Part::Clipboard)) => ("list", "要能复制粘贴".to_owned()),
            (Self::Chinese, Some(Part::Scan)) => ("scan", "要有扫描仪".to_owned()),
            (Self::Chinese, Some(Part::Notify)) => ("info", "要能显示通知".to_owned()),
            (Self::Chinese, Some(Part::Files)) => ("list", "要能选文件".to_owned()),
            (Self::Chinese, Some(Part::OpenApp)) => ("list", "要能打开别的服务".to_owned()),
            (Self::Chinese, Some(Part::Telemetry)) => ("list", "要能计数".to_owned()),
            (Self::English, Some(Part::Telemetry)) => ("list", "Needs to count events".to_owned()),
            (Self::English, Some(Part::Scan)) => ("scan", "Needs a scanner".to_owned()),
            (Self::English, Some(Part::Notify)) => ("info", "Needs a desktop with notices".to_owned()),
            (Self::English, Some(Part::Files)) => ("list", "Needs a way to choose files".to_owned()),
            (Self::English, Some(Part::OpenApp)) => ("list", "Needs other services".to_owned()),
            (Self::English, Some(Part::Speech)) => ("info", "Needs a voice".to_owned()),
            (Self::English, Some(Part::Clipboard)) => ("list", "Needs a clipboard".to_owned()),
            (Self::English, Some(Part::Print)) => ("print", "Needs a printer".to_owned()),
            (Self::English, Some(Part::Card)) => ("idcard", "Needs a card reader".to_owned()),
            (Self::Chinese, None) => ("terminal", format!("要有“{part}”")),
            (Self::English, None) => ("terminal", format!("Needs “{part}”")),
        }
    }

    pub(super) fn newly(self, does: &str) -> String {
        match self {
            Self::Chinese => format!("新增：{does}"),
            Self::English => format!("New: {}", lower(does)),
        }
    }

    pub(super) fn no_longer(self, does: &str) -> String {
        match self {
            Self::Chinese => format!("不再：{does}"),
            Self::English => format!("No longer: {}", lower(does)),
        }
    }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

words! {
    CatalogueWords CHINESE_CATALOGUE ENGLISH_CATALOGUE;
    services: "能办的服务", "Services";
    services_text: "在电脑、手机和大厅自助机上都能办。", "On computers, on phones and at the machines in the hall.";
    more: "更多", "More";
    for_staff: "工作人员登录", "For staff";
    look_for: "您想办什么", "What do you want to do?";
    find: "查找", "Find";
    terminal: "在什么机器上", "On which terminal";
    only_this_terminal: "只显示这台终端能用的服务。", "Only services that work on this terminal are shown.";
    any_terminal: "都可以", "Any";
    by_event: "按人生大事找", "Find by life event";
    by_event_short: "人生大事", "Life event";
    show_all: "看全部服务", "Show all services";
    nothing_found: "没有找到", "Nothing found";
    nothing_found_text: "换个说法试试，或者按人生大事找。", "Try other words, or look by life event.";
    nothing_yet: "还没有服务", "There are no services yet";
    nothing_yet_text: "部门发布的服务会出现在这里。", "What departments release appears here.";
    more_of_them: "再往下看", "Show more";
    halted_short: "暂停中", "on hold";
    halted: "这项服务暂停发放", "This service is on hold";
    halted_text: "装好的照常用；还没有装的终端用上一个版本，没有上一个版本的要等一等。", "Where it is installed it goes on working. Other terminals get the version before, or have to wait if there is none.";
    not_everywhere: "还没有到所有终端", "Not on every terminal yet";
    not_everywhere_text: "这一版正在逐步发放，有的终端还是前一版，或者还没有。", "This version is let out step by step. Some terminals still have the one before, or none.";
    may: "它可以做什么", "What it may do";
    may_nothing: "这项服务没有要求任何权限。", "This service doesn't ask for any permission.";
    may_text: "除此之外，它看不到您的终端上的其他东西。", "Beyond this it sees nothing else of the terminal.";
    only_these_hosts: "只有这些主机：", "Only these hosts:";
    reason_of: "部门说明", "Reason given by the department";
    colon: "：", ": ";
    news: "版本和新变化", "Versions and news";
    now_out: "现在这一版", "out now";
    first: "第一版。", "The first version.";
    went_back: "换回了这一版。", "Went back to this version.";
    taken_back: "被收回。", "Was taken back.";
    same: "它可以做的事没有变。", "What it may do is as before.";
    places: "在哪里办", "Where it works";
    everywhere: "所有终端", "On every terminal";
    facts: "关于这项服务", "About this service";
    department: "发布部门", "Published by";
    version: "版本", "Version";
    since: "发布于", "Released";
    number: "编号", "Id";
    none: "没有这项服务", "There is no such service";
    none_text: "地址可能写错了，或者它还没有发布。", "The address may be wrong, or it isn't released yet.";
    off: "这项服务不再提供", "This service is no longer offered";
    off_text: "装好的终端上照常能用。要办同样的事，请看看现在有的服务。", "Where it is installed it goes on working. See what is offered now for the same errand.";
    to_all: "看全部服务", "See all services";
    shelf: "服务目录", "Catalogue";
    on_shelf: "大家能找到它。", "Everybody finds it.";
    look: "看它在目录里的样子", "See it there";
    off_shelf: "已从目录撤下", "Off the shelf";
    take_off: "从目录撤下", "Take it off the shelf";
    take_off_text: "大家不再找到它；装好的照常用。", "People no longer find it. Where it is installed it goes on.";
    put_back: "放回目录", "Put it back";
}
