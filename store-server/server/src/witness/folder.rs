//! What a witness keeps.

use std::{
    fs,
    path::{Path, PathBuf},
};

use guichet_trust::{
    digest::Digest,
    log::{Checkpoint, Seen, SignedNote, VerifierKey, WitnessSigner},
    sign::SecretKey,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::StoreError,
    folder::{StoreFolder, put_secret},
    secret::entropy,
};

/// The folder of one witness.
#[derive(Clone, Debug)]
pub struct WitnessFolder {
    root: PathBuf,
    files: StoreFolder,
}

#[derive(Serialize, Deserialize)]
struct Settings {
    format: u32,
    name: String,
    logs: Vec<String>,
}

impl WitnessFolder {
    /// Names the folder; nothing is read yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        Self { files: StoreFolder::new(&root), root }
    }

    /// Whether there is a witness in it.
    pub fn exists(&self) -> bool {
        self.settings().exists()
    }

    /// Where the settings are.
    pub fn settings(&self) -> PathBuf {
        self.root.join("witness.json")
    }

    /// The lock that lets one witness run on this folder.
    pub fn lock(&self) -> PathBuf {
        self.root.join("witness.lock")
    }

    fn key(&self) -> PathBuf {
        self.root.join("witness.key")
    }

    /// Makes a witness with a new key.
    pub fn create(&self, name: &str) -> Result<WitnessSigner, StoreError> {
        for folder in [&self.root, &self.files.staging(), &self.root.join("seen")] {
            fs::create_dir_all(folder).map_err(StoreError::file("create", folder))?;
        }
        let secret = SecretKey::generate(entropy()?);
        let text = secret.to_file();
        let signer = WitnessSigner::new(name, secret).map_err(StoreError::document("name the witness"))?;
        put_secret(&self.key(), &text)?;
        self.write(&Settings { format: 1, name: name.to_owned(), logs: Vec::new() })?;
        Ok(signer)
    }

    /// The witness' name and key.
    pub fn signer(&self) -> Result<WitnessSigner, StoreError> {
        let path = self.key();
        let text = fs::read_to_string(&path).map_err(StoreError::file("read", path))?;
        let operation = "read the witness' key";
        let secret = SecretKey::from_file(&text).map_err(StoreError::document(operation))?;
        WitnessSigner::new(&self.read()?.name, secret).map_err(StoreError::document(operation))
    }

    /// The logs it signs, by key.
    pub fn logs(&self) -> Result<Vec<VerifierKey>, StoreError> {
        let logs = self.read()?.logs;
        logs.iter().map(|key| key.parse().map_err(StoreError::document("read the known logs"))).collect()
    }

    /// Lets it sign another log.
    pub fn add_log(&self, key: &VerifierKey) -> Result<(), StoreError> {
        let mut settings = self.read()?;
        let text = key.to_string();
        if !settings.logs.contains(&text) {
            settings.logs.push(text);
        }
        self.write(&settings)
    }

    /// The last checkpoint of a log that it signed.
    pub fn seen(&self, origin: &str, own: &VerifierKey) -> Result<Option<Seen>, StoreError> {
        let operation = "read what was seen of a log";
        let path = self.seen_path(origin);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::file("read", path)(error)),
        };
        let note = SignedNote::parse(&bytes).map_err(StoreError::document(operation))?;
        let checkpoint = Checkpoint::parse(note.text()).map_err(StoreError::document(operation))?;
        let is_ours = matches!(note.signed_by(own), Ok(Some(_)));
        if !is_ours || checkpoint.origin != origin {
            let reason = format!("`{}` is not what this witness wrote", path.display());
            return Err(StoreError::Document { operation, reason });
        }
        Ok(Some(Seen { size: checkpoint.size, root: checkpoint.root }))
    }

    /// Keeps a checkpoint that is about to be answered for, flushed to the disk.
    pub fn keep(&self, origin: &str, note: &SignedNote) -> Result<(), StoreError> {
        self.files.put(&self.seen_path(origin), note.to_text().as_bytes())
    }

    /// Where the last checkpoint of a log is.
    pub fn seen_path(&self, origin: &str) -> PathBuf {
        self.root.join("seen").join(Digest::of(origin.as_bytes()).to_string())
    }

    fn read(&self) -> Result<Settings, StoreError> {
        let path: &Path = &self.settings();
        let settings: Settings = StoreFolder::read_json(path)?;
        if settings.format == 1 {
            Ok(settings)
        } else {
            let reason = format!("`{}` is of format {}", path.display(), settings.format);
            Err(StoreError::Document { operation: "open the witness", reason })
        }
    }

    fn write(&self, settings: &Settings) -> Result<(), StoreError> {
        let text = serde_json::to_string_pretty(settings).map_err(StoreError::document("write the settings"))?;
        self.files.put(&self.settings(), format!("{text}\n").as_bytes())
    }
}
