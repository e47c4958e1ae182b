//! What the program writes about itself: manual pages, and what a shell needs to complete commands and flags.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use super::CommandLine;
use crate::error::{NotDone, StoreError};

#[derive(Debug, clap::Args)]
pub(super) struct ManArguments {
    /// A folder that `man` looks into, such as ~/.local/share/man; the pages go into its man1.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArguments {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Writes a page for the program and one for each command below it.
pub(super) fn man(ManArguments { directory }: ManArguments) -> Result<(), NotDone> {
    let section = directory.join("man1");
    fs::create_dir_all(&section).map_err(StoreError::file("make", &section))?;
    let pages = pages(&section)?;
    for (name, page) in &pages {
        let path = section.join(name);
        fs::write(&path, page).map_err(StoreError::file("write", &path))?;
    }
    println!("wrote {} manual pages into {}; next: man guichet-store", pages.len(), section.display());
    Ok(())
}

/// Writes the script to standard output.
pub(super) fn completions(CompletionsArguments { shell }: &CompletionsArguments) {
    let mut bytes = Vec::new();
    clap_complete::generate(*shell, &mut program(), "guichet-store", &mut bytes);
    // Nobody reads it any more: nothing is lost.
    let _ = std::io::stdout().write_all(&bytes);
}

fn program() -> clap::Command {
    CommandLine::command().disable_help_subcommand(true)
}

fn pages(section: &Path) -> Result<Vec<(String, Vec<u8>)>, NotDone> {
    let mut program = program();
    program.build();
    let (mut pages, mut commands) = (Vec::new(), vec![program]);
    while let Some(command) = commands.pop() {
        commands.extend(command.get_subcommands().cloned());
        let man = Man::new(command).manual("Guichet");
        let mut page = Vec::new();
        man.render(&mut page).map_err(StoreError::file("write", section))?;
        pages.push((man.get_filename(), page));
    }
    pages.sort();
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(command: &clap::Command, pages: &[(String, Vec<u8>)]) {
        let name = command.get_display_name().unwrap_or_else(|| command.get_name());
        let file = format!("{name}.1");
        let page = pages.iter().find(|(known, _)| *known == file).map(|(_, page)| String::from_utf8_lossy(page));
        let page = page.unwrap_or_else(|| panic!("{file} is missing"));
        assert!(command.get_about().is_some(), "{name} does not say what it does");
        for flag in command.get_arguments().filter_map(|argument| argument.get_long()) {
            assert!(page.contains(&format!("\\-\\-{}", flag.replace('-', "\\-"))), "{file} does not name --{flag}");
        }
        for child in command.get_subcommands() {
            check(child, pages);
        }
    }

    #[test]
    fn every_command_has_a_page_that_names_its_flags() {
        let pages = pages(Path::new("man1")).unwrap();
        let mut program = program();
        program.build();
        check(&program, &pages);
        assert!(pages.iter().any(|(name, _)| name == "guichet-store-keys-reviewer-add.1"), "{pages:?}");
    }

    #[test]
    fn every_shell_gets_every_command() {
        for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
            let mut bytes = Vec::new();
            clap_complete::generate(shell, &mut program(), "guichet-store", &mut bytes);
            let script = String::from_utf8(bytes).unwrap();
            for command in program().get_subcommands() {
                assert!(script.contains(command.get_name()), "{shell} does not know {}", command.get_name());
            }
        }
    }
}
