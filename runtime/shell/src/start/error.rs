//! What can go wrong before the window is open, said with a hint.

use std::{fmt, path::PathBuf};

use guichet_host::{EngineError, HostError, JournalRefusal, preview::PreviewError};
use guichet_package::Refusal;

use crate::{report::Refused, sandbox::NoSandbox};

/// The window could not be opened.
#[derive(Debug)]
pub(crate) enum StartError {
    /// The system does not say where data belongs.
    NoHome,
    /// There is no trust file.
    NoTrust(PathBuf, std::io::Error),
    /// The trust file is not acceptable.
    Trust(PathBuf, Refusal),
    /// The package file cannot be read.
    File(PathBuf, std::io::Error),
    /// The package is not acceptable.
    Package {
        /// The file.
        path: PathBuf,
        /// Why.
        refusal: Refusal,
        /// Whether only its layout is not ours.
        is_bendable: bool,
    },
    /// A program that runs apps' logic is not there.
    Programs(EngineError),
    /// The list of devices cannot be read.
    Devices(PathBuf, String),
    /// The console of an app cannot be read.
    Console(PathBuf, std::io::Error),
    /// The journal cannot be begun.
    Journal(PathBuf, std::io::Error),
    /// The journal cannot be played.
    Replay(PathBuf, JournalRefusal),
    /// Pages cannot be drawn in a sandbox.
    Sandbox(NoSandbox),
    /// What stands on the standard input is not of `guichet dev`.
    Input(std::io::Error),
    /// There is no preview.
    Preview(PreviewError),
    /// The manual page cannot be written.
    Unwritten(PathBuf, std::io::Error),
    /// The home is paired with no such computer.
    NoSuchComputer(String),
    /// The host could not be opened.
    Host(HostError),
    /// The window could not be opened.
    Window(anyhow::Error),
}

impl StartError {
    /// 2 if something was refused, 1 otherwise.
    pub(crate) fn exit_code(&self) -> u8 {
        let is_refusal =
            matches!(self, Self::Trust(..) | Self::Package { .. } | Self::Host(HostError::Platform { .. }))
                || matches!(self, Self::Preview(error) if is_refusal(error))
                || matches!(self, Self::Replay(_, refusal) if !matches!(refusal, JournalRefusal::Unreadable(_)));
        if is_refusal { 2 } else { 1 }
    }

    pub(super) fn of_the_window(error: anyhow::Error) -> Self {
        error.downcast().map_or_else(Self::Window, Self::Sandbox)
    }

    pub(super) fn refused(&self) -> Refused {
        let (class, what, place, hint) = self.parts();
        Refused::new(class, what, place, hint)
    }

    fn parts(&self) -> (&'static str, String, Option<String>, String) {
        match self {
            Self::NoHome => (
                "home/unknown",
                "the system does not say where this host's data belong".to_owned(),
                None,
                "set GUICHET_HOME, or give --home DIR".to_owned(),
            ),
            Self::NoTrust(path, error) => (
                "trust/unreadable",
                format!("the trust file cannot be read: {error}"),
                Some(path.display().to_string()),
                "give --trust FILE with the guichet.trust.json that `guichet-store init` has written".to_owned(),
            ),
            Self::Trust(path, refusal) => {
                (refusal.class(), refusal.what(), Some(path.display().to_string()), refusal.hint())
            }
            Self::File(path, error) => (
                "file/unreadable",
                format!("the package cannot be read: {error}"),
                Some(path.display().to_string()),
                "give the path of a package file, such as dist/gov.example.residence-1.ma".to_owned(),
            ),
            Self::Package { path, refusal, is_bendable } => {
                let place = match refusal.place() {
                    Some(place) => format!("{}: {place}", path.display()),
                    None => path.display().to_string(),
                };
                let hint = match is_bendable {
                    true => {
                        format!("{}; its layout is that of W3C's own test packages: --compat opens it", refusal.hint())
                    }
                    false => refusal.hint(),
                };
                (refusal.class(), refusal.what(), Some(place), hint)
            }
            Self::Programs(error) => {
                let said = error.to_string();
                let (what, hint) = said.split_once("; hint: ").unwrap_or((&said, ""));
                ("engine/program-missing", what.to_owned(), None, hint.to_owned())
            }
            Self::Devices(path, why) => (
                "device/list",
                format!("the devices of this terminal cannot be read: {why}"),
                Some(path.display().to_string()),
                "docs/reference/drivers.md shows what such a file says".to_owned(),
            ),
            Self::Console(path, error) => (
                "file/unreadable",
                format!("the console of the app cannot be read: {error}"),
                Some(path.display().to_string()),
                "give --home the home of the host that runs the app, as the person it runs for".to_owned(),
            ),
            Self::Journal(path, error) if error.kind() == std::io::ErrorKind::AlreadyExists => (
                "journal/exists",
                "there is a file of this name already, and it was not touched".to_owned(),
                Some(path.display().to_string()),
                "give --record the name of a new file".to_owned(),
            ),
            Self::Journal(path, error) => (
                "journal/unwritable",
                format!("the journal cannot be begun: {error}"),
                Some(path.display().to_string()),
                "give --record a file in a folder that is there and that you may write to".to_owned(),
            ),
            Self::Replay(path, refusal) => (
                refusal.class(),
                refusal.to_string(),
                Some(path.display().to_string()),
                "give a journal that guichet-desktop --record of this version wrote, or its package with --open FILE --unsealed"
                    .to_owned(),
            ),
            Self::Input(error) => (
                "dev/input",
                format!("there is no package on the standard input: {error}"),
                None,
                "--dev is for guichet dev, which starts this program itself".to_owned(),
            ),
            Self::Sandbox(refused) => ("sandbox/unavailable", refused.to_string(), None, refused.hint().to_owned()),
            Self::Preview(error) => (error.class(), error.to_string(), None, error.hint().to_owned()),
            Self::Unwritten(path, error) => (
                "file/unwritable",
                format!("the manual page cannot be written: {error}"),
                Some(path.display().to_string()),
                "name a folder that you may write to".to_owned(),
            ),
            Self::NoSuchComputer(computer) => (
                "preview/no-such-computer",
                format!("this host is paired with no computer `{computer}`"),
                None,
                "guichet-desktop --previews shows them; name one, or at least four digits of its key".to_owned(),
            ),
            Self::Host(error) => (error.class(), error.to_string(), error.place(), error.hint()),
            Self::Window(error) => (
                "window/failed",
                format!("the window could not be opened: {error:#}"),
                None,
                "check DISPLAY or WAYLAND_DISPLAY; without a screen, start it with xvfb-run".to_owned(),
            ),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (class, what, place, hint) = self.parts();
        write!(f, "error[{class}]: {what}")?;
        if let Some(place) = place {
            write!(f, "\n  --> {place}")?;
        }
        write!(f, "\n  hint: {hint}")
    }
}

/// Whether somebody has said no, rather than something has failed.
fn is_refusal(error: &PreviewError) -> bool {
    use PreviewError::{CodeExpired, OtherKey, Over, TooManyCodes, Unpaired, WrongCode};
    matches!(error, OtherKey | Over | WrongCode | CodeExpired | TooManyCodes | Unpaired)
}

#[cfg(test)]
mod tests {
    use guichet_package::TrustFile;

    use super::*;

    fn not_a_package() -> StartError {
        let limits = guichet_package::Limits::default();
        let refusal = guichet_package::PackageFile::open(b"PK".to_vec(), &limits).unwrap_err();
        StartError::Package { path: "/d/a.ma".into(), refusal, is_bendable: false }
    }

    fn w3c_layout() -> StartError {
        use guichet_package::manifest::{ManifestFault, ManifestRefusal};
        let refusal = ManifestRefusal { place: String::new(), fault: ManifestFault::Missing }.into();
        StartError::Package { path: "/d/b.ma".into(), refusal, is_bendable: true }
    }

    #[test]
    fn what_is_refused_is_told_by_the_exit_code() {
        assert_eq!(not_a_package().exit_code(), 2);
        assert_eq!(StartError::Window(anyhow::anyhow!("no display")).exit_code(), 1);
        let late = StartError::of_the_window(NoSandbox("no namespaces".to_owned()).into());
        assert!(matches!(late, StartError::Sandbox(_)), "{late}");
        assert!(matches!(StartError::of_the_window(anyhow::anyhow!("no display")), StartError::Window(_)));
    }

    #[test]
    fn what_goes_wrong_at_the_start_is_said_with_a_hint() {
        let absent = std::io::Error::new(std::io::ErrorKind::NotFound, "No such file or directory (os error 2)");
        let refused = TrustFile::parse(b"{").unwrap_err();
        let errors = [
            StartError::NoHome,
            StartError::NoTrust("/h/guichet.trust.json".into(), absent),
            StartError::Trust("/h/guichet.trust.json".into(), refused),
            StartError::File("/d/a.ma".into(), std::io::Error::from(std::io::ErrorKind::NotFound)),
            not_a_package(),
            w3c_layout(),
            StartError::Programs(EngineError::NoProgram { path: "/usr/bin/guichet-logic".into() }),
            StartError::Devices("/h/devices.json".into(), "A4: a printer has either `ipp` or `driver`".to_owned()),
            StartError::Console("/h/apps/a.b".into(), std::io::Error::from(std::io::ErrorKind::PermissionDenied)),
            StartError::Journal("/d/a.journal".into(), std::io::Error::from(std::io::ErrorKind::AlreadyExists)),
            StartError::Journal("/d/a.journal".into(), std::io::Error::from(std::io::ErrorKind::PermissionDenied)),
            StartError::Unwritten("/d/man1/guichet-desktop.1".into(), std::io::Error::other("read-only")),
            StartError::Preview(PreviewError::OtherKey),
            StartError::NoSuchComputer("desk".to_owned()),
            StartError::Host(HostError::HomeInUse { path: "/h".into() }),
            StartError::Window(anyhow::anyhow!("no display")),
        ];
        insta::assert_snapshot!(errors.map(|error| error.to_string()).join("\n\n"), @r"
        error[home/unknown]: the system does not say where this host's data belong
          hint: set GUICHET_HOME, or give --home DIR

        error[trust/unreadable]: the trust file cannot be read: No such file or directory (os error 2)
          --> /h/guichet.trust.json
          hint: give --trust FILE with the guichet.trust.json that `guichet-store init` has written

        error[json/syntax]: the trust file cannot be read: this is not JSON: EOF while parsing an object at line 1 column 1
          --> /h/guichet.trust.json
          hint: check the file for damage and write it again with the tool that made it

        error[file/unreadable]: the package cannot be read: entity not found
          --> /d/a.ma
          hint: give the path of a package file, such as dist/gov.example.residence-1.ma

        error[container/not-a-zip]: the file is not a MiniApp package
          --> /d/a.ma
          hint: choose a .ma file

        error[manifest/missing]: the package has no manifest.json
          --> /d/b.ma
          hint: put manifest.json into the package's root folder; `guichet new` shows one; its layout is that of W3C's own test packages: --compat opens it

        error[engine/program-missing]: /usr/bin/guichet-logic is missing
          hint: install all programs of this host into one folder

        error[device/list]: the devices of this terminal cannot be read: A4: a printer has either `ipp` or `driver`
          --> /h/devices.json
          hint: docs/reference/drivers.md shows what such a file says

        error[file/unreadable]: the console of the app cannot be read: permission denied
          --> /h/apps/a.b
          hint: give --home the home of the host that runs the app, as the person it runs for

        error[journal/exists]: there is a file of this name already, and it was not touched
          --> /d/a.journal
          hint: give --record the name of a new file

        error[journal/unwritable]: the journal cannot be begun: permission denied
          --> /d/a.journal
          hint: give --record a file in a folder that is there and that you may write to

        error[file/unwritable]: the manual page cannot be written: read-only
          --> /d/man1/guichet-desktop.1
          hint: name a folder that you may write to

        error[preview/other-key]: another computer answers there: its key is not the one in the address
          hint: do not go on; read the address anew from the screen of the computer itself

        error[preview/no-such-computer]: this host is paired with no computer `desk`
          hint: guichet-desktop --previews shows them; name one, or at least four digits of its key

        error[home/in-use]: another Guichet host is using this home
          --> /h
          hint: close the other host, or give this one a home of its own with GUICHET_HOME

        error[window/failed]: the window could not be opened: no display
          hint: check DISPLAY or WAYLAND_DISPLAY; without a screen, start it with xvfb-run
        ");
    }
}
