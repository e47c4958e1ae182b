//! `admin terminal`: terminals of halls, for whoever runs the store.

use std::{fs, path::PathBuf};

use clap::Subcommand;

use super::say;
use crate::{
    error::{NotDone, StoreError},
    fleet::{self, NewCode},
    people::Actor,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print a code for the terminal that a signed policy names, once: it enrols with it within 24 hours.
    Code {
        #[command(flatten)]
        folder: super::Folder,
        /// The policy that it is given, as `guichet policy sign` wrote it.
        #[arg(long, value_name = "FILE")]
        policy: PathBuf,
    },
    /// List terminals, a line each: id, hall, name, policy, when last heard in milliseconds since 1970, whether revoked.
    List {
        #[command(flatten)]
        folder: super::Folder,
    },
    /// Give a terminal a newer signed policy.
    Assign {
        #[command(flatten)]
        folder: super::Folder,
        /// Its id, as `list` prints it.
        #[arg(long)]
        id: String,
        /// The policy.
        #[arg(long, value_name = "FILE")]
        policy: PathBuf,
    },
    /// Ask a terminal for a picture of its home page, or write the last one to a file.
    Picture {
        #[command(flatten)]
        folder: super::Folder,
        /// Its id, as `list` prints it.
        #[arg(long)]
        id: String,
        /// Where the last picture goes, as PNG; nothing is asked of the terminal then.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Refuse whatever a terminal asks from now on.
    Revoke {
        #[command(flatten)]
        folder: super::Folder,
        /// Its id, as `list` prints it.
        #[arg(long)]
        id: String,
        /// Why; the terminal shows it.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

fn read(path: &PathBuf) -> Result<String, StoreError> {
    fs::read_to_string(path).map_err(StoreError::file("read", path))
}

pub(super) async fn run(command: Command) -> Result<(), NotDone> {
    match command {
        Command::Code { folder, policy } => {
            let store = folder.open().await?;
            let (_, code) = fleet::make_code(&store, Actor::Machine, NewCode { policy: read(&policy)? }).await?;
            say(&code.reveal());
        }
        Command::List { folder } => {
            let store = folder.open().await?;
            for it in fleet::fleet(&store, Actor::Machine).await?.terminals {
                let state = if it.revoked.is_some() { "revoked" } else { "" };
                say(&format!(
                    "{}\t{}\t{}\t{}\t{}\t{state}",
                    it.id, it.hall, it.name, it.policy_sequence, it.seen_at_ms
                ));
            }
        }
        Command::Assign { folder, id, policy } => {
            let store = folder.open().await?;
            fleet::assign(&store, Actor::Machine, &id, &read(&policy)?).await?;
        }
        Command::Picture { folder, id, to } => {
            let store = folder.open().await?;
            match to {
                None => fleet::ask_for_picture(&store, Actor::Machine, &id).await?,
                Some(path) => {
                    let png = fleet::picture(&store, Actor::Machine, &id).await?;
                    fs::write(&path, png).map_err(StoreError::file("write", &path))?;
                }
            }
        }
        Command::Revoke { folder, id, reason } => {
            let store = folder.open().await?;
            fleet::revoke(&store, Actor::Machine, &id, &reason).await?;
        }
    }
    Ok(())
}
