//! `admin`: departments, the people who work in them, and the brake.

use std::path::Path;

use clap::Subcommand;
use guichet_contract::{AppId, Channel, Department};
use guichet_package::release::{MOST_REASON, keys_path};
use guichet_trust::{
    digest::Digest,
    editor::{Draft, NewDelegation},
    metadata::{Document, TargetFile, Targets},
};

use super::{keyholder::Keyholder, people, problems, say, terminals, tokens};
use crate::{
    audit::{self, Deed},
    brake,
    database::{
        Change, commit,
        departments::{self, DepartmentRecord},
        documents::{self, TargetRecord},
    },
    error::{NotDone, StoreError},
    people::Actor,
    publish, reissue, repository,
    store::Store,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Look after people.
    #[command(subcommand)]
    Person(people::Command),
    /// Look after tokens for machines.
    #[command(subcommand)]
    Token(tokens::Command),
    /// Look after terminals of halls.
    #[command(subcommand)]
    Terminal(terminals::Command),
    /// Look after departments.
    #[command(subcommand)]
    Department(DepartmentCommand),
    /// Stop an app's newest release: no device takes it until `resume`; whoever has nothing yet takes the one before.
    Halt {
        #[command(flatten)]
        releases: Releases,
        /// Why, for the people at the devices.
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
    /// Let the releases of an app go on.
    Resume {
        #[command(flatten)]
        releases: Releases,
        /// Why, for the history.
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: Option<String>,
    },
    /// Propose to go back to an earlier release: its contents again, under a higher sequence; reviewers sign it.
    Revert {
        #[command(flatten)]
        releases: Releases,
        /// The sequence of the release to go back to.
        #[arg(long, value_name = "SEQUENCE")]
        to: u64,
        /// Why, for the history.
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
        /// Who proposes it, by name; they cannot sign it.
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// Propose to take an app's newest release back: devices stop running it, until there is another; reviewers sign it.
    Recall {
        #[command(flatten)]
        releases: Releases,
        /// Why, for the people at the devices and for the history: reviewers sign it.
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
        /// Who proposes it, by name; they cannot sign it.
        #[arg(long, value_name = "NAME")]
        by: String,
    },
}

/// One line of releases.
#[derive(Debug, clap::Args)]
pub(super) struct Releases {
    #[command(flatten)]
    folder: super::Folder,
    /// The app.
    #[arg(long, value_name = "APP_ID")]
    app: AppId,
    /// The channel.
    #[arg(long, default_value = "stable")]
    channel: Channel,
}

#[derive(Debug, Subcommand)]
pub(super) enum DepartmentCommand {
    /// Register a department, its app ids and its roles; needs the targets key.
    Add {
        #[command(flatten)]
        folder: super::OfflineFolder,
        /// Its id.
        #[arg(long)]
        id: Department,
        /// Its name in Chinese.
        #[arg(long)]
        name_zh: String,
        /// Its name in English.
        #[arg(long)]
        name_en: String,
        /// An app id it owns with everything below; may be given more than once.
        #[arg(long = "prefix", required = true, num_args = 1..)]
        prefixes: Vec<AppId>,
        /// How many reviewers must sign a release that widens permissions.
        #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=16))]
        wide_threshold: u32,
    },
}

fn reason(text: &str) -> Result<String, String> {
    reissue::plain(text).ok_or_else(|| format!("say why in 1 to {MOST_REASON} characters of plain text"))
}

/// A department to register.
#[derive(Clone, Debug)]
pub struct NewDepartment {
    /// Its id.
    pub id: Department,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
    /// The app ids it owns.
    pub prefixes: Vec<AppId>,
    /// How many reviewers must sign a release that widens permissions.
    pub wide_threshold: u32,
}

pub(super) async fn run(command: Command) -> Result<(), NotDone> {
    match command {
        Command::Person(command) => people::run(command).await,
        Command::Token(command) => tokens::run(command).await,
        Command::Terminal(command) => terminals::run(command).await,
        Command::Department(DepartmentCommand::Add { folder, id, name_zh, name_en, prefixes, wide_threshold }) => {
            let (store, offline) = folder.open().await?;
            let name = id.to_string();
            add_department(&store, &offline, NewDepartment { id, name_zh, name_en, prefixes, wide_threshold }).await?;
            say(&format!("added the department {name}; next: guichet-store keys publisher add, keys reviewer add"));
            Ok(())
        }
        Command::Halt { releases: Releases { folder, app, channel }, reason } => {
            let sequence = brake::halt(&folder.open().await?, Actor::Machine, &app, &channel, &reason).await?;
            say(&format!("halted release {sequence} of {app} on {channel}; devices hear of it at their next look"));
            Ok(())
        }
        Command::Resume { releases: Releases { folder, app, channel }, reason } => {
            let reason = reason.unwrap_or_default();
            let sequence = brake::resume(&folder.open().await?, Actor::Machine, &app, &channel, &reason).await?;
            say(&format!("{app} on {channel} goes on, up to release {sequence}"));
            Ok(())
        }
        Command::Revert { releases: Releases { folder, app, channel }, to, reason, by } => {
            let store = folder.open().await?;
            let person = people::present(&store, &by).await?;
            let proposed = reissue::revert(&store, &person, &app, &channel, to, &reason).await?;
            say(&format!(
                "proposed to go back to version {} as release {}; next: guichet review approve {} --revert",
                proposed.version.name, proposed.sequence, proposed.id
            ));
            Ok(())
        }
        Command::Recall { releases: Releases { folder, app, channel }, reason, by } => {
            let store = folder.open().await?;
            let person = people::present(&store, &by).await?;
            let proposed = reissue::recall(&store, &person, &app, &channel, &reason).await?;
            say(&format!("proposed to take {app} back; next: guichet review approve {} --recall", proposed.id));
            Ok(())
        }
    }
}

/// Registers a department: its prefixes, its two roles without keys, and its empty list of publisher keys.
pub async fn add_department(store: &Store, offline: &Path, new: NewDepartment) -> Result<(), NotDone> {
    let mut change = store.database.change().await?;
    check_department(&mut change, &new).await?;
    let record = DepartmentRecord {
        id: new.id,
        name_zh: new.name_zh,
        name_en: new.name_en,
        prefixes: new.prefixes,
        publishers: Vec::new(),
    };
    let now_ms = store.clock.now_ms();
    departments::insert(&mut change, &record, now_ms).await?;
    let prefixes: Vec<_> = record.prefixes.iter().map(ToString::to_string).collect();
    let deed = Deed::new("department.add", record.id.as_str(), Some(&record.id)).to(prefixes.join(" "));
    audit::record(&mut change, Actor::Machine, deed, now_ms).await?;
    change_targets(store, offline, change, &record, |draft| {
        let paths = format!("apps/{}/*/*", record.id);
        let delegate = |draft: &mut Draft<Targets>, name: &str, threshold: u32, terminating: bool| {
            let threshold = u64::from(threshold);
            draft.delegate(&NewDelegation { name, keys: &[], threshold, paths: &[&paths], terminating })
        };
        delegate(draft, &repository::narrow_role(&record.id), 1, false)?;
        delegate(draft, &repository::wide_role(&record.id), new.wide_threshold, true)
    })
    .await
}

async fn check_department(change: &mut Change, new: &NewDepartment) -> Result<(), NotDone> {
    let name = new.id.as_str();
    let reserved = ["root", "targets", "snapshot", "timestamp", repository::BRAKE].contains(&name);
    if reserved || name.ends_with("-wide") {
        return Err(problems::reserved_department(&new.id).into());
    }
    for department in departments::all(change).await? {
        if department.id == new.id {
            return Err(problems::department_exists(&new.id).into());
        }
        for theirs in &department.prefixes {
            if let Some(ours) = new.prefixes.iter().find(|ours| ours.is_under(theirs) || theirs.is_under(ours)) {
                return Err(problems::prefix_taken(ours, theirs, &department.id).into());
            }
        }
    }
    Ok(())
}

/// Signs the next top-level targets with a department's present list of keys, and publishes it.
pub(super) async fn change_targets(
    store: &Store,
    offline: &Path,
    mut change: Change,
    department: &DepartmentRecord,
    edit: impl FnOnce(&mut Draft<Targets>) -> Result<(), guichet_trust::Refusal>,
) -> Result<(), NotDone> {
    let operation = "sign the targets";
    let now_ms = store.clock.now_ms();
    let key = Keyholder::open_targets(offline)?;
    let authority = repository::authority(&mut change).await?;
    let listed = repository::publisher_keys(department).to_bytes().map_err(StoreError::document(operation))?;
    let path = keys_path(&department.id);
    let file = TargetFile::of(&listed);
    let mut draft = Draft::next(&authority.targets, now_ms.saturating_add(repository::OFFLINE_MS));
    let unsigned = edit(&mut draft).and_then(|()| draft.set_target(&path, file.clone())).and_then(|()| draft.sign(&[]));
    let signed = key.sign_document(&unsigned.map_err(StoreError::document(operation))?)?;
    let targets: Document<Targets> = Document::parse(signed).map_err(StoreError::document(operation))?;
    repository::insert(&mut change, "targets", &targets).await?;
    documents::insert_target(&mut change, &TargetRecord { path, sha256: Digest::of(&listed), content: listed }).await?;
    repository::sign_snapshot(&mut change, &store.online, now_ms).await?;
    repository::follow(&mut change, &[], now_ms).await?;
    commit(change).await?;
    Ok(publish::publish(store).await?)
}
