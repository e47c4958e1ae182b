//! `admin token`: what machines may do in a person's name.

use clap::Subcommand;
use guichet_contract::Department;
use jiff::Timestamp;

use super::{people::present, say};
use crate::{
    access::Action,
    error::NotDone,
    people::{self, Actor, MOST_TOKEN_DAYS, NewToken},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print a token for a machine, once: it may do some of what its person may, for a time.
    Add {
        #[command(flatten)]
        folder: super::Folder,
        /// Whose name it acts in.
        #[arg(long)]
        name: String,
        /// What it is for, such as `nightly build`.
        #[arg(long = "for", value_name = "TEXT")]
        purpose: String,
        /// What it may do; may be given more than once.
        #[arg(long = "may", value_name = "ACTION", required = true, num_args = 1.., value_parser = action)]
        actions: Vec<Action>,
        /// In this department only, for people who have none.
        #[arg(long)]
        department: Option<Department>,
        /// How many days it holds.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u64).range(1..=MOST_TOKEN_DAYS))]
        days: u64,
    },
    /// List a person's tokens, a line each: id, what for, what it may do, until when.
    List {
        #[command(flatten)]
        folder: super::Folder,
        /// The person's name.
        #[arg(long)]
        name: String,
    },
    /// End a token.
    Revoke {
        #[command(flatten)]
        folder: super::Folder,
        /// Its id, as `list` prints it.
        #[arg(long)]
        id: String,
    },
}

fn action(text: &str) -> Result<Action, String> {
    let offered = || Action::ALL.into_iter().filter(|action| action.is_for_machines());
    let known = offered().find(|action| action.as_str() == text);
    known.ok_or_else(|| format!("it is one of {}", offered().map(Action::as_str).collect::<Vec<_>>().join(", ")))
}

pub(super) async fn run(command: Command) -> Result<(), NotDone> {
    match command {
        Command::Add { folder, name, purpose, actions, department, days } => {
            let store = folder.open().await?;
            let person = present(&store, &name).await?;
            let new = NewToken { name: purpose, actions, department, days };
            let (_, token) = people::make_token(&store, Actor::Machine, &person, new).await?;
            say(token.reveal());
        }
        Command::List { folder, name } => {
            let store = folder.open().await?;
            let person = present(&store, &name).await?;
            for token in people::tokens_of(&store, Actor::Machine, &person.id).await? {
                let until = Timestamp::from_millisecond(i64::try_from(token.expires_at_ms).unwrap_or(i64::MAX));
                let until = until.map_or_else(|_| "-".to_owned(), |at| at.strftime("%Y-%m-%d").to_string());
                say(&format!("{}\t{}\t{}\t{until}", token.id, token.name, token.limits.words()));
            }
        }
        Command::Revoke { folder, id } => {
            let store = folder.open().await?;
            let token = people::revoke_token(&store, Actor::Machine, &id).await?;
            say(&format!("the token for `{}` is no more", token.name));
        }
    }
    Ok(())
}
