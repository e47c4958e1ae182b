//! The Merkle tree of RFC 6962: hashes, proofs made from complete subtrees, and their verification as RFC 9162 has it.

use super::LogReason;
use crate::{
    Refusal,
    digest::{Digest, Hasher},
};

/// The root of a tree without leaves (RFC 6962, section 2.1).
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// The hash of a leaf (RFC 6962, section 2.1).
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(&[0]);
    hasher.update(leaf);
    hasher.finish()
}

/// The hash of two subtrees (RFC 6962, section 2.1).
pub(super) fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(&[1]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    hasher.finish()
}

/// The root of the tree of the first `size` leaves. `node(level, index)` gives the hash of the complete subtree over the
/// leaves from `index << level` to `(index + 1) << level`.
pub fn root<E>(size: u64, node: &mut impl FnMut(u8, u64) -> Result<Digest, E>) -> Result<Digest, E> {
    if size == 0 { Ok(empty_root()) } else { range(0, size, node) }
}

/// The path from leaf `index` to the root of the tree of `size` leaves (RFC 6962, section 2.1.1).
pub fn inclusion_proof<E: From<Refusal>>(
    index: u64,
    size: u64,
    node: &mut impl FnMut(u8, u64) -> Result<Digest, E>,
) -> Result<Vec<Digest>, E> {
    if index >= size {
        return Err(Refusal::from(LogReason::Beyond { index, size }).into());
    }
    let (mut low, mut high) = (0, size);
    let mut path = Vec::new();
    while high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            path.push(range(middle, high, node)?);
            high = middle;
        } else {
            path.push(range(low, middle, node)?);
            low = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `old` leaves is the beginning of that of `new` leaves (RFC 6962, section 2.1.2).
pub fn consistency_proof<E: From<Refusal>>(
    old: u64,
    new: u64,
    node: &mut impl FnMut(u8, u64) -> Result<Digest, E>,
) -> Result<Vec<Digest>, E> {
    if old > new {
        return Err(Refusal::from(LogReason::Beyond { index: old, size: new }).into());
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut low, mut high) = (0, new);
    let mut path = Vec::new();
    // Down to the subtree whose right edge is that of the old tree.
    while high != old {
        let middle = low + split(high - low);
        if old <= middle {
            path.push(range(middle, high, node)?);
            high = middle;
        } else {
            path.push(range(low, middle, node)?);
            low = middle;
        }
    }
    // The subtree itself is known to whoever holds the old root only if it is all of the old tree.
    if low > 0 {
        path.push(range(low, high, node)?);
    }
    path.reverse();
    Ok(path)
}

/// The hash over the leaves from `low` to `high`, where `low` is a multiple of the largest power of two in the range.
fn range<E>(low: u64, high: u64, node: &mut impl FnMut(u8, u64) -> Result<Digest, E>) -> Result<Digest, E> {
    let width = high - low;
    if width.is_power_of_two() {
        let level = width.trailing_zeros() as u8;
        return node(level, low >> level);
    }
    let middle = low + split(width);
    Ok(node_hash(&range(low, middle, node)?, &range(middle, high, node)?))
}

/// The largest power of two that is smaller than `width`, which is at least 2.
fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}

/// Checks that `leaf` is leaf `index` of the tree of `size` leaves with this root (RFC 9162, section 2.1.3.2).
///
/// Size and root must come from one checkpoint: a path also leads to the same root in trees of some other sizes.
pub fn verify_inclusion(leaf: &Digest, index: u64, size: u64, path: &[Digest], root: &Digest) -> Result<(), Refusal> {
    if index >= size {
        return Err(LogReason::Beyond { index, size }.into());
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return Err(LogReason::Inclusion.into());
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last == 0 && hash == *root { Ok(()) } else { Err(LogReason::Inclusion.into()) }
}

/// Checks that the tree of `old` leaves is the beginning of the tree of `new` leaves (RFC 9162, section 2.1.4.2).
pub fn verify_consistency(
    (old, old_root): (u64, &Digest),
    (new, new_root): (u64, &Digest),
    path: &[Digest],
) -> Result<(), Refusal> {
    let refused = || Err(LogReason::Consistency { old, new }.into());
    if old > new {
        return Err(LogReason::Smaller { old, new }.into());
    }
    if old == new || old == 0 {
        let is_same = if old == new { old_root == new_root } else { *old_root == empty_root() };
        return if path.is_empty() && is_same { Ok(()) } else { refused() };
    }
    let mut rest = path.iter();
    let first = if old.is_power_of_two() { Some(old_root) } else { rest.next() };
    let Some(first) = first else { return refused() };
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        (node, last) = (node >> 1, last >> 1);
    }
    let (mut of_old, mut of_new) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return refused();
        }
        if node & 1 == 1 || node == last {
            of_old = node_hash(sibling, &of_old);
            of_new = node_hash(sibling, &of_new);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            of_new = node_hash(&of_new, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last == 0 && of_old == *old_root && of_new == *new_root { Ok(()) } else { refused() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, section 2.1, word for word.
    fn tree_hash(leaves: &[Vec<u8>]) -> Digest {
        match leaves {
            [] => Digest::of(b""),
            [leaf] => leaf_hash(leaf),
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                node_hash(&tree_hash(left), &tree_hash(right))
            }
        }
    }

    fn leaves(count: usize) -> Vec<Vec<u8>> {
        (0..count).map(|number| number.to_string().into_bytes()).collect()
    }

    fn node(leaves: &[Vec<u8>]) -> impl FnMut(u8, u64) -> Result<Digest, Refusal> {
        |level, index| {
            let (low, high) = ((index as usize) << level, (index as usize + 1) << level);
            Ok(tree_hash(&leaves[low..high]))
        }
    }

    #[test]
    fn roots_are_those_of_rfc_6962() {
        // The trees of the test vectors that come with the reference implementation of RFC 6962.
        let inputs =
            ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        let leaves: Vec<_> = inputs.iter().map(|text| hex::decode(text).unwrap()).collect();
        for (size, expected) in [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
            (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
            (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
            (5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
            (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
        ] {
            let computed = root(size, &mut node(&leaves)).unwrap();
            assert_eq!(computed.to_string(), expected, "{size}");
        }
    }

    #[test]
    fn every_leaf_of_every_small_tree_is_proved_and_nothing_else() {
        let leaves = leaves(40);
        for size in 1..=leaves.len() as u64 {
            let root = root(size, &mut node(&leaves)).unwrap();
            for index in 0..size {
                let leaf = leaf_hash(&leaves[index as usize]);
                let path = inclusion_proof(index, size, &mut node(&leaves)).unwrap();
                verify_inclusion(&leaf, index, size, &path, &root).unwrap();
                assert!(verify_inclusion(&leaf_hash(b"other"), index, size, &path, &root).is_err());
                for other in (0..size).filter(|other| *other != index) {
                    assert!(
                        verify_inclusion(&leaf, other, size, &path, &root).is_err(),
                        "{index} as {other} of {size}"
                    );
                }
                for number in 0..path.len() {
                    let mut altered = path.clone();
                    altered[number] = leaf_hash(b"other");
                    assert!(verify_inclusion(&leaf, index, size, &altered, &root).is_err());
                    altered.remove(number);
                    assert!(verify_inclusion(&leaf, index, size, &altered, &root).is_err());
                }
                let longer = [&path[..], &[leaf]].concat();
                assert!(verify_inclusion(&leaf, index, size, &longer, &root).is_err());
            }
            assert!(inclusion_proof(size, size, &mut node(&leaves)).is_err());
        }
    }

    #[test]
    fn every_small_tree_is_proved_to_begin_every_larger_one() {
        let leaves = leaves(40);
        let root_of = |size| root(size, &mut node(&leaves)).unwrap();
        for new in 0..=leaves.len() as u64 {
            for old in 0..=new {
                let path = consistency_proof(old, new, &mut node(&leaves)).unwrap();
                let (old_root, new_root) = (root_of(old), root_of(new));
                verify_consistency((old, &old_root), (new, &new_root), &path).unwrap();
                let other = leaf_hash(b"other");
                assert!(verify_consistency((old, &other), (new, &new_root), &path).is_err(), "{old} {new}");
                if old > 0 {
                    assert!(verify_consistency((old, &old_root), (new, &other), &path).is_err(), "{old} {new}");
                }
                for number in 0..path.len() {
                    let mut altered = path.clone();
                    altered[number] = other;
                    assert!(verify_consistency((old, &old_root), (new, &new_root), &altered).is_err());
                    altered.remove(number);
                    assert!(verify_consistency((old, &old_root), (new, &new_root), &altered).is_err());
                }
                let longer = [&path[..], &[other]].concat();
                assert!(verify_consistency((old, &old_root), (new, &new_root), &longer).is_err());
                if old < new {
                    assert!(verify_consistency((new, &new_root), (old, &old_root), &path).is_err());
                }
            }
        }
    }
}
