//! Other implementations of TUF read what the editor writes, and find the same.

use std::{fs, process::Command};

use crate::store::{Device, PERMIT, Store, public};

const PYTHON: &str = r#"
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

const NODE: &str = r#"
const fs = require("fs"), path = require("path");
const { Updater, BaseFetcher } = require("tuf-js");
const { DownloadHTTPError } = require("tuf-js/dist/error");
const [folder, ...names] = process.argv.slice(1);
class Folder extends BaseFetcher {
  async fetch(url) {
    const file = path.join(folder, url.slice("http://store/".length));
    if (!fs.existsSync(file)) throw new DownloadHTTPError("absent", 404);
    return new Response(fs.readFileSync(file)).body;
  }
}
(async () => {
  const cache = path.join(folder, "cache"), targets = path.join(folder, "got");
  fs.mkdirSync(cache); fs.mkdirSync(targets);
  fs.copyFileSync(path.join(folder, "metadata", "1.root.json"), path.join(cache, "root.json"));
  const updater = new Updater({ metadataDir: cache, targetDir: targets, metadataBaseUrl: "http://store/metadata",
    targetBaseUrl: "http://store/targets", fetcher: new Folder() });
  await updater.refresh();
  for (const name of names) {
    const info = await updater.getTargetInfo(name);
    console.log(name, info ? fs.readFileSync(await updater.downloadTarget(info), "utf8") : "None");
  }
})().catch((error) => { console.error(error); process.exit(1); });
"#;

/// A store whose root, targets and departments changed since its beginning, as files; what `read` says of it.
fn told(name: &str, read: impl FnOnce() -> Command) -> String {
    let mut store = Store::new();
    // The others read the clock themselves.
    let clock = std::time::UNIX_EPOCH.elapsed().unwrap();
    store.now = u64::try_from(clock.as_millis()).unwrap();
    store.reroot(&["root", "officer"], |root| root.set_role("root", &public(&["officer"]), 1).unwrap());
    store.retarget(|_| {});
    store.release("residence-wide", PERMIT, b"permit 1", &["ana", "bo"]);
    store.release("residence", PERMIT, b"permit 2", &["bo"]);
    store.release("tax", "apps/tax/gov.example.tax/stable.json", b"tax 1", &["cy"]);
    let device = Device::following(&store, &["residence"]);

    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("metadata")).unwrap();
    for (name, bytes) in &store.files {
        fs::write(folder.path().join("metadata").join(name), bytes).unwrap();
    }
    let target = device.trusted.target("residence", PERMIT).unwrap();
    let file = folder.path().join("targets").join(target.hashed_path(PERMIT));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, b"permit 2").unwrap();

    let output = read().arg(folder.path()).args([PERMIT, "apps/tax/none.json"]).output();
    let output = output.unwrap_or_else(|error| panic!("{name} did not start: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} is not there, or it refused:\n{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn expected() -> String {
    format!("{PERMIT} permit 2\napps/tax/none.json None\n")
}

#[test]
#[ignore = "needs python-tuf; run by cargo xtask test --full"]
fn python_tuf_follows_a_store_of_the_editor() {
    let python = std::env::var("GUICHET_PYTHON_TUF").unwrap_or_else(|_| "python3".to_owned());
    let said = told("python-tuf", || {
        let mut command = Command::new(python);
        command.args(["-c", PYTHON]);
        command
    });
    assert_eq!(said, expected());
}

#[test]
#[ignore = "needs tuf-js; run by cargo xtask test --full"]
fn tuf_js_follows_a_store_of_the_editor() {
    let modules = std::env::var_os("GUICHET_TUF_JS").unwrap_or_else(|| "node_modules".into());
    let said = told("tuf-js", || {
        let mut command = Command::new("node");
        command.env("NODE_PATH", modules).args(["-e", NODE]);
        command
    });
    assert_eq!(said, expected());
}
