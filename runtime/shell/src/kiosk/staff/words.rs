//! What the page for staff says, in both languages.

use super::report::{AppLine, PartLine, Report};
use crate::kiosk::duty::NO_ROOM;

/// A sentence in Chinese and in English.
type Both = [&'static str; 2];

pub(super) const TITLE: Both = ["工作人员", "Staff"];
pub(super) const ASK: Both = ["请输入工作人员的 PIN。", "Enter the staff's PIN."];
/// Said before a session goes.
pub(super) const ENDS: Both = [
    "进入后，正在办理的事会结束，填写的内容会清除。",
    "If you go in, the session on this machine ends and what was entered is cleared.",
];
pub(super) const PIN: Both = ["PIN", "PIN"];
pub(super) const ENTER: Both = ["进入", "Enter"];
pub(super) const ERASE: Both = ["删除", "Erase"];
pub(super) const BACK: Both = ["返回", "Back"];
pub(super) const CHECKING: Both = ["正在核对……", "Checking…"];
pub(super) const CLEARING: Both = ["正在清除上一位的内容……", "Clearing what was entered before…"];
pub(super) const LOOK: Both = ["重新检查", "Check again"];
pub(super) const DONE: Both = ["完成", "Done"];
pub(super) const OTHER_LANGUAGE: Both = ["English", "中文"];

/// A wrong PIN, and how many seconds none is looked at.
pub(super) fn wrong(wait_seconds: u64, en: bool) -> String {
    match (wait_seconds, en) {
        (0, false) => "PIN 不对，请再试。".to_owned(),
        (0, true) => "That is not the PIN. Try again.".to_owned(),
        (wait, false) => format!("PIN 不对。请等 {wait} 秒再试。"),
        (1, true) => "That is not the PIN. Wait 1 second.".to_owned(),
        (wait, true) => format!("That is not the PIN. Wait {wait} seconds."),
    }
}

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Warn,
    Bad,
    Plain,
}

/// One line of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) what: String,
    pub(super) says: String,
    pub(super) tone: Tone,
}

/// Lines below a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) rows: Vec<Row>,
}

/// With less than this, in bytes, hardly any release can be taken in.
const FULL: u64 = 16 << 20;
const DISK_FULL: Both = [
    "：满了，装不下更新的服务；已装好的照常能用，腾出空间后自动更新",
    ": it is full and takes no newer service; what is installed goes on, and updates by itself once there is room",
];
/// The same, when nothing the store says could be kept for too long.
const DISK_OUT: Both = [
    "：满了，商店的消息太久没有记下，所以停止服务；腾出空间后自动恢复",
    ": it is full, and what the store says could not be kept for longer than the policy allows, so nobody is served; make room, and it goes on by itself",
];
/// Of the last try to hear the store, where the disk is full.
const NOT_KEPT: Both = [
    "商店有回应，硬盘没有空间记下（disk/full）",
    "the store answers, and the disk has no room to keep what it says (disk/full)",
];
const MEMORY_FULL: Both = [
    "：满了，市民填的内容存不下；结束这次办理就会腾出",
    ": it is full and keeps nothing that people enter; the end of a session makes room",
];

/// The page. `time` writes milliseconds since 1970 as a time where the terminal stands.
pub(super) fn page(report: &Report, en: bool, time: &dyn Fn(u64) -> String) -> Vec<Section> {
    let w = |both: Both| both[usize::from(en)];
    let row = |what: &str, says: String, tone: Tone| Row { what: what.to_owned(), says, tone };
    let mut parts: Vec<Row> = report.parts.iter().map(|part| part_row(part, en)).collect();
    for part in ["print", "card"] {
        if report.parts.iter().all(|there| there.part != part) {
            parts.push(row(part_name(part, en), w(["策略里没有", "none in the policy"]).to_owned(), Tone::Plain));
        }
    }
    let has_no_room = report.network_error.as_deref() == Some(NO_ROOM);
    // It has answered since, and nothing of that is here.
    let heard = if has_no_room {
        ["上次记下商店的消息", "News of the store last kept"]
    } else {
        ["上次连上商店", "Store last heard"]
    };
    let heard = match report.heard_ms {
        Some(at) => row(w(heard), time(at), if report.is_stale { Tone::Bad } else { Tone::Good }),
        None => row(w(heard), w(["从来没有", "never"]).to_owned(), Tone::Bad),
    };
    let tried = |class: &str| if has_no_room { w(NOT_KEPT) } else { class }.to_owned();
    let network = [
        Some(heard),
        report.network_error.as_ref().map(|class| row(w(["刚才的错误", "Last try"]), tried(class), Tone::Warn)),
    ];
    let space = |found: Option<(u64, u64)>, full: Both| match found {
        None => (w(["读不出来", "cannot be read"]).to_owned(), Tone::Bad),
        Some((free, all)) => {
            let (tone, is_full) = (if free < all / 20 { Tone::Bad } else { Tone::Good }, free < FULL);
            let (free, all) = (gibibytes(free), gibibytes(all));
            let full = if is_full { w(full) } else { "" };
            (
                if en {
                    format!("{free} GiB free of {all}{full}")
                } else {
                    format!("剩 {free} GiB，共 {all} GiB{full}")
                },
                tone,
            )
        }
    };
    let (disk, disk_tone) = space(report.disk, if has_no_room && report.is_out { DISK_OUT } else { DISK_FULL });
    let (memory, memory_tone) = space(report.memory, MEMORY_FULL);
    let mut update = vec![
        row(w(["程序", "Program"]), report.version.clone(), Tone::Plain),
        row(
            w(["策略", "Policy"]),
            if en {
                format!("no. {}, until {}", report.policy, report.policy_expires)
            } else {
                format!("第 {} 号，到 {}", report.policy, report.policy_expires)
            },
            Tone::Plain,
        ),
    ];
    update.push(row(w(["运营方公钥", "Operator's key"]), spaced(&report.operator), Tone::Plain));
    update.extend(report.apps.iter().map(|app| app_row(app, en)));
    let none = || vec![row(w(["没有", "None"]), String::new(), Tone::Good)];
    let errors: Vec<Row> =
        report.errors.iter().map(|(at, class)| row(&time(*at), class.clone(), Tone::Plain)).collect();
    vec![
        Section { title: w(["设备", "Parts"]), rows: parts },
        Section { title: w(["网络", "Network"]), rows: network.into_iter().flatten().collect() },
        Section {
            title: w(["时钟", "Clock"]),
            rows: vec![row(w(["这台机器的时间", "This machine's time"]), time(report.now_ms), Tone::Plain)],
        },
        Section {
            title: w(["空间", "Space"]),
            rows: vec![
                row(w(["硬盘", "Disk"]), disk, disk_tone),
                row(w(["办理用的内存", "Memory for sessions"]), memory, memory_tone),
            ],
        },
        Section { title: w(["更新", "Updates"]), rows: update },
        Section { title: w(["最近的错误", "Last errors"]), rows: if errors.is_empty() { none() } else { errors } },
    ]
}

fn part_name(part: &str, en: bool) -> &str {
    let both = match part {
        "print" => ["打印机", "Printer"],
        "card" => ["读卡器", "Card reader"],
        "scan" => ["扫描仪", "Scanner"],
        "speech" => ["朗读", "Speech"],
        other => return other,
    };
    both[usize::from(en)]
}

fn part_row(part: &PartLine, en: bool) -> Row {
    let (health, tone) = match part.health.as_str() {
        // It answers, and is not the one that is meant.
        _ if part.needs == "untrusted" => (["不可信", "not trusted"], Tone::Bad),
        "ready" => (["正常", "works"], Tone::Good),
        "attention" => (["需要处理", "needs somebody"], Tone::Warn),
        _ => (["没有回应", "does not answer"], Tone::Bad),
    };
    let needs = match part.needs.as_str() {
        "" => "",
        "paper-out" => ["缺纸", "out of paper"][usize::from(en)],
        "jammed" => ["卡纸", "paper is stuck"][usize::from(en)],
        "unreachable" => ["没有连接", "not connected"][usize::from(en)],
        "untrusted" => [
            "它的证书不是策略里的那一张，什么也没有发给它；核对打印机的证书，换了就请运营方重签策略",
            "it shows another certificate than the policy has, so nothing is sent to it; compare the two, and if it was renewed, ask the operator for a policy with the new one",
        ][usize::from(en)],
        "no-reader" => ["没有找到", "none was found"][usize::from(en)],
        other => other,
    };
    let between = if en { ": " } else { "：" };
    let health = health[usize::from(en)];
    let says = if needs.is_empty() { health.to_owned() } else { format!("{health}{between}{needs}") };
    let what = [part_name(&part.part, en), &part.name].join(" ");
    Row { what: what.trim_end().to_owned(), says, tone }
}

fn app_row(app: &AppLine, en: bool) -> Row {
    let (says, tone) = match app {
        AppLine { is_recalled: true, .. } => (["已召回", "taken back"][usize::from(en)].to_owned(), Tone::Bad),
        AppLine { version, .. } if version.is_empty() => {
            (["还没有装好", "not installed yet"][usize::from(en)].to_owned(), Tone::Warn)
        }
        AppLine { version, is_behind: true, .. } => {
            let newer = ["，有新版本在等", ", a newer one waits"][usize::from(en)];
            (format!("{version}{newer}"), Tone::Warn)
        }
        AppLine { version, .. } => (version.clone(), Tone::Good),
    };
    Row { what: app.name.clone(), says, tone }
}

/// A key in groups of eight, to be compared by eye.
fn spaced(key: &str) -> String {
    let (kind, digits) = key.split_once(':').unwrap_or_default();
    let groups: Vec<String> =
        digits.chars().collect::<Vec<_>>().chunks(8).map(|group| group.iter().collect()).collect();
    format!("{kind}: {}", groups.join(" "))
}

/// One digit after the point.
fn gibibytes(bytes: u64) -> String {
    let tenths = bytes / ((1 << 30) / 10);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let part = |part: &str, name: &str, health: &str, needs: &str| PartLine {
            part: part.to_owned(),
            name: name.to_owned(),
            health: health.to_owned(),
            needs: needs.to_owned(),
        };
        let app = |name: &str, version: &str, is_behind, is_recalled| AppLine {
            name: name.to_owned(),
            version: version.to_owned(),
            is_behind,
            is_recalled,
        };
        Report {
            hall: "市民中心".to_owned(),
            name: "3".to_owned(),
            version: "0.1.0".to_owned(),
            now_ms: 3,
            parts: vec![
                part("print", "A4", "attention", "paper-out"),
                part("print", "Receipts", "ready", ""),
                part("print", "Forms", "down", "untrusted"),
                part("card", "", "down", "no-reader"),
            ],
            heard_ms: Some(2),
            network_error: Some("store/unreachable".to_owned()),
            is_stale: false,
            is_out: false,
            disk: Some((1 << 30, 100 << 30)),
            memory: Some((3 << 29, 2 << 30)),
            policy: 4,
            policy_expires: "2027-01-01".to_owned(),
            operator: "ed25519:k1".to_owned(),
            apps: vec![
                app("居住证办理", "1.0.0", false, false),
                app("证明自助打印", "1.0.0", true, false),
                app("排队", "", true, false),
                app("旧服务", "1.0.0", false, true),
            ],
            errors: vec![(1, "kiosk/session-died".to_owned())],
        }
    }

    fn text(report: &Report, en: bool) -> String {
        let mut lines = Vec::new();
        for Section { title, rows } in page(report, en, &|ms| format!("<{ms}>")) {
            lines.push(format!("# {title}"));
            lines.extend(rows.into_iter().map(|row| format!("{} | {} | {:?}", row.what, row.says, row.tone)));
        }
        lines.join("\n")
    }

    #[test]
    fn the_page_says_how_the_terminal_is() {
        insta::assert_snapshot!(text(&report(), true), @r"
        # Parts
        Printer A4 | needs somebody: out of paper | Warn
        Printer Receipts | works | Good
        Printer Forms | not trusted: it shows another certificate than the policy has, so nothing is sent to it; compare the two, and if it was renewed, ask the operator for a policy with the new one | Bad
        Card reader | does not answer: none was found | Bad
        # Network
        Store last heard | <2> | Good
        Last try | store/unreachable | Warn
        # Clock
        This machine's time | <3> | Plain
        # Space
        Disk | 1.0 GiB free of 100.0 | Bad
        Memory for sessions | 1.5 GiB free of 2.0 | Good
        # Updates
        Program | 0.1.0 | Plain
        Policy | no. 4, until 2027-01-01 | Plain
        Operator's key | ed25519: k1 | Plain
        居住证办理 | 1.0.0 | Good
        证明自助打印 | 1.0.0, a newer one waits | Warn
        排队 | not installed yet | Warn
        旧服务 | taken back | Bad
        # Last errors
        <1> | kiosk/session-died | Plain
        ");
        insta::assert_snapshot!(text(&report(), false), @r"
        # 设备
        打印机 A4 | 需要处理：缺纸 | Warn
        打印机 Receipts | 正常 | Good
        打印机 Forms | 不可信：它的证书不是策略里的那一张，什么也没有发给它；核对打印机的证书，换了就请运营方重签策略 | Bad
        读卡器 | 没有回应：没有找到 | Bad
        # 网络
        上次连上商店 | <2> | Good
        刚才的错误 | store/unreachable | Warn
        # 时钟
        这台机器的时间 | <3> | Plain
        # 空间
        硬盘 | 剩 1.0 GiB，共 100.0 GiB | Bad
        办理用的内存 | 剩 1.5 GiB，共 2.0 GiB | Good
        # 更新
        程序 | 0.1.0 | Plain
        策略 | 第 4 号，到 2027-01-01 | Plain
        运营方公钥 | ed25519: k1 | Plain
        居住证办理 | 1.0.0 | Good
        证明自助打印 | 1.0.0，有新版本在等 | Warn
        排队 | 还没有装好 | Warn
        旧服务 | 已召回 | Bad
        # 最近的错误
        <1> | kiosk/session-died | Plain
        ");
    }

    #[test]
    fn what_is_not_there_is_said_too() {
        let bare = Report { parts: vec![], heard_ms: None, disk: None, errors: vec![], ..report() };
        insta::assert_snapshot!(text(&bare, true), @r"
        # Parts
        Printer | none in the policy | Plain
        Card reader | none in the policy | Plain
        # Network
        Store last heard | never | Bad
        Last try | store/unreachable | Warn
        # Clock
        This machine's time | <3> | Plain
        # Space
        Disk | cannot be read | Bad
        Memory for sessions | 1.5 GiB free of 2.0 | Good
        # Updates
        Program | 0.1.0 | Plain
        Policy | no. 4, until 2027-01-01 | Plain
        Operator's key | ed25519: k1 | Plain
        居住证办理 | 1.0.0 | Good
        证明自助打印 | 1.0.0, a newer one waits | Warn
        排队 | not installed yet | Warn
        旧服务 | taken back | Bad
        # Last errors
        None |  | Good
        ");
    }

    #[test]
    fn what_is_full_says_what_that_means() {
        let full = Report { disk: Some((0, 1 << 30)), memory: Some(((16 << 20) - 1, 1 << 30)), ..report() };
        let space = |report: &Report, en| {
            let all = text(report, en);
            let (from, to) = if en { ("# Space\n", "\n# Updates") } else { ("# 空间\n", "\n# 更新") };
            all.split(from).nth(1).unwrap().split(to).next().unwrap().to_owned()
        };
        insta::assert_snapshot!([space(&full, true), space(&full, false)].join("\n"), @r"
        Disk | 0.0 GiB free of 1.0: it is full and takes no newer service; what is installed goes on, and updates by itself once there is room | Bad
        Memory for sessions | 0.0 GiB free of 1.0: it is full and keeps nothing that people enter; the end of a session makes room | Bad
        硬盘 | 剩 0.0 GiB，共 1.0 GiB：满了，装不下更新的服务；已装好的照常能用，腾出空间后自动更新 | Bad
        办理用的内存 | 剩 0.0 GiB，共 1.0 GiB：满了，市民填的内容存不下；结束这次办理就会腾出 | Bad
        ");
        let not_yet = Report { disk: Some((16 << 20, 1 << 30)), ..full };
        assert!(!space(&not_yet, true).contains("no newer service"));
    }

    #[test]
    fn a_store_that_answers_is_not_called_silent_because_the_disk_is_full() {
        let full = Report {
            disk: Some((0, 1 << 30)),
            network_error: Some("disk/full".to_owned()),
            is_stale: true,
            is_out: true,
            ..report()
        };
        let about = |en| {
            let all = text(&full, en);
            let wanted = ["Last try |", "News of", "Disk |", "刚才的错误 |", "上次记下", "硬盘 |"];
            let lines: Vec<_> = all.lines().filter(|line| wanted.iter().any(|begin| line.starts_with(begin))).collect();
            lines.join("\n")
        };
        insta::assert_snapshot!([about(true), about(false)].join("\n"), @r"
        News of the store last kept | <2> | Bad
        Last try | the store answers, and the disk has no room to keep what it says (disk/full) | Warn
        Disk | 0.0 GiB free of 1.0: it is full, and what the store says could not be kept for longer than the policy allows, so nobody is served; make room, and it goes on by itself | Bad
        上次记下商店的消息 | <2> | Bad
        刚才的错误 | 商店有回应，硬盘没有空间记下（disk/full） | Warn
        硬盘 | 剩 0.0 GiB，共 1.0 GiB：满了，商店的消息太久没有记下，所以停止服务；腾出空间后自动恢复 | Bad
        ");
        let offline = Report { network_error: Some("store/unreachable".to_owned()), ..full };
        assert!(text(&offline, true).contains("no newer service"), "full besides, and not out for that");
    }

    #[test]
    fn a_key_is_in_groups() {
        assert_eq!(spaced("ed25519:760f7984c9a5fe8016"), "ed25519: 760f7984 c9a5fe80 16");
    }

    #[test]
    fn a_wrong_pin_says_how_long_to_wait() {
        let all = [(0, true), (1, true), (30, true), (0, false), (30, false)].map(|(wait, en)| wrong(wait, en));
        insta::assert_snapshot!(all.join("\n"), @r"
        That is not the PIN. Try again.
        That is not the PIN. Wait 1 second.
        That is not the PIN. Wait 30 seconds.
        PIN 不对，请再试。
        PIN 不对。请等 30 秒再试。
        ");
    }
}
