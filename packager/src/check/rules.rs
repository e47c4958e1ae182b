//! What only the source text shows: one rule for each kind of mistake, in the words of both languages.

use guichet_package::mentions::{host, secrets};

use crate::lang::Lang;

/// What a finding means for the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// A store refuses it, or it cannot work on any terminal.
    Error,
    /// It works, or may never run; it is probably not meant.
    Remark,
}

/// One kind of mistake. `{name}` stands for what it is about.
#[derive(Debug)]
pub(crate) struct Rule {
    /// The stable word.
    pub(crate) class: &'static str,
    /// What it means for the app.
    pub(crate) severity: Severity,
    en: (&'static str, &'static str),
    zh: (&'static str, &'static str),
}

impl Rule {
    /// What is wrong and what to do, about one name.
    pub(crate) fn words(&self, lang: Lang, name: &str) -> (String, String) {
        let (what, hint) = if lang == Lang::Zh { self.zh } else { self.en };
        (what.replace("{name}", name), hint.replace("{name}", name))
    }
}

macro_rules! rules {
    ($($name:ident = $severity:ident $class:literal: $en:expr, $zh:expr;)*) => {
        $(pub(crate) static $name: Rule = Rule { class: $class, severity: Severity::$severity, en: $en, zh: $zh };)*
        #[cfg(test)]
        pub(crate) const ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    SYNTAX = Error "check/syntax":
        ("the script cannot be read: {name}", "correct it here; no terminal can run it"),
        ("脚本读不出来：{name}", "在这里改正；没有终端能运行它");
    TOO_DEEP = Error "check/too-deep":
        ("the script is nested too deep to be read", "split it into parts; hardly any terminal can run it"),
        ("脚本嵌套得太深，读不了", "把它拆开；几乎没有终端能运行它");
    UNDECLARED_PERMISSION = Error "check/undeclared-permission": host::UNDECLARED.en, host::UNDECLARED.zh;
    UNDECLARED_EVENT = Error "check/undeclared-event":
        ("`{name}` is counted here, and the manifest does not declare it, so it is denied", "add \"{name}\" to `events` in the scope of host:telemetry in manifest.json"),
        ("这里数了 `{name}`，manifest.json 里却没有声明，会被拒绝", "在 manifest.json 里 host:telemetry 的 scope 的 `events` 里加上 \"{name}\"");
    UNUSED_PERMISSION = Remark "check/unused-permission":
        ("`{name}` is asked for, and nothing in the app calls it", "take it out: people are asked about it, and a later version may ask again"),
        ("申请了 `{name}`，应用里却没有用到", "去掉它：用户会被问到；以后的版本需要时再申请");
    NO_REASON = Remark "check/no-reason":
        ("`{name}` is asked for without a reason", "add \"reason\": people and reviewers read it"),
        ("申请 `{name}` 没有写理由", "加上 \"reason\"：用户和审核人员会看");
    UNKNOWN_PERMISSION = Error "check/unknown-permission":
        ("no terminal knows the permission `{name}`", "take it out, or write the name as the reference of host APIs has it"),
        ("没有终端认得权限 `{name}`", "去掉它，或照宿主 API 参考里的名字写");
    UNKNOWN_CALL = Error "check/unknown-call":
        ("the host has no `{name}`", "see the reference of host APIs, or guichet.d.ts, for what there is"),
        ("宿主没有 `{name}`", "宿主 API 参考或 guichet.d.ts 里写着有哪些");
    UNKNOWN_PAGE = Error "check/unknown-page":
        ("`{name}` is none of the app's pages", "write a route as `pages` in manifest.json has it"),
        ("`{name}` 不是这个应用的页面", "照 manifest.json 的 `pages` 里的写法写");
    UNLISTED_PAGE = Error "check/unlisted-page":
        ("the page `{name}` is not listed in the manifest, so it is not opened", "add \"{name}\" to `pages` in manifest.json"),
        ("页面 `{name}` 没有列在应用清单里，不会被打开", "在 manifest.json 的 `pages` 里加上 \"{name}\"");
    MANIFEST_NOTE = Remark "check/manifest-note":
        ("a terminal reads this otherwise than it is written: {name}", "correct it, or take it out"),
        ("终端读到的与写的不同：{name}", "改正，或去掉");
    LARGE_IMAGE = Remark "check/large-image":
        ("the picture is large for a phone: {name}", "make it smaller (WebP, at most 512 KB and 2048 pixels a side), or draw it as SVG"),
        ("这张图片对手机来说太大：{name}", "把它变小（WebP，不超过 512 KB、每边 2048 像素），或改成 SVG");
    SECRET = Error "check/secret": secrets::MARKED.en, secrets::MARKED.zh;
    RANDOM_TEXT = Remark "check/random-text": secrets::RANDOM.en, secrets::RANDOM.zh;
    REMOTE_SCRIPT = Error "web/remote-script":
        ("the page loads the script {name} from the network, and a page reaches no network", "install it with npm so that it is built in, or copy the file into the package"),
        ("页面从网络加载脚本 {name}，而页面访问不了网络", "用 npm 安装，让它打进构建结果，或把文件放进包里");
    REMOTE_STYLE = Error "web/remote-style":
        ("the style sheet {name} comes from the network, and a page reaches no network", "copy the style sheet, and the fonts it names, into the package"),
        ("样式表 {name} 来自网络，而页面访问不了网络", "把样式表和它用到的字体放进包里");
    REMOTE_IMPORT = Error "web/remote-style":
        ("the style sheet imports {name} from the network, and a page reaches no network", "copy what it names into the package"),
        ("样式表从网络引入 {name}，而页面访问不了网络", "把它用到的文件放进包里");
    REMOTE_FILE = Error "web/remote-file":
        ("the style names {name}, which comes from the network and is not loaded", "copy the font or the picture into the package"),
        ("样式用到 {name}，它来自网络，不会加载", "把字体或图片放进包里");
    REMOTE_IMAGE = Error "web/remote-image":
        ("{name} comes from the network and is not shown", "copy it into the package, or fetch it and show a blob: URL"),
        ("{name} 来自网络，不会显示", "放进包里，或用 fetch 取来再用 blob: 地址显示");
    REMOTE_MODULE = Error "web/remote-module":
        ("the script loads {name} from the network, and only files of the package run", "install it with npm so that it is built in, or copy the module into the package"),
        ("脚本从网络加载 {name}，而只有包里的文件会运行", "用 npm 安装，让它打进构建结果，或把模块放进包里");
    BARE_IMPORT = Error "web/bare-import":
        ("`{name}` is a name only a bundler finds", "build the app with a bundler such as Vite, or name a file: import … from \"./file.js\""),
        ("只有打包工具找得到 `{name}`", "用 Vite 之类的工具构建，或写文件名：import … from \"./file.js\"");
    MISSING_FILE = Error "web/missing-file":
        ("{name} is named here, and there is no such file", "add the file or correct the name; a build should have relative URLs (Vite: base: \"./\")"),
        ("这里写了 {name}，却没有这个文件", "补上文件或改正名字；构建时用相对地址（Vite：base: \"./\"）");
    WRONG_CASE = Error "web/wrong-case":
        ("the file is `{name}`, and capital letters count", "write the file's name as it is"),
        ("文件名是 `{name}`，大小写不同就找不到", "照文件名的大小写写");
    INLINE_SCRIPT = Error "web/inline-script":
        ("a script inside the page never runs", "put it into a file: <script type=\"module\" src=\"…\">"),
        ("写在页面里的脚本不会运行", "放进文件：<script type=\"module\" src=\"…\">");
    IMPORT_MAP = Error "web/import-map":
        ("an import map inside the page is not read", "name the files themselves, or let a bundler resolve the names"),
        ("写在页面里的 import map 不会被读取", "直接写文件名，或让打包工具解析");
    INLINE_HANDLER = Error "web/inline-handler":
        ("{name}=\"…\" is a script inside the page and never runs", "add a listener in the page's script: element.addEventListener(…)"),
        ("{name}=\"…\" 是写在页面里的脚本，不会运行", "在页面的脚本里加监听：element.addEventListener(…)");
    JAVASCRIPT_URL = Error "web/javascript-url":
        ("a javascript: address never runs", "use a button and a listener"),
        ("javascript: 地址不会运行", "改用按钮和监听");
    FRAME = Error "web/frame":
        ("<{name}> shows nothing: a view has no frames", "make it a page of its own, or link to it"),
        ("<{name}> 什么也不显示：页面里没有框架", "做成单独的页面，或用链接");
    FORM = Error "web/form":
        ("a form is not sent anywhere by the view", "leave `action` out, listen for `submit`, call preventDefault(), and use fetch or guichet.logic.call"),
        ("页面不会把表单发到任何地方", "去掉 `action`，监听 submit，调用 preventDefault()，再用 fetch 或 guichet.logic.call");
    BASE = Error "web/base-element":
        ("the <base> element has no effect", "take it out and use relative addresses"),
        ("<base> 不起作用", "去掉它，改用相对地址");
    META_REFRESH = Error "web/meta-refresh":
        ("a page cannot send itself elsewhere after a time", "use guichet.navigation, or a link"),
        ("页面不能过一段时间自己跳走", "用 guichet.navigation，或用链接");
    EVAL = Error "web/eval":
        ("{name} runs text as code, which the policy of pages refuses", "write the code out; of a library take its build for a strict Content-Security-Policy, or another library"),
        ("{name} 把文字当代码运行，而页面的策略不允许", "把代码直接写出来；库要用为严格 Content-Security-Policy 准备的版本，或换一个库");
    TEMPLATE = Error "web/template-compiler":
        ("a template is compiled while the page runs, which the policy of pages refuses", "use single-file components or render functions, and Vue's runtime-only build (alias vue to vue/dist/vue.runtime.esm-bundler.js)"),
        ("模板要在页面运行时编译，而页面的策略不允许", "用单文件组件或渲染函数，并用 Vue 的 runtime-only 版本（把 vue 指到 vue/dist/vue.runtime.esm-bundler.js）");
    SERVICE_WORKER = Remark "web/service-worker":
        ("there are no service workers: every file is on the device already", "take it out; the app works offline without it"),
        ("没有 service worker：所有文件本来就在设备上", "去掉它；没有它也能离线使用");
    COOKIES = Remark "web/cookies":
        ("there are no cookies", "keep what must last in guichet.storage, and send an `authorization` header"),
        ("没有 cookie", "要留住的放进 guichet.storage，请求里用 authorization 头");
    NOT_KEPT = Remark "web/not-kept":
        ("what {name} holds is gone when the app is closed", "keep what must last in guichet.storage"),
        ("{name} 里的内容在应用关闭后就没有了", "要留住的放进 guichet.storage");
    CHANNEL = Error "web/channel":
        ("{name} reaches nothing: only requests by fetch and XMLHttpRequest are carried", "ask from time to time with fetch"),
        ("{name} 什么也连不上：只有 fetch 和 XMLHttpRequest 的请求会被转送", "改成隔一段时间用 fetch 询问");
    UNDECLARED_HOST = Error "web/undeclared-host":
        ("a request goes to {name}, which the manifest does not declare", "add \"{name}\" to `domains` in the scope of host:network in manifest.json"),
        ("请求发往 {name}，manifest.json 里却没有声明", "在 manifest.json 里 host:network 的 scope 的 `domains` 里加上 \"{name}\"");
    HISTORY = Error "web/history":
        ("the router keeps its place in the path, and a package has no file for such a path", "use the hash: createWebHashHistory() instead of createWebHistory()"),
        ("路由把位置放在路径里，而包里没有对应的文件", "改用井号：用 createWebHashHistory() 代替 createWebHistory()");
    APP_JS = Error "web/app-js":
        ("app.js is a script of this page, and the same name at the top of a package is the app's logic", "give the file another name (Vite: build.rollupOptions.output.entryFileNames)"),
        ("app.js 是这个页面的脚本，而包里最外层的这个名字是应用的逻辑", "换一个文件名（Vite：build.rollupOptions.output.entryFileNames）");
    NO_LANG = Remark "web/no-lang":
        ("the page does not say its language, so a screen reader guesses", "write it: <html lang=\"en\">"),
        ("页面没有写明语言，读屏软件只能猜", "写明：<html lang=\"zh-Hans\">");
    NO_ALT = Remark "web/no-alt":
        ("the picture has no text for those who do not see it", "add alt=\"…\", or alt=\"\" if it says nothing"),
        ("图片没有给看不见的人的文字", "加上 alt=\"…\"；纯装饰的写 alt=\"\"");
    NO_LABEL = Remark "web/no-label":
        ("<{name}> has no label, so a screen reader does not say what to enter", "put it into a <label>, or name its id in <label for=\"…\">"),
        ("<{name}> 没有标签，读屏软件说不出要填什么", "放进 <label>，或用 <label for=\"…\"> 指向它的 id");
    INSECURE = Error "web/insecure-request":
        ("a request to {name} is not encrypted, and is not carried", "use https://"),
        ("发往 {name} 的请求没有加密，不会转送", "用 https://");
    UNSUPPORTED = Error "web/unsupported-api":
        ("{name} does nothing in a view", "leave it out, or see the reference of host APIs for what there is instead"),
        ("{name} 在页面里不起作用", "去掉它，或在宿主 API 参考里找可以代替的");
    NO_PAGE = Error "web/no-page":
        ("the logic sees no page: `{name}` is not there", "do this in the page's script, and tell it with guichet.page.update"),
        ("逻辑看不到页面：没有 `{name}`", "在页面的脚本里做，用 guichet.page.update 告诉它");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_says_what_and_what_to_do_in_both_languages() {
        for rule in ALL {
            for lang in [Lang::En, Lang::Zh] {
                let (what, hint) = rule.words(lang, "NAME");
                let is_said = |text: &str| !text.is_empty() && !text.contains("{name}");
                assert!(is_said(&what) && is_said(&hint), "{}", rule.class);
                assert_eq!(what.is_ascii(), lang == Lang::En && what.is_ascii(), "{}: {what}", rule.class);
            }
        }
        insta::assert_snapshot!(REMOTE_SCRIPT.words(Lang::En, "NAME").0, @"the page loads the script NAME from the network, and a page reaches no network");
    }
}
