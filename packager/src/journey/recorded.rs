//! What a person did in the window of `guichet dev`, as a journey that somebody can read: what is pressed by what stands on it,
//! after each step a wait for what it brought, and nothing of anybody's in it.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::json;

use crate::failure::Failure;

/// Longest text that a journey waits for, in characters.
const LONGEST: usize = 60;

/// What the window has seen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Recorded {
    steps: Vec<Step>,
    /// What the page shows at the end.
    after: Look,
    /// What the manifest declares as personal.
    #[serde(default)]
    declared: Vec<String>,
    /// The language of the person.
    lang: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Step {
    did: Did,
    /// What the page showed before.
    look: Look,
}

/// One thing that a person did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Did {
    #[serde(rename = "do")]
    kind: String,
    /// What stands on it, or a CSS selector; nothing if it has no name at all.
    name: String,
    /// What stands in the same box, if the name alone does not say which.
    within: Option<String>,
    text: String,
    /// The kind of field.
    kind_of_field: String,
    /// The field's own name.
    field: String,
    personal: bool,
}

/// What a page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Look {
    headings: Vec<String>,
    /// What is announced: status, alerts.
    said: Vec<String>,
    /// What is marked as personal.
    personal: Vec<String>,
    lines: Vec<String>,
}

impl Look {
    fn text(&self) -> String {
        self.lines.join(" ")
    }
}

/// What stands in the place of personal data.
#[derive(Default)]
struct StandIns {
    /// By what was entered.
    known: BTreeMap<String, String>,
}

impl Recorded {
    /// Whether anything was done.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The journey, as JavaScript.
    pub(crate) fn script(&self) -> String {
        let mut stand_ins = StandIns::default();
        let mut lines = vec!["await app.open();".to_owned()];
        let mut seen = String::from("its first page");
        let first = self.steps.first().map_or(&self.after, |step| &step.look);
        if let Some(text) = first.headings.iter().chain(&first.lines).find(|text| is_lasting(text)) {
            seen = short(text);
            lines.push(format!("await app.see({});", json!(seen)));
        }
        let last = self.steps.len().saturating_sub(1);
        let mut typed: Vec<String> = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            lines.push(self.step(&step.did, &mut stand_ins));
            if matches!(step.did.kind.as_str(), "type" | "choose") && !self.is_personal(&step.did) {
                typed.push(stand_ins.instead_of(&step.did.text));
            }
            let after = self.steps.get(at + 1).map_or(&self.after, |next| &next.look);
            let brought = brought(&step.look, after, &mut typed, &stand_ins);
            if let Some(text) = brought.last() {
                seen.clone_from(text);
                lines.extend(brought.iter().map(|text| format!("await app.see({});", json!(text))));
            } else if let Some(text) = taken(step, after, &stand_ins) {
                lines.push(format!("await app.gone({});", json!(text)));
            } else if at == last
                && let Some(text) = after.headings.iter().chain(&after.lines).find(|text| is_lasting(text))
            {
                lines.push(format!("await app.see({});", json!(short(&stand_ins.instead_of(text)))));
            }
        }
        let lang = if self.lang.starts_with("zh") { "zh-Hans" } else { "en" };
        let mut script = String::from(
            "// Recorded by `guichet dev`. Give it the name of what is seen if it passes, and take out what does not matter.\n",
        );
        if !stand_ins.known.is_empty() {
            script +=
                "// Personal data were not recorded: what stands in their place may have to be of another form.\n";
        }
        script +=
            &format!("\njourney({}, {{ lang: \"{lang}\" }}, async (app) => {{\n", json!(format!("recorded: {seen}")));
        lines.iter().for_each(|line| script += &format!("  {line}\n"));
        script + "});\n"
    }

    /// Writes it into the first file of this folder that is not there yet, and says which.
    pub(crate) fn write(&self, folder: &Path) -> Result<PathBuf, Failure> {
        fs::create_dir_all(folder).map_err(|source| Failure::Write { path: folder.to_owned(), source })?;
        for number in 1_u32.. {
            let path = folder.join(format!("recorded-{number}.js"));
            let written = File::create_new(&path).and_then(|mut file| file.write_all(self.script().as_bytes()));
            match written {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                written => return written.map(|()| path.clone()).map_err(|source| Failure::Write { path, source }),
            }
        }
        Err(Failure::Write { path: folder.to_owned(), source: ErrorKind::AlreadyExists.into() })
    }

    fn step(&self, did: &Did, stand_ins: &mut StandIns) -> String {
        let name = json!(stand_ins.instead_of(&did.name));
        let within = did.within.as_ref().map(|text| format!(", {{ in: {} }}", json!(stand_ins.instead_of(text))));
        let within = within.unwrap_or_default();
        match did.kind.as_str() {
            "tap" if !did.name.is_empty() => format!("await app.tap({name}{within});"),
            kind @ ("type" | "choose") if !did.name.is_empty() => {
                let is_personal = self.is_personal(did);
                let text = if is_personal { stand_ins.of(did) } else { stand_ins.instead_of(&did.text) };
                let remark = if is_personal { " // personal" } else { "" };
                format!("await app.{kind}({name}, {}{within});{remark}", json!(text))
            }
            "press" => format!("await app.press({});", json!(did.text)),
            "back" => "await app.back();".to_owned(),
            "tab" => {
                "// Another tab was chosen in the bar, which is the terminal's: app.open(\"pages/…\") leads there."
                    .to_owned()
            }
            kind => {
                let what = if did.text.is_empty() { kind } else { &did.text };
                let what = stand_ins.instead_of(what).replace(char::is_control, " ");
                format!("// Not recorded: {what}. It has no name that a journey, or a reader, could call it by.")
            }
        }
    }

    /// By its kind, or because the manifest says so; hyphens count as underscores, as in journals.
    fn is_personal(&self, did: &Did) -> bool {
        let same = |text: &str| text.replace('-', "_");
        let is_it = |declared: &String| !did.field.is_empty() && same(declared) == same(&did.field);
        did.personal || self.declared.iter().any(is_it)
    }
}

impl StandIns {
    /// What is entered in the place of somebody's own.
    fn of(&mut self, did: &Did) -> String {
        if let Some(known) = self.known.get(&did.text) {
            return known.clone();
        }
        let number = self.known.len() + 1;
        let made = match did.kind_of_field.as_str() {
            _ if did.kind == "choose" => return did.text.clone(),
            "email" => format!("person{number}@example.org"),
            "tel" => format!("555-010{number}"),
            "number" => did.text.chars().map(|c| if c.is_ascii_digit() { '1' } else { c }).collect(),
            "date" | "month" | "time" | "week" | "datetime-local" => did.text.clone(),
            _ => format!("Example {number}"),
        };
        self.known.insert(did.text.clone(), made.clone());
        made
    }

    /// A text with nothing of anybody's in it; what is short stands in many words and is left.
    fn instead_of(&self, text: &str) -> String {
        let mut known: Vec<_> = self.known.iter().filter(|(own, _)| own.chars().count() >= 2).collect();
        known.sort_by_key(|(own, _)| std::cmp::Reverse(own.len()));
        known.into_iter().fold(text.to_owned(), |text, (own, made)| text.replace(own, made))
    }
}

/// What there is to see now that was not there before: a heading or what is announced, and what was typed; else any line.
fn brought(before: &Look, after: &Look, typed: &mut Vec<String>, stand_ins: &StandIns) -> Vec<String> {
    let old = before.text();
    let is_new = |text: &&String| !old.contains(text.as_str()) && !is_kept_back(after, text);
    let instead = |text: &String| short(&stand_ins.instead_of(text));
    let is_lasting = |text: &&String| is_lasting(text);
    let named = after.headings.iter().chain(&after.said).filter(is_new).find(is_lasting).map(instead);
    let new: Vec<&String> = after.lines.iter().filter(is_new).collect();
    let lines: Vec<String> = new.iter().map(|line| stand_ins.instead_of(line)).collect();
    let is_shown =
        |typed: &&String| typed.chars().count() > 1 && lines.iter().any(|line| line.contains(typed.as_str()));
    let shown = typed.iter().find(is_shown).map(|text| short(text));
    if shown.is_some() {
        // What was entered together is shown together.
        typed.clear();
    }
    let shown = shown.filter(|text| named.as_ref().is_none_or(|named| !named.contains(text.as_str())));
    let any = new.into_iter().find(is_lasting).map(instead).filter(|_| named.is_none() && shown.is_none());
    named.into_iter().chain(shown).chain(any).collect()
}

/// What is not to be seen any more: the entry in which something was done, or anything else.
fn taken(step: &Step, after: &Look, stand_ins: &StandIns) -> Option<String> {
    let (before, new) = (&step.look, after.text());
    let is_gone = |text: &&String| !new.contains(text.as_str()) && !is_kept_back(before, text);
    let entry = step.did.within.iter().filter(|text| before.text().contains(text.as_str())).find(is_gone);
    let others = before.headings.iter().chain(&before.said).chain(&before.lines);
    let gone = entry.or_else(|| others.filter(is_gone).find(|text| is_lasting(text)));
    gone.map(|text| short(&stand_ins.instead_of(text)))
}

/// Whether something in this text is marked as somebody's.
fn is_kept_back(look: &Look, text: &str) -> bool {
    look.personal.iter().any(|personal| text.contains(personal.as_str()) || personal.contains(text))
}

/// Whether a text is there the next time too: numbers, dates and times may be others.
fn is_lasting(text: &str) -> bool {
    text.chars().count() >= 2 && !text.chars().any(char::is_numeric)
}

/// The beginning of a text, to the end of a word.
fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LONGEST).collect();
    let end = cut.rfind(char::is_whitespace).filter(|end| *end > cut.len() / 2);
    end.map_or(cut.clone(), |end| cut[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn look(lines: &[&str]) -> Json {
        json!({ "headings": &lines[..1], "lines": lines })
    }

    fn script(steps: &Json, after: &Json) -> String {
        let told = json!({"steps": steps, "after": after, "declared": ["id_number"], "lang": "en"});
        serde_json::from_value::<Recorded>(told).unwrap().script()
    }

    #[test]
    fn what_was_done_can_be_read_and_each_step_waits_for_what_it_brought() {
        let home = look(&["Street repairs", "No reports yet.", "Report something"]);
        let form = look(&["What is broken?", "Street light", "Where", "Send"]);
        let mut missing = form.clone();
        missing["said"] = json!(["Please say where."]);
        missing["lines"] = json!(["What is broken?", "Street light", "Where", "Please say where.", "Send"]);
        let after = look(&["Street repairs", "3 reports, 12:30", "18 Mill Lane", "Report something"]);
        let steps = json!([
            {"did": {"do": "tap", "name": "Report something"}, "look": home},
            {"did": {"do": "tap", "name": "Street light", "within": "Kind \"of\" thing"}, "look": form},
            {"did": {"do": "tap", "name": "Send"}, "look": form},
            {"did": {"do": "type", "name": "Where", "text": "18 Mill Lane", "field": "place"}, "look": missing},
            {"did": {"do": "press", "text": "Enter"}, "look": missing},
            {"did": {"do": "lost", "text": "<div> More"}, "look": after},
            {"did": {"do": "back"}, "look": after},
        ]);
        insta::assert_snapshot!(script(&steps, &after), @r#"
        // Recorded by `guichet dev`. Give it the name of what is seen if it passes, and take out what does not matter.

        journey("recorded: 18 Mill Lane", { lang: "en" }, async (app) => {
          await app.open();
          await app.see("Street repairs");
          await app.tap("Report something");
          await app.see("What is broken?");
          await app.tap("Street light", { in: "Kind \"of\" thing" });
          await app.tap("Send");
          await app.see("Please say where.");
          await app.type("Where", "18 Mill Lane");
          await app.press("Enter");
          await app.see("Street repairs");
          await app.see("18 Mill Lane");
          // Not recorded: <div> More. It has no name that a journey, or a reader, could call it by.
          await app.back();
          await app.see("Street repairs");
        });
        "#);
    }

    #[test]
    fn nothing_of_anybody_s_is_written_wherever_it_stands() {
        let form = look(&["Apply", "Name", "Send"]);
        let after = json!({
            "headings": ["Thank you, Ada Lovelace"], "personal": ["Ada's letter"],
            "lines": ["Thank you, Ada Lovelace", "Ada's letter", "Number 11010519491231002X is yours"],
        });
        let steps = json!([
            {"did": {"do": "type", "name": "Name", "text": "Ada Lovelace", "personal": true}, "look": form},
            {"did": {"do": "type", "name": "Number", "text": "11010519491231002X", "field": "id-number"}, "look": form},
            {"did": {"do": "type", "name": "Mail", "text": "ada@lovelace.test", "kind_of_field": "email", "personal": true}, "look": form},
            {"did": {"do": "tap", "name": "Send"}, "look": form},
            {"did": {"do": "tap", "name": "Delete", "within": "Ada Lovelace"}, "look": after},
        ]);
        let script = script(&steps, &after);
        for own in ["Lovelace", "1949", "ada@", "letter"] {
            assert!(!script.contains(own), "{own}: {script}");
        }
        insta::assert_snapshot!(script, @r#"
        // Recorded by `guichet dev`. Give it the name of what is seen if it passes, and take out what does not matter.
        // Personal data were not recorded: what stands in their place may have to be of another form.

        journey("recorded: Thank you, Example 1", { lang: "en" }, async (app) => {
          await app.open();
          await app.see("Apply");
          await app.type("Name", "Example 1"); // personal
          await app.type("Number", "Example 2"); // personal
          await app.type("Mail", "person3@example.org"); // personal
          await app.tap("Send");
          await app.see("Thank you, Example 1");
          await app.tap("Delete", { in: "Example 1" });
          await app.see("Thank you, Example 1");
        });
        "#);
    }

    #[test]
    fn a_long_text_ends_with_a_word() {
        assert_eq!(short(&"word ".repeat(20)), "word ".repeat(11) + "word");
        assert_eq!(short(&"字".repeat(80)), "字".repeat(60));
    }
}
