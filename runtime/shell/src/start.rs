//! From the command line to the open window; what can go wrong on the way is said with a hint.

mod error;

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use guichet_contract::AppId;
use guichet_host::{Host, HostError, HostOptions, Profile, Recorder, Walls};
use guichet_package::{Address, TrustFile};
use guichet_services::{Parts, telemetry::Waiting};

pub(crate) use self::error::StartError;
use crate::{
    dev,
    doorbell::{self, Doorbell},
    glass::{self, DeskApps, DesktopChooser, DesktopNotices, Errand, Opening, ScreenClipboard, Source},
    look,
    options::{Options, Wanted},
    preview,
    report::Report,
    sandbox,
    settings::Settings,
    trace,
};

/// Opens the window, on a host or on one package file.
///
/// What is refused before there is a window is written into the report too.
pub(crate) fn start(options: &Options, wanted: Wanted) -> Result<(), StartError> {
    let started = try_start(options, wanted);
    if let (Err(error), Some(path)) = (&started, &options.report)
        && let Err(unwritten) = Report::refused(options.profile.name(), error.refused()).write(path)
    {
        tracing::error!("the report could not be written: {unwritten}");
    }
    started
}

fn try_start(options: &Options, wanted: Wanted) -> Result<(), StartError> {
    if let Some(app_id) = &options.console {
        let home = options.home().ok_or(StartError::NoHome)?;
        let said = said(&home, app_id)?;
        // Who has seen enough closes the pipe.
        let _ = std::io::stdout().write_all(said.as_bytes());
        return Ok(());
    }
    if let Some(shell) = options.completions {
        let _ = std::io::stdout().write_all(&Options::completions(shell));
        return Ok(());
    }
    if let Some(folder) = &options.man {
        let path = folder.join("man1").join("guichet-desktop.1");
        let written = fs::create_dir_all(folder.join("man1"))
            .and_then(|()| Options::page())
            .and_then(|page| fs::write(&path, page));
        return written.map_err(|error| StartError::Unwritten(path, error));
    }
    if options.previews || options.end_preview.is_some() {
        let home = options.home().ok_or(StartError::NoHome)?;
        let said = match &options.end_preview {
            Some(computer) => preview::end(&home, computer)?,
            None => preview::list(&home).map_err(StartError::Preview)?,
        };
        let _ = std::io::stdout().write_all(said.as_bytes());
        return Ok(());
    }
    let starting = tracing::trace_span!(target: trace::TARGET, "start");
    let sandbox = sandbox::prepare(!options.no_renderer_sandbox).map_err(StartError::Sandbox)?;
    let walls = walls()?;
    if options.automation {
        eprintln!(
            "warning: --automation lets any local WebDriver drive this window, and its views share one web context: for tests only"
        );
    }
    let recorder = options.record.as_deref().map(record).transpose()?;
    let is_errand = options.screenshot.is_some() || options.report.is_some();
    let errand = is_errand.then(|| Errand {
        screenshot: options.screenshot.clone(),
        report: options.report.clone(),
        profile: options.profile.name(),
    });
    let wanted = match wanted {
        Wanted::Nothing => None,
        Wanted::App(address) => Some(address),
        Wanted::Drafts => {
            let lang = options.lang.clone().unwrap_or_else(system_language);
            let dev = dev::open(walls, lang)?;
            return glass::run(Opening {
                wanted: Some(Address::of(dev.current.get().app_id().clone())),
                settings: Settings { lang: dev.setup.lang.clone(), ..Settings::default() },
                source: Source::Dev(Box::new(dev)),
                hosts: Vec::new(),
                background: options.background(),
                warms: !options.no_warm_view,
                doorbell: None,
                starting,
                sandbox,
                profile: options.profile,
                automation: options.automation,
                errand: None,
                plays: None,
                chooser: None,
                seating: None,
            })
            .map_err(StartError::of_the_window);
        }
        Wanted::Preview(address) => {
            let home = options.home().ok_or(StartError::NoHome)?;
            let kept =
                Settings::read(&home).unwrap_or_else(|| Settings { lang: system_language(), ..Settings::default() });
            let lang = options.lang.clone().unwrap_or_else(|| kept.lang.clone());
            let (parts, chooser) = parts(options.devices.as_deref(), &home, &lang)?;
            let Some(dev) = preview::open(&address, &home, parts, options.profile, walls, &lang)? else {
                return Ok(());
            };
            return glass::run(Opening {
                wanted: Some(Address::of(dev.current.get().app_id().clone())),
                settings: Settings { lang, last: None, ..kept },
                source: Source::Dev(Box::new(dev)),
                hosts: Vec::new(),
                background: options.background(),
                warms: !options.no_warm_view,
                doorbell: None,
                starting,
                sandbox,
                profile: options.profile,
                automation: options.automation,
                errand,
                plays: None,
                chooser: Some(chooser),
                seating: None,
            })
            .map_err(StartError::of_the_window);
        }
        Wanted::File { path, layout, terminal, simulated } => {
            let lang = options.lang.clone().unwrap_or_else(system_language);
            let looked_at = look::open(&path, (layout, terminal), simulated.as_deref(), &lang, walls, recorder)?;
            return show(options, looked_at, lang, starting, sandbox, errand, None);
        }
        Wanted::Replay { journal, session, package, terminal } => {
            let looked_at = look::replay(&journal, session, package.as_deref(), terminal, walls)?;
            let lang = options.lang.clone().unwrap_or_else(system_language);
            return show(options, looked_at, lang, starting, sandbox, None, options.report.clone());
        }
    };
    let home = options.home().ok_or(StartError::NoHome)?;
    let trust_path = options.trust(&home);
    let trust = fs::read(&trust_path).map_err(|error| StartError::NoTrust(trust_path.clone(), error))?;
    let mut trust = TrustFile::parse(&trust).map_err(|refusal| StartError::Trust(trust_path, refusal))?;
    if let Some(folder) = &options.updates_from {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
        trust.static_url = format!("file://{}", folder.display());
    }
    let mut settings =
        Settings::read(&home).unwrap_or_else(|| Settings { lang: system_language(), ..Settings::default() });
    if let Some(lang) = &options.lang {
        settings.lang.clone_from(lang);
    }
    settings.elder |= options.profile == Profile::Elder;
    preview::sweep(&home);
    let (parts, chooser) = parts(options.devices.as_deref(), &home, &settings.lang)?;
    let apps = Arc::<DeskApps>::default();
    let parts = parts.with_apps(Arc::clone(&apps) as _).with_pages(Arc::clone(&apps) as _);
    let parts = if trust.api_url.is_empty() { parts } else { parts.with_counter(Arc::<Waiting>::default()) };
    let services = guichet_services::Device::new(home.join("apps")).with_parts(parts);
    let hosts = trust.hosts();
    let host_options = HostOptions {
        lang: settings.lang.clone(),
        terminal: options.profile.terminal().name().to_owned(),
        walls,
        recorder,
        ..HostOptions::new(home.clone(), trust, Arc::new(services))
    };
    let open = || match Host::open(host_options) {
        // Another process has this home: it opens what was to be opened here.
        Err(HostError::HomeInUse { .. })
            if !is_errand && !options.automation && doorbell::ring(&home, wanted.as_ref()).is_ok() =>
        {
            Ok(None)
        }
        opened => opened.map(Some).map_err(StartError::Host),
    };
    let opened = glass::beside_the_toolkit(open).map_err(|error| StartError::of_the_window(error.into()))?;
    let Some(host) = opened? else {
        println!("handed over");
        return Ok(());
    };
    let doorbell = Doorbell::hang(&home).inspect_err(|error| tracing::warn!("no address can be handed over: {error}"));
    glass::run(Opening {
        source: Source::Host { host, home, refresh: Duration::from_secs(options.refresh_seconds), apps },
        settings,
        profile: options.profile,
        wanted,
        hosts,
        background: options.background(),
        warms: !options.no_warm_view,
        doorbell: doorbell.ok(),
        starting,
        sandbox,
        automation: options.automation,
        errand,
        plays: None,
        chooser: Some(chooser),
        seating: None,
    })
    .map_err(StartError::of_the_window)
}

/// What this terminal has: what every desktop has, and what the file says, or nothing if there is none where it need not be;
/// and who asks for files there.
fn parts(file: Option<&Path>, home: &Path, lang: &str) -> Result<(Parts, Arc<DesktopChooser>), StartError> {
    let parts = listed(file, home)?.with_clipboard(Arc::new(ScreenClipboard));
    let chooser = Arc::new(DesktopChooser::new(lang));
    Ok((parts.with_notices(Arc::<DesktopNotices>::default()).with_chooser(Arc::clone(&chooser) as _), chooser))
}

fn listed(file: Option<&Path>, home: &Path) -> Result<Parts, StartError> {
    let path = file.map_or_else(|| home.join("devices.json"), Path::to_owned);
    match fs::read(&path) {
        Ok(listed) => Parts::parse(&listed).map_err(|invalid| StartError::Devices(path, invalid.to_string())),
        Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok(Parts::default()),
        Err(error) => Err(StartError::Devices(path, error.to_string())),
    }
}

/// Opens the window on one package; with `plays` its pages are played, and what was found is written there.
fn show(
    options: &Options,
    looked_at: look::LookedAt,
    lang: String,
    starting: tracing::Span,
    sandbox: sandbox::Probe,
    errand: Option<Errand>,
    plays: Option<PathBuf>,
) -> Result<(), StartError> {
    glass::run(Opening {
        wanted: Some(Address::of(looked_at.look.app_id().clone())),
        source: Source::Look(Box::new(looked_at)),
        settings: Settings { lang, elder: options.profile == Profile::Elder, ..Settings::default() },
        hosts: Vec::new(),
        background: options.background(),
        warms: !options.no_warm_view && plays.is_none(),
        doorbell: None,
        starting,
        sandbox,
        profile: options.profile,
        automation: options.automation,
        errand,
        plays,
        chooser: None,
        seating: None,
    })
    .map_err(StartError::of_the_window)
}

/// What an app has said on its console; each line is JSON, so nothing in it moves a cursor.
fn said(home: &Path, app_id: &AppId) -> Result<String, StartError> {
    let folder = home.join("apps").join(app_id.as_str());
    guichet_host::console(&folder).map_err(|error| StartError::Console(folder, error))
}

/// Begins a journal, and says what that means for whoever uses this window.
fn record(path: &Path) -> Result<Recorder, StartError> {
    let recorder = Recorder::create(path).map_err(|error| StartError::Journal(path.to_owned(), error))?;
    eprintln!(
        "warning: everything that people enter into apps in this window is written to {}, save for what an app declares as \
         personal; only you can read the file, and deleting it is up to you\n\
         注意：用户在这个窗口里填写的一切都会写入 {0}，应用声明为个人信息的除外；这个文件只有您能读，用完请自行删除",
        path.display()
    );
    Ok(recorder)
}

/// Two walls where the system has them, with the programs that lie beside this one; one elsewhere.
fn walls() -> Result<Walls, StartError> {
    #[cfg(target_os = "linux")]
    return guichet_host::Programs::beside_this_one().map(Walls::Two).map_err(StartError::Programs);
    #[cfg(not(target_os = "linux"))]
    Ok(Walls::One)
}

fn system_language() -> String {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    locale.and_then(|locale| Settings::language_for(&locale)).map_or_else(|| Settings::default().lang, str::to_owned)
}
