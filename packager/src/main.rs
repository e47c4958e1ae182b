//! `guichet`: what a department developer and a reviewer type.

mod args;
mod check;
mod check_view;
mod command;
mod dev;
mod diff_view;
mod doctor;
mod exit_status;
mod failure;
mod glass;
mod help_zh;
mod inspect_view;
mod journey;
mod key;
mod key_file;
mod lang;
mod message;
mod metadata;
mod mirror;
mod on_disk;
mod package_view;
mod printer;
mod project;
mod proposal;
mod qr;
#[cfg(test)]
mod reference;
mod refusal_zh;
mod release_view;
mod settings;
mod signing;
mod store;
mod submission_view;
mod table;
mod template;
mod web;

use std::{env, ffi::OsString, process::ExitCode};

use clap::{CommandFactory as _, FromArgMatches as _, ValueEnum as _, error::ErrorKind};

use crate::{
    args::{Args, Command, KeyCommand, PolicyCommand, ReviewCommand},
    exit_status::ExitStatus,
    failure::Failure,
    lang::Lang,
    printer::Printer,
    settings::{Judge, NewSettings},
};

fn main() -> ExitCode {
    ExitCode::from(run(env::args_os().collect()).code())
}

fn run(words: Vec<OsString>) -> ExitStatus {
    let lang = spoken(&words);
    let parsed = program(lang).try_get_matches_from(&words).and_then(|matches| Args::from_arg_matches(&matches));
    let args = match parsed {
        Ok(args) => args,
        Err(error) => return usage(&error, words.iter().any(|word| word == "--json")),
    };
    let printer = settings::printer(&args.common);
    match dispatch(args.command, printer) {
        Ok(status) => status,
        Err(failure) => {
            printer.fail(&failure);
            failure.status()
        }
    }
}

fn dispatch(command: Command, printer: Printer) -> Result<ExitStatus, Failure> {
    match command {
        Command::New(args) => command::new::run(NewSettings::resolve(args)?, printer),
        Command::Build(args) => match &args.check {
            Some(file) => command::rebuild::run(&args.directory, file, printer),
            None => {
                let from = settings::from(&args)?;
                let (output, key) = (args.output.as_deref(), args.key.as_deref());
                command::build::run(&args.directory, from.as_ref(), output, key, printer)
            }
        },
        Command::Check(args) => command::check::run(&settings::check(args), printer),
        Command::Dev(args) => command::dev::run(&settings::dev(args, printer.lang), printer),
        Command::Preview(args) => {
            let pairings = settings::pairings()?;
            match (args.terminals, &args.end) {
                (true, _) => command::preview::terminals(&pairings, printer),
                (_, Some(terminal)) => command::preview::end(&pairings, terminal, printer),
                _ => command::preview::run(&settings::preview(args, pairings), printer),
            }
        }
        Command::Doctor(args) => command::doctor::run(&settings::doctor(args), printer),
        Command::Test(args) => command::test::run(settings::test(args)?, printer),
        Command::Key(KeyCommand::New(args)) => command::key::create(&args.key, printer),
        Command::Key(KeyCommand::Show(args)) => command::key::show(&args.key, printer),
        Command::Key(KeyCommand::List(args)) => command::key::list(args.uri.as_deref(), printer),
        Command::Seal(args) => command::seal::run(&args.file, &args.key, args.output.as_deref(), printer),
        Command::Verify(args) => command::verify::run(&args.file, &Judge::resolve(&args)?, settings::now_ms(), printer),
        Command::Inspect(args) => command::inspect::run(&args.file, args.keys.as_deref(), printer),
        Command::Diff(args) => command::diff::run(&args.old, &args.new, printer),
        Command::Address(args) => command::address::run(&args, printer),
        Command::Import(args) => command::import::run(&args.file, args.output.as_deref(), printer),
        Command::Replay(args) => command::replay::run(&args.file, args.package.as_deref(), args.glass, printer),
        Command::Publish(args) => {
            let kind = command::publish::Kind { draft: args.draft, replaces: args.replaces };
            command::publish::run(&args.file, &kind, args.tests.as_deref(), &settings::store(&args.store)?, printer)
        }
        Command::HandIn(args) => command::draft::hand_in(&args.id, &settings::store(&args.store)?, printer),
        Command::Trial(args) => {
            command::draft::try_out(&args.id, &args.testers, &settings::store(&args.store)?, printer)
        }
        Command::Withdraw(args) => command::draft::withdraw(&args.id, &settings::store(&args.store)?, printer),
        Command::Archive(args) => command::draft::archive(&args.id, &settings::store(&args.store)?, printer),
        Command::Review(ReviewCommand::List(args)) => {
            command::review::list(args.state, &settings::store(&args.store)?, printer)
        }
        Command::Review(ReviewCommand::Show(args)) => {
            command::review::show(&args.id, &settings::store(&args.store)?, printer)
        }
        Command::Review(ReviewCommand::Approve(args)) => {
            let decision = command::approve::Decision::resolve(&args, settings::now_ms())?;
            command::approve::run(&decision, &settings::store(&args.store)?, printer)
        }
        Command::Review(ReviewCommand::Refuse(args)) => {
            command::review::refuse(&args.id, &args.reason, &settings::store(&args.store)?, printer)
        }
        Command::Status(args) => command::status::run(args.what.as_deref(), &settings::store(&args.store)?, printer),
        Command::Logs(args) => command::logs::run(&args.app_id, args.last, &settings::store(&args.store)?, printer),
        Command::Halt(args) => {
            command::releases::halt(&args.line, &args.reason, &settings::store(&args.store)?, printer)
        }
        Command::Resume(args) => {
            command::releases::resume(&args.line, args.reason.as_deref(), &settings::store(&args.store)?, printer)
        }
        Command::Revert(args) => {
            let store = settings::store(&args.store)?;
            command::releases::revert(&args.line, args.to, &args.reason, &store, printer)
        }
        Command::Recall(args) => {
            command::releases::recall(&args.line, &args.reason, &settings::store(&args.store)?, printer)
        }
        Command::Policy(PolicyCommand::New(args)) => command::policy::create(&args, settings::now_ms(), printer),
        Command::Policy(PolicyCommand::Sign(args)) => command::policy::sign(&args, settings::now_ms(), printer),
        Command::Policy(PolicyCommand::Show(args)) => command::policy::show(&args, printer),
        Command::Schema => command::schema::run(printer),
        Command::Types(args) => command::types::run(&args.directory, printer),
        Command::Completions(args) => command::completions::run(args.shell, program(printer.lang), printer),
        Command::Man(args) => command::man::run(&args.directory, program(printer.lang), printer),
    }
}

/// Everything that can be typed, with its help in one language.
fn program(lang: Lang) -> clap::Command {
    match lang {
        Lang::Zh => help_zh::translate(Args::command()),
        Lang::En => Args::command(),
    }
}

/// The language has to be known before the words are parsed, because help is part of parsing.
fn spoken(words: &[OsString]) -> Lang {
    let text = |word: &OsString| word.to_string_lossy().into_owned();
    let asked = words.iter().enumerate().find_map(|(at, word)| match text(word).split_once('=') {
        Some(("--lang", value)) => Some(value.to_owned()),
        None if word == "--lang" => words.get(at + 1).map(text),
        _ => None,
    });
    settings::lang(asked.and_then(|word| Lang::from_str(&word, true).ok()))
}

fn usage(error: &clap::Error, json: bool) -> ExitStatus {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        drop(error.print());
        return ExitStatus::Done;
    }
    if json {
        let text = error.render().to_string();
        // What comes before the usage, in one line.
        let said = text.split("\nUsage:").next().unwrap_or_default().split("\nFor more").next().unwrap_or_default();
        let words: Vec<&str> = said.trim_start_matches("error: ").split_whitespace().collect();
        let what = words.join(" ");
        let report = failure::Report {
            class: "usage/arguments".to_owned(),
            what,
            place: None,
            detail: None,
            files: Vec::new(),
            hint: "guichet --help".to_owned(),
        };
        Printer { json, lang: Lang::En }.report(&report);
    } else {
        drop(error.print());
    }
    ExitStatus::Usage
}
