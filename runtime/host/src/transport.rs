//! Fetching static files: over HTTP, or from a folder such as a USB stick. Nothing leaves it unverified except metadata,
//! which the trust client verifies (A12).
//!
//! A11 wants downloads over HTTPS. What is signed and checked may also come over plain HTTP or from a stick; anything but
//! status 200 is no download all the same.

use std::{
    fmt,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use guichet_package::delta::Coding;
use guichet_trust::digest::{Digest, Hashed};

use crate::error::HostError;

/// Longest wait for a connection, and for the first byte of an answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// A transfer slower than this many bytes a second is given up.
const SLOWEST: u64 = 16 << 10;
/// Files below this size are not worth asking for a compressed sibling.
const SMALL: u64 = 256;

/// Where the static files of a store are.
#[derive(Clone)]
pub(crate) struct Transport {
    source: Source,
}

#[derive(Clone)]
enum Source {
    Http { agent: ureq::Agent, base: String },
    Folder(PathBuf),
}

/// A path below the static files, made of names that cannot leave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StaticPath(String);

impl StaticPath {
    /// `/metadata/<name>`
    pub(crate) fn metadata(name: &str) -> Option<Self> {
        Self::checked("metadata", name)
    }

    /// `/targets/<path>`
    pub(crate) fn target(path: &str) -> Option<Self> {
        Self::checked("targets", path)
    }

    /// `/blobs/<2 hex>/<sha256>`
    pub(crate) fn blob(digest: &Digest) -> Self {
        let hex = digest.to_string();
        Self(format!("blobs/{}/{hex}", hex.get(..2).unwrap_or_default()))
    }

    /// `/packages/<sha256>.ma`
    pub(crate) fn package(digest: &Digest) -> Self {
        Self(format!("packages/{digest}.ma"))
    }

    /// `/delta/<result>.json`
    pub(crate) fn delta_index(result: &Digest) -> Self {
        Self(format!("delta/{result}.json"))
    }

    /// `/delta/<dictionary>/<result>.<coding>`
    pub(crate) fn delta(dictionary: &Digest, result: &Digest, coding: Coding) -> Self {
        Self(format!("delta/{dictionary}/{result}.{coding}"))
    }

    /// `/log/<path>`
    pub(crate) fn log(path: &str) -> Option<Self> {
        Self::checked("log", path)
    }

    fn checked(folder: &str, rest: &str) -> Option<Self> {
        let is_name = |name: &str| {
            (1..=255).contains(&name.len())
                && !name.starts_with('.')
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        };
        rest.split('/').all(is_name).then(|| Self(format!("{folder}/{rest}")))
    }
}

impl fmt::Display for StaticPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Verified bytes, and how many came over the wire for them.
#[derive(Debug)]
pub(crate) struct Download {
    pub(crate) bytes: Hashed,
    pub(crate) wire_bytes: u64,
}

impl Transport {
    /// `static_url` is `http(s)://…`, `file://…` or the path of a folder.
    pub(crate) fn new(static_url: &str) -> Self {
        let base = static_url.trim_end_matches('/').to_owned();
        if !base.starts_with("http://") && !base.starts_with("https://") {
            let folder = base.strip_prefix("file://").unwrap_or(&base);
            return Self { source: Source::Folder(PathBuf::from(folder)) };
        }
        let agent = ureq::Agent::config_builder()
            .https_only(base.starts_with("https://"))
            .http_status_as_error(false)
            .max_redirects(3)
            .accept_encoding("identity")
            .user_agent(concat!("guichet-host/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .build()
            .new_agent();
        Self { source: Source::Http { agent, base } }
    }

    /// The bytes of a file, not verified, at most `most` of them; none if there is no such file.
    pub(crate) fn fetch(&self, path: &StaticPath, most: u64) -> Result<Option<Vec<u8>>, HostError> {
        match &self.source {
            Source::Http { agent, base } => fetch_http(agent, &format!("{base}/{path}"), most),
            Source::Folder(folder) => fetch_file(folder, path, most),
        }
    }

    /// The same, decoded from the compressed sibling if there is a sound one. What comes is still not verified.
    pub(crate) fn fetch_decoded(&self, path: &StaticPath, most: u64) -> Result<Option<Vec<u8>>, HostError> {
        if most >= SMALL {
            let sibling = StaticPath(format!("{path}.zst"));
            if let Some(compressed) = self.fetch(&sibling, grown(most))?
                && let Ok(bytes) = decode(&compressed, most, &self.url(&sibling))
            {
                return Ok(Some(bytes));
            }
        }
        self.fetch(path, most)
    }

    /// The bytes that have this length and digest, from the compressed sibling if there is one.
    pub(crate) fn fetch_verified(
        &self,
        path: &StaticPath,
        length: u64,
        digest: &Digest,
    ) -> Result<Download, HostError> {
        if length >= SMALL {
            let sibling = StaticPath(format!("{path}.zst"));
            if let Some(compressed) = self.fetch(&sibling, grown(length))? {
                let url = self.url(&sibling);
                let bytes = check(decode(&compressed, length, &url)?, length, digest, url)?;
                return Ok(Download { bytes, wire_bytes: compressed.len() as u64 });
            }
        }
        let Some(bytes) = self.fetch(path, length)? else { return Err(HostError::Absent { url: self.url(path) }) };
        let wire_bytes = bytes.len() as u64;
        Ok(Download { bytes: check(bytes, length, digest, self.url(path))?, wire_bytes })
    }

    /// A delta made on request, not verified, if the store makes one (RFC 9842). Any other answer is left unread.
    pub(crate) fn fetch_delta(
        &self,
        path: &StaticPath,
        dictionary: &Digest,
        most: u64,
    ) -> Result<Option<(Coding, Vec<u8>)>, HostError> {
        let Source::Http { agent, base } = &self.source else { return Ok(None) };
        let url = format!("{base}/{path}");
        let available = format!(":{}:", STANDARD.encode(dictionary.as_bytes()));
        let request = agent.get(&url).header("Accept-Encoding", "dcb, dcz").header("Available-Dictionary", available);
        let coding = |response: &ureq::http::Response<ureq::Body>| {
            let coding = response.headers().get("Content-Encoding")?.to_str().ok()?.parse().ok()?;
            (response.status() == 200).then_some(coding)
        };
        let mut response = call(request, &url, longest(most))?;
        match coding(&response) {
            Some(coding) => Ok(Some((coding, read_body(&mut response, &url, most)?))),
            None => Ok(None),
        }
    }

    /// How a path is shown in messages.
    pub(crate) fn url(&self, path: &StaticPath) -> String {
        match &self.source {
            Source::Http { base, .. } => format!("{base}/{path}"),
            Source::Folder(folder) => folder.join(&path.0).display().to_string(),
        }
    }
}

fn fetch_http(agent: &ureq::Agent, url: &str, most: u64) -> Result<Option<Vec<u8>>, HostError> {
    fetch_http_within(longest(most), agent, url, most)
}

fn fetch_http_within(whole: Duration, agent: &ureq::Agent, url: &str, most: u64) -> Result<Option<Vec<u8>>, HostError> {
    let mut response = call(agent.get(url), url, whole)?;
    match response.status().as_u16() {
        200 => read_body(&mut response, url, most).map(Some),
        404 | 410 => Ok(None),
        status => Err(HostError::BadAnswer { url: url.to_owned(), status }),
    }
}

/// How long `most` bytes may take, from the question to the last of them.
fn longest(most: u64) -> Duration {
    PATIENCE + Duration::from_secs(15 + most / SLOWEST)
}

fn call(
    request: ureq::RequestBuilder<ureq::typestate::WithoutBody>,
    url: &str,
    whole: Duration,
) -> Result<ureq::http::Response<ureq::Body>, HostError> {
    let called = request.config().timeout_global(Some(whole)).build().call();
    called.map_err(|error| HostError::Unreachable { url: url.to_owned(), why: error.to_string() })
}

fn read_body(response: &mut ureq::http::Response<ureq::Body>, url: &str, most: u64) -> Result<Vec<u8>, HostError> {
    let reader = response.body_mut().with_config().limit(most.saturating_add(1)).reader();
    match read_at_most(reader, most) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(HostError::TooLarge { url: url.to_owned(), most }),
        Err(error) => Err(HostError::Unreachable { url: url.to_owned(), why: error.to_string() }),
    }
}

fn fetch_file(folder: &Path, path: &StaticPath, most: u64) -> Result<Option<Vec<u8>>, HostError> {
    let file_path = folder.join(&path.0);
    let url = || file_path.display().to_string();
    let unreachable = |error: io::Error| HostError::Unreachable { url: url(), why: error.to_string() };
    // Opening a pipe on somebody's stick would wait for ever.
    if fs::metadata(&file_path).is_ok_and(|found| !found.is_file()) {
        return Ok(None);
    }
    let file = match File::open(&file_path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound && folder.is_dir() => return Ok(None),
        Err(error) => return Err(unreachable(error)),
    };
    match read_at_most(file, most).map_err(unreachable)? {
        Some(bytes) => Ok(Some(bytes)),
        None => Err(HostError::TooLarge { url: url(), most }),
    }
}

/// Incompressible bytes grow by less than this when they are compressed.
fn grown(length: u64) -> u64 {
    length + (length >> 7) + 1024
}

/// All bytes, or none if there are more than `most`.
fn read_at_most(reader: impl Read, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

fn decode(compressed: &[u8], length: u64, url: &str) -> Result<Vec<u8>, HostError> {
    let undecodable = |error: io::Error| HostError::Undecodable { url: url.to_owned(), why: error.to_string() };
    let decoder = zstd::stream::read::Decoder::new(compressed).map_err(undecodable)?;
    match read_at_most(decoder, length).map_err(undecodable)? {
        Some(bytes) => Ok(bytes),
        None => Err(HostError::TooLarge { url: url.to_owned(), most: length }),
    }
}

fn check(bytes: Vec<u8>, length: u64, expected: &Digest, url: String) -> Result<Hashed, HostError> {
    let found_length = bytes.len() as u64;
    if found_length < length {
        return Err(HostError::Truncated { url, expected: length, found: found_length });
    }
    let hashed = Hashed::of(bytes);
    let found = hashed.digest();
    if found != *expected {
        return Err(HostError::Altered { url, expected: *expected, found });
    }
    Ok(hashed)
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        net::{TcpListener, TcpStream},
        thread,
    };

    use super::*;

    /// Answers one request with these bytes, then closes.
    fn answer_once(answer: Vec<u8>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            read_request(&mut stream);
            stream.write_all(&answer).unwrap();
        });
        format!("http://{address}/static")
    }

    fn read_request(stream: &mut TcpStream) {
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
            request.extend(byte);
        }
    }

    fn over_http(status: &str, length: usize, body: &[u8]) -> Result<Option<Vec<u8>>, HostError> {
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        let url = answer_once([head.as_bytes(), body].concat());
        Transport::new(&url).fetch(&StaticPath::metadata("timestamp.json").unwrap(), 10)
    }

    #[test]
    fn names_that_could_leave_the_folder_are_no_paths() {
        for good in ["timestamp.json", "3.root.json", "4.residence-wide.json"] {
            assert!(StaticPath::metadata(good).is_some(), "{good}");
        }
        for bad in ["", "..", "a/../b", "/a", "a//b", ".hidden", "a\\b", "a%2e", "a?b", "a\0", "é"] {
            assert!(StaticPath::metadata(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a11_http_answers_are_bytes_absence_or_errors() {
        assert_eq!(over_http("200 OK", 4, b"data").unwrap().unwrap(), b"data");
        assert_eq!(over_http("404 Not Found", 2, b"no").unwrap(), None);
        assert_eq!(over_http("500 Oh", 2, b"no").unwrap_err().class(), "store/bad-answer");
        assert_eq!(over_http("200 OK", 11, b"hello world").unwrap_err().class(), "blob/too-large");
        assert_eq!(over_http("200 OK", 9, b"cut").unwrap_err().class(), "store/unreachable");
    }

    #[test]
    fn a_closed_port_is_unreachable() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let transport = Transport::new(&format!("http://{address}"));
        let error = transport.fetch(&StaticPath::metadata("timestamp.json").unwrap(), 10).unwrap_err();
        assert_eq!(error.class(), "store/unreachable");
        insta::assert_snapshot!(error.hint(), @"check the network; what is installed keeps running");
    }

    #[test]
    fn an_answer_that_trickles_is_given_up_when_its_time_is_over() {
        assert_eq!(longest(0), Duration::from_secs(30));
        assert_eq!(longest(16 << 20), Duration::from_secs(30 + 1024), "16 KiB each second");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/static/timestamp.json", listener.local_addr().unwrap());
        let trickle = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            read_request(&mut stream);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nten").unwrap();
            // The rest never comes: whoever waits for it has to go by themselves.
            stream.read(&mut [0]).map(drop)
        });
        let agent = ureq::Agent::new_with_defaults();
        let error = fetch_http_within(Duration::from_millis(200), &agent, &url, 10).unwrap_err();
        assert_eq!(error.class(), "store/unreachable");
        drop(trickle.join());
    }

    struct Published {
        folder: tempfile::TempDir,
        path: StaticPath,
        digest: Digest,
        bytes: Vec<u8>,
    }

    fn published(plain: Option<&[u8]>, compressed: Option<&[u8]>) -> Published {
        let folder = tempfile::tempdir().unwrap();
        let bytes = b"0123456789abcdef".repeat(64);
        let digest = Digest::of(&bytes);
        let path = StaticPath::blob(&digest);
        let place = folder.path().join(&path.0);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        if let Some(plain) = plain {
            fs::write(&place, plain).unwrap();
        }
        if let Some(compressed) = compressed {
            fs::write(place.with_extension("zst"), compressed).unwrap();
        }
        Published { folder, path, digest, bytes }
    }

    impl Published {
        fn fetch(&self) -> Result<Download, HostError> {
            let transport = Transport::new(&format!("file://{}", self.folder.path().display()));
            transport.fetch_verified(&self.path, self.bytes.len() as u64, &self.digest)
        }
    }

    #[test]
    fn the_compressed_sibling_is_taken_and_counted_as_it_came() {
        let bytes = b"0123456789abcdef".repeat(64);
        let compressed = zstd::encode_all(&bytes[..], 3).unwrap();
        let download = published(Some(&bytes), Some(&compressed)).fetch().unwrap();
        assert_eq!((download.bytes.bytes(), download.wire_bytes), (&bytes[..], compressed.len() as u64));
        assert_eq!(published(Some(&bytes), None).fetch().unwrap().wire_bytes, bytes.len() as u64);
    }

    #[test]
    fn a12_what_is_not_what_was_signed_is_refused() {
        let bytes = b"0123456789abcdef".repeat(64);
        let mut altered = bytes.clone();
        altered[7] ^= 1;
        let longer = [&bytes[..], b"x"].concat();
        let class =
            |plain: Option<&[u8]>, compressed: Option<&[u8]>| published(plain, compressed).fetch().unwrap_err().class();
        assert_eq!(class(None, None), "store/file-missing");
        assert_eq!(class(Some(&altered), None), "blob/altered");
        assert_eq!(class(Some(&bytes[..1000]), None), "blob/truncated");
        assert_eq!(class(Some(&longer), None), "blob/too-large");
        let compress = |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap();
        assert_eq!(class(Some(&bytes), Some(&compress(&altered))), "blob/altered");
        assert_eq!(class(Some(&bytes), Some(&compress(&longer))), "blob/too-large");
        assert_eq!(class(Some(&bytes), Some(b"not zstandard")), "blob/undecodable");
        let cut = compress(&bytes);
        assert_eq!(class(Some(&bytes), Some(&cut[..cut.len() - 4])), "blob/undecodable");
    }

    #[test]
    fn a_small_file_that_decodes_to_a_flood_is_cut_off() {
        let flood = zstd::encode_all(&vec![0; 64 << 20][..], 3).unwrap();
        let error = published(None, Some(&flood[..])).fetch().unwrap_err();
        assert_eq!(error.class(), "blob/too-large");
    }

    #[test]
    fn an_altered_file_is_named_with_both_digests_and_a_hint() {
        let error = HostError::Altered {
            url: "https://store.example/static/blobs/ab/abcd".to_owned(),
            expected: Digest::from_bytes([1; 32]),
            found: Digest::from_bytes([2; 32]),
        };
        insta::assert_snapshot!(error, @"a file of the store is not what was signed: expected 0101010101010101010101010101010101010101010101010101010101010101, found 0202020202020202020202020202020202020202020202020202020202020202");
        insta::assert_snapshot!(error.hint(), @"nothing was installed; try again, and if it stays so, tell the store's operator: the file was damaged or tampered with");
    }
}
