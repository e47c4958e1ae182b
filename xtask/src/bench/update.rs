//! `bench update`: how many bytes an update takes, and what it takes to apply it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::{
    build,
    pairs::{self, Pair},
    peers,
    report::{Figure, Row, Spread},
    turns,
};
use crate::shell;

const ROUNDS: usize = 21;
/// The header of a `dcb`, which the brotli program does not write.
const DCB_HEADER: u64 = 36;

/// What was found out about one pair.
struct Found {
    name: &'static str,
    /// Bytes of the whole package as a zip, and of the smaller of bsdiff and brotli with a dictionary.
    zip: u64,
    best_peer: u64,
    quick_dcb: u64,
    quick_dcz: u64,
    /// The smallest delta of ours, and its coding.
    ours: u64,
    coding: &'static str,
    /// Ratios to `zstd -d`, by round: of the chosen delta, and of the `dcz`.
    apply: Vec<f64>,
    apply_dcz: Vec<f64>,
}

pub(super) fn measure(root: &Path) -> Result<Vec<Row>> {
    peers::provide()?;
    let brotli = peers::brotli(root)?;
    let programs = build(root, &["-p", "guichet-package", "--features", "make", "--examples"])?.join("examples");
    let folder = root.join("target/bench");
    let pairs = pairs::make(&folder)?;
    let found = pairs.iter().map(|pair| compare(pair, &programs, &brotli)).collect::<Result<Vec<_>>>()?;
    rows(&found)
}

fn compare(pair: &Pair, programs: &Path, brotli: &Path) -> Result<Found> {
    let folder = pair.old.with_file_name("made");
    fs::create_dir_all(&folder)?;
    let at = |name: &str| folder.join(name);
    let maker = programs.join("make_delta");
    for (side, file) in [(&pair.old, "old.ma"), (&pair.new, "new.ma")] {
        shell::finish(Command::new(&maker).arg("pack").arg(side).arg(at(file)))?;
    }
    let (old, new) = (at("old.ma"), at("new.ma"));
    shell::finish(Command::new(&maker).args([&old, &new, &folder]))?;

    let zip = at("new.zip");
    shell::finish(Command::new("zip").args(["-q", "-X", "-9", "-r"]).arg(&zip).arg(".").current_dir(&pair.new))?;
    let (patch, patched) = (at("peer.bsdiff"), at("peer.out"));
    shell::finish(Command::new("bsdiff").args([&old, &new, &patch]))?;
    shell::finish(Command::new("bspatch").args([&old, &patched, &patch]))?;
    same(&patched, &new)?;
    let stream = at("peer.br");
    shell::finish(
        Command::new(brotli).args(["-f", "-q", "11", "-w", "24", "-D"]).args([&old, &new]).arg("-o").arg(&stream),
    )?;
    shell::finish(Command::new(brotli).args(["-f", "-d", "-D"]).args([&old, &stream]).arg("-o").arg(&patched))?;
    same(&patched, &new)?;
    let whole = at("new.ma.zst");
    shell::finish(Command::new("zstd").args(["-q", "-f", "-19"]).arg(&new).arg("-o").arg(&whole))?;

    let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(fs::read(&new)?));
    let apply = |delta: &str| {
        let mut command = Command::new(programs.join("apply_delta"));
        command.arg(&old).arg(at(delta)).arg(size(&new)?.to_string()).arg(&digest).arg(at("ours.out"));
        Ok::<_, anyhow::Error>(command)
    };
    for delta in ["best.dcb", "best.dcz", "best.bsdiff", "quick.dcb", "quick.dcz"] {
        shell::finish(&mut apply(delta)?)?;
        same(&at("ours.out"), &new)?;
    }
    let mut codings = ["dcb", "dcz", "bsdiff"].map(|coding| (coding, format!("best.{coding}")));
    codings.sort_by_key(|(_, file)| size(&at(file)).unwrap_or(u64::MAX));
    let [(coding, chosen), ..] = codings;
    let mut unpack = Command::new("zstd");
    unpack.args(["-q", "-f", "-d"]).arg(&whole).arg("-o").arg(at("zstd.out"));
    let times = turns::time(&mut [apply(&chosen)?, apply("best.dcz")?, unpack], ROUNDS)?;
    Ok(Found {
        name: pair.name,
        zip: size(&zip)?,
        best_peer: size(&patch)?.min(size(&stream)? + DCB_HEADER),
        quick_dcb: size(&at("quick.dcb"))?,
        quick_dcz: size(&at("quick.dcz"))?,
        ours: size(&at(&chosen))?,
        coding,
        apply: turns::ratios(&times[0], &times[2]),
        apply_dcz: turns::ratios(&times[1], &times[2]),
    })
}

fn size(path: &PathBuf) -> Result<u64> {
    Ok(fs::metadata(path).with_context(|| format!("no {}", path.display()))?.len())
}

fn same(one: &Path, other: &Path) -> Result<()> {
    if fs::read(one)? != fs::read(other)? {
        bail!("{} is not {}", one.display(), other.display());
    }
    Ok(())
}

fn rows(found: &[Found]) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let sizes = found.iter().map(|found| format!("{} {} ({})", found.name, found.ours, found.coding));
    let sizes = sizes.collect::<Vec<_>>().join(", ");
    let bytes = |ours: fn(&Found) -> u64, peer: fn(&Found) -> u64| -> Vec<f64> {
        found.iter().map(|found| ours(found) as f64 / peer(found) as f64).collect()
    };
    let mut add = |what: &str, unit, ratios: &[f64], note: &str| {
        for (ending, spread) in [("geomean", Spread::geometric(ratios)), ("worst", Spread::worst(ratios))] {
            let figure = Figure::Ratio(spread.with_context(|| format!("nothing was measured for {what}"))?);
            rows.push(Row { what: format!("{what}-{ending}"), unit, figure, n: ratios.len(), note: note.to_owned() });
        }
        Ok::<_, anyhow::Error>(())
    };
    let note = format!("the smallest delta between two containers, beside zip -9 of all files; bytes: {sizes}");
    add("bytes/zip", "bytes", &bytes(|found| found.ours, |found| found.zip), &note)?;
    let note = "the same, beside the smaller of Debian's bsdiff and brotli 1.2.0 -q 11 with a dictionary (dcb)";
    add("bytes/best-delta", "bytes", &bytes(|found| found.ours, |found| found.best_peer), note)?;
    let note = "a dcb made on request, beside zip -9 of all files";
    add("bytes/quick-dcb-zip", "bytes", &bytes(|found| found.quick_dcb, |found| found.zip), note)?;
    let note = "a dcz made on request, beside zip -9 of all files";
    add("bytes/quick-dcz-zip", "bytes", &bytes(|found| found.quick_dcz, |found| found.zip), note)?;

    let medians = |chosen: fn(&Found) -> Option<&Vec<f64>>| -> Vec<f64> {
        let spreads = found.iter().filter_map(|found| Spread::of(chosen(found)?.clone()));
        spreads.map(|spread| spread.median).collect()
    };
    let unit = "wall time of a process";
    let by_dictionary = medians(|found| (found.coding != "bsdiff").then_some(&found.apply));
    if !by_dictionary.is_empty() {
        let note = "applying the dcb or dcz that was chosen, two SHA-256 included, beside zstd -d of the whole package";
        add("apply/zstd", unit, &by_dictionary, note)?;
    }
    let by_script = medians(|found| (found.coding == "bsdiff").then_some(&found.apply));
    if !by_script.is_empty() {
        let note = "the same for the pairs where bsdiff was chosen";
        add("apply/zstd-bsdiff", unit, &by_script, note)?;
    }
    let note = "the same with the best dcz of every pair";
    add("apply/zstd-dcz", unit, &medians(|found| Some(&found.apply_dcz)), note)?;
    Ok(rows)
}
