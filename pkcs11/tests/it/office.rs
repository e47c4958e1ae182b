//! A token in software, in a folder of its own.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    session::{Session, UserType},
    types::AuthPin,
};
use guichet_pkcs11::{Pin, TokenAccess, TokenFailure, TokenUri};

pub(crate) const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
pub(crate) const PIN: &str = "271828";
const APART: &str = "GUICHET_TEST_APART";

/// Where one test's tokens are.
pub(crate) struct Office {
    folder: PathBuf,
}

/// Runs a test with a token `Office`. SoftHSM reads its settings from the environment of its process and a module is
/// one for a process, so that each test has a process of its own.
pub(crate) fn with_token(name: &str, settings: &str, test: impl FnOnce(&Office)) {
    if let Some(folder) = env::var_os(APART) {
        return test(&Office { folder: folder.into() });
    }
    let folder = tempfile::tempdir().unwrap();
    let office = Office { folder: folder.path().to_owned() };
    fs::create_dir(folder.path().join("tokens")).unwrap();
    let tokens = folder.path().join("tokens");
    fs::write(office.conf(), format!("directories.tokendir = {}\nlog.level = ERROR\n{settings}\n", tokens.display()))
        .unwrap();
    office.init("Office");
    let output = Command::new(env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(APART, folder.path())
        .env("SOFTHSM2_CONF", office.conf())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let is_good = output.status.success() && said.contains("1 passed");
    assert!(is_good, "{said}{}", String::from_utf8_lossy(&output.stderr));
}

impl Office {
    fn conf(&self) -> PathBuf {
        self.folder.join("softhsm2.conf")
    }

    /// Makes one more token.
    pub(crate) fn init(&self, label: &str) {
        let output = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "31415926"])
            .env("SOFTHSM2_CONF", self.conf())
            .output()
            .unwrap_or_else(|error| panic!("softhsm2-util: {error}; cargo xtask setup installs it"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The folder of this test.
    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }
}

/// Does something with what a URI means, with the right PIN.
pub(crate) fn at<T>(
    uri: &str,
    work: impl FnOnce(&TokenAccess<'_>) -> Result<T, TokenFailure>,
) -> Result<T, TokenFailure> {
    with_pin(uri, PIN, work)
}

/// Does something with what a URI means, with this PIN.
pub(crate) fn with_pin<T>(
    uri: &str,
    pin: &str,
    work: impl FnOnce(&TokenAccess<'_>) -> Result<T, TokenFailure>,
) -> Result<T, TokenFailure> {
    let uri: TokenUri = uri.parse()?;
    let ask = |_: &_| Some(Pin::new(pin.to_owned()));
    work(&TokenAccess { uri: &uri, module: Some(Path::new(MODULE)), ask: &ask })
}

/// The token as any other program sees it.
pub(crate) fn by_hand(work: impl FnOnce(&Session)) {
    let context = Pkcs11::new(MODULE).unwrap();
    context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
    let slot = context.get_slots_with_initialized_token().unwrap()[0];
    let session = context.open_rw_session(slot).unwrap();
    session.login(UserType::User, Some(&AuthPin::new(PIN.into()))).unwrap();
    work(&session);
    drop(session);
    context.finalize().unwrap();
}
