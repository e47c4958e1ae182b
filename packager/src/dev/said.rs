//! What a developer reads in the terminal while the window is open: findings as `guichet check` has them, and what the
//! window says.

use serde_json::{Value as Json, json};

use super::{
    pack::{NotPacked, Source},
    step::StepFailure,
    words,
};
use crate::{
    check::Found,
    command::check::{CheckSettings, line},
    lang::Lang,
    table::plain,
};

/// A finding as the window shows it.
pub(crate) fn problem(found: &Found, lang: Lang) -> Json {
    let (what, hint) = found.words(lang);
    json!({"class": found.class, "severity": found.severity, "place": found.place(), "what": what, "hint": hint})
}

/// Why there is no package, for the window.
pub(crate) fn problems(why: &NotPacked, lang: Lang) -> Vec<Json> {
    match why {
        NotPacked::Found(found) => found.iter().map(|found| problem(found, lang)).collect(),
        NotPacked::Failure(failure) => {
            let report = failure.report(lang);
            let place = report.place.unwrap_or_default();
            vec![json!({
                "class": report.class, "severity": "error", "place": place, "what": report.what, "hint": report.hint,
            })]
        }
    }
}

/// Findings, a line each, as `guichet check` prints them.
pub(crate) fn lines(found: &[Found], source: &Source, lang: Lang) -> Vec<String> {
    let Source { directory, from } = source;
    let settings = CheckSettings { place: directory.clone(), from: from.clone(), fix: false };
    found.iter().map(|found| line(found, &settings, lang)).collect()
}

/// What went wrong before the folder could be packed.
pub(crate) fn step(failure: &StepFailure, lang: Lang) -> Json {
    let (what, hint) = match (failure, lang) {
        (StepFailure::Io(error), Lang::En) => (
            format!("what has to run first cannot be run: {error}"),
            "guichet doctor says what is missing; --run COMMAND names another command",
        ),
        (StepFailure::Io(error), Lang::Zh) => {
            (format!("要先运行的命令运行不了：{error}"), "guichet doctor 会说缺什么；--run COMMAND 可以换一个命令")
        }
        (StepFailure::Ended(status), Lang::En) => {
            (format!("what has to run first ended with {status}"), "correct what it says in the terminal, and save")
        }
        (StepFailure::Ended(status), Lang::Zh) => {
            (format!("要先运行的命令没有成功：{status}"), "照终端里的提示改好，再保存")
        }
        (StepFailure::NoComponent(folder), Lang::En) => (
            format!("cargo has built no component in {}", folder.display()),
            "give the crate `crate-type = [\"cdylib\"]`, as guichet new --template component does",
        ),
        (StepFailure::NoComponent(folder), Lang::Zh) => (
            format!("cargo 在 {} 里没有编译出组件", folder.display()),
            "在 Cargo.toml 里写上 crate-type = [\"cdylib\"]，像 guichet new --template component 那样",
        ),
    };
    json!({"class": "dev/run-failed", "severity": "error", "place": "", "what": what, "hint": hint})
}

/// A problem in one line, as a finding is.
pub(crate) fn one_line(problem: &Json, lang: Lang) -> String {
    let text = |member: &str| problem.get(member).and_then(Json::as_str).unwrap_or_default().to_owned();
    let (error, hint) = match lang {
        Lang::En => ("error", "hint"),
        Lang::Zh => ("错误", "建议"),
    };
    let place = Some(text("place")).filter(|place| !place.is_empty()).map(|place| place + ": ").unwrap_or_default();
    plain(&format!("{place}{error}[{}]: {}; {hint}: {}", text("class"), text("what"), text("hint")))
}

/// What can be typed.
pub(crate) fn help(lang: Lang) -> String {
    let [profiles, themes, networks, devices] = words::all();
    match lang {
        Lang::En => format!(
            "Type a word and Enter:\n  terminal  {profiles}\n  theme     {themes}\n  network   {networks}\n  devices   {devices}\n  language  zh en …\n  journey   record stop\n  q         close the window"
        ),
        Lang::Zh => format!(
            "输入一个词，再按回车：\n  终端  {profiles}\n  深浅  {themes}\n  网络  {networks}\n  设备  {devices}\n  语言  zh en ……\n  旅程  record stop\n  q     关闭窗口"
        ),
    }
}

/// What the window says, as a line; none if it is for the panel only.
pub(crate) fn window(said: &Json, lang: Lang) -> Option<String> {
    let text = |member: &str| said.get(member).and_then(Json::as_str).unwrap_or_default();
    let is_zh = lang == Lang::Zh;
    let pick = |en: &str, zh: &str| (if is_zh { zh } else { en }).to_owned();
    let line = match text("is") {
        "painted" => {
            let ms = said.get("ms").and_then(Json::as_f64).unwrap_or_default();
            let what = match text("kind") {
                "begin" => pick("the window shows the app", "窗口已显示应用"),
                "reload" => pick("page loaded again", "页面已重新载入"),
                "styles" => pick("styles taken", "样式已换上"),
                "swap" => pick("new logic in place, with all state", "新逻辑已接替，状态都在"),
                "anew" => pick("begun anew", "已从头开始"),
                _ => pick("nothing that is shown has changed", "正在显示的内容没有变"),
            };
            format!("{what} ({ms:.0} ms)")
        }
        "console" => {
            let who = match said.get("page").and_then(Json::as_u64) {
                Some(page) if is_zh => format!("第 {page} 页"),
                Some(page) => format!("page {page}"),
                None => pick("logic", "逻辑"),
            };
            format!("{who} {}: {}", text("level"), text("text"))
        }
        "stopped" => {
            let problem = json!({"class": text("class"), "what": text("what"), "hint": text("hint")});
            return Some(one_line(&problem, lang));
        }
        "refused" => return said.get("problem").map(|problem| one_line(problem, lang)),
        "logic" => return logic(said, lang),
        "setup" => {
            let of = |member: &str| text(member).to_owned();
            let number = |member: &str| said.get(member).and_then(Json::as_u64).unwrap_or_default();
            format!(
                "{} {} × {}, {}, {}, {}",
                of("profile"),
                number("width"),
                number("height"),
                of("theme"),
                of("lang"),
                of("network")
            )
        }
        _ => return None,
    };
    Some(plain(&line))
}

/// What became of new logic.
fn logic(said: &Json, lang: Lang) -> Option<String> {
    let text = |member: &str| said.get(member).and_then(Json::as_str);
    let number = |member: &str| said.get(member).and_then(Json::as_u64).unwrap_or_default();
    let is_zh = lang == Lang::Zh;
    let nothing = if is_zh { "没有" } else { "nothing" };
    let event = || format!("{} {}", number("event"), text("input").unwrap_or_default());
    let asked = |member: &str| text(member).unwrap_or(nothing).to_owned();
    let became = (text("became").unwrap_or_default(), text("why").unwrap_or_default());
    let line = match (became, is_zh) {
        (("replayed", _), false) => format!("new logic was given all {} events and goes on", number("events")),
        (("replayed", _), true) => format!("新逻辑收到了全部 {} 个事件，接着运行", number("events")),
        (("refused", _), _) => return said.get("problem").map(|problem| one_line(problem, lang)),
        (("anew", "manifest"), false) => "the manifest is another, so the app begins anew".to_owned(),
        (("anew", "manifest"), true) => "应用清单变了，应用从头开始".to_owned(),
        (("anew", "too-long"), false) => {
            "the session was too long to be given to new logic, so it begins anew".to_owned()
        }
        (("anew", "too-long"), true) => "会话太长，没法交给新逻辑，从头开始".to_owned(),
        (("anew", "differs"), false) => format!(
            "new logic asks the host something else at event {}, so the app begins anew\n  before: {}\n  now: {}",
            event(),
            asked("expected"),
            asked("got")
        ),
        (("anew", "differs"), true) => format!(
            "在事件 {} 处，新逻辑向主机要的不一样了，应用从头开始\n  原来：{}\n  现在：{}",
            event(),
            asked("expected"),
            asked("got")
        ),
        (("anew", "ended"), _) => {
            let problem = said.get("problem").cloned().unwrap_or_default();
            let where_ = if is_zh { "新逻辑在事件" } else { "new logic ends at event" };
            format!("{where_} {}\n  {}", event(), one_line(&problem, lang))
        }
        _ => return None,
    };
    Some(line.lines().map(plain).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(said: &Json) -> String {
        [Lang::En, Lang::Zh].map(|lang| window(said, lang).unwrap_or_else(|| "-".to_owned())).join("\n")
    }

    #[test]
    fn what_the_window_says_is_a_line_in_both_languages() {
        insta::assert_snapshot!(both(&json!({"is": "painted", "kind": "reload", "ms": 83.6})), @r"
        page loaded again (84 ms)
        页面已重新载入 (84 ms)
        ");
        insta::assert_snapshot!(both(&json!({"is": "console", "level": "warn", "page": 2, "text": "a\u{1b}[31m"})), @r"
        page 2 warn: a\u{1b}[31m
        第 2 页 warn: a\u{1b}[31m
        ");
        insta::assert_snapshot!(both(&json!({"is": "logic", "became": "replayed", "events": 7})), @r"
        new logic was given all 7 events and goes on
        新逻辑收到了全部 7 个事件，接着运行
        ");
        let differs = json!({"is": "logic", "became": "anew", "why": "differs", "event": 4, "input": "{\"phase\":\"shown\"}",
            "expected": "{\"forget\":1}", "got": null});
        insta::assert_snapshot!(both(&differs), @r#"
        new logic asks the host something else at event 4 {"phase":"shown"}, so the app begins anew
          before: {"forget":1}
          now: nothing
        在事件 4 {"phase":"shown"} 处，新逻辑向主机要的不一样了，应用从头开始
          原来：{"forget":1}
          现在：没有
        "#);
        let problem = json!({"class": "logic/trap", "what": "it crashed", "hint": "look at it"});
        insta::assert_snapshot!(both(&json!({"is": "logic", "became": "refused", "problem": problem})), @r"
        error[logic/trap]: it crashed; hint: look at it
        错误[logic/trap]: it crashed; 建议: look at it
        ");
        assert_eq!(both(&json!({"is": "lifecycle"})), "-\n-");
    }

    #[test]
    fn a_step_that_fails_says_what_to_do() {
        let failure = StepFailure::NoComponent("logic".into());
        insta::assert_snapshot!(one_line(&step(&failure, Lang::En), Lang::En), @r#"error[dev/run-failed]: cargo has built no component in logic; hint: give the crate `crate-type = ["cdylib"]`, as guichet new --template component does"#);
        insta::assert_snapshot!(one_line(&step(&failure, Lang::Zh), Lang::Zh), @r#"错误[dev/run-failed]: cargo 在 logic 里没有编译出组件; 建议: 在 Cargo.toml 里写上 crate-type = ["cdylib"]，像 guichet new --template component 那样"#);
    }
}
