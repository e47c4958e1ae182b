//! `keys`: whose seals and whose signatures count.

use std::path::Path;

use clap::Subcommand;
use guichet_contract::Department;
use guichet_trust::sign::PublicKey;

use super::{admin::change_targets, ceremony, problems, say};
use crate::{
    audit::{self, Deed},
    database::{
        Change,
        departments::{self, DepartmentRecord},
        log,
    },
    error::NotDone,
    people::Actor,
    repository,
    store::Store,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Look after the keys that seal a department's packages.
    #[command(subcommand)]
    Publisher(PublisherCommand),
    /// Look after the keys that sign a department's releases.
    #[command(subcommand)]
    Reviewer(ReviewerCommand),
    /// List who signs what, how many of them must, and until when it holds.
    List(super::Folder),
    /// Prepare the next root or the next targets for its keyholders to sign.
    Prepare(ceremony::Prepare),
    /// Show what a prepared document would change, and who has signed it.
    Show(ceremony::Show),
    /// Sign a prepared document; needs no store, and no network.
    Sign(ceremony::Sign),
    /// Take a document that all its keyholders have signed into the store, and publish it.
    Import(ceremony::Import),
}

#[derive(Debug, Subcommand)]
pub(super) enum PublisherCommand {
    /// List a key; needs the targets key.
    Add(Arguments),
    /// Take back everything a key sealed; needs the targets key.
    Revoke(Arguments),
}

#[derive(Debug, Subcommand)]
pub(super) enum ReviewerCommand {
    /// List a key for both of a department's roles; needs the targets key.
    Add(Arguments),
}

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    folder: super::OfflineFolder,
    /// The department.
    #[arg(long)]
    department: Department,
    /// The public key, `ed25519:` and 64 digits; `guichet key show FILE` prints it.
    #[arg(long)]
    key: String,
}

impl Arguments {
    /// The key, if it may be listed: a weak one, or one that has a second spelling, is refused here and for good.
    fn key(&self) -> Result<PublicKey, NotDone> {
        Ok(self.key.parse().map_err(|refusal| problems::not_a_key(&self.key, &refusal))?)
    }
}

pub(super) async fn run(command: Command) -> Result<(), NotDone> {
    match command {
        Command::Publisher(PublisherCommand::Add(arguments)) => {
            let key = arguments.key()?;
            let (store, offline) = arguments.folder.open().await?;
            add_publisher(&store, &offline, &arguments.department, key).await?;
            say(&format!("{key} may seal for {}", arguments.department));
        }
        Command::Publisher(PublisherCommand::Revoke(arguments)) => {
            let key = arguments.key()?;
            let (store, offline) = arguments.folder.open().await?;
            revoke_publisher(&store, &offline, &arguments.department, key).await?;
            say(&format!("nothing that {key} sealed for {} counts any more", arguments.department));
        }
        Command::Reviewer(ReviewerCommand::Add(arguments)) => {
            let key = arguments.key()?;
            let (store, offline) = arguments.folder.open().await?;
            add_reviewer(&store, &offline, &arguments.department, key).await?;
            say(&format!("{key} may sign releases of {}", arguments.department));
        }
        Command::List(folder) => ceremony::list(&folder.open().await?).await?,
        Command::Prepare(arguments) => ceremony::run_prepare(arguments).await?,
        Command::Show(arguments) => ceremony::show(&arguments)?,
        Command::Sign(arguments) => ceremony::sign(&arguments)?,
        Command::Import(arguments) => ceremony::run_import(arguments).await?,
    }
    Ok(())
}

/// Lets a key seal for a department from now on.
pub async fn add_publisher(
    store: &Store,
    offline: &Path,
    department: &Department,
    key: PublicKey,
) -> Result<(), NotDone> {
    let mut change = store.database.change().await?;
    let taken = departments::all(&mut change)
        .await?
        .into_iter()
        .find(|department| department.publishers.iter().any(|publisher| publisher.key == key));
    if let Some(taken) = taken {
        return Err(problems::key_listed(&key, &taken.id).into());
    }
    known(&mut change, department).await?;
    let position = log::length(&mut change).await?;
    departments::insert_publisher(&mut change, department, &key, position, store.clock.now_ms()).await?;
    noted(store, &mut change, "key.publisher.add", department, &key).await?;
    let record = known(&mut change, department).await?;
    change_targets(store, offline, change, &record, |_| Ok(())).await
}

/// Takes back everything a key sealed for a department.
pub async fn revoke_publisher(
    store: &Store,
    offline: &Path,
    department: &Department,
    key: PublicKey,
) -> Result<(), NotDone> {
    let mut change = store.database.change().await?;
    if !departments::revoke_publisher(&mut change, department, &key).await? {
        return Err(problems::key_not_listed(&key, department).into());
    }
    noted(store, &mut change, "key.publisher.revoke", department, &key).await?;
    let record = known(&mut change, department).await?;
    change_targets(store, offline, change, &record, |_| Ok(())).await
}

/// Lets a key sign releases of a department, in both of its roles.
pub async fn add_reviewer(
    store: &Store,
    offline: &Path,
    department: &Department,
    key: PublicKey,
) -> Result<(), NotDone> {
    let mut change = store.database.change().await?;
    let record = known(&mut change, department).await?;
    let roles = [repository::narrow_role(department), repository::wide_role(department)];
    let targets = repository::authority(&mut change).await?.targets;
    let lists = |role: &String| targets.signed().signers(role).is_some_and(|it| it.keys().contains(&key.id()));
    if roles.iter().all(lists) {
        return Err(problems::key_listed(&key, department).into());
    }
    noted(store, &mut change, "key.reviewer.add", department, &key).await?;
    change_targets(store, offline, change, &record, |draft| {
        roles.iter().try_for_each(|role| draft.add_role_key(role, &key))
    })
    .await
}

async fn noted(
    store: &Store,
    change: &mut Change,
    deed: &'static str,
    department: &Department,
    key: &PublicKey,
) -> Result<(), NotDone> {
    let key = key.to_string();
    let deed = Deed::new(deed, &key, Some(department));
    Ok(audit::record(change, Actor::Machine, deed, store.clock.now_ms()).await?)
}

async fn known(change: &mut Change, department: &Department) -> Result<DepartmentRecord, NotDone> {
    let record = departments::get(change, department).await?;
    Ok(record.ok_or_else(|| crate::people::problems::no_such_department(department))?)
}
