//! The environment of WebKit's processes, set before the first of them starts.

use std::{
    io,
    path::Path,
    process::{Child, Command, Stdio},
};

/// Where there is no graphics card: WebKit hands its pictures over in memory, and neither GTK, to ask a screen that nobody has
/// asked before what it could do with OpenGL, nor WebKit, to ask which card there is, loads a driver into the window's
/// process: an eighth of a cold start each. A card that is named is asked for by nobody; a page with WebGL is drawn without.
const WITHOUT_A_CARD: [(&str, &str); 3] =
    [("WEBKIT_DISABLE_DMABUF_RENDERER", "1"), ("WEBKIT_WEB_RENDER_DEVICE_FILE", "none"), ("GDK_GL", "disable")];

/// What GTK takes out of the environment while it is loaded: a word of whoever has started this program from a menu.
const TAKEN: [&str; 2] = ["DESKTOP_STARTUP_ID", "XDG_ACTIVATION_TOKEN"];

/// Takes WebKit's sandbox away, whatever else is set.
const NO_SANDBOX: &str = "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS";

/// Pages cannot be drawn in a sandbox here.
#[derive(Debug, thiserror::Error)]
#[error("this system gives no sandbox for the processes that draw pages: {0}")]
pub(crate) struct NoSandbox(pub(crate) String);

impl NoSandbox {
    /// What to do about it.
    pub(crate) fn hint(&self) -> &'static str {
        "install bubblewrap and allow user namespaces, or accept the risk with --no-renderer-sandbox"
    }
}

/// Puts the processes that draw pages into a sandbox, if `wanted`, and keeps them off a graphics card that is not there.
///
/// To be called before any other thread starts. Whether there is one is known a little later: [`Probe::passed`].
pub(crate) fn prepare(wanted: bool) -> Result<Probe, NoSandbox> {
    let probe = if wanted { Some(Probe::begin().map_err(NoSandbox)?) } else { None };
    if wanted {
        // It may have been inherited, and only the command line has this choice.
        unset(NO_SANDBOX);
        set("WEBKIT_FORCE_SANDBOX", "1");
    } else {
        set(NO_SANDBOX, "1");
        tracing::warn!("the processes that draw pages have no sandbox (--no-renderer-sandbox)");
    }
    if !has_graphics_card(Path::new("/dev/dri")) {
        let open = WITHOUT_A_CARD.iter().filter(|(name, _)| std::env::var_os(name).is_none());
        open.for_each(|(name, value)| set(name, value));
    }
    Ok(Probe(probe))
}

/// A sandbox that was begun beside all else: WebKit ends the whole program when its own cannot start, so it is tried first.
#[derive(Debug)]
pub(crate) struct Probe(Option<Child>);

impl Probe {
    fn begin() -> Result<Child, String> {
        let begun = Command::new("bwrap")
            .args(["--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "true"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        begun.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => "bwrap is not installed".to_owned(),
            _ => error.to_string(),
        })
    }

    /// Waits for it; to be called before the first view is made.
    pub(crate) fn passed(self) -> Result<(), NoSandbox> {
        let Some(child) = self.0 else { return Ok(()) };
        match child.wait_with_output() {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(NoSandbox(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
            Err(error) => Err(NoSandbox(error.to_string())),
        }
    }
}

/// Whether nobody changes the environment any more, so that other threads may read it while the toolkit is loaded.
pub(crate) fn is_environment_settled() -> bool {
    is_settled(|name| std::env::var_os(name).is_some())
}

fn is_settled(has: impl Fn(&str) -> bool) -> bool {
    !TAKEN.into_iter().any(has)
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

#[expect(unsafe_code, reason = "WebKit is configured by its environment and by nothing else")]
fn unset(name: &str) {
    // SAFETY: as above.
    unsafe { std::env::remove_var(name) }
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
    fn what_gtk_takes_away_is_left_to_it_first() {
        assert!(is_settled(|_| false));
        assert!(!is_settled(|name| name == "DESKTOP_STARTUP_ID"));
        assert!(!is_settled(|name| name == "XDG_ACTIVATION_TOKEN"));
    }

    #[test]
    fn a_sandbox_that_does_not_start_says_why() {
        let tried = |script: &str| {
            let child = Command::new("sh").args(["-c", script]).stderr(Stdio::piped()).spawn().unwrap();
            Probe(Some(child)).passed().map_err(|NoSandbox(why)| why)
        };
        assert_eq!(tried("true"), Ok(()));
        assert_eq!(tried("echo no namespaces >&2; exit 1"), Err("no namespaces".to_owned()));
        assert!(Probe(None).passed().is_ok(), "nobody wants one");
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
