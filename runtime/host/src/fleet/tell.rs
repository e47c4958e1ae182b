//! Telling the store how this terminal is: signed, numbered, now and then, and without anybody waiting for it.

use std::{
    collections::BTreeMap,
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use guichet_api::{
    PROBLEM_MEDIA_TYPE, PartReport, PictureReport, Problem, ReportTaken, SignedReport, TerminalPicture, TerminalReport,
    paths,
};
use guichet_contract::AppId;
use guichet_trust::{canonical, digest::Digest};
use serde::{Serialize, de::DeserializeOwned};

use super::{FleetError, Terminal};
use crate::{
    home::random,
    options::Clock,
    policy::{PolicyFiles, SignedPolicy},
};

/// Longest time that one question may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most bytes of an answer: a policy, a trust file, and what is around them.
const MOST_ANSWER: u64 = 4 << 20;
/// When the store says nothing.
const PAUSE: Duration = Duration::from_secs(300);
/// Bounds of what the store may say.
const PAUSES: std::ops::RangeInclusive<u64> = 1..=24 * 60 * 60;

/// What a shell knows of its terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vitals {
    /// The version of the programs.
    pub version: String,
    /// For how long the program has run.
    pub uptime: Duration,
    /// The number of the policy in force; 0: none.
    pub policy_sequence: u64,
    /// What is installed.
    pub apps: BTreeMap<AppId, u64>,
    /// How the parts are.
    pub parts: Vec<PartReport>,
    /// How often what went wrong since the last report: classes, and nothing else.
    pub errors: BTreeMap<String, u32>,
}

/// What came of telling.
#[derive(Debug)]
pub enum News {
    /// The store has heard it.
    Heard,
    /// A newer policy is in its place; it is in force from the next session on.
    Policy(Box<SignedPolicy>),
    /// Somebody wants a picture of the home page: [`Terminal::send_picture`].
    PictureWanted,
    /// The store knows this terminal no more. It goes on asking, much later.
    Revoked {
        /// Why, as its operator said.
        why: String,
    },
    /// It did not reach the store, or what came was not acceptable.
    Failed(FleetError),
}

impl Terminal {
    /// Tells once. Blocks on the network.
    pub fn tell(&mut self, vitals: Vitals, now_ms: u64) -> Result<ReportTaken, FleetError> {
        let report = TerminalReport {
            terminal: self.kept.id.clone(),
            sequence: self.next(now_ms)?,
            at_ms: now_ms,
            version: vitals.version,
            uptime_seconds: vitals.uptime.as_secs(),
            policy_sequence: vitals.policy_sequence,
            apps: vitals.apps,
            parts: vitals.parts,
            errors: vitals.errors,
        };
        let (url, report) = (self.url(paths::TERMINAL_REPORT), self.written(&report)?);
        let signature = self.key.tell(report.as_bytes()).to_string();
        post(&url, &SignedReport { format: 1, report, signature })
    }

    /// Sends a picture of the home page that somebody has asked for. Blocks on the network.
    pub fn send_picture(&mut self, png: &[u8], now_ms: u64) -> Result<(), FleetError> {
        let sha256 = Digest::of(png).to_string();
        let report =
            PictureReport { terminal: self.kept.id.clone(), sequence: self.next(now_ms)?, at_ms: now_ms, sha256 };
        let (url, report) = (self.url(paths::TERMINAL_PICTURE), self.written(&report)?);
        let signature = self.key.tell(report.as_bytes()).to_string();
        let picture = TerminalPicture { format: 1, report, signature, png: STANDARD.encode(png) };
        send(&url, &picture).map(drop)
    }

    /// A number that was never signed before, kept before it is used. It is a time where it can be, so that a home that
    /// was put back from a copy goes on from there.
    fn next(&mut self, now_ms: u64) -> Result<u64, FleetError> {
        self.kept.told = self.kept.told.saturating_add(1).max(now_ms);
        self.kept.write(&self.home)?;
        Ok(self.kept.told)
    }

    fn url(&self, path: &str) -> String {
        paths::url(&self.kept.store, &paths::of(path, &self.kept.id))
    }

    fn written(&self, report: &impl Serialize) -> Result<String, FleetError> {
        let bytes = canonical::to_vec(report).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        bytes.ok_or_else(|| FleetError::BadAnswer { url: self.kept.store.clone() })
    }

    /// Tells now and again and again, on a thread of its own, as often as the store wants it, and when [`KeepTelling::now`]
    /// is called.
    ///
    /// On that thread `vitals` is asked before each report and `on_news` hears what came of it; for a picture it is given
    /// the way to send one. The thread ends soon after the value is dropped.
    pub fn keep_telling(
        mut self,
        files: PolicyFiles,
        clock: Clock,
        vitals: impl Fn() -> Vitals + Send + 'static,
        on_news: impl Fn(News, &mut Terminal) + Send + 'static,
    ) -> Result<KeepTelling, FleetError> {
        let (wake, woken) = mpsc::channel();
        let home = self.home.clone();
        let spawned = thread::Builder::new().name("telling".to_owned()).spawn(move || {
            loop {
                let now_ms = clock.now_ms();
                let mut pause = PAUSE;
                match self.tell(vitals(), now_ms) {
                    Ok(taken) => {
                        pause = Duration::from_secs(taken.next_seconds.clamp(*PAUSES.start(), *PAUSES.end()));
                        on_news(News::Heard, &mut self);
                        if let Some(policy) = taken.policy {
                            let replaced = files.replace(policy.as_bytes(), &home, now_ms);
                            let news = replaced.map_or_else(
                                |error| News::Failed(error.into()),
                                |signed| News::Policy(Box::new(signed)),
                            );
                            on_news(news, &mut self);
                        }
                        if taken.picture {
                            on_news(News::PictureWanted, &mut self);
                        }
                    }
                    Err(error) if error.is_revoked() => {
                        pause = Duration::from_secs(*PAUSES.end());
                        on_news(News::Revoked { why: error.to_string() }, &mut self);
                    }
                    Err(error) => on_news(News::Failed(error), &mut self),
                }
                match woken.recv_timeout(jittered(pause)) {
                    Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                    Ok(Wake::Tell) | Err(RecvTimeoutError::Timeout) => {}
                }
            }
        });
        let thread = spawned.map_err(|error| FleetError::Disk(crate::HostError::Engine { why: error.to_string() }))?;
        Ok(KeepTelling { wake, thread: Some(thread) })
    }
}

/// A terminal that tells as long as this lives.
#[derive(Debug)]
pub struct KeepTelling {
    wake: Sender<Wake>,
    thread: Option<JoinHandle<()>>,
}

/// What ends a pause early.
#[derive(Debug)]
enum Wake {
    Tell,
    Stop,
}

impl KeepTelling {
    /// Tells as soon as what is under way is over, for something the store waits for.
    pub fn now(&self) {
        let _it_may_have_ended = self.wake.send(Wake::Tell);
    }

    /// Ends it, and waits until what is under way is over.
    pub fn stop(mut self) {
        let _it_may_have_ended = self.wake.send(Wake::Stop);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// A tenth more or less: a hall that was switched on together does not tell together.
fn jittered(pause: Duration) -> Duration {
    let [a, b, ..] = random().unwrap_or([128; 32]);
    let part = f64::from(u16::from_le_bytes([a, b])) / f64::from(u16::MAX);
    pause.mul_f64(0.9 + part / 5.0)
}

/// Asks the store, and reads what it answers.
pub(super) fn post<T: DeserializeOwned>(url: &str, body: &impl Serialize) -> Result<T, FleetError> {
    let bytes = send(url, body)?;
    serde_json::from_slice(&bytes).map_err(|_| FleetError::BadAnswer { url: url.to_owned() })
}

fn send(url: &str, body: &impl Serialize) -> Result<Vec<u8>, FleetError> {
    let unreachable = |error: ureq::Error| FleetError::Unreachable { url: url.to_owned(), why: error.to_string() };
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(PATIENCE))
        .user_agent(concat!("guichet-host/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent();
    let body = serde_json::to_vec(body).unwrap_or_default();
    let mut answer = agent.post(url).header("content-type", "application/json").send(&body[..]).map_err(unreachable)?;
    let (status, is_problem) = (
        answer.status().as_u16(),
        answer.headers().get("content-type").is_some_and(|kind| kind.as_bytes() == PROBLEM_MEDIA_TYPE.as_bytes()),
    );
    let bytes = answer.body_mut().with_config().limit(MOST_ANSWER).read_to_vec().map_err(unreachable)?;
    if (200..300).contains(&status) {
        return Ok(bytes);
    }
    let problem = serde_json::from_slice::<Problem>(&bytes).ok().filter(|_| is_problem);
    Err(problem.map_or_else(
        || FleetError::BadAnswer { url: url.to_owned() },
        |problem| FleetError::Refused(Box::new(problem)),
    ))
}
