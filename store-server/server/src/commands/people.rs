//! `admin person`: who works here.

use std::path::PathBuf;

use clap::Subcommand;
use guichet_api::PersonRole;
use guichet_contract::Department;
use jiff::Timestamp;

use super::say;
use crate::{
    database::people::{self as records, MemberRecord, Person},
    error::NotDone,
    organisation::{self, Organisation, Settings},
    people::{self, Actor, MOST_INVITATION_DAYS, NewInvitation, NewPerson, problems},
    secret::Secret,
    store::Store,
};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a person and print their token, once.
    Add {
        #[command(flatten)]
        folder: super::Folder,
        /// The name others will see.
        #[arg(long)]
        name: String,
        /// What the person may do.
        #[arg(long)]
        role: PersonRole,
        /// The person's department; operators, auditors and administrators have none.
        #[arg(long)]
        department: Option<Department>,
    },
    /// Print the address of an invitation, once: whoever opens it joins under this name.
    Invite {
        #[command(flatten)]
        folder: super::Folder,
        /// The name others will see.
        #[arg(long)]
        name: String,
        /// What the person may do.
        #[arg(long)]
        role: PersonRole,
        /// The person's department; operators, auditors and administrators have none.
        #[arg(long)]
        department: Option<Department>,
        /// How many days it can be taken up.
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u64).range(1..=MOST_INVITATION_DAYS))]
        days: u64,
    },
    /// Print a new token for a person, once; the old one and all sign-ins end.
    Token {
        #[command(flatten)]
        folder: super::Folder,
        /// The person's name.
        #[arg(long)]
        name: String,
    },
    /// Give a person another role of the same department, or of the store.
    Role {
        #[command(flatten)]
        folder: super::Folder,
        /// The person's name.
        #[arg(long)]
        name: String,
        /// What the person may do from now on.
        #[arg(long)]
        role: PersonRole,
    },
    /// Let a person go: their token and all sign-ins end; what they did stays theirs.
    Leave {
        #[command(flatten)]
        folder: super::Folder,
        /// The person's name.
        #[arg(long)]
        name: String,
    },
    /// Link a person to their account at the organisation through which people sign in; it takes the place of another.
    Link {
        #[command(flatten)]
        folder: super::Folder,
        /// The person's name.
        #[arg(long)]
        name: String,
        /// The id of the account there, which its owner is shown when they try to sign in.
        #[arg(long, value_name = "ID")]
        subject: String,
        /// The file about the organisation with which the store is served.
        #[arg(long, value_name = "FILE")]
        organisation: PathBuf,
    },
    /// End what links a person to an account of the organisation; sign-ins that are open stay.
    Unlink {
        #[command(flatten)]
        folder: super::Folder,
        /// The person's name.
        #[arg(long)]
        name: String,
    },
    /// Show to which account of the organisation a person is linked: its issuer and its id.
    Identity {
        #[command(flatten)]
        folder: super::Folder,
        /// The person's name.
        #[arg(long)]
        name: String,
    },
    /// List everybody, a line each: name, role, department, since when, until when.
    List {
        #[command(flatten)]
        folder: super::Folder,
    },
}

pub(super) async fn run(command: Command) -> Result<(), NotDone> {
    match command {
        Command::Add { folder, name, role, department } => {
            let store = folder.open().await?;
            let token = add_person(&store, NewPerson { name, role, department }).await?;
            say(token.reveal());
        }
        Command::Invite { folder, name, role, department, days } => {
            let store = folder.open().await?;
            let new = NewInvitation { name, role, department, lasts_ms: days.saturating_mul(DAY_MS) };
            let (_, secret) = people::invite(&store, Actor::Machine, new).await?;
            say(&people::address(&store, &secret));
        }
        Command::Token { folder, name } => {
            let store = folder.open().await?;
            say(replace_token(&store, &name).await?.reveal());
        }
        Command::Role { folder, name, role } => {
            let store = folder.open().await?;
            let id = named(&store, &name).await?.person.id;
            people::change_role(&store, Actor::Machine, &id, role).await?;
            say(&format!("{name} is {} now", role.with_article()));
        }
        Command::Leave { folder, name } => {
            let store = folder.open().await?;
            let id = named(&store, &name).await?.person.id;
            people::let_go(&store, Actor::Machine, &id).await?;
            say(&format!("{name} has left: nothing opens a door for them any more"));
        }
        Command::Link { folder, name, subject, organisation } => {
            let mut store = folder.open().await?;
            let id = present(&store, &name).await?.id;
            let organisation = Organisation::new(Settings::read(&organisation)?, store.settings.base_url());
            let linked = format!("{name} signs in as `{}` at {} now", subject.trim(), organisation.issuer());
            store.organisation = Some(organisation);
            organisation::link(&store, Actor::Machine, &id, &subject).await?;
            say(&linked);
        }
        Command::Unlink { folder, name } => {
            let store = folder.open().await?;
            let id = present(&store, &name).await?.id;
            organisation::unlink(&store, Actor::Machine, &id).await?;
            say(&format!("{name} is linked to no account of the organisation any more"));
        }
        Command::Identity { folder, name } => {
            let store = folder.open().await?;
            let id = present(&store, &name).await?.id;
            let linked = organisation::linked(&store, Actor::Machine, &id).await?;
            let linked = linked.ok_or_else(organisation::problems::no_account)?;
            say(&format!("{}\t{}", linked.issuer, linked.subject));
        }
        Command::List { folder } => {
            let store = folder.open().await?;
            for member in records::all(&mut *store.database.read().await?, None).await? {
                say(&line(&member));
            }
        }
    }
    Ok(())
}

fn line(member: &MemberRecord) -> String {
    let day = |at_ms: u64| {
        let at = Timestamp::from_millisecond(i64::try_from(at_ms).unwrap_or(i64::MAX));
        at.map_or_else(|_| at_ms.to_string(), |at| at.strftime("%Y-%m-%d").to_string())
    };
    let person = &member.person;
    let department = person.department.as_ref().map_or("-", Department::as_str);
    let left = member.left_at_ms.map_or_else(|| "-".to_owned(), day);
    format!("{}\t{}\t{department}\t{}\t{left}", person.name, person.role, day(member.created_at_ms))
}

/// Adds a person and returns the token, which is kept nowhere.
pub async fn add_person(store: &Store, new: NewPerson) -> Result<Secret, NotDone> {
    people::add(store, Actor::Machine, new).await
}

/// Gives a person a new token in place of the old one.
pub async fn replace_token(store: &Store, name: &str) -> Result<Secret, NotDone> {
    let id = named(store, name).await?.person.id;
    people::replace_token(store, Actor::Machine, &id).await
}

/// The person of this name, who has not left.
pub(super) async fn present(store: &Store, name: &str) -> Result<Person, NotDone> {
    let member = named(store, name).await?;
    if member.left_at_ms.is_some() { Err(problems::no_such_person(name).into()) } else { Ok(member.person) }
}

/// The person of this name, who may have left.
async fn named(store: &Store, name: &str) -> Result<MemberRecord, NotDone> {
    let member = records::by_name(&mut *store.database.read().await?, name).await?;
    Ok(member.ok_or_else(|| problems::no_such_person(name))?)
}
