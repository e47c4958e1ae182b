//! The commands of `guichet-store`: what an operator types.

mod admin;
mod audit;
mod backup;
mod carry;
mod ceremony;
mod init;
mod keyholder;
mod keys;
mod log;
mod monitor;
mod people;
mod problems;
mod serve;
mod terminals;
mod tokens;
mod witness;
mod written;

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::{Parser, Subcommand};

pub use admin::{NewDepartment, add_department};
pub use audit::{verify as verify_audit, verify_file as verify_audit_file};
pub use ceremony::{KeyChange, import_document, prepare_document};
pub use init::{NewStore, init};
pub use keys::{add_publisher, add_reviewer, revoke_publisher};
pub use people::{add_person, replace_token};
pub use serve::{prepare, serve};

use guichet_package::TrustFile;

pub use crate::people::NewPerson;
use crate::{
    blobs::{self, Address, Bucket, Patience, Remote},
    clock::Clock,
    database::{Database, Location},
    error::{NotDone, StoreError},
    folder::StoreFolder,
    store::{Store, blocking},
};

/// The store of the Guichet mini-app platform: review, release and publish MiniApps.
#[derive(Debug, Parser)]
#[command(name = "guichet-store", version, arg_required_else_help = true)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a new store: database, keys, first metadata and `guichet.trust.json`.
    Init(init::Arguments),
    /// Answer at the API and the console, serve the static files, keep them fresh.
    Serve(serve::Arguments),
    /// Bring a folder, such as one on a USB stick, up to what the store has published.
    Export(carry::ExportArguments),
    /// Verify a folder that was carried over, and bring a mirror up to it.
    Import(carry::ImportArguments),
    /// Copy everything the store knows into a new folder; it may be serving meanwhile.
    Backup(backup::BackupArguments),
    /// Make a store of a backup, in a new folder and an empty database of either kind.
    Restore(backup::RestoreArguments),
    /// Look after people and departments; halt releases.
    #[command(subcommand)]
    Admin(admin::Command),
    /// Carry out and check the record of who did what.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Look after keys: of publishers, reviewers, the security office and the store itself.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Look at the transparency log, and choose who must have signed it.
    #[command(subcommand)]
    Log(log::Command),
    /// Sign other people's logs, so that they cannot show different people different things.
    #[command(subcommand)]
    Witness(witness::Command),
    /// Watch a log, and raise the alarm on every release of a department's apps.
    Monitor(monitor::Arguments),
    /// Write what a shell needs to complete commands and flags.
    Completions(written::CompletionsArguments),
    /// Write a manual page for each command.
    Man(written::ManArguments),
}

/// The store's folder.
#[derive(Debug, clap::Args)]
struct Folder {
    /// The store's folder.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The PostgreSQL database that the store was made with [default: SQLite, in the folder].
    #[arg(long, value_name = "postgres://…", env = "GUICHET_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// The bucket that packages and their parts are kept in, by S3; its key and server are in the environment (AWS_*) [default: the folder].
    #[arg(long, value_name = "s3://BUCKET[/PREFIX]", env = "GUICHET_BLOBS")]
    blobs: Option<String>,
}

/// How many bytes of a bucket lie in the folder, too, unless it is said.
const CACHE_MIB: u64 = 4096;

/// The folder and the security office's keys.
#[derive(Debug, clap::Args)]
struct OfflineFolder {
    #[command(flatten)]
    store: Folder,
    /// Where the root and targets keys are, or the PKCS#11 URI of the targets key [default: `offline` in the store's folder].
    #[arg(long, value_name = "DIR|URI")]
    offline: Option<PathBuf>,
}

impl Folder {
    /// The folder, with where its database and its packages are; nothing is read yet.
    fn named(self) -> Result<StoreFolder, NotDone> {
        self.named_with(CACHE_MIB)
    }

    fn named_with(self, cache_mib: u64) -> Result<StoreFolder, NotDone> {
        let folder = StoreFolder::new(self.dir);
        let folder = match &self.blobs {
            None => folder,
            Some(text) => {
                let address = Address::parse(text).ok_or_else(|| blobs::problems::bad_address(text))?;
                let bucket = Bucket::new(address, |name| std::env::var(name).ok(), Patience::default())?;
                folder.with_bucket(Remote::new(bucket, cache_mib << 20))
            }
        };
        match self.database {
            None => Ok(folder),
            Some(address) => {
                let location = Location::postgres(&address).ok_or_else(problems::not_postgres)?;
                Ok(folder.with_database(location))
            }
        }
    }

    async fn open(self) -> Result<Store, NotDone> {
        self.open_with(CACHE_MIB).await
    }

    async fn open_with(self, cache_mib: u64) -> Result<Store, NotDone> {
        let folder = self.named_with(cache_mib)?;
        if !folder.settings().exists() {
            return Err(problems::no_store(&folder.settings().display().to_string()).into());
        }
        match folder.database() {
            Location::File(path) if !path.exists() => {
                return Err(problems::no_database(&path.display().to_string()).into());
            }
            Location::File(_) => {}
            location @ Location::Postgres(_) => is_of(&folder, &location).await?,
        }
        has_its_bucket(&folder).await?;
        Ok(Store::open(folder, Clock::System).await?)
    }
}

/// Refuses another store's bucket, and a store whose bucket was not named.
async fn has_its_bucket(folder: &StoreFolder) -> Result<(), NotDone> {
    match (&folder.remote, folder.named_bucket()?) {
        (None, None) => Ok(()),
        (None, Some(place)) => Err(blobs::problems::not_named(&place).into()),
        (Some(remote), _) => {
            let (owned, root) = (folder.clone(), trusted(folder)?);
            let is_its = blocking("look at the bucket", move || owned.claim(root.root_bytes())).await.flatten();
            match is_its.map_err(StoreError::for_operator)? {
                true => Ok(()),
                false => Err(blobs::problems::other(&remote.shown()).into()),
            }
        }
    }
}

fn trusted(folder: &StoreFolder) -> Result<TrustFile, StoreError> {
    let path = folder.trust_file();
    let bytes = std::fs::read(&path).map_err(StoreError::file("read", &path))?;
    TrustFile::parse(&bytes).map_err(StoreError::document("read the trust file"))
}

/// Refuses the database of another store, or of none, before anything in either is touched.
async fn is_of(folder: &StoreFolder, location: &Location) -> Result<(), NotDone> {
    let trusted = trusted(folder)?;
    let roots = Database::roots(location).await?;
    if roots.iter().any(|root| root.document == trusted.root_bytes()) {
        return Ok(());
    }
    Err(problems::other_database(&location.shown()).into())
}

impl OfflineFolder {
    async fn open(self) -> Result<(Store, PathBuf), NotDone> {
        let store = self.store.open().await?;
        let offline = self.offline.unwrap_or_else(|| store.folder.offline());
        Ok((store, offline))
    }
}

/// Does what the command line says.
pub async fn run(line: CommandLine) -> Result<(), NotDone> {
    match line.command {
        Command::Init(arguments) => init::run(arguments).await,
        Command::Serve(arguments) => serve::run(arguments).await,
        Command::Export(arguments) => carry::export(arguments).await,
        Command::Import(arguments) => carry::import(arguments).await,
        Command::Backup(arguments) => backup::backup(arguments).await,
        Command::Restore(arguments) => backup::restore(arguments).await,
        Command::Admin(command) => admin::run(command).await,
        Command::Audit(command) => audit::run(command).await,
        Command::Keys(command) => keys::run(command).await,
        Command::Log(command) => log::run(command).await,
        Command::Witness(command) => witness::run(command).await,
        Command::Monitor(arguments) => monitor::run(arguments).await,
        Command::Completions(arguments) => {
            written::completions(&arguments);
            Ok(())
        }
        Command::Man(arguments) => written::man(arguments),
    }
}

/// Prints a line at once; a reader that is waiting for it sees it.
fn say(text: &str) {
    let mut output = io::stdout().lock();
    // Nobody listens any more: the work is done all the same.
    let _ = writeln!(output, "{text}").and_then(|()| output.flush());
}
