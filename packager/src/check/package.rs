//! What the verifier of packages says, all of it, and what the manifest asks for.

use guichet_package::{
    LayoutRefusal, Limits, Manifest, PackageDraft, Refusal,
    manifest::{MANIFEST_PATH, ManifestFault, Note, process},
    mentions::host,
};

use super::{App, Files, Found, Severity, Words, code::Used, place, rules};

/// Largest picture that is not remarked on, in bytes.
const PICTURE_BYTES: usize = 512 << 10;
/// Longest side of a picture that is not remarked on, in pixels.
const PICTURE_SIDE: u32 = 2048;

/// Judges the files as admission does. Where a named file is missing, it is judged on as if it were there.
pub(super) fn of(files: &Files) -> Vec<Found> {
    let text = files.get(MANIFEST_PATH).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    let mut all = Vec::new();
    let mut complete = files.clone();
    // Each turn adds one file, so it ends.
    let (findings, notes) = loop {
        let refusal = match PackageDraft::new(complete.clone(), &Limits::default()) {
            Ok(draft) => break (draft.findings(), draft.notes().to_vec()),
            Err(refusal) => refusal,
        };
        let missing = match &refusal {
            Refusal::Layout(LayoutRefusal::MissingFile { path }) => Some((*path).to_owned()),
            Refusal::Layout(LayoutRefusal::MissingPage { path, .. } | LayoutRefusal::MissingLogic { path }) => {
                Some(path.clone())
            }
            _ => None,
        };
        all.push(refused(text, &refusal, Severity::Error));
        let Some(path) = missing.and_then(|path| path.parse().ok()) else { break (Vec::new(), Vec::new()) };
        if complete.insert(path, Vec::new()).is_some() {
            break (Vec::new(), Vec::new());
        }
    };
    for finding in findings {
        let severity = if finding.is_refused() { Severity::Error } else { Severity::Remark };
        all.push(refused(text, &finding.into(), severity));
    }
    all.extend(notes.iter().map(|note| noted(text, note)));
    all
}

/// The manifest, if it can be read.
pub(super) fn manifest(files: &Files) -> Option<Manifest> {
    files.get(MANIFEST_PATH).and_then(|bytes| process(bytes).ok()).map(|(manifest, _)| manifest)
}

fn refused(manifest: &str, refusal: &Refusal, severity: Severity) -> Found {
    let place = refusal.place();
    let (path, span) = match place.as_deref().map(|place| place.split_once('#').unwrap_or((place, ""))) {
        Some((MANIFEST_PATH, pointer)) => {
            let span = match refusal {
                Refusal::Manifest(refusal) if matches!(refusal.fault, ManifestFault::NotJson(_)) => {
                    serde_json::from_str::<serde_json::Value>(manifest).err().map(|error| {
                        let at = place::offset(manifest, error.line(), error.column());
                        at..at
                    })
                }
                _ => place::member(manifest, pointer).filter(|_| !pointer.is_empty()).map(|member| member.value),
            };
            (MANIFEST_PATH, span)
        }
        Some((path, _)) => (path, None),
        None => (MANIFEST_PATH, None),
    };
    let words = Words::Refusal { what: refusal.what(), hint: refusal.hint() };
    let (class, path) = (refusal.class(), path.to_owned());
    Found { class, severity, path, span, at: None, is_certain: true, words, fix: None }
}

fn noted(manifest: &str, note: &Note) -> Found {
    let span = place::member(manifest, &note.place).map(|member| member.name);
    Found::new(&rules::MANIFEST_NOTE, MANIFEST_PATH, span, &note.what)
}

/// What is asked for against what is called.
pub(super) fn permissions(app: &App<'_>, used: &Used) -> Vec<Found> {
    let (Some(manifest), Some(text)) = (&app.manifest, app.text(MANIFEST_PATH)) else { return Vec::new() };
    let known: Vec<&str> = host::interfaces().values().filter_map(|interface| interface.permission).collect();
    let mut all = Vec::new();
    for request in &manifest.req_permissions {
        let name = request.permission.name.as_str();
        let place = text.find(&format!("\"{name}\"")).map(|at| at..at + name.len() + 2);
        let say = |rule| Found::new(rule, MANIFEST_PATH, place.clone(), name);
        let is_of =
            |known: &&str| name == *known || name.strip_prefix(*known).is_some_and(|rest| rest.starts_with('.'));
        if name.starts_with("host:") && !known.iter().any(is_of) {
            all.push(Found { is_certain: true, ..say(&rules::UNKNOWN_PERMISSION) });
            continue;
        }
        if request.reason.is_none() {
            all.push(say(&rules::NO_REASON));
        }
        let is_read_whole = manifest.guichet.logic.is_none() && !used.is_handed_on;
        if is_read_whole && !used.permissions.iter().any(is_of) {
            all.push(say(&rules::UNUSED_PERMISSION));
        }
    }
    all
}

/// A picture that costs more than it shows.
pub(super) fn image(path: &str, bytes: &[u8]) -> Option<Found> {
    let extension = path.rsplit_once('.')?.1.to_ascii_lowercase();
    if !matches!(extension.as_str(), "png" | "jpg" | "jpeg" | "gif" | "webp" | "bmp") {
        return None;
    }
    let side = match bytes.strip_prefix(b"\x89PNG\r\n\x1a\n") {
        Some(rest) => rest.get(8..16).map_or(0, |size| {
            let number = |at: usize| {
                size.get(at..at + 4).map_or(0, |four| four.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
            };
            number(0).max(number(4))
        }),
        None => 0,
    };
    if bytes.len() <= PICTURE_BYTES && side <= PICTURE_SIDE {
        return None;
    }
    let pixels = if side > 0 { format!(", {side} pixels") } else { String::new() };
    Some(Found::new(&rules::LARGE_IMAGE, path, None, &format!("{} KB{pixels}", bytes.len() >> 10)))
}
