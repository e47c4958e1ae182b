//! What WebKit leaves behind for every sandbox it starts, and never takes away: a folder by which a portal of the desktop could
//! tell who asks. Pages may ask no portal for anything, so it goes as soon as the sandbox stands.

use std::{fs, path::Path};

/// The folder of those folders, below the person's runtime folder.
const FOLDER: &str = ".flatpak";

/// Written by the sandbox when it stands; empty before.
const FILE: &str = "bwrapinfo.json";

/// Takes away those of this process.
pub(crate) fn sweep(runtime: &Path) {
    let ours = format!("webkit-{}-", std::process::id());
    for entry in fs::read_dir(runtime.join(FOLDER)).into_iter().flatten().flatten() {
        let (name, folder) = (entry.file_name(), entry.path());
        let stands = || fs::metadata(folder.join(FILE)).is_ok_and(|about| about.len() > 0);
        if name.to_str().is_some_and(|name| name.starts_with(&ours))
            && stands()
            && let Err(error) = fs::remove_dir_all(&folder)
        {
            tracing::debug!(%error, "{} stays", folder.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_sandboxes_that_stand_are_swept() {
        let runtime = tempfile::tempdir().unwrap();
        let folder = runtime.path().join(FOLDER);
        let ours = |number: u32| format!("webkit-{}-{number}", std::process::id());
        let all = [(ours(1), "{}"), (ours(2), ""), ("webkit-1-1".to_owned(), "{}"), ("others".to_owned(), "{}")];
        for (name, text) in &all {
            fs::create_dir_all(folder.join(name)).unwrap();
            fs::write(folder.join(name).join(FILE), text).unwrap();
        }
        sweep(runtime.path());
        let left: Vec<_> = all.iter().map(|(name, _)| folder.join(name).exists()).collect();
        assert_eq!(left, [false, true, true, true]);
        sweep(&runtime.path().join("absent"));
    }
}
