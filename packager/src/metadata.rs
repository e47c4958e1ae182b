//! What a store publishes, verified on this machine from the root in the trust file: nothing the store says is believed.

use std::{collections::BTreeMap, fs, path::Path};

use guichet_api::SignedDocument;
use guichet_contract::Department;
use guichet_package::{PublisherKeys, TrustFile, release::keys_path};
use guichet_trust::{
    client::{Limits, Refresh, TrustedMetadata},
    editor::{Listing, read_role},
    metadata::{Document, SuccinctRoles, TargetFile, Targets, owner_of_bin},
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
    /// Newer documents of roles, signed by all who must, that are published once the log shows their release.
    waiting: BTreeMap<String, Document<Targets>>,
    /// The published documents of roles that no longer have all signatures, because keys were removed.
    lapsed: BTreeMap<String, Document<Targets>>,
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
        let mut metadata =
            Self { trusted: refresh.trusted().clone(), waiting: BTreeMap::new(), lapsed: BTreeMap::new(), mirror };
        metadata.follow(&mut refresh)?;
        // The hash bins of a role are named by its own document.
        let bins = roles.iter().filter_map(|role| refresh.trusted().role(role)?.signed().bins());
        let bins: Vec<_> = bins.flat_map(SuccinctRoles::all).map(|bin| bin.name).collect();
        bins.iter().for_each(|bin| refresh.want_role(bin));
        metadata.follow(&mut refresh)?;
        metadata.trusted = refresh.finish();
        metadata.fetch_bins_of_lapsed()?;
        Ok(metadata)
    }

    fn follow(&mut self, refresh: &mut Refresh) -> Result<(), Failure> {
        while let Some(fetch) = refresh.next().cloned() {
            let is_delegated = refresh.is_complete();
            let bytes = self.mirror.fetch(&format!("metadata/{}", fetch.path), fetch.max_bytes)?;
            let Err(refusal) = refresh.accept(bytes.clone()) else { continue };
            // Signatures are judged after the digest that the snapshot lists: this is what is published.
            match bytes.filter(|_| is_delegated && refusal.class() == "metadata/threshold").map(Document::parse) {
                Some(Ok(document)) => drop(self.lapsed.insert(role_in(&fetch.path), document)),
                _ => return Err(Failure::trust(refusal, self.mirror.place())),
            }
        }
        Ok(())
    }

    /// What hangs on a role's document that lacks signatures is not followed either: here it is as it is published.
    fn fetch_bins_of_lapsed(&mut self) -> Result<(), Failure> {
        let bins = self.lapsed.values().filter_map(|own| own.signed().bins()).flat_map(SuccinctRoles::all);
        for bin in bins.map(|bin| bin.name).collect::<Vec<_>>() {
            let Some(version) = self.trusted.published_version(&bin) else { continue };
            let path = format!("metadata/{version}.{bin}.json");
            let bytes = self.mirror.fetch(&path, Limits::default().targets_bytes)?.ok_or_else(|| self.gone(&path))?;
            let document = Document::parse(bytes).map_err(|refusal| Failure::trust(refusal, self.mirror.place()))?;
            if !self.trusted.is_published(&bin, &document) {
                return Err(self.gone(&path));
            }
            self.lapsed.insert(bin, document);
        }
        Ok(())
    }

    /// Takes in what the store says waits for the log: as much signed as what is published, and newer.
    pub(crate) fn add_waiting(&mut self, documents: &[SignedDocument]) -> Result<(), Failure> {
        for SignedDocument { role, document } in documents {
            let refuse = |refusal| Failure::trust(refusal, format!("role {role}"));
            let owner = owner_of_bin(role).unwrap_or(role);
            let delegator = if owner == role { Some(self.targets()?) } else { self.role(owner) };
            let Some(delegator) = delegator else { continue };
            let document = read_role(delegator, role, document.as_bytes()).map_err(refuse)?;
            // Whom a role lets sign for its bins counts only as far as it may sign for the role itself.
            if let Some(signers) = self.targets()?.signed().signers(owner) {
                signers.check(&document).map_err(refuse)?;
            }
            if document.version() > self.role(role).map_or(0, Document::version) {
                self.waiting.insert(role.clone(), document);
            }
        }
        Ok(())
    }

    /// The top-level targets: who may sign for which role.
    pub(crate) fn targets(&self) -> Result<&Document<Targets>, Failure> {
        self.trusted.role("targets").ok_or_else(|| self.gone("metadata/targets.json"))
    }

    /// The document of a role that the next one follows, if there is one yet: what waits, or else what is published.
    pub(crate) fn role(&self, role: &str) -> Option<&Document<Targets>> {
        self.waiting.get(role).or_else(|| self.trusted.role(role)).or_else(|| self.lapsed.get(role))
    }

    /// All documents of a department's role.
    pub(crate) fn listing(&self, role: &str) -> Listing {
        let own = self.role(role).cloned();
        let bins = own.as_ref().and_then(|own| own.signed().bins()).into_iter().flat_map(SuccinctRoles::all);
        let bins = bins.filter_map(|bin| Some((bin.name.clone(), self.role(&bin.name)?.clone()))).collect();
        Listing { own, bins }
    }

    /// The bytes of a target that a department's role vouches for, if it lists it.
    pub(crate) fn target(&self, role: &str, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        let counting = self.listing(role).counting(self.targets()?, role);
        counting.file(path).map(|file| self.fetch(path, file)).transpose()
    }

    /// The same, also if what the role vouched for lacks signatures now: what was published before it is not forgotten.
    pub(crate) fn listed(&self, role: &str, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        self.listing(role).file(path).map(|file| self.fetch(path, file)).transpose()
    }

    /// The keys of one department.
    pub(crate) fn publisher_keys(&self, department: &Department) -> Result<PublisherKeys, Failure> {
        let path = keys_path(department);
        let file = self.trusted.target("targets", &path).ok_or_else(|| self.gone(&path))?;
        let bytes = self.fetch(&path, file)?;
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

/// The role of a document with its version in its name; those of our stores need no encoding.
fn role_in(path: &str) -> String {
    let name = path.strip_suffix(".json").unwrap_or(path);
    name.split_once('.').map_or(name, |(_, role)| role).to_owned()
}
