//! Which host calls the files of a package mention, found without running anything.
//!
//! Of a WebAssembly component this is what it imports, and it can call nothing else. Of scripts it is every
//! `guichet.<interface>.<function>` in the code, comments and strings left out, however it is spaced, and every interface
//! that is taken apart in `const { storage } = guichet`. What a script puts together while it runs is not found, except
//! that `guichet[…]` is shown as such and so is `guichet` being handed on as a value. So it is a reading aid: what bounds
//! an app is its permissions.

use std::collections::{BTreeMap, BTreeSet};

use crate::PackageFile;
use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentOuterAliasKind, ComponentType, ComponentTypeRef,
    InstanceTypeDeclaration, Parser, Payload,
};

use super::script::{self, Token};

/// Each call and the files that mention it.
pub type Calls = BTreeMap<String, BTreeSet<String>>;

const GLOBAL: &str = "guichet";
/// A name that is only known when the script runs.
const COMPUTED: &str = "guichet[…]";
/// The global itself is given another name or handed to a function; what is called by that is not found.
const HANDED_ON: &str = "guichet as a value";

/// Finds the calls that a package mentions.
pub fn of(package: &PackageFile) -> Calls {
    let mut calls = Calls::new();
    for (path, bytes) in package.files() {
        let found = match path.extension() {
            Some("wasm") => imports(bytes),
            Some("js" | "mjs") => mentions(&String::from_utf8_lossy(bytes)),
            Some("html" | "htm" | "svg") => mentions_of_page(&String::from_utf8_lossy(bytes)),
            _ => continue,
        };
        for call in found {
            calls.entry(call).or_default().insert(path.to_string());
        }
    }
    calls
}

/// The scripts of a page, and its attributes, which may be scripts too.
fn mentions_of_page(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let lower = page.to_ascii_lowercase();
    let mut at = 0;
    while let Some(begin) = lower[at..].find("<script").map(|begin| at + begin) {
        found.extend(in_attributes(&page[at..begin]));
        let body = lower[begin..].find('>').map_or(page.len(), |end| begin + end + 1);
        let end = lower[body..].find("</script").map_or(page.len(), |end| body + end);
        found.extend(mentions(&page[body..end]));
        at = end;
    }
    found.extend(in_attributes(&page[at..]));
    found
}

/// Every value of an attribute is read as a script: some are, and others name no call.
fn in_attributes(markup: &str) -> BTreeSet<String> {
    let value = |at: usize| {
        let rest = markup[at + 1..].trim_start();
        match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => rest[1..].split(quote).next(),
            _ => rest.split(|c: char| c.is_whitespace() || c == '>').next(),
        }
    };
    let values = markup.match_indices('=').filter_map(|(at, _)| value(at)).filter(|value| value.contains(GLOBAL));
    values.flat_map(mentions).collect()
}

fn mentions(text: &str) -> BTreeSet<String> {
    let tokens = script::tokens(text);
    let mut found = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        if *token != Token::Name(GLOBAL) || is_member_of_another(&tokens[..at]) || before == Some(&Token::Sign("#")) {
            continue;
        }
        let rest = &tokens[at + 1..];
        match member(rest) {
            Member::Named(interface, rest) => match member(rest) {
                Member::Named(function, _) => found.insert(format!("{GLOBAL}.{interface}.{function}")),
                _ => found.insert(format!("{GLOBAL}.{interface}")),
            },
            Member::Computed => found.insert(COMPUTED.to_owned()),
            // `{ guichet: 1 }` and `guichet = …` name something of the script's own.
            Member::None if matches!(rest.first(), Some(Token::Sign(":"))) => continue,
            Member::None => {
                let parts = taken_apart(&tokens[..at]);
                let is_known = !parts.is_empty();
                found.extend(parts.into_iter().map(|interface| format!("{GLOBAL}.{interface}")));
                if !is_known && is_value(&tokens[..at], rest) {
                    found.insert(HANDED_ON.to_owned());
                }
                continue;
            }
        };
    }
    found
}

/// `a.guichet` is another's, unless `a` is the global object.
fn is_member_of_another(before: &[Token<'_>]) -> bool {
    match before {
        [.., Token::Name("globalThis" | "window" | "self"), Token::Sign("." | "?.")] => false,
        [.., Token::Sign("." | "?.")] => true,
        _ => false,
    }
}

enum Member<'t, 'a> {
    /// `.name`, `?.name` or `['name']`, and what follows.
    Named(&'a str, &'t [Token<'a>]),
    Computed,
    None,
}

fn member<'t, 'a>(tokens: &'t [Token<'a>]) -> Member<'t, 'a> {
    match tokens {
        [Token::Sign("?."), rest @ ..] if matches!(rest.first(), Some(Token::Sign("["))) => member(rest),
        [Token::Sign("." | "?."), Token::Name(name), rest @ ..] => Member::Named(name, rest),
        [Token::Sign("["), Token::Text(name), Token::Sign("]"), rest @ ..] => Member::Named(name, rest),
        [Token::Sign("["), ..] => Member::Computed,
        _ => Member::None,
    }
}

/// The names in the braces of `{ storage, print: printer } = `, which stand before the global.
fn taken_apart<'a>(before: &[Token<'a>]) -> Vec<&'a str> {
    let [braces @ .., Token::Sign("}"), Token::Sign("=")] = before else { return Vec::new() };
    let begin = braces.iter().rposition(|token| *token == Token::Sign("{")).map_or(braces.len(), |at| at + 1);
    let mut names = Vec::new();
    let mut is_key = true;
    for token in &braces[begin..] {
        match token {
            Token::Name(name) if is_key => {
                names.push(*name);
                is_key = false;
            }
            Token::Sign(",") => is_key = true,
            _ => {}
        }
    }
    names
}

/// Whether the global stands where a value is given away: behind `=` or `(` or `,` or `return`, and the like.
fn is_value(before: &[Token<'_>], rest: &[Token<'_>]) -> bool {
    let is_given = match before.last() {
        Some(Token::Sign(sign)) => matches!(*sign, "=" | "(" | "," | "[" | ":" | "?" | "|" | "&"),
        Some(Token::Name(name)) => matches!(*name, "return" | "default" | "of" | "await"),
        _ => false,
    };
    is_given && !matches!(rest.first(), Some(Token::Sign("=" | "(")))
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
            found("guichet['print'][`page`](); guichet?.['card'].read()"),
            ["guichet.card.read", "guichet.print.page"]
        );
        assert_eq!(found("myguichet.a.b(); guichets.a.b(); own.guichet.a.b(); ({guichet: 1})"), [""; 0]);
        assert_eq!(
            found("guichet.lang; guichet[name].get(); guichet.storage[x]()"),
            ["guichet.lang", "guichet.storage", "guichet[…]"]
        );
        assert_eq!(found("guichet. "), [""; 0]);
    }

    #[test]
    fn comments_strings_and_patterns_are_no_calls() {
        let quiet = "// guichet.a.b\n/* guichet.a.b */ x = 'guichet.a.b' + /guichet.a.b/.source + `guichet.a.b`";
        assert_eq!(found(quiet), [""; 0]);
        assert_eq!(found("x = `in code: ${guichet.storage.get('k')}`; // guichet.a.b"), ["guichet.storage.get"]);
        assert_eq!(found("guichet /* not */ . /* here */ print.page()"), ["guichet.print.page"]);
    }

    #[test]
    fn the_global_taken_apart_or_handed_on_is_said() {
        assert_eq!(found("const { storage, print: printer } = guichet;"), ["guichet.print", "guichet.storage"]);
        assert_eq!(found("const g = guichet; g.print.page()"), [HANDED_ON]);
        assert_eq!(found("call(guichet); export default guichet"), [HANDED_ON]);
    }

    #[test]
    fn pages_are_read_as_their_scripts_and_attributes() {
        let page = "<p>See guichet.help.md</p><button onclick=\"guichet.print.page()\">x</button>\n<!-- guichet.a.b -->\n\
            <SCRIPT type=module>// guichet.c.d\nguichet.storage.get()</SCRIPT><script src='guichet.js'></script>";
        let found: Vec<_> = mentions_of_page(page).into_iter().collect();
        assert_eq!(found, ["guichet.print.page", "guichet.storage.get"]);
        assert!(mentions_of_page("<script").is_empty() && mentions_of_page("<script>guichet.").is_empty());
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
