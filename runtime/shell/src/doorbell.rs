//! The door between two processes on one home: the second hands its address to the first and ends.
//!
//! A socket in the home, which is its owner's alone. One line in, one line out; nothing else is understood.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    os::{
        fd::AsRawFd,
        unix::{
            fs::PermissionsExt,
            net::{UnixListener, UnixStream},
        },
    },
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use guichet_package::{Address, address::MAX_ADDRESS_BYTES};

use crate::{
    desk::Event,
    machine::{Post, Signal},
};

/// The socket's name in the home.
const SOCKET: &str = "address";

/// How long the other side may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What comes back when the address was taken.
const TAKEN: &str = "taken\n";

/// The socket of this process.
pub(crate) struct Doorbell {
    listener: UnixListener,
}

impl Doorbell {
    /// Hangs the bell up. The home's lock is held, so a socket that is there is of a process that is gone.
    pub(crate) fn hang(home: &Path) -> io::Result<Self> {
        let path = home.join(SOCKET);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let (short, _folder) = short(home)?;
        let listener = UnixListener::bind(short)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener })
    }

    /// Answers on a thread of its own as long as the program runs.
    pub(crate) fn answer(self, post: Post) -> io::Result<()> {
        let answering = thread::Builder::new().name("doorbell".to_owned());
        answering.spawn(move || {
            for stream in self.listener.incoming() {
                let answered = stream.and_then(|stream| take(&stream, &post));
                if let Err(error) = answered {
                    tracing::warn!("somebody rang and said nothing useful: {error}");
                }
            }
        })?;
        Ok(())
    }
}

fn take(mut stream: &UnixStream, post: &Post) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(stream.take(MAX_ADDRESS_BYTES as u64 + 1)).read_line(&mut line)?;
    let event = match line.trim_end() {
        "" => Event::Front,
        text => Event::Visit(Address::given(text).map_err(io::Error::other)?),
    };
    post(Signal::Desk(event));
    stream.write_all(TAKEN.as_bytes())
}

/// Hands an address to the process that has this home; without one, its window only comes to the front.
pub(crate) fn ring(home: &Path, address: Option<&Address>) -> io::Result<()> {
    let (short, _folder) = short(home)?;
    let mut stream = UnixStream::connect(short)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let text = address.map(ToString::to_string).unwrap_or_default();
    stream.write_all(format!("{text}\n").as_bytes())?;
    let mut answer = String::new();
    BufReader::new(stream).take(64).read_line(&mut answer)?;
    if answer == TAKEN { Ok(()) } else { Err(io::Error::other("the other process did not take it")) }
}

/// A path to the socket that fits into its 108 bytes, and what keeps it valid.
fn short(home: &Path) -> io::Result<(PathBuf, Option<fs::File>)> {
    const FITS: usize = 100;
    let path = home.join(SOCKET);
    if path.as_os_str().len() <= FITS {
        return Ok((path, None));
    }
    let folder = fs::File::open(home)?;
    Ok((PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd())), Some(folder)))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, mpsc};

    use super::*;

    fn answering(home: &Path) -> mpsc::Receiver<Event> {
        let (sender, heard) = mpsc::channel();
        let sender = Mutex::new(sender);
        let post: Post = Arc::new(move |signal| {
            if let Signal::Desk(event) = signal {
                sender.lock().unwrap().send(event).unwrap();
            }
        });
        Doorbell::hang(home).unwrap().answer(post).unwrap();
        heard
    }

    #[test]
    fn an_address_is_handed_over_however_long_the_home_s_path_is() {
        let folder = tempfile::tempdir().unwrap();
        for home in [folder.path().join("home"), folder.path().join("h".repeat(200))] {
            fs::create_dir(&home).unwrap();
            let heard = answering(&home);
            let address = Address::given("guichet://miniapp/gov.example.permit/pages/new?case=1#top").unwrap();
            ring(&home, Some(&address)).unwrap();
            assert!(matches!(heard.recv_timeout(PATIENCE), Ok(Event::Visit(seen)) if seen == address));
            ring(&home, None).unwrap();
            assert!(matches!(heard.recv_timeout(PATIENCE), Ok(Event::Front)));
            assert_eq!(fs::metadata(home.join(SOCKET)).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_socket_of_a_process_that_is_gone_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        drop(Doorbell::hang(folder.path()).unwrap());
        assert!(ring(folder.path(), None).is_err(), "nobody answers");
        let heard = answering(folder.path());
        ring(folder.path(), None).unwrap();
        assert!(heard.recv_timeout(PATIENCE).is_ok());
    }

    #[test]
    fn what_is_no_address_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let heard = answering(folder.path());
        for line in ["guichet://miniapp/../x\n".to_owned(), "x".repeat(MAX_ADDRESS_BYTES * 2), "\u{1}\n".to_owned()] {
            let mut stream = UnixStream::connect(folder.path().join(SOCKET)).unwrap();
            let _ = stream.write_all(line.as_bytes());
            let mut answer = String::new();
            let _ = stream.read_to_string(&mut answer);
            assert_eq!(answer, "", "{line:.20}");
        }
        assert!(heard.try_recv().is_err());
        ring(folder.path(), None).unwrap();
    }
}
