//! `bench refresh`: how many bytes of metadata a device fetches. Nothing is timed: the same store gives the same bytes.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

use super::{
    build,
    report::{Figure, Row, Spread},
};

/// Apps and departments; in the last two a department lists so much that it hands its list to hash bins.
const STORES: [(usize, usize); 6] =
    [(1_000, 10), (10_000, 100), (10_000, 200), (100_000, 1_000), (10_000, 1), (100_000, 10)];

pub(super) fn measure(root: &Path) -> Result<Vec<Row>> {
    let programs = build(root, &["-p", "guichet-trust", "--example", "refresh_bytes"])?;
    let numbers = STORES.iter().flat_map(|(apps, departments)| [apps.to_string(), departments.to_string()]);
    let output = Command::new(programs.join("examples/refresh_bytes")).args(numbers).output()?;
    if !output.status.success() {
        bail!("refresh_bytes failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let mut rows = Vec::new();
    for line in String::from_utf8(output.stdout)?.lines().skip(1) {
        let numbers: Vec<f64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [apps, departments, first, first_wire, returning, returning_wire] = numbers[..] else {
            bail!("refresh_bytes said `{line}`");
        };
        for (device, plain, wire) in [("first", first, first_wire), ("returning", returning, returning_wire)] {
            let note = format!("{plain} bytes as documents, {wire} compressed with zstd");
            for (form, bytes) in [("plain", plain), ("wire", wire)] {
                let figure = Figure::Value(Spread::of(vec![bytes]).context("one value")?);
                let what = format!("refresh/{device}-{form}-{apps}-apps-{departments}-departments");
                rows.push(Row { what, unit: "bytes", figure, n: 1, note: note.clone() });
            }
        }
    }
    Ok(rows)
}
