//! From what was typed and set to what is meant: every default and every choice is made here.

use std::{
    env, fs,
    io::{IsTerminal as _, stderr, stdin},
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use guichet_contract::AppId;
use guichet_host::{Profile, preview::PreviewError};

use crate::{
    args::{
        BuildArgs, CheckArgs, CommonArgs, DevArgs, DoctorArgs, NewArgs, PreviewArgs, Profiles, StoreArgs, TemplateName,
        TestArgs, VerifyArgs,
    },
    command::{
        build_from::FromSettings, check::CheckSettings, dev::DevSettings, doctor::DoctorSettings,
        preview::PreviewSettings, test::TestSettings,
    },
    dev::{
        pack::Source,
        step::{Step, built_by_another},
        words::{in_json, name},
    },
    failure::Failure,
    lang::Lang,
    printer::Printer,
    store::{Store, Token},
};

/// The language that was asked for, or the terminal's.
pub(crate) fn lang(asked: Option<Lang>) -> Lang {
    asked.unwrap_or_else(|| {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| env::var(name).ok());
        set.filter(|locale| !locale.is_empty()).map(|locale| Lang::of_locale(&locale)).next().unwrap_or(Lang::En)
    })
}

/// How to print.
pub(crate) fn printer(common: &CommonArgs) -> Printer {
    Printer { json: common.json, lang: lang(common.lang) }
}

/// The time, in milliseconds since 1970; read here and nowhere else.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The PKCS#11 module that leads to tokens here, where a URI names none.
pub(crate) fn pkcs11_module() -> Option<PathBuf> {
    env::var_os("GUICHET_PKCS11_MODULE").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// The store, asked by whoever the token stands for.
pub(crate) fn store(args: &StoreArgs) -> Result<Store, Failure> {
    let token = args.token.as_deref().filter(|token| !token.trim().is_empty()).ok_or(Failure::NoToken)?;
    Store::new(&args.store, Token::new(token))
}

/// What `guichet new` is to make, and what it may still ask.
#[derive(Debug)]
pub(crate) struct NewSettings {
    pub(crate) directory: PathBuf,
    pub(crate) template: Option<TemplateName>,
    pub(crate) app_id: Option<AppId>,
    pub(crate) suggested: AppId,
    pub(crate) ask: bool,
}

impl NewSettings {
    /// Without a terminal nothing is asked, and an app id must be given or left to the program on purpose.
    pub(crate) fn resolve(args: NewArgs) -> Result<Self, Failure> {
        let terminal = stdin().is_terminal() && stderr().is_terminal();
        if !args.yes && !terminal && args.app_id.is_none() {
            return Err(Failure::NobodyToAsk { flag: "--app-id" });
        }
        let suggested = suggested_app_id(&args.directory)?;
        let NewArgs { directory, template, app_id, yes } = args;
        Ok(Self { directory, template, app_id, suggested, ask: terminal && !yes })
    }
}

/// What is to be checked.
pub(crate) fn check(CheckArgs { place, from, fix }: CheckArgs) -> CheckSettings {
    let from = if fix { None } else { built_into(from, &place) };
    CheckSettings { place, from, fix }
}

/// What `guichet dev` shows, and how.
pub(crate) fn dev(args: DevArgs, lang: Lang) -> DevSettings {
    let DevArgs { directory, from, run, profile, theme, app_lang, network, devices, automation } = args;
    let (source, step) = watched(directory, from, run.as_deref());
    DevSettings {
        source,
        step,
        set: serde_json::json!({
            "profile": name(profile), "theme": name(theme), "network": name(network), "devices": in_json(&devices), "words": lang.tag(),
            "lang": app_lang.unwrap_or_else(|| lang.tag().to_owned()),
        }),
        automation,
        folders: programs(),
    }
}

/// What is packed at every save, and what has to run first.
fn watched(directory: PathBuf, from: Option<PathBuf>, run: Option<&str>) -> (Source, Step) {
    // What is noticed has the name by which it is watched.
    let directory = std::path::absolute(&directory).unwrap_or(directory);
    let from =
        from.map(|from| if from.is_dir() { std::path::absolute(&from).unwrap_or(from) } else { directory.join(from) });
    let (step, from) = Step::of(&directory, from, run);
    (Source { directory, from }, step)
}

/// What `guichet preview` shows, to whom, and how long.
pub(crate) fn preview(args: PreviewArgs, pairings: PathBuf) -> PreviewSettings {
    let PreviewArgs { directory, from, run, minutes, listen, name, qr, .. } = args;
    let (source, step) = watched(directory, from, run.as_deref());
    let listen = listen.unwrap_or_else(|| SocketAddr::new(own_address(), 0));
    let name = name.or_else(host_name).unwrap_or_else(|| "computer".to_owned());
    PreviewSettings { pairings, source, step, listen, minutes, name, qr }
}

/// Where this computer keeps whom it is paired with for previews.
pub(crate) fn pairings() -> Result<PathBuf, Failure> {
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")));
    let config =
        config.ok_or_else(|| PreviewError::Pairings { why: "neither HOME nor XDG_CONFIG_HOME is set".into() })?;
    Ok(config.join("guichet/previews"))
}

/// The address by which this computer reaches others; itself alone if there is no network.
fn own_address() -> IpAddr {
    // Connecting a datagram socket asks the system for a route and sends nothing; the address is one of documentation's.
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    });
    socket.map(|at| at.ip()).ok().filter(|ip| !ip.is_unspecified()).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

fn host_name() -> Option<String> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| env::var("HOSTNAME").ok())?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// What is tested, and where to. What another tool has built needs a manifest: nobody is asked for one here.
pub(crate) fn test(args: TestArgs) -> Result<TestSettings, Failure> {
    let TestArgs { place, from, tests, only, headless, profiles, pictures, junit } = args;
    let folder = if place.is_file() { place.parent().map(PathBuf::from).unwrap_or_default() } else { place.clone() };
    let from = match built_into(from, &place) {
        None => None,
        Some(_) if !place.join("manifest.json").is_file() => return Err(Failure::NoManifest { path: place }),
        Some(from) => Some(FromSettings {
            from,
            app_id: None,
            suggested: suggested_app_id(&place)?,
            name: None,
            icon: None,
            domains: Vec::new(),
            ask: false,
            yes: false,
        }),
    };
    // What another tool builds into is packed as it is, so nothing else may lie there.
    let beside = if from.is_some() { "journeys" } else { "dist/journeys" };
    let mut places = programs().into_iter().map(|folder| folder.join("guichet-desktop"));
    Ok(TestSettings {
        place,
        from,
        tests: tests.unwrap_or_else(|| folder.join("tests")),
        only,
        profiles: once(profiles.into_iter().flat_map(|Profiles(some)| some)),
        glass: !headless,
        pictures: pictures.unwrap_or_else(|| folder.join(beside)),
        junit,
        desktop: places.find(|place| place.is_file()),
    })
}

/// Where another tool builds what is meant: as it is written, or in the app's folder; unsaid, where `package.json` lets it be known.
fn built_into(given: Option<PathBuf>, folder: &Path) -> Option<PathBuf> {
    let given = given.map(|from| if from.is_dir() { from } else { folder.join(from) });
    given.or_else(|| built_by_another(folder))
}

/// In the order in which they were named first.
fn once(named: impl Iterator<Item = Profile>) -> Vec<Profile> {
    named.fold(Vec::new(), |mut all, one| {
        if !all.contains(&one) {
            all.push(one);
        }
        all
    })
}

/// Where programs are looked for: beside this one, and where a shell would.
fn programs() -> Vec<PathBuf> {
    let own = env::current_exe().ok().and_then(|program| program.parent().map(PathBuf::from));
    let path = env::var_os("PATH").unwrap_or_default();
    own.into_iter().chain(env::split_paths(&path)).collect()
}

/// Where `guichet doctor` looks: beside this program, and where a shell would.
pub(crate) fn doctor(DoctorArgs { store }: DoctorArgs) -> DoctorSettings {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    DoctorSettings { store, folders: programs(), has_display: is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"), now_ms }
}

/// What another tool has built, and what was said about it.
pub(crate) fn from(args: &BuildArgs) -> Result<Option<FromSettings>, Failure> {
    if args.check.is_some() {
        return Ok(None);
    }
    let Some(from) = built_into(args.from.clone(), &args.directory) else { return Ok(None) };
    let terminal = stdin().is_terminal() && stderr().is_terminal();
    let absolute = std::path::absolute(&args.directory).unwrap_or_else(|_| args.directory.clone());
    Ok(Some(FromSettings {
        from,
        app_id: args.app_id.clone(),
        suggested: suggested_app_id(&absolute)?,
        name: args.name.clone(),
        icon: args.icon.clone(),
        domains: args.domains.clone(),
        ask: terminal && !args.yes,
        yes: args.yes,
    }))
}

/// `org.example.` and the folder's name as far as it can be a label.
fn suggested_app_id(directory: &Path) -> Result<AppId, Failure> {
    let name = directory.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let label: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(63).collect();
    let label = label.trim_start_matches(|c: char| !c.is_ascii_lowercase()).trim_end_matches('-');
    let label = if label.is_empty() { "app" } else { label };
    format!("org.example.{label}").parse().map_err(|_| Failure::NobodyToAsk { flag: "--app-id" })
}

/// What a seal is judged by.
#[derive(Debug)]
pub(crate) enum Judge {
    /// Nothing: all but the seal is judged.
    Nobody,
    /// The publisher keys that a store's metadata list.
    Trust(PathBuf),
    /// A publisher keys document at hand.
    Keys(PathBuf),
}

impl Judge {
    /// One of the three must be named.
    pub(crate) fn resolve(args: &VerifyArgs) -> Result<Self, Failure> {
        match (args.unsealed, &args.keys, &args.trust) {
            (true, ..) => Ok(Self::Nobody),
            (_, Some(keys), _) => Ok(Self::Keys(keys.clone())),
            (_, _, Some(trust)) => Ok(Self::Trust(trust.clone())),
            _ => Err(Failure::NothingToJudgeBy),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_folder_suggests_an_app_id() {
        let suggest = |folder: &str| suggested_app_id(Path::new(folder)).unwrap().to_string();
        assert_eq!(suggest("street-repairs"), "org.example.street-repairs");
        assert_eq!(suggest("work/My App_2"), "org.example.my-app-2");
        assert_eq!(suggest("街面"), "org.example.app");
        assert_eq!(suggest("/"), "org.example.app");
    }
}
