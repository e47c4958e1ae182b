//! Whether something grows: the end of a run beside its beginning, once all is warm.

use std::fmt;

use crate::census::Census;

/// Fewer rounds say nothing.
pub(crate) const LEAST: usize = 6;

/// The first rounds fill what is filled once: caches of the engine, heaps, each app's file.
fn warm_up(rounds: usize) -> usize {
    (rounds / 5).clamp(2, 10)
}

/// One thing that is counted, and by how much it may differ at the end.
struct Measure {
    name: &'static str,
    unit: &'static str,
    of: fn(&Census) -> u64,
    /// Always.
    least: u64,
    /// And for every visit between beginning and end, in hundredths.
    per_visit: u64,
}

/// Processes, threads and files that one visit leaves behind would be one for every visit, so nothing may be more at the end; a
/// handful is what comes and goes at any moment. Memory is never twice the same: a heap has holes, the engine collects when
/// it likes. What is allowed beyond that is 4 KiB of the host and 16 KiB of all for a visit: at a counter with 500 visits a day
/// 2 MiB and 8 MiB.
const MEASURES: [Measure; 10] = [
    Measure { name: "processes", unit: "", of: |census| census.processes, least: 0, per_visit: 0 },
    Measure { name: "processes that draw", unit: "", of: |census| census.drawing, least: 0, per_visit: 0 },
    Measure { name: "threads", unit: "", of: |census| census.threads, least: 8, per_visit: 0 },
    Measure { name: "threads of the host", unit: "", of: |census| census.host_threads, least: 4, per_visit: 0 },
    Measure { name: "descriptors", unit: "", of: |census| census.descriptors, least: 8, per_visit: 0 },
    Measure { name: "descriptors of the host", unit: "", of: |census| census.host_descriptors, least: 4, per_visit: 0 },
    Measure { name: "memory", unit: " KiB", of: |census| census.memory, least: 16 << 10, per_visit: 1600 },
    Measure {
        name: "memory of the host",
        unit: " KiB",
        of: |census| census.host_memory,
        least: 2 << 10,
        per_visit: 400,
    },
    Measure { name: "files", unit: "", of: |census| census.files, least: 0, per_visit: 0 },
    Measure { name: "disk", unit: " KiB", of: |census| census.disk, least: 256, per_visit: 0 },
];

/// What became of one measure.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) name: &'static str,
    unit: &'static str,
    begin: u64,
    end: u64,
    most: u64,
}

impl Verdict {
    /// Whether it is more at the end than it may be.
    pub(crate) fn has_grown(&self) -> bool {
        self.end > self.begin.saturating_add(self.most)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, unit, begin, end, most } = self;
        let grown = i128::from(*end) - i128::from(*begin);
        let said = if self.has_grown() { "GROWN" } else { "ok" };
        write!(f, "{name:<24} {begin:>8} -> {end:>8}{unit}  {grown:+}, at most {most:+}  {said}")
    }
}

/// Compares the medians of the first and the last third of the rounds after those that warm; nothing if there are too few.
pub(crate) fn judge(counted: &[Census], apps: usize) -> Vec<Verdict> {
    if counted.len() < LEAST {
        return Vec::new();
    }
    let counted = counted.get(warm_up(counted.len())..).unwrap_or_default();
    let third = counted.len().div_ceil(3);
    let (begin, end) = (&counted[..third], &counted[counted.len() - third..]);
    let visits = ((counted.len() - third) * apps) as u64;
    MEASURES
        .iter()
        .map(|Measure { name, unit, of, least, per_visit }| Verdict {
            name,
            unit,
            begin: median(begin.iter().map(of)),
            end: median(end.iter().map(of)),
            most: (*least).max(visits * per_visit / 100),
        })
        .collect()
}

fn median(values: impl Iterator<Item = u64>) -> u64 {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grown(rounds: u64, change: impl Fn(&mut Census, u64)) -> Vec<&'static str> {
        let counted: Vec<_> = (0..rounds)
            .map(|round| {
                // A window that takes its time to become warm, and is never twice the same.
                let warm = 40_000 * round.min(2) + 900 * (round % 3);
                let mut census = Census {
                    processes: 24,
                    descriptors: 900 + round % 2,
                    memory: 400_000 + warm,
                    host_memory: 60_000 + warm / 40,
                    ..Census::default()
                };
                change(&mut census, round);
                census
            })
            .collect();
        judge(&counted, 24).iter().filter(|verdict| verdict.has_grown()).map(|verdict| verdict.name).collect()
    }

    #[test]
    fn what_is_warm_and_stays_so_has_not_grown() {
        for rounds in [6, 10, 50] {
            assert!(grown(rounds, |_, _| ()).is_empty(), "{rounds}");
        }
    }

    #[test]
    fn what_each_round_leaves_behind_is_growth() {
        for rounds in [10, 50] {
            assert_eq!(grown(rounds, |census, round| census.processes += round), ["processes"]);
            assert_eq!(grown(rounds, |census, round| census.descriptors += 24 * round), ["descriptors"]);
            assert_eq!(grown(rounds, |census, round| census.host_memory += 24 * 32 * round), ["memory of the host"]);
            assert_eq!(grown(rounds, |census, round| census.memory += 24 * 256 * round), ["memory"]);
        }
        assert_eq!(grown(50, |census, round| census.host_descriptors += round), ["descriptors of the host"]);
    }

    #[test]
    fn too_few_rounds_say_nothing() {
        assert!(judge(&vec![Census::default(); LEAST - 1], 24).is_empty());
    }
}
