//! `audit`: the record of who did what, carried out and checked.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::Subcommand;
use guichet_trust::log::{Checkpoint, SignedNote};

use super::{problems, say};
use crate::{
    audit::{self, Entry, head},
    database::audit as records,
    error::{NotDone, StoreError},
    store::Store,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write the record, one line of JSON an entry; the store may be serving meanwhile.
    Export {
        #[command(flatten)]
        folder: super::Folder,
        /// Into this file, which must not exist [default: standard output].
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Check that no entry was changed, left out or added in between, and that all is as the store signed it.
    Verify {
        #[command(flatten)]
        folder: super::Folder,
    },
    /// The same of an exported file, without a store.
    VerifyFile {
        /// The file that `export` wrote.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

pub(super) async fn run(command: Command) -> Result<(), NotDone> {
    match command {
        Command::Export { folder, out } => {
            let store = folder.open().await?;
            match out {
                None => {
                    let shown = Path::new("standard output");
                    export(&store, io::stdout().lock(), shown).await
                }
                Some(path) => {
                    let file = File::create_new(&path).map_err(StoreError::file("create", &path))?;
                    export(&store, BufWriter::new(file), &path).await
                }
            }
        }
        Command::Verify { folder } => {
            let (entries, heads) = verify(&folder.open().await?).await?;
            say(&format!("{entries} entries are whole, and as they were signed {heads} times"));
            Ok(())
        }
        Command::VerifyFile { file } => {
            let entries = verify_file(&file)?;
            say(&format!("{entries} entries are whole"));
            Ok(())
        }
    }
}

async fn export(store: &Store, mut to: impl Write, path: &Path) -> Result<(), NotDone> {
    let write = || StoreError::file("write", path);
    let mut moment = store.database.moment().await?;
    let mut next = 0;
    loop {
        let entries = records::from(&mut moment, next).await?;
        let Some(last) = entries.last() else { break };
        next = last.position.saturating_add(1);
        for entry in &entries {
            writeln!(to, "{}", entry.line()).map_err(write())?;
        }
    }
    Ok(to.flush().map_err(write())?)
}

/// Checks the whole record and every signature on it. Returns how many entries and signatures there are.
pub async fn verify(store: &Store) -> Result<(u64, usize), NotDone> {
    let mut moment = store.database.moment().await?;
    let (mut last, mut next) = (None, 0);
    loop {
        let entries = records::from(&mut moment, next).await?;
        let Some(end) = entries.last() else { break };
        next = end.position.saturating_add(1);
        last = audit::verify(last, entries).map_err(|fault| problems::audit_broken(&fault))?;
    }
    let heads = records::heads(&mut moment).await?;
    let key = head::signer(store)?;
    for (size, signed) in &heads {
        let signed = SignedNote::parse(signed.as_bytes()).ok();
        let vouched = signed.as_ref().is_some_and(|note| note.signed_by(key.key()).ok().flatten().is_some());
        let checkpoint = signed.as_ref().and_then(|note| Checkpoint::parse(note.text()).ok());
        let holds = match checkpoint {
            Some(checkpoint) if vouched && checkpoint.size == *size && *size <= next => {
                checkpoint.root == head::root(&mut moment, *size).await?
            }
            _ => false,
        };
        if !holds {
            return Err(problems::audit_not_as_signed(*size).into());
        }
    }
    Ok((next, heads.len()))
}

/// Checks an exported record. Returns how many entries it has.
pub fn verify_file(path: &Path) -> Result<u64, NotDone> {
    let file = File::open(path).map_err(StoreError::file("read", path))?;
    let (mut last, mut count) = (None, 0);
    for line in BufReader::new(file).lines() {
        let line = line.map_err(StoreError::file("read", path))?;
        let entry: Entry = serde_json::from_str(&line).map_err(|_| problems::not_an_entry(path, count))?;
        last = audit::verify(last, [entry]).map_err(|fault| problems::audit_broken(&fault))?;
        count += 1;
    }
    Ok(count)
}
