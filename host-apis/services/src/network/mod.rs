//! `network`: one request to one host, over TLS and to a public address only.

mod address;
mod https;
mod in_memory;

use guichet_contract::{Failure, network::Domain};

pub use https::{Https, Resolve, Ways};
pub use in_memory::InMemory;

/// A failure of this interface: its class, what happened, and what to do.
fn trouble(class: &str, domain: &Domain, what: &str, hint: &str) -> Failure {
    Failure::Unavailable(format!("{class}: {domain} {what}; hint: {hint}"))
}

/// No name was found, or nobody answers under it.
pub(crate) fn offline(domain: &Domain, what: &str) -> Failure {
    trouble("network/offline", domain, what, "keep what was entered and try again when there is a network")
}
