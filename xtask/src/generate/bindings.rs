//! The host calls of the Rust guest library: one `async` function for each call of the WIT.

use anyhow::{Result, bail};

use super::{
    ORIGIN,
    model::{Form, Function, Interface, Kind, Shape, World, comment, pascal, snake},
};

/// host-apis/guest/src/calls.rs.
pub(super) fn rust(world: &World) -> Result<String> {
    let mut text = format!("//! Every host call of the WIT, as an `async` function.\n//!\n//! {ORIGIN}\n");
    for interface in world.imports.iter().filter(|interface| has_calls(interface)) {
        text += &module(interface)?;
    }
    Ok(text)
}

fn has_calls(interface: &Interface) -> bool {
    interface.functions.iter().any(|function| matches!(function.shape, Shape::Call { .. }))
}

fn module(interface: &Interface) -> Result<String> {
    let name = snake(&interface.name);
    let can_fail =
        interface.functions.iter().any(|function| matches!(function.shape, Shape::Call { can_fail: true, .. }));
    let failure = if can_fail { "use crate::Failure;\n" } else { "" };
    let mut text = format!(
        "\n{}pub mod {name} {{\n{failure}use crate::bindings::guichet::app::{name} as host;\nuse crate::tasks::Completion;\n\n",
        comment(&interface.docs, "///")
    );
    for declared in interface.types.iter().filter(|declared| !matches!(declared.form, Form::Alias)) {
        text += &format!("pub use host::{};\n", pascal(&declared.name));
    }
    for function in &interface.functions {
        text += &call(function)?;
    }
    Ok(text + "}\n")
}

fn call(function: &Function) -> Result<String> {
    let Shape::Call { brings, can_fail } = &function.shape else { return Ok(String::new()) };
    let name = snake(&function.name);
    let mut parameters = Vec::new();
    for (parameter, kind) in &function.parameters {
        parameters.push(format!("{}: {}", snake(parameter), borrowed(kind)?));
    }
    let arguments: Vec<_> = function.parameters.iter().map(|(parameter, _)| snake(parameter)).collect();
    let brought = brings.as_ref().map_or(Ok("()".to_owned()), owned)?;
    let (result, convert) = match (*can_fail, brings) {
        (true, _) => (format!(" -> Result<{brought}, Failure>"), ".map_err(Into::into)"),
        (false, None) => (String::new(), ";"),
        (false, Some(_)) => (format!(" -> {brought}"), ""),
    };
    Ok(format!(
        "\n{}pub async fn {name}({}){result} {{\nhost::{name}_result(Completion::of(host::{name}({})).await){convert}\n}}\n",
        comment(if function.docs.is_empty() { "Asks the host." } else { &function.docs }, "///"),
        parameters.join(", "),
        arguments.join(", "),
    ))
}

fn borrowed(kind: &Kind) -> Result<String> {
    Ok(match kind {
        Kind::Text => "&str".to_owned(),
        Kind::Bytes => "&[u8]".to_owned(),
        Kind::List(item) => format!("&[{}]", owned(item)?),
        Kind::Named { owns: true, .. } => format!("&{}", owned(kind)?),
        Kind::Option(inner) => format!("Option<{}>", borrowed(inner)?),
        _ => owned(kind)?,
    })
}

fn owned(kind: &Kind) -> Result<String> {
    Ok(match kind {
        Kind::Bool => "bool".to_owned(),
        Kind::U32 | Kind::Call => "u32".to_owned(),
        Kind::U64 => "u64".to_owned(),
        Kind::Float => "f64".to_owned(),
        Kind::Text => "String".to_owned(),
        Kind::Bytes => "Vec<u8>".to_owned(),
        Kind::List(item) => format!("Vec<{}>", owned(item)?),
        Kind::Option(inner) => format!("Option<{}>", owned(inner)?),
        Kind::Tuple(kinds) => format!("({})", kinds.iter().map(owned).collect::<Result<Vec<_>>>()?.join(", ")),
        Kind::Named { name, .. } => pascal(name),
        Kind::Result(..) => bail!("a result inside a value has no Rust form yet"),
    })
}
