//! `guichet build --from`: pack what another tool has built. What it does not say is asked once and kept in manifest.json.

use std::{
    fs,
    path::{Path, PathBuf},
};

use guichet_contract::{AppId, network::Domain};
use guichet_package::PackageDraft;

use super::build::{judge, write};
use crate::{
    check::{Found, hosts},
    command::new::answer,
    failure::Failure,
    lang::Lang,
    message::Message,
    printer::Printer,
    web::{Answers, Assembled, WebBuild, suggested_name},
};

/// What was given for the manifest, and what may still be asked.
#[derive(Debug)]
pub(crate) struct FromSettings {
    /// The folder the tool has built into.
    pub(crate) from: PathBuf,
    pub(crate) app_id: Option<AppId>,
    pub(crate) suggested: AppId,
    pub(crate) name: Option<String>,
    pub(crate) icon: Option<String>,
    pub(crate) domains: Vec<Domain>,
    /// Whether there is somebody to ask.
    pub(crate) ask: bool,
    /// Whether what is not given may be chosen.
    pub(crate) yes: bool,
}

/// The draft, with what was found that cannot work. Nothing is drafted if a page would certainly be broken.
pub(crate) fn draft(
    directory: &Path,
    settings: &FromSettings,
    printer: Printer,
) -> Result<(PackageDraft, Vec<Found>), Failure> {
    printer.say(&Message::Packing { directory: settings.from.display().to_string() });
    let built = WebBuild::read(&settings.from)?;
    for path in &built.links {
        printer.warn(&Message::FileNotPacked { path: path.clone() });
    }
    if built.routes().is_empty() {
        return Err(Failure::NoPages { path: settings.from.clone() });
    }
    let place = directory.join("manifest.json");
    let manifest = match fs::read(&place) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let text = answers(directory, &built, settings, printer)?.manifest(&built);
            write(&place, text.as_bytes())?;
            printer.say(&Message::ManifestMade { path: place.display().to_string() });
            text.into_bytes()
        }
        Err(source) => return Err(Failure::Read { path: place, source }),
    };
    let Assembled { files, found } = built.assemble(manifest);
    for found in found.iter().filter(|found| !found.is_error()) {
        let (what, hint) = found.words(printer.lang);
        printer.warn(&Message::Finding { place: found.place(), what, hint });
    }
    if found.iter().any(Found::is_error) {
        let found = found.into_iter().filter(Found::is_error).collect();
        return Err(Failure::NotPortable { path: settings.from.clone(), found });
    }
    Ok((judge(files, directory, printer)?, found))
}

/// Where the package goes: not into the folder that the tool empties.
pub(crate) fn default_path(directory: &Path, app_id: &str, code: u32) -> PathBuf {
    let folder = if directory == Path::new(".") { Path::new("") } else { directory };
    folder.join(format!("{app_id}-{code}.ma"))
}

fn answers(directory: &Path, built: &WebBuild, settings: &FromSettings, printer: Printer) -> Result<Answers, Failure> {
    let FromSettings { suggested, ask, yes, .. } = settings;
    let app_id = match &settings.app_id {
        Some(app_id) => app_id.clone(),
        None if *ask => ask_for(&Message::AskAppId { suggested: suggested.to_string() }, suggested, printer),
        None if *yes => suggested.clone(),
        None => return Err(Failure::NobodyToAsk { flag: "--app-id" }),
    };
    let title = suggested_name(built).unwrap_or_else(|| app_id.to_string());
    let name = match &settings.name {
        Some(name) => name.clone(),
        None if *ask => ask_for(&Message::AskName { suggested: title.clone() }, &title, printer),
        None => title,
    };
    let asked = Hosts(hosts(&built.files).iter().filter_map(|host| host.parse().ok()).collect());
    let domains = match settings.domains.is_empty() {
        false => settings.domains.clone(),
        true if *ask => ask_for(&Message::AskHosts { suggested: asked.to_string() }, &asked, printer).0,
        // What an app may reach is not guessed without being seen.
        true => Vec::new(),
    };
    let version = version(directory).unwrap_or_else(|| "1.0.0".to_owned());
    Ok(Answers { app_id, name, version, icon: settings.icon.clone(), domains })
}

/// An answer that can be read; none takes what was suggested.
fn ask_for<T: std::str::FromStr<Err: std::fmt::Display> + Clone>(
    question: &Message,
    suggested: &T,
    printer: Printer,
) -> T {
    loop {
        printer.ask(question);
        match answer().map(|text| text.parse::<T>()) {
            None => return suggested.clone(),
            Some(Ok(answer)) => return answer,
            Some(Err(error)) => printer.say(&Message::AnswerNotUsable { why: error.to_string() }),
        }
    }
}

/// Hosts with commas or spaces between them; `-` for none.
#[derive(Clone, Debug)]
struct Hosts(Vec<Domain>);

impl std::str::FromStr for Hosts {
    type Err = guichet_contract::network::InvalidUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = text.split([',', '，', '、', ' ']).filter(|word| !word.is_empty() && *word != "-");
        words.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl std::fmt::Display for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(if words.is_empty() { "-" } else { "" })?;
        f.write_str(&words.join(", "))
    }
}

/// The version that package.json says, if it is one of three numbers.
fn version(directory: &Path) -> Option<String> {
    let text = fs::read_to_string(directory.join("package.json")).ok()?;
    let package: serde_json::Value = serde_json::from_str(&text).ok()?;
    let version = package.get("version")?.as_str()?;
    let numbers: Vec<&str> = version.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (numbers.len() == 3 && numbers.iter().all(is_number) && version != "0.0.0").then(|| version.to_owned())
}

/// What is found, as a program reads it.
#[derive(Debug, serde::Serialize)]
pub(crate) struct FoundReport {
    class: &'static str,
    #[serde(rename = "where")]
    place: String,
    what: String,
    hint: String,
}

impl FoundReport {
    pub(crate) fn of(found: &Found, lang: Lang) -> Self {
        let (what, hint) = found.words(lang);
        Self { class: found.class, place: found.place(), what, hint }
    }
}
