//! `export` and `import`: the static files over a gap, on whatever carries a folder.

use std::path::PathBuf;

use guichet_package::TrustFile;

use super::say;
use crate::{
    airgap,
    clock::Clock,
    error::{NotDone, StoreError},
    problems,
    store::blocking,
};

#[derive(Debug, clap::Args)]
pub(super) struct ExportArguments {
    #[command(flatten)]
    store: super::Folder,
    /// The folder to bring up to date, such as one on a USB stick.
    #[arg(value_name = "DIR")]
    to: PathBuf,
    /// Write every file again, also what seems to be there.
    #[arg(long)]
    all: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ImportArguments {
    /// The folder that was carried over.
    #[arg(value_name = "DIR")]
    from: PathBuf,
    /// The mirror: a folder of static files that any web server may serve.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// The store's trust file, as it was handed over once; never the one in the folder.
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
}

pub(super) async fn export(arguments: ExportArguments) -> Result<(), NotDone> {
    let store = arguments.store.open().await?;
    let (folder, to, all) = (store.folder.clone(), arguments.to.clone(), arguments.all);
    let done = blocking("export", move || airgap::export(&folder, &to, all)).await??;
    say(&format!(
        "exported {} files, {} bytes, into {}; {} were there",
        done.files,
        done.bytes,
        arguments.to.display(),
        done.present
    ));
    Ok(())
}

pub(super) async fn import(arguments: ImportArguments) -> Result<(), NotDone> {
    let ImportArguments { from, to, trust } = arguments;
    let place = to.display().to_string();
    let bytes = std::fs::read(&trust).map_err(StoreError::file("read", trust))?;
    let trust = TrustFile::parse(&bytes).map_err(|refusal| problems::package(&refusal))?;
    let now_ms = Clock::System.now_ms();
    let done = blocking("import", move || airgap::import(&from, &to, &trust, now_ms)).await??;
    say(&format!("imported {} files, {} bytes, into {place}; it offers {} apps", done.files, done.bytes, done.apps));
    for refused in &done.refused {
        say(&format!("left out: {refused}"));
    }
    Ok(())
}
