//! Where `import` finds things: in the package, by relative path, and nowhere else.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use rquickjs::{
    Ctx, Exception, Module,
    loader::{ImportAttributes, Loader, Resolver},
    module::Declared,
};

use crate::bindings::guichet::app::modules;

/// The modules of the package. Clones share what was found.
#[derive(Clone, Default)]
pub(crate) struct Package {
    /// Sources that were found when a path was resolved and that are not yet loaded.
    found: Rc<RefCell<BTreeMap<String, String>>>,
}

impl Resolver for Package {
    fn resolve<'js>(&mut self, ctx: &Ctx<'js>, base: &str, name: &str, _: Option<ImportAttributes<'js>>) -> rquickjs::Result<String> {
        let path = join(base, name).ok_or_else(|| {
            Exception::throw_message(ctx, &format!("{base} imports '{name}', which is not a path inside the package; it must begin with ./ or ../"))
        })?;
        let source = modules::source(&path)
            .ok_or_else(|| Exception::throw_message(ctx, &format!("{base} imports '{name}', and the package has no file {path}")))?;
        self.found.borrow_mut().insert(path.clone(), source);
        Ok(path)
    }
}

impl Loader for Package {
    fn load<'js>(&mut self, ctx: &Ctx<'js>, path: &str, _: Option<ImportAttributes<'js>>) -> rquickjs::Result<Module<'js, Declared>> {
        let source = self.found.borrow_mut().remove(path).or_else(|| modules::source(path));
        let source = source.ok_or_else(|| Exception::throw_message(ctx, &format!("the package has no file {path}")))?;
        if path.ends_with(".json") {
            return Module::declare(ctx.clone(), path, format!("export default JSON.parse({source:?});"));
        }
        Module::declare(ctx.clone(), path, source)
    }
}

/// The path that `name` means in the module `base`, if it stays inside the package.
fn join(base: &str, name: &str) -> Option<String> {
    if !name.starts_with("./") && !name.starts_with("../") {
        return None;
    }
    let mut path: Vec<&str> = base.split('/').collect();
    path.pop();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." => drop(path.pop()?),
            part => path.push(part),
        }
    }
    Some(path.join("/"))
}
