//! What the console says about people, once in each language, written by a person and not translated.

use super::words::{Language, words};
use crate::{access::Action, database::sessions::OpenedWith};

impl Language {
    pub(super) fn people_words(self) -> &'static PeopleWords {
        match self {
            Self::Chinese => &CHINESE_PEOPLE,
            Self::English => &ENGLISH_PEOPLE,
        }
    }

    pub(super) fn opened_with(self, with: OpenedWith) -> &'static str {
        match (self, with) {
            (Self::Chinese, OpenedWith::Token) => "令牌",
            (Self::Chinese, OpenedWith::Invitation) => "邀请",
            (Self::Chinese, OpenedWith::Passkey) => "通行密钥",
            (Self::Chinese, OpenedWith::Organisation) => "单位账号",
            (Self::English, OpenedWith::Organisation) => "Organisation",
            (Self::English, OpenedWith::Token) => "Token",
            (Self::English, OpenedWith::Invitation) => "Invitation",
            (Self::English, OpenedWith::Passkey) => "Passkey",
        }
    }

    pub(super) fn sign_in_with(self, name: &str) -> String {
        match self {
            Self::Chinese => format!("用{name}登录"),
            Self::English => format!("Sign in with {name}"),
        }
    }

    pub(super) fn join_with(self, name: &str) -> String {
        match self {
            Self::Chinese => format!("用{name}加入"),
            Self::English => format!("Join with {name}"),
        }
    }

    pub(super) fn action(self, action: Action) -> &'static str {
        match (self, action) {
            (Self::Chinese, Action::Read) => "查看提交",
            (Self::Chinese, Action::Submit) => "提交包",
            (Self::Chinese, Action::Review) => "审核",
            (Self::Chinese, Action::Stop) => "暂停发布",
            (Self::Chinese, Action::Members) => "管理人员",
            (Self::Chinese, Action::Audit) => "读操作记录",
            (Self::Chinese, Action::Terminals) => "管理终端",
            (Self::English, Action::Read) => "See submissions",
            (Self::English, Action::Submit) => "Hand in packages",
            (Self::English, Action::Review) => "Review",
            (Self::English, Action::Stop) => "Stop releases",
            (Self::English, Action::Members) => "Look after people",
            (Self::English, Action::Audit) => "Read the record",
            (Self::English, Action::Terminals) => "Look after terminals",
        }
    }

    pub(super) fn people_count(self, people: usize, invitations: usize) -> String {
        match (self, people) {
            (Self::Chinese, _) => format!("{people} 人，{invitations} 份邀请还没有回应"),
            (Self::English, 1) => format!("1 person · {invitations} open invitations"),
            (Self::English, _) => format!("{people} people · {invitations} open invitations"),
        }
    }

    pub(super) fn joins_as(self, role: &str, department: Option<&str>) -> String {
        match (self, department) {
            (Self::Chinese, Some(department)) => format!("身份：{role}，{department}"),
            (Self::Chinese, None) => format!("身份：{role}"),
            (Self::English, Some(department)) => format!("As {role} at {department}"),
            (Self::English, None) => format!("As {role} of the store"),
        }
    }
}

words! {
    PeopleWords CHINESE_PEOPLE ENGLISH_PEOPLE;
    entered: "已登录", "You are signed in";
    go_on: "继续", "Go on";
    organisation: "单位账号", "Account at the organisation";
    organisation_text: "本人登录时会看到自己的编号。只认编号，不认姓名和邮箱。", "They see their id when they try to sign in. Only the id counts, no name and no mail address.";
    organisation_id: "编号", "Id there";
    link: "关联", "Link";
    unlink: "取消关联", "End the link";
    not_linked: "没有关联。", "Not linked.";
    name: "姓名", "Name";
    name_hint: "别人在审核记录里看到的名字，以后不能改。", "Others see it in every review. It stays as it is.";
    role: "角色", "Role";
    department: "部门", "Department";
    no_department: "不属于任何部门", "None: works for the store";
    department_hint: "值守人员、审计人员和管理员不属于任何部门。", "Operators, auditors and administrators have none.";
    since: "加入时间", "Since";
    left: "已离开", "Left";
    invite: "邀请同事", "Invite somebody";
    invite_text: "系统给出一个只能用一次的地址。请当面或用您信得过的方式交给对方。",
        "You get an address that works once. Hand it over yourself, or by a way you both trust.";
    days: "几天内有效", "Valid for how many days";
    make_invitation: "生成邀请", "Make the invitation";
    open_invitations: "还没有回应的邀请", "Open invitations";
    valid_until: "有效期到", "Valid until";
    invited_by: "邀请人", "Invited by";
    at_the_store: "在服务器上用命令", "A command at the store";
    take_back: "收回", "Take back";
    nobody_invited: "没有未回应的邀请。", "Nobody is still to join.";
    departments: "部门", "Departments";
    prefixes: "应用编号前缀", "App ids it owns";
    keys: "密封私钥对应的公钥", "Keys that seal";
    revoked: "已作废", "Revoked";
    no_keys: "还没有公钥", "No key yet";
    invitation_made: "邀请已生成", "The invitation is ready";
    shown_once: "只显示这一次。离开这一页之后谁也看不到它，包括我们。",
        "It is shown this once. When you leave this page nobody can see it again, neither can we.";
    address: "邀请地址", "Address of the invitation";
    change_role: "改角色", "Change the role";
    change_role_text: "马上生效。角色只能在同一个部门里改。", "It holds at once. A role changes within one department.";
    save: "保存", "Save";
    sessions: "登录", "Signed in";
    this_one: "就是这里", "This one";
    signed_in_with: "登录方式", "With";
    browser: "浏览器", "Browser";
    signed_in_at: "登录时间", "Since";
    runs_out: "到期时间", "Until";
    end: "结束", "End it";
    nowhere: "没有登录。", "Signed in nowhere.";
    let_go: "离开", "Let them go";
    let_go_text: "令牌和所有登录马上失效，不能恢复。做过的事都留在记录里。",
        "Their token and all sign-ins end at once, for good. What they did stays in the records.";
    let_go_button: "确认离开", "Let them go";
    new_token: "换新令牌", "New token";
    new_token_text: "旧令牌和所有登录马上失效。", "The old token and all sign-ins end at once.";
    token_ready: "新令牌", "The new token";
    token_use: "命令行工具用环境变量 GUICHET_TOKEN 读它。", "On the command line, set GUICHET_TOKEN to it.";
    continue_on: "继续", "Continue";
    tokens: "给程序用的令牌", "Tokens for machines";
    tokens_text: "以您的名义做其中几件事，到期失效。比如让构建服务器提交包。",
        "Each may do a few things in your name, for a time: a build server hands packages in, say.";
    no_tokens: "没有给程序用的令牌。", "No machine acts in this name.";
    purpose: "用途", "What for";
    may: "可以做", "May";
    only_in: "只在这个部门", "Only in this department";
    anywhere: "所有部门", "Everywhere";
    make_token: "生成令牌", "Make the token";
    token_made: "令牌已生成", "The token is ready";
    token_for_machine: "令牌", "Token";
    revoke: "作废", "Revoke";
    audit_text: "谁在什么时候做了什么，什么被拒绝。只能添加，不能改。", "Who did what and when, and what was refused. It is only ever added to.";
    who: "谁", "Who";
    deed: "做了什么", "What";
    about: "对象", "To what";
    when: "时间", "When";
    outcome: "结果", "Outcome";
    done: "已做", "Done";
    denied: "被拒绝", "Denied";
    any: "全部", "All";
    show: "筛选", "Show";
    what_changed: "前后", "Before and after";
    because: "理由：", "Because:";
    older: "更早的", "Older";
    no_entries: "没有记录", "Nothing recorded";
    no_entries_text: "换个条件再看。", "Look for something else.";
    look: "外观", "How it looks";
    look_text: "只在这个浏览器里有效。", "In this browser only.";
    theme: "明暗", "Theme";
    theme_auto: "跟随系统", "As the system";
    theme_light: "浅色", "Light";
    theme_dark: "深色", "Dark";
    contrast: "高对比度", "High contrast";
    elder: "大字", "Large type";
    passkeys: "通行密钥", "Passkeys";
    passkey: "通行密钥", "Passkey";
    passkeys_text: "用指纹、人脸或 PIN 登录，不会被钓鱼网站骗走。有了它，就不再用令牌登录控制台。",
        "Sign in by finger, face or PIN; no false page can take it from you. Once you have one, a token no longer opens the console for you.";
    no_passkeys: "还没有通行密钥。", "No passkey yet.";
    passkeys_not_here: "商店的地址是数字或不安全，浏览器不能在这里用通行密钥。", "The store's address is a number or not secure, so browsers have no passkeys for it.";
    passkeys_script: "通行密钥要用到这里唯一的脚本，请允许它运行。", "Passkeys need the one script there is here; allow it to run.";
    passkey_name: "给它起个名字", "What to call it";
    passkey_hint: "比如“办公室电脑”，丢了设备时好认。", "The office computer, say: so that you know which one, should you lose it.";
    passkey_make: "新建通行密钥", "Make a passkey";
    passkey_sign_in: "用通行密钥进入", "Sign in with a passkey";
    passkey_stopped: "没有完成。可以再试一次。", "It was not finished. You can try again.";
    remove: "去掉", "Remove";
    passkey_needed: "这里先用通行密钥同意再签名。请先在您的账户页新建一个。", "Here one agrees with a passkey before signing. Make one on your account page first.";
    agree: "先用通行密钥同意", "Agree with your passkey first";
    agree_text: "您同意的就是您看到的这一版，一个字节也不差。之后再用您的私钥签名。",
        "You agree to exactly the release that is shown here, byte for byte. Then you sign it with your key.";
    agree_button: "同意这一版", "Agree to this release";
    agreed: "已同意", "You have agreed";
    agreed_text: "现在等您签名。", "It waits for your signature.";
    join: "加入", "Join";
    join_title: "欢迎您", "You are invited";
    join_text: "点“加入”之后，邀请就不能再用了。", "Once you join, the invitation is used up.";
    joined: "您已加入", "You have joined";
    you: "您", "You";
}
