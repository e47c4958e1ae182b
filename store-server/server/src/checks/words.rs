//! What findings say, in both languages.

use guichet_api::{CheckFinding, CheckWeight, Said};
use guichet_package::mentions::secrets::Words;

/// A finding of these words about a name.
pub(super) fn finding(class: &str, weight: CheckWeight, words: &Words, name: &str) -> CheckFinding {
    let said = |english: &str, chinese: &str| Said {
        en: english.replace("{name}", name),
        zh: chinese.replace("{name}", name),
    };
    CheckFinding {
        class: class.to_owned(),
        weight,
        path: None,
        line: None,
        like: None,
        what: said(words.en.0, words.zh.0),
        hint: said(words.en.1, words.zh.1),
    }
}

/// The verifier refuses what it has admitted before.
pub(super) const REFUSED: Words = Words {
    en: (
        "the verifier refuses it now: {name}",
        "its file or the list of its department's keys has changed since it was handed in; hand it in again",
    ),
    zh: ("现在核验不通过：{name}", "提交以后，文件或部门的公钥清单变了；请重新提交"),
};

/// Advice about a file that nobody reads.
pub(super) const UNREFERENCED: Words = Words {
    en: (
        "the file is neither declared nor referenced, so no host reads it",
        "leave it out, name it where it is used, or put it into common/",
    ),
    zh: ("没有地方声明或引用这个文件，没有宿主会读它", "去掉它，在用到的地方写明，或放进 common/"),
};

/// Advice about a version's name.
pub(super) const VERSION_NAME: Words = Words {
    en: ("`{name}` is not a version such as 1.2.0", "write major.minor.patch"),
    zh: ("`{name}` 不是 1.2.0 这样的版本号", "写成 主版本.次版本.修订号"),
};

/// Advice about an app that is made for an older platform than it needs.
pub(super) const TARGET_BELOW_MINIMUM: Words = Words {
    en: ("it is made for an older platform than the one it needs", "raise target_code to min_code or above"),
    zh: ("它面向的平台比它需要的还旧", "把 target_code 提高到不低于 min_code"),
};

/// An import that no host provides.
pub(super) const UNKNOWN_IMPORT: Words = Words {
    en: (
        "no host has `{name}`, so it does not start or the call fails",
        "see the reference of host APIs for what there is",
    ),
    zh: ("没有宿主提供 `{name}`，应用无法启动或调用失败", "宿主 API 参考里写着有哪些"),
};

/// Calls that cannot be told by reading.
pub(super) const NOT_TOLD: Words = Words {
    en: (
        "which host calls are made is only known while it runs: {name}",
        "call guichet.<interface>.<function> by name, so that reviewers can read it; its permissions bound it either way",
    ),
    zh: (
        "要运行时才知道调用了哪些平台接口：{name}",
        "直接写 guichet.<接口>.<函数>，审核人员才读得出；它能做的仍以权限为限",
    ),
};

/// Larger than its budget.
pub(super) const OVER_BUDGET: Words = Words {
    en: (
        "it is large for a phone on a slow line: {name}",
        "take out what is not used, and make pictures and libraries smaller",
    ),
    zh: ("对网络慢的手机来说太大：{name}", "去掉用不到的，缩小图片和库"),
};

/// Much larger than before.
pub(super) const GROWN: Words = Words {
    en: ("it has grown much since the release before: {name}", "look at the largest files that are new"),
    zh: ("比上一个版本大了很多：{name}", "看看新增文件里最大的"),
};

/// A rule of YARA matches.
pub(super) const YARA: Words = Words {
    en: ("the rule {name} matches", "take it out; if it belongs there, say in the conversation what it is for"),
    zh: ("符合规则 {name}", "去掉它；如果确实需要，请在往来里说明用途"),
};

/// A page that is not seen.
pub(super) const NOT_SEEN: Words = Words {
    en: ("the page is not seen as it should be: {name}", "open it there: guichet dev --profile NAME"),
    zh: ("页面没有正常显示：{name}", "在那种终端上看一看：guichet dev --profile 名称"),
};

/// A journey fails.
pub(super) const JOURNEY: Words = Words {
    en: ("the journey fails: {name}", "run it at the desk: guichet test"),
    zh: ("旅程没有通过：{name}", "在自己的电脑上运行：guichet test"),
};

/// Axe has found something.
pub(super) const AXE: Words = Words {
    en: ("some people cannot use this: {name}", "look the rule up at dequeuniversity.com/rules/axe, and mend it"),
    zh: ("有些人用不了：{name}", "在 dequeuniversity.com/rules/axe 查这条规则，改好它"),
};

/// A name that looks like another department's.
pub(super) const LOOK_ALIKE: Words = Words {
    en: (
        "it looks like another department's: {name}",
        "choose a name that nobody confuses, or agree with that department and say so in the conversation",
    ),
    zh: ("看起来像另一个部门的：{name}", "换一个不会混淆的名称；如果已与该部门商定，请在往来里说明"),
};

/// An icon that is another department's.
pub(super) const SAME_ICON: Words = Words {
    en: (
        "its icon is the very picture of another department's app: {name}",
        "draw one of its own; people tell apps apart by it",
    ),
    zh: ("图标与另一个部门的应用完全相同：{name}", "请画一个自己的图标，人们靠它分辨应用"),
};

/// An icon that looks like another department's.
pub(super) const LIKE_ICON: Words = Words {
    en: (
        "its icon looks like that of another department's app: {name}",
        "look at both; if people could take one for the other, ask for an icon of its own",
    ),
    zh: ("图标看起来像另一个部门的应用：{name}", "请对照两个图标；如果可能被认错，请改用自己的图标"),
};

/// An icon that is not seen here as a browser shows it.
pub(super) const ICON_NOT_COMPARED: Words = Words {
    en: (
        "this icon was not compared with those of others: it has text or pictures in it, or is too large",
        "look at it yourself, or ask for a plain drawing",
    ),
    zh: ("没有与别人的图标比较：其中含有文字或图片，或者太大", "请自己看一看，或请对方改成简单的图形"),
};

/// More icons than are looked at.
pub(super) const MORE_ICONS: Words = Words {
    en: (
        "this icon was not compared with those of others: only {name} of a package are",
        "look at it yourself, or ask for fewer icons",
    ),
    zh: ("没有与别人的图标比较：一个软件包只比较 {name} 个", "请自己看一看，或请对方减少图标"),
};

/// Icons of others that are lost.
pub(super) const OTHERS_LOST: Words = Words {
    en: (
        "nothing was compared with the icons of these apps, which the place where packages are kept has lost: {name}",
        "compare with what terminals show of them; whoever runs the store puts them back from a backup, then look again",
    ),
    zh: (
        "没有与这些应用的图标比较，存放软件包的地方把它们弄丢了：{name}",
        "请与终端上看到的图标对照；请商店的运维人员从备份恢复，然后再查一次",
    ),
};

/// Icons of others whose turn has not come.
pub(super) const OTHERS_LATER: Words = Words {
    en: (
        "nothing was compared with the icons of these apps, because too many are new to this check: {name}",
        "look again: each time more of them are known",
    ),
    zh: ("没有与这些应用的图标比较，因为没有见过的图标太多：{name}", "再查一次：每次都会多认识一些"),
};

/// Icons of others that are not seen here as a browser shows them.
pub(super) const OTHERS_UNSEEN: Words = Words {
    en: (
        "nothing was compared with the icons of these apps, which have text or pictures in them, or are too large: {name}",
        "compare with those yourself; they are in the catalogue",
    ),
    zh: ("没有与这些应用的图标比较，其中含有文字或图片，或者太大：{name}", "请自己与它们对照；它们在服务目录里"),
};

/// A name in letters of several scripts.
pub(super) const MIXED_SCRIPTS: Words = Words {
    en: (
        "the name mixes letters of scripts that look alike: {name}",
        "write it in one script; Latin letters beside Chinese are fine",
    ),
    zh: ("名称混用了外形相近的不同文字：{name}", "用同一种文字写；中文里夹拉丁字母没有问题"),
};
