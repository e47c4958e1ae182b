//! `scan`: paper on the scanners of a terminal, as pictures.

use std::{ops::RangeInclusive, time::Duration};

use crate::{
    Arguments, Call, Failure, InvalidArguments, Permission, PermissionName, Permit, Services, Stop, Value,
    members::Members, words::words,
};

/// Longest picture of a page, in bytes.
pub const MAX_PAGE_BYTES: usize = 2 << 20;
/// Dots per inch that can be asked for.
pub const RESOLUTIONS: RangeInclusive<u32> = 75..=300;
/// How long one page may take.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// Longest name of a scanner, in bytes.
pub const MAX_NAME_BYTES: usize = 128;

words! {
    /// What is seen of a page.
    Colours {
        /// All of it.
        Colour = "colour",
        /// Shades of grey.
        Grey = "grey",
    }
}

/// How a page is to be scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The scanner; the first if it is none.
    pub scanner: Option<String>,
    /// What is seen of it.
    pub colours: Colours,
    /// Dots per inch.
    pub resolution: u32,
}

/// What a terminal must provide for `scan` to work.
pub trait Scan: Send + Sync {
    /// The names of the scanners there are.
    fn scanners(&self, permit: Permit<Scanners>) -> Result<Vec<String>, Failure>;
    /// Scans one page: a JPEG.
    fn page(&self, permit: Permit<Page>) -> Result<Vec<u8>, Failure>;
}

/// Asks for the scanners.
#[derive(Debug, Default)]
pub struct Scanners {
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// Scans one page.
#[derive(Debug)]
pub struct Page {
    /// What is to be done.
    pub order: Order,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// The names of scanners, as a [`Value`].
#[derive(Debug)]
pub struct Names(Vec<String>);

/// A picture, as a [`Value`].
#[derive(Debug)]
pub struct Picture(Vec<u8>);

impl Call for Scanners {
    type Reply = Names;

    fn needs(&self) -> Permission {
        Permission::unlimited(permission_name())
    }

    fn perform(permit: Permit<Self>, services: &dyn Services) -> Result<Names, Failure> {
        services.scan().scanners(permit).map(Names)
    }

    fn stop(&self) -> Option<Stop> {
        Some(self.stop.clone())
    }
}

impl Call for Page {
    type Reply = Picture;

    fn needs(&self) -> Permission {
        Permission::unlimited(permission_name())
    }

    fn perform(permit: Permit<Self>, services: &dyn Services) -> Result<Picture, Failure> {
        services.scan().page(permit).map(Picture)
    }

    fn stop(&self) -> Option<Stop> {
        Some(self.stop.clone())
    }
}

impl From<Names> for Value {
    fn from(Names(names): Names) -> Self {
        Self::List(names.into_iter().map(Self::Text).collect())
    }
}

impl From<Picture> for Value {
    fn from(Picture(bytes): Picture) -> Self {
        Self::Bytes(bytes)
    }
}

/// The name of the permission.
pub(crate) fn permission_name() -> PermissionName {
    PermissionName::host("scan")
}

impl Scanners {
    pub(crate) fn decode(arguments: Arguments) -> Result<Self, InvalidArguments> {
        arguments.end().map(|()| Self::default())
    }
}

impl Page {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let members = arguments.value().and_then(Members::of);
        let mut members = members.ok_or_else(|| arguments.wrong("how", "a record {scanner, colours, resolution}"))?;
        let scanner = match members.take("scanner") {
            Value::Null => None,
            Value::Text(name) if name.len() <= MAX_NAME_BYTES => Some(name),
            _ => return Err(arguments.wrong("scanner", "the name of a scanner")),
        };
        let colours = match members.take("colours") {
            Value::Null => Some(Colours::Grey),
            given => Colours::of(&given),
        };
        let colours = colours.ok_or_else(|| arguments.wrong("colours", "colour or grey"))?;
        let resolution = match members.take("resolution") {
            Value::Null => Some(150),
            Value::Integer(dots) => u32::try_from(dots).ok().filter(|dots| RESOLUTIONS.contains(dots)),
            _ => None,
        };
        let resolution = resolution.ok_or_else(|| arguments.wrong("resolution", "a whole number from 75 to 300"))?;
        if !members.is_empty() {
            return Err(arguments.wrong("how", "a record {scanner, colours, resolution}"));
        }
        let order = Order { scanner, colours, resolution };
        arguments.end().map(|()| Self { order, stop: Stop::default() })
    }
}
