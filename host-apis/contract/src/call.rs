//! A call knows what it needs; a permit proves that the decision was made.

use std::vec::IntoIter;

use crate::{AppId, Permission, Services, Stop, Value};

/// One request to the host. The call's own type says what it needs, so no central match can forget it.
pub trait Call: Sized {
    /// What comes back.
    type Reply: Into<Value>;

    /// What the caller must hold.
    fn needs(&self) -> Permission;

    /// Hands the permitted call to the service that performs it.
    fn perform(permit: Permit<Self>, services: &dyn Services) -> Result<Self::Reply, Failure>;

    /// How it is given up, if it waits for others; none for a call that is performed at once.
    fn stop(&self) -> Option<Stop> {
        None
    }

    /// What is said if no person has touched the app just now; none for a call that needs no touch.
    fn untouched(&self) -> Option<Failure> {
        None
    }

    /// A page of the app asks, and not its logic; most calls need not know which.
    fn asked_by(&mut self, _page: u32) {}
}

/// A call that has been allowed.
///
/// Invariant: only [`Grants::permit`](crate::Grants::permit) makes one, it cannot be copied, and performing the call
/// consumes it.
#[derive(Debug)]
pub struct Permit<C> {
    app: AppId,
    call: C,
}

impl<C> Permit<C> {
    pub(crate) fn new(app: AppId, call: C) -> Self {
        Self { app, call }
    }

    /// The call inside, to be looked at.
    pub fn call(&self) -> &C {
        &self.call
    }

    /// Gives up the permit for the app and the call inside.
    pub fn redeem(self) -> (AppId, C) {
        (self.app, self.call)
    }
}

/// Why a call brought nothing: `calls.failure` of the WIT.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A permission is missing.
    #[error("{0}")]
    Denied(String),
    /// The device cannot do this now.
    #[error("{0}")]
    Unavailable(String),
    /// The arguments cannot be right.
    #[error("{0}")]
    Invalid(String),
}

impl Failure {
    /// The WIT case: `denied`, `unavailable` or `invalid`.
    pub fn case(&self) -> &'static str {
        match self {
            Self::Denied(_) => "denied",
            Self::Unavailable(_) => "unavailable",
            Self::Invalid(_) => "invalid",
        }
    }

    /// The class at the beginning of the text, such as `print/unsupported`; none if it has none.
    pub fn class(&self) -> Option<&str> {
        let (Self::Denied(text) | Self::Unavailable(text) | Self::Invalid(text)) = self;
        let (class, _) = text.split_once(": ")?;
        let (interface, word) = class.split_once('/')?;
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        (is_word(interface) && is_word(word)).then_some(class)
    }
}

/// The arguments do not fit the function that was named.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidArguments(pub String);

impl From<InvalidArguments> for Failure {
    fn from(invalid: InvalidArguments) -> Self {
        Self::Invalid(invalid.0)
    }
}

/// The arguments of one call, taken one by one and checked as they are taken.
pub struct Arguments {
    function: &'static str,
    left: IntoIter<Value>,
}

impl Arguments {
    pub(crate) fn new(function: &'static str, values: Vec<Value>) -> Self {
        Self { function, left: values.into_iter() }
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Result<String, InvalidArguments> {
        match self.left.next() {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(self.wrong(name, "a text")),
        }
    }

    pub(crate) fn integer(&mut self, name: &'static str, most: i64) -> Result<i64, InvalidArguments> {
        match self.left.next() {
            Some(Value::Integer(number)) if (0..=most).contains(&number) => Ok(number),
            Some(Value::Float(number)) if number.fract() == 0.0 && (0.0..=most as f64).contains(&number) => {
                Ok(number as i64)
            }
            _ => Err(self.wrong(name, &format!("a whole number from 0 to {most}"))),
        }
    }

    pub(crate) fn value(&mut self) -> Option<Value> {
        self.left.next()
    }

    pub(crate) fn wrong(&self, name: &str, wanted: &str) -> InvalidArguments {
        InvalidArguments(format!("{}: {name} must be {wanted}", self.function))
    }

    pub(crate) fn end(mut self) -> Result<(), InvalidArguments> {
        match self.left.next() {
            None => Ok(()),
            Some(_) => Err(InvalidArguments(format!("{}: too many arguments", self.function))),
        }
    }
}
