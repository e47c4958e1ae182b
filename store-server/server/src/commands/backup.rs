//! `backup` and `restore`: the store in one folder, and out of it again.

use std::path::PathBuf;

use super::say;
use crate::{backup, error::NotDone};

#[derive(Debug, clap::Args)]
pub(super) struct BackupArguments {
    #[command(flatten)]
    store: super::Folder,
    /// The new folder to write; whoever reads it has the store's online keys.
    #[arg(value_name = "DIR")]
    to: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct RestoreArguments {
    #[command(flatten)]
    store: super::Folder,
    /// The folder that `backup` wrote.
    #[arg(value_name = "DIR")]
    from: PathBuf,
}

pub(super) async fn backup(arguments: BackupArguments) -> Result<(), NotDone> {
    let store = arguments.store.open().await?;
    let done = backup::backup(&store, &arguments.to).await?;
    let (rows, files) = (done.rows.values().sum::<u64>(), done.files.len());
    say(&format!("backed up {rows} rows and {files} files into {}", arguments.to.display()));
    say("the keys in `offline` are not among them");
    Ok(())
}

pub(super) async fn restore(arguments: RestoreArguments) -> Result<(), NotDone> {
    let folder = arguments.store.named()?;
    let done = backup::restore(&folder, &arguments.from).await?;
    let (rows, files) = (done.rows.values().sum::<u64>(), done.files.len());
    say(&format!("restored {rows} rows and {files} files; `guichet-store serve` makes the static files"));
    Ok(())
}
