//! Ports for programs that must be told one.

use std::{
    io,
    net::TcpListener,
    sync::atomic::{AtomicU32, Ordering},
};

/// Below those that Linux gives to whoever asks for any (32768 and more, `net.ipv4.ip_local_port_range`), so that nobody
/// gets one of these by chance before the program has it, or while it is off.
const FIRST: u32 = 12_000;
const MANY: u32 = 20_000;
/// What lies between the first ports of two processes whose numbers follow each other.
const APART: u32 = 61;

/// A port of this machine at which nobody listens, and that no other call gives.
pub fn free() -> io::Result<u16> {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    loop {
        let given = GIVEN.fetch_add(1, Ordering::Relaxed);
        if given >= MANY {
            return Err(io::Error::new(io::ErrorKind::AddrNotAvailable, "every port from 12000 to 31999 is taken"));
        }
        let offset = std::process::id().wrapping_mul(APART).wrapping_add(given) % MANY;
        let port = u16::try_from(FIRST + offset).map_err(io::Error::other)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
}
