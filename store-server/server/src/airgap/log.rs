//! The log on its way over the gap: all that a mirror's terminals would ask of it is checked before it is theirs.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use guichet_contract::Department;
use guichet_package::{LogLeaf, ReleaseDocument};
use guichet_trust::{
    Refusal,
    digest::Digest,
    log::{
        Checkpoint, Frontier, LogProof, MAX_NOTE, Policy, SignedNote, Tile, append_entry, entries, entries_path,
        leaf_hash, tiles_of, verify_consistency,
    },
};

use super::files;
use crate::{error::NotDone, problems};

const CHECKPOINT: &str = "log/checkpoint";
/// The longest bundle: 256 leaves of the longest kind.
const MOST_BUNDLE: u64 = 256 * (2 + 65_535);

/// The log in a folder, as far as it was found to be the one that was signed.
#[derive(Debug)]
pub(super) struct CarriedLog<'a> {
    from: &'a Path,
    policy: &'a Policy,
    checkpoint: Checkpoint,
    leaves: Vec<Digest>,
    /// What is to be copied, and what it must still be when it is.
    checked: Vec<(String, Digest)>,
    /// Trees that proofs lead to, each with the file that says so.
    trees: BTreeMap<(u64, Digest), String>,
}

impl<'a> CarriedLog<'a> {
    /// Reads the checkpoint, all leaves and all tiles of a folder: they must be one tree, the witnessed one, and begin
    /// with the tree that the mirror has shown.
    pub(super) fn read(from: &'a Path, mirror: &Path, policy: &'a Policy) -> Result<Self, NotDone> {
        let note = files::read(from, CHECKPOINT, MAX_NOTE as u64)?.ok_or_else(|| missing(from, CHECKPOINT))?;
        let checkpoint = SignedNote::parse(&note).and_then(|note| policy.open(&note)).map_err(refused(CHECKPOINT))?;
        let checkpoint = checkpoint.checkpoint;
        let mut log =
            Self { from, policy, checkpoint, leaves: Vec::new(), checked: Vec::new(), trees: BTreeMap::new() };
        log.read_leaves()?;
        log.read_tiles()?;
        log.checked.push((CHECKPOINT.to_owned(), Digest::of(&note)));
        if let Some(shown) = files::read(mirror, CHECKPOINT, MAX_NOTE as u64)?
            && let Ok(shown) = SignedNote::parse(&shown).and_then(|note| policy.of_the_log(&note))
        {
            log.trees.insert((shown.size, shown.root), CHECKPOINT.to_owned());
        }
        Ok(log)
    }

    /// Every leaf under the checkpoint, out of the bundles.
    fn read_leaves(&mut self) -> Result<(), NotDone> {
        for tile in tiles_of(0, self.checkpoint.size).filter(|tile| tile.level == 0) {
            let path = format!("log/{}", entries_path(tile.index, tile.width));
            let bundle = files::read(self.from, &path, MOST_BUNDLE)?.ok_or_else(|| missing(self.from, &path))?;
            let leaves = entries(&bundle, tile.width).map_err(refused(&path))?;
            let mut again = Vec::new();
            leaves.iter().try_for_each(|leaf| append_entry(&mut again, leaf)).map_err(refused(&path))?;
            if again != bundle {
                return Err(problems::not_as_signed(&path).into());
            }
            self.leaves.extend(leaves.iter().map(|leaf| leaf_hash(leaf)));
            self.checked.push((path, Digest::of(&bundle)));
        }
        Ok(())
    }

    /// Every tile, also those of smaller trees, which a terminal may remember.
    fn read_tiles(&mut self) -> Result<(), NotDone> {
        let mut hashes = self.leaves.clone();
        let mut level = 0;
        let mut wanted = BTreeMap::new();
        while !hashes.is_empty() {
            for (index, chunk) in (0..).zip(hashes.chunks(256)) {
                let bytes: Vec<u8> = chunk.iter().flat_map(|hash| *hash.as_bytes()).collect();
                let width = chunk.len() as u16;
                for width in 1..=width {
                    let tile = Tile { level, index, width };
                    let is_of_this_tree = usize::from(width) == chunk.len();
                    let expected = bytes.get(..tile.bytes()).unwrap_or_default();
                    wanted.insert(format!("log/{}", tile.path()), (is_of_this_tree, Digest::of(expected)));
                }
            }
            hashes = hashes.chunks_exact(256).map(|chunk| tree_of(chunk).root()).collect();
            level += 1;
        }
        for (path, (is_of_this_tree, digest)) in wanted {
            match files::read(self.from, &path, 256 * 32)? {
                Some(bytes) if Digest::of(&bytes) == digest => self.checked.push((path, digest)),
                None if is_of_this_tree && !self.from.join(&path).exists() => return Err(missing(self.from, &path)),
                None if !self.from.join(&path).exists() => {}
                _ => return Err(problems::not_as_signed(&path).into()),
            }
        }
        match tree_of(&self.leaves).root() == self.checkpoint.root {
            true => Ok(()),
            // Bundles and tiles agree with each other, and not with what was signed.
            false => Err(problems::not_as_signed(CHECKPOINT).into()),
        }
    }

    /// The proof of a release that the metadata lists.
    pub(super) fn require(
        &mut self,
        department: &Department,
        release: &ReleaseDocument,
        bytes: &[u8],
    ) -> Result<(), NotDone> {
        let path = proof_path(&Digest::of(bytes));
        let proof = files::read(self.from, &path, 2 * MAX_NOTE as u64)?.ok_or_else(|| missing(self.from, &path))?;
        let leaf = self.prove(&path, &proof)?;
        leaf.is_about(department, release, bytes).map_err(|refusal| problems::package(&refusal))?;
        Ok(())
    }

    /// Proofs of releases that were listed before: terminals that still have one ask for its proof.
    pub(super) fn add_others(&mut self) -> Result<(), NotDone> {
        let known: BTreeSet<String> = self.checked.iter().map(|(path, _)| path.clone()).collect();
        for name in files::list_if_there(&self.from.join("log/proof"))? {
            let path = format!("log/proof/{name}");
            if known.contains(&path) {
                continue;
            }
            let proof = files::read(self.from, &path, 2 * MAX_NOTE as u64)?;
            let proof = proof.ok_or_else(|| problems::not_as_signed(&path))?;
            let leaf = self.prove(&path, &proof)?;
            if proof_path(&leaf.release) != path {
                return Err(problems::not_as_signed(&path).into());
            }
        }
        Ok(())
    }

    fn prove(&mut self, path: &str, proof: &[u8]) -> Result<LogLeaf, NotDone> {
        let read = LogProof::parse(proof).map_err(refused(path))?;
        let tree = read.verify(self.policy).map_err(refused(path))?.checkpoint;
        self.trees.insert((tree.size, tree.root), path.to_owned());
        self.checked.push((path.to_owned(), Digest::of(proof)));
        Ok(LogLeaf::parse(&read.leaf).map_err(|refusal| problems::package(&refusal))?)
    }

    /// What to copy, in the order in which it may be seen, if all trees that were named are beginnings of the newest.
    pub(super) fn files(self) -> Result<Vec<(String, Digest)>, NotDone> {
        let newest = (self.checkpoint.size, &self.checkpoint.root);
        let mut tree = Frontier::new();
        let mut leaves = self.leaves.iter();
        for ((size, root), path) in &self.trees {
            if *size > newest.0 {
                // The same refusal as a terminal's.
                verify_consistency((*size, root), newest, &[]).map_err(refused(path))?;
            }
            while tree.size() < *size
                && let Some(leaf) = leaves.next()
            {
                tree.append(*leaf);
            }
            verify_consistency((*size, root), (*size, &tree.root()), &[]).map_err(refused(path))?;
        }
        let (last, others): (Vec<_>, Vec<_>) = self.checked.into_iter().partition(|(path, _)| path == CHECKPOINT);
        Ok(others.into_iter().chain(last).collect())
    }
}

fn proof_path(release: &Digest) -> String {
    format!("log/proof/{release}.tlog-proof")
}

fn tree_of(leaves: &[Digest]) -> Frontier {
    let mut tree = Frontier::new();
    leaves.iter().for_each(|leaf| tree.append(*leaf));
    tree
}

fn missing(from: &Path, path: &str) -> NotDone {
    match from.join(path).exists() {
        // It is there, and no plain file or too long.
        true => problems::not_as_signed(path).into(),
        false => problems::not_in_folder(path).into(),
    }
}

fn refused(path: &str) -> impl Fn(Refusal) -> NotDone {
    let path = path.to_owned();
    move |refusal| problems::document(&path, refusal).into()
}
