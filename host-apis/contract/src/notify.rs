//! `notify`: notices that a desktop shows.

use crate::{Arguments, Call, Failure, InvalidArguments, Permission, PermissionName, Permit, Services, Stop, Value};

/// Longest title, in bytes.
pub const MAX_TITLE_BYTES: usize = 100;
/// Longest text, in bytes.
pub const MAX_TEXT_BYTES: usize = 500;
/// Most notices of one app that are shown at once.
pub const MAX_SHOWN: usize = 5;
/// Most notices of one session of an app.
pub const MAX_IN_ALL: u32 = 30;

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub title: String,
    /// What there is to know; may be empty.
    pub text: String,
}

/// What a terminal must provide for `notify` to work. Each app sees its own notices only.
pub trait Notify: Send + Sync {
    /// Shows a notice; its number.
    fn show(&self, permit: Permit<Show>) -> Result<u32, Failure>;
    /// Takes a notice away.
    fn withdraw(&self, permit: Permit<Withdraw>) -> Result<(), Failure>;
}

/// Shows a notice.
#[derive(Debug)]
pub struct Show {
    /// What is shown.
    pub notice: Notice,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// Takes a notice away.
#[derive(Debug)]
pub struct Withdraw {
    /// The number of the notice.
    pub number: u32,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// A reply of this interface, as a [`Value`].
#[derive(Debug)]
pub struct Reply<T>(pub T);

macro_rules! notify_call {
    ($call:ident, $method:ident, $reply:ty) => {
        impl Call for $call {
            type Reply = Reply<$reply>;

            fn needs(&self) -> Permission {
                Permission::unlimited(permission_name())
            }

            fn perform(permit: Permit<Self>, services: &dyn Services) -> Result<Self::Reply, Failure> {
                services.notify().$method(permit).map(Reply)
            }

            fn stop(&self) -> Option<Stop> {
                Some(self.stop.clone())
            }
        }
    };
}

notify_call!(Show, show, u32);
notify_call!(Withdraw, withdraw, ());

impl From<Reply<u32>> for Value {
    fn from(Reply(number): Reply<u32>) -> Self {
        Self::Integer(number.into())
    }
}

impl From<Reply<()>> for Value {
    fn from(_: Reply<()>) -> Self {
        Self::Null
    }
}

/// The name of the permission.
pub(crate) fn permission_name() -> PermissionName {
    PermissionName::host("notify")
}

impl Show {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let title = arguments.text("title")?;
        if !(1..=MAX_TITLE_BYTES).contains(&title.len()) || title.chars().any(char::is_control) {
            return Err(arguments.wrong("title", "one line of 1 to 100 bytes"));
        }
        let text = match arguments.value() {
            None | Some(Value::Null) => Some(String::new()),
            Some(Value::Text(text)) => Some(text).filter(|text| text.len() <= MAX_TEXT_BYTES && !text.contains('\0')),
            Some(_) => None,
        };
        let text = text.ok_or_else(|| arguments.wrong("text", "a text of at most 500 bytes"))?;
        arguments.end().map(|()| Self { notice: Notice { title, text }, stop: Stop::default() })
    }
}

impl Withdraw {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let number = u32::try_from(arguments.integer("number", u32::MAX.into())?).unwrap_or(u32::MAX);
        arguments.end().map(|()| Self { number, stop: Stop::default() })
    }
}
