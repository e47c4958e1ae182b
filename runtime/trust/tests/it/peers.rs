//! Other implementations of TUF read what the editor writes, and find the same.

use std::{fs, process::Command};

use guichet_trust::{
    editor::{Draft, Listing, MOST_UNBINNED},
    metadata::TargetFile,
};

use crate::store::{DAY, Device, PERMIT, Store, public, sign};

const NONE: &str = "apps/tax/none.json";
const BINNED: &str = "apps/tax/gov.example.tax.app-7/stable.json";

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

/// How a store lists what its departments have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lists {
    InOneDocument,
    /// One of the departments in hash bins.
    InBins,
}

/// A store whose root, targets and departments changed since its beginning, as files; what `read` says of it.
fn told(name: &str, lists: Lists, read: impl FnOnce() -> Command) -> Result<String, String> {
    let mut store = Store::new();
    // The others read the clock themselves.
    let clock = std::time::UNIX_EPOCH.elapsed().unwrap();
    store.now = u64::try_from(clock.as_millis()).unwrap();
    store.reroot(&["root", "officer"], |root| root.set_role("root", &public(&["officer"]), 1).unwrap());
    store.retarget(|_| {});
    store.release("residence-wide", PERMIT, b"permit 1", &["ana", "bo"]);
    store.release("residence", PERMIT, b"permit 2", &["bo"]);
    store.release("tax", BINNED, b"tax 1", &["cy"]);
    let mut files = vec![(PERMIT, b"permit 2".as_slice())];
    if lists == Lists::InBins {
        hand_to_bins(&mut store);
        files.push((BINNED, b"tax 2"));
    }

    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("metadata")).unwrap();
    for (name, bytes) in &store.files {
        fs::write(folder.path().join("metadata").join(name), bytes).unwrap();
    }
    for (path, bytes) in &files {
        let file = folder.path().join("targets").join(TargetFile::of(bytes).hashed_path(path));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, bytes).unwrap();
    }
    assert!(Device::following(&store, &["residence"]).trusted.target("residence", PERMIT).is_some());

    let output = read().arg(folder.path()).args(files.iter().map(|(path, _)| path)).arg(NONE).output();
    let output = output.unwrap_or_else(|error| panic!("{name} did not start: {error}"));
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// The department of taxes lists more than one document should hold, and has one release more.
fn hand_to_bins(store: &mut Store) {
    let expires = store.now + 30 * DAY;
    let mut draft = Draft::of_role(&store.targets, "tax", store.roles.get("tax"), expires).unwrap();
    for app in 0..MOST_UNBINNED {
        let path = format!("apps/tax/gov.example.tax.app-{app}/stable.json");
        draft.set_target(&path, TargetFile::of(b"tax 1")).unwrap();
    }
    draft.set_target("apps/tax/gov.example.tax/stable.json", TargetFile::of(b"tax 1")).unwrap();
    let listing = Listing { own: Some(sign(&draft, &["cy"])), ..Listing::default() };
    let next = listing.next(&store.targets, "tax", (BINNED, &TargetFile::of(b"tax 2")), expires).unwrap();
    assert_eq!(next.drafts.len(), 33);
    for (role, draft) in next.drafts {
        store.roles.insert(role, sign(&draft, &["cy"]));
    }
    store.publish();
}

fn expected(lists: Lists) -> Result<String, String> {
    let binned = if lists == Lists::InBins { format!("{BINNED} tax 2\n") } else { String::new() };
    Ok(format!("{PERMIT} permit 2\n{binned}{NONE} None\n"))
}

#[test]
#[ignore = "needs python-tuf; run by cargo xtask test --full"]
fn python_tuf_follows_a_store_of_the_editor() {
    let python = std::env::var("GUICHET_PYTHON_TUF").unwrap_or_else(|_| "python3".to_owned());
    for lists in [Lists::InOneDocument, Lists::InBins] {
        let said = told("python-tuf", lists, || {
            let mut command = Command::new(&python);
            command.args(["-c", PYTHON]);
            command
        });
        assert_eq!(said, expected(lists));
    }
}

#[test]
#[ignore = "needs tuf-js; run by cargo xtask test --full"]
fn tuf_js_follows_a_store_of_the_editor() {
    let modules = std::env::var_os("GUICHET_TUF_JS").unwrap_or_else(|| "node_modules".into());
    for lists in [Lists::InOneDocument, Lists::InBins] {
        let said = told("tuf-js", lists, || {
            let mut command = Command::new("node");
            command.env("NODE_PATH", &modules).args(["-e", NODE]);
            command
        });
        assert_eq!(said, expected(lists));
    }
}

#[test]
#[ignore = "needs sigstore-tuf; run by cargo xtask test --full"]
fn sigstore_tuf_follows_a_store_of_the_editor_and_knows_no_bins() {
    let program = std::env::var_os("GUICHET_SIGSTORE_TUF").unwrap_or_else(|| "sigstore-tuf".into());
    let said = |lists| told("sigstore-tuf", lists, || Command::new(&program));
    assert_eq!(said(Lists::InOneDocument), expected(Lists::InOneDocument));
    // It knows no bins (TAP 15): what they list it does not find, and all else it does.
    let without = format!("{PERMIT} permit 2\n{BINNED} None\n{NONE} None\n");
    assert_eq!(said(Lists::InBins), Ok(without));
}
