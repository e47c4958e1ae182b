//! The peers of the benches, each in the version that is named: from Debian, or built from its own source.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    setup::{self, Package},
    shell,
};

/// Debian's own brotli knows no dictionaries.
const BROTLI: &str = "1.2.0";

const PACKAGES: &[Package] = &[
    Package { name: "zip", is_for: "the whole package as a zip" },
    Package { name: "zstd", is_for: "unpacking the whole package" },
    Package { name: "bsdiff", is_for: "deltas to compare with" },
];

/// Sees to it that zip, zstd and bsdiff are on the PATH.
pub(crate) fn provide() -> Result<()> {
    setup::provide(PACKAGES)
}

const SERVERS: &[Package] = &[
    Package { name: "nginx", is_for: "the server to compare with" },
    Package { name: "wrk", is_for: "load over HTTP/1" },
    Package { name: "nghttp2-client", is_for: "load over HTTP/2" },
];

/// Sees to it that nginx and the generators of load are on the PATH.
pub(crate) fn provide_servers() -> Result<()> {
    setup::provide(SERVERS)
}

/// Google's `brotli` program, built from the source in its Python package.
pub(crate) fn brotli(root: &Path) -> Result<PathBuf> {
    let peers = root.join("target/peers");
    let folder = peers.join(format!("brotli-{BROTLI}"));
    let program = folder.join("brotli");
    if program.is_file() {
        return Ok(program);
    }
    fs::create_dir_all(&peers)?;
    let wanted = format!("brotli=={BROTLI}");
    let mut fetch = Command::new("python3");
    fetch.args(["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest", "."]).arg(&wanted);
    shell::finish(fetch.current_dir(&peers).stdout(std::process::Stdio::null()))?;
    shell::run(&peers, "tar", &["xzf", &format!("brotli-{BROTLI}.tar.gz")])?;
    let mut sources = vec![folder.join("c/tools/brotli.c")];
    for part in ["c/common", "c/dec", "c/enc"] {
        let entries = fs::read_dir(folder.join(part)).with_context(|| format!("no {part} in brotli {BROTLI}"))?;
        let paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        sources.extend(paths.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "c")));
    }
    let mut compile = Command::new("cc");
    compile.args(["-O2", "-Ic/include", "-o", "brotli"]).args(sources).arg("-lm").current_dir(&folder);
    shell::finish(&mut compile)?;
    Ok(program)
}

/// quickjs-ng's own interpreter, built from the very source that the script component is built from.
pub(crate) fn quickjs(root: &Path) -> Result<PathBuf> {
    let source = quickjs_source(root)?;
    let peers = root.join("target/peers");
    fs::create_dir_all(&peers)?;
    let program = peers.join("qjs");
    let mut compile = Command::new("cc");
    compile.args(["-O2", "-D_GNU_SOURCE", "-w", "-o"]).arg(&program);
    for part in [
        "qjs.c",
        "quickjs.c",
        "quickjs-libc.c",
        "libregexp.c",
        "libunicode.c",
        "dtoa.c",
        "gen/repl.c",
        "gen/standalone.c",
    ] {
        let path = source.join(part);
        if !path.is_file() {
            bail!("{} is missing", path.display());
        }
        compile.arg(path);
    }
    compile.args(["-lm", "-lpthread", "-ldl"]);
    shell::finish(&mut compile)?;
    Ok(program)
}

/// Where cargo keeps the source of the crate that the script component has its engine from.
fn quickjs_source(root: &Path) -> Result<PathBuf> {
    let mut metadata = Command::new("cargo");
    metadata.args(["metadata", "--format-version", "1", "--locked"]).current_dir(root.join("runtime/script"));
    let output = metadata.output().context("cannot start cargo")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("cargo names no packages")?;
    let package = packages.iter().find(|package| package["name"] == "rquickjs-sys").context("no rquickjs-sys")?;
    let manifest = package["manifest_path"].as_str().context("rquickjs-sys lies nowhere")?;
    Ok(Path::new(manifest).with_file_name("quickjs"))
}
