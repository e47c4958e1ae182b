//! TypeScript types of the JavaScript that MiniApps see, for editors and for `tsc`.

use anyhow::{Result, bail};

use super::{
    ORIGIN,
    model::{Declared, Form, Function, Interface, Kind, Shape, World, camel, pascal},
    tables::is_open,
};

/// host-apis/wit/guichet.d.ts.
pub(super) fn typescript(world: &World) -> Result<String> {
    let mut text = format!(
        "// What a MiniApp's JavaScript sees: the object `guichet`, the lifecycle, and the events of pages.\n// {ORIGIN}\n\n"
    );
    text += "declare namespace Guichet {\n";
    text += PREAMBLE;
    for interface in world.imports.iter().filter(|interface| is_open(interface)) {
        text += &declare(interface);
    }
    text += &lifecycle(&world.logic)?;
    text += PAGES;
    text += "}\n\n/** The host, as logic and pages see it. Some members exist in one of them only, and say so. */\ndeclare const guichet: {\n";
    for interface in world.imports.iter().filter(|interface| is_open(interface)) {
        text += &docs(&interface.docs, "  ");
        text += &format!("  readonly {}: Guichet.{};\n", camel(&interface.name), pascal(&interface.name));
    }
    text += GLOBALS;
    Ok(text + &page_events(&world.logic)?)
}

fn declare(interface: &Interface) -> String {
    let name = pascal(&interface.name);
    let mut text = format!("\n{}  interface {name} {{\n", docs(&interface.docs, "  "));
    for function in &interface.functions {
        text += &format!("{}    {}\n", docs(&function.docs, "    "), method(function));
    }
    text += "  }\n";
    let types: String = interface.types.iter().map(named).collect();
    if !types.is_empty() {
        text += &format!("\n  namespace {name} {{\n{types}  }}\n");
    }
    text
}

/// `get(key: string): Promise<Storage.Value | undefined>;`
pub(super) fn method(function: &Function) -> String {
    let parameters: Vec<_> =
        function.parameters.iter().map(|(name, kind)| format!("{}: {}", camel(name), typed(kind))).collect();
    let result = match &function.shape {
        Shape::Call { brings, .. } => format!("Promise<{}>", brings.as_ref().map_or("void".to_owned(), typed)),
        Shape::Tell => "void".to_owned(),
    };
    format!("{}({}): {result};", camel(&function.name), parameters.join(", "))
}

fn named(declared: &Declared) -> String {
    let name = pascal(&declared.name);
    let docs = docs(&declared.docs, "    ");
    match &declared.form {
        Form::Record(fields) => {
            format!("{docs}    interface {name} {{\n{}    }}\n", self::fields(fields, "      ", &[]))
        }
        Form::Enum(cases) => format!("{docs}    type {name} = {};\n", quoted(cases)),
        Form::Variant(cases) => {
            let kinds: Vec<_> =
                cases.iter().map(|case| case.kind.as_ref().map_or("undefined".to_owned(), typed)).collect();
            format!("{docs}    type {name} = {};\n", kinds.join(" | "))
        }
        Form::Alias => String::new(),
    }
}

fn fields(fields: &[super::model::Member], indent: &str, without: &[&str]) -> String {
    let shown = fields.iter().filter(|field| !without.contains(&field.name.as_str()));
    let field = |field: &super::model::Member| {
        let kind = field.kind.as_ref().map_or("undefined".to_owned(), typed);
        format!("{}{indent}readonly {}: {kind};\n", docs(&field.docs, indent), camel(&field.name))
    };
    shown.map(field).collect()
}

/// A WIT type as TypeScript says it.
pub(super) fn typed(kind: &Kind) -> String {
    match kind {
        Kind::Bool => "boolean".to_owned(),
        Kind::U32 | Kind::Float | Kind::Call => "number".to_owned(),
        Kind::U64 => "bigint".to_owned(),
        Kind::Text => "string".to_owned(),
        Kind::Bytes => "Uint8Array".to_owned(),
        Kind::List(item) => match typed(item) {
            item if item.contains(' ') => format!("({item})[]"),
            item => format!("{item}[]"),
        },
        Kind::Tuple(kinds) => format!("[{}]", kinds.iter().map(typed).collect::<Vec<_>>().join(", ")),
        Kind::Option(inner) => format!("{} | undefined", typed(inner)),
        Kind::Result(ok, err) => {
            let side = |kind: &Option<Box<Kind>>| kind.as_ref().map_or("undefined".to_owned(), |kind| typed(kind));
            format!("{{ ok: {} }} | {{ err: {} }}", side(ok), side(err))
        }
        Kind::Named { interface, name, .. } => format!("{}.{}", pascal(interface), pascal(name)),
    }
}

/// The default export of app.js, from the events of `logic`.
fn lifecycle(logic: &Interface) -> Result<String> {
    let record = |name: &str| match logic.declared(name).map(|declared| (&declared.form, &declared.docs)) {
        Some((Form::Record(fields), docs)) => Ok((fields, docs)),
        _ => bail!("logic.{name} is no record"),
    };
    let (launch, launch_docs) = record("launch")?;
    let (page, page_docs) = record("page-event")?;
    let mut text =
        format!("\n{}  interface Launch {{\n{}  }}\n", docs(launch_docs, "  "), fields(launch, "    ", &["seed"]));
    text += &format!("\n{}  interface PageEvent {{\n{}  }}\n", docs(page_docs, "  "), fields(page, "    ", &["phase"]));
    text += "\n  /** The default export of `app.js`; everything is optional. Its other exports are the handlers that pages call. */\n";
    text += "  interface Lifecycle {\n    /** The app has been launched (MiniApp Lifecycle, `globallaunched`). */\n    launched?(event: Launch): void | Promise<void>;\n";
    for case in cases(logic, "phase")? {
        text += &format!("    /** The app is {case}. */\n    {}?(): void | Promise<void>;\n", camel(case));
    }
    for case in cases(logic, "page-phase")? {
        text += &format!(
            "    /** A page is {case}. */\n    page{}?(event: PageEvent): void | Promise<void>;\n",
            pascal(case)
        );
    }
    text += "    /** An exception or rejection that nobody caught; it is reported in any case. */\n    error?(fault: Log.Fault): void;\n  }\n";
    Ok(text)
}

/// The W3C objects `global` and `page`, which exist in pages.
fn page_events(logic: &Interface) -> Result<String> {
    let types = |prefix: &str, cases: &[String]| {
        cases.iter().map(|case| format!("\"{prefix}{case}\"")).collect::<Vec<_>>().join(" | ")
    };
    let mut global = vec!["launched".to_owned(), "error".to_owned()];
    global.extend_from_slice(cases(logic, "phase")?);
    Ok(GLOBAL_AND_PAGE
        .replace("GLOBAL_TYPES", &types("global", &global))
        .replace("PAGE_TYPES", &types("page", cases(logic, "page-phase")?)))
}

fn cases<'a>(logic: &'a Interface, name: &str) -> Result<&'a [String]> {
    match logic.declared(name).map(|declared| &declared.form) {
        Some(Form::Enum(cases)) => Ok(cases),
        _ => bail!("logic.{name} is no enum"),
    }
}

fn quoted(cases: &[String]) -> String {
    cases.iter().map(|case| format!("\"{case}\"")).collect::<Vec<_>>().join(" | ")
}

fn docs(docs: &str, indent: &str) -> String {
    match docs.lines().collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        lines => format!(
            "{indent}/**\n{}{indent} */\n",
            lines.iter().map(|line| format!("{indent} * {line}\n")).collect::<String>()
        ),
    }
}

const PREAMBLE: &str = r#"  /** What JSON can hold. */
  type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

  /** Why a call brought nothing: a permission is missing, the device cannot, or the arguments cannot be right. */
  interface Failure extends Error {
    readonly name: "DeniedError" | "UnavailableError" | "InvalidError";
  }
"#;

const PAGES: &str = r#"
  /** A handler of the logic: an export of `app.js`. What it throws becomes the `Error` that the page gets. */
  type Handler<Input = any, Output = any> = (input: Input, from: { readonly page: number }) => Output | Promise<Output>;

  /** What a page calls in the logic. In pages only. */
  interface Logic {
    /** Calls the handler that `app.js` exports under this name. */
    call<Output = any>(name: string, input?: unknown): Promise<Output>;
  }

  /** What a page hears when the logic has called `guichet.page.update`. */
  interface UpdateEvent extends Event {
    /** The new state. */
    readonly detail: any;
    /** The patch that made it. */
    readonly patch: any;
  }

  /** The state that logic and pages share. */
  interface Page {
    /** Merges a patch (RFC 7396) into the state that every page of the app sees. In logic only. */
    update(patch: Json): void;
    /** The state, as all patches so far made it. In pages only. */
    readonly state: any;
    /** Hears of every patch: `event.detail` is the new state, `event.patch` the patch. In pages only. */
    addEventListener(type: "update", listener: (event: UpdateEvent) => void): void;
    removeEventListener(type: "update", listener: (event: UpdateEvent) => void): void;
    /** Hears of every patch, as a listener does; one at a time. In pages only. */
    onupdate: ((event: UpdateEvent) => void) | null;
  }
"#;

const GLOBALS: &str = r#"  /** The state that logic and pages share. */
  readonly page: Guichet.Page;
  /** The handlers of the logic. In pages only. */
  readonly logic: Guichet.Logic;
  /** The language in use, a BCP 47 tag. */
  readonly lang: string;
};
"#;

const GLOBAL_AND_PAGE: &str = r#"
/** The app's lifecycle (MiniApp Lifecycle, `Global`). In pages only. */
declare const global: {
  readonly globalState: string;
  addEventListener(type: GLOBAL_TYPES, listener: (event: Event) => void): void;
  removeEventListener(type: GLOBAL_TYPES, listener: (event: Event) => void): void;
};

/** This page's lifecycle (MiniApp Lifecycle, `Page`). In pages only. */
declare const page: {
  readonly pageState: string | null;
  readonly pageInputObject: { readonly pageInputQuery: string };
  addEventListener(type: PAGE_TYPES, listener: (event: Event) => void): void;
  removeEventListener(type: PAGE_TYPES, listener: (event: Event) => void): void;
};
"#;
