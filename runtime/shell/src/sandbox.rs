//! The environment of WebKit's processes, set before the first of them starts.

use std::{
    io,
    path::Path,
    process::{Command, Stdio},
};

/// Pages cannot be drawn in a sandbox here.
#[derive(Debug, thiserror::Error)]
#[error("this system gives no sandbox for the processes that draw pages: {0}")]
pub(crate) struct NoSandbox(String);

impl NoSandbox {
    /// What to do about it.
    pub(crate) fn hint(&self) -> &'static str {
        "install bubblewrap and allow user namespaces, or accept the risk with --no-renderer-sandbox"
    }
}

/// Puts the processes that draw pages into a sandbox, if `wanted`, and keeps them off a graphics card that is not there.
///
/// To be called before any other thread starts.
pub(crate) fn prepare(wanted: bool) -> Result<(), NoSandbox> {
    if wanted {
        probe().map_err(NoSandbox)?;
        set("WEBKIT_FORCE_SANDBOX", "1");
    } else {
        set("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
        tracing::warn!("the processes that draw pages have no sandbox (--no-renderer-sandbox)");
    }
    if !has_graphics_card(Path::new("/dev/dri")) && std::env::var_os("WEBKIT_DISABLE_DMABUF_RENDERER").is_none() {
        set("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
    }
    Ok(())
}

/// WebKit ends the whole program when its sandbox cannot start, so try it first.
fn probe() -> Result<(), String> {
    let tried = Command::new("bwrap")
        .args(["--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "true"])
        .stdin(Stdio::null())
        .output();
    match tried {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err("bwrap is not installed".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn has_graphics_card(folder: &Path) -> bool {
    let is_renderer = |entry: io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
    };
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.any(is_renderer))
}

#[expect(unsafe_code, reason = "WebKit is configured by its environment and by nothing else")]
fn set(name: &str, value: &str) {
    // SAFETY: called from `main` before any other thread exists, so nobody reads the environment meanwhile.
    unsafe { std::env::set_var(name, value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_a_render_node() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_graphics_card(&folder.path().join("absent")));
        std::fs::write(folder.path().join("card0"), "").unwrap();
        assert!(!has_graphics_card(folder.path()));
        std::fs::write(folder.path().join("renderD128"), "").unwrap();
        assert!(has_graphics_card(folder.path()));
    }

    #[test]
    fn without_a_sandbox_one_is_told_what_to_do() {
        let refused = NoSandbox("bwrap: No permissions to create new namespace".to_owned());
        insta::assert_snapshot!(format!("{refused}\nhint: {}", refused.hint()), @r"
        this system gives no sandbox for the processes that draw pages: bwrap: No permissions to create new namespace
        hint: install bubblewrap and allow user namespaces, or accept the risk with --no-renderer-sandbox
        ");
    }
}
