//! TypeScript types of the JavaScript that MiniApps see, for editors and for `tsc`.

use anyhow::{Result, bail};

use super::{
    ORIGIN,
    model::{Declared, Form, Function, Interface, Kind, Shape, World, camel, pascal},
    tables::is_open,
};

/// host-apis/types/index.d.ts.
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
    text += &lifecycle_types(&world.logic)?;
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
    let parameters: Vec<_> = function.parameters.iter().map(|(name, kind)| parameter(name, kind)).collect();
    let result = match &function.shape {
        Shape::Call { brings, .. } => format!("Promise<{}>", brings.as_ref().map_or("void".to_owned(), typed)),
        Shape::Tell => "void".to_owned(),
    };
    format!("{}({}): {result};", camel(&function.name), parameters.join(", "))
}

/// What may be nothing may be left out; it is the last.
fn parameter(name: &str, kind: &Kind) -> String {
    match kind {
        Kind::Option(inner) => format!("{}?: {}", camel(name), typed(inner)),
        kind => format!("{}: {}", camel(name), typed(kind)),
    }
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
        let (optional, kind) = match &field.kind {
            None => ("", "undefined".to_owned()),
            Some(Kind::Option(inner)) => ("?", typed(inner)),
            Some(kind) => ("", typed(kind)),
        };
        format!("{}{indent}readonly {}{optional}: {kind};\n", docs(&field.docs, indent), camel(&field.name))
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

/// The W3C objects `global` and `page`.
fn page_events(logic: &Interface) -> Result<String> {
    let prefixed =
        |prefix: &str, cases: &[String]| cases.iter().map(|case| format!("{prefix}{case}")).collect::<Vec<_>>();
    let mut global = vec!["launched".to_owned()];
    global.extend_from_slice(cases(logic, "phase")?);
    let (global, page) = (prefixed("global", &global), prefixed("page", cases(logic, "page-phase")?));
    let handlers = |types: &[String], event: &str| {
        types.iter().map(|name| format!("  on{name}: ((event: Guichet.{event}) => void) | null;\n")).collect::<String>()
    };
    let errors = handlers(&["globalerror".to_owned()], "ErrorEvent");
    Ok(GLOBAL_AND_PAGE
        .replace("GLOBAL_TYPES", &quoted(&global))
        .replace("PAGE_TYPES", &quoted(&page))
        .replace("GLOBAL_HANDLERS", &(handlers(&global, "InputEvent") + &errors))
        .replace("PAGE_HANDLERS", &handlers(&page, "PageInputEvent")))
}

/// The types of the lifecycle's objects.
fn lifecycle_types(logic: &Interface) -> Result<String> {
    let mut global = vec!["launched".to_owned()];
    global.extend_from_slice(cases(logic, "phase")?);
    let page: Vec<_> = cases(logic, "page-phase")?.iter().filter(|case| *case != "ready").cloned().collect();
    Ok(LIFECYCLE.replace("GLOBAL_STATES", &quoted(&global)).replace("PAGE_STATES", &quoted(&page)))
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
    /** Which of the failures of its interface it is, such as `print/unsupported`; the message begins with it. */
    readonly class?: string;
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
/** The app's lifecycle (MiniApp Lifecycle, `Global`). In logic and in pages. */
declare const global: {
  readonly globalState: Guichet.GlobalState | null;
  /** What the app was opened with. */
  readonly inputObject: Guichet.InputObject;
  /** The last error nobody caught; null if there was none. */
  readonly lifecycleError: Guichet.LifecycleError | null;
GLOBAL_HANDLERS  addEventListener(type: GLOBAL_TYPES, listener: (event: Guichet.InputEvent) => void): void;
  addEventListener(type: "globalerror", listener: (event: Guichet.ErrorEvent) => void): void;
  removeEventListener(type: GLOBAL_TYPES | "globalerror", listener: (event: any) => void): void;
};

/** This page's lifecycle (MiniApp Lifecycle, `Page`). In pages only. */
declare const page: {
  readonly pageState: Guichet.PageState | null;
  readonly pageInputObject: Guichet.PageInputObject;
PAGE_HANDLERS  addEventListener(type: PAGE_TYPES, listener: (event: Guichet.PageInputEvent) => void): void;
  removeEventListener(type: PAGE_TYPES, listener: (event: Guichet.PageInputEvent) => void): void;
};

/** Registers the app's lifecycle in one object; the same as the events of `global`. In logic only. */
declare function App(handlers: Guichet.AppHandlers): void;

/** Registers this page's lifecycle in one object; the same as the events of `page`. In pages only. */
declare function Page(handlers: Guichet.PageHandlers): void;
"#;

const LIFECYCLE: &str = r#"
  /** What the app was opened with (MiniApp Lifecycle, `InputObject`). */
  interface InputObject {
    /** The page that opened: the first of the manifest, unless the launch named another. */
    readonly pagePath: string;
    /** The address of the page of another app that opened this one, such as `guichet://miniapp/gov.example.hall/pages/list`; empty if it was the person. */
    readonly referrerInfo: string;
    /** The language in use, a BCP 47 tag. */
    readonly lang: string;
    /** The direction of text, from the manifest. */
    readonly dir: "auto" | "ltr" | "rtl";
  }

  /** An error nobody caught (MiniApp Lifecycle, `LifecycleError`). */
  interface LifecycleError {
    readonly errorDescription: string;
    readonly lang: string;
    readonly dir: "auto" | "ltr" | "rtl";
  }

  /** What a page was opened with (MiniApp Lifecycle, `PageInputObject`). */
  interface PageInputObject {
    /** What follows the question mark; may be empty. */
    readonly pageInputQuery: string;
  }

  /** The states of an app, and of a page. */
  type GlobalState = GLOBAL_STATES;
  type PageState = PAGE_STATES;

  /** An event that carries the input object's members. In logic it has these, `type` and `target` only. */
  interface InputEvent extends Event, InputObject {}
  interface ErrorEvent extends Event, LifecycleError {}
  interface PageInputEvent extends Event, PageInputObject {}

  /** What `onLaunch` and `onShow` are given: the input object, and path and query of the page that opened. */
  interface Opened extends InputObject {
    readonly path: string;
    readonly query: string;
  }

  /** The lifecycle of an app as the explainer of MiniApp Lifecycle has it. */
  interface AppHandlers {
    onLaunch?(opened: Opened): void;
    onShow?(opened: Opened): void;
    onHide?(): void;
    onError?(error: LifecycleError & Log.Fault): void;
    onUnload?(): void;
  }

  /** The lifecycle of a page as the explainer of MiniApp Lifecycle has it: `onLoad`, then `onShow`, then `onReady`. */
  interface PageHandlers {
    onLoad?(query: string): void;
    onShow?(): void;
    onReady?(): void;
    onHide?(): void;
    onUnload?(): void;
  }
"#;
