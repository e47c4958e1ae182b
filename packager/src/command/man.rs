//! `guichet man`: a manual page for each command, where `man` finds it.

use std::{fs, io, path::Path};

use clap::Command;
use clap_mangen::Man;
use serde::Serialize;

use crate::{exit_status::ExitStatus, failure::Failure, lang::Lang, message::Message, printer::Printer};

#[derive(Serialize)]
struct Written {
    directory: String,
    files: Vec<String>,
}

/// Writes the pages below a folder that `man` looks into, each language into its own part.
pub(crate) fn run(folder: &Path, program: Command, printer: Printer) -> Result<ExitStatus, Failure> {
    let section = folder.join(match printer.lang {
        Lang::En => "man1",
        Lang::Zh => "zh_CN/man1",
    });
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| Failure::Write { path, source }
    };
    let pages = pages(program).map_err(failed(&section))?;
    fs::create_dir_all(&section).map_err(failed(&section))?;
    for (name, page) in &pages {
        let path = section.join(name);
        fs::write(&path, page).map_err(failed(&path))?;
    }
    let written =
        Written { directory: section.display().to_string(), files: pages.into_iter().map(|(name, _)| name).collect() };
    printer.say(&Message::ManWritten { directory: written.directory.clone(), pages: written.files.len() });
    if printer.json {
        printer.result(&written, |_| String::new());
    }
    Ok(ExitStatus::Done)
}

/// One page for the program and one for each command below it, by file name.
fn pages(program: Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut program = program.disable_help_subcommand(true);
    program.build();
    let mut pages = Vec::new();
    let mut commands = vec![program];
    while let Some(command) = commands.pop() {
        commands.extend(command.get_subcommands().cloned());
        let man = Man::new(command).manual("Guichet");
        let mut page = Vec::new();
        man.render(&mut page)?;
        pages.push((man.get_filename(), page));
    }
    pages.sort();
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::{args::Args, help_zh};

    fn check(command: &Command, pages: &[(String, Vec<u8>)]) {
        let name = command.get_display_name().unwrap_or_else(|| command.get_name());
        let file = format!("{name}.1");
        let page = pages.iter().find(|(known, _)| *known == file).map(|(_, page)| String::from_utf8_lossy(page));
        let page = page.unwrap_or_else(|| panic!("{file} is missing"));
        assert!(page.contains(&format!(".TH {name} 1")), "{page}");
        for flag in command.get_arguments().filter_map(|argument| argument.get_long()) {
            let written = format!("\\-\\-{}", flag.replace('-', "\\-"));
            assert!(page.contains(&written), "{file} does not name --{flag}\n{page}");
        }
        for child in command.get_subcommands() {
            check(child, pages);
        }
    }

    #[test]
    fn every_command_has_a_page_that_names_its_flags() {
        for program in [Args::command(), help_zh::translate(Args::command())] {
            let pages = pages(program.clone()).unwrap();
            let mut program = program.disable_help_subcommand(true);
            program.build();
            check(&program, &pages);
        }
    }
}
