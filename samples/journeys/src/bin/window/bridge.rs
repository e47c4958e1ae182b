//! 100 bytes from a page to its logic and back, beside a raw message from a page to a host and back.

use std::process::Command;

use anyhow::{Context, Result};
use guichet_journeys::{
    display::Display,
    look::look,
    process::{must, program},
};
use serde_json::{Value, json};

use crate::{Arguments, open::in_a_sandbox, page, spoken::Spoken};

/// Fewer than the messages a page may send in one second: beyond them the measure would be that limit.
const ROUNDS: usize = 1000;

/// The first ones, each in a frame of its own as in the bare window, warm both sides while the window is drawn, and do not
/// count. Browsers give times in whole milliseconds, so all are timed at once.
const SCRIPT: &str = "const text = 'x'.repeat(100);
const frame = () => new Promise(requestAnimationFrame);
addEventListener('load', async () => {
  for (let count = 0; count < 50; count += 1) {
    await frame();
    await guichet.logic.call('echo', text);
  }
  const begun = performance.now();
  for (let count = 0; count < ROUNDS; count += 1) await guichet.logic.call('echo', text);
  console.log(`took ${performance.now() - begun}`);
});
";

const LOGIC: &str = "export const echo = (text) => text;\n";

pub(crate) fn measure(arguments: &Arguments) -> Result<Value> {
    let folder = tempfile::tempdir()?;
    let display = Display::start()?;
    let (source, package) = (folder.path().join("echo"), folder.path().join("echo.ma"));
    let script = SCRIPT.replace("ROUNDS", &ROUNDS.to_string());
    page::app(&source, "gov.example.residence.echo", &[], &script, Some(LOGIC))?;
    must(program("guichet")?.env_remove("GUICHET_KEY").arg("build").arg(&source).arg("-o").arg(&package))?;
    let (mut ours, mut raw) = (vec![], vec![]);
    for _ in 0..arguments.rounds {
        let looked = look(&display, &package, "echo", &[])?;
        let console = looked.report["console"].as_array().context("no console in the report")?;
        let took = console.iter().filter_map(Value::as_str).find_map(|line| line.strip_prefix("took "));
        let took = took.with_context(|| format!("the page did not say how long it took: {}", looked.report))?;
        ours.push(took.parse::<f64>()? / ROUNDS as f64);

        let mut command = Command::new(&arguments.bare);
        let bare = Spoken::start(in_a_sandbox(command.args(["bridge", &ROUNDS.to_string()]), &display))?;
        let (_, line) = bare.line("")?;
        raw.push(line.parse::<f64>()? / ROUNDS as f64);
        bare.stop()?;
    }
    Ok(json!({"ours": ours, "raw": raw}))
}
