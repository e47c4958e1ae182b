//! A monitor: reads a whole log, leaf by leaf, and raises the alarm on what somebody watches for.
//!
//! It trusts nothing but the policy: the leaves it was given must be all there are under the root that the witnesses
//! signed, and every tree must begin with the one before. What it has read is kept only after every alarm was delivered,
//! so an alarm may come twice and never not at all.

mod alarm;
mod source;
mod state;

use std::path::PathBuf;

use guichet_contract::{AppId, Department};
use guichet_package::LogLeaf;
use guichet_trust::{
    Refusal,
    log::{Frontier, MAX_NOTE, Policy, SignedNote, Witnessed, entries, entries_path, leaf_hash, verify_consistency},
};

pub use alarm::Alarm;
use source::Source;
use state::State;

use crate::error::StoreError;

/// The longest bundle: 256 leaves of the longest kind.
const MOST_BUNDLE: u64 = 256 * (2 + 65_535);

/// What to watch, and whom to tell.
#[derive(Clone, Debug)]
pub struct Monitor {
    /// Whose log, and which witnesses.
    pub policy: Policy,
    /// Where the static files are.
    pub url: String,
    /// Where to keep how far it has read.
    pub state: PathBuf,
    /// What is worth an alarm.
    pub watched: Watched,
    /// A program that is told of each alarm.
    pub run: Option<PathBuf>,
    /// An address that is told of each alarm.
    pub post: Option<String>,
}

/// What is worth an alarm; everything, if nothing is named.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// All apps of these departments.
    pub departments: Vec<Department>,
    /// These apps and all below them.
    pub apps: Vec<AppId>,
}

/// How one look at the log ended.
#[derive(Debug)]
pub enum Look {
    /// All was read and told.
    Read {
        /// How many leaves there are.
        size: u64,
    },
    /// It could not be read, or somebody could not be told: the next look begins at the same place.
    Unread(StoreError),
    /// It is not what it was, or not what was signed.
    Unbelievable(Refusal),
}

impl Watched {
    fn is_worth_an_alarm(&self, leaf: &LogLeaf) -> bool {
        let everything = self.departments.is_empty() && self.apps.is_empty();
        // By its name an app is watched whatever department a leaf says it is of.
        everything
            || self.departments.contains(&leaf.department)
            || self.apps.iter().any(|app| leaf.app_id == *app || leaf.app_id.is_under(app))
    }
}

enum Stopped {
    Unread(StoreError),
    Unbelievable(Refusal),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Unread(error)
    }
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Self::Unbelievable(refusal)
    }
}

impl Monitor {
    /// Reads what is new, and tells everybody who is to be told. Blocks.
    pub fn look(&self, tell: impl Fn(&Alarm)) -> Look {
        match self.read(&tell) {
            Ok(size) => Look::Read { size },
            Err(Stopped::Unread(error)) => Look::Unread(error),
            Err(Stopped::Unbelievable(refusal)) => {
                let alarm = Alarm::unbelievable(&self.policy, &refusal);
                tell(&alarm);
                match self.deliver(&alarm) {
                    Ok(()) => Look::Unbelievable(refusal),
                    Err(error) => Look::Unread(error),
                }
            }
        }
    }

    fn read(&self, tell: &impl Fn(&Alarm)) -> Result<u64, Stopped> {
        let source = Source::new(&self.url);
        let state = State::read(&self.state, &self.policy)?;
        let bytes = source.require("log/checkpoint", MAX_NOTE as u64)?;
        // What cannot be read is not the log's word; what can be and is wrong is.
        let note = SignedNote::parse(&bytes).map_err(StoreError::document("read the checkpoint"))?;
        let Witnessed { checkpoint, .. } = self.policy.open(&note)?;
        let known = state.tree.size();
        if checkpoint.size < known {
            verify_consistency((known, &state.tree.root()), (checkpoint.size, &checkpoint.root), &[])?;
        }
        let mut tree = state.tree.clone();
        let mut alarms = Vec::new();
        while tree.size() < checkpoint.size {
            self.read_bundle(&source, checkpoint.size, &mut tree, &mut alarms)?;
        }
        // The same leaves make the same root: this proves that nothing was left out, added or changed, and that the tree
        // begins with the one that was read before.
        let read = (tree.size(), &tree.root());
        verify_consistency(read, (checkpoint.size, &checkpoint.root), &[])?;
        for alarm in &alarms {
            tell(alarm);
            self.deliver(alarm)?;
        }
        state.at(tree).keep(&self.state)?;
        Ok(checkpoint.size)
    }

    /// Reads the bundle in which the next leaf is, up to the end of the bundle or of the tree.
    fn read_bundle(
        &self,
        source: &Source,
        size: u64,
        tree: &mut Frontier,
        alarms: &mut Vec<Alarm>,
    ) -> Result<(), Stopped> {
        let index = tree.size() / 256;
        let width = (size - index * 256).min(256) as u16;
        let bundle = match source.fetch(&entries_path_of(index, width), MOST_BUNDLE)? {
            Some(bundle) => bundle,
            // A partial bundle may be gone once the full one is there.
            None => source.require(&entries_path_of(index, 256), MOST_BUNDLE)?,
        };
        let leaves = entries(&bundle, width).map_err(StoreError::document("read the leaves"))?;
        for leaf in leaves.into_iter().skip((tree.size() % 256) as usize) {
            match LogLeaf::parse(leaf) {
                Ok(parsed) if self.watched.is_worth_an_alarm(&parsed) => {
                    alarms.push(Alarm::release(tree.size(), parsed));
                }
                Ok(_) => {}
                // Nobody can say whose it is, so it is everybody's.
                Err(refusal) => alarms.push(Alarm::unreadable(tree.size(), &refusal.what())),
            }
            tree.append(leaf_hash(leaf));
        }
        Ok(())
    }

    fn deliver(&self, alarm: &Alarm) -> Result<(), StoreError> {
        if let Some(program) = &self.run {
            alarm.run(program)?;
        }
        if let Some(url) = &self.post {
            source::post(url, &alarm.to_json())?;
        }
        Ok(())
    }
}

fn entries_path_of(index: u64, width: u16) -> String {
    format!("log/{}", entries_path(index, width))
}
