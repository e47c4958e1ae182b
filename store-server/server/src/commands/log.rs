//! `log`: what the transparency log shows, and who must have signed it.

use clap::Subcommand;
use guichet_trust::log::{Policy, VerifierKey};

use super::say;
use crate::{error::NotDone, publish, store::Store, transparency};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the log's key, its size, its witnesses, and what waits for them.
    Show(super::Folder),
    /// Add a witness, or give it another address; hosts need the new `guichet.trust.json`.
    AddWitness {
        #[command(flatten)]
        folder: super::Folder,
        /// Its key, as `guichet-store witness init` printed it.
        #[arg(long)]
        key: VerifierKey,
        /// Where it answers.
        #[arg(long)]
        url: String,
        /// How many witnesses must sign from now on [default: more than half].
        #[arg(long, value_name = "NUMBER")]
        quorum: Option<u64>,
    },
    /// Remove a witness; hosts need the new `guichet.trust.json`.
    RemoveWitness {
        #[command(flatten)]
        folder: super::Folder,
        /// Its key.
        #[arg(long)]
        key: VerifierKey,
        /// How many witnesses must sign from now on [default: more than half].
        #[arg(long, value_name = "NUMBER")]
        quorum: Option<u64>,
    },
}

/// `KEY URL` in one argument.
pub(super) fn witness(text: &str) -> Result<(VerifierKey, String), String> {
    let (key, url) = text.trim().split_once(' ').ok_or("write the witness' key, a space, and its address")?;
    Ok((key.parse().map_err(|refusal: guichet_trust::Refusal| refusal.what())?, url.trim().to_owned()))
}

pub(super) async fn run(command: Command) -> Result<(), NotDone> {
    match command {
        Command::Show(folder) => show(&folder.open().await?).await,
        Command::AddWitness { folder, key, url, quorum } => {
            let store = folder.open().await?;
            let policy = transparency::add_witness(&store, &key, &url, quorum).await?;
            changed(&store, &policy).await
        }
        Command::RemoveWitness { folder, key, quorum } => {
            let store = folder.open().await?;
            let policy = transparency::remove_witness(&store, &key, quorum).await?;
            changed(&store, &policy).await
        }
    }
}

async fn changed(store: &Store, policy: &Policy) -> Result<(), NotDone> {
    publish::publish_or_lag(store).await;
    say(&format!(
        "{} of {} witnesses must sign; give hosts the new {}",
        policy.quorum().needed(),
        policy.witnesses().len(),
        store.folder.trust_file().display()
    ));
    show(store).await
}

async fn show(store: &Store) -> Result<(), NotDone> {
    let standing = transparency::Standing::of(store).await?;
    say(&format!("log {}", store.log.key()));
    say(&format!("releases {}, shown to everybody {}", standing.size, standing.shown()));
    for witness in &standing.witnesses {
        say(&format!("witness {} {} has seen {}", witness.key, witness.url, witness.size));
    }
    say(&format!("policy {}", standing.policy.quorum().to_text()));
    Ok(())
}
