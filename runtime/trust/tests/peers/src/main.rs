//! Follows the store in a folder with the client of sigstore-tuf, and says what it finds: `sigstore-tuf FOLDER NAME…`.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    pin::pin,
    task::{Context, Poll, Waker},
};

use jiff::Timestamp;
use sigstore_tuf::{Repository, Result, Updater, transport::FetchFuture};

struct Folder(PathBuf);

impl Folder {
    fn file(&self, path: &Path, most: u64) -> Result<Option<Vec<u8>>> {
        let bytes = fs::read(self.0.join(path)).ok();
        match bytes {
            Some(bytes) if bytes.len() as u64 > most => Err(sigstore_tuf::Error::transport("too long")),
            bytes => Ok(bytes),
        }
    }
}

impl Repository for Folder {
    fn fetch_metadata<'a>(&'a self, name: &'a str, max_length: u64) -> FetchFuture<'a> {
        Box::pin(async move { self.file(&Path::new("metadata").join(name), max_length) })
    }

    fn fetch_target<'a>(&'a self, path: &'a str, max_length: u64) -> FetchFuture<'a> {
        Box::pin(async move { self.file(&Path::new("targets").join(path), max_length) })
    }
}

/// A folder never lets anybody wait.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a folder has its answer at once"),
    }
}

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let root = fs::read(folder.join("metadata/1.root.json"))?;
    let mut updater = Updater::new(Folder(folder), &root)?;
    now(updater.refresh(Timestamp::now()))?;
    for name in arguments {
        match now(updater.get_target_info(&name, Timestamp::now()))? {
            Some(file) => println!("{name} {}", String::from_utf8(now(updater.download_target(&file, &name))?)?),
            None => println!("{name} None"),
        }
    }
    Ok(())
}
