//! Into a mirror: every byte is verified from the trust file that the mirror's owner holds, as a terminal would do it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use guichet_contract::Department;
use guichet_package::{Blob, Limits as PackageLimits, ReleaseDocument, Statement, TrustFile, release::MOST_BEFORE};
use guichet_trust::{
    client::{Limits, Refresh, TrustedMetadata},
    digest::Digest,
    metadata::{TargetFile, owner_of_bin},
};

use super::{files, log::CarriedLog};
use crate::{
    error::{NotDone, StoreError},
    problems,
};

/// Longest document that is no package and no blob, in bytes.
const MAX_DOCUMENT: u64 = 1 << 20;
/// Longest file of a log or a delta, in bytes.
const MAX_OTHER: u64 = 256 << 20;

/// What an import has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Files that were copied.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Apps that can be installed from the mirror now.
    pub apps: usize,
    /// Departments whose documents were refused, each costing that department alone.
    pub refused: Vec<String>,
}

/// Verifies a folder and brings a mirror up to its state. Nothing is current in the mirror before all of it is there.
///
/// A state older than the mirror's is refused, whatever the clock says; so is one that has expired at `now_ms`.
pub fn import(from: &Path, to: &Path, trust: &TrustFile, now_ms: u64) -> Result<Imported, NotDone> {
    fs::create_dir_all(to).map_err(StoreError::file("create", to))?;
    // What the mirror has may be old; that it was current once is all that counts here.
    let root = TrustedMetadata::from_root(trust.root_bytes()).map_err(|refusal| problems::document("root", refusal))?;
    let base = match to.join(files::TIMESTAMP).is_file() {
        true => follow(to, root, Folder::Mirror)?.trusted,
        false => root,
    };
    let followed = follow(from, base, Folder::Carried { now_ms })?;
    let policy = trust.policy().map_err(|refusal| problems::package(&refusal))?;
    let log = policy.as_ref().map(|policy| CarriedLog::read(from, to, policy)).transpose()?;
    let imported = Imported { refused: followed.refused.clone(), ..Imported::default() };
    let mut import = Import { from, to, log, imported };
    import.targets(&followed.trusted)?;
    import.log()?;
    import.deltas()?;
    import.put(&format!("metadata/{}.root.json", root_version(trust)?), trust.root_bytes())?;
    for (path, bytes) in followed.fetched.iter().filter(|(path, _)| path != "timestamp.json") {
        import.put(&format!("metadata/{path}"), bytes)?;
    }
    if let Some((_, timestamp)) = followed.fetched.iter().rev().find(|(path, _)| path == "timestamp.json") {
        import.put(files::TIMESTAMP, timestamp)?;
    }
    Ok(import.imported)
}

fn root_version(trust: &TrustFile) -> Result<u64, NotDone> {
    let root = TrustedMetadata::from_root(trust.root_bytes()).map_err(|refusal| problems::document("root", refusal))?;
    Ok(root.root().version())
}

struct Followed {
    trusted: TrustedMetadata,
    /// Every document that was taken, by its name below `metadata`.
    fetched: Vec<(String, Vec<u8>)>,
    refused: Vec<String>,
}

/// Whose metadata are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Folder {
    /// The mirror's own, however old; it lacks what an import before refused.
    Mirror,
    /// What was carried, and is whole or refused.
    Carried { now_ms: u64 },
}

/// Follows the metadata in a folder to its newest state, all departments included.
fn follow(folder: &Path, trusted: TrustedMetadata, whose: Folder) -> Result<Followed, NotDone> {
    let now_ms = match whose {
        Folder::Mirror => 0,
        Folder::Carried { now_ms } => now_ms,
    };
    let mut refresh = Refresh::begin(trusted, now_ms, Limits::default());
    let (mut fetched, mut refused, mut wanted) = (Vec::new(), Vec::new(), BTreeSet::new());
    loop {
        while let Some(fetch) = refresh.next().cloned() {
            let is_delegated = refresh.is_complete();
            let bytes = files::read(folder, &format!("metadata/{}", fetch.path), fetch.max_bytes)?;
            match refresh.accept(bytes.clone()) {
                Ok(()) => fetched.extend(bytes.map(|bytes| (fetch.path, bytes))),
                // A document that is not there was not copied; one that is wrong is its department's mistake.
                Err(refusal) if is_delegated && (bytes.is_some() || whose == Folder::Mirror) => {
                    refused.push(format!("{}: {}", fetch.path, refusal.what()));
                }
                Err(refusal) if refusal.class() == "metadata/missing" => {
                    return Err(problems::not_in_folder(&format!("metadata/{}", fetch.path)).into());
                }
                Err(refusal) => return Err(problems::document(&fetch.path, refusal).into()),
            }
        }
        let roles = refresh.trusted().delegated_roles().map(|role| role.name.clone());
        let is_new = |role: &String| !wanted.contains(role) && (wanted.is_empty() || owner_of_bin(role).is_some());
        let roles: Vec<_> = roles.filter(is_new).collect();
        if roles.is_empty() {
            return Ok(Followed { trusted: refresh.finish(), fetched, refused });
        }
        roles.iter().for_each(|role| refresh.want_role(role));
        wanted.extend(roles);
    }
}

struct Import<'a> {
    from: &'a Path,
    to: &'a Path,
    /// The log that every release must be in; none if the trust file names none.
    log: Option<CarriedLog<'a>>,
    imported: Imported,
}

impl Import<'_> {
    /// Every document the metadata lists, and every file of every release among them.
    fn targets(&mut self, trusted: &TrustedMetadata) -> Result<(), NotDone> {
        let mut listed: BTreeMap<String, TargetFile> = BTreeMap::new();
        let delegated = trusted.delegated_roles().map(|role| role.name.clone());
        // What bins list is listed by the role they are of.
        let delegated: Vec<_> = delegated.filter(|role| owner_of_bin(role).is_none()).collect();
        for role in ["targets".to_owned()].into_iter().chain(delegated) {
            listed.extend(trusted.targets(&role).map(|(path, file)| (format!("{role} {path}"), file.clone())));
        }
        let mut apps = BTreeSet::new();
        for (role_and_path, file) in &listed {
            let (_, path) = role_and_path.split_once(' ').unwrap_or_default();
            let place = format!("targets/{}", file.hashed_path(path));
            if file.length > MAX_DOCUMENT {
                return Err(problems::not_as_signed(&place).into());
            }
            let bytes = self.verified(&place, |bytes| file.check(bytes).is_ok(), file.length)?;
            if path.starts_with("apps/") {
                let release = ReleaseDocument::parse(&bytes).map_err(|refusal| problems::package(&refusal))?;
                if !release.is_recall() {
                    apps.insert(release.app_id.clone());
                }
                if let Some(log) = &mut self.log {
                    let department = release_department(path).ok_or_else(|| problems::not_as_signed(&place))?;
                    log.require(&department, &release, &bytes)?;
                }
                self.release(&release)?;
                self.before(path, release)?;
            }
            self.put(&place, &bytes)?;
        }
        self.imported.apps = apps.len();
        Ok(())
    }

    /// The releases before one, which terminals take that its rollout leaves out.
    fn before(&mut self, path: &str, newest: ReleaseDocument) -> Result<(), NotDone> {
        let mut release = newest;
        for _ in 0..MOST_BEFORE {
            let Some(before) = release.before else { return Ok(()) };
            let place = format!("targets/{}", TargetFile::named(before.sha256, before.length).hashed_path(path));
            if before.length > MAX_DOCUMENT {
                return Err(problems::not_as_signed(&place).into());
            }
            let bytes = self.verified(&place, |bytes| before.is(bytes), before.length)?;
            let earlier = ReleaseDocument::parse(&bytes).map_err(|refusal| problems::package(&refusal))?;
            if earlier.sequence >= release.sequence {
                return Err(problems::not_as_signed(&place).into());
            }
            if let Some(log) = &mut self.log {
                let department = release_department(path).ok_or_else(|| problems::not_as_signed(&place))?;
                log.require(&department, &earlier, &bytes)?;
            }
            self.release(&earlier)?;
            self.put(&place, &bytes)?;
            release = earlier;
        }
        Ok(())
    }

    fn release(&mut self, release: &ReleaseDocument) -> Result<(), NotDone> {
        let limits = PackageLimits::default();
        let statement = self.blob(&release.statement)?;
        self.blob(&release.seals)?;
        let statement = Statement::parse(&statement, &limits).map_err(|refusal| problems::package(&refusal))?;
        for entry in &statement.files {
            self.blob(&Blob { sha256: entry.sha256, length: entry.size })?;
        }
        let package = format!("packages/{}.ma", release.container.sha256);
        self.with_sibling(&package, &release.container, false).map(drop)
    }

    fn blob(&mut self, blob: &Blob) -> Result<Vec<u8>, NotDone> {
        let hex = blob.sha256.to_string();
        let place = format!("blobs/{}/{hex}", hex.get(..2).unwrap_or_default());
        let bytes = self.with_sibling(&place, blob, true)?;
        bytes.ok_or_else(|| problems::not_in_folder(&place).into())
    }

    /// A file and its compressed sibling, of which one is enough where it is needed.
    fn with_sibling(&mut self, place: &str, blob: &Blob, is_needed: bool) -> Result<Option<Vec<u8>>, NotDone> {
        if blob.length > PackageLimits::default().container_bytes {
            return Err(problems::not_as_signed(place).into());
        }
        let sibling = format!("{place}.zst");
        let has_both = |import: &Self| {
            files::has(import.to, place, blob.length) && import.to.join(&sibling).is_file() && !is_needed
        };
        if has_both(self) {
            return Ok(None);
        }
        let plain = match files::read(self.to, place, blob.length)?.filter(|bytes| blob.is(bytes)) {
            Some(bytes) => Some(bytes),
            None => match files::read(self.from, place, blob.length)? {
                Some(bytes) if blob.is(&bytes) => {
                    self.put(place, &bytes)?;
                    Some(bytes)
                }
                Some(_) => return Err(problems::not_as_signed(place).into()),
                None if self.from.join(place).is_file() => return Err(problems::not_as_signed(place).into()),
                None => None,
            },
        };
        if self.to.join(&sibling).is_file() && plain.is_some() {
            return Ok(plain);
        }
        // Incompressible bytes grow by less than this when they are compressed.
        let most = blob.length + (blob.length >> 7) + 1024;
        let Some(compressed) = files::read(self.from, &sibling, most)? else { return Ok(plain) };
        let decoded = decode(&compressed, blob.length).filter(|bytes| blob.is(bytes));
        let decoded = decoded.ok_or_else(|| problems::not_as_signed(&sibling))?;
        self.put(&sibling, &compressed)?;
        if plain.is_none() {
            self.put(place, &decoded)?;
        }
        Ok(plain.or(Some(decoded)))
    }

    fn verified(&self, place: &str, is_good: impl Fn(&[u8]) -> bool, length: u64) -> Result<Vec<u8>, NotDone> {
        if let Some(bytes) = files::read(self.to, place, length)?.filter(|bytes| is_good(bytes)) {
            return Ok(bytes);
        }
        match files::read(self.from, place, length)? {
            Some(bytes) if is_good(&bytes) => Ok(bytes),
            None if !self.from.join(place).exists() => Err(problems::not_in_folder(place).into()),
            _ => Err(problems::not_as_signed(place).into()),
        }
    }

    /// The log, now that it is known to be the one that was signed and to hold what the metadata list.
    fn log(&mut self) -> Result<(), NotDone> {
        let Some(mut log) = self.log.take() else { return Ok(()) };
        log.add_others()?;
        for (path, digest) in log.files()? {
            let bytes = files::read(self.from, &path, MAX_OTHER)?.filter(|bytes| Digest::of(bytes) == digest);
            self.put(&path, &bytes.ok_or_else(|| problems::not_as_signed(&path))?)?;
        }
        Ok(())
    }

    /// What a delta makes is checked by whoever applies it; they are carried as they are.
    fn deltas(&mut self) -> Result<(), NotDone> {
        for path in files::list_if_there(&self.from.join("delta"))? {
            let path = format!("delta/{path}");
            if let Some(bytes) = files::read(self.from, &path, MAX_OTHER)? {
                self.put(&path, &bytes)?;
            }
        }
        Ok(())
    }

    /// Writes a file of the mirror that is not there as it should be.
    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), NotDone> {
        let present = files::read(self.to, path, bytes.len() as u64)?;
        if present.is_some_and(|present| Digest::of(&present) == Digest::of(bytes)) {
            return Ok(());
        }
        files::write(self.to, path, bytes)?;
        self.imported.files += 1;
        self.imported.bytes += bytes.len() as u64;
        Ok(())
    }
}

/// The department of `apps/<department>/<app id>/<channel>.json`.
fn release_department(path: &str) -> Option<Department> {
    path.split('/').nth(1)?.parse().ok()
}

fn decode(compressed: &[u8], length: u64) -> Option<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let decoder = zstd::stream::read::Decoder::new(compressed).ok()?;
    decoder.take(length.saturating_add(1)).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 == length).then_some(bytes)
}
