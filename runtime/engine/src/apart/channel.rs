//! Messages over a socket: four bytes of length, then the message.

use std::{
    io::{self, Read as _, Write as _},
    ops::Range,
    os::{
        fd::{BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    time::{Duration, Instant},
};

use super::handover;

/// How much is read at once, in bytes.
const CHUNK_BYTES: usize = 64 << 10;
const HEAD_BYTES: usize = 4;

/// Why no message came, or none could be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The other side took too long.
    Late,
    /// The other side is not there any more.
    Gone,
    /// The other side sent more than it may.
    TooMuch,
}

/// One end. A side without deadlines waits as long as it takes.
pub(crate) struct Channel {
    socket: UnixStream,
    /// Read and not yet taken: the beginning of the next message.
    ahead: Vec<u8>,
    chunk: Box<[u8]>,
    read_timeout: Option<Duration>,
    write_timeout: Option<Duration>,
    /// Whether a descriptor may come with a message. What comes to one who takes none, the system closes.
    takes: bool,
    taken: Option<OwnedFd>,
    /// How long what is expected soon is looked for before the thread is put to sleep.
    looks: Option<Duration>,
}

impl Channel {
    pub(crate) fn new(socket: UnixStream) -> Self {
        let chunk = vec![0; CHUNK_BYTES].into_boxed_slice();
        let (ahead, read_timeout, write_timeout) = (Vec::new(), None, None);
        Self { socket, ahead, chunk, read_timeout, write_timeout, takes: false, taken: None, looks: None }
    }

    /// The same, for one who is given descriptors.
    pub(crate) fn taking(socket: UnixStream) -> Self {
        Self { takes: true, ..Self::new(socket) }
    }

    /// From now on what comes is looked for so long before it is waited for: to be woken takes as long as most answers do.
    pub(crate) fn look(&mut self, soon: Option<Duration>) {
        self.looks = soon;
    }

    /// Whether a short message can be sent without waiting for the other side to read.
    #[cfg_attr(not(feature = "host"), allow(dead_code, reason = "a logic process has nothing to do but to wait"))]
    pub(crate) fn has_room(&self) -> bool {
        handover::has_room(&self.socket)
    }

    /// The next message, if it is whole within that time and no longer than what is read at once, however fast the other side
    /// sends. It stays to be received; so does it that there will be none.
    #[cfg_attr(not(feature = "host"), allow(dead_code, reason = "a logic process has nothing to do but to wait"))]
    pub(crate) fn next_within(&mut self, time: Duration) -> Option<&[u8]> {
        let until = Instant::now() + time;
        while self.whole().is_none() {
            let may_read = self.ahead.len() < CHUNK_BYTES && Instant::now() < until;
            may_read.then(|| self.glance(until).ok()).flatten().filter(|has_read| *has_read)?;
        }
        self.ahead.get(self.whole()?)
    }

    /// Where the next message lies, if it is whole.
    #[cfg_attr(not(feature = "host"), allow(dead_code, reason = "as above"))]
    fn whole(&self) -> Option<Range<usize>> {
        let length = usize::try_from(u32::from_le_bytes(*self.ahead.first_chunk::<HEAD_BYTES>()?)).ok()?;
        let end = HEAD_BYTES.checked_add(length)?;
        (self.ahead.len() >= end).then_some(HEAD_BYTES..end)
    }

    /// The descriptor that came with what was received last.
    pub(crate) fn take(&mut self) -> Option<OwnedFd> {
        self.taken.take()
    }

    /// From now on it takes none.
    pub(crate) fn take_no_more(&mut self) {
        (self.takes, self.taken) = (false, None);
    }

    /// Sends a short message, and a descriptor with it.
    #[cfg_attr(not(feature = "host"), allow(dead_code, reason = "a logic process gives no descriptor"))]
    pub(crate) fn give(
        &mut self,
        message: &[u8],
        descriptor: BorrowedFd<'_>,
        deadline: Option<Instant>,
    ) -> Result<(), Broken> {
        let length = u32::try_from(message.len()).map_err(|_| Broken::TooMuch)?;
        let bytes = [&length.to_le_bytes()[..], message].concat();
        self.may_write(deadline)?;
        let count = retry(|| handover::send(&self.socket, &bytes, descriptor))?;
        self.write(bytes.get(count..).unwrap_or_default(), deadline)
    }

    /// Sends a message that lies in pieces.
    pub(crate) fn send(&mut self, pieces: &[&[u8]], deadline: Option<Instant>) -> Result<(), Broken> {
        let length = pieces.iter().map(|piece| piece.len()).sum::<usize>();
        let length = u32::try_from(length).map_err(|_| Broken::TooMuch)?;
        let small = length as usize <= CHUNK_BYTES;
        let mut first = Vec::with_capacity(if small { HEAD_BYTES + length as usize } else { HEAD_BYTES });
        first.extend(length.to_le_bytes());
        if small {
            pieces.iter().for_each(|piece| first.extend(*piece));
        }
        self.write(&first, deadline)?;
        let rest = if small { &[] } else { pieces };
        rest.iter().try_for_each(|piece| self.write(piece, deadline))
    }

    /// The next message, if it is no longer than that many bytes.
    pub(crate) fn receive(&mut self, most_bytes: usize, deadline: Option<Instant>) -> Result<Vec<u8>, Broken> {
        let length = loop {
            if let Some(head) = self.ahead.first_chunk::<HEAD_BYTES>() {
                break usize::try_from(u32::from_le_bytes(*head)).map_err(|_| Broken::TooMuch)?;
            }
            self.read(deadline)?;
        };
        if length > most_bytes {
            return Err(Broken::TooMuch);
        }
        let end = HEAD_BYTES + length;
        while self.ahead.len() < end {
            self.read(deadline)?;
        }
        let rest = self.ahead.split_off(end);
        let mut message = std::mem::replace(&mut self.ahead, rest);
        message.drain(..HEAD_BYTES);
        Ok(message)
    }

    fn read(&mut self, deadline: Option<Instant>) -> Result<(), Broken> {
        if let Some(soon) = self.looks
            && self.glance(Instant::now() + soon)?
        {
            return Ok(());
        }
        let timeout = left(deadline)?;
        if self.read_timeout != timeout {
            self.socket.set_read_timeout(timeout).map_err(|_| Broken::Gone)?;
            self.read_timeout = timeout;
        }
        let (socket, chunk, taken) = (&self.socket, &mut self.chunk, &mut self.taken);
        let count = if self.takes {
            retry(|| {
                let (count, descriptor) = handover::receive(socket, chunk)?;
                *taken = descriptor.or_else(|| taken.take());
                Ok(count)
            })?
        } else {
            retry(|| (&*socket).read(chunk))?
        };
        self.ahead.extend(self.chunk.get(..count).unwrap_or_default());
        Ok(())
    }

    /// Reads what comes until then.
    fn glance(&mut self, until: Instant) -> Result<bool, Broken> {
        loop {
            match retry(|| handover::receive_now(&self.socket, &mut self.chunk)) {
                Ok(count) => {
                    self.ahead.extend(self.chunk.get(..count).unwrap_or_default());
                    return Ok(true);
                }
                Err(Broken::Late) if Instant::now() < until => std::thread::yield_now(),
                Err(Broken::Late) => return Ok(false),
                Err(broken) => return Err(broken),
            }
        }
    }

    fn write(&mut self, mut bytes: &[u8], deadline: Option<Instant>) -> Result<(), Broken> {
        while !bytes.is_empty() {
            self.may_write(deadline)?;
            let count = retry(|| (&self.socket).write(bytes))?;
            bytes = bytes.get(count..).unwrap_or_default();
        }
        Ok(())
    }

    fn may_write(&mut self, deadline: Option<Instant>) -> Result<(), Broken> {
        let timeout = left(deadline)?;
        if self.write_timeout != timeout {
            self.socket.set_write_timeout(timeout).map_err(|_| Broken::Gone)?;
            self.write_timeout = timeout;
        }
        Ok(())
    }
}

/// The time that is left, in steps that make it the same number for most messages, so that the system is told seldom.
fn left(deadline: Option<Instant>) -> Result<Option<Duration>, Broken> {
    const STEP_MS: u64 = 50;
    let Some(deadline) = deadline else { return Ok(None) };
    let left = deadline.checked_duration_since(Instant::now()).ok_or(Broken::Late)?;
    let steps = u64::try_from(left.as_millis()).unwrap_or(u64::MAX) / STEP_MS;
    Ok(Some(Duration::from_millis(steps.saturating_add(1).saturating_mul(STEP_MS))))
}

fn retry(mut io: impl FnMut() -> io::Result<usize>) -> Result<usize, Broken> {
    loop {
        match io() {
            Ok(0) => return Err(Broken::Gone),
            Ok(count) => return Ok(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                return Err(Broken::Late);
            }
            Err(_) => return Err(Broken::Gone),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd as _;

    use super::*;

    const SOON: Duration = Duration::from_micros(100);

    fn pair() -> (Channel, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        (Channel::new(ours), theirs)
    }

    fn soon() -> Option<Instant> {
        Some(Instant::now() + Duration::from_millis(60))
    }

    fn patient() -> Option<Instant> {
        Some(Instant::now() + Duration::from_secs(60))
    }

    #[test]
    fn messages_arrive_one_by_one_and_whole() {
        let (mut ours, theirs) = pair();
        let mut theirs = Channel::new(theirs);
        let long = vec![7; 3 * CHUNK_BYTES];
        let sent = long.clone();
        let sender = std::thread::spawn(move || {
            for pieces in [&[&b"a"[..]][..], &[], &[&sent[..], b"end"], &[b"b", b"c"]] {
                theirs.send(pieces, None).unwrap();
            }
        });
        let mut receive = || ours.receive(1 << 20, patient()).unwrap();
        assert_eq!((receive(), receive()), (b"a".to_vec(), vec![]));
        assert_eq!(receive(), [&long[..], b"end"].concat());
        assert_eq!(receive(), b"bc");
        sender.join().unwrap();
    }

    #[test]
    fn a_message_that_is_too_long_is_not_even_waited_for() {
        let (mut ours, mut theirs) = pair();
        theirs.write_all(&u32::MAX.to_le_bytes()).unwrap();
        assert_eq!(ours.receive(1 << 20, None), Err(Broken::TooMuch));
    }

    #[test]
    fn one_who_is_silent_is_late_and_one_who_closes_is_gone() {
        let (mut ours, mut theirs) = pair();
        assert_eq!(ours.receive(9, soon()), Err(Broken::Late));
        theirs.write_all(&[4, 0, 0, 0, 1]).unwrap();
        assert_eq!(ours.receive(9, soon()), Err(Broken::Late), "half a message");
        drop(theirs);
        assert_eq!(ours.receive(9, None), Err(Broken::Gone));
    }

    #[test]
    fn one_who_asks_hears_what_comes_at_once_and_what_comes_later() {
        let (mut ours, theirs) = pair();
        ours.look(Some(SOON));
        let mut theirs = Channel::new(theirs);
        theirs.send(&[b"at once"], None).unwrap();
        assert_eq!(ours.receive(9, patient()).unwrap(), b"at once");
        assert_eq!(ours.receive(9, soon()), Err(Broken::Late));
        let later = std::thread::spawn(move || {
            // It is asked, and takes its time.
            assert_eq!(theirs.receive(9, patient()).unwrap(), b"go on");
            let begun = Instant::now();
            while begun.elapsed() < 3 * SOON {}
            theirs.send(&[b"later"], None).unwrap();
        });
        ours.send(&[b"go on"], None).unwrap();
        assert_eq!(ours.receive(9, patient()).unwrap(), b"later");
        later.join().unwrap();
        assert_eq!(ours.receive(9, patient()), Err(Broken::Gone));
    }

    #[test]
    fn what_is_there_is_seen_before_it_is_received_and_only_when_it_is_whole() {
        let (mut ours, mut theirs) = pair();
        assert_eq!(ours.next_within(SOON), None);
        theirs.write_all(&[3, 0, 0, 0, b'a']).unwrap();
        assert_eq!(ours.next_within(SOON), None, "a part of it");
        theirs.write_all(b"bcd").unwrap();
        let long = Duration::from_secs(60);
        assert_eq!(ours.next_within(long), Some(&b"abc"[..]));
        assert_eq!(ours.next_within(SOON), Some(&b"abc"[..]), "it stays");
        assert_eq!(ours.receive(9, patient()).unwrap(), b"abc");

        // One who never stops is not read for ever.
        let endless = std::thread::spawn(move || while theirs.write_all(&[0xff; 4096]).is_ok() {});
        assert_eq!(ours.next_within(long), None);
        assert!(ours.ahead.len() < 2 * CHUNK_BYTES, "{}", ours.ahead.len());
        assert_eq!(ours.receive(9, patient()), Err(Broken::TooMuch));
        drop(ours);
        endless.join().unwrap();

        let (mut ours, theirs) = pair();
        assert!(ours.has_room());
        while ours.has_room() {
            ours.send(&[&[7; 4096]], None).unwrap();
        }
        drop(theirs);
        assert_eq!(ours.next_within(long), None);
        assert_eq!(ours.receive(9, patient()), Err(Broken::Gone));
    }

    #[test]
    fn a_descriptor_comes_with_its_message_to_one_who_takes_it() {
        let (mut ours, theirs) = pair();
        let mut theirs = Channel::taking(theirs);
        let (given, mut other_end) = UnixStream::pair().unwrap();
        ours.send(&[b"first"], None).unwrap();
        ours.give(b"this", given.as_fd(), None).unwrap();
        ours.send(&[b"last"], None).unwrap();
        drop(given);
        assert_eq!(theirs.receive(9, patient()).unwrap(), b"first");
        assert_eq!(theirs.receive(9, patient()).unwrap(), b"this");
        let taken = UnixStream::from(theirs.take().unwrap());
        assert!(theirs.take().is_none());
        assert_eq!(theirs.receive(9, patient()).unwrap(), b"last");
        assert!(theirs.take().is_none());
        (&taken).write_all(b"x").unwrap();
        other_end.read_exact(&mut [0]).unwrap();

        // To one who takes none it never comes: the other end sees it closed.
        theirs.take_no_more();
        ours.give(b"more", taken.as_fd(), None).unwrap();
        drop(taken);
        assert_eq!(theirs.receive(9, patient()).unwrap(), b"more");
        assert!(theirs.take().is_none());
        assert_eq!(other_end.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn one_who_does_not_read_is_late() {
        let (mut ours, theirs) = pair();
        assert_eq!(ours.send(&[&vec![0; 16 << 20]], soon()), Err(Broken::Late));
        drop(theirs);
    }
}
