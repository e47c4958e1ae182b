//! The pages for each role and guides whose commands need nothing but our programs: run as they stand.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

use guichet_journeys::{
    display::Display,
    guide::{commands, commands_in_both, run},
    process::{Running, program},
    town::{OFFICES, Town},
};

#[test]
fn a_developer_s_ten_minutes() {
    let folder = tempfile::tempdir().unwrap();
    let script = commands_in_both("docs/roles/developer.md", "docs/roles/developer.zh-Hans.md").unwrap();
    let said = run(&script, folder.path(), &[]).unwrap();
    assert!(said.contains("gov.example.repairs"), "{said}");
    assert!(folder.path().join("repairs/dist/gov.example.repairs-1.ma").is_file());
}

#[test]
fn a_reviewer_s_key_is_made_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let script = commands_in_both("docs/roles/reviewer.md", "docs/roles/reviewer.zh-Hans.md").unwrap();
    let said = run(&script, folder.path(), &[]).unwrap();
    assert!(said.contains("ed25519:"), "{said}");
}

/// A kiosk begins with what the operator has made, and so does the guide on air gaps.
#[test]
fn an_operator_s_ten_minutes_a_kiosk_s_and_an_air_gap() {
    let folder = tempfile::tempdir().unwrap();
    let display = Display::start().unwrap();
    let screen = [("DISPLAY", display.name())];
    let script = commands_in_both("docs/roles/operator.md", "docs/roles/operator.zh-Hans.md").unwrap();
    let said = run(&script, folder.path(), &[]).unwrap();
    assert!(said.contains("http://"), "an invitation: {said}");
    assert!(folder.path().join("again/store.json").is_file());
    let script = commands_in_both("docs/roles/kiosk.md", "docs/roles/kiosk.zh-Hans.md").unwrap();
    run(&script, folder.path(), &screen).unwrap();
    assert!(folder.path().join("kiosk.png").is_file());

    let script = commands_in_both("docs/guides/air-gap.md", "docs/guides/air-gap.zh-Hans.md").unwrap();
    assert_eq!(script.matches("guichet-desktop").count(), 1, "{script}");
    // The window that stays is looked at and closed.
    let script = script.replace("--updates-from stick", "--updates-from stick --home hall --screenshot hall.png");
    fs::copy(folder.path().join("store/guichet.trust.json"), folder.path().join("guichet.trust.json")).unwrap();
    run(&script, folder.path(), &screen).unwrap();
    assert!(folder.path().join("hall.png").is_file());
}

#[test]
fn people_come_and_go_as_the_guide_says() {
    let folder = tempfile::tempdir().unwrap();
    let script =
        commands_in_both("docs/guides/people-and-roles.md", "docs/guides/people-and-roles.zh-Hans.md").unwrap();
    // Whoever is invited joins in the browser; here she is added, which the guide names as the other way.
    assert!(script.starts_with("guichet-store admin person invite "), "{script}");
    let script = script.replacen("person invite", "person add", 1);
    let guide = include_str!("../../../../docs/guides/people-and-roles.md");
    let (_, file) = guide.split_once("```json\n").unwrap();
    let (file, _) = file.split_once("```").unwrap();
    fs::write(folder.path().join("organisation.json"), file).unwrap();
    // The machine's token is of a developer, who has joined before.
    let before = "guichet-store init --dir store\n\
        guichet-store admin department add --dir store --id works --name-zh 市政 --name-en Works --prefix gov.example\n\
        guichet-store admin person add --dir store --name 'Rui Costa' --role developer --department works\n";
    run(&format!("{before}{script}"), folder.path(), &[]).unwrap();
    let record = fs::read_to_string(folder.path().join("audit.jsonl")).unwrap();
    assert!(record.contains("Ana Sousa"), "{record}");
}

/// A witness signs the log of a store that has released something, and a department hears of it.
#[test]
fn a_witness_and_a_monitor_do_as_the_guide_says() {
    let (english, chinese) = ("docs/guides/witness-and-monitor.md", "docs/guides/witness-and-monitor.zh-Hans.md");
    let script = commands_in_both(english, chinese).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES).unwrap();
    let (samples, package) = (Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap(), folder.path().join("permit.ma"));
    town.build("residence", &samples.join("residence-permit"), &package).unwrap();
    let submission = town.publish("residence", &package).unwrap();
    town.approve("residence", &submission).unwrap();

    // The two that stay: the witness answers on a free port, and the monitor looks once.
    let serves = "guichet-store witness serve --dir witness --listen 127.0.0.1:8481\n";
    let (before, after) = script.split_once(serves).unwrap_or_else(|| panic!("{script}"));
    let (signed, monitors) = after.split_at(after.find("guichet-store monitor ").unwrap());
    run(before, folder.path(), &[]).unwrap();
    let mut witness = program("guichet-store").unwrap();
    witness.args(["witness", "serve", "--dir", "witness", "--listen", "127.0.0.1:0"]).current_dir(folder.path());
    let mut witness = Running::start("witness", &mut witness).unwrap();
    let says = witness.line("listening on", Duration::from_secs(30)).unwrap();
    let url = says.split_whitespace().find(|word| word.contains("127.0.0.1:")).unwrap();
    let url = if url.starts_with("http") { url.to_owned() } else { format!("http://{url}") };
    run(&signed.replace("https://witness.audit.example", &url), folder.path(), &[]).unwrap();

    fs::copy(town.trust_file(), folder.path().join("guichet.trust.json")).unwrap();
    let officer = folder.path().join("tell-the-duty-officer");
    fs::write(&officer, "#!/bin/sh\ncat >> told.json\n").unwrap();
    fs::set_permissions(&officer, fs::Permissions::from_mode(0o755)).unwrap();
    run(&format!("{} --once", monitors.trim_end()), folder.path(), &[]).unwrap();
    let told = fs::read_to_string(folder.path().join("told.json")).unwrap();
    assert!(told.contains("gov.example.residence.permit"), "{told}");
    let shown = town.store(&["log", "show"]).unwrap();
    assert!(shown.contains("witness.audit.example"), "{shown}");
}

#[test]
fn a_folder_without_anything_gets_what_an_editor_needs() {
    let folder = tempfile::tempdir().unwrap();
    let script = commands_in_both("docs/guides/editors.md", "docs/guides/editors.zh-Hans.md").unwrap();
    run(&script, folder.path(), &[]).unwrap();
    let schema = fs::read_to_string(folder.path().join("manifest.schema.json")).unwrap();
    assert!(schema.contains("\"$schema\""), "{schema:.80}");
    assert!(folder.path().join("guichet-types/index.d.ts").is_file());
}

#[test]
fn the_command_line_is_completed_as_the_reference_says() {
    let folder = tempfile::tempdir().unwrap();
    let script = commands("docs/reference/cli.md").unwrap();
    let places = [".local/share/bash-completion/completions", ".zfunc", ".config/fish/completions"];
    for place in places {
        fs::create_dir_all(folder.path().join(place)).unwrap();
    }
    run(&script, folder.path(), &[]).unwrap();
    for place in places {
        let written = fs::read_dir(folder.path().join(place)).unwrap().next().unwrap().unwrap().path();
        assert!(fs::read_to_string(&written).unwrap().contains("publish"), "{}", written.display());
    }
}

#[test]
fn every_link_is_given_to_the_window_as_the_reference_says() {
    let folder = tempfile::tempdir().unwrap();
    let entry = "runtime/shell/guichet-desktop.desktop";
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(entry);
    fs::create_dir_all(folder.path().join("runtime/shell")).unwrap();
    fs::copy(ours, folder.path().join(entry)).unwrap();
    fs::create_dir(folder.path().join(".config")).unwrap();
    run(&commands("docs/reference/formats.md").unwrap(), folder.path(), &[]).unwrap();
    let asked = run("xdg-mime query default x-scheme-handler/guichet", folder.path(), &[]).unwrap();
    assert_eq!(asked.trim(), "guichet-desktop.desktop");
}

/// A session of the template's app is recorded, and the next version does one thing more when it is launched.
#[test]
fn a_session_is_recorded_and_played_again_as_the_guide_says() {
    let (english, chinese) = ("docs/guides/record-and-replay.md", "docs/guides/record-and-replay.zh-Hans.md");
    let script = commands_in_both(english, chinese).unwrap();
    let [record, again, changed, pages] = script.lines().collect::<Vec<_>>()[..] else { panic!("{script}") };
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("repairs");
    run("guichet new repairs --app-id gov.example.repairs --yes\nguichet build repairs", folder.path(), &[]).unwrap();

    let display = Display::start().unwrap();
    let screen = [("DISPLAY", display.name())];
    // The window that stays is looked at and closed.
    assert!(record.starts_with("guichet-desktop --open "), "{record}");
    run(&format!("{record} --screenshot hang.png"), &app, &screen).unwrap();
    let said = run(again, &app, &[]).unwrap();
    assert!(said.starts_with("the same: 1 sessions, "), "{said}");

    let edit = |file: &str, from: &str, to: &str| {
        let text = fs::read_to_string(app.join(file)).unwrap();
        assert!(text.contains(from), "{file}: {text}");
        fs::write(app.join(file), text.replacen(from, to, 1)).unwrap();
    };
    edit("manifest.json", r#""code": 1"#, r#""code": 2"#);
    edit("app.js", "reports: await reports() });", "reports: await reports(), open: true });");
    let differs = |line: &str| run(&format!("if {line}; then exit 9; else test $? = 1; fi"), &app, &[]).unwrap();
    let said = differs(changed);
    assert!(said.contains("the outputs differ\n  --> hang.journal:"), "{said}");
    // Of the logic, and of what the page has been told.
    assert!(differs(pages).contains("the outputs differ"), "{said}");
}
