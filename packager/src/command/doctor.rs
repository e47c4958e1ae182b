//! `guichet doctor`: look at this machine, and say how to get what it lacks.

use std::{
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use serde::Serialize;

use crate::{
    doctor::{Facts, State, StoreFact, Webview, judge},
    exit_status::ExitStatus,
    failure::Failure,
    lang::Lang,
    printer::Printer,
    store, table,
};

/// Where to look.
#[derive(Debug)]
pub(crate) struct DoctorSettings {
    /// The store to ask.
    pub(crate) store: Option<String>,
    /// Where programs are looked for, in this order.
    pub(crate) folders: Vec<PathBuf>,
    /// Whether the environment names a screen.
    pub(crate) has_display: bool,
    /// The time, in milliseconds since 1970.
    pub(crate) now_ms: fn() -> u64,
}

#[derive(Serialize)]
struct Looked {
    ok: bool,
    checks: Vec<CheckView>,
}

#[derive(Serialize)]
struct CheckView {
    name: &'static str,
    state: State,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

/// Looks at everything; only what is bad makes it fail.
pub(crate) fn run(settings: &DoctorSettings, printer: Printer) -> Result<ExitStatus, Failure> {
    let lang = printer.lang;
    let views = judge(&facts(settings, lang)).into_iter().map(|check| CheckView {
        name: check.name,
        state: check.state,
        what: check.what(lang),
        fix: check.fix(lang),
    });
    let checks: Vec<CheckView> = views.collect();
    let ok = checks.iter().all(|check| check.state != State::Bad);
    let looked = Looked { ok, checks };
    printer.result(&looked, |_| {
        let line = |check: &CheckView| {
            let state = match check.state {
                State::Good => printer.pick("good", "正常"),
                State::Optional => printer.pick("optional", "可选"),
                State::Bad => printer.pick("bad", "有问题"),
            };
            let fix = check.fix.as_ref().map(|fix| format!("; {}: {fix}", printer.pick("fix", "办法")));
            vec![state.to_owned(), check.name.to_owned(), table::plain(&check.what) + &fix.unwrap_or_default()]
        };
        table::columns(&looked.checks.iter().map(line).collect::<Vec<_>>())
    });
    Ok(if ok { ExitStatus::Done } else { ExitStatus::Failed })
}

/// What is seen. A store may take its time to answer, so it is asked meanwhile.
fn facts(settings: &DoctorSettings, lang: Lang) -> Facts {
    thread::scope(|scope| {
        let store = scope.spawn(|| settings.store.as_ref().map_or(StoreFact::NotNamed, |url| ask(url, settings, lang)));
        let said = |program: &str, arguments: &[&str]| said(&settings.folders, program, arguments);
        let wasm = said("rustc", &["--print", "target-libdir", "--target", "wasm32-unknown-unknown"]);
        let fonts = said("fc-list", &[":lang=zh", "family"]);
        Facts {
            cargo: said("cargo", &["--version"]),
            has_wasm: wasm.is_some_and(|folder| Path::new(&folder).is_dir()),
            node: said("node", &["--version"]),
            desktop: shown(find(&settings.folders, "guichet-desktop")),
            driver: shown(find(&settings.folders, "WebKitWebDriver")),
            xvfb: shown(find(&settings.folders, "Xvfb")),
            webview: webview(),
            has_display: settings.has_display || !cfg!(target_os = "linux"),
            chinese_fonts: fonts.map(|list| list.lines().filter(|line| !line.trim().is_empty()).count()),
            store: store.join().unwrap_or_default(),
        }
    })
}

fn ask(url: &str, settings: &DoctorSettings, lang: Lang) -> StoreFact {
    let url = url.to_owned();
    match store::date_ms(&url) {
        Ok(date) => {
            let now = i64::try_from((settings.now_ms)()).unwrap_or(i64::MAX);
            StoreFact::Answered { url, ahead_ms: date.map(|date| now.saturating_sub(date)) }
        }
        Err(failure) => {
            let report = failure.report(lang);
            StoreFact::Silent { why: report.what, hint: report.hint }
        }
    }
}

/// The program by this name, as a shell would find it.
fn find(folders: &[PathBuf], program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    folders.iter().map(|folder| folder.join(&name)).find(|path| path.is_file())
}

fn shown(path: Option<PathBuf>) -> Option<String> {
    path.map(|path| path.display().to_string())
}

/// What a program prints, if it is there and does not fail.
fn said(folders: &[PathBuf], program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(find(folders, program)?).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The library that windows are made with; other systems bring theirs.
fn webview() -> Webview {
    const LIBRARY: &str = "libwebkit2gtk-4.1.so.0";
    if !cfg!(target_os = "linux") {
        return Webview::Included;
    }
    let inner = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    let outer = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib"].map(PathBuf::from);
    let is_found = inner.chain(outer).any(|folder| folder.join(LIBRARY).exists());
    if is_found { Webview::Found } else { Webview::Missing }
}
