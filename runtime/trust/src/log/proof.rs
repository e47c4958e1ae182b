//! Proofs that go with what they prove (`c2sp.org/tlog-proof@v1`): a leaf's path and the checkpoint it leads to.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    LogReason, Policy, SignedNote, Witnessed,
    checkpoint::{decimal, decode, encode},
    leaf_hash,
    note::MAX_NOTE,
    verify_inclusion,
};
use crate::{Refusal, digest::Digest};

/// The most hashes a path has.
pub const MAX_HASHES: usize = 63;
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A proof that has been read and not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// The bytes of the leaf. They are believed only when the path leads from them to a believed root.
    pub leaf: Vec<u8>,
    /// The number of the leaf, from 0.
    pub index: u64,
    /// From the leaf's sibling to the root's child.
    pub path: Vec<Digest>,
    /// The checkpoint.
    pub note: SignedNote,
}

impl LogProof {
    /// The text of the file. The leaf stands on the `extra` line, which is what is needed to make the record's hash.
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\nextra {}\nindex {}\n", STANDARD.encode(&self.leaf), self.index);
        for hash in &self.path {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}", encode(hash));
        }
        text.push('\n');
        text.push_str(&self.note.to_text());
        text
    }

    /// Reads the file, at most twice [`MAX_NOTE`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let malformed = |why| Refusal::from(LogReason::Proof(why));
        if bytes.len() > 2 * MAX_NOTE {
            return Err(malformed("it is too long"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
        let (head, note) = text.split_once("\n\n").ok_or_else(|| malformed("it has no checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(malformed("it does not begin with `c2sp.org/tlog-proof@v1`"));
        }
        let leaf = lines.next().and_then(|line| STANDARD.decode(line.strip_prefix("extra ")?).ok());
        let leaf = leaf.ok_or_else(|| malformed("its leaf is not there"))?;
        let index = lines.next().and_then(|line| decimal(line.strip_prefix("index ")?));
        let index = index.ok_or_else(|| malformed("its index is not there"))?;
        let path = lines.map(|line| decode(line).ok_or_else(|| malformed("a line of its path is no hash")));
        let path: Vec<_> = path.take(MAX_HASHES + 1).collect::<Result<_, _>>()?;
        if path.len() > MAX_HASHES {
            return Err(malformed("its path is too long"));
        }
        Ok(Self { leaf, index, path, note: SignedNote::parse(note.as_bytes())? })
    }

    /// Checks the whole proof. The leaf of the proof is in the tree that is returned.
    pub fn verify(&self, policy: &Policy) -> Result<Witnessed, Refusal> {
        let witnessed = policy.open(&self.note)?;
        let tree = &witnessed.checkpoint;
        verify_inclusion(&leaf_hash(&self.leaf), self.index, tree.size, &self.path, &tree.root)?;
        Ok(witnessed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        log::{Frontier, LogSigner, Quorum, inclusion_proof, root},
        sign::SecretKey,
    };

    const LEAVES: [&[u8]; 5] = [b"one", b"two", b"three", b"four", b"five"];

    fn node(level: u8, index: u64) -> Result<Digest, Refusal> {
        let mut part = Frontier::new();
        let (low, high) = ((index as usize) << level, (index as usize + 1) << level);
        LEAVES[low..high].iter().for_each(|leaf| part.append(leaf_hash(leaf)));
        Ok(part.root())
    }

    fn log() -> LogSigner {
        LogSigner::new("log.example", SecretKey::generate([1; 32])).unwrap()
    }

    fn policy() -> Policy {
        Policy::new(log().key().clone(), Vec::new(), Quorum::majority(0)).unwrap()
    }

    fn proof(index: u64) -> LogProof {
        let note = log().sign(5, root(5, &mut node).unwrap());
        let path = inclusion_proof(index, 5, &mut node).unwrap();
        LogProof { leaf: LEAVES[index as usize].to_vec(), index, path, note }
    }

    #[test]
    fn a_proof_reads_back_and_proves() {
        for index in 0..5 {
            let proof = proof(index);
            let read = LogProof::parse(proof.to_text().as_bytes()).unwrap();
            assert_eq!(read, proof);
            assert_eq!(read.verify(&policy()).unwrap().checkpoint.size, 5);
        }
        insta::assert_snapshot!(proof(4).to_text(), @r"
        c2sp.org/tlog-proof@v1
        extra Zml2ZQ==
        index 4
        zY1lN35vrXYAPixXSd59LsU29xUJtuW4o2dNNg5Y2Co=

        log.example
        5
        gy5gl3aksFyiCO95a/1vLXz88A3dRq+0l9Sxte8ZqZQ=

        — log.example HMdY+aXDKdVUHzwK6KjcBtgQhMpxDOAopXEZi9DDmNd32V5RSa0eeDmBtEsTusckn9x9tXvzMBz9PBP54OYW9KupXQw=
        ");
    }

    #[test]
    fn another_leaf_index_or_path_is_refused() {
        let good = proof(2);
        let class = |proof: LogProof| proof.verify(&policy()).unwrap_err().class();
        assert_eq!(class(LogProof { leaf: b"other".to_vec(), ..good.clone() }), "log/inclusion");
        assert_eq!(class(LogProof { index: 3, ..good.clone() }), "log/inclusion");
        assert_eq!(class(LogProof { index: 5, ..good.clone() }), "log/inclusion");
        assert_eq!(class(LogProof { path: Vec::new(), ..good.clone() }), "log/inclusion");
        // The same path leads to the same root in a tree of another size: size and root come from one checkpoint.
        let smaller = log().sign(4, root(5, &mut node).unwrap());
        assert_eq!(class(LogProof { note: smaller, ..proof(4) }), "log/inclusion");
    }

    #[test]
    fn every_flipped_bit_of_a_proof_is_noticed() {
        let text = proof(2).to_text().into_bytes();
        for bit in 0..text.len() * 8 {
            let mut altered = text.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let judged = LogProof::parse(&altered).and_then(|proof| proof.verify(&policy()));
            assert!(judged.is_err(), "bit {bit}");
        }
    }

    #[test]
    fn malformed_proofs_are_refused() {
        let good = proof(2).to_text();
        let hash = encode(&Digest::of(b""));
        for (from, to) in [
            ("@v1", "@v2"),
            ("extra ", "Extra "),
            ("index 2", "index 02"),
            ("index 2\n", ""),
            ("index 2\n", "index 2\nAAAA\n"),
            ("index 2\n", &format!("index 2\n{}", format!("{hash}\n").repeat(64))),
            ("\n\n", "\n"),
        ] {
            let refused = LogProof::parse(good.replacen(from, to, 1).as_bytes()).map_err(|refusal| refusal.class());
            assert_eq!(refused.map(|_| ()), Err("log/proof"), "{from} to {to:.40}");
        }
        assert_eq!(LogProof::parse(b"").unwrap_err().class(), "log/proof");
        assert_eq!(LogProof::parse(&vec![b'x'; 2 * MAX_NOTE + 1]).unwrap_err().class(), "log/proof");
    }
}
