//! Which host calls the files of a package mention, found without running anything.
//!
//! Of a WebAssembly component this is what it imports, and it can call nothing else. Of scripts it is every
//! `guichet.<interface>.<function>` in the text, also in comments and strings; names that a script puts together while
//! it runs are not found, except that `guichet[…]` is shown as such. So it is a reading aid: what bounds an app is its
//! permissions.

use std::collections::{BTreeMap, BTreeSet};

use guichet_package::PackageFile;
use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentOuterAliasKind, ComponentType, ComponentTypeRef,
    InstanceTypeDeclaration, Parser, Payload,
};

/// Each call and the files that mention it.
pub(crate) type Calls = BTreeMap<String, BTreeSet<String>>;

const GLOBAL: &str = "guichet";
/// A name that is only known when the script runs.
const COMPUTED: &str = "guichet[…]";

/// Finds the calls that a package mentions.
pub(crate) fn of(package: &PackageFile) -> Calls {
    let mut calls = Calls::new();
    for (path, bytes) in package.files() {
        let found = match path.extension() {
            Some("wasm") => imports(bytes),
            Some("js" | "mjs" | "html") => mentions(&String::from_utf8_lossy(bytes)),
            _ => continue,
        };
        for call in found {
            calls.entry(call).or_default().insert(path.to_string());
        }
    }
    calls
}

fn mentions(text: &str) -> BTreeSet<String> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let word = |text: &str| text.chars().take_while(|c| is_word(*c)).collect::<String>();
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices(GLOBAL) {
        let rest = &text[at + GLOBAL.len()..];
        if text[..at].ends_with(is_word) || rest.starts_with(is_word) {
            continue;
        }
        let Some(interface) = member(rest) else {
            if rest.trim_start().trim_start_matches("?.").starts_with('[') {
                found.insert(COMPUTED.to_owned());
            }
            continue;
        };
        let name = word(interface);
        if name.is_empty() {
            continue;
        }
        match member(&interface[name.len()..]).map(word).filter(|function| !function.is_empty()) {
            Some(function) => found.insert(format!("{GLOBAL}.{name}.{function}")),
            None => found.insert(format!("{GLOBAL}.{name}")),
        };
    }
    found
}

/// What stands behind a `.` or `?.`, with any space around it.
fn member(text: &str) -> Option<&str> {
    let text = text.trim_start();
    text.strip_prefix("?.")
        .or_else(|| text.strip_prefix('.'))
        .map(str::trim_start)
        .filter(|rest| !rest.starts_with('['))
}

/// The imports of a component, by function where they are instances; those of anything else by name. A file that cannot
/// be read gives what was read before.
fn imports(bytes: &[u8]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut types: Vec<Vec<String>> = Vec::new();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload {
            Ok(Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) => depth += 1,
            Ok(Payload::End(_)) => depth = depth.saturating_sub(1),
            Ok(payload) if depth == 0 => read_section(payload, &mut types, &mut found),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    found
}

/// Keeps the index space of types, because imports name theirs by index.
fn read_section(payload: Payload<'_>, types: &mut Vec<Vec<String>>, found: &mut BTreeSet<String>) {
    match payload {
        Payload::ComponentTypeSection(section) => types.extend(section.into_iter().flatten().map(functions)),
        Payload::ComponentAliasSection(section) => {
            let adds_type = |alias: &ComponentAlias<'_>| {
                matches!(
                    alias,
                    ComponentAlias::InstanceExport { kind: ComponentExternalKind::Type, .. }
                        | ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, .. }
                )
            };
            types.extend(section.into_iter().flatten().filter(adds_type).map(|_| Vec::new()));
        }
        Payload::ComponentExportSection(section) => {
            let adds_type = section.into_iter().flatten().filter(|export| export.kind == ComponentExternalKind::Type);
            types.extend(adds_type.map(|_| Vec::new()));
        }
        Payload::ComponentImportSection(section) => {
            for import in section.into_iter().flatten() {
                let name = import.name.name;
                match import.ty {
                    ComponentTypeRef::Instance(index) => {
                        let functions = types.get(index as usize).map(Vec::as_slice).unwrap_or_default();
                        found.extend(functions.iter().map(|function| format!("{name}#{function}")));
                        if functions.is_empty() {
                            found.insert(name.to_owned());
                        }
                    }
                    ComponentTypeRef::Type(_) => types.push(Vec::new()),
                    _ => {
                        found.insert(name.to_owned());
                    }
                }
            }
        }
        Payload::ImportSection(section) => {
            let imports = section.into_imports().flatten();
            found.extend(imports.map(|import| format!("{}#{}", import.module, import.name)));
        }
        _ => {}
    }
}

/// The functions of an instance's type.
fn functions(kind: ComponentType<'_>) -> Vec<String> {
    let ComponentType::Instance(declarations) = kind else { return Vec::new() };
    declarations
        .iter()
        .filter_map(|declaration| match declaration {
            InstanceTypeDeclaration::Export { name, ty: ComponentTypeRef::Func(_) } => Some(name.name.to_owned()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        mentions(text).into_iter().collect()
    }

    #[test]
    fn members_of_the_global_are_found() {
        let text = "await guichet.storage.get('k'); globalThis.guichet?.print . page(x);\nguichet\n  .appInfo.get()";
        assert_eq!(found(text), ["guichet.appInfo.get", "guichet.print.page", "guichet.storage.get"]);
        assert_eq!(
            found("const { storage } = guichet; myguichet.a.b(); guichets.a.b(); guichet.lang"),
            ["guichet.lang"]
        );
        assert_eq!(found("guichet[name].get(); guichet.storage['get']()"), ["guichet.storage", "guichet[…]"]);
        assert_eq!(found("// guichet.storage.get"), ["guichet.storage.get"]);
        assert_eq!(found("guichet. "), [""; 0]);
    }

    fn section(id: u8, content: &[u8]) -> Vec<u8> {
        [&[id, content.len() as u8], content].concat()
    }

    fn name(text: &str) -> Vec<u8> {
        [&[0, text.len() as u8], text.as_bytes()].concat()
    }

    /// A component that imports one interface with two functions.
    fn component() -> Vec<u8> {
        let function = [0x01, 0x40, 0x00, 0x01, 0x00];
        let export = |text: &str| [&[0x04], &name(text)[..], &[0x01, 0x00]].concat();
        let instance = [&[1, 0x42, 3], &function[..], &export("get"), &export("get-result")].concat();
        let import = [&[1], &name("guichet:app/storage@0.1.0")[..], &[0x05, 0x00]].concat();
        [b"\0asm\x0d\0\x01\0".to_vec(), section(7, &instance), section(10, &import)].concat()
    }

    #[test]
    fn the_imports_of_a_component_are_found() {
        let expected = ["guichet:app/storage@0.1.0#get", "guichet:app/storage@0.1.0#get-result"];
        assert_eq!(imports(&component()).into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn bytes_that_are_no_component_give_nothing() {
        assert!(imports(b"").is_empty());
        assert!(imports(b"\0asm\x0d\0\x01\0").is_empty());
        let whole = component();
        for length in 0..whole.len() {
            assert!(imports(&whole[..length]).len() <= 2);
        }
    }

    #[test]
    fn the_imports_of_a_module_are_found() {
        let import = [1, 3, b'e', b'n', b'v', 1, b'f', 0, 0];
        let module = [b"\0asm\x01\0\0\0".to_vec(), section(1, &[1, 0x60, 0, 0]), section(2, &import)].concat();
        assert_eq!(imports(&module).into_iter().collect::<Vec<_>>(), ["env#f"]);
    }
}
