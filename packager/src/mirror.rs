//! The static files that a store publishes: on a web server, or in a folder such as a USB stick. No token goes there.

use std::{
    fs::File,
    io::{ErrorKind, Read as _},
    path::{Path, PathBuf},
};

use ureq::{Agent, http::StatusCode};

use crate::{
    failure::Failure,
    message::Detail,
    store::{agent, check_address, reason},
};

/// Where static files come from.
#[derive(Debug)]
pub(crate) enum Mirror {
    /// A web server.
    Web { agent: Agent, url: String },
    /// A folder.
    Folder(PathBuf),
}

impl Mirror {
    /// The static files below an address.
    pub(crate) fn new(url: &str) -> Result<Self, Failure> {
        if let Some(path) = url.strip_prefix("file://") {
            return Ok(Self::Folder(Path::new(path).to_owned()));
        }
        check_address(url)?;
        Ok(Self::Web { agent: agent(), url: url.trim_end_matches('/').to_owned() })
    }

    /// The address they lie below.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Web { url, .. } => url.clone(),
            Self::Folder(path) => path.display().to_string(),
        }
    }

    /// One file; `None` if there is none.
    pub(crate) fn fetch(&self, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, Failure> {
        match self {
            Self::Web { agent, url } => fetch(agent, url, path, max_bytes),
            Self::Folder(folder) => read(&folder.join(path), max_bytes),
        }
    }
}

fn fetch(agent: &Agent, url: &str, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, Failure> {
    let lost = |error: &ureq::Error| Failure::Unreachable { url: url.to_owned(), why: reason(error) };
    let odd = |what| Failure::Mirror { path: path.to_owned(), what };
    let mut answer = agent.get(format!("{url}/{path}")).call().map_err(|error| lost(&error))?;
    match answer.status() {
        StatusCode::OK => match answer.body_mut().with_config().limit(max_bytes).read_to_vec() {
            Ok(bytes) => Ok(Some(bytes)),
            Err(ureq::Error::BodyExceedsLimit(_)) => Err(odd(Detail::LargerThan { bytes: max_bytes })),
            Err(error) => Err(lost(&error)),
        },
        StatusCode::NOT_FOUND => Ok(None),
        status => Err(odd(Detail::AnsweredWith { status: status.to_string() })),
    }
}

fn read(path: &Path, max_bytes: u64) -> Result<Option<Vec<u8>>, Failure> {
    let failed = |source| Failure::Read { path: path.to_owned(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(failed(source)),
    };
    let mut bytes = Vec::new();
    // One byte more than allowed, so that too much is seen to be too much.
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > max_bytes {
        let what = Detail::LargerThan { bytes: max_bytes };
        return Err(Failure::Mirror { path: path.display().to_string(), what });
    }
    Ok(Some(bytes))
}
