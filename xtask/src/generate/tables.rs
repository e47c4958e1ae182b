//! The JavaScript names of the host functions: one table for the script component, one for the bridge of pages.

use super::{
    ORIGIN,
    model::{Interface, Shape, World, camel},
};

/// What the runtime itself uses and dresses as something else: `setTimeout`, `guichet.page`, cancelling.
pub(super) const DRESSED: [&str; 3] = ["calls", "page", "timer"];

/// Every function, for prelude.js.
pub(super) fn for_logic(world: &World) -> String {
    table("Every host function", world.imports.iter())
}

/// The functions that a page may call over the bridge.
pub(super) fn for_pages(world: &World) -> String {
    table("The host functions that a page may call", world.imports.iter().filter(|interface| is_open(interface)))
}

/// Whether an interface is offered to apps under its own name.
pub(super) fn is_open(interface: &Interface) -> bool {
    !DRESSED.contains(&interface.name.as_str())
}

fn table<'a>(title: &str, interfaces: impl Iterator<Item = &'a Interface>) -> String {
    let mut text = format!("// {title}, by their JavaScript names, with their WIT names.\n// {ORIGIN}\n({{\n");
    for interface in interfaces {
        text += &format!("  {}: {{\n", camel(&interface.name));
        for function in &interface.functions {
            let tells = if let Shape::Tell = function.shape { ", tell: true" } else { "" };
            let name = camel(&function.name);
            text += &format!(
                "    {name}: {{ interface: \"{}\", function: \"{}\"{tells} }},\n",
                interface.name, function.name
            );
        }
        text += "  },\n";
    }
    text + "})\n"
}
