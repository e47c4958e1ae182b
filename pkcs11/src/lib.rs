//! Keys that never leave a PKCS#11 token: found by their URI (RFC 7512), made there, asked there to sign.
//!
//! The one room that loads a module somebody else compiled. Nothing a module says is believed: a public key passes the
//! same checks as one that is to be listed, and a signature is verified before it is handed on.

mod failure;
mod key;
mod pin;
mod point;
mod slot;
mod uri;

pub use self::{
    failure::TokenFailure,
    key::{ListedKey, TokenAccess, TokenKey},
    pin::{Pin, PinRequest, ask_on_terminal},
    uri::TokenUri,
};
