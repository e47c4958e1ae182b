//! A descriptor that goes along with bytes (`SCM_RIGHTS`, unix(7)): one at a time.

use std::{
    io,
    mem::size_of,
    os::{
        fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd, RawFd},
        unix::net::UnixStream,
    },
};

const DESCRIPTOR_BYTES: u32 = size_of::<RawFd>() as u32;
/// Room for the head and one descriptor: `CMSG_SPACE` of four bytes is 24 on 64-bit systems.
const WORDS: usize = 4;

/// Sends bytes, and a descriptor with the first of them: how many bytes went.
pub(super) fn send(socket: &UnixStream, bytes: &[u8], descriptor: BorrowedFd<'_>) -> io::Result<usize> {
    let mut room = [0_u64; WORDS];
    let mut part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    // SAFETY: all of it points to what outlives the call; the room is aligned for a head and larger than `CMSG_SPACE`
    // of one descriptor, so there is a first head, with room for one; sendmsg only reads.
    #[expect(unsafe_code, reason = "the standard library sends no descriptors")]
    let sent = unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        (message.msg_iov, message.msg_iovlen) = (&raw mut part, 1);
        message.msg_control = room.as_mut_ptr().cast();
        message.msg_controllen = libc::CMSG_SPACE(DESCRIPTOR_BYTES) as _;
        let head = libc::CMSG_FIRSTHDR(&raw const message);
        (*head).cmsg_level = libc::SOL_SOCKET;
        (*head).cmsg_type = libc::SCM_RIGHTS;
        (*head).cmsg_len = libc::CMSG_LEN(DESCRIPTOR_BYTES) as _;
        libc::CMSG_DATA(head).cast::<RawFd>().write_unaligned(descriptor.as_raw_fd());
        libc::sendmsg(socket.as_raw_fd(), &raw const message, libc::MSG_NOSIGNAL)
    };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Receives bytes, and the descriptor that came with them; others that came are closed.
pub(super) fn receive(socket: &UnixStream, into: &mut [u8]) -> io::Result<(usize, Option<OwnedFd>)> {
    let mut room = [0_u64; WORDS];
    let mut part = libc::iovec { iov_base: into.as_mut_ptr().cast(), iov_len: into.len() };
    // SAFETY: as above, and recvmsg writes no more than what it is told there is room for: one descriptor, the others are
    // closed by the system. A head that it wrote is whole, and the descriptor behind it is new and nobody's.
    #[expect(unsafe_code, reason = "the standard library receives no descriptors")]
    unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        (message.msg_iov, message.msg_iovlen) = (&raw mut part, 1);
        message.msg_control = room.as_mut_ptr().cast();
        // Not `CMSG_SPACE`, in whose padding a second one would find room.
        message.msg_controllen = libc::CMSG_LEN(DESCRIPTOR_BYTES) as _;
        let got = libc::recvmsg(socket.as_raw_fd(), &raw mut message, libc::MSG_CMSG_CLOEXEC);
        let count = usize::try_from(got).map_err(|_| io::Error::last_os_error())?;
        let head = libc::CMSG_FIRSTHDR(&raw const message);
        let is_descriptor = !head.is_null()
            && (*head).cmsg_level == libc::SOL_SOCKET
            && (*head).cmsg_type == libc::SCM_RIGHTS
            && (*head).cmsg_len >= libc::CMSG_LEN(DESCRIPTOR_BYTES) as _;
        let descriptor =
            is_descriptor.then(|| OwnedFd::from_raw_fd(libc::CMSG_DATA(head).cast::<RawFd>().read_unaligned()));
        Ok((count, descriptor))
    }
}

/// What is there already, without waiting for more: how many bytes.
pub(super) fn receive_now(socket: &UnixStream, into: &mut [u8]) -> io::Result<usize> {
    // SAFETY: recv writes no more than it is told there is room for.
    #[expect(unsafe_code, reason = "the standard library waits, or makes the whole socket one that never does")]
    let got = unsafe { libc::recv(socket.as_raw_fd(), into.as_mut_ptr().cast(), into.len(), libc::MSG_DONTWAIT) };
    usize::try_from(got).map_err(|_| io::Error::last_os_error())
}

/// Whether the other side has read so much that some KiB more can be sent at once: three quarters of what the system keeps for
/// it are free (unix(7), poll(2)).
#[cfg_attr(not(feature = "host"), allow(dead_code, reason = "a logic process has nothing to do but to wait"))]
pub(super) fn has_room(socket: &UnixStream) -> bool {
    let mut asked = libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLOUT, revents: 0 };
    // SAFETY: poll writes into the one entry that it is told of, and does not wait.
    #[expect(unsafe_code, reason = "the standard library does not ask whether it would have to wait")]
    let ready = unsafe { libc::poll(&raw mut asked, 1, 0) };
    ready == 1 && asked.revents & libc::POLLOUT != 0
}
