//! What a store publishes, verified on this machine from the root in the trust file: nothing the store says is believed.

use std::{fs, path::Path};

use guichet_contract::Department;
use guichet_package::{PublisherKeys, TrustFile, release::keys_path};
use guichet_trust::{
    client::{Limits, Refresh, TrustedMetadata},
    metadata::{Document, TargetFile, Targets},
};

use crate::{
    failure::Failure,
    message::{Detail, Message},
    mirror::Mirror,
    printer::Printer,
};

/// The largest target this program reads: a release document or a list of keys.
const MAX_TARGET_BYTES: u64 = 1 << 20;

/// Verified metadata and the mirror its targets come from.
pub(crate) struct Metadata {
    trusted: TrustedMetadata,
    mirror: Mirror,
}

impl Metadata {
    /// Goes from the trust file's root to the newest metadata, with the documents of these roles.
    pub(crate) fn refresh(trust: &Path, roles: &[&str], now_ms: u64, printer: Printer) -> Result<Self, Failure> {
        let bytes = fs::read(trust).map_err(|source| Failure::Read { path: trust.to_owned(), source })?;
        let file = TrustFile::parse(&bytes).map_err(|refusal| Failure::package(refusal, trust))?;
        let root = TrustedMetadata::from_root(file.root_bytes())
            .map_err(|refusal| Failure::trust(refusal, trust.display().to_string()))?;
        let mirror = Mirror::new(&file.static_url)?;
        printer.say(&Message::FetchingMetadata { url: mirror.place() });

        let mut refresh = Refresh::begin(root, now_ms, Limits::default());
        for role in roles {
            refresh.want_role(role);
        }
        while let Some(fetch) = refresh.next() {
            let bytes = mirror.fetch(&format!("metadata/{}", fetch.path), fetch.max_bytes)?;
            refresh.accept(bytes).map_err(|refusal| Failure::trust(refusal, mirror.place()))?;
        }
        Ok(Self { trusted: refresh.finish(), mirror })
    }

    /// The top-level targets: who may sign for which role.
    pub(crate) fn targets(&self) -> Result<&Document<Targets>, Failure> {
        self.trusted.role("targets").ok_or_else(|| self.gone("metadata/targets.json"))
    }

    /// The published document of a role, if there is one yet.
    pub(crate) fn role(&self, role: &str) -> Option<&Document<Targets>> {
        self.trusted.role(role)
    }

    /// The bytes of a target that a role vouches for, if it lists it.
    pub(crate) fn target(&self, role: &str, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        self.trusted.target(role, path).map(|file| self.fetch(path, file)).transpose()
    }

    /// The keys of one department.
    pub(crate) fn publisher_keys(&self, department: &Department) -> Result<PublisherKeys, Failure> {
        let path = keys_path(department);
        let bytes = self.target("targets", &path)?.ok_or_else(|| self.gone(&path))?;
        PublisherKeys::parse(&bytes).map_err(|refusal| Failure::document(refusal, path))
    }

    /// The keys of every department.
    pub(crate) fn all_publisher_keys(&self) -> Result<Vec<PublisherKeys>, Failure> {
        let listed = self.trusted.targets("targets").filter(|(path, _)| path.starts_with("keys/"));
        listed
            .map(|(path, file)| {
                PublisherKeys::parse(&self.fetch(path, file)?).map_err(|refusal| Failure::document(refusal, path))
            })
            .collect()
    }

    fn fetch(&self, path: &str, file: &TargetFile) -> Result<Vec<u8>, Failure> {
        let place = format!("targets/{}", file.hashed_path(path));
        let bytes = self.mirror.fetch(&place, file.length.min(MAX_TARGET_BYTES))?.ok_or_else(|| self.gone(&place))?;
        file.check(&bytes).map_err(|refusal| Failure::trust(refusal, place))?;
        Ok(bytes)
    }

    fn gone(&self, path: &str) -> Failure {
        Failure::Mirror { path: path.to_owned(), what: Detail::NotBelow { place: self.mirror.place() } }
    }
}
