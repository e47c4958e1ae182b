//! `guichet new`: make the folder of a new app.

use std::{
    fs,
    io::{ErrorKind, stdin},
    path::Path,
};

use clap::ValueEnum as _;
use guichet_contract::AppId;
use serde::Serialize;

use crate::{
    args::TemplateName, exit_status::ExitStatus, failure::Failure, message::Message, printer::Printer,
    settings::NewSettings, template,
};

#[derive(Serialize)]
struct Made {
    directory: String,
    app_id: String,
    template: &'static str,
    files: Vec<String>,
}

/// Makes the folder; asks for what was not given if there is somebody to ask.
pub(crate) fn run(settings: NewSettings, printer: Printer) -> Result<ExitStatus, Failure> {
    let NewSettings { directory, template, app_id, suggested, ask } = settings;
    check_empty(&directory)?;
    let template = match template {
        Some(template) => template,
        None if ask => ask_template(printer),
        None => TemplateName::Page,
    };
    let app_id = match app_id {
        Some(app_id) => app_id,
        None if ask => ask_app_id(suggested, printer),
        None => suggested,
    };
    let files = template::files(template, &app_id);
    for (path, text) in &files {
        write(&directory.join(path), text)?;
    }
    let made = Made {
        directory: directory.display().to_string(),
        app_id: app_id.to_string(),
        template: template.name(),
        files: files.into_iter().map(|(path, _)| path.to_owned()).collect(),
    };
    printer.say(&Message::Created { directory: made.directory.clone(), files: made.files.len() });
    let directory = made.directory.clone();
    printer.say(&match template {
        TemplateName::Page => Message::CreatedNext { directory },
        TemplateName::Component => Message::CreatedNextComponent { directory },
        TemplateName::Vue => Message::CreatedNextVue { directory },
    });
    if printer.json {
        printer.result(&made, |_| String::new());
    }
    Ok(ExitStatus::Done)
}

fn check_empty(directory: &Path) -> Result<(), Failure> {
    match fs::read_dir(directory).map(Iterator::count) {
        Ok(0) => Ok(()),
        Ok(_) => Err(Failure::FolderNotEmpty { path: directory.to_owned() }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(source) => Err(Failure::Write { path: directory.to_owned(), source }),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |source| Failure::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}

fn ask_template(printer: Printer) -> TemplateName {
    printer.ask(&Message::AskTemplate);
    answer().and_then(|word| TemplateName::from_str(&word, true).ok()).unwrap_or(TemplateName::Page)
}

fn ask_app_id(suggested: AppId, printer: Printer) -> AppId {
    loop {
        printer.ask(&Message::AskAppId { suggested: suggested.to_string() });
        match answer().map(|text| text.parse::<AppId>()) {
            None => return suggested,
            Some(Ok(app_id)) => return app_id,
            Some(Err(error)) => printer.say(&Message::AnswerNotUsable { why: error.to_string() }),
        }
    }
}

/// One line; none, or the end of the input, takes what was suggested.
pub(super) fn answer() -> Option<String> {
    let mut line = String::new();
    let read = stdin().read_line(&mut line).ok()?;
    let text = line.trim();
    (read > 0 && !text.is_empty()).then(|| text.to_owned())
}
