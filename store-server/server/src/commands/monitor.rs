//! `monitor`: what a department, or anybody, runs to hear of every release under its names.

use std::{path::PathBuf, time::Duration};

use guichet_contract::{AppId, Department};
use guichet_package::TrustFile;
use guichet_trust::log::Policy;

use super::{problems, say};
use crate::{
    error::{NotDone, StoreError},
    monitor::{Alarm, Look, Monitor, Watched},
    store::blocking,
};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The trust file that hosts are given: it names the log, its witnesses, and where it lies.
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
    /// Where the static files are, if not where the trust file says.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Where to keep how far the log has been read.
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// A department to watch for; may be given more than once. Without one, and without an app, everything is told.
    #[arg(long = "department")]
    departments: Vec<Department>,
    /// An app id to watch for, with everything below it; may be given more than once.
    #[arg(long = "app", value_name = "APP_ID")]
    apps: Vec<AppId>,
    /// How often to look, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Look once and end: 0 read to its end, 1 not reached, 2 the log is not to be believed.
    #[arg(long)]
    once: bool,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
    /// A program to start for each alarm, with the alarm as JSON on its input.
    #[arg(long, value_name = "PROGRAM")]
    run: Option<PathBuf>,
    /// An address to post each alarm to, as JSON.
    #[arg(long, value_name = "URL")]
    post: Option<String>,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), NotDone> {
    let bytes = std::fs::read(&arguments.trust).map_err(StoreError::file("read", &arguments.trust))?;
    let file = TrustFile::parse(&bytes).map_err(|refusal| crate::problems::package(&refusal))?;
    let policy = file.policy().map_err(|refusal| crate::problems::package(&refusal))?;
    let policy: Policy = policy.ok_or_else(|| problems::no_log_to_watch(&arguments.trust))?;
    let monitor = Monitor {
        policy,
        url: arguments.url.unwrap_or(file.static_url).trim_end_matches('/').to_owned(),
        state: arguments.state,
        watched: Watched { departments: arguments.departments, apps: arguments.apps },
        run: arguments.run,
        post: arguments.post,
    };
    let mut rounds = tokio::time::interval(Duration::from_secs(arguments.every));
    loop {
        rounds.tick().await;
        let (looking, json) = (monitor.clone(), arguments.json);
        let look = blocking("look at the log", move || looking.look(|alarm| print(alarm, json))).await?;
        match look {
            Look::Read { size } if arguments.once => {
                tracing::info!(size, "the log was read to its end");
                return Ok(());
            }
            Look::Read { .. } => {}
            Look::Unread(error) if arguments.once => return Err(error.into()),
            Look::Unread(error) => tracing::error!(%error, "the log could not be read; trying again"),
            Look::Unbelievable(refusal) => return Err(crate::problems::document("the log", refusal).into()),
        }
    }
}

fn print(alarm: &Alarm, json: bool) {
    if json { say(&alarm.to_json()) } else { say(&alarm.to_string()) }
}
