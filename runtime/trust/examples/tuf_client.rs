//! A TUF client for the command line, so that any suite of tests for TUF clients can drive the one Guichet has.
//!
//! ```text
//! tuf_client --metadata-dir DIR init ROOT
//! tuf_client --metadata-dir DIR --metadata-url URL refresh
//! tuf_client --metadata-dir DIR --metadata-url URL --target-name NAME [--target-name NAME …]
//!            --target-dir DIR --target-base-url URL download
//! ```
//!
//! It exits with 0 if all was done and with 1 otherwise. The metadata folder holds what is trusted, each document as it
//! was served and without its version in its name. What it trusts at first is the root `init` was given.

use std::{
    collections::BTreeMap,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, SystemTime},
};

use guichet_trust::{
    client::{Limits, Refresh, TrustedMetadata},
    metadata::{TargetFile, file_stem},
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Longest wait for a connection, and for the whole of an answer.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(60));

const USAGE: &str = "usage: tuf_client --metadata-dir DIR [--metadata-url URL] [--target-name NAME]… [--target-dir DIR] \
                     [--target-base-url URL] init ROOT | refresh | download";

fn main() -> ExitCode {
    let now_ms = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_millis() as u64);
    match run(std::env::args().skip(1), now_ms) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tuf_client: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Does what the arguments say, at the time `now_ms`.
pub(crate) fn run(arguments: impl Iterator<Item = String>, now_ms: u64) -> Outcome {
    let arguments = Arguments::parse(arguments)?;
    let cache = Cache { folder: arguments.one("--metadata-dir")?.into() };
    match arguments.words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["init", root] => cache.begin(&fs::read(root)?),
        ["refresh"] => Updater::refresh(cache, arguments.one("--metadata-url")?, now_ms).map(drop),
        ["download"] => {
            let (folder, base) = (Path::new(arguments.one("--target-dir")?), arguments.one("--target-base-url")?);
            let names = arguments.options.get("--target-name").ok_or(USAGE)?;
            let mut updater = Updater::refresh(cache, arguments.one("--metadata-url")?, now_ms)?;
            names.iter().try_for_each(|name| updater.download(name, folder, base))
        }
        _ => Err(USAGE.into()),
    }
}

struct Arguments {
    options: BTreeMap<String, Vec<String>>,
    words: Vec<String>,
}

impl Arguments {
    fn parse(mut given: impl Iterator<Item = String>) -> Outcome<Self> {
        let (mut options, mut words) = (BTreeMap::<String, Vec<String>>::new(), Vec::new());
        while let Some(word) = given.next() {
            if !word.starts_with("--") {
                words.push(word);
                continue;
            }
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (word, given.next()),
            };
            if !["--metadata-dir", "--metadata-url", "--target-name", "--target-dir", "--target-base-url"]
                .contains(&name.as_str())
            {
                return Err(USAGE.into());
            }
            options.entry(name).or_default().push(value.ok_or(USAGE)?);
        }
        Ok(Self { options, words })
    }

    fn one(&self, name: &str) -> Outcome<&str> {
        let given = self.options.get(name).and_then(|values| values.last());
        given.map(String::as_str).ok_or_else(|| format!("{name} is missing\n{USAGE}").into())
    }
}

/// The metadata folder.
struct Cache {
    folder: PathBuf,
}

impl Cache {
    fn begin(&self, root: &[u8]) -> Outcome {
        TrustedMetadata::from_root(root)?;
        fs::create_dir_all(&self.folder)?;
        write(&self.folder.join("root.json"), root)
    }

    fn read(&self) -> Outcome<TrustedMetadata> {
        let root = fs::read(self.folder.join("root.json"))
            .map_err(|error| format!("there is no trusted root yet, use `init` first: {error}"))?;
        let mut stored = BTreeMap::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string()
                && name.ends_with(".json")
            {
                stored.insert(name, fs::read(entry.path())?);
            }
        }
        Ok(TrustedMetadata::restore(&root, &stored)?)
    }

    /// Writes what is trusted now. What it replaces stays until then: an old document is still what a newer one is
    /// measured by.
    fn keep(&self, refresh: &Refresh) -> Outcome {
        let trusted = refresh.trusted();
        if refresh.online_keys_rotated() {
            for role in ["timestamp", "snapshot"] {
                if trusted.version(role).is_none() {
                    remove(&self.folder.join(format!("{role}.json")))?;
                }
            }
        }
        write(&self.folder.join("root.json"), trusted.root().bytes())?;
        for (name, bytes) in trusted.documents().filter(|(name, _)| !name.ends_with(".root.json")) {
            write(&self.folder.join(name), bytes)?;
        }
        Ok(())
    }
}

/// One update: its metadata is that of one moment, whatever is downloaded in it.
struct Updater {
    cache: Cache,
    refresh: Refresh,
    remote: Remote,
}

impl Updater {
    fn refresh(cache: Cache, metadata_url: &str, now_ms: u64) -> Outcome<Self> {
        let refresh = Refresh::begin(cache.read()?, now_ms, Limits::default());
        let mut updater = Self { cache, refresh, remote: Remote::new(metadata_url) };
        updater.fetch_all()?;
        Ok(updater)
    }

    /// Fetches what is asked for; what was trusted by then is kept even if a later step fails.
    fn fetch_all(&mut self) -> Outcome {
        let mut outcome = Ok(());
        while outcome.is_ok()
            && let Some(fetch) = self.refresh.next().cloned()
        {
            let answer = self.remote.get(&self.remote.metadata, &fetch.path, fetch.max_bytes);
            outcome = answer.and_then(|answer| Ok(self.refresh.accept(answer)?));
        }
        self.cache.keep(&self.refresh)?;
        outcome
    }

    fn download(&mut self, name: &str, folder: &Path, base: &str) -> Outcome {
        self.refresh.want_target(name)?;
        self.fetch_all()?;
        let file = self.refresh.found().ok_or_else(|| format!("no role vouches for a target `{name}`"))?;
        let place = folder.join(file_stem(name));
        if is_here(&place, file)? {
            return Ok(());
        }
        let is_consistent = self.refresh.trusted().root().signed().consistent_snapshot;
        let path = if is_consistent { file.hashed_path(name) } else { name.to_owned() };
        let path: Vec<_> = path.split('/').map(file_stem).collect();
        let bytes = self.remote.get(base, &path.join("/"), file.length)?;
        let bytes = bytes.ok_or_else(|| format!("the repository has no file for target `{name}`"))?;
        file.check(&bytes)?;
        fs::create_dir_all(folder)?;
        write(&place, &bytes)
    }
}

fn is_here(place: &Path, file: &TargetFile) -> Outcome<bool> {
    match fs::read(place) {
        Ok(bytes) => Ok(file.check(&bytes).is_ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whole or not at all: readers never see a part.
fn write(place: &Path, bytes: &[u8]) -> Outcome {
    if fs::read(place).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    let mut name = place.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = place.with_file_name(name);
    fs::write(&part, bytes)?;
    Ok(fs::rename(&part, place)?)
}

fn remove(place: &Path) -> Outcome {
    match fs::remove_file(place) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

struct Remote {
    agent: ureq::Agent,
    metadata: String,
}

impl Remote {
    fn new(metadata_url: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .accept_encoding("identity")
            .timeout_connect(Some(PATIENCE.0))
            .timeout_global(Some(PATIENCE.1))
            .build()
            .new_agent();
        Self { agent, metadata: metadata_url.to_owned() }
    }

    /// The file at `path` below `base`; none if the repository says that there is none.
    fn get(&self, base: &str, path: &str, max_bytes: u64) -> Outcome<Option<Vec<u8>>> {
        let url = format!("{}/{path}", base.trim_end_matches('/'));
        let failed = |error: &dyn Error| format!("{url}: {error}");
        let mut answer = self.agent.get(&url).call().map_err(|error| failed(&error))?;
        match answer.status().as_u16() {
            200 => {
                let body = answer.body_mut().with_config().limit(max_bytes.saturating_add(1));
                Ok(Some(body.read_to_vec().map_err(|error| failed(&error))?))
            }
            403 | 404 => Ok(None),
            status => Err(format!("{url}: the repository answered {status}").into()),
        }
    }
}
