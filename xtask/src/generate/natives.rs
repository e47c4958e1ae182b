//! The Rust half of the script component's host functions: one line for each, and the types that they take and bring.

use anyhow::{Result, bail};

use super::{
    ORIGIN,
    model::{Declared, Form, Function, Kind, Member, Shape, World, camel, pascal, snake},
};

/// runtime/script/src/natives.rs.
pub(super) fn rust(world: &World) -> Result<String> {
    let modules: Vec<_> = world.imports.iter().map(|interface| snake(&interface.name)).collect();
    let mut text = format!(
        "//! Every host function of the WIT, as QuickJS sees it.\n//!\n//! {ORIGIN}\n\n\
         use rquickjs::function::Rest;\nuse rquickjs::{{Ctx, Function, Object, Value}};\n\n\
         use crate::bindings::guichet::app::{{{}}};\nuse crate::convert::{{Arguments, Members, Native, Script, member}};\n\n\
         /// The table that prelude.js builds `guichet.*` from.\n\
         pub(crate) fn table<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {{\n{MACRO}",
        modules.join(", ")
    );
    for interface in &world.imports {
        for function in &interface.functions {
            text += &native(&interface.name, function)?;
        }
    }
    text += "    Ok(table)\n}\n";
    for interface in &world.imports {
        for declared in &interface.types {
            let path = format!("{}::{}", snake(&interface.name), pascal(&declared.name));
            // A failure is thrown (convert.rs), and a call is a number.
            if declared.name != "failure" {
                text += &conversions(&path, declared)?;
            }
        }
    }
    Ok(text)
}

const MACRO: &str = "    let table = Object::new(ctx.clone())?;
    macro_rules! native {
        ($name:literal, |$arguments:ident| $call:expr) => {
            let native = |ctx: Ctx<'js>, values: Rest<Value<'js>>| {
                #[allow(unused_mut, unused_variables, reason = \"some functions take nothing\")]
                let mut $arguments = Arguments::new(ctx.clone(), $name, values.0);
                Script::to_script($call, &ctx)
            };
            table.set($name, Function::new(ctx.clone(), native)?.with_name($name)?)?;
        };
    }
";

fn native(interface: &str, function: &Function) -> Result<String> {
    let module = snake(interface);
    let arguments: Vec<_> =
        function.parameters.iter().map(|(name, kind)| argument(name, kind)).collect::<Result<_>>()?;
    let path = format!("{module}::{}", snake(&function.name));
    let name = format!("{interface}.{}", function.name);
    let mut text = format!("    native!(\"{name}\", |a| {path}({}));\n", arguments.join(", "));
    if let Shape::Call { .. } = function.shape {
        text += &format!("    native!(\"{name}-result\", |a| {path}_result(a.take(\"of\")?));\n");
    }
    Ok(text)
}

/// An argument as wit-bindgen's functions want it: what lives on the heap by reference.
fn argument(name: &str, kind: &Kind) -> Result<String> {
    Ok(match kind {
        Kind::Text | Kind::Bytes | Kind::List(_) | Kind::Named { owns: true, .. } => {
            format!("&a.take::<{}>(\"{name}\")?", owned(kind)?)
        }
        Kind::Option(inner) if **inner == Kind::Text => format!("a.take::<Option<String>>(\"{name}\")?.as_deref()"),
        Kind::Option(inner) if matches!(**inner, Kind::Bool | Kind::U32 | Kind::Float) => {
            format!("a.take(\"{name}\")?")
        }
        Kind::Result(Some(ok), Some(err)) if **ok == Kind::Text && **err == Kind::Text => {
            format!("a.take::<Result<String, String>>(\"{name}\")?.as_deref().map_err(String::as_str)")
        }
        Kind::Option(_) | Kind::Result(..) | Kind::Tuple(_) | Kind::U64 => {
            bail!("the argument {name} is of a kind for which no glue is generated yet")
        }
        Kind::Bool | Kind::U32 | Kind::Float | Kind::Call | Kind::Named { .. } => format!("a.take(\"{name}\")?"),
    })
}

fn owned(kind: &Kind) -> Result<String> {
    Ok(match kind {
        Kind::Text => "String".to_owned(),
        Kind::Bytes => "Vec<u8>".to_owned(),
        Kind::List(item) => format!("Vec<{}>", owned(item)?),
        Kind::Bool => "bool".to_owned(),
        Kind::U32 | Kind::Call => "u32".to_owned(),
        Kind::Float => "f64".to_owned(),
        Kind::Named { interface, name, .. } => format!("{}::{}", snake(interface), pascal(name)),
        _ => bail!("a list of this kind has no glue yet"),
    })
}

fn conversions(path: &str, declared: &Declared) -> Result<String> {
    match &declared.form {
        Form::Record(fields) => Ok(native_record(path, fields) + &script_record(path, fields)),
        Form::Enum(cases) => Ok(native_enum(path, cases) + &script_enum(path, cases)),
        Form::Variant(cases) if cases.iter().all(|case| case.kind.is_some()) => {
            Ok(native_variant(path, cases) + &script_variant(path, cases))
        }
        Form::Variant(_) => bail!("{path}: a variant with cases of no payload has no glue yet"),
        Form::Alias => Ok(String::new()),
    }
}

fn implement(name: &str, path: &str, wanted: &str, body: &str) -> String {
    let expects =
        if wanted.is_empty() { String::new() } else { format!("    const WANTED: &'static str = \"{wanted}\";\n\n") };
    let signature = match name {
        "Native" => "fn from_script(value: &Value<'_>) -> Option<Self>",
        _ => "fn to_script<'js>(self, ctx: &Ctx<'js>) -> rquickjs::Result<Value<'js>>",
    };
    format!("\nimpl {name} for {path} {{\n{expects}    {signature} {{\n{body}    }}\n}}\n")
}

fn native_record(path: &str, fields: &[Member]) -> String {
    let names: Vec<_> = fields.iter().map(|field| camel(&field.name)).collect();
    let members: Vec<_> = fields
        .iter()
        .map(|field| format!("{}: member(value, \"{}\")?", snake(&field.name), camel(&field.name)))
        .collect();
    implement(
        "Native",
        path,
        &format!("a record {{{}}}", names.join(", ")),
        &format!("Some(Self {{ {} }})\n", members.join(", ")),
    )
}

fn script_record(path: &str, fields: &[Member]) -> String {
    let mut body = "let members = Members::new(ctx)?;\n".to_owned();
    for field in fields {
        body +=
            &format!("let members = members.with(ctx, \"{}\", self.{})?;\n", camel(&field.name), snake(&field.name));
    }
    implement("Script", path, "", &(body + "Ok(members.0.into_value())\n"))
}

fn native_enum(path: &str, cases: &[String]) -> String {
    let arms: String = cases.iter().map(|case| format!("\"{case}\" => Some(Self::{}),\n", pascal(case))).collect();
    let wanted = match cases {
        [all @ .., last] if !all.is_empty() => format!("{} or {last}", all.join(", ")),
        _ => cases.join(""),
    };
    implement(
        "Native",
        path,
        &wanted,
        &format!("match String::from_script(value)?.as_str() {{\n{arms}_ => None,\n}}\n"),
    )
}

fn script_enum(path: &str, cases: &[String]) -> String {
    let arms: String = cases.iter().map(|case| format!("Self::{} => \"{case}\",\n", pascal(case))).collect();
    implement("Script", path, "", &format!("let case = match self {{\n{arms}}};\ncase.to_owned().to_script(ctx)\n"))
}

fn native_variant(path: &str, cases: &[Member]) -> String {
    let tries: String = cases
        .iter()
        .map(|case| format!(".or_else(|| Native::from_script(value).map(Self::{}))", pascal(&case.name)))
        .collect();
    let wanted: Vec<_> = cases.iter().filter_map(|case| case.kind.as_ref()).map(called).collect();
    implement("Native", path, &wanted.join(" or "), &format!("None{tries}\n"))
}

fn script_variant(path: &str, cases: &[Member]) -> String {
    let arms: String = cases
        .iter()
        .map(|case| format!("Self::{}(payload) => payload.to_script(ctx),\n", pascal(&case.name)))
        .collect();
    implement("Script", path, "", &format!("match self {{\n{arms}}}\n"))
}

/// A kind in the words of a message.
fn called(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text => "a text",
        Kind::Bytes => "bytes",
        Kind::Bool => "true or false",
        Kind::U32 | Kind::U64 | Kind::Float | Kind::Call => "a number",
        Kind::List(_) | Kind::Tuple(_) => "a list",
        Kind::Option(inner) => called(inner),
        Kind::Result(..) | Kind::Named { .. } => "a record",
    }
}
