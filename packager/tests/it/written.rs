//! What the program writes about itself: completions, manual pages, the manifest's schema, the types of the host APIs.

use std::{collections::BTreeSet, fs, process::Command};

use crate::program::Desk;

/// The commands that the help names.
fn commands(desk: &Desk) -> Vec<String> {
    let help = desk.ok(&["-h"]);
    let listed = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
    listed.lines().map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

/// What bash would offer for the last of these words.
fn offered(desk: &Desk, words: &[&str]) -> BTreeSet<String> {
    let [.., before, last] = words else { panic!("two words or more") };
    let script = format!(
        "source guichet.bash; COMP_WORDS=({}); COMP_CWORD={}; _guichet guichet '{last}' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
        words.len() - 1
    );
    let output = Command::new("bash").args(["--norc", "-c", &script]).current_dir(desk.path("")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_flags_and_values() {
    let desk = Desk::new();
    desk.write("guichet.bash", desk.ok(&["completions", "bash"]));
    let all = offered(&desk, &["guichet", ""]);
    for command in commands(&desk) {
        assert!(all.contains(&command), "{command} is not offered: {all:?}");
    }
    assert_eq!(offered(&desk, &["guichet", "rev"]), ["revert", "review"].map(str::to_owned).into());
    assert_eq!(offered(&desk, &["guichet", "review", "appr"]), BTreeSet::from(["approve".to_owned()]));
    assert!(offered(&desk, &["guichet", "check", "--"]).contains("--fix"));
    let templates = offered(&desk, &["guichet", "new", "--template", ""]);
    assert_eq!(templates, ["component", "page", "vue"].map(str::to_owned).into());
}

#[test]
fn every_shell_gets_every_command_in_both_languages() {
    let desk = Desk::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        for lang in ["en", "zh"] {
            let script = desk.ok(&["--lang", lang, "completions", shell]);
            for command in commands(&desk) {
                assert!(script.contains(&command), "{shell} does not know {command}");
            }
        }
    }
    assert!(desk.ok(&["--lang", "zh", "completions", "fish"]).contains("查看提交进行到哪一步"));
    assert_eq!(desk.json(&["completions", "zsh"])["shell"], "zsh");
    insta::assert_snapshot!(desk.run(&["completions", "tcsh"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error: invalid value 'tcsh' for '<SHELL>'
      [possible values: bash, elvish, fish, powershell, zsh]

      tip: a similar value exists: 'zsh'

    For more information, try '--help'.
    ");
}

#[test]
fn manual_pages_are_written_where_man_looks() {
    let desk = Desk::new();
    let said = desk.run(&["man", "share"]);
    assert!(said.ends_with("manual pages into share/man1; next: man guichet"), "{said}");
    let written = desk.json(&["--lang", "zh", "man", "share"]);
    let of = |folder: &str| {
        let names = fs::read_dir(desk.path(folder)).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).collect::<BTreeSet<_>>()
    };
    let english = of("share/man1");
    assert_eq!(english, of("share/zh_CN/man1"));
    assert_eq!(written["files"].as_array().unwrap().len(), english.len());
    assert!(english.contains("guichet.1") && english.contains("guichet-review-approve.1"), "{english:?}");
    assert!(desk.read("share/man1/guichet-key-new.1").contains("guichet\\-key\\-new"));
    assert!(desk.read("share/zh_CN/man1/guichet-check.1").contains("说出商店会说的一切"));
}

#[test]
fn a_page_that_cannot_be_written_is_named() {
    let desk = Desk::new();
    desk.write("share", "a file");
    insta::assert_snapshot!(desk.run(&["man", "share"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[file/unwritable]: could not write the file: Not a directory (os error 20)
      --> share/man1
      hint: see that the folder is there, that you may write to it and that the disk is not full
    ");
}

#[test]
fn the_schema_is_one_json_document_either_way() {
    let desk = Desk::new();
    let schema: serde_json::Value = serde_json::from_str(&desk.ok(&["schema"])).unwrap();
    assert_eq!(schema, desk.json(&["schema"]));
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    desk.ok(&["new", "app", "--app-id", "gov.example.repairs"]);
    assert_eq!(desk.read("app/manifest.schema.json"), desk.ok(&["schema"]));
}

#[test]
fn the_schema_of_a_template_is_not_packed_and_its_name_disturbs_nobody() {
    let desk = Desk::with_app();
    let built = desk.json(&["build", "app"]);
    assert_eq!(built["notes"], serde_json::json!([]));
    let inspected = desk.json(&["inspect", built["file"].as_str().unwrap()]);
    let files = inspected["files"].as_array().unwrap();
    assert!(files.iter().all(|file| file["path"] != "manifest.schema.json"), "{files:?}");
}

#[test]
fn types_come_as_a_package_for_npm() {
    let desk = Desk::new();
    insta::assert_snapshot!(desk.run(&["types"]), @r"
    exit: 0
    ----- stdout
    ----- stderr
    wrote the types into guichet-types; next: npm install --save-dev ./guichet-types
    ");
    let package: serde_json::Value = serde_json::from_str(&desk.read("guichet-types/package.json")).unwrap();
    assert_eq!((&package["name"], &package["types"]), (&"guichet-types".into(), &"index.d.ts".into()));
    assert_eq!(package["version"], desk.json(&["types"])["version"]);
    assert!(desk.read("guichet-types/index.d.ts").contains("declare const guichet"));
    desk.ok(&["new", "app", "--app-id", "gov.example.repairs"]);
    assert_eq!(desk.read("guichet-types/index.d.ts"), desk.read("app/guichet.d.ts"));
}
