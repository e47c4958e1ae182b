//! A bucket by the requests of S3: whole objects are put, got, listed and removed.
//!
//! Everything is asked again if the answer does not come: each of these done twice is the same as done once.

use std::{
    borrow::Cow,
    fmt,
    fs::File,
    io::{self, Read, Seek, Write},
    thread,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use guichet_api::Problem;
use guichet_trust::digest::Digest;
use rusty_s3::{S3Action, actions::ListObjectsV2};
use ureq::{
    Body,
    http::{Request, Response, StatusCode},
};

use super::address::{Access, Address, Patience};

/// For how long a signature holds; clocks may differ by some of it.
const HOLDS: Duration = Duration::from_secs(900);
/// The most bytes of an error, or of a thousand listed names.
const MOST_SAID: u64 = 4 << 20;

/// A bucket that can be asked.
pub struct Bucket {
    address: Address,
    access: Access,
    patience: Patience,
}

/// The name of an object, and its length.
pub type Listed = (String, u64);

/// Why a bucket did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There is none of this name.
    #[error("there is no such bucket")]
    NoBucket,
    /// It knows the key not, or not for this.
    #[error("it refuses the key: {0}")]
    Refused(String),
    /// It is somewhere else.
    #[error("it is in another region: {0}")]
    Elsewhere(String),
    /// Nobody is there.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// It took too long.
    #[error("it does not answer")]
    Silent,
    /// It answered that it could not.
    #[error("it answers {0}")]
    Broken(String),
    /// There is no such object, and there was.
    #[error("it has lost this")]
    Lost,
    /// It gave other bytes than were put there.
    #[error("it gives other bytes than were put there")]
    Altered,
    /// A file here could not be read or written.
    #[error("a file here could not be read or written: {0}")]
    Here(#[from] io::Error),
}

impl Failure {
    /// Whether the same may be answered otherwise in a moment.
    fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Silent | Self::Broken(_))
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bucket").field(&self.address.shown()).finish()
    }
}

impl Bucket {
    /// The bucket at this address, reached as the environment says; nothing is asked yet.
    pub fn new(
        address: Address,
        environment: impl Fn(&str) -> Option<String>,
        patience: Patience,
    ) -> Result<Self, Box<Problem>> {
        let access = address.access(environment, &patience)?;
        Ok(Self { address, access, patience })
    }

    /// Its address, as it is named in messages.
    pub fn shown(&self) -> String {
        self.address.shown()
    }

    /// Puts an object there, whole or not at all.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let object = self.object(name);
        let sha256 = STANDARD.encode(Digest::of(bytes).as_bytes());
        self.often(|| {
            let mut action = self.access.bucket.put_object(Some(&self.access.key), &object);
            // What was changed on the way is refused there.
            action.headers_mut().insert("x-amz-checksum-sha256", sha256.as_str());
            let request = Request::put(action.sign(HOLDS).as_str()).header("x-amz-checksum-sha256", &sha256);
            match self.ask(request, bytes)? {
                Answer::Yes(_) => Ok(()),
                Answer::NotThere => Err(Failure::NoBucket),
            }
        })
    }

    /// Writes an object into a file, from its beginning; no if there is no such object. One of more than `most` bytes is not
    /// what was put there.
    pub fn get(&self, name: &str, most: u64, to: &mut File) -> Result<bool, Failure> {
        let object = self.object(name);
        self.often(|| {
            to.set_len(0)?;
            to.rewind()?;
            let action = self.access.bucket.get_object(Some(&self.access.key), &object);
            let Answer::Yes(mut answer) = self.ask(Request::get(action.sign(HOLDS).as_str()), &[])? else {
                return Ok(false);
            };
            let mut body = answer.body_mut().with_config().limit(u64::MAX).reader().take(most.saturating_add(1));
            let mut piece = vec![0; 1 << 16];
            let mut length = 0;
            loop {
                let count = body.read(&mut piece).map_err(|error| failed(ureq::Error::from(error)))?;
                let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { break };
                length += count as u64;
                if length > most {
                    return Err(Failure::Altered);
                }
                to.write_all(read)?;
            }
            Ok(true)
        })
    }

    /// The names of all objects that begin so, with their lengths.
    pub fn list(&self, begin: &str) -> Result<Vec<Listed>, Failure> {
        let begin = self.object(begin);
        let mut found = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let (page, after) = self.often(|| self.page(&begin, next.as_deref()))?;
            found.extend(page);
            match after {
                Some(after) if next.as_ref() != Some(&after) => next = Some(after),
                Some(_) => return Err(Failure::Broken("with a list that does not end".to_owned())),
                None => return Ok(found),
            }
        }
    }

    /// Removes an object, if it is there.
    pub fn remove(&self, name: &str) -> Result<(), Failure> {
        let object = self.object(name);
        self.often(|| {
            let action = self.access.bucket.delete_object(Some(&self.access.key), &object);
            self.ask(Request::delete(action.sign(HOLDS).as_str()), &[]).map(drop)
        })
    }

    fn page(&self, begin: &str, after: Option<&str>) -> Result<(Vec<Listed>, Option<String>), Failure> {
        let mut action = self.access.bucket.list_objects_v2(Some(&self.access.key));
        action.with_prefix(begin);
        if let Some(after) = after {
            action.with_continuation_token(after);
        }
        let Answer::Yes(mut answer) = self.ask(Request::get(action.sign(HOLDS).as_str()), &[])? else {
            return Err(Failure::NoBucket);
        };
        let text = answer.body_mut().with_config().limit(MOST_SAID).read_to_string().map_err(failed)?;
        let list = ListObjectsV2::parse_response(&text);
        let no_list = || Failure::Broken("with something else than a list".to_owned());
        let list = list.map_err(|_| no_list())?;
        let mut found = Vec::with_capacity(list.contents.len());
        for object in list.contents {
            let name = object.key.strip_prefix(&self.address.prefix).ok_or_else(no_list)?;
            found.push((name.to_owned(), object.size.ok_or_else(no_list)?));
        }
        Ok((found, list.next_continuation_token))
    }

    fn object(&self, name: &str) -> String {
        format!("{}{name}", self.address.prefix)
    }

    #[expect(clippy::disallowed_methods, reason = "a bucket is given time, on a thread that has nothing else to do")]
    fn often<T>(&self, mut work: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
        let mut pause = self.patience.pause;
        for _ in 1..self.patience.tries {
            match work() {
                Err(failure) if failure.may_pass() => {
                    tracing::warn!(%failure, bucket = %self.shown(), "a bucket is asked again");
                    thread::sleep(pause);
                    pause *= 2;
                }
                done => return done,
            }
        }
        work()
    }

    fn ask(&self, request: ureq::http::request::Builder, body: &[u8]) -> Result<Answer, Failure> {
        let request: Request<&[u8]> = request.body(body).map_err(|error| Failure::Unreachable(error.to_string()))?;
        let answer = if body.is_empty() && request.method() != ureq::http::Method::PUT {
            let (parts, _) = request.into_parts();
            self.access.agent.run(Request::from_parts(parts, ()))
        } else {
            self.access.agent.run(request)
        };
        let mut answer = answer.map_err(failed)?;
        let status = answer.status();
        if status.is_success() {
            return Ok(Answer::Yes(answer));
        }
        let said = answer.body_mut().with_config().limit(MOST_SAID).read_to_string().unwrap_or_default();
        let code = between(&said, "<Code>", "</Code>");
        match (status, code.as_deref()) {
            (_, Some("NoSuchBucket")) => Err(Failure::NoBucket),
            (StatusCode::NOT_FOUND, _) => Ok(Answer::NotThere),
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, code) => {
                Err(Failure::Refused(code.unwrap_or(status.as_str()).to_owned()))
            }
            (
                _,
                Some(
                    code @ ("PermanentRedirect" | "AuthorizationHeaderMalformed" | "AuthorizationQueryParametersError"),
                ),
            ) => {
                let region = between(&said, "<Region>", "</Region>").map(Cow::Owned);
                Err(Failure::Elsewhere(region.unwrap_or(Cow::Borrowed(code)).into_owned()))
            }
            (status, _) if status.is_redirection() => Err(Failure::Elsewhere(status.to_string())),
            (_, code) => Err(Failure::Broken(match code {
                Some(code) => format!("{status} {code}"),
                None => status.to_string(),
            })),
        }
    }
}

enum Answer {
    Yes(Response<Body>),
    NotThere,
}

/// A short word out of an answer that is not read further.
fn between(text: &str, begin: &str, end: &str) -> Option<String> {
    let word = text.split_once(begin)?.1.split_once(end)?.0;
    let is_word = word.len() <= 64 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_word.then(|| word.to_owned())
}

/// The address in the text of an error would have a signature in it.
fn failed(error: ureq::Error) -> Failure {
    match error {
        ureq::Error::Timeout(_) => Failure::Silent,
        ureq::Error::Io(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) => {
            Failure::Silent
        }
        ureq::Error::BadUri(_) => Failure::Unreachable("its address cannot be used".to_owned()),
        error => Failure::Unreachable(error.to_string()),
    }
}
