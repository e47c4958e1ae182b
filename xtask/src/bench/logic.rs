//! `bench logic`: logic ready to take its first event, beside native quickjs-ng that evaluates the same source.

use std::{fmt::Write as _, fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::{
    build, peers,
    report::{Figure, Row, Spread},
};
use crate::release;

const ROUNDS: usize = 61;
/// They warm the page cache, and do not count.
const WARM: usize = 5;
/// How long the large script is at least.
const LARGE_BYTES: usize = 500 << 10;

/// Milliseconds of one round.
#[derive(Deserialize)]
struct Round {
    pooled: f64,
    hello: f64,
    cold: f64,
    hello_cold: f64,
    large_cold: f64,
    large_pooled: f64,
    large_native: f64,
    component_pooled: f64,
    component_cold: f64,
    component_first: f64,
    check: f64,
    /// In budgets of an event.
    stopped: f64,
}

pub(super) fn measure(root: &Path) -> Result<Vec<Row>> {
    let quickjs = peers::quickjs(root)?;
    release::build(root)?;
    let programs = build(root, &["-p", "guichet-engine", "--example", "logic_ready"])?;
    let folder = root.join("target/bench/logic");
    fs::create_dir_all(&folder)?;
    let (small, large) = (folder.join("small.js"), folder.join("large.js"));
    fs::write(&small, "export const hello = () => 'hello';\n")?;
    fs::write(&large, large_script())?;
    let mut program = Command::new(programs.join("examples/logic_ready"));
    program.arg(&programs).arg(root.join("target/guests/test_guest.wasm")).arg(quickjs);
    let output = program.arg((WARM + ROUNDS).to_string()).args([small, large]).output();
    let output = output.context("cannot start the example")?;
    if !output.status.success() {
        bail!("failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    let lines = String::from_utf8(output.stdout)?;
    let rounds = lines.lines().map(serde_json::from_str).collect::<Result<Vec<Round>, _>>()?;
    let rounds = rounds.get(WARM..).context("too few rounds")?;
    rows(rounds)
}

fn rows(rounds: &[Round]) -> Result<Vec<Row>> {
    let spread = |of: fn(&Round) -> f64| Spread::of(rounds.iter().map(of).collect()).context("nothing was measured");
    let row = |what: &str, unit, figure, note: &str| {
        let (what, note) = (what.to_owned(), note.to_owned());
        Row { what, unit, figure, n: rounds.len(), note }
    };
    let ratio = |what, of, note| Ok::<_, anyhow::Error>(row(what, "wall time", Figure::Ratio(spread(of)?), note));
    let value = |what, of, note| Ok::<_, anyhow::Error>(row(what, "ms", Figure::Value(spread(of)?), note));
    Ok(vec![
        ratio(
            "js-hello/quickjs",
            |round| round.pooled / round.hello,
            "one line of JavaScript ready in a process that waited, from the image made at installation, which this host \
             has checked before, beside a native quickjs-ng process that runs it; ours behind its two walls, the peer \
             behind none",
        )?,
        ratio(
            "js-hello-cold/quickjs",
            |round| round.cold / round.hello_cold,
            "the same in a fresh process, behind the same walls",
        )?,
        ratio(
            "js-500k/quickjs",
            |round| round.large_cold / round.large_native,
            "500 KB of JavaScript ready in a fresh process behind its two walls, beside native quickjs-ng behind none evaluating the source",
        )?,
        ratio(
            "js-500k-pooled/quickjs",
            |round| round.large_pooled / round.large_native,
            "the same in one that waited, behind the same walls",
        )?,
        value(
            "component-ready",
            |round| round.component_pooled,
            "a component ready in a process that waited, behind its two walls; compiled at installation, its code authenticated before by this host, its file hashed when it was read",
        )?,
        value(
            "component-ready-first",
            |round| round.component_first,
            "the same the first time a host opens it, its code read and authenticated",
        )?,
        ratio(
            "stopped/budget",
            |round| round.stopped,
            "an event without end, from the moment it is given to a process until the host knows that it was ended, beside what its budget gives it; at most 2",
        )?,
        value("component-ready-cold", |round| round.component_cold, "the same in a fresh process")?,
        value("js-hello", |round| round.pooled, "ours, from the pool")?,
        value("js-hello-cold", |round| round.cold, "ours, fresh")?,
        value("js-500k", |round| round.large_cold, "ours, fresh")?,
        value("quickjs-hello", |round| round.hello, "the peer")?,
        value("quickjs-500k", |round| round.large_native, "the peer")?,
        value(
            "image-check-500k",
            |round| round.check,
            "hashing the image the first time a host meets it, in no row above",
        )?,
    ])
}

/// Modules as a bundler joins them: functions, classes, tables and texts, all of which are evaluated.
fn large_script() -> String {
    let mut script = String::new();
    for number in 0.. {
        if script.len() >= LARGE_BYTES {
            break;
        }
        let _ = write!(
            script,
            "const table{number} = {{ id: {number}, name: 'item {number}', tags: ['a{number}', 'b{number}'], price: {number}.5 }};\n\
             function compute{number}(a, b) {{\n  let sum = 0;\n  for (let i = a; i < b; i++) {{\n    if (i % 3 === 0) sum += i * {number};\n    \
             else sum -= table{number}.price;\n  }}\n  return {{ sum, label: `${{table{number}.name}}: ${{sum}}` }};\n}}\n\
             class Item{number} {{\n  constructor(value) {{ this.value = value; this.at = table{number}.id; }}\n  \
             twice() {{ return this.value * 2; }}\n  render(list) {{ return list.map((each) => `<li>${{each}}</li>`).join(''); }}\n}}\n\
             export const use{number} = () => [compute{number}(0, 9), new Item{number}({number}).twice()];\n"
        );
    }
    script
}
