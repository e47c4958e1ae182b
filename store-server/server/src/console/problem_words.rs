//! What a page says in Chinese of what was not done, by its stable class. The English sentence stays beside it as the detail, with
//! the names and numbers of the case.
//!
//! `guichet` has its own (`refusal_zh.rs`), whose hints name commands and not pages; of a class that stands in both the two say the same,
//! which a test of `xtask` holds.

const MORE_OF_IT: &str = "照详情改正后再试";
const LIST_AGAIN: &str = "可能已经用过、收回或过期；重新打开列表看看";

/// Class, what, hint; the entry of a whole group ends with `/`.
const WORDS: &[(&str, &str, &str)] = &[
    ("access/unknown-token", "商店不认识这个令牌", "核对有没有复制全，或向管理员要一个新的"),
    ("access/department", "这属于另一个部门", "请那个部门的人来做"),
    ("access/token", "这个令牌不能做这件事，尽管它所代表的人可以", "换一个可以做的令牌；令牌在“我的账户”页上建立"),
    ("access/role", "您的角色不能做这件事", "请有这个角色的人来做"),
    ("access/foreign-form", "这张表是从别的网站发来的", "打开控制台本身再试一次"),
    (
        "access/not-yours",
        "不能替别人建立令牌：拿到它就能以那个人的身份进入",
        "请本人在自己的账户页上建立，或请商店的运维人员建立",
    ),
    (
        "access/passkey",
        "您在这里有通行密钥，单凭令牌不能做这件事",
        "用通行密钥进入控制台再做；密钥丢了，请管理人员把它去掉",
    ),
    ("department/not-found", "没有这个部门", "请商店的运维人员先登记它：guichet-store admin department add"),
    ("enrolment/code", "这个登记码这里没有，或已用过、过期", "照显示的样子重新输入；一个码只能用一次，24 小时内有效"),
    ("enrolment/not-found", "没有这个还能用的登记码", LIST_AGAIN),
    ("enrolment/other-store", "终端要登记到另一个商店", "在终端上写这个商店自己的地址：--store"),
    (
        "enrolment/key-known",
        "已经有一台终端用这个密钥登记过",
        "每台终端用自己的密钥：从它的数据文件夹删掉 terminal.key，再登记一次",
    ),
    ("enrolment/too-many", "这个地址试过的登记码太多", "等一分钟再试"),
    ("invitation/not-valid", "这份邀请这里没有，或已用过、过期", "把整个地址复制全，或请对方重新邀请"),
    ("invitation/not-found", "没有这份还能用的邀请", LIST_AGAIN),
    ("invitation/days", "邀请的有效天数不对", "照详情选天数；过期以后可以重新邀请"),
    ("organisation/settings", "组织的设置不能用", "请商店的运维人员照详情改设置文件"),
    ("organisation/none", "这里不能通过组织登录", "用通行密钥或令牌进入；需要的话请运维人员加上组织"),
    (
        "organisation/unreachable",
        "组织的登录服务没有正常回答",
        "过一会儿再试，或用通行密钥进入；它回答了什么，商店的日志里有",
    ),
    ("organisation/over", "这次登录不是在这个浏览器里开始的，或已经答过，或超过了十分钟", "从头再登录一次"),
    ("organisation/refused", "组织没有让您登录", "从头再登录一次，或问组织里管理账号的人"),
    (
        "organisation/no-proof",
        "组织对您身份的说明不可信",
        "从头再登录一次；还是这样，请运维人员核对时钟和设置里的 issuer",
    ),
    (
        "organisation/unknown",
        "这个商店里没有人与您的账号关联",
        "把详情里的编号交给这里管理人员的人：请他关联，或给您发邀请",
    ),
    ("organisation/linked-already", "这个账号已经与别人关联", "先解除那个关联：一个账号只属于一个人"),
    ("organisation/not-linked", "这个人没有关联组织的账号", "重新打开这个人的页面看看"),
    ("organisation/no-account", "这个人没有关联组织的账号", "用他登录时看到的编号来关联"),
    ("organisation/subject", "这不是身份服务给出的编号", "照本人看到的样子复制：1 到 255 个字符，没有空格"),
    (
        "organisation/not-enough",
        "通过组织登录的人，不能建立通行密钥和令牌",
        "先用令牌、通行密钥或邀请进入：作决定的凭据不能只靠别人一句话",
    ),
    (
        "package/away",
        "商店现在读不到这个软件包",
        "过一会儿再试；一直这样的话，请商店的运维人员从备份恢复，或重新提交软件包",
    ),
    (
        "package/before-away",
        "商店现在读不到上一个发布的软件包，没有办法对比",
        "过一会儿再试；一直这样的话，请商店的运维人员从备份恢复那个软件包",
    ),
    (
        "passkey/address",
        "商店的地址是数字，或不安全，浏览器不会给它通行密钥",
        "请运维人员给它一个域名和 HTTPS：store.json 里的 api_url",
    ),
    ("passkey/too-many", "通行密钥已经太多", "去掉您不再有的那些"),
    ("passkey/taken", "这个通行密钥登记过", "新建一个"),
    ("passkey/unknown", "这里没有这个通行密钥", "换一个，或用令牌进入，再登记这台设备"),
    ("passkey/not-found", "没有这个通行密钥", "它已被去掉；重新打开列表看看"),
    ("passkey/over", "这个问题已经答过，或时间太长，或所问的事已经变了", "重新打开页面，看清以后再回答"),
    ("passkey/", "通行密钥的回答不能采用", "重新打开页面再试一次，或换一个通行密钥"),
    ("passkey/none", "您在这里还没有通行密钥", "在“我的账户”页上登记一个"),
    ("person/department", "这个角色与部门对不上", "开发人员、审核人员和负责人属于一个部门；其他角色不属于部门"),
    ("person/name-taken", "已经有人叫这个名字", "换一个能区分的名字：审核时以它署名"),
    ("person/name", "名字是空的、太长，或不是普通文字", "写在一行里，照详情里的字数"),
    ("person/not-found", "没有这个人", "核对名字；人员页上列着有谁"),
    ("person/yourself", "不能改自己的角色，也不能让自己离开", "请另一位管理人员的人来做"),
    ("policy/other-terminal", "这份策略是给另一台终端的", "交给它写明的那台终端"),
    ("policy/rollback", "这台终端要用的策略已经更新", "用更大的序号重新签一份"),
    ("policy/other-key", "策略不是由运维人员的密钥签的", "用运维人员的密钥签名，或核对 operator.pub"),
    ("policy/bad-signature", "策略的签名与内容对不上", "签名以后文件被改过：重新签名"),
    ("policy/expired", "策略已经过期", "用更大的序号和更晚的截止时间重新签一份，并核对时间"),
    ("policy/", "这份策略不能用", "照详情改正后重新签名"),
    ("release/not-found", "没有这次发布", "核对应用编号和渠道；发布页上列着有哪些"),
    ("release/beyond-rollout", "超过了审核人员签下的范围", "不要超过它；要更多，就提交一个新版本"),
    ("release/beginning", "发布的开始写得不对", "百分比是 0 到 100；分组最多 32 个，用小写字母、数字和连字符"),
    ("release/halted", "这些发布正在暂停", "先恢复；恢复后从暂停前的程度接着放"),
    ("release/not-allowed", "那次发布已被召回，或低于最低序号", "换回另一次发布，或提交一个新版本"),
    ("release/current", "最新的发布就是这些内容", "什么都不用做"),
    ("release/recalled", "这个应用已经收回", "提交一个新版本，或换回一次没有召回的发布"),
    ("release/no-reason", "要写明原因", "用普通文字写，照详情里的字数；终端前的人和看记录的人会读到"),
    ("release/not-halted", "这些发布没有暂停", "什么都不用做"),
    ("request/overtaken", "它已经不是您看到的样子：别人更快一步", "重新打开页面，看清变化再决定"),
    ("request/not-found", "这里什么都没有", "核对地址，或从控制台的首页进去"),
    ("request/form", "表里有一项读不出来", "回去重新打开页面，再填一次"),
    ("request/query", "地址里 ? 后面的部分不对", "从控制台的首页进去"),
    ("request/too-many", "一分钟内问得太多", "等一分钟再接着做"),
    ("request/", "商店不明白这个请求", MORE_OF_IT),
    ("review/self-approval", "这是您自己提交的，要由别人来审", "它还在队列里；请本部门另一位审核人员来审"),
    ("review/already-approved", "您已经签过名", "还需要另一位审核人员的签名，请同事来签"),
    ("review/too-late", "这份提交已经往前走了，现在不能这样做", "看看它的经过；还要改就提交一个新版本"),
    ("review/no-reason", "退回要有理由", "写明请发布部门改什么，1 到 2000 个字"),
    ("review/no-message", "留言是空的，或太长", "照详情里的字数写"),
    ("review/too-few-keys", "这个角色的审核人员密钥还不够", "请管理员登记：guichet-store keys reviewer add"),
    ("review/outdated", "中间有了别的发布", "重新取提案再签名"),
    (
        "review/not-agreed",
        "签名要算数，先要用通行密钥同意这次发布",
        "在控制台打开这份提交，看清以后同意，再签名；通行密钥在“我的账户”页上建立",
    ),
    ("review/", "签的内容与商店提议的对不上", "重新取提案再签名；还是这样就告诉商店的运维人员"),
    ("service/not-found", "没有这项服务", "在服务目录里找；还没有发布的和已经收回的不在里面"),
    ("service/off-the-shelf", "这项服务不再提供", "装好的照常用；到服务目录里看看现在提供什么"),
    ("service/no-icon", "这项服务没有浏览器能显示的图标", "用名称的第一个字代替"),
    ("service/so-already", "它已经是这样了", "什么都不用做"),
    ("session/not-found", "这个登录已经结束", "重新打开列表看看"),
    ("store/failed", "商店自己出了错", "什么都没有改变；再试一次，还是这样就告诉运维人员：商店的日志里有原因"),
    ("submission/not-found", "没有这份提交", "从审核队列里找"),
    ("submission/no-such-check", "这份提交没有这项检查", "在它的页面上看有哪些检查"),
    ("submission/no-such-picture", "这份提交没有这张图片", "图片在审核时生成；在它的页面上看有哪些"),
    ("submission/no-checks", "这个商店现在不做检查", "请运维人员用 guichet-store serve --checks on 启动"),
    ("submission/check-not-now", "现在不能再查这一项", "等它结束；已经没有人要决定的提交不会再查"),
    (
        "submission/not-replaced",
        "不能代替那份提交：它属于别的应用或渠道，或已经发布",
        "代替同一个应用里还没有发布的提交；新的发布自己会代替旧的",
    ),
    ("submission/version-not-higher", "版本号没有比以前的高", "提高 manifest.json 里的 version.code，重新打包再提交"),
    ("submission/", "商店没有收下这份提交", MORE_OF_IT),
    (
        "terminal/no-operator",
        "商店没有终端策略的签名公钥",
        "请运维人员把公钥放进商店的文件夹，名为 operator.pub：guichet key show",
    ),
    ("terminal/not-found", "没有这台终端", "重新打开列表看看；重新安装的终端要再登记一次"),
    (
        "terminal/place-taken",
        "这个大厅里已经有同名的终端，或有给它的登记码",
        "先注销旧的或收回登记码，或签一份换了名字的策略",
    ),
    ("terminal/revoked-already", "它已经注销", "还要用的话，用新的登记码再登记一次"),
    ("terminal/no-picture", "没有这台终端的画面", "先请它发一张；它在下一次报告时送来"),
    ("terminal/reason", "原因是空的、太长，或不是普通文字", "用一句话说明原因；终端上会显示"),
    ("terminal/", "这台终端说的不能采用", MORE_OF_IT),
    ("token/no-actions", "这个令牌什么都不能做", "选它可以做什么"),
    ("token/action", "令牌不能做这件事", "管理人员要由人来做：请进入控制台"),
    ("token/days", "令牌的有效天数不对", "照详情选天数；过期以前建立新的"),
    ("token/too-many", "令牌已经太多", "收回那些不再使用的"),
    ("token/not-found", "没有这个令牌", LIST_AGAIN),
];

/// What and hint in Chinese of this class, or else of its whole group.
pub(super) fn of(class: &str) -> Option<[&'static str; 2]> {
    let group = class.split_inclusive('/').next().unwrap_or(class);
    let entry = |wanted: &str| WORDS.iter().find(|(known, ..)| *known == wanted).map(|(_, what, hint)| [*what, *hint]);
    entry(class).or_else(|| entry(group))
}

/// Whether whoever sees this is to sign in anew.
pub(super) fn begins_again(class: &str) -> bool {
    ["organisation/over", "organisation/refused", "organisation/no-proof"].contains(&class)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    /// What is told by commands other than those in `commands`, and to terminals, and on no page.
    const ELSEWHERE: &str = "backup beacon bucket database file log restore";

    fn classes(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("commands") {
                continue;
            }
            if path.is_dir() {
                classes(&path, found);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                for made in text.split("Problem::new(").skip(1) {
                    let class = made.split('"').nth(1).unwrap_or_default();
                    let is_letter = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'/');
                    if class.bytes().all(is_letter) && class.split('/').count() == 2 {
                        found.insert(class.to_owned());
                    }
                }
            }
        }
    }

    #[test]
    fn every_class_of_this_store_has_words_and_each_once() {
        let mut found = BTreeSet::new();
        classes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        assert!(found.contains("review/self-approval") && found.len() > 100, "{found:?}");
        let is_elsewhere = |class: &str| ELSEWHERE.split(' ').any(|group| class.starts_with(&format!("{group}/")));
        let without: Vec<_> = found.iter().filter(|class| !is_elsewhere(class) && of(class).is_none()).collect();
        assert!(without.is_empty(), "{without:?}");
        let once: BTreeSet<_> = WORDS.iter().map(|(class, ..)| *class).collect();
        assert_eq!(once.len(), WORDS.len());
        let gone: Vec<_> = once.iter().filter(|class| !class.ends_with('/') && !found.contains(**class)).collect();
        assert_eq!(gone.iter().filter(|class| !class.starts_with("policy/")).count(), 0, "{gone:?}");
    }
}
