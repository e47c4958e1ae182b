//! Signs of life for whoever has started this terminal: systemd, which begins it again when they stop (sd_notify(3)).

use std::{
    ffi::OsStr,
    os::{
        linux::net::SocketAddrExt as _,
        unix::{
            ffi::OsStrExt as _,
            net::{SocketAddr, UnixDatagram},
        },
    },
    time::{Duration, Instant},
};

/// Where systemd listens; what a session starts is not told.
pub(super) const SOCKET: &str = "NOTIFY_SOCKET";

/// How long there may be nothing on the glass: a session that is begun anew may take as long.
const DARK: Duration = Duration::from_secs(120);

/// The way to systemd, if it has asked for signs of life.
#[derive(Debug)]
pub(super) struct Watchdog {
    to: Option<(UnixDatagram, SocketAddr)>,
    /// When something was on the glass last.
    lit: Instant,
}

impl Watchdog {
    /// To the address in the environment, a path or `@` and an abstract name; where there is none, nobody is told.
    pub(super) fn of(socket: Option<&OsStr>, now: Instant) -> Self {
        let address = socket.and_then(|socket| match socket.as_bytes() {
            [b'@', name @ ..] => SocketAddr::from_abstract_name(name).ok(),
            _ => SocketAddr::from_pathname(socket).ok(),
        });
        let to = address.and_then(|address| Some((UnixDatagram::unbound().ok()?, address)));
        if socket.is_some() && to.is_none() {
            tracing::warn!("nobody can be told that this terminal lives");
        }
        Self { to, lit: now }
    }

    /// The terminal lives, and this is whether something is on its glass. One that stays dark is not told to live.
    pub(super) fn lives(&mut self, is_lit: bool, now: Instant) {
        if is_lit {
            self.lit = now;
        }
        if let Some((socket, address)) = &self.to
            && now.saturating_duration_since(self.lit) < DARK
            && let Err(error) = socket.send_to_addr(b"WATCHDOG=1", address)
        {
            tracing::debug!(%error, "nobody hears that this terminal lives");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(listener: &UnixDatagram) -> Option<Vec<u8>> {
        let mut bytes = [0; 64];
        let length = listener.recv(&mut bytes).ok()?;
        Some(bytes.get(..length)?.to_vec())
    }

    #[test]
    fn it_is_told_as_long_as_something_is_on_the_glass() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let name = format!("guichet-watchdog-{}", std::process::id());
        let listeners = [
            (path.clone().into_os_string(), UnixDatagram::bind(&path).unwrap()),
            (
                format!("@{name}").into(),
                UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(name).unwrap()).unwrap(),
            ),
        ];
        for (socket, listener) in listeners {
            listener.set_nonblocking(true).unwrap();
            let now = Instant::now();
            let mut watchdog = Watchdog::of(Some(&socket), now);
            watchdog.lives(false, now);
            assert_eq!(heard(&listener).unwrap(), b"WATCHDOG=1", "it has only just begun");
            watchdog.lives(false, now + DARK);
            assert_eq!(heard(&listener), None, "nothing is on the glass");
            watchdog.lives(true, now + DARK);
            assert_eq!(heard(&listener).unwrap(), b"WATCHDOG=1");
        }
    }

    #[test]
    fn without_systemd_nobody_is_told() {
        let now = Instant::now();
        Watchdog::of(None, now).lives(true, now);
        Watchdog::of(Some(OsStr::new("/nowhere/notify")), now).lives(true, now);
    }
}
