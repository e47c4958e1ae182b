//! `guichet preview`: show a folder on paired terminals as it is, and every change as it is saved (decision 0040).

use std::{
    io::{self, BufRead as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use guichet_host::{
    Clock,
    preview::{Pairings, PreviewLine, PreviewNews, PreviewOptions, PreviewProblem, PreviewServer},
};
use serde_json::{Value as Json, json};

use super::{address::picture, build::write, dev::LONGEST};
use crate::{
    dev::{
        pack::{NotPacked, Source, pack},
        said,
        step::Step,
        watch::Watch,
    },
    exit_status::ExitStatus,
    failure::Failure,
    message::Message,
    printer::Printer,
    qr,
    submission_view::time,
    table,
};

/// How often it is looked whether the time is over.
const LOOK: Duration = Duration::from_millis(500);

/// What is shown, to whom, and how long.
#[derive(Debug)]
pub(crate) struct PreviewSettings {
    /// Where this computer keeps whom it is paired with.
    pub(crate) pairings: PathBuf,
    /// What is packed.
    pub(crate) source: Source,
    /// What has to run first.
    pub(crate) step: Step,
    /// Where terminals find this computer.
    pub(crate) listen: SocketAddr,
    /// How long, in minutes.
    pub(crate) minutes: u64,
    /// What this computer calls itself.
    pub(crate) name: String,
    /// Where the QR code goes as a picture.
    pub(crate) qr: Option<PathBuf>,
}

/// What happens.
enum Happening {
    Changed(PathBuf),
    Typed(String),
    News(PreviewNews),
}

struct Loop<'a> {
    settings: &'a PreviewSettings,
    printer: Printer,
    server: PreviewServer,
    shown: Vec<u8>,
    is_troubled: bool,
    /// Whether the address has been shown: there is something to see.
    has_invited: bool,
}

/// Lists the terminals this computer is paired with.
pub(crate) fn terminals(pairings: &Path, printer: Printer) -> Result<ExitStatus, Failure> {
    let all = Pairings::open(pairings)?.all()?;
    let document = json!({"terminals": all.iter().map(|paired| json!({
        "name": paired.name, "key": paired.key.shown(), "since": time(paired.since_ms),
    })).collect::<Vec<_>>()});
    if all.is_empty() {
        printer.say(&Message::PreviewNobody);
    }
    printer.result(&document, |_| {
        let rows = all.iter().map(|paired| vec![paired.name.clone(), paired.key.shown(), time(paired.since_ms)]);
        table::columns(&rows.collect::<Vec<_>>())
    });
    Ok(ExitStatus::Done)
}

/// Ends the pairing with a terminal. A preview that goes on there ends within seconds.
pub(crate) fn end(pairings: &Path, terminal: &str, printer: Printer) -> Result<ExitStatus, Failure> {
    let ended = Pairings::open(pairings)?.end(terminal)?;
    if ended.is_empty() {
        return Err(Failure::NoSuchTerminal { what: terminal.to_owned() });
    }
    for paired in &ended {
        let (name, key) = (paired.name.clone(), paired.key.shown());
        printer.line(&json!({"is": "unpaired", "name": name, "key": key}), || {
            vec![Message::PreviewUnpaired { name: paired.name.clone(), key: paired.key.shown() }.text(printer.lang)]
        });
    }
    Ok(ExitStatus::Done)
}

/// Shows a folder until its time is over or somebody types `q`.
pub(crate) fn run(settings: &PreviewSettings, printer: Printer) -> Result<ExitStatus, Failure> {
    let PreviewSettings { source, step, .. } = settings;
    if !source.directory.is_dir() {
        return Err(Failure::NoFolder { path: source.directory.clone() });
    }
    let (sender, happenings) = channel();
    let noticed = sender.clone();
    let watch = Watch::begin(source.clone(), move |path| drop(noticed.send(Happening::Changed(path))));
    let mut watch = watch.map_err(|(path, source)| Failure::Unwatchable { path, source })?;
    listen(sender.clone());
    let server = serve(settings, sender)?;
    let mut preview = Loop { settings, printer, server, shown: Vec::new(), is_troubled: false, has_invited: false };
    preview.step_and_show(true)?;
    while !preview.server.is_over() {
        match happenings.recv_timeout(LOOK) {
            Ok(Happening::Changed(path)) => {
                let (paths, meanwhile) = settled(path, &happenings, settings);
                watch.follow().map_err(|(path, source)| Failure::Unwatchable { path, source })?;
                preview.step_and_show(paths.iter().any(|path| step.concerns(source, path)))?;
                if meanwhile.into_iter().any(|happening| preview.hears(happening)) {
                    break;
                }
            }
            Ok(happening) => {
                if preview.hears(happening) {
                    break;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    drop(preview.server);
    printer.line(&json!({"is": "ended"}), || vec![Message::PreviewEnded.text(printer.lang)]);
    Ok(ExitStatus::Done)
}

fn serve(settings: &PreviewSettings, sender: Sender<Happening>) -> Result<PreviewServer, Failure> {
    let options = PreviewOptions {
        listen: settings.listen,
        lasts_s: settings.minutes * 60,
        name: settings.name.clone(),
        clock: Clock::System,
    };
    let sender = Mutex::new(sender);
    let says = move |news| {
        let sender = sender.lock().unwrap_or_else(PoisonError::into_inner);
        drop(sender.send(Happening::News(news)));
    };
    Ok(PreviewServer::start(Pairings::open(&settings.pairings)?, options, says)?)
}

/// All that changes until it is quiet, and what else happened meanwhile.
fn settled(
    first: PathBuf,
    happenings: &Receiver<Happening>,
    settings: &PreviewSettings,
) -> (Vec<PathBuf>, Vec<Happening>) {
    let quiet = super::dev::quiet(&settings.source);
    let latest = Instant::now() + LONGEST;
    let (mut paths, mut others) = (vec![first], Vec::new());
    loop {
        let left = latest.saturating_duration_since(Instant::now()).min(quiet);
        match happenings.recv_timeout(left) {
            Ok(Happening::Changed(path)) => paths.push(path),
            Ok(other) => others.push(other),
            Err(_) => return (paths, others),
        }
    }
}

impl Loop<'_> {
    /// Shows the address, as text and as a code to scan.
    fn invite(&self) -> Result<(), Failure> {
        let (settings, printer) = (self.settings, self.printer);
        let address = self.server.address().to_string();
        if let Some(path) = &settings.qr {
            write(path, &picture(&address, path)?)?;
        }
        if let Some(code) = qr::Code::of(&address) {
            printer.show(&code.text());
        }
        printer.say(&Message::PreviewOpens { minutes: settings.minutes });
        let line = json!({"is": "preview", "address": address, "until": time(self.server.ends_ms())});
        printer.line(&line, || vec![address.clone()]);
        Ok(())
    }

    /// Runs what has to run first, and shows what comes of it.
    fn step_and_show(&mut self, runs: bool) -> Result<(), Failure> {
        let PreviewSettings { source, step, .. } = self.settings;
        let lang = self.printer.lang;
        if runs && let Err(failure) = step.run(&source.directory) {
            let problem = said::step(&failure, lang);
            self.troubled(std::slice::from_ref(&problem), || vec![said::one_line(&problem, lang)]);
            return Ok(());
        }
        match pack(source) {
            Ok(packed) => {
                let was_troubled = std::mem::take(&mut self.is_troubled);
                if was_troubled {
                    self.printer.say(&Message::DevRepaired);
                }
                if self.shown != packed.bytes {
                    self.shown.clone_from(&packed.bytes);
                    let remarks: Vec<Json> = packed.found.iter().map(|found| said::problem(found, lang)).collect();
                    self.printer.line(&json!({"is": "problems", "problems": remarks}), || {
                        said::lines(&packed.found, source, lang)
                    });
                    self.server.show(packed.bytes);
                    if !std::mem::replace(&mut self.has_invited, true) {
                        self.invite()?;
                    }
                } else if was_troubled {
                    self.server.trouble(Vec::new());
                }
                Ok(())
            }
            // A folder that was never an app is not worth an address.
            Err(NotPacked::Failure(failure)) if self.shown.is_empty() => Err(*failure),
            Err(why) => {
                let problems = said::problems(&why, lang);
                self.troubled(&problems, || match &why {
                    NotPacked::Found(found) => said::lines(found, source, lang),
                    NotPacked::Failure(_) => problems.iter().map(|problem| said::one_line(problem, lang)).collect(),
                });
                Ok(())
            }
        }
    }

    /// The folder cannot be packed now; the last good draft stays.
    fn troubled(&mut self, problems: &[Json], lines: impl FnOnce() -> Vec<String>) {
        self.is_troubled = true;
        self.printer.line(&json!({"is": "problems", "problems": problems}), lines);
        let problem = |problem: &Json| serde_json::from_value::<PreviewProblem>(problem.clone()).ok();
        self.server.trouble(problems.iter().filter_map(problem).collect());
    }

    /// Takes in what was typed, or what a terminal does; true: it is over.
    fn hears(&self, happening: Happening) -> bool {
        match happening {
            Happening::Changed(_) => false,
            Happening::Typed(line) => matches!(line.trim(), "q" | "quit" | "exit"),
            Happening::News(news) => {
                let (line, message) = told(news, self.printer);
                self.printer.line(&line, || vec![message]);
                false
            }
        }
    }
}

/// What a terminal does, as JSON and as a line.
fn told(news: PreviewNews, printer: Printer) -> (Json, String) {
    let lang = printer.lang;
    match news {
        PreviewNews::Asks { name, key, code } => {
            let line = json!({"is": "asks", "name": name, "key": key.shown(), "code": code});
            let spaced = code.get(..3).zip(code.get(3..)).map(|(one, other)| format!("{one} {other}"));
            let code = spaced.unwrap_or(code);
            (line, Message::PreviewAsks { name, key: key.shown(), code }.text(lang))
        }
        PreviewNews::Paired { name } => {
            (json!({"is": "paired", "name": name}), Message::PreviewPaired { name }.text(lang))
        }
        PreviewNews::Given { name, bytes } => {
            let line = json!({"is": "given", "name": name, "bytes": bytes});
            (line, Message::PreviewGiven { name, size: table::bytes(bytes) }.text(lang))
        }
        PreviewNews::Console { name, line: PreviewLine { level, page, text } } => {
            let line = json!({"is": "console", "name": name, "level": level, "page": page, "text": text});
            let shown = said::window(&line, lang).unwrap_or_default();
            (line, format!("{name}: {shown}"))
        }
        PreviewNews::Left { name } => (json!({"is": "left", "name": name}), Message::PreviewLeft { name }.text(lang)),
        PreviewNews::Refused { name, error } => {
            let report = Failure::Preview(error).report(lang);
            let line =
                json!({"is": "refused", "name": name, "class": report.class, "what": report.what, "hint": report.hint});
            let problem = json!({"class": report.class, "what": report.what, "hint": report.hint, "place": name});
            (line, said::one_line(&problem, lang))
        }
    }
}

/// Hears what is typed, as long as there is somebody to type.
fn listen(sender: Sender<Happening>) {
    // Without it the preview ends with its time, or with the program.
    drop(thread::Builder::new().name("typed".to_owned()).spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(Happening::Typed(line)).is_err() {
                return;
            }
        }
    }));
}

#[cfg(test)]
mod tests {
    use guichet_host::preview::{PeerKey, PreviewError};

    use super::*;
    use crate::lang::Lang;

    #[test]
    fn what_a_terminal_does_is_a_line_in_both_languages() {
        let name = || "tablet".to_owned();
        let all = [
            PreviewNews::Asks { name: name(), key: PeerKey::from_bytes([7; 32]), code: "012345".to_owned() },
            PreviewNews::Paired { name: name() },
            PreviewNews::Given { name: name(), bytes: 20_480 },
            PreviewNews::Console {
                name: name(),
                line: PreviewLine { level: "info".to_owned(), page: Some(1), text: "a\u{1b}[31m line".to_owned() },
            },
            PreviewNews::Left { name: name() },
            PreviewNews::Refused { name: name(), error: PreviewError::WrongCode },
        ];
        let lines: Vec<String> = all
            .into_iter()
            .flat_map(|news| [Lang::En, Lang::Zh].map(|lang| told(news.clone(), Printer { json: false, lang }).1))
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        tablet (07070707 07070707 07070707 07070707) wants to be paired. If it is yours, type this code there within two minutes: 012 345
        tablet（07070707 07070707 07070707 07070707）想要配对。如果是您的终端，请两分钟内在它上面输入配对码：012 345
        tablet is paired from now on; guichet preview --end "tablet" ends that
        已与 tablet 配对；guichet preview --end "tablet" 可以解除
        tablet has the draft (20.00 KiB)
        tablet 已收到草稿（20.00 KiB）
        tablet: page 1 info: a\u{1b}[31m line
        tablet: 第 1 页 info: a\u{1b}[31m line
        tablet shows it no more
        tablet 不再显示
        tablet: error[preview/wrong-code]: the code was wrong three times, and nothing was paired; hint: open the address again, and type the code that is shown then
        tablet: 错误[preview/wrong-code]: 配对码错了三次，没有配对; 建议: 再打开一次地址，输入那时显示的配对码
        "#);
    }
}
