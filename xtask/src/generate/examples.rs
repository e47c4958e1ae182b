//! The examples of host functions, and the sentences of the WIT in Chinese: host-apis/examples.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, bail};

use super::{
    model::{Form, World, snake},
    tables::is_open,
};

/// What the reference shows besides the WIT.
pub(super) struct Examples {
    javascript: BTreeMap<String, String>,
    rust: BTreeMap<String, String>,
    chinese: BTreeMap<String, String>,
}

impl Examples {
    /// Reads the folder; every function that apps see must have an example in both languages, and every sentence its
    /// Chinese.
    pub(super) fn read(folder: &Path, world: &World) -> Result<Self> {
        let text = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        let rust = functions(&text("examples.rs")?);
        let chinese = serde_json::from_str(&text("zh-Hans.json")?).context("host-apis/examples/zh-Hans.json")?;
        let mut javascript = BTreeMap::new();
        for interface in world.imports.iter().filter(|interface| is_open(interface)) {
            let name = format!("{}.js", interface.name);
            for section in text(&name)?.split("//# ").skip(1) {
                let (function, code) = section.split_once('\n').unwrap_or((section, ""));
                javascript.insert(format!("{}.{}", interface.name, function.trim()), code.trim_end().to_owned());
            }
        }
        let examples = Self { javascript, rust, chinese };
        examples.check(world)?;
        Ok(examples)
    }

    fn check(&self, world: &World) -> Result<()> {
        let mut places = Vec::new();
        for interface in &world.imports {
            let of = |name: &str| format!("{}.{name}", interface.name);
            places.push((interface.name.clone(), &interface.docs));
            places.extend(interface.functions.iter().map(|function| (of(&function.name), &function.docs)));
            for declared in interface.types.iter().filter(|_| is_open(interface)) {
                places.push((of(&declared.name), &declared.docs));
                if let Form::Record(members) = &declared.form {
                    let member = |name: &str| format!("{}.{}.{name}", interface.name, declared.name);
                    places.extend(members.iter().map(|field| (member(&field.name), &field.docs)));
                }
            }
            for function in interface.functions.iter().filter(|_| is_open(interface)) {
                if !self.javascript.contains_key(&of(&function.name)) {
                    bail!("host-apis/examples/{}.js has no section `//# {}`", interface.name, function.name);
                }
                if !self.rust.contains_key(&of(&function.name)) {
                    bail!("host-apis/examples/examples.rs has no example of {}", of(&function.name));
                }
            }
        }
        for (place, docs) in &places {
            if !docs.is_empty() && !self.chinese.contains_key(place) {
                bail!("host-apis/examples/zh-Hans.json has no `{place}`: {docs}");
            }
        }
        let is_gone = |place: &&String| !places.iter().any(|(known, _)| known == *place);
        if let Some(gone) = self.chinese.keys().find(is_gone) {
            bail!("host-apis/examples/zh-Hans.json has `{gone}`, which the WIT has not");
        }
        Ok(())
    }

    /// The examples of one function, as blocks of Markdown.
    pub(super) fn blocks(&self, interface: &str, function: &str) -> String {
        let name = format!("{interface}.{function}");
        let block = |kind: &str, code: Option<&String>| {
            code.map(|code| format!("```{kind}\n{code}\n```\n\n")).unwrap_or_default()
        };
        block("js", self.javascript.get(&name)) + &block("rust", self.rust.get(&name))
    }

    /// A sentence of the WIT in Chinese.
    pub(super) fn chinese(&self, place: &str) -> String {
        self.chinese.get(place).cloned().unwrap_or_default()
    }
}

/// The bodies of `async fn <interface>_<function>`, by `interface.function` as the dispatch names them.
fn functions(text: &str) -> BTreeMap<String, String> {
    let names =
        text.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" => ").map(|(name, _)| name));
    let body = |name: &str| {
        let head = format!("async fn {}() -> Result<(), Failure> {{\n", snake(&name.replace('.', "-")));
        let rest = text.split_once(&head)?.1;
        let lines = rest.lines().take_while(|line| *line != "}").filter(|line| line.trim() != "Ok(())");
        Some(lines.map(|line| line.strip_prefix("    ").unwrap_or(line)).collect::<Vec<_>>().join("\n"))
    };
    names.filter_map(|name| Some((name.to_owned(), body(name)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_in_rust_is_shown_without_what_is_around_it() {
        let text = "        \"app-info.get\" => app_info_get().await,\n}\n\nasync fn app_info_get() -> Result<(), Failure> {\n    let info = get().await?;\n    if true {\n        x();\n    }\n    Ok(())\n}\n\nfn other() {}\n";
        let all = functions(text);
        assert_eq!(all["app-info.get"], "let info = get().await?;\nif true {\n    x();\n}");
    }
}
