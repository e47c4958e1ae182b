//! Tiles: the tree as static files of up to 256 hashes, and its leaves as bundles (`c2sp.org/tlog-tiles`).

use std::collections::BTreeMap;

use super::{LogReason, frontier::Frontier};
use crate::{Refusal, digest::Digest};

/// Hashes in a full tile.
const WIDTH: u64 = 256;
const HASH_BYTES: usize = 32;

/// Up to 256 neighbouring hashes of one level: number `index` of the level, `width` hashes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// 0 for leaf hashes; each level above stands for 256 times as many leaves.
    pub level: u8,
    /// The number of the tile in its level.
    pub index: u64,
    /// How many hashes it has, 1 to 256.
    pub width: u16,
}

impl Tile {
    /// `tile/<L>/<N>[.p/<W>]`
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, numbered(self.index, self.width))
    }

    /// How long the file is, in bytes.
    pub fn bytes(&self) -> usize {
        usize::from(self.width) * HASH_BYTES
    }

    /// The same tile when it is full: it begins with the same hashes and may have taken this one's place.
    #[must_use]
    pub fn full(&self) -> Self {
        Self { width: WIDTH as u16, ..*self }
    }

    /// Whether it is full.
    pub fn is_full(&self) -> bool {
        u64::from(self.width) == WIDTH
    }

    /// The tile with this hash of a level, in a tree of `size` leaves; none if the tree has no such hash.
    fn holding(level: u8, number: u64, size: u64) -> Option<Self> {
        let hashes = size.checked_shr(u32::from(level) * 8).unwrap_or(0);
        let index = number / WIDTH;
        let width = hashes.saturating_sub(index * WIDTH).min(WIDTH);
        (number % WIDTH < width).then_some(Self { level, index, width: width as u16 })
    }
}

/// `tile/entries/<N>[.p/<W>]`: the leaves under tile `index` of level 0.
pub fn entries_path(index: u64, width: u16) -> String {
    format!("tile/entries/{}", numbered(index, width))
}

fn numbered(index: u64, width: u16) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    if u64::from(width) == WIDTH { path } else { format!("{path}.p/{width}") }
}

/// The tiles of a tree of `size` leaves that one of `known` leaves does not have, level by level.
pub fn tiles_of(known: u64, size: u64) -> impl Iterator<Item = Tile> {
    (0..8).flat_map(move |level| {
        let hashes = |size: u64| size.checked_shr(u32::from(level) * 8).unwrap_or(0);
        let (from, to) = (hashes(known), hashes(size));
        let first = if from < to { from / WIDTH } else { to.div_ceil(WIDTH) };
        (first..to.div_ceil(WIDTH)).filter_map(move |index| Tile::holding(level, index * WIDTH, size))
    })
}

/// Adds a leaf to a bundle. A leaf of more than 65 535 bytes is refused.
pub fn append_entry(bundle: &mut Vec<u8>, leaf: &[u8]) -> Result<(), Refusal> {
    let length = u16::try_from(leaf.len()).map_err(|_| LogReason::Entries("a leaf is longer than 65535 bytes"))?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(leaf);
    Ok(())
}

/// The leaves of a bundle of at least `width`, of which the first `width` are returned.
pub fn entries(bundle: &[u8], width: u16) -> Result<Vec<&[u8]>, Refusal> {
    let mut rest = bundle;
    let mut leaves = Vec::new();
    while leaves.len() < usize::from(width) {
        let Some((length, after)) = rest.split_first_chunk() else {
            return Err(LogReason::Entries("it ends early").into());
        };
        let Some((leaf, after)) = after.split_at_checked(usize::from(u16::from_be_bytes(*length))) else {
            return Err(LogReason::Entries("it ends within a leaf").into());
        };
        leaves.push(leaf);
        rest = after;
    }
    Ok(leaves)
}

/// Reads hashes of a tree of `size` leaves out of its tiles, which `fetch` brings.
///
/// Nothing here is believed: what is computed counts only if it leads to the root of a checkpoint.
#[derive(Debug)]
pub struct TileReader<F> {
    size: u64,
    fetch: F,
    tiles: BTreeMap<Tile, Vec<u8>>,
}

impl<E: From<Refusal>, F: FnMut(Tile) -> Result<Vec<u8>, E>> TileReader<F> {
    /// A reader that has read nothing.
    pub fn new(size: u64, fetch: F) -> Self {
        Self { size, fetch, tiles: BTreeMap::new() }
    }

    /// The hash of the complete subtree over the leaves from `index << level` to `(index + 1) << level`.
    pub fn node(&mut self, level: u8, index: u64) -> Result<Digest, E> {
        let (of_tile, within) = (level / 8, level % 8);
        let beyond = || Refusal::from(LogReason::Beyond { index, size: self.size });
        let first = index.checked_shl(u32::from(within)).ok_or_else(beyond)?;
        let last = first + ((1_u64 << within) - 1);
        let tile = Tile::holding(of_tile, last, self.size).ok_or_else(beyond)?;
        if !self.tiles.contains_key(&tile) {
            let bytes = (self.fetch)(tile)?;
            if bytes.len() != tile.bytes() {
                let reason = LogReason::Tile { path: tile.path(), expected: tile.bytes(), found: bytes.len() };
                return Err(Refusal::from(reason).into());
            }
            self.tiles.insert(tile, bytes);
        }
        let start = (first % WIDTH) as usize * HASH_BYTES;
        let bytes = self.tiles.get(&tile).and_then(|bytes| bytes.get(start..start + (HASH_BYTES << within)));
        let mut part = Frontier::new();
        for hash in bytes.unwrap_or_default().as_chunks().0 {
            part.append(Digest::from_bytes(*hash));
        }
        Ok(part.root())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{consistency_proof, inclusion_proof, leaf_hash, root, verify_consistency, verify_inclusion};

    /// All tiles of a tree, made by the definition: hash `i` of level `l` is the root over 256^l leaves.
    fn tiles(leaves: &[Digest], size: u64) -> BTreeMap<Tile, Vec<u8>> {
        let part = |tile: &Tile, number: u64| {
            let span = 1_u64 << (8 * tile.level);
            let mut part = Frontier::new();
            let from = (tile.index * 256 + number) * span;
            leaves[from as usize..(from + span) as usize].iter().for_each(|leaf| part.append(*leaf));
            *part.root().as_bytes()
        };
        tiles_of(0, size)
            .map(|tile| (tile, (0..u64::from(tile.width)).flat_map(|n| part(&tile, n)).collect()))
            .collect()
    }

    fn leaves(count: u32) -> Vec<Digest> {
        (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
    }

    #[test]
    fn paths_are_those_of_the_specification() {
        let path = |level, index, width| Tile { level, index, width }.path();
        assert_eq!(path(0, 0, 256), "tile/0/000");
        assert_eq!(path(0, 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(path(1, 999, 17), "tile/1/999.p/17");
        assert_eq!(path(2, 1_000, 1), "tile/2/x001/000.p/1");
        assert_eq!(entries_path(273, 112), "tile/entries/273.p/112");
        assert_eq!(entries_path(272, 256), "tile/entries/272");
    }

    #[test]
    fn a_tree_of_70000_has_the_tiles_the_specification_counts() {
        let tiles: Vec<_> = tiles_of(0, 70_000).collect();
        let of = |level| tiles.iter().filter(|tile| tile.level == level).map(|tile| tile.width).collect::<Vec<_>>();
        assert_eq!((of(0).len(), of(0).last().copied()), (274, Some(112)));
        assert!(of(0)[..273].iter().all(|width| *width == 256));
        assert_eq!((of(1), of(2), of(3)), (vec![256, 17], vec![1], vec![]));
        assert_eq!(tiles_of(0, 256).map(|tile| tile.path()).collect::<Vec<_>>(), ["tile/0/000", "tile/1/000.p/1"]);
        assert_eq!(
            tiles_of(255, 257).map(|tile| tile.path()).collect::<Vec<_>>(),
            ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]
        );
        assert_eq!(tiles_of(300, 300).count(), 0);
    }

    #[test]
    fn proofs_come_out_of_tiles() {
        let leaves = leaves(66_000);
        for (old, size) in [(1, 2), (255, 256), (256, 257), (300, 70), (513, 1_000), (65_535, 65_536), (65_537, 66_000)]
        {
            let (old, size) = (u64::min(old, size), u64::max(old, size));
            let tiles = tiles(&leaves, size);
            let mut reader = TileReader::new(size, |tile| -> Result<_, Refusal> { Ok(tiles[&tile].clone()) });
            let mut node = |level, index| reader.node(level, index);
            let new_root = root(size, &mut node).unwrap();
            let mut whole = Frontier::new();
            leaves[..size as usize].iter().for_each(|leaf| whole.append(*leaf));
            assert_eq!(new_root, whole.root());
            let old_root = root(old, &mut node).unwrap();
            let path = consistency_proof(old, size, &mut node).unwrap();
            verify_consistency((old, &old_root), (size, &new_root), &path).unwrap();
            for index in [0, old - 1, size - 1, size / 2] {
                let path = inclusion_proof(index, size, &mut node).unwrap();
                verify_inclusion(&leaves[index as usize], index, size, &path, &new_root).unwrap();
            }
        }
    }

    #[test]
    fn a_tile_of_another_length_is_refused() {
        let mut reader = TileReader::new(5, |tile: Tile| -> Result<_, Refusal> { Ok(vec![0; tile.bytes() + 32]) });
        let refusal = root(5, &mut |level, index| reader.node(level, index)).unwrap_err();
        assert_eq!(refusal.class(), "log/tile");
    }

    #[test]
    fn bundles_read_back() {
        let mut bundle = Vec::new();
        for leaf in [&b"one"[..], b"", &[7; 65_535]] {
            append_entry(&mut bundle, leaf).unwrap();
        }
        assert_eq!(bundle[..5], *b"\0\x03one");
        assert_eq!(entries(&bundle, 3).unwrap(), [&b"one"[..], b"", &[7; 65_535]]);
        assert_eq!(entries(&bundle, 2).unwrap().len(), 2);
        assert_eq!(entries(&bundle, 4).unwrap_err().class(), "log/entries");
        assert_eq!(entries(&bundle[..4], 1).unwrap_err().class(), "log/entries");
        assert!(append_entry(&mut bundle, &[0; 65_536]).is_err());
    }
}
