//! The WIT as the generators need it: interfaces, the three shapes of a function, and the types that may cross.

use std::path::Path;

use anyhow::{Context, Result, bail};
use wit_parser::{Docs, InterfaceId, PackageId, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldItem};

/// The end of the name of a function that takes what a completion brought.
const RESULT: &str = "-result";

/// What a guest imports, and the interface that it exports.
pub(super) struct World {
    /// In the order of world.wit.
    pub(super) imports: Vec<Interface>,
    /// `logic`.
    pub(super) logic: Interface,
}

/// One WIT interface.
pub(super) struct Interface {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) types: Vec<Declared>,
    pub(super) functions: Vec<Function>,
}

/// A function; one that takes a result is part of the one that starts the call.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) parameters: Vec<(String, Kind)>,
    pub(super) shape: Shape,
}

/// What a function does.
pub(super) enum Shape {
    /// Starts a call, and what its completion brings.
    Call { brings: Option<Kind>, can_fail: bool },
    /// Tells, or, in `logic`, is exported.
    Tell,
}

/// A type with a name.
pub(super) struct Declared {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) form: Form,
}

/// How a named type is made.
pub(super) enum Form {
    Record(Vec<Member>),
    Enum(Vec<String>),
    Variant(Vec<Member>),
    /// Another name of a type: `call`.
    Alias,
}

/// A field of a record, or a case of a variant.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) kind: Option<Kind>,
}

/// A type that may cross between guest and host.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    U32,
    U64,
    Float,
    Text,
    Bytes,
    List(Box<Kind>),
    Tuple(Vec<Kind>),
    Option(Box<Kind>),
    Result(Option<Box<Kind>>, Option<Box<Kind>>),
    /// `calls.call`.
    Call,
    Named {
        interface: String,
        name: String,
        /// Whether it lives on the heap, so that Rust passes it by reference.
        owns: bool,
    },
}

impl World {
    /// Reads the folder of WIT files.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let mut resolve = Resolve::new();
        let (package, _) = resolve.push_path(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        Self::of(&resolve, package)
    }

    fn of(resolve: &Resolve, package: PackageId) -> Result<Self> {
        let world = resolve.select_world(&[package], Some("mini-app"))?;
        let interface = |item: &WorldItem| match item {
            WorldItem::Interface { id, .. } => Interface::read(resolve, *id),
            _ => bail!("the world may import and export interfaces only"),
        };
        let imports = resolve.worlds[world].imports.values().map(interface).collect::<Result<_>>()?;
        let logic =
            resolve.worlds[world].exports.values().map(interface).next().context("the world exports nothing")??;
        Ok(Self { imports, logic })
    }
}

impl Interface {
    fn read(resolve: &Resolve, id: InterfaceId) -> Result<Self> {
        let interface = &resolve.interfaces[id];
        let name = interface.name.clone().context("an interface without a name")?;
        let own = |(name, id): (&String, &TypeId)| {
            let is_own = !matches!(resolve.types[*id].kind, TypeDefKind::Type(Type::Id(_)));
            is_own.then(|| Declared::read(resolve, name, *id))
        };
        let types = interface.types.iter().filter_map(own).collect::<Result<_>>()?;
        let mut functions = Vec::new();
        for function in interface.functions.values().filter(|function| !function.name.ends_with(RESULT)) {
            let parameter = |parameter: &wit_parser::Param| Ok((parameter.name.clone(), kind(resolve, &parameter.ty)?));
            let parameters = function.params.iter().map(parameter).collect::<Result<Vec<_>>>()?;
            let result = function.result.map(|ty| kind(resolve, &ty)).transpose()?;
            let shape = if result == Some(Kind::Call) {
                let taken = interface.functions.get(&format!("{}{RESULT}", function.name));
                let taken = taken.with_context(|| {
                    format!("{name}.{} returns a call and has no {}{RESULT}", function.name, function.name)
                })?;
                brings(taken.result.map(|ty| kind(resolve, &ty)).transpose()?)
            } else {
                Shape::Tell
            };
            functions.push(Function { name: function.name.clone(), docs: text(&function.docs), parameters, shape });
        }
        Ok(Self { name, docs: text(&interface.docs), types, functions })
    }

    /// The type of that name.
    pub(super) fn declared(&self, name: &str) -> Option<&Declared> {
        self.types.iter().find(|declared| declared.name == name)
    }
}

fn brings(result: Option<Kind>) -> Shape {
    match result {
        Some(Kind::Result(ok, Some(_))) => Shape::Call { brings: ok.map(|kind| *kind), can_fail: true },
        brings => Shape::Call { brings, can_fail: false },
    }
}

impl Declared {
    fn read(resolve: &Resolve, name: &str, id: TypeId) -> Result<Self> {
        let ty = &resolve.types[id];
        let member = |name: &String, docs: &Docs, ty: Option<&Type>| -> Result<Member> {
            Ok(Member { name: name.clone(), docs: text(docs), kind: ty.map(|ty| kind(resolve, ty)).transpose()? })
        };
        let form = match &ty.kind {
            TypeDefKind::Record(record) => Form::Record(
                record
                    .fields
                    .iter()
                    .map(|field| member(&field.name, &field.docs, Some(&field.ty)))
                    .collect::<Result<_>>()?,
            ),
            TypeDefKind::Variant(variant) => Form::Variant(
                variant
                    .cases
                    .iter()
                    .map(|case| member(&case.name, &case.docs, case.ty.as_ref()))
                    .collect::<Result<_>>()?,
            ),
            TypeDefKind::Enum(cases) => Form::Enum(cases.cases.iter().map(|case| case.name.clone()).collect()),
            TypeDefKind::Type(_) => Form::Alias,
            other => bail!("the type {name} is a {}, for which nothing is generated yet", other.as_str()),
        };
        Ok(Self { name: name.to_owned(), docs: text(&ty.docs), form })
    }
}

fn kind(resolve: &Resolve, ty: &Type) -> Result<Kind> {
    let boxed = |ty: &Type| kind(resolve, ty).map(Box::new);
    Ok(match ty {
        Type::Bool => Kind::Bool,
        Type::U32 => Kind::U32,
        Type::U64 => Kind::U64,
        Type::F64 => Kind::Float,
        Type::String => Kind::Text,
        Type::Id(id) => match &resolve.types[*id].kind {
            TypeDefKind::List(Type::U8) => Kind::Bytes,
            TypeDefKind::List(item) => Kind::List(boxed(item)?),
            TypeDefKind::Option(inner) => Kind::Option(boxed(inner)?),
            TypeDefKind::Tuple(tuple) => {
                Kind::Tuple(tuple.types.iter().map(|ty| kind(resolve, ty)).collect::<Result<_>>()?)
            }
            TypeDefKind::Result(result) => {
                Kind::Result(result.ok.as_ref().map(boxed).transpose()?, result.err.as_ref().map(boxed).transpose()?)
            }
            _ => named(resolve, *id)?,
        },
        other => bail!("{other:?} may not cross to JavaScript; use bool, u32, f64, string, or what is made of them"),
    })
}

fn named(resolve: &Resolve, id: TypeId) -> Result<Kind> {
    let ty = &resolve.types[id];
    let name = ty.name.clone().context("a type without a name")?;
    if name == "call" {
        return Ok(Kind::Call);
    }
    if let TypeDefKind::Type(Type::Id(used)) = &ty.kind {
        return named(resolve, *used);
    }
    let TypeOwner::Interface(owner) = ty.owner else { bail!("the type {name} belongs to no interface") };
    let interface = resolve.interfaces[owner].name.clone().context("an interface without a name")?;
    Ok(Kind::Named { interface, name, owns: owns(resolve, &Type::Id(id)) })
}

/// Whether a value of this type holds a text or a list.
fn owns(resolve: &Resolve, ty: &Type) -> bool {
    match ty {
        Type::String => true,
        Type::Id(id) => match &resolve.types[*id].kind {
            TypeDefKind::List(_) => true,
            TypeDefKind::Record(record) => record.fields.iter().any(|field| owns(resolve, &field.ty)),
            TypeDefKind::Variant(variant) => {
                variant.cases.iter().filter_map(|case| case.ty.as_ref()).any(|ty| owns(resolve, ty))
            }
            TypeDefKind::Option(ty) | TypeDefKind::Type(ty) => owns(resolve, ty),
            TypeDefKind::Tuple(tuple) => tuple.types.iter().any(|ty| owns(resolve, ty)),
            _ => false,
        },
        _ => false,
    }
}

fn text(docs: &Docs) -> String {
    docs.contents.as_deref().unwrap_or_default().trim().to_owned()
}

/// `app-info` as JavaScript says it: `appInfo`.
pub(super) fn camel(name: &str) -> String {
    let pascal = pascal(name);
    let mut letters = pascal.chars();
    letters.next().map(|first| first.to_ascii_lowercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// `app-info` as a type: `AppInfo`.
pub(super) fn pascal(name: &str) -> String {
    name.split('-').map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect()
}

/// `app-info` as Rust says it: `app_info`.
pub(super) fn snake(name: &str) -> String {
    name.replace('-', "_")
}

/// A documentation text as a comment of lines, each after `mark`.
pub(super) fn comment(docs: &str, mark: &str) -> String {
    docs.lines().map(|line| format!("{mark}{}{line}\n", if line.is_empty() { "" } else { " " })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(interface: &str) -> Result<World> {
        let mut resolve = Resolve::new();
        let text = format!(
            "package guichet:app@0.1.0; interface calls {{ type call = u32; variant failure {{ denied(string) }} }} \
             interface test {{ use calls.{{call, failure}}; {interface} }} interface logic {{ boot: func(); }} \
             world mini-app {{ import test; export logic; }}"
        );
        let package = resolve.push_str("test.wit", &text)?;
        World::of(&resolve, package)
    }

    fn refused(interface: &str) -> String {
        world(interface).err().map_or("taken".to_owned(), |error| error.to_string())
    }

    #[test]
    fn a_pair_is_one_call() {
        let world =
            world("get: func(key: string) -> call; get-result: func(of: call) -> result<option<string>, failure>;")
                .unwrap();
        let test = world.imports.iter().find(|interface| interface.name == "test").unwrap();
        let [get] = test.functions.as_slice() else { panic!("one function") };
        let brings = Kind::Option(Box::new(Kind::Text));
        assert!(matches!(&get.shape, Shape::Call { brings: Some(kind), can_fail: true } if *kind == brings));
    }

    #[test]
    fn what_cannot_be_generated_is_refused_by_name() {
        assert_eq!(refused("get: func() -> call;"), "test.get returns a call and has no get-result");
        assert!(refused("tell: func(n: s8);").starts_with("S8 may not cross to JavaScript"));
        assert_eq!(
            refused("flags f { a, b } tell: func(f: f);"),
            "the type f is a flags, for which nothing is generated yet"
        );
    }

    #[test]
    fn names_follow_each_language() {
        assert_eq!(
            (camel("app-info").as_str(), pascal("app-info").as_str(), snake("app-info").as_str()),
            ("appInfo", "AppInfo", "app_info")
        );
        assert_eq!(camel("get"), "get");
    }
}
