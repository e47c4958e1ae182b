//! `bench verify`: judging a package beside reading and hashing its bytes once.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    build,
    report::{Figure, Row, Spread},
    turns,
};

const FILES: usize = 100;
const FILE_BYTES: usize = 200_000;
const ROUNDS: usize = 41;

pub(super) fn measure(root: &Path) -> Result<Vec<Row>> {
    let programs = build(root, &["-p", "guichet", "--bin", "guichet"])?;
    build(root, &["-p", "xtask", "--example", "read_and_hash"])?;
    let guichet = programs.join("guichet");
    let package = package(&guichet, &programs.join("bench-verify"))?;

    let mut unsealed = Command::new(&guichet);
    unsealed.args(["verify", "--unsealed"]).arg(&package.file);
    let mut sealed = Command::new(&guichet);
    sealed.args(["verify", "--keys"]).args([&package.keys, &package.file]);
    let mut whole = Command::new(programs.join("examples/read_and_hash"));
    whole.arg(&package.file);
    let mut streamed = Command::new(whole.get_program());
    streamed.arg(&package.file).arg("streamed");

    let mut commands = [unsealed, sealed, whole, streamed];
    let times = turns::time(&mut commands, ROUNDS)?;
    let [unsealed, sealed, whole, streamed] = &commands;
    let size = fs::metadata(&package.file)?.len() as f64 / 1e6;
    let about = format!("{size:.1} MB in {FILES} files, beside reading them whole and hashing them once");
    let ratio = |what: &str, ours: usize, peer: usize, note: String| {
        let figure = Spread::of(turns::ratios(&times[ours], &times[peer])).context("nothing was measured")?;
        let figure = Figure::Ratio(figure);
        Ok::<_, anyhow::Error>(Row { what: what.to_owned(), unit: "wall time of a process", figure, n: ROUNDS, note })
    };
    Ok(vec![
        ratio("verify/hash-read", 0, 2, format!("guichet verify --unsealed of {about}"))?,
        ratio("verify/hash-read-sealed", 1, 2, format!("guichet verify --keys of {about}"))?,
        ratio(
            "verify/hash-read-streamed",
            0,
            3,
            "guichet verify --unsealed beside a peer that holds 64 KiB at a time".into(),
        )?,
        memory("verify/peak-memory", unsealed, format!("guichet verify --unsealed of {size:.1} MB, read in pieces"))?,
        memory("verify/peak-memory-sealed", sealed, format!("guichet verify --keys of {size:.1} MB, read in pieces"))?,
        memory("verify/peak-memory-peer", whole, "the peer that holds the file".to_owned())?,
        memory("verify/peak-memory-peer-streamed", streamed, "the peer that holds 64 KiB".to_owned())?,
    ])
}

fn memory(what: &str, program: &Command, note: String) -> Result<Row> {
    let n = 9;
    let peaks = (0..n).map(|_| turns::peak_memory(program)).collect::<Result<_>>()?;
    let figure = Figure::Value(Spread::of(peaks).context("nothing was measured")?);
    Ok(Row { what: what.to_owned(), unit: "MiB", figure, n, note })
}

struct Package {
    file: PathBuf,
    keys: PathBuf,
}

/// Builds and seals an app whose files do not compress, the same each time except for the key.
fn package(guichet: &Path, folder: &Path) -> Result<Package> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let app = folder.join("app");
    fs::create_dir_all(app.join("pages"))?;
    fs::create_dir_all(app.join("common"))?;
    let manifest = json!({
        "app_id": "org.example.bench",
        "name": "Bench",
        "icons": [{"src": "common/icon.svg"}],
        "pages": ["pages/home"],
        "platform_version": {"min_code": 1},
        "version": {"code": 1, "name": "1.0.0"},
    });
    fs::write(app.join("manifest.json"), serde_json::to_vec(&manifest)?)?;
    for (name, text) in [
        ("app.js", "export default {};\n"),
        ("app.css", ""),
        ("pages/home.html", "<h1>Home</h1>\n"),
        ("common/icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n"),
    ] {
        fs::write(app.join(name), text)?;
    }
    for file in 0..FILES {
        let chained = |block: usize| Sha256::digest(format!("{file} {block}"));
        let bytes: Vec<u8> = (0..FILE_BYTES / 32).flat_map(chained).collect();
        fs::write(app.join(format!("common/{file:03}.bin")), bytes)?;
    }

    let key = folder.join("publisher.key");
    let file = folder.join("bench.ma");
    let made = json_of(Command::new(guichet).args(["--json", "key", "new"]).arg(&key))?;
    json_of(Command::new(guichet).args(["--json", "build"]).arg(&app).arg("-o").arg(&file).arg("--key").arg(&key))?;
    let keys = folder.join("keys.json");
    let listed = json!({
        "format": 1,
        "department": "bench",
        "name": {"en": "Bench"},
        "prefixes": ["org.example"],
        "keys": [{"key": made["key"], "revoked": false}],
    });
    fs::write(&keys, serde_json::to_vec(&listed)?)?;
    Ok(Package { file, keys })
}

fn json_of(command: &mut Command) -> Result<Value> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    if !output.status.success() {
        bail!("failed ({}): {command:?}\n{}", output.status, String::from_utf8_lossy(&output.stdout));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
