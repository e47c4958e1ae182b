//! What machines found in a submission, as people are shown it.

use std::fmt::Write as _;

use guichet_api::{Check, CheckState, CheckWeight};

use crate::{lang::Lang, printer::Printer, table};

/// One line a finding, the gravest first, and one for each check that was not made. Nothing if there is nothing to say.
pub(crate) fn found(checks: &[Check], printer: Printer) -> String {
    let pick = |[english, chinese]: [&'static str; 2]| printer.pick(english, chinese);
    let is_chinese = printer.lang == Lang::Zh;
    let said = |said: &guichet_api::Said| if is_chinese { said.zh.clone() } else { said.en.clone() };
    let mut findings: Vec<_> = checks.iter().flat_map(|check| &check.findings).collect();
    findings.sort_by_key(|found| found.weight);
    let mut text = String::new();
    for found in findings {
        let weight = match found.weight {
            CheckWeight::Unknown => {
                ["weighty, and only a newer `guichet` knows how", "严重程度要新版 `guichet` 才认识"]
            }
            CheckWeight::Grave => ["grave", "严重"],
            CheckWeight::Warning => ["warning", "警告"],
            CheckWeight::Note => ["remark", "留意"],
        };
        let line = found.line.map(|line| line.to_string());
        let place: Vec<String> = found.path.iter().cloned().chain(line).collect();
        let place = if place.is_empty() { String::new() } else { format!("{}: ", place.join(":")) };
        let (what, hint) = (said(&found.what), said(&found.hint));
        let line =
            format!("{place}{}[{}]: {what}; {}: {hint}", pick(weight), found.class, printer.pick("hint", "建议"));
        let _ = writeln!(text, "{}", table::plain(&line));
    }
    for check in checks {
        let state = match check.state {
            CheckState::Done => continue,
            state => pick(state.said()),
        };
        let why = check.why.as_ref().map(|why| format!(": {}", said(why))).unwrap_or_default();
        let [english, chinese] = check.name.said();
        let name = if is_chinese { chinese } else { english };
        let _ = writeln!(text, "{}", table::plain(&format!("{name} {state}{why}")));
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What a newer store says.
    fn later(lang: Lang) -> String {
        let said = json!({ "en": "it is odd", "zh": "有点怪" });
        let finding = json!({ "class": "odd/one", "weight": "deadly", "what": said, "hint": said });
        let check = |name: &str, state: &str, findings| json!({ "name": name, "state": state, "gates": true, "attempts": 1, "findings": findings });
        let checks = json!([check("size", "done", json!([finding])), check("poems", "postponed", json!([]))]);
        let checks: Vec<Check> = serde_json::from_value(checks).unwrap();
        found(&checks, Printer { lang, json: false })
    }

    #[test]
    fn words_of_a_newer_store_are_said_and_never_pass_for_good_ones() {
        insta::assert_snapshot!(later(Lang::En), @r"

        weighty, and only a newer `guichet` knows how[odd/one]: it is odd; hint: it is odd
        poems is in a state that only a newer `guichet` knows
        ");
        insta::assert_snapshot!(later(Lang::Zh), @r"

        严重程度要新版 `guichet` 才认识[odd/one]: 有点怪; 建议: 有点怪
        poems 处于新版 `guichet` 才认识的状态
        ");
    }
}
