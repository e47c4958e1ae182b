//! `files`: files that a person chooses.

use serde_json::{Value as Json, json};

use crate::{
    Arguments, Call, Failure, InvalidArguments, Permission, PermissionName, Permit, Scope, Services, Stop, Value,
    clipboard::TOUCH, members::record,
};

/// Longest file that can be chosen, in bytes.
pub const MAX_FILE_BYTES: u32 = 32 << 20;
/// Most bytes that are read at once.
pub const MAX_READ_BYTES: u32 = 1 << 20;
/// Longest file that can be kept, in bytes.
pub const MAX_SAVED_BYTES: usize = 2 << 20;
/// Most files of one app that are open.
pub const MAX_OPEN: usize = 4;
/// Most endings that can be chosen from.
pub const MAX_ENDINGS: usize = 16;
/// Longest name that is proposed, in bytes.
pub const MAX_NAME_BYTES: usize = 120;

/// The member of the scope that limits endings.
const ENDINGS: &str = "endings";

/// A file that a person has chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// 1, 2, 3… of this app.
    pub number: u32,
    /// Its name, with its ending.
    pub name: String,
    /// In bytes.
    pub size: u32,
}

/// What a terminal must provide for `files` to work. Each app sees its own files only.
pub trait Files: Send + Sync {
    /// Lets the person choose a file; none if they choose none.
    fn pick(&self, permit: Permit<Pick>) -> Result<Option<Chosen>, Failure>;
    /// A piece of a chosen file.
    fn read(&self, permit: Permit<Read>) -> Result<Vec<u8>, Failure>;
    /// Closes a file.
    fn close(&self, permit: Permit<Close>) -> Result<(), Failure>;
    /// Lets the person say where bytes are kept; whether they are.
    fn save(&self, permit: Permit<Save>) -> Result<bool, Failure>;
}

/// Lets the person choose a file.
#[derive(Debug)]
pub struct Pick {
    /// What its name may end with, in lower case.
    pub endings: Vec<String>,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// Asks for a piece of a chosen file.
#[derive(Debug)]
pub struct Read {
    /// The number of the file.
    pub number: u32,
    /// Where it begins.
    pub offset: u32,
    /// How long it is at most.
    pub most: u32,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// Closes a file.
#[derive(Debug)]
pub struct Close {
    /// The number of the file.
    pub number: u32,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// Lets the person say where bytes are kept.
#[derive(Debug)]
pub struct Save {
    /// The name that is proposed, with an ending.
    pub name: String,
    /// What is kept.
    pub bytes: Vec<u8>,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// A reply of this interface, as a [`Value`].
#[derive(Debug)]
pub struct Reply<T>(pub T);

macro_rules! files_call {
    ($call:ident, $method:ident, $reply:ty, $endings:expr, $untouched:expr) => {
        impl Call for $call {
            type Reply = Reply<$reply>;

            fn needs(&self) -> Permission {
                let endings: fn(&Self) -> Json = $endings;
                Permission::limited(permission_name(), ENDINGS, endings(self))
            }

            fn perform(permit: Permit<Self>, services: &dyn Services) -> Result<Self::Reply, Failure> {
                services.files().$method(permit).map(Reply)
            }

            fn stop(&self) -> Option<Stop> {
                Some(self.stop.clone())
            }

            fn untouched(&self) -> Option<Failure> {
                $untouched
            }
        }
    };
}

files_call!(Pick, pick, Option<Chosen>, |call| json!(call.endings), Some(untouched()));
files_call!(Read, read, Vec<u8>, |_| json!([]), None);
files_call!(Close, close, (), |_| json!([]), None);
files_call!(Save, save, bool, |call| json!([ending(&call.name)]), Some(untouched()));

impl From<Reply<Option<Chosen>>> for Value {
    fn from(Reply(chosen): Reply<Option<Chosen>>) -> Self {
        chosen.map_or(Self::Null, |Chosen { number, name, size }| {
            record([
                ("number", Self::Integer(number.into())),
                ("name", Self::Text(name)),
                ("size", Self::Integer(size.into())),
            ])
        })
    }
}

impl From<Reply<Vec<u8>>> for Value {
    fn from(Reply(bytes): Reply<Vec<u8>>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Reply<bool>> for Value {
    fn from(Reply(is_kept): Reply<bool>) -> Self {
        Self::Bool(is_kept)
    }
}

impl From<Reply<()>> for Value {
    fn from(_: Reply<()>) -> Self {
        Self::Null
    }
}

/// The name of the permission.
pub(crate) fn permission_name() -> PermissionName {
    PermissionName::host("files")
}

/// What is wrong with a scope: it may say which endings, and nothing else.
pub(crate) fn scope_fault(scope: &Scope) -> Option<String> {
    let is_endings =
        |limit: &Json| limit.as_array().is_some_and(|all| all.iter().all(|one| one.as_str().is_some_and(is_ending)));
    let fault = |(member, limit): (&String, &Json)| match member.as_str() {
        ENDINGS if is_endings(limit) => None,
        ENDINGS => Some("`endings` is a list of endings of file names in lower case, such as pdf".to_owned()),
        other => Some(format!("`{other}` limits nothing here; `endings` does")),
    };
    scope.members().iter().find_map(fault)
}

/// What follows the last dot of a name, in lower case; empty if nothing does.
pub fn ending(name: &str) -> String {
    name.rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_ascii_lowercase())
}

fn is_ending(text: &str) -> bool {
    (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn untouched() -> Failure {
    let seconds = TOUCH.as_secs();
    Failure::Unavailable(format!(
        "files/untouched: no dialog opens that nobody has asked for; hint: call it when a button is pressed, within {seconds} seconds"
    ))
}

impl Pick {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let wanted = "a list of 1 to 16 endings in lower case, such as pdf";
        let Some(Value::List(endings)) = arguments.value() else { return Err(arguments.wrong("endings", wanted)) };
        let text = |ending| match ending {
            Value::Text(ending) if is_ending(&ending) => Some(ending),
            _ => None,
        };
        let endings = Some(endings).filter(|all| (1..=MAX_ENDINGS).contains(&all.len()));
        let endings = endings.and_then(|all| all.into_iter().map(text).collect::<Option<Vec<_>>>());
        let endings = endings.ok_or_else(|| arguments.wrong("endings", wanted))?;
        arguments.end().map(|()| Self { endings, stop: Stop::default() })
    }
}

impl Read {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let number = whole(&mut arguments, "number", u32::MAX)?;
        let offset = whole(&mut arguments, "offset", MAX_FILE_BYTES)?;
        let most = whole(&mut arguments, "most", MAX_READ_BYTES)?;
        arguments.end().map(|()| Self { number, offset, most, stop: Stop::default() })
    }
}

impl Close {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let number = whole(&mut arguments, "number", u32::MAX)?;
        arguments.end().map(|()| Self { number, stop: Stop::default() })
    }
}

impl Save {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let name = arguments.text("name")?;
        let is_apart = |c: char| c.is_control() || ['/', '\\', ':'].contains(&c);
        let is_name = name.len() <= MAX_NAME_BYTES && !name.starts_with('.') && !name.contains(is_apart);
        if !is_name || !is_ending(&ending(&name)) {
            return Err(arguments.wrong("name", "the name of a file with its ending, of at most 120 bytes"));
        }
        let bytes = match arguments.value() {
            Some(Value::Bytes(bytes)) if bytes.len() <= MAX_SAVED_BYTES => bytes,
            _ => return Err(arguments.wrong("bytes", "bytes of at most 2 MiB")),
        };
        arguments.end().map(|()| Self { name, bytes, stop: Stop::default() })
    }
}

fn whole(arguments: &mut Arguments, name: &'static str, most: u32) -> Result<u32, InvalidArguments> {
    arguments.integer(name, most.into()).map(|number| u32::try_from(number).unwrap_or(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(json: &str) -> Option<String> {
        serde_json::from_str::<Permission>(json).unwrap().scope_fault()
    }

    #[test]
    fn a_scope_lists_endings() {
        assert_eq!(fault(r#"{"name":"host:files"}"#), None);
        assert_eq!(fault(r#"{"name":"host:files","scope":{"endings":["pdf","jpg"]}}"#), None);
        insta::assert_snapshot!(fault(r#"{"name":"host:files","scope":{"endings":[".PDF"]}}"#).unwrap(), @"`endings` is a list of endings of file names in lower case, such as pdf");
        insta::assert_snapshot!(fault(r#"{"name":"host:files","scope":{"folders":["x"]}}"#).unwrap(), @"`folders` limits nothing here; `endings` does");
    }

    #[test]
    fn what_is_no_name_is_not_proposed() {
        let save = |name: &str| {
            let arguments = vec![Value::Text(name.to_owned()), Value::Bytes(vec![])];
            Save::decode(Arguments::new("files.save", arguments))
                .map(|save| save.name)
                .map_err(|wrong| wrong.to_string())
        };
        assert_eq!(save("证明 7.pdf"), Ok("证明 7.pdf".to_owned()));
        for name in ["", "pdf", ".profile", "../x.pdf", "a/b.pdf", "a\\b.pdf", "c:x.pdf", "x.pdf\n", "x.", "x.p df"] {
            assert_eq!(
                save(name).unwrap_err(),
                "files.save: name must be the name of a file with its ending, of at most 120 bytes",
                "{name:?}"
            );
        }
    }
}
