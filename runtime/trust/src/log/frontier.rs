//! The right edge of a growing tree: all that is needed to add leaves and know the root.

use serde::{Deserialize, Serialize};

use super::{
    LogReason,
    merkle::{empty_root, node_hash},
};
use crate::{Refusal, digest::Digest};

/// A tree that keeps only the roots of its complete subtrees, largest first: one for each one-bit of its size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frontier {
    size: u64,
    subtrees: Vec<Digest>,
}

impl Frontier {
    /// A tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the hash of the next leaf.
    pub fn append(&mut self, leaf: Digest) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    /// The root of the tree as it is (RFC 6962, section 2.1).
    pub fn root(&self) -> Digest {
        let mut subtrees = self.subtrees.iter().rev();
        let Some(last) = subtrees.next() else { return empty_root() };
        subtrees.fold(*last, |right, left| node_hash(left, &right))
    }

    /// Refuses a frontier that was kept and is not one.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.subtrees.len() == self.size.count_ones() as usize { Ok(()) } else { Err(LogReason::Frontier.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{leaf_hash, root};

    #[test]
    fn a_tree_that_grows_has_the_roots_of_the_whole_one() {
        let leaves: Vec<_> = (0..300_u32).map(|number| leaf_hash(&number.to_be_bytes())).collect();
        let mut frontier = Frontier::new();
        for size in 0..=leaves.len() as u64 {
            let mut node = |level: u8, index: u64| -> Result<Digest, Refusal> {
                let mut part = Frontier::new();
                let (low, high) = ((index as usize) << level, (index as usize + 1) << level);
                leaves[low..high].iter().for_each(|leaf| part.append(*leaf));
                Ok(part.root())
            };
            assert_eq!((frontier.size(), frontier.root()), (size, root(size, &mut node).unwrap()));
            frontier.check().unwrap();
            if let Some(leaf) = leaves.get(size as usize) {
                frontier.append(*leaf);
            }
        }
        let kept = serde_json::to_string(&frontier).unwrap();
        assert_eq!(serde_json::from_str::<Frontier>(&kept).unwrap(), frontier);
        let broken: Frontier = serde_json::from_str(&kept.replace("300", "301")).unwrap();
        assert_eq!(broken.check().unwrap_err().class(), "log/state");
    }
}
