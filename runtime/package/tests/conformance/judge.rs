//! What becomes of a case's package on the way that every package takes: import, canonical form, opening, launch.

use std::collections::BTreeMap;

use guichet_package::{
    Change, FileEntry, Imported, Limits, PackageDraft, PackageFile, PackagePath, PublisherKeys, Refusal, Seals,
    SigningBlock,
    compat::{Layout, Look},
    container, media_type,
};
use guichet_trust::{digest::Digest, sign::SecretKey};
use serde_json::Value;

use crate::{
    archive,
    case::{Accepted, Archive, Case, Input, Launch, Seal, Verdict},
    view,
};

/// The verdict in strict mode; of the manifest, what `wanted` names.
pub(crate) fn strict(case: &Case) -> Verdict {
    let input = &case.input;
    let verdict = verdict(input, &case.expected.strict);
    // What the reader of foreign archives refuses, the reader of sealed packages refuses too, by the same class.
    if let Err(class) = &verdict
        && input.archive == Archive::default()
        && input.seal.is_none()
        && let Some(sealed) = in_canonical_form(&archive::files(input))
    {
        let opened = PackageFile::open(sealed, &Limits::default()).map(|package| launchable(&package, &input.launch));
        let refused = opened.and_then(|launchable| launchable).err().map(|refusal| refusal.class());
        assert!(input.launch.served_as.is_some() || refused == Some(class), "{}: sealed, it is {refused:?}", case.name);
    }
    verdict.map_or_else(|class| Verdict::Refused(class.to_owned()), Verdict::Accepted)
}

fn verdict(input: &Input, wanted: &Verdict) -> Result<Accepted, &'static str> {
    let class = |refusal: Refusal| refusal.class();
    if let Some(given) = &input.launch.served_as {
        media_type::check(Some(given)).map_err(class)?;
    }
    let files = archive::files(input);
    if let Some(seal) = &input.seal {
        return open_sealed(&files, seal).and_then(|package| accept(&package, input, wanted, &[])).map_err(class);
    }
    let Imported { draft, changes } =
        PackageFile::import(archive::pack(&files, &input.archive).as_slice(), &Limits::default())
            .map_err(|reason| class(reason.into()))?;
    let written = draft.unsealed().map_err(class)?;
    let package = PackageFile::open(written.bytes().to_vec(), &Limits::default()).map_err(class)?;
    assert_eq!((package.manifest(), package.notes()), (draft.manifest(), draft.notes()));
    accept(&package, input, wanted, &changes).map_err(class)
}

/// The verdict with `--compat`; of the manifest, what `wanted` names, and `app_id` as it is written.
pub(crate) fn compat(case: &Case, wanted: &Verdict) -> Verdict {
    let input = &case.input;
    if input.seal.is_some() || input.launch.served_as.is_some() {
        // What is sealed, and how a package is retrieved, is nothing that bends.
        return strict(case);
    }
    let bytes = archive::pack(&archive::files(input), &input.archive);
    let judged = Look::open(&bytes, Layout::Compat, &Limits::default()).and_then(|look| {
        let mut accepted = accept(&look.file, input, wanted, &look.changes)?;
        accepted.bent = look.bent.iter().map(|bend| bend.name().to_owned()).collect();
        if let Some(app_id) = accepted.manifest.get_mut("/app_id") {
            *app_id = look.app_id.into();
        }
        Ok(accepted)
    });
    judged.map_or_else(|refusal| Verdict::Refused(refusal.class().to_owned()), Verdict::Accepted)
}

fn launchable(package: &PackageFile, launch: &Launch) -> Result<(), Refusal> {
    Ok(package.manifest().check_platform(launch.platform)?)
}

fn accept(package: &PackageFile, input: &Input, wanted: &Verdict, changes: &[Change]) -> Result<Accepted, Refusal> {
    launchable(package, &input.launch)?;
    let launch = &input.launch;
    let start = package.manifest().start_page(launch.page.as_deref()).unwrap();
    let locale = package.manifest().locale(&launch.lang, package.files().map(|(path, _)| path));
    let mut manifest = package.localized_manifest(&locale);
    manifest.window = manifest.window_of(&start.page);
    let manifest = view::manifest(&manifest);
    let pointers = match wanted {
        Verdict::Accepted(accepted) => accepted.manifest.keys().cloned().collect(),
        Verdict::Refused(_) => Vec::new(),
    };
    let value = |pointer: &String| (pointer.clone(), manifest.pointer(pointer).cloned().unwrap_or(Value::Null));
    Ok(Accepted {
        notes: package.notes().iter().map(|note| note.place.clone()).collect(),
        findings: package.findings().iter().map(|finding| finding.class().to_owned()).collect(),
        changes: changes.iter().map(name_of).collect(),
        bent: Vec::new(),
        manifest: pointers.iter().map(value).collect(),
        start_page: start.page.to_string(),
        query: start.query,
        fell_back: start.fell_back,
        locale,
    })
}

fn name_of(change: &Change) -> String {
    match change {
        Change::Unpacked { path, .. } => format!("unpacked {path}"),
        Change::Sorted => "sorted".to_owned(),
        Change::FolderDropped { path } => format!("folder {path}"),
        Change::ExtraFieldsDropped { entries } => format!("extra fields of {entries}"),
        Change::SigningBlockDropped { .. } => "signing block".to_owned(),
    }
}

fn open_sealed(files: &BTreeMap<String, Vec<u8>>, seal: &Seal) -> Result<PackageFile, Refusal> {
    let files = files.iter().map(|(path, bytes)| (path.parse().unwrap(), bytes.clone())).collect();
    let package = PackageDraft::new(files, &Limits::default())?.seal(&key(seal.key))?;
    let mut bytes = package.bytes().to_vec();
    if seal.altered {
        bytes[40] ^= 1;
    }
    let package = PackageFile::open(bytes, &Limits::default())?;
    let mut keys = PublisherKeys::new(
        "residence".parse().unwrap(),
        BTreeMap::from([("en".to_owned(), "Residence Office".to_owned())]),
        vec!["gov.example.residence".parse().unwrap()],
    );
    keys.add(key(seal.listed).public());
    Ok(package.verify(&keys)?.file().clone())
}

fn key(seed: u8) -> SecretKey {
    SecretKey::generate([seed; 32])
}

/// These files in a sealed package, as somebody would write it who does not check them; none if no path of theirs can
/// stand in one.
fn in_canonical_form(files: &BTreeMap<String, Vec<u8>>) -> Option<Vec<u8>> {
    let files: BTreeMap<PackagePath, Vec<u8>> =
        files.iter().map(|(path, bytes)| Some((path.parse().ok()?, bytes.clone()))).collect::<Option<_>>()?;
    if let Ok(draft) = PackageDraft::new(files.clone(), &Limits::default()) {
        return Some(draft.seal(&key(7)).unwrap().bytes().to_vec());
    }
    let base = archive::base().into_iter().map(|(path, bytes)| (path.parse().unwrap(), bytes)).collect();
    let mut statement = PackageDraft::new(base, &Limits::default()).unwrap().statement().clone();
    let entry = |(path, bytes): (&PackagePath, &Vec<u8>)| FileEntry {
        path: path.clone(),
        size: bytes.len() as u64,
        sha256: Digest::of(bytes),
    };
    statement.files = files.iter().map(entry).collect();
    let statement = statement.to_bytes().ok()?;
    let seals = Seals::make(&statement, &[&key(7)]).to_bytes().unwrap();
    let block = SigningBlock { statement: &statement, seals: Some(&seals) };
    container::encode(&files, Some(block), &Limits::default()).ok()
}
