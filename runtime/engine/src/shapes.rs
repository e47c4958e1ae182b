//! Links a component's imports by their shape, knowing no host API (host-apis/wit/app.wit, `calls`).

use std::sync::Arc;

use guichet_contract::Value;
use wasmtime::component::{
    Component, Linker, LinkerInstance, Type, Val,
    types::{ComponentFunc, ComponentItem},
};

use crate::{
    Ended,
    convert::{completion, to_value},
    state::{Function, State},
};

/// The package whose interfaces a guest may import; the patch version does not matter.
const PACKAGE: &str = "guichet:app/";
const VERSION: &str = "@0.1.";
/// Interfaces that are not one of the three shapes.
const CALLS: &str = "calls";
const MODULES: &str = "modules";
/// The end of the name of a function that takes what a completion brought.
const RESULT: &str = "-result";

/// Whether the component is ours and may read the package's modules, or an app's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Script,
    App,
}

/// Defines every function that the component imports, or says which one the host does not offer.
pub(crate) fn link(engine: &wasmtime::Engine, component: &Component, origin: Origin) -> Result<Linker<State>, Ended> {
    let mut linker = Linker::new(engine);
    for (name, item) in component.component_type().imports(engine) {
        let ComponentItem::ComponentInstance(instance) = item.ty else {
            return Err(foreign(name));
        };
        let interface = interface(name)
            .filter(|interface| *interface != MODULES || origin == Origin::Script)
            .ok_or_else(|| foreign(name))?;
        let mut linked = linker.instance(name).map_err(|error| unlinkable(name, &error))?;
        for (function, item) in instance.exports(engine) {
            match item.ty {
                ComponentItem::ComponentFunc(ty) => define(&mut linked, interface, function, &ty)?,
                ComponentItem::Type(_) => {}
                _ => return Err(foreign(&format!("{name} {function}"))),
            }
        }
    }
    Ok(linker)
}

/// `storage` of `guichet:app/storage@0.1.0`.
pub(crate) fn interface(name: &str) -> Option<&str> {
    name.strip_prefix(PACKAGE)?.split_once(VERSION).map(|(interface, _)| interface)
}

fn define(
    linker: &mut LinkerInstance<'_, State>,
    interface: &str,
    name: &str,
    ty: &ComponentFunc,
) -> Result<(), Ended> {
    let function = |name: &str| Arc::new(Function { interface: interface.to_owned(), name: name.to_owned() });
    let results: Vec<_> = ty.results().collect();
    let defined = match (interface, name, results.as_slice()) {
        (MODULES, "source", [Type::Option(_)]) => linker.func_new(name, |store, _, arguments, results| {
            let [Val::String(path)] = arguments else { return Err(misused("modules.source")) };
            give(results, Val::Option(store.data().source(path).map(|source| Box::new(Val::String(source)))))
        }),
        (CALLS, "forget", []) => linker.func_new(name, |mut store, _, arguments, _| {
            let [Val::U32(call)] = arguments else { return Err(misused("calls.forget")) };
            Ok(store.data_mut().forget(*call)?)
        }),
        (_, _, results) if results.len() <= 1 && name.ends_with(RESULT) => {
            let function = function(name.trim_end_matches(RESULT));
            linker.func_new(name, move |mut store, ty, arguments, results| {
                let [Val::U32(call)] = arguments else { return Err(misused(&format!("{function}{RESULT}"))) };
                let taken = store.data_mut().take(&function, *call)?;
                match ty.results().next() {
                    Some(ty) => give(
                        results,
                        completion(&taken, &ty)
                            .map_err(|error| Ended::Contract(format!("{function}{RESULT}: {error}")))?,
                    ),
                    None => Ok(()),
                }
            })
        }
        (_, _, [Type::U32]) => {
            let function = function(name);
            linker.func_new(name, move |mut store, ty, arguments, results| {
                let arguments = values(&function, &ty, arguments)?;
                let call = store.data_mut().call(&function, arguments)?;
                give(results, Val::U32(call))
            })
        }
        (_, _, []) => {
            let function = function(name);
            linker.func_new(name, move |mut store, ty, arguments, _| {
                let arguments = values(&function, &ty, arguments)?;
                Ok(store.data_mut().tell(&function, arguments)?)
            })
        }
        _ => {
            return Err(Ended::Compile(format!(
                "{interface}.{name} is imported as a function that neither starts, takes nor tells"
            )));
        }
    };
    defined.map_err(|error| unlinkable(name, &error))
}

fn values(function: &Function, ty: &ComponentFunc, arguments: &[Val]) -> Result<Vec<Value>, Ended> {
    let typed = arguments.iter().zip(ty.params());
    let values = typed.map(|(val, (_, ty))| to_value(val, &ty)).collect::<Result<_, _>>();
    values.map_err(|error| Ended::Contract(format!("{function}: {error}")))
}

fn give(results: &mut [Val], val: Val) -> wasmtime::Result<()> {
    match results {
        [result] => {
            *result = val;
            Ok(())
        }
        _ => Err(misused("a function with one result")),
    }
}

fn misused(function: &str) -> wasmtime::Error {
    Ended::Contract(format!("{function} was imported with other types than the host's")).into()
}

fn foreign(name: &str) -> Ended {
    Ended::Compile(format!("it imports {name}, which is not a host API of guichet:app{VERSION}x"))
}

fn unlinkable(name: &str, error: &wasmtime::Error) -> Ended {
    Ended::Compile(format!("{name}: {}", error.root_cause()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_interfaces_of_our_package_are_ours() {
        assert_eq!(interface("guichet:app/storage@0.1.0"), Some("storage"));
        assert_eq!(interface("guichet:app/app-info@0.1.7"), Some("app-info"));
        for foreign in [
            "guichet:app/storage",
            "guichet:app/storage@0.2.0",
            "guichet:apps/storage@0.1.0",
            "wasi:io/streams@0.2.0",
            "storage",
            "",
        ] {
            assert_eq!(interface(foreign), None, "{foreign}");
        }
    }
}
