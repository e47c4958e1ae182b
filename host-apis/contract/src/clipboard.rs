//! `clipboard`: what was copied, and is pasted elsewhere.

use std::time::Duration;

use crate::{
    Arguments, Call, Failure, Grants, InvalidArguments, Permission, PermissionName, Permit, ServiceCall, Services,
    Stop, Value,
};

/// Longest text, in bytes.
pub const MAX_TEXT_BYTES: usize = 64 << 10;
/// How long a touch lets an app copy and paste.
pub const TOUCH: Duration = Duration::from_secs(5);

/// What a terminal must provide for `clipboard` to work.
pub trait Clipboard: Send + Sync {
    /// Copies a text.
    fn write(&self, text: &str) -> Result<(), Failure>;
    /// The text that was copied last.
    fn read(&self, permit: Permit<Read>) -> Result<Option<String>, Failure>;
}

/// Copies a text; it needs a touch, and no permission.
#[derive(Debug)]
pub struct Write {
    text: String,
    stop: Stop,
}

/// Asks for the text that was copied last.
#[derive(Debug, Default)]
pub struct Read {
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// What was copied, as a [`Value`].
#[derive(Debug)]
pub struct Copied(Option<String>);

impl ServiceCall for Write {
    fn perform(self: Box<Self>, _: &Grants, services: &dyn Services) -> Result<Value, Failure> {
        services.clipboard().write(&self.text).map(|()| Value::Null)
    }

    fn stop(&self) -> Option<Stop> {
        Some(self.stop.clone())
    }

    fn untouched(&self) -> Option<Failure> {
        Some(untouched("copied"))
    }
}

impl Call for Read {
    type Reply = Copied;

    fn needs(&self) -> Permission {
        Permission::unlimited(permission_name())
    }

    fn perform(permit: Permit<Self>, services: &dyn Services) -> Result<Copied, Failure> {
        services.clipboard().read(permit).map(Copied)
    }

    fn stop(&self) -> Option<Stop> {
        Some(self.stop.clone())
    }

    fn untouched(&self) -> Option<Failure> {
        Some(untouched("pasted"))
    }
}

impl From<Copied> for Value {
    fn from(copied: Copied) -> Self {
        copied.0.map_or(Self::Null, Self::Text)
    }
}

/// The name of the permission to read.
pub(crate) fn permission_name() -> PermissionName {
    PermissionName::host("clipboard")
}

fn untouched(done: &str) -> Failure {
    Failure::Unavailable(format!(
        "clipboard/untouched: nothing is {done} that nobody has asked for; hint: call it when a button is pressed, within {} seconds",
        TOUCH.as_secs()
    ))
}

impl Write {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let text = arguments.text("text")?;
        if !(1..=MAX_TEXT_BYTES).contains(&text.len()) {
            return Err(arguments.wrong("text", "1 to 65536 bytes long"));
        }
        arguments.end().map(|()| Self { text, stop: Stop::default() })
    }
}

impl Read {
    pub(crate) fn decode(arguments: Arguments) -> Result<Self, InvalidArguments> {
        arguments.end().map(|()| Self::default())
    }
}
