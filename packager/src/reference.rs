//! The documents about the command line against the commands there are.

use std::{fs, path::Path};

use clap::{Arg, Command, CommandFactory as _};

use crate::args::Args;

fn document(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(path)).unwrap()
}

fn reference() -> String {
    document("reference/cli.md")
}

/// Each command that does something, with its path.
fn leaves(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
    if !command.has_subcommands() {
        found.push((path.to_owned(), command.clone()));
    }
    for child in command.get_subcommands() {
        leaves(child, &format!("{path} {}", child.get_name()), found);
    }
}

#[test]
fn every_command_and_flag_is_in_the_reference() {
    let reference = reference();
    let mut commands = Vec::new();
    leaves(&Args::command(), "guichet", &mut commands);
    assert!(commands.len() > 10);
    for (path, command) in &commands {
        let heading = format!("\n## `{path}`\n");
        let section = reference.split_once(&heading).map(|(_, rest)| rest.split("\n## ").next().unwrap_or(rest));
        let section = section.unwrap_or_else(|| panic!("docs/reference/cli.md has no section {heading}"));
        for argument in command.get_arguments() {
            check(path, argument, section);
        }
    }
}

fn check(path: &str, argument: &Arg, section: &str) {
    let words = match (argument.get_long(), argument.get_short()) {
        (Some(long), Some(short)) => vec![format!("--{long}"), format!("-{short} ")],
        (Some(long), None) => vec![format!("--{long}")],
        _ => argument.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect(),
    };
    for word in words {
        assert!(section.contains(&word), "the section `{path}` of docs/reference/cli.md does not mention {word}");
    }
}

#[test]
fn every_shared_flag_and_variable_is_in_the_reference() {
    let reference = reference();
    let shared = reference.split("\n## `guichet new`").next().unwrap_or_default();
    let program = Args::command();
    for argument in program.get_arguments() {
        check("shared", argument, shared);
    }
    let mut commands = Vec::new();
    leaves(&program, "guichet", &mut commands);
    for variable in commands.iter().flat_map(|(_, command)| command.get_arguments().filter_map(Arg::get_env)) {
        assert!(shared.contains(&format!("`{}`", variable.to_string_lossy())), "{}", variable.display());
    }
}

#[test]
fn the_reference_describes_no_command_that_is_gone() {
    let mut commands = Vec::new();
    leaves(&Args::command(), "guichet", &mut commands);
    for heading in reference().lines().filter_map(|line| line.strip_prefix("## `")) {
        let path = heading.trim_end_matches('`');
        if !path.starts_with("guichet ") {
            // Of another program.
            continue;
        }
        assert!(commands.iter().any(|(known, _)| known == path), "docs/reference/cli.md describes `{path}`");
    }
}

/// The command lines of a guide.
fn typed(guide: &str) -> Vec<String> {
    document(guide).lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect()
}

#[test]
fn the_guides_type_the_same_commands_and_all_of_them_parse() {
    let lines = typed("guides/first-app.md");
    assert_eq!(lines, typed("guides/first-app.zh-Hans.md"));
    let mut parsed = 0;
    for line in lines.iter().filter(|line| !line.starts_with("cargo ") && !line.contains("public()")) {
        let Some((_, words)) =
            line.split_once("guichet ").filter(|(before, _)| before.is_empty() || before.ends_with(' '))
        else {
            continue;
        };
        let words = words.split(" | ").next().unwrap_or_default().split_whitespace();
        let words = ["guichet"].into_iter().chain(words.map(|word| word.trim_matches('"')));
        if let Err(error) = Args::command().try_get_matches_from(words) {
            panic!("{line}\n{error}");
        }
        parsed += 1;
    }
    assert!(parsed > 10, "{parsed}");
}

/// Every document of the house and of the templates.
fn documents(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !name.starts_with('.') && !matches!(name, "target" | "node_modules" | "dist") {
            documents(&path, found);
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
}

/// What is typed in console blocks, in any document, is a command of this program.
#[test]
fn every_console_block_types_commands_that_there_are() {
    let mut found = Vec::new();
    for folder in ["../docs", "../host-apis", "../samples", "templates"] {
        documents(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    }
    let mut parsed = 0;
    for path in found {
        let text = fs::read_to_string(&path).unwrap();
        let blocks = text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
        let typed = blocks.flat_map(str::lines).map(|line| line.trim_start_matches("$ "));
        for line in typed.flat_map(|line| line.split(" && ")) {
            let Some(rest) = line.strip_prefix("guichet ") else { continue };
            let words = rest.split(['|', '>', '&']).next().unwrap_or_default().split_whitespace();
            let words = ["guichet"].into_iter().chain(words.map(|word| word.trim_matches('"')));
            // A template stands for an app with an id of its own.
            let words = words.map(|word| word.replace("__APP_ID__", "gov.example.app"));
            if let Err(error) = Args::command().try_get_matches_from(words) {
                panic!("{}: {line}\n{error}", path.display());
            }
            parsed += 1;
        }
    }
    assert!(parsed > 50, "{parsed}");
}
