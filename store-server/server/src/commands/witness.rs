//! `witness`: a program of its own, for somebody who is not the store.

use std::{fs::File, net::SocketAddr, path::PathBuf};

use clap::Subcommand;
use guichet_trust::log::{Role, VerifierKey};
use tokio::net::TcpListener;

use super::{problems, say, serve::stopped};
use crate::{
    clock::Clock,
    error::{NotDone, StoreError},
    witness::{self, WitnessFolder},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a witness and print its key, which the operators of logs are given.
    Init {
        #[command(flatten)]
        folder: Folder,
        /// Its name: like an address without `https://`, such as `witness.audit.example`.
        #[arg(long)]
        name: String,
    },
    /// Let it sign a log.
    AddLog {
        #[command(flatten)]
        folder: Folder,
        /// The log's key, as `guichet-store log show` prints it.
        #[arg(long)]
        key: VerifierKey,
    },
    /// Print its key.
    Key(Folder),
    /// Answer logs.
    Serve {
        #[command(flatten)]
        folder: Folder,
        /// Where to listen; port 0 takes a free one.
        #[arg(long, default_value = "127.0.0.1:8481")]
        listen: SocketAddr,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Folder {
    /// The witness' folder.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

impl Folder {
    fn open(self) -> Result<WitnessFolder, NotDone> {
        let folder = WitnessFolder::new(self.dir);
        if folder.exists() { Ok(folder) } else { Err(problems::no_witness_here(&folder.settings()).into()) }
    }
}

pub(super) async fn run(command: Command) -> Result<(), NotDone> {
    match command {
        Command::Init { folder, name } => {
            let folder = WitnessFolder::new(folder.dir);
            if folder.exists() {
                return Err(problems::already_a_witness(&folder.settings()).into());
            }
            say(&folder.create(&name)?.key().to_string());
        }
        Command::AddLog { folder, key } => {
            let folder = folder.open()?;
            if key.role() != Role::Log {
                return Err(problems::no_log(&key).into());
            }
            folder.add_log(&key)?;
            say(&format!("signs {} from now on", key.name()));
        }
        Command::Key(folder) => say(&folder.open()?.signer()?.key().to_string()),
        Command::Serve { folder, listen } => serve(folder.open()?, listen).await?,
    }
    Ok(())
}

async fn serve(folder: WitnessFolder, listen: SocketAddr) -> Result<(), NotDone> {
    let path = folder.lock();
    let lock = File::create(&path).map_err(StoreError::file("create", &path))?;
    if lock.try_lock().is_err() {
        return Err(problems::in_use(&path.display().to_string()).into());
    }
    let listener =
        TcpListener::bind(listen).await.map_err(|error| problems::cannot_listen(listen, &error.to_string()))?;
    let address = listener.local_addr().map_err(StoreError::file("listen at", "the address"))?;
    let router = witness::router(folder, Clock::System)?;
    say(&format!("listening on http://{address}"));
    let served = axum::serve(listener, router).with_graceful_shutdown(stopped()).await;
    Ok(served.map_err(StoreError::file("serve at", address.to_string()))?)
}
