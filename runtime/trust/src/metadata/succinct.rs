//! Hash bins named by one line: every path belongs to the bin its SHA-256 begins with (TAP 15, TUF 4.5).

use serde::{Deserialize, Serialize};

use super::{Delegation, Others};
use crate::{digest::Digest, refusal::Reason};

/// `2^bit_length` roles with the same signers, which share all paths of their delegator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuccinctRoles {
    /// Names of keys in the same document.
    pub keyids: Vec<String>,
    /// Signatures by this many different keys are required.
    pub threshold: u64,
    /// How many leading bits of a path's digest name its bin: 1 to 32.
    pub bit_length: u32,
    /// What all names begin with; `-` and the number of the bin in hexadecimal follow.
    pub name_prefix: String,
    /// Members that are not known here.
    #[serde(flatten)]
    pub others: Others,
}

impl SuccinctRoles {
    /// The bin of a path.
    pub fn bin(&self, path: &str) -> Delegation {
        let [a, b, c, d, ..] = *Digest::of(path.as_bytes()).as_bytes();
        self.delegation(u32::from_be_bytes([a, b, c, d]) >> (32 - self.bits()))
    }

    /// The bin of this name, if there is one.
    pub fn named(&self, role: &str) -> Option<Delegation> {
        let number = role.strip_prefix(self.name_prefix.as_str())?.strip_prefix('-')?;
        let bin = u32::from_str_radix(number, 16).ok()?;
        let exists = u64::from(bin) < 1 << self.bits() && self.name(bin) == role;
        exists.then(|| self.delegation(bin))
    }

    /// All bins in order.
    pub fn all(&self) -> impl Iterator<Item = Delegation> + '_ {
        (0..=u32::MAX >> (32 - self.bits())).map(|bin| self.delegation(bin))
    }

    pub(super) fn check(&self) -> Result<(), Reason> {
        if !(1..=32).contains(&self.bit_length) {
            return Err(Reason::Format(format!("its bins are told apart by {} bits, not 1 to 32", self.bit_length)));
        }
        super::listed(&self.name_prefix, &self.keyids, self.threshold)
    }

    /// What was checked, again: nothing here may ever shift by more than there is.
    fn bits(&self) -> u32 {
        self.bit_length.clamp(1, 32)
    }

    fn name(&self, bin: u32) -> String {
        let digits = self.bits().div_ceil(4) as usize;
        format!("{}-{bin:0digits$x}", self.name_prefix)
    }

    fn delegation(&self, bin: u32) -> Delegation {
        Delegation {
            name: self.name(bin),
            keyids: self.keyids.clone(),
            threshold: self.threshold,
            // TAP 15: a bin is the only place for its paths.
            terminating: true,
            paths: None,
            path_hash_prefixes: Some(self.prefixes(bin)),
            others: Others::new(),
        }
    }

    /// The bin in whole hexadecimal digits.
    fn prefixes(&self, bin: u32) -> Vec<String> {
        let digits = self.bits().div_ceil(4);
        let free = digits * 4 - self.bits();
        (0..1_u64 << free).map(|low| format!("{:01$x}", (u64::from(bin) << free) | low, digits as usize)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins(bit_length: u32) -> SuccinctRoles {
        let (keyids, name_prefix, others) = (Vec::new(), "bin".to_owned(), Others::new());
        SuccinctRoles { keyids, threshold: 1, bit_length, name_prefix, others }
    }

    #[test]
    fn every_path_has_one_bin_and_no_other_covers_it() {
        for bits in [1, 2, 3, 4, 5, 8, 10] {
            let bins = bins(bits);
            let all: Vec<_> = bins.all().collect();
            assert_eq!(all.len(), 1 << bits);
            for number in 0..64 {
                let path = format!("apps/residence/gov.example.{number}/stable.json");
                let bin = bins.bin(&path);
                let covering: Vec<_> = all.iter().filter(|it| it.covers(&path)).collect();
                assert_eq!(covering, [&bin], "{bits} bits, {path}");
                assert_eq!(bins.named(&bin.name), Some(bin));
            }
        }
    }

    #[test]
    fn a_bin_has_one_name() {
        // The example of TAP 15: 32 767 is the last of 2^15 bins, in four digits.
        assert_eq!(bins(15).all().last().map(|it| it.name), Some("bin-7fff".to_owned()));
        assert_eq!(bins(1).all().map(|it| it.name).collect::<Vec<_>>(), ["bin-0", "bin-1"]);
        for none in ["bin-8", "bin-08", "bin-", "bin", "bin-+1", "Bin-1", "bin-1 ", "bin-g", "b-1"] {
            assert_eq!(bins(3).named(none), None, "{none}");
        }
        assert_eq!(
            bins(32).named("bin-ffffffff").map(|it| it.path_hash_prefixes),
            Some(Some(vec!["ffffffff".to_owned()]))
        );
        assert_eq!(
            bins(5).named("bin-1f").and_then(|it| it.path_hash_prefixes),
            Some(vec!["f8", "f9", "fa", "fb", "fc", "fd", "fe", "ff"].into_iter().map(str::to_owned).collect())
        );
    }
}
