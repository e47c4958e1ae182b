//! The reference of the host APIs for people: docs/reference/host-apis.md.

use anyhow::Result;

use super::{
    ORIGIN,
    declarations::{method, typed},
    model::{Declared, Form, Interface, Shape, World, camel, pascal, snake},
    tables::is_open,
};

/// docs/reference/host-apis.md.
pub(super) fn markdown(world: &World) -> Result<String> {
    let mut text = format!("<!-- {ORIGIN} -->\n\n{OPENING}");
    for interface in world.imports.iter().filter(|interface| is_open(interface)) {
        text += &chapter(interface);
    }
    text += PAGE_AND_LOGIC;
    text += PLUMBING;
    for interface in world.imports.iter().filter(|interface| !is_open(interface)) {
        text += &format!("### `{}`\n\n{}\n\n", interface.name, interface.docs);
        for function in &interface.functions {
            text += &format!("- `{}`: {}\n", function.name, one_line(&function.docs));
        }
        text += "\n";
    }
    Ok(text.trim_end().to_owned() + "\n")
}

fn chapter(interface: &Interface) -> String {
    let mut text = format!("## `guichet.{}`\n\n{}\n\n", camel(&interface.name), interface.docs);
    text += "| JavaScript | Rust | |\n| --- | --- | --- |\n";
    for function in &interface.functions {
        let rust = match function.shape {
            Shape::Call { .. } => format!("`{}::{}(…).await`", snake(&interface.name), snake(&function.name)),
            Shape::Tell => format!("`{}`", snake(&interface.name)),
        };
        text += &format!(
            "| `{}` | {rust} | {} |\n",
            method(function).trim_end_matches(';').replace('|', "\\|"),
            one_line(&function.docs)
        );
    }
    text += "\n";
    for declared in &interface.types {
        text += &named(&interface.name, declared);
    }
    text
}

fn named(interface: &str, declared: &Declared) -> String {
    let name = format!("`{}.{}`", pascal(interface), pascal(&declared.name));
    let docs = if declared.docs.is_empty() { String::new() } else { format!(" {}", one_line(&declared.docs)) };
    match &declared.form {
        Form::Record(fields) => {
            let mut text = format!("{name}:{docs}\n\n| member | type | |\n| --- | --- | --- |\n");
            for field in fields {
                let kind = field.kind.as_ref().map(typed).unwrap_or_default().replace('|', "\\|");
                text += &format!("| `{}` | `{kind}` | {} |\n", camel(&field.name), one_line(&field.docs));
            }
            text + "\n"
        }
        Form::Enum(cases) => format!(
            "{name}: {}.{docs}\n\n",
            cases.iter().map(|case| format!("`{case}`")).collect::<Vec<_>>().join(", ")
        ),
        Form::Variant(cases) => {
            let kinds: Vec<_> =
                cases.iter().filter_map(|case| case.kind.as_ref()).map(|kind| format!("`{}`", typed(kind))).collect();
            format!("{name}: {}.{docs}\n\n", kinds.join(" or "))
        }
        Form::Alias => String::new(),
    }
}

fn one_line(docs: &str) -> String {
    docs.split_whitespace().collect::<Vec<_>>().join(" ")
}

const OPENING: &str = "# Host APIs

What a MiniApp may ask of its host, in logic and in pages alike. JavaScript sees the object `guichet` (types:
[guichet.d.ts](../../host-apis/types/index.d.ts)), Rust the library
[guichet-guest](../../host-apis/guest/README.md); both are made from the [WIT](../../host-apis/wit/world.wit).

A call that brings nothing rejects with an `Error` whose `name` says why:

| name | means |
| --- | --- |
| `DeniedError` | A permission is missing; the message names it and the manifest line that would ask for it. |
| `UnavailableError` | The device cannot do this now; the message says what to do. |
| `InvalidError` | The arguments cannot be right; the message says which and why. |

Where an interface names its failures, `error.class` is the one it is, such as `print/unsupported` ([all classes](refusals.md#requests-of-apps)); in Rust `Failure::class`. The message begins with it.

Logic is a function of its events: time stands still while one is handled, and `Math.random` follows the seed of the
launch. So nothing can be asked of the host before `launched`: at the top level of `app.js` it is the year 1970 and every
call is refused. One event may take half a second and put out 4 MiB; logic may hold 64 MiB and 256 calls at once.

The modules of `app.js` are loaded once, when the app is installed; every launch goes on from there. So at the top of a module the time is 0 (`Date.now()` in 1970), `Math.random()` rolls the same
numbers everywhere, and no call can start. Do such work in `launched` or in a handler.

A page may send 2 000 messages a second, each of up to 4 MiB, 10 MiB of them a second and 4 MiB under way at once. Calls and questions beyond that wait in the page; lines for
the log beyond that are dropped, and the log says so. An app keeps at most 16 384 keys in `storage`, however little is under each.

";

const PAGE_AND_LOGIC: &str = "## Page and logic

| where | JavaScript | |
| --- | --- | --- |
| page | `guichet.logic.call(name, input)` | Calls the handler of this name in the logic and brings its answer; what it throws becomes an `Error`. |
| logic | `guichet.page.update(patch)` | Merges a patch (RFC 7396) into the state that every page of the app sees. |
| page | `guichet.page.state` | The state, as all patches so far made it. |
| page | `guichet.page.addEventListener(\"update\", listener)` | Hears of every patch: `event.detail` is the new state, `event.patch` the patch. |
| both | `fetch(url, init)` | As in a browser, carried by `guichet.network`: declared hosts, https, no cookies, no streams. In pages `XMLHttpRequest` too, and files of the package as ever. What cannot be rejects with a `TypeError` whose `cause` is the failure. |
| both | `guichet.lang` | The language in use, a BCP 47 tag. |

";

const PLUMBING: &str = "## What the runtime is made of

Logic in JavaScript sees these as `setTimeout` and `clearTimeout`, as `guichet.page.update` and as the answers of its
handlers; a component may import them as they are.

";
