//! Asking the witnesses: each at the same time, each for a few seconds, and no longer than it takes to have enough.

use std::{fmt::Write as _, path::PathBuf, time::Duration};

use guichet_trust::log::{
    AddCheckpoint, Checkpoint, MAX_NOTE, NoteSignature, Policy, SignedNote, VerifierKey, consistency_proof,
};
use tokio::task::JoinSet;

use super::{Standing, reader};
use crate::{database::witnesses::WitnessRecord, error::StoreError, store::Store};

/// How long one witness may take for one answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to go on listening once there are enough.
const GRACE: Duration = Duration::from_millis(300);
/// A witness is asked again when it names the size it has seen.
const ATTEMPTS: usize = 3;

/// What the witnesses said.
#[derive(Debug)]
pub(super) struct Asked {
    /// The checkpoint with their cosignatures.
    note: SignedNote,
    /// Those that have seen it.
    pub(super) sizes: Vec<VerifierKey>,
    /// Why others did not sign.
    missing: Vec<(String, String)>,
}

impl Asked {
    /// The note, if it holds what the policy asks for.
    pub(super) fn enough(&self, policy: &Policy) -> Result<SignedNote, StoreError> {
        for (witness, reason) in &self.missing {
            tracing::warn!(witness, reason, "a witness has not signed the log");
        }
        policy.open(&self.note).map(|_| self.note.clone()).map_err(|refusal| {
            let reasons = self.missing.iter().fold(String::new(), |mut text, (witness, reason)| {
                // Writing to a string cannot fail.
                let _ = write!(text, "; {witness}: {reason}");
                text
            });
            StoreError::Witnesses { reason: format!("{}{reasons}", refusal.what()) }
        })
    }
}

/// Asks every witness to sign this checkpoint.
pub(super) async fn ask(store: &Store, standing: &Standing, note: SignedNote) -> Result<Asked, StoreError> {
    let mut asked = Asked { note, sizes: Vec::new(), missing: Vec::new() };
    let agent = agent();
    let mut answers = JoinSet::new();
    for witness in standing.witnesses.clone() {
        let (agent, folder, note) = (agent.clone(), store.folder.log(), asked.note.clone());
        answers.spawn_blocking(move || {
            let signed = ask_one(&agent, folder, &witness, &note);
            (witness.key, signed)
        });
    }
    let mut waiting: Vec<String> = standing.witnesses.iter().map(|witness| witness.key.name().to_owned()).collect();
    loop {
        let is_enough = standing.policy.open(&asked.note).is_ok();
        let next = if is_enough {
            tokio::time::timeout(GRACE, answers.join_next()).await.unwrap_or(None)
        } else {
            answers.join_next().await
        };
        let Some(answer) = next else { break };
        let (key, signed) = answer.map_err(|source| StoreError::Task { operation: "ask a witness", source })?;
        waiting.retain(|name| name != key.name());
        match signed {
            Ok(signature) => {
                asked.note.add(signature);
                asked.sizes.push(key);
            }
            Err(reason) => asked.missing.push((key.name().to_owned(), reason)),
        }
    }
    // They may still answer, and are asked again next time.
    asked.missing.extend(waiting.into_iter().map(|name| (name, "it has not answered yet".to_owned())));
    Ok(asked)
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .accept_encoding("identity")
        .user_agent(concat!("guichet-store/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(PATIENCE))
        .build()
        .new_agent()
}

/// The cosignature of one witness, or why there is none.
fn ask_one(
    agent: &ureq::Agent,
    folder: PathBuf,
    witness: &WitnessRecord,
    note: &SignedNote,
) -> Result<NoteSignature, String> {
    let checkpoint = Checkpoint::parse(note.text()).map_err(|refusal| refusal.what())?;
    let mut old = witness.size.min(checkpoint.size);
    for _ in 0..ATTEMPTS {
        let mut reader = reader(&folder, checkpoint.size);
        let path = consistency_proof(old, checkpoint.size, &mut |level, index| reader.node(level, index));
        let path = path.map_err(|error| error.0.to_string())?;
        let body = AddCheckpoint { old, path, note: note.clone() }.to_text();
        let mut answer = agent
            .post(format!("{}/add-checkpoint", witness.url))
            .content_type("text/plain; charset=utf-8")
            .send(body)
            .map_err(|error| error.to_string())?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(MAX_NOTE as u64).read_to_string();
        let text = text.map_err(|error| error.to_string())?;
        match status {
            200 => return signature_of(&witness.key, note, &text),
            409 => {
                let seen = text.trim_end().parse::<u64>().ok().filter(|seen| *seen != old);
                old = match seen {
                    Some(seen) if seen <= checkpoint.size => seen,
                    Some(seen) => {
                        return Err(format!(
                            "it has seen {seen} releases, and this store has {}: was its database taken back?",
                            checkpoint.size
                        ));
                    }
                    None => return Err("it has seen another tree of this size".to_owned()),
                };
            }
            403 => return Err("it does not know this log by this key".to_owned()),
            404 => return Err("it does not know this log; give it the log's key".to_owned()),
            422 => return Err("it has seen a tree with which this one does not begin".to_owned()),
            other => return Err(format!("it answered {other}")),
        }
    }
    Err("it names another size each time".to_owned())
}

/// The line of an answer that is by this witness and over this checkpoint.
fn signature_of(key: &VerifierKey, note: &SignedNote, text: &str) -> Result<NoteSignature, String> {
    let lines = NoteSignature::parse_lines(text.as_bytes()).map_err(|refusal| refusal.what())?;
    let is_good = |line: &NoteSignature| {
        let mut signed = note.clone();
        signed.add(line.clone());
        matches!(signed.signed_by(key), Ok(Some(_)))
    };
    lines.into_iter().find(is_good).ok_or_else(|| "its answer holds no cosignature by its key".to_owned())
}
