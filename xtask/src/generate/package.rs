//! The types as a package for npm: what `guichet types` writes and editors of TypeScript projects find.

use super::{
    ORIGIN,
    model::{World, camel},
    tables::is_open,
};

/// host-apis/types/package.json.
pub(super) fn json(world: &World) -> String {
    let interfaces = open(world).map(|(name, _)| format!("\"guichet.{name}\"")).collect::<Vec<_>>().join(", ");
    format!(
        r#"{{
  "name": "guichet-types",
  "version": "{}",
  "description": "Types of the host APIs of Guichet, for MiniApps in TypeScript or checked JavaScript. {ORIGIN}",
  "keywords": ["guichet", "miniapp", "types", {interfaces}],
  "license": "Apache-2.0",
  "types": "index.d.ts",
  "files": ["index.d.ts"]
}}
"#,
        env!("CARGO_PKG_VERSION")
    )
}

/// host-apis/types/README.md.
pub(super) fn readme(world: &World) -> String {
    let rows: String = open(world).map(|(name, docs)| format!("| `guichet.{name}` | {docs} |\n")).collect();
    OPENING.replace("ORIGIN", ORIGIN).replace("ROWS", &rows)
}

/// The interfaces that JavaScript sees, and the first sentence about each.
fn open(world: &World) -> impl Iterator<Item = (String, String)> {
    let open = world.imports.iter().filter(|interface| is_open(interface));
    open.map(|interface| {
        let docs = interface.docs.split_whitespace().collect::<Vec<_>>().join(" ");
        (camel(&interface.name), docs)
    })
}

const OPENING: &str = "# Types of the host APIs

<!-- ORIGIN -->

What the JavaScript of a MiniApp sees of its host: the object `guichet`, the lifecycle, and the events of pages. Made from
the WIT that hosts are made from, so there is no second list. `guichet types` writes this package; it is not taken from a registry.

```console
$ guichet types
$ npm install --save-dev ./guichet-types
```

In `tsconfig.json` or `jsconfig.json`:

```json
{ \"compilerOptions\": { \"types\": [\"guichet-types\"], \"lib\": [\"esnext\", \"dom\", \"dom.iterable\"] } }
```

| | |
| --- | --- |
ROWS";
