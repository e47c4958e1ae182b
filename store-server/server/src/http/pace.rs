//! How often somebody may ask: counted in memory by the minute, and forgotten with it.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use guichet_trust::digest::Digest;

use crate::{error::NotDone, problems, store::Store};

const MINUTE_MS: u64 = 60 * 1000;
/// Envelopes an address may send within a minute: a hall of terminals may be behind one.
pub const MOST_A_MINUTE: u32 = 120;
/// Codes a terminal's address may try within a minute: somebody mistypes one now and then.
pub const MOST_CODES: u32 = 10;
/// Tries to sign in from one address within a minute: an office at nine in the morning may be behind one.
pub const MOST_SIGN_INS: u32 = 60;
/// Requests a person, or one token, may make within a minute, unless the operator says otherwise.
pub const MOST_REQUESTS: u32 = 1200;
/// How many people an address stands for.
const PEOPLE_BEHIND: u32 = 5;
/// Those who are told apart within a minute; all others count as one.
const MOST_KNOWN: usize = 10_000;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// Whoever is at this address, or in the network that one IPv6 address is.
    Address(IpAddr),
    /// Whoever has this token.
    Token(Digest),
    /// A person, by their id, whatever they use.
    Person(String),
    /// All who came when too many were known already.
    Others,
}

/// What came within this minute.
#[derive(Debug)]
pub struct Pace {
    most: u32,
    counts: Mutex<(u64, HashMap<Who, u32>)>,
}

impl Pace {
    /// So many a minute for each.
    pub fn of(most: u32) -> Self {
        Self { most, counts: Mutex::default() }
    }

    /// Counts one more. Says whether it is within bounds.
    pub fn admits(&self, who: Who, now_ms: u64) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now_ms / MINUTE_MS;
        if counts.0 != minute {
            *counts = (minute, HashMap::new());
        }
        let known = &mut counts.1;
        let mut who = match who {
            Who::Address(address) => Who::Address(network(address)),
            who => who,
        };
        if known.len() >= MOST_KNOWN && !known.contains_key(&who) {
            who = Who::Others;
        }
        let count = known.entry(who).or_default();
        *count = count.saturating_add(1);
        *count <= self.most
    }
}

/// How often the store is asked, told and signed in to.
#[derive(Debug)]
pub struct Paces {
    /// What devices tell, by address.
    pub envelopes: Pace,
    /// Codes of terminals that are tried, by address.
    pub codes: Pace,
    /// Tries to sign in, by address.
    sign_ins: Pace,
    /// Everything else, by address.
    addresses: Pace,
    /// By token and by person.
    people: Pace,
}

impl Paces {
    /// So many requests a minute for a person or token.
    pub fn of(requests: u32) -> Self {
        Self {
            envelopes: Pace::of(MOST_A_MINUTE),
            codes: Pace::of(MOST_CODES),
            sign_ins: Pace::of(MOST_SIGN_INS),
            addresses: Pace::of(requests.saturating_mul(PEOPLE_BEHIND)),
            people: Pace::of(requests),
        }
    }

    /// Whoever is known by now, by token or as a person.
    pub(super) fn admit(&self, who: Who, now_ms: u64) -> Result<(), NotDone> {
        if self.people.admits(who, now_ms) { Ok(()) } else { Err(problems::too_many_requests().into()) }
    }
}

impl Default for Paces {
    fn default() -> Self {
        Self::of(MOST_REQUESTS)
    }
}

/// Counts by address, before anybody is known. Without a connection there is no address: somebody calls the router itself.
pub(super) async fn watch(State(store): State<Arc<Store>>, request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let signs_in = request.uri().path().starts_with("/sign-in") && !request.method().is_safe();
        let pace = if signs_in { &store.paces.sign_ins } else { &store.paces.addresses };
        if !pace.admits(Who::Address(peer.ip()), store.clock.now_ms()) {
            return NotDone::from(problems::too_many_requests()).into_response();
        }
    }
    next.run(request).await
}

/// Whoever has one IPv6 address has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Who {
        Who::Address(text.parse().unwrap())
    }

    fn told(pace: &Pace, from: &str, now_ms: u64) -> usize {
        (0..1_000).filter(|_| pace.admits(address(from), now_ms)).count()
    }

    #[test]
    fn an_address_tells_so_much_a_minute_and_others_are_not_kept_from_it() {
        let (pace, most) = (Pace::of(7), 7);
        assert_eq!(told(&pace, "192.0.2.1", 0), most);
        assert_eq!(told(&pace, "192.0.2.2", 59_999), most);
        assert_eq!(told(&pace, "::ffff:192.0.2.1", 59_999), 0, "the same address in another form");
        assert_eq!(told(&pace, "192.0.2.1", 60_000), most);
    }

    #[test]
    fn a_network_of_many_addresses_is_one_and_the_memory_is_bounded() {
        let (pace, most) = (Pace::of(7), 7);
        let many = (0..1_000_u32).filter(|n| pace.admits(address(&format!("2001:db8::{n:x}")), 0)).count();
        assert_eq!(many, most);
        let admitted = (0..20_000_u32).filter(|n| pace.admits(Who::Address(IpAddr::V4((0x0a00_0000 + n).into())), 0));
        assert_eq!(admitted.count(), MOST_KNOWN - 1 + most);
        assert!(pace.counts.lock().unwrap().1.len() <= MOST_KNOWN + 1);
    }

    #[test]
    fn a_person_and_their_tokens_are_counted_apart() {
        let paces = Paces::of(2);
        let (person, token) = (Who::Person("p".to_owned()), Who::Token(Digest::of(b"t")));
        for who in [&person, &token] {
            assert_eq!((0..9).filter(|_| paces.admit(who.clone(), 0).is_ok()).count(), 2);
        }
    }
}
