//! Where a monitor reads from: an address, or a folder such as a USB stick.

use std::{
    fs::File,
    io::{self, Read},
    path::PathBuf,
    time::Duration,
};

use crate::error::StoreError;

const PATIENCE: Duration = Duration::from_secs(30);

pub(super) enum Source {
    Http { agent: ureq::Agent, base: String },
    Folder(PathBuf),
}

impl Source {
    /// `http(s)://…`, `file://…` or the path of a folder.
    pub(super) fn new(url: &str) -> Self {
        if url.starts_with("http://") || url.starts_with("https://") {
            Self::Http { agent: agent(), base: url.to_owned() }
        } else {
            Self::Folder(PathBuf::from(url.strip_prefix("file://").unwrap_or(url)))
        }
    }

    /// A file that must be there.
    pub(super) fn require(&self, path: &str, most: u64) -> Result<Vec<u8>, StoreError> {
        self.fetch(path, most)?.ok_or_else(|| unread(path, "it is not there"))
    }

    /// A file, if it is there, of at most `most` bytes.
    pub(super) fn fetch(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let bytes = match self {
            Self::Http { agent, base } => {
                let mut answer =
                    agent.get(format!("{base}/{path}")).call().map_err(|error| unread(path, &error.to_string()))?;
                match answer.status().as_u16() {
                    200 => {}
                    404 | 410 => return Ok(None),
                    status => return Err(unread(path, &format!("the answer is {status}"))),
                }
                read(answer.body_mut().with_config().limit(most.saturating_add(1)).reader(), most)
            }
            Self::Folder(folder) => match File::open(folder.join(path)) {
                Ok(file) => read(file, most),
                Err(error) if error.kind() == io::ErrorKind::NotFound && folder.is_dir() => return Ok(None),
                Err(error) => Err(error),
            },
        };
        let bytes = bytes.map_err(|error| unread(path, &error.to_string()))?;
        if bytes.len() as u64 > most {
            return Err(unread(path, "it is too long"));
        }
        Ok(Some(bytes))
    }
}

fn read(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unread(path: &str, reason: &str) -> StoreError {
    StoreError::Document { operation: "read the log", reason: format!("{path}: {reason}") }
}

/// Posts JSON to an address, which must answer that it took it.
pub(super) fn post(url: &str, json: &str) -> Result<(), StoreError> {
    let failed = |reason: String| StoreError::Document { operation: "post an alarm", reason };
    let answer = agent().post(url).content_type("application/json").send(json);
    let answer = answer.map_err(|error| failed(error.to_string()))?;
    if answer.status().is_success() { Ok(()) } else { Err(failed(format!("{url} answered {}", answer.status()))) }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(3)
        .accept_encoding("identity")
        .user_agent(concat!("guichet-store/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(PATIENCE))
        .build()
        .new_agent()
}
