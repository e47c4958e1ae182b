//! The reference client reads what the editor writes.

use std::{fs, process::Command};

use crate::store::{Device, PERMIT, Store, public};

const CLIENT: &str = r#"
import sys, pathlib
from tuf.ngclient import Updater, UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface
from tuf.api.exceptions import DownloadHTTPError

folder = pathlib.Path(sys.argv[1])

class Folder(FetcherInterface):
    def _fetch(self, url):
        path = folder / url.removeprefix("http://store/")
        if not path.is_file():
            raise DownloadHTTPError("absent", 404)
        yield path.read_bytes()

cache, targets = folder / "cache", folder / "got"
cache.mkdir(); targets.mkdir()
root = (folder / "metadata" / "1.root.json").read_bytes()
updater = Updater(str(cache), "http://store/metadata/", str(targets), "http://store/targets/",
                  fetcher=Folder(), bootstrap=root)
updater.refresh()
for path in sys.argv[2:]:
    info = updater.get_targetinfo(path)
    print(path, info and pathlib.Path(updater.download_target(info)).read_text())
"#;

#[test]
#[ignore = "needs python-tuf; run by cargo xtask test --full"]
fn python_tuf_follows_a_store_of_the_editor() {
    let python = std::env::var("GUICHET_PYTHON_TUF").unwrap_or_else(|_| "python3".to_owned());
    let mut store = Store::new();
    // python-tuf reads the clock itself.
    let clock = std::time::UNIX_EPOCH.elapsed().unwrap();
    store.now = u64::try_from(clock.as_millis()).unwrap();
    store.reroot(&["root", "officer"], |root| root.set_role("root", &public(&["officer"]), 1).unwrap());
    store.retarget(|_| {});
    store.release("residence-wide", PERMIT, b"permit 1", &["ana", "bo"]);
    store.release("residence", PERMIT, b"permit 2", &["bo"]);
    store.release("tax", "apps/tax/gov.example.tax/stable.json", b"tax 1", &["cy"]);
    let device = Device::following(&store, &["residence"]);

    let folder = std::env::temp_dir().join(format!("guichet-python-tuf-{}", std::process::id()));
    fs::create_dir_all(folder.join("metadata")).unwrap();
    for (name, bytes) in &store.files {
        fs::write(folder.join("metadata").join(name), bytes).unwrap();
    }
    let target = device.trusted.target("residence", PERMIT).unwrap();
    let file = folder.join("targets").join(target.hashed_path(PERMIT));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, b"permit 2").unwrap();

    let output = Command::new(&python).args(["-c", CLIENT]).arg(&folder).args([PERMIT, "apps/tax/none.json"]).output();
    fs::remove_dir_all(&folder).unwrap();
    let output = output.unwrap_or_else(|error| panic!("{python} did not start: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "`{python}` with python-tuf (`pip install tuf`) is needed, or it refused:\n{errors}"
    );
    let expected = format!("{PERMIT} permit 2\napps/tax/none.json None\n");
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}
