//! What a developer's machine has, and how to get what it lacks.
//!
//! [`Facts`] are what was seen; [`judge`] is all there is to say about them. Nothing here looks at the machine.

use serde::Serialize;

use crate::{lang::Lang, message::catalogue};

/// How far a clock may be from the store's, in milliseconds.
const CLOCK_MS: u64 = 60_000;

/// What was seen on the machine.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// What `cargo --version` says.
    pub(crate) cargo: Option<String>,
    /// Whether there is a standard library for components.
    pub(crate) has_wasm: bool,
    /// What `node --version` says.
    pub(crate) node: Option<String>,
    /// Where `guichet-desktop` is.
    pub(crate) desktop: Option<String>,
    /// Whether the system's webview is there.
    pub(crate) webview: Webview,
    /// Whether there is a screen to open a window on.
    pub(crate) has_display: bool,
    /// Where `WebKitWebDriver` is.
    pub(crate) driver: Option<String>,
    /// Where `Xvfb` is.
    pub(crate) xvfb: Option<String>,
    /// How many fonts have Chinese; none if the system does not list its fonts.
    pub(crate) chinese_fonts: Option<usize>,
    /// What became of asking the store.
    pub(crate) store: StoreFact,
}

/// What webview a system has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Webview {
    /// It is part of the system.
    Included,
    /// It was found.
    Found,
    /// It has to be installed.
    #[default]
    Missing,
}

/// What a store answered.
#[derive(Debug, Default)]
pub(crate) enum StoreFact {
    /// Nobody said which.
    #[default]
    NotNamed,
    /// It answered, and by its clock this one is ahead (or, below zero, behind) by so much.
    Answered { url: String, ahead_ms: Option<i64> },
    /// It did not.
    Silent { why: String, hint: String },
}

/// How it is with one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// As it should be.
    Good,
    /// Missing, and not needed by everybody.
    Optional,
    /// It has to be mended.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug)]
pub(crate) struct Check {
    /// Its stable word.
    pub(crate) name: &'static str,
    /// How it is.
    pub(crate) state: State,
    seen: Seen,
    fix: Option<Mend>,
}

impl Check {
    /// What was seen.
    pub(crate) fn what(&self, lang: Lang) -> String {
        self.seen.text(lang)
    }

    /// What to do, unless it is as it should be.
    pub(crate) fn fix(&self, lang: Lang) -> Option<String> {
        self.fix.as_ref().map(|fix| fix.text(lang))
    }
}

catalogue! {
    /// What was seen.
    Seen {
        Version { text: String } => "{text}", "{text}";
        NoCargo => "no cargo, which builds logic in Rust (template component)", "没有 cargo，用 Rust 写逻辑（模板 component）要用它";
        Wasm => "wasm32-unknown-unknown", "wasm32-unknown-unknown";
        NoWasm => "no standard library for wasm32-unknown-unknown, which logic in Rust needs", "没有 wasm32-unknown-unknown 的标准库，用 Rust 写逻辑要用它";
        NoNode => "no Node.js, which builds pages with Vite (template vue)", "没有 Node.js，用 Vite 做页面（模板 vue）要用它";
        OldNode { text: String } => "Node.js {text} is older than 20", "Node.js {text} 低于 20";
        NoDesktop => "no guichet-desktop, which opens apps on this machine", "没有 guichet-desktop，在这台机器上打开应用要用它";
        WebviewIncluded => "part of the system", "系统自带";
        WebviewFound => "WebKitGTK 4.1", "WebKitGTK 4.1";
        NoWebview => "WebKitGTK 4.1 is not installed", "没有安装 WebKitGTK 4.1";
        Display => "there is a screen", "有屏幕";
        NoDisplay => "there is no screen here", "这里没有屏幕";
        NoDriver => "no WebKitWebDriver, with which guichet test presses and types", "没有 WebKitWebDriver，guichet test 要用它点击和输入";
        NoXvfb => "no Xvfb, on which guichet test opens windows that nobody sees", "没有 Xvfb，guichet test 要用它打开看不见的窗口";
        Fonts { count: usize } => "{count} with Chinese", "有中文的 {count} 个";
        NoFonts => "no font has Chinese, so it is shown as boxes", "没有一个字体有中文，会显示成方框";
        UnknownFonts => "the system does not list its fonts", "系统列不出字体";
        StoreAnswers { url: String } => "{url} answers", "{url} 有应答";
        StoreNotNamed => "no store was named", "没有写明商店";
        StoreSilent { why: String } => "{why}", "{why}";
        ClockGood { seconds: u64 } => "within {seconds} s of the store's", "与商店相差不超过 {seconds} 秒";
        ClockAhead { seconds: u64 } => "{seconds} s ahead of the store's", "比商店快 {seconds} 秒";
        ClockBehind { seconds: u64 } => "{seconds} s behind the store's", "比商店慢 {seconds} 秒";
        ClockUnknown => "nothing to compare it with", "没有可以对照的时间";
    }
}

catalogue! {
    /// How it is mended.
    Mend {
        InstallRust => "install it from https://rustup.rs", "从 https://rustup.rs 安装";
        AddTarget => "rustup target add wasm32-unknown-unknown", "rustup target add wasm32-unknown-unknown";
        InstallNode => "install Node.js 20 or later", "安装 Node.js 20 或更新的版本";
        BuildDesktop => "build guichet-shell, and put guichet-desktop beside guichet or into PATH", "编译 guichet-shell，把 guichet-desktop 放在 guichet 旁边或 PATH 里";
        InstallWebview => "apt-get install libwebkit2gtk-4.1-0, or your system's package of WebKitGTK 4.1", "apt-get install libwebkit2gtk-4.1-0，或系统里 WebKitGTK 4.1 的软件包";
        UseXvfb => "run guichet-desktop with xvfb-run -a and --screenshot", "用 xvfb-run -a 运行 guichet-desktop，并加上 --screenshot";
        InstallDriver => "apt-get install webkit2gtk-driver; guichet test --headless needs none", "apt-get install webkit2gtk-driver；guichet test --headless 不用它";
        InstallXvfb => "apt-get install xvfb; guichet test --headless needs none", "apt-get install xvfb；guichet test --headless 不用它";
        InstallFonts => "apt-get install fonts-noto-cjk, or another font with Chinese", "apt-get install fonts-noto-cjk，或别的中文字体";
        InstallFontconfig => "install fontconfig, so that it can be seen", "安装 fontconfig，才看得到";
        NameStore => "give --store URL, or set GUICHET_STORE_URL", "用 --store URL 写明，或设置 GUICHET_STORE_URL";
        Said { hint: String } => "{hint}", "{hint}";
        SetClock => "set this machine's clock (timedatectl set-ntp true): with a wrong one what a store publishes looks expired or not yet valid", "校准这台机器的时间（timedatectl set-ntp true）：时间不对，商店发布的内容会显得过期或尚未生效";
    }
}

/// What there is to say, in the order in which a developer needs it.
pub(crate) fn judge(facts: &Facts) -> Vec<Check> {
    let good = |name, seen| Check { name, state: State::Good, seen, fix: None };
    let optional = |name, seen, fix| Check { name, state: State::Optional, seen, fix: Some(fix) };
    let bad = |name, seen, fix| Check { name, state: State::Bad, seen, fix: Some(fix) };
    let mut all = vec![
        match &facts.desktop {
            Some(path) => good("desktop", Seen::Version { text: path.clone() }),
            None => bad("desktop", Seen::NoDesktop, Mend::BuildDesktop),
        },
        match facts.webview {
            Webview::Included => good("webview", Seen::WebviewIncluded),
            Webview::Found => good("webview", Seen::WebviewFound),
            Webview::Missing => bad("webview", Seen::NoWebview, Mend::InstallWebview),
        },
        match facts.has_display {
            true => good("display", Seen::Display),
            false => optional("display", Seen::NoDisplay, Mend::UseXvfb),
        },
        match &facts.driver {
            Some(path) => good("driver", Seen::Version { text: path.clone() }),
            None => optional("driver", Seen::NoDriver, Mend::InstallDriver),
        },
        match &facts.xvfb {
            Some(path) => good("xvfb", Seen::Version { text: path.clone() }),
            None => optional("xvfb", Seen::NoXvfb, Mend::InstallXvfb),
        },
        match facts.chinese_fonts {
            Some(0) => bad("fonts", Seen::NoFonts, Mend::InstallFonts),
            Some(count) => good("fonts", Seen::Fonts { count }),
            None => optional("fonts", Seen::UnknownFonts, Mend::InstallFontconfig),
        },
        match &facts.cargo {
            Some(text) => good("rust", Seen::Version { text: text.clone() }),
            None => optional("rust", Seen::NoCargo, Mend::InstallRust),
        },
        match facts.has_wasm {
            true => good("wasm", Seen::Wasm),
            false => optional("wasm", Seen::NoWasm, Mend::AddTarget),
        },
        node(facts.node.as_deref()),
    ];
    match &facts.store {
        StoreFact::NotNamed => all.push(optional("store", Seen::StoreNotNamed, Mend::NameStore)),
        StoreFact::Answered { url, .. } => all.push(good("store", Seen::StoreAnswers { url: url.clone() })),
        StoreFact::Silent { why, hint } => {
            let seen = Seen::StoreSilent { why: why.clone() };
            all.push(bad("store", seen, Mend::Said { hint: hint.clone() }));
        }
    }
    all.push(match &facts.store {
        StoreFact::Answered { ahead_ms: Some(ahead), .. } => {
            let seconds = ahead.unsigned_abs() / 1000;
            match ahead.unsigned_abs() <= CLOCK_MS {
                true => good("clock", Seen::ClockGood { seconds: CLOCK_MS / 1000 }),
                false if *ahead > 0 => bad("clock", Seen::ClockAhead { seconds }, Mend::SetClock),
                false => bad("clock", Seen::ClockBehind { seconds }, Mend::SetClock),
            }
        }
        _ => optional("clock", Seen::ClockUnknown, Mend::NameStore),
    });
    all
}

fn node(version: Option<&str>) -> Check {
    let major = version.and_then(|text| text.trim_start_matches('v').split('.').next()?.parse::<u32>().ok());
    let (state, seen, fix) = match (version, major) {
        (Some(text), Some(20..)) => (State::Good, Seen::Version { text: text.to_owned() }, None),
        (Some(text), _) => (State::Optional, Seen::OldNode { text: text.to_owned() }, Some(Mend::InstallNode)),
        (None, _) => (State::Optional, Seen::NoNode, Some(Mend::InstallNode)),
    };
    Check { name: "node", state, seen, fix }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(facts: &Facts, lang: Lang) -> String {
        let line = |check: Check| {
            let fix = check.fix(lang).map(|fix| format!(" -> {fix}")).unwrap_or_default();
            format!("{:?} {}: {}{fix}\n", check.state, check.name, check.what(lang))
        };
        judge(facts).into_iter().map(line).collect()
    }

    fn all() -> Facts {
        Facts {
            cargo: Some("cargo 1.95.0".to_owned()),
            has_wasm: true,
            node: Some("v22.1.0".to_owned()),
            desktop: Some("/opt/guichet-desktop".to_owned()),
            webview: Webview::Found,
            has_display: true,
            driver: Some("/usr/bin/WebKitWebDriver".to_owned()),
            xvfb: Some("/usr/bin/Xvfb".to_owned()),
            chinese_fonts: Some(12),
            store: StoreFact::Answered { url: "https://store.example".to_owned(), ahead_ms: Some(-59_000) },
        }
    }

    #[test]
    fn a_machine_that_has_everything() {
        insta::assert_snapshot!(said(&all(), Lang::En), @r"
        Good desktop: /opt/guichet-desktop
        Good webview: WebKitGTK 4.1
        Good display: there is a screen
        Good driver: /usr/bin/WebKitWebDriver
        Good xvfb: /usr/bin/Xvfb
        Good fonts: 12 with Chinese
        Good rust: cargo 1.95.0
        Good wasm: wasm32-unknown-unknown
        Good node: v22.1.0
        Good store: https://store.example answers
        Good clock: within 60 s of the store's
        ");
    }

    #[test]
    fn a_machine_that_has_nothing_is_told_what_to_do() {
        let facts = Facts { chinese_fonts: Some(0), ..Facts::default() };
        insta::assert_snapshot!(said(&facts, Lang::En), @r"
        Bad desktop: no guichet-desktop, which opens apps on this machine -> build guichet-shell, and put guichet-desktop beside guichet or into PATH
        Bad webview: WebKitGTK 4.1 is not installed -> apt-get install libwebkit2gtk-4.1-0, or your system's package of WebKitGTK 4.1
        Optional display: there is no screen here -> run guichet-desktop with xvfb-run -a and --screenshot
        Optional driver: no WebKitWebDriver, with which guichet test presses and types -> apt-get install webkit2gtk-driver; guichet test --headless needs none
        Optional xvfb: no Xvfb, on which guichet test opens windows that nobody sees -> apt-get install xvfb; guichet test --headless needs none
        Bad fonts: no font has Chinese, so it is shown as boxes -> apt-get install fonts-noto-cjk, or another font with Chinese
        Optional rust: no cargo, which builds logic in Rust (template component) -> install it from https://rustup.rs
        Optional wasm: no standard library for wasm32-unknown-unknown, which logic in Rust needs -> rustup target add wasm32-unknown-unknown
        Optional node: no Node.js, which builds pages with Vite (template vue) -> install Node.js 20 or later
        Optional store: no store was named -> give --store URL, or set GUICHET_STORE_URL
        Optional clock: nothing to compare it with -> give --store URL, or set GUICHET_STORE_URL
        ");
        insta::assert_snapshot!(said(&facts, Lang::Zh), @r"
        Bad desktop: 没有 guichet-desktop，在这台机器上打开应用要用它 -> 编译 guichet-shell，把 guichet-desktop 放在 guichet 旁边或 PATH 里
        Bad webview: 没有安装 WebKitGTK 4.1 -> apt-get install libwebkit2gtk-4.1-0，或系统里 WebKitGTK 4.1 的软件包
        Optional display: 这里没有屏幕 -> 用 xvfb-run -a 运行 guichet-desktop，并加上 --screenshot
        Optional driver: 没有 WebKitWebDriver，guichet test 要用它点击和输入 -> apt-get install webkit2gtk-driver；guichet test --headless 不用它
        Optional xvfb: 没有 Xvfb，guichet test 要用它打开看不见的窗口 -> apt-get install xvfb；guichet test --headless 不用它
        Bad fonts: 没有一个字体有中文，会显示成方框 -> apt-get install fonts-noto-cjk，或别的中文字体
        Optional rust: 没有 cargo，用 Rust 写逻辑（模板 component）要用它 -> 从 https://rustup.rs 安装
        Optional wasm: 没有 wasm32-unknown-unknown 的标准库，用 Rust 写逻辑要用它 -> rustup target add wasm32-unknown-unknown
        Optional node: 没有 Node.js，用 Vite 做页面（模板 vue）要用它 -> 安装 Node.js 20 或更新的版本
        Optional store: 没有写明商店 -> 用 --store URL 写明，或设置 GUICHET_STORE_URL
        Optional clock: 没有可以对照的时间 -> 用 --store URL 写明，或设置 GUICHET_STORE_URL
        ");
    }

    #[test]
    fn clocks_stores_and_versions_are_judged() {
        let store = |store| said(&Facts { store, ..all() }, Lang::En).lines().skip(9).collect::<Vec<_>>().join("\n");
        let url = "https://store.example".to_owned();
        insta::assert_snapshot!(store(StoreFact::Answered { url: url.clone(), ahead_ms: Some(3_600_000) }), @r"
        Good store: https://store.example answers
        Bad clock: 3600 s ahead of the store's -> set this machine's clock (timedatectl set-ntp true): with a wrong one what a store publishes looks expired or not yet valid
        ");
        assert!(store(StoreFact::Answered { url: url.clone(), ahead_ms: Some(-61_000) }).contains("61 s behind"));
        assert!(store(StoreFact::Answered { url, ahead_ms: None }).contains("nothing to compare"));
        insta::assert_snapshot!(store(StoreFact::Silent { why: "nothing answers".into(), hint: "start it".into() }), @r"
        Bad store: nothing answers -> start it
        Optional clock: nothing to compare it with -> give --store URL, or set GUICHET_STORE_URL
        ");
        assert_eq!(node(Some("v18.2.0")).state, State::Optional);
        assert_eq!(node(Some("v20.0.0")).state, State::Good);
        assert_eq!(node(Some("else")).state, State::Optional);
    }
}
