//! How often an address may tell something: counted in memory by the minute, and forgotten with it.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

const MINUTE_MS: u64 = 60 * 1000;
/// Envelopes an address may send within a minute: a hall of terminals may be behind one.
pub const MOST_A_MINUTE: u32 = 120;
/// Addresses that are told apart within a minute; all others count as one.
const MOST_ADDRESSES: usize = 10_000;

/// What came within this minute.
#[derive(Debug, Default)]
pub struct Pace {
    counts: Mutex<(u64, HashMap<IpAddr, u32>)>,
}

impl Pace {
    /// Counts one more from this address. Says whether it is within bounds.
    pub fn admits(&self, address: IpAddr, now_ms: u64) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now_ms / MINUTE_MS;
        if counts.0 != minute {
            *counts = (minute, HashMap::new());
        }
        let known = &mut counts.1;
        let mut address = network(address);
        if known.len() >= MOST_ADDRESSES && !known.contains_key(&address) {
            address = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        }
        let count = known.entry(address).or_default();
        *count = count.saturating_add(1);
        *count <= MOST_A_MINUTE
    }
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

    fn told(pace: &Pace, address: &str, now_ms: u64) -> usize {
        (0..1_000).filter(|_| pace.admits(address.parse().unwrap(), now_ms)).count()
    }

    #[test]
    fn an_address_tells_so_much_a_minute_and_others_are_not_kept_from_it() {
        let (pace, most) = (Pace::default(), MOST_A_MINUTE as usize);
        assert_eq!(told(&pace, "192.0.2.1", 0), most);
        assert_eq!(told(&pace, "192.0.2.2", 59_999), most);
        assert_eq!(told(&pace, "::ffff:192.0.2.1", 59_999), 0, "the same address in another form");
        assert_eq!(told(&pace, "192.0.2.1", 60_000), most);
    }

    #[test]
    fn a_network_of_many_addresses_is_one_and_the_memory_is_bounded() {
        let (pace, most) = (Pace::default(), MOST_A_MINUTE as usize);
        let many = (0..1_000_u32).filter(|n| pace.admits(format!("2001:db8::{n:x}").parse().unwrap(), 0)).count();
        assert_eq!(many, most);
        let admitted = (0..20_000_u32).filter(|n| pace.admits(IpAddr::V4((0x0a00_0000 + n).into()), 0)).count();
        assert_eq!(admitted, MOST_ADDRESSES - 1 + most);
        assert!(pace.counts.lock().unwrap().1.len() <= MOST_ADDRESSES + 1);
    }
}
