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

/// The host, or the network, went away in the middle.
fn cut_off(domain: &Domain) -> Failure {
    trouble("network/cut-off", domain, "stopped in the middle of its answer", "try again")
}

/// No name was found, or nobody answers under it.
pub(crate) fn offline(domain: &Domain, what: &str) -> Failure {
    trouble("network/offline", domain, what, "keep what was entered and try again when there is a network")
}
