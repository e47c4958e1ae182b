//! What works in a browser and not in a MiniApp: found in what was built, by the words that stand there.
//!
//! A bundle holds code that never runs, so most of it is advice; refused is only what certainly leaves a page broken.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use guichet_contract::network::Domain;
use guichet_package::{
    PackagePath,
    html::{Tag, resolve, tags},
};

use crate::lang::Lang;

/// One kind of thing that cannot work, in the words of both languages.
#[derive(Debug)]
struct Rule {
    class: &'static str,
    is_refused: bool,
    en: (&'static str, &'static str),
    zh: (&'static str, &'static str),
}

/// Something that cannot work, and where it stands.
#[derive(Debug)]
pub(crate) struct Found {
    rule: &'static Rule,
    path: String,
    line: usize,
    column: usize,
    /// The name it is about.
    name: String,
}

impl Found {
    /// The stable word.
    pub(crate) fn class(&self) -> &'static str {
        self.rule.class
    }

    /// Whether nothing is built because of it.
    pub(crate) fn is_refused(&self) -> bool {
        self.rule.is_refused
    }

    /// `path:line:column`, counted from 1 in characters.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}:{}", self.path, self.line, self.column)
    }

    /// What cannot work and why, and what to do.
    pub(crate) fn words(&self, lang: Lang) -> (String, String) {
        let (what, hint) = if lang == Lang::Zh { self.rule.zh } else { self.rule.en };
        (what.replace("{name}", &self.name), hint.replace("{name}", &self.name))
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Lang::En).0)
    }
}

macro_rules! rules {
    ($($name:ident = $class:literal, $is_refused:literal, $en:expr, $zh:expr;)*) => {
        $(static $name: Rule = Rule { class: $class, is_refused: $is_refused, en: $en, zh: $zh };)*
        #[cfg(test)]
        const ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    REMOTE_SCRIPT = "web/remote-script", true,
        ("the page loads the script {name} from the network, and a page reaches no network", "install it with npm so that it is built in, or copy the file into the package"),
        ("页面从网络加载脚本 {name}，而页面访问不了网络", "用 npm 安装，让它打进构建结果，或把文件放进包里");
    REMOTE_STYLE = "web/remote-style", true,
        ("the style sheet {name} comes from the network, and a page reaches no network", "copy the style sheet, and the fonts it names, into the package"),
        ("样式表 {name} 来自网络，而页面访问不了网络", "把样式表和它用到的字体放进包里");
    REMOTE_IMPORT = "web/remote-style", false,
        ("the style sheet loads {name} from the network, and a page reaches no network", "copy what it names into the package"),
        ("样式表从网络加载 {name}，而页面访问不了网络", "把它用到的文件放进包里");
    MISSING_FILE = "web/missing-file", true,
        ("the page names {name}, and the build has no such file", "build with relative URLs (Vite: base: \"./\"), and give the folder the tool has built into"),
        ("页面用到 {name}，构建结果里却没有这个文件", "用相对地址构建（Vite：base: \"./\"），并写明工具输出的那个文件夹");
    APP_JS = "web/app-js", true,
        ("app.js is a script of this page, and the same name at the top of a package is the app's logic", "give the build another name for it (Vite: build.rollupOptions.output.entryFileNames)"),
        ("app.js 是这个页面的脚本，而包里最外层的这个名字是应用的逻辑", "让构建工具换一个文件名（Vite：build.rollupOptions.output.entryFileNames）");
    BASE = "web/base-element", false,
        ("the <base> element has no effect in a view", "take it out and use relative URLs"),
        ("<base> 在页面里不起作用", "去掉它，改用相对地址");
    META_REFRESH = "web/meta-refresh", false,
        ("a page cannot send itself elsewhere after a time", "use guichet.navigation, or a link"),
        ("页面不能过一段时间自己跳走", "用 guichet.navigation，或用链接");
    IMPORT_MAP = "web/import-map", false,
        ("an import map inside a page is not read: scripts have to be files", "let the build resolve the names"),
        ("页面里写的 import map 不会被读取：脚本必须是文件", "让构建工具解析这些名字");
    INLINE_HANDLER = "web/inline-handler", false,
        ("{name}=\"…\" is a script inside the page and never runs", "add a listener in a script: element.addEventListener(…)"),
        ("{name}=\"…\" 是写在页面里的脚本，不会运行", "在脚本里加监听：element.addEventListener(…)");
    FRAME = "web/frame", false,
        ("<{name}> shows nothing: a view has no frames", "make it a page of its own, or open it with a link"),
        ("<{name}> 什么也不显示：页面里没有框架", "把它做成单独的页面，或用链接打开");
    FORM = "web/form", false,
        ("a form is not sent anywhere by the view", "listen for `submit`, call preventDefault(), and use fetch or guichet.logic.call"),
        ("页面不会把表单发到任何地方", "监听 submit，调用 preventDefault()，再用 fetch 或 guichet.logic.call");
    REMOTE_IMAGE = "web/remote-image", false,
        ("the picture {name} comes from the network and is not shown", "copy it into the package, or fetch it and show a blob: URL"),
        ("图片 {name} 来自网络，不会显示", "放进包里，或用 fetch 取来再用 blob: 地址显示");
    SERVICE_WORKER = "web/service-worker", false,
        ("there are no service workers: every file is on the device already", "take the registration out; the app works offline without it"),
        ("没有 service worker：所有文件本来就在设备上", "去掉注册；没有它也能离线使用");
    COOKIES = "web/cookies", false,
        ("there are no cookies", "keep what must last in guichet.storage, and send an `authorization` header"),
        ("没有 cookie", "要留住的放进 guichet.storage，请求里用 authorization 头");
    TEMPLATE = "web/template-compiler", false,
        ("templates are compiled while the page runs, which its policy refuses", "use single-file components or render functions, and Vue's runtime-only build (alias vue to vue/dist/vue.runtime.esm-bundler.js)"),
        ("模板要在页面运行时编译，而页面的策略不允许", "用单文件组件或渲染函数，并用 Vue 的 runtime-only 版本（把 vue 指到 vue/dist/vue.runtime.esm-bundler.js）");
    EVAL = "web/eval", false,
        ("text is run as code, which the page's policy refuses", "use another library, or one of its builds for a strict Content-Security-Policy"),
        ("把文字当代码运行，而页面的策略不允许", "换一个库，或用它为严格 Content-Security-Policy 准备的版本");
    CHANNEL = "web/channel", false,
        ("{name} reaches nothing: only requests by fetch and XMLHttpRequest are carried", "ask from time to time with fetch"),
        ("{name} 什么也连不上：只有 fetch 和 XMLHttpRequest 的请求会被转送", "改成隔一段时间用 fetch 询问");
    REMOTE_MODULE = "web/remote-module", false,
        ("a script loads code from the network, and only files of the package run", "install it with npm so that it is built in"),
        ("脚本从网络加载代码，而只有包里的文件会运行", "用 npm 安装，让它打进构建结果");
    NOT_KEPT = "web/not-kept", false,
        ("what {name} holds is gone when the app is closed", "keep what must last in guichet.storage"),
        ("{name} 里的内容在应用关闭后就没有了", "要留住的放进 guichet.storage");
    UNDECLARED = "web/undeclared-host", false,
        ("a request goes to {name}, which the manifest does not declare", "add it in manifest.json to the `domains` of host:network"),
        ("请求发往 {name}，manifest.json 里却没有声明", "在 manifest.json 里把它加进 host:network 的 domains");
    HISTORY = "web/history", false,
        ("the router keeps its place in the path, and a package has no file for such a path", "use the hash: createWebHashHistory() instead of createWebHistory()"),
        ("路由把位置放在路径里，而包里没有对应的文件", "改用井号：用 createWebHashHistory() 代替 createWebHistory()");
}

/// Where something stands in a file.
fn found(rule: &'static Rule, path: &str, text: &[u8], at: usize, name: &str) -> Found {
    let before = text.get(..at).unwrap_or_default();
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = String::from_utf8_lossy(before.get(line_start..).unwrap_or_default()).chars().count() + 1;
    Found { rule, path: path.to_owned(), line, column, name: name.to_owned() }
}

fn is_remote(url: &str) -> bool {
    let url = url.trim().to_ascii_lowercase();
    url.starts_with("//") || url.starts_with("https:") || url.starts_with("http:")
}

/// What a page names or holds.
pub(super) fn of_page(path: &str, html: &str, files: &BTreeMap<PackagePath, Vec<u8>>) -> Vec<Found> {
    let mut all = Vec::new();
    for tag in tags(html) {
        let mut say =
            |rule: &'static Rule, name: &str| all.push(found(rule, path, html.as_bytes(), tag.range.start, name));
        let value = |attribute: &str| tag.attribute(attribute).filter(|value| !value.trim().is_empty());
        let name = tag.name();
        match name.as_str() {
            "script" => {
                if let Some(src) = value("src") {
                    match resolve(&src, path) {
                        _ if is_remote(&src) => say(&REMOTE_SCRIPT, &src),
                        Some(file) if file == "app.js" => say(&APP_JS, ""),
                        Some(file) if !files.contains_key(file.as_str()) => say(&MISSING_FILE, &src),
                        _ => {}
                    }
                } else if tag.attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("importmap")) {
                    say(&IMPORT_MAP, "");
                }
            }
            "link" if is_style(&tag) => {
                let href = value("href").unwrap_or_default();
                if is_remote(&href) {
                    say(&REMOTE_STYLE, &href);
                } else if resolve(&href, path).is_some_and(|file| !files.contains_key(file.as_str())) {
                    say(&MISSING_FILE, &href);
                }
            }
            "img" | "source" | "video" | "audio" => {
                if let Some(src) = value("src").filter(|src| is_remote(src)) {
                    say(&REMOTE_IMAGE, &src);
                }
            }
            "base" => say(&BASE, ""),
            "iframe" | "frame" | "object" | "embed" => say(&FRAME, &name),
            "form" if value("action").is_some() => say(&FORM, ""),
            "meta" if value("http-equiv").is_some_and(|kind| kind.eq_ignore_ascii_case("refresh")) => {
                say(&META_REFRESH, "");
            }
            _ => {}
        }
        let handler = tag.attributes().find(|attribute| {
            let name = attribute.name.to_ascii_lowercase();
            name.len() > 3 && name.starts_with("on") && name.bytes().all(|byte| byte.is_ascii_lowercase())
        });
        if let Some(handler) = handler {
            say(&INLINE_HANDLER, handler.name);
        }
    }
    all
}

fn is_style(tag: &Tag<'_>) -> bool {
    let rel = tag.attribute("rel").unwrap_or_default().to_ascii_lowercase();
    rel.split_whitespace().any(|word| word == "stylesheet" || word == "modulepreload")
}

/// Words of a script, quotes of all kinds written as `"`.
const WORDS: &[(&str, &Rule, &str)] = &[
    ("serviceWorker.register(", &SERVICE_WORKER, ""),
    ("document.cookie", &COOKIES, ""),
    ("eval(", &EVAL, ""),
    ("new Function(", &EVAL, ""),
    ("new WebSocket(", &CHANNEL, "WebSocket"),
    ("new EventSource(", &CHANNEL, "EventSource"),
    ("new RTCPeerConnection(", &CHANNEL, "RTCPeerConnection"),
    (".sendBeacon(", &CHANNEL, "sendBeacon"),
    ("import(\"http", &REMOTE_MODULE, ""),
    ("from\"http", &REMOTE_MODULE, ""),
    ("from \"http", &REMOTE_MODULE, ""),
    ("importScripts(\"http", &REMOTE_MODULE, ""),
    ("localStorage", &NOT_KEPT, "localStorage"),
    ("indexedDB", &NOT_KEPT, "indexedDB"),
];

/// What stands before the address of a request.
const REQUESTS: &[&str] = &[
    "fetch(\"https://",
    "baseURL:\"https://",
    "baseURL: \"https://",
    ".open(\"GET\",\"https://",
    ".open(\"POST\",\"https://",
];

/// What a script does; each kind once, where it stands first.
pub(super) fn of_script(path: &str, bytes: &[u8], declared: &[Domain]) -> Vec<Found> {
    let text: Vec<u8> = bytes.iter().map(|byte| if matches!(byte, b'\'' | b'`') { b'"' } else { *byte }).collect();
    let mut all = Vec::new();
    for (word, rule, name) in WORDS {
        let Some(at) = places(&text, word).next() else { continue };
        let is_vue = text.get(at..).is_some_and(|rest| rest.starts_with(b"new Function(\"Vue\""));
        all.push(found(if is_vue { &TEMPLATE } else { rule }, path, &text, at, name));
    }
    for (at, host) in requests(&text) {
        if !declared.iter().any(|domain| domain.to_string() == host) {
            all.push(found(&UNDECLARED, path, &text, at, &host));
        }
    }
    // vue-router writes this class; only its hash history asks whether a `#` is there.
    let has = |word: &str| places(&text, word).next();
    if let (Some(at), Some(_), None) = (has("pushState("), has("router-link-active"), has(".includes(\"#\")")) {
        all.push(found(&HISTORY, path, &text, at, ""));
    }
    let mut said = BTreeSet::new();
    all.retain(|found| said.insert((found.class(), found.name.clone())));
    all
}

/// The hosts that requests of scripts go to, as a scope has them.
pub(crate) fn hosts<'a>(scripts: impl Iterator<Item = &'a [u8]>) -> BTreeSet<String> {
    let of = |bytes: &[u8]| {
        let text: Vec<u8> = bytes.iter().map(|byte| if matches!(byte, b'\'' | b'`') { b'"' } else { *byte }).collect();
        requests(&text)
            .into_iter()
            .map(|(_, host)| host)
            .filter(|host| host.parse::<Domain>().is_ok())
            .collect::<Vec<_>>()
    };
    scripts.flat_map(of).collect()
}

fn requests(text: &[u8]) -> Vec<(usize, String)> {
    let host = |word: &str, at: usize| {
        let rest = text.get(at + word.len()..)?;
        let end = rest.iter().position(|byte| matches!(byte, b'/' | b'"' | b'?' | b'#' | b'$'))?;
        let host = std::str::from_utf8(rest.get(..end)?).ok()?.to_ascii_lowercase();
        (!host.is_empty()).then_some((at, host))
    };
    REQUESTS.iter().flat_map(|word| places(text, word).filter_map(|at| host(word, at))).collect()
}

/// Where a word stands that is not the end of a longer one and is in no comment of a line.
fn places<'a>(text: &'a [u8], word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let begins_anew = |at: usize| {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
        let before = text.get(..at).unwrap_or_default();
        let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let is_comment = line.trim_ascii_start().starts_with(b"*")
            || line.windows(3).any(|part| part == b" //")
            || line.starts_with(b"//");
        (!word.starts_with(char::is_alphabetic) || !before.last().is_some_and(is_part)) && !is_comment
    };
    let ends = text.len().saturating_sub(word.len() - 1);
    let first = word.as_bytes().first().copied().unwrap_or_default();
    (0..ends).filter(move |at| {
        text.get(*at) == Some(&first) && text.get(*at..*at + word.len()) == Some(word.as_bytes()) && begins_anew(*at)
    })
}

/// What a style sheet loads.
pub(super) fn of_style(path: &str, bytes: &[u8]) -> Vec<Found> {
    let text: Vec<u8> = bytes.iter().filter(|byte| !matches!(byte, b'"' | b'\'')).copied().collect();
    let words = ["url(https://", "url(http://", "url(//"];
    let Some(at) = words.iter().filter_map(|word| places(&text, word).next()).min() else { return Vec::new() };
    let rest = text.get(at + 4..).unwrap_or_default();
    let end = rest.iter().position(|byte| *byte == b')').unwrap_or(rest.len());
    let name = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned();
    vec![found(&REMOTE_IMPORT, path, &text, at, &name)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_says_what_and_what_to_do_in_both_languages() {
        let mut text = String::new();
        for rule in ALL {
            let found = found(rule, "a.js", b"x", 0, "NAME");
            for (lang, mark) in [(Lang::En, ""), (Lang::Zh, "")] {
                let (what, hint) = found.words(lang);
                assert!(!what.is_empty() && !hint.is_empty() && !what.contains('{'), "{}", rule.class);
                text.push_str(&format!("{mark}{}: {what}; {hint}\n", rule.class));
            }
        }
        assert_eq!(text.lines().count(), 2 * ALL.len());
        insta::assert_snapshot!(text.lines().step_by(2).next().unwrap_or_default(), @"web/remote-script: the page loads the script NAME from the network, and a page reaches no network; install it with npm so that it is built in, or copy the file into the package");
    }
}
