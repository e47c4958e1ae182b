//! The guide *Your first app*, its commands run as they stand, in both languages.

use std::{fs, path::Path, process::Command, time::Duration};

use guichet_journeys::{
    display::Display,
    process::{Running, programs},
};

/// What the guide's last step leaves running is ended by the script itself.
const DEADLINE: Duration = Duration::from_secs(180);

/// The commands of a guide's console blocks, the first block (building the programs) left out.
fn commands(guide: &str) -> String {
    let blocks = guide.split("```console\n").skip(2).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines).filter_map(|line| line.strip_prefix("$ "));
    lines.collect::<Vec<_>>().join("\n")
}

/// After the window was started, the script waits until the app is open; after the last release, until it has arrived.
fn script(guide: &str) -> String {
    let mut script = String::from(
        "set -euo pipefail\nuntil_in() { timeout 60 bash -c \"until grep -q '$2' $1; do sleep 0.1; done\"; }\n",
    );
    for line in commands(guide).lines() {
        if line.starts_with("kill %1") {
            script += "until_in home/apps/gov.example.repairs/state.json '\"staged\":2'\n";
            script += "GUICHET_TOKEN=$developer guichet status \"$submission\"\nkill %2\n";
        }
        match line.strip_prefix("guichet-desktop").and_then(|rest| rest.strip_suffix(" &")) {
            Some(rest) => {
                script += &format!("guichet-desktop{rest} --refresh-seconds 1 > window.log 2>&1 &\n");
                script += "until_in window.log 'opened gov.example.repairs'\n";
            }
            None => script += &format!("{line}\n"),
        }
    }
    script
}

fn replay(guide: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().parent().unwrap();
    let guide = fs::read_to_string(root.join("docs/guides").join(guide)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let display = Display::start().unwrap();
    let path = std::env::join_paths(
        std::iter::once(programs().unwrap()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut bash = Command::new("bash");
    bash.args(["-c", &script(&guide)])
        .current_dir(folder.path())
        .env("PATH", path.unwrap())
        .env("DISPLAY", display.name());
    bash.env("GUICHET_TOKEN", "").env_remove("GUICHET_STORE_URL");
    let mut bash = Running::start("bash", &mut bash).unwrap();
    let status = bash.wait_until(DEADLINE).unwrap();
    assert!(
        status.success(),
        "{}\n{}",
        bash.said(),
        fs::read_to_string(folder.path().join("first-app/window.log")).unwrap_or_default()
    );
    assert!(bash.said().contains("gov.example.repairs"), "{}", bash.said());
}

/// One test for both: they use the store's own port.
#[test]
fn the_guides_work_as_they_are_written() {
    replay("first-app.md");
    replay("first-app.zh-Hans.md");
}
