//! `storage`: a private key-value store for each app.

use crate::{Arguments, Call, Failure, InvalidArguments, Permission, PermissionName, Permit, Services, Value};

/// Longest key, in bytes.
pub const MAX_KEY_BYTES: usize = 512;
/// Longest value, in bytes.
pub const MAX_VALUE_BYTES: usize = 1 << 20;
/// All keys and values of one app together, in bytes.
pub const QUOTA_BYTES: u64 = 10 << 20;
/// Most keys of one app: a record of one byte costs a device far more than that.
pub const QUOTA_KEYS: u64 = 16_384;

/// What is kept under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// Asks for the value under a key.
#[derive(Debug)]
pub struct Get {
    /// The key, unique within the app.
    pub key: String,
}

/// Puts a value under a key.
#[derive(Debug)]
pub struct Set {
    /// The key, unique within the app.
    pub key: String,
    /// What to keep.
    pub value: Stored,
}

/// Removes a key.
#[derive(Debug)]
pub struct Remove {
    /// The key, unique within the app.
    pub key: String,
}

/// Asks for the keys that begin with a prefix.
#[derive(Debug)]
pub struct Keys {
    /// The prefix; empty for all.
    pub prefix: String,
}

/// What a device must provide for `storage` to work. Each method sees only the calling app's own partition (P-A10).
pub trait Storage: Send + Sync {
    /// Looks a value up.
    fn get(&self, permit: Permit<Get>) -> Result<Option<Stored>, Failure>;
    /// Keeps a value, durably before it returns.
    fn set(&self, permit: Permit<Set>) -> Result<(), Failure>;
    /// Removes a value, durably before it returns.
    fn remove(&self, permit: Permit<Remove>) -> Result<(), Failure>;
    /// Lists keys in byte order.
    fn keys(&self, permit: Permit<Keys>) -> Result<Vec<String>, Failure>;
}

fn permission() -> Permission {
    Permission::unlimited(PermissionName::host("storage"))
}

macro_rules! storage_call {
    ($call:ident, $method:ident, $reply:ty) => {
        impl Call for $call {
            type Reply = Reply<$reply>;

            fn needs(&self) -> Permission {
                permission()
            }

            fn perform(permit: Permit<Self>, services: &dyn Services) -> Result<Self::Reply, Failure> {
                services.storage().$method(permit).map(Reply)
            }
        }
    };
}

/// A reply of this interface, as a [`Value`].
#[derive(Debug)]
pub struct Reply<T>(pub T);

storage_call!(Get, get, Option<Stored>);
storage_call!(Set, set, ());
storage_call!(Remove, remove, ());
storage_call!(Keys, keys, Vec<String>);

impl From<Reply<()>> for Value {
    fn from(_: Reply<()>) -> Self {
        Self::Null
    }
}

impl From<Reply<Option<Stored>>> for Value {
    fn from(reply: Reply<Option<Stored>>) -> Self {
        match reply.0 {
            None => Self::Null,
            Some(Stored::Text(text)) => Self::Text(text),
            Some(Stored::Bytes(bytes)) => Self::Bytes(bytes),
        }
    }
}

impl From<Reply<Vec<String>>> for Value {
    fn from(reply: Reply<Vec<String>>) -> Self {
        Self::List(reply.0.into_iter().map(Self::Text).collect())
    }
}

fn key(arguments: &mut Arguments) -> Result<String, InvalidArguments> {
    let key = arguments.text("key")?;
    if (1..=MAX_KEY_BYTES).contains(&key.len()) { Ok(key) } else { Err(arguments.wrong("key", "1 to 512 bytes long")) }
}

impl Get {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let key = key(&mut arguments)?;
        arguments.end().map(|()| Self { key })
    }
}

impl Set {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let key = key(&mut arguments)?;
        let value = match arguments.value() {
            Some(Value::Text(text)) if text.len() <= MAX_VALUE_BYTES => Stored::Text(text),
            Some(Value::Bytes(bytes)) if bytes.len() <= MAX_VALUE_BYTES => Stored::Bytes(bytes),
            _ => return Err(arguments.wrong("value", "a text or bytes of at most 1 MiB")),
        };
        arguments.end().map(|()| Self { key, value })
    }
}

impl Remove {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let key = key(&mut arguments)?;
        arguments.end().map(|()| Self { key })
    }
}

impl Keys {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let prefix = arguments.text("prefix")?;
        arguments.end().map(|()| Self { prefix })
    }
}
