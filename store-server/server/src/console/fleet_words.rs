//! What the console says about terminals of halls, once in each language, written by a person and not translated.

use guichet_api::PartHealth;

use super::words::{Language, words};

impl Language {
    pub(super) fn fleet_words(self) -> &'static FleetWords {
        match self {
            Self::Chinese => &CHINESE_FLEET,
            Self::English => &ENGLISH_FLEET,
        }
    }

    pub(super) fn terminal_count(self, all: usize, late: usize) -> String {
        match (self, all, late) {
            (Self::Chinese, _, 0) => format!("{all} 台终端，都有消息"),
            (Self::Chinese, ..) => format!("{all} 台终端，{late} 台没有消息"),
            (Self::English, 1, 0) => "1 terminal, heard from".to_owned(),
            (Self::English, _, 0) => format!("{all} terminals, all heard from"),
            (Self::English, 1, _) => "1 terminal, not heard from".to_owned(),
            (Self::English, ..) => format!("{all} terminals, {late} not heard from"),
        }
    }

    pub(super) fn ago(self, milliseconds: u64) -> String {
        match self {
            Self::Chinese => format!("{}前", self.age(milliseconds)),
            Self::English => format!("{} ago", self.age(milliseconds)),
        }
    }

    pub(super) fn part_health(self, health: PartHealth) -> &'static str {
        let words = self.fleet_words();
        match health {
            PartHealth::Ready => words.part_ready,
            PartHealth::Attention => words.part_attention,
            PartHealth::Down => words.part_down,
        }
    }

    pub(super) fn part_count(self, bad: usize, all: usize) -> String {
        match (self, bad, all) {
            (_, _, 0) => "–".to_owned(),
            (Self::Chinese, 0, _) => format!("{all} 个部件都正常"),
            (Self::Chinese, ..) => format!("{all} 个部件中 {bad} 个要看一看"),
            (Self::English, 0, 1) => "1 part, ready".to_owned(),
            (Self::English, 0, _) => format!("{all} parts, all ready"),
            (Self::English, ..) => format!("{bad} of {all} parts need a look"),
        }
    }

    /// How far a clock is off, if it matters.
    pub(super) fn clock_off(self, offset_ms: i64) -> Option<String> {
        let minutes = offset_ms.unsigned_abs() / 60_000;
        if minutes < 2 {
            return None;
        }
        Some(match (self, offset_ms > 0) {
            (Self::Chinese, true) => format!("时钟快 {minutes} 分钟"),
            (Self::Chinese, false) => format!("时钟慢 {minutes} 分钟"),
            (Self::English, true) => format!("its clock is {minutes} min ahead"),
            (Self::English, false) => format!("its clock is {minutes} min behind"),
        })
    }
}

words! {
    FleetWords CHINESE_FLEET ENGLISH_FLEET;
    fleet: "终端", "Terminals";
    terminal: "终端", "Terminal";
    state: "状态", "State";
    version: "版本", "Version";
    seen: "最近消息", "Last heard";
    parts: "部件", "Parts";
    policy: "策略", "Policy";
    heard: "有消息", "Heard from";
    late: "没有消息", "Not heard from";
    revoked: "已撤销", "Revoked";
    never: "登记后还没有消息", "Nothing since it enrolled";
    none: "还没有登记终端", "No terminal has enrolled yet";
    none_text: "先为一台终端签好策略，再在下面取登记码，到终端上输入。", "Sign a policy for a terminal, make a code below, and type it at the terminal.";
    no_operator: "商店还不认识运维人员的公钥", "This store does not know the operator's key yet";
    no_operator_text: "把公钥放进商店的文件夹：guichet key show KEY > operator.pub。没有它，商店不能核对策略，也就不能登记终端。",
        "Lay it into the store's folder: guichet key show KEY > operator.pub. Without it no policy can be checked, and no terminal can enrol.";
    codes: "待用的登记码", "Open codes";
    valid_until: "有效到", "Valid until";
    take_back: "收回", "Take back";
    add: "登记一台终端", "Enrol a terminal";
    signed_policy: "签过名的策略", "Signed policy";
    signed_policy_hint: "粘贴 guichet policy sign 写出的文件。大厅和名字照它里面写的。", "Paste the file that guichet policy sign wrote. Hall and name are those in it.";
    make_code: "取登记码", "Make a code";
    code_made: "登记码", "Enrolment code";
    code: "到终端上输入", "To type at the terminal";
    enrolled: "登记时间", "Enrolled";
    key: "公钥", "Public key";
    uptime: "已运行", "Running for";
    part_ready: "正常", "Ready";
    part_attention: "要看一看", "Needs a look";
    part_down: "不能用", "Not working";
    no_parts: "它没有报告部件。", "It has told of no parts.";
    apps: "应用", "Apps";
    no_apps: "还没有装应用。", "No app is installed.";
    sequence: "序号", "Sequence";
    errors: "最近的错误", "Errors lately";
    no_errors: "没有。", "None.";
    times: "次数", "Times";
    class: "代码", "Code";
    history: "经过", "What it told";
    no_history: "还没有。", "Nothing yet.";
    when: "时间", "When";
    clock: "时钟", "Clock";
    clock_right: "准", "Right";
    policy_has: "它用的", "It obeys";
    policy_given: "应当用的", "It is to obey";
    policy_waits: "下次有消息时换上", "Taken when it next tells something";
    assign: "换策略", "Assign a policy";
    assign_text: "策略由运维人员在别处签名，控制台只核对和转交。", "The operator signs it elsewhere; the console only checks it and hands it on.";
    picture: "首页的图片", "Its home page";
    picture_text: "只拍首页，没有人在用的时候拍。", "Only the home page, and only while nobody is in a session.";
    no_picture: "还没有图片。", "There is no picture yet.";
    ask_picture: "要一张新的", "Ask for one";
    picture_waits: "已经要了，等它下次有消息", "Asked for; it comes when the terminal next tells something";
    picture_taken: "收到时间", "Came";
    revoke: "撤销", "Revoke";
    revoke_text: "它的请求以后都会被拒绝，终端上会写明原因。要再用就得重新登记。", "Whatever it asks is refused from then on, and it shows why. To be used again it enrols again.";
    why: "原因", "Why";
    revoke_button: "撤销这台终端", "Revoke this terminal";
}
