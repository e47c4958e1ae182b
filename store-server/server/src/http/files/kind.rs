//! What kind of file it is by its path, and how long it may be kept.

use guichet_api::PACKAGE_MEDIA_TYPE;
use guichet_trust::digest::Digest;

/// Whether what lies at this path never changes: everything but what says what is current.
pub(super) fn is_immutable(path: &str) -> bool {
    // An index of deltas grows while better ones are made.
    let is_index = path.starts_with("delta/") && path.ends_with(".json");
    let name = path.rsplit('/').next().unwrap_or_default();
    !(is_index || name == "timestamp.json" || path == "log/checkpoint" || name.ends_with(".tlog-proof"))
}

/// What tells bytes apart that are named by their digest; none for other names.
pub(super) fn digest(path: &str) -> Option<String> {
    let name = path
        .strip_prefix("packages/")
        .or_else(|| path.strip_prefix("blobs/")?.split_once('/').map(|(_, name)| name))?;
    let (plain, ending) = name.strip_suffix(".zst").map_or((name, ""), |plain| (plain, "-zst"));
    let plain = plain.strip_suffix(".ma").unwrap_or(plain);
    plain.parse::<Digest>().ok()?;
    Some(format!("{}{ending}", plain.get(..32)?))
}

/// How long anybody may keep it.
pub(super) fn keep(path: &str) -> &'static str {
    if is_immutable(path) { "public, max-age=31536000, immutable" } else { "no-cache" }
}

/// Its media type.
pub(super) fn media_type(path: &str) -> &'static str {
    if path == "log/checkpoint" || path.ends_with(".tlog-proof") {
        return "text/plain; charset=utf-8";
    }
    match path.rsplit('/').next().and_then(|name| name.rsplit_once('.')) {
        Some((_, "ma")) => PACKAGE_MEDIA_TYPE,
        Some((_, "zst")) => "application/zstd",
        Some((_, "json")) => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_file_has_its_type_and_its_time() {
        for (path, media, kept) in [
            ("metadata/timestamp.json", "application/json", "no-cache"),
            ("metadata/7.snapshot.json", "application/json", "public, max-age=31536000, immutable"),
            ("packages/00.ma", "application/miniapp-pkg+zip", "public, max-age=31536000, immutable"),
            ("packages/00.ma.zst", "application/zstd", "public, max-age=31536000, immutable"),
            ("delta/00.json", "application/json", "no-cache"),
            ("delta/00/00.dcb", "application/octet-stream", "public, max-age=31536000, immutable"),
            ("blobs/00/00", "application/octet-stream", "public, max-age=31536000, immutable"),
            ("log/tile/0/000.p/7", "application/octet-stream", "public, max-age=31536000, immutable"),
            ("log/checkpoint", "text/plain; charset=utf-8", "no-cache"),
            ("log/proof/00.tlog-proof", "text/plain; charset=utf-8", "no-cache"),
        ] {
            assert_eq!((media_type(path), keep(path)), (media, kept), "{path}");
        }
    }
}
