//! A window without any network: services and their new versions come in a folder that somebody carries, and a file
//! in it that was altered on the way is refused, plainly.

use std::{fs, path::Path, process::Command};

use guichet_journeys::{
    browser::Browser,
    demo::sample,
    display::Display,
    process::{must, programs},
    town::{OFFICES, Town},
};
use serde_json::Value;

const PERMIT: &str = "gov.example.residence.permit";

/// A store whose only way to a window is a folder.
struct Office {
    folder: tempfile::TempDir,
    town: Town,
}

impl Office {
    fn release(&self, version: u32) {
        let app = self.folder.path().join(format!("app-{version}"));
        fs::create_dir_all(&app).unwrap();
        let app = sample::copy(&super::main_job::samples(), "residence-permit", &app).unwrap();
        let manifest = app.join("manifest.json");
        let mut json: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
        json["version"] = serde_json::json!({"code": version, "name": format!("{version}.0.0")});
        fs::write(&manifest, json.to_string()).unwrap();
        let home = app.join("pages/home.html");
        let page = fs::read_to_string(&home).unwrap();
        fs::write(&home, format!("{page}\n<!-- version {version} -->\n")).unwrap();
        let package = app.with_extension("ma");
        self.town.build("residence", &app, &package).unwrap();
        let submission = self.town.publish("residence", &package).unwrap();
        self.town.approve("residence", &submission).unwrap();
    }

    fn export(&self, stick: &Path) {
        self.town.store(&["export", stick.to_str().unwrap()]).unwrap();
    }

    fn window(&self, display: &Display, stick: &Path, lang: &str) -> Browser {
        let (home, trust) = (self.folder.path().join("device"), self.town.trust_file());
        let arguments = ["--automation", "--lang", lang, "--refresh-seconds", "1", "--trust", trust.to_str().unwrap()];
        let rest = ["--home", home.to_str().unwrap(), "--updates-from", stick.to_str().unwrap()];
        let arguments = [&arguments[..], &rest].concat();
        let browser = Browser::start(display, &programs().unwrap().join("guichet-desktop"), &arguments, &[]).unwrap();
        browser.turn_to("guichet-home").unwrap();
        browser
    }
}

/// Flips one byte in the middle of every file below a folder that is meant.
fn damage(folder: &Path, is_meant: &impl Fn(&Path) -> bool) -> usize {
    let mut damaged = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            damaged += damage(&path, is_meant);
        } else if is_meant(&path) {
            let mut bytes = fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(&path, bytes).unwrap();
            damaged += 1;
        }
    }
    damaged
}

fn says(browser: &Browser) -> String {
    let script = "return document.querySelector('#notices [data-notice=\"error\"] p')?.innerText.replace(/\\s+/g, ' ')";
    browser.until("a refusal is said", script).unwrap().as_str().unwrap().to_owned()
}

fn class(browser: &Browser) -> String {
    browser.ask("return window.guichetHome.state.error.class").unwrap().as_str().unwrap().to_owned()
}

fn installed(browser: &Browser, version: &str) {
    let script = format!(
        "return window.guichetHome.state.library?.find(({{ app_id }}) => app_id === '{PERMIT}')?.installed?.version_name === '{version}'"
    );
    browser.until(&format!("version {version} is in use"), &script).unwrap();
}

#[test]
fn a_window_is_supplied_from_a_folder_and_refuses_what_was_altered_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES).unwrap();
    let mut office = Office { folder, town };
    office.release(1);
    let [first, second, spoiled, forged] =
        ["stick-1", "stick-2", "spoiled", "forged"].map(|name| office.folder.path().join(name));
    office.export(&first);
    office.export(&spoiled);
    // Every form in which the first page can be fetched: by itself, and in the package.
    let page = office.folder.path().join("app-1/residence-permit/pages/home.html");
    let digest = must(Command::new("sha256sum").arg(page)).unwrap();
    let digest = digest.split_whitespace().next().unwrap();
    let altered = damage(&spoiled, &|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(digest))
            || path.starts_with(spoiled.join("packages"))
    });
    assert!(altered >= 2, "{altered} files");
    office.release(2);
    office.export(&second);
    office.export(&forged);
    damage(&forged.join("metadata"), &|_| true);
    office.town.close().unwrap();
    let display = Display::start().unwrap();
    let install = format!("[data-app-id='{PERMIT}'] [data-action='install']");

    let mut said = String::new();
    for lang in ["en", "zh-Hans"] {
        let browser = office.window(&display, &spoiled, lang);
        browser.click(&install).unwrap();
        said += &format!("{}\n", says(&browser));
        assert_eq!(class(&browser), "blob/altered");
        assert!(
            browser.ask(&format!("return !document.querySelector('.bay[data-app-id=\"{PERMIT}\"]')")).unwrap() == true
        );
        display.picture(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("stick-{lang}.png"))).unwrap();
        browser.close().unwrap();
    }

    let browser = office.window(&display, &first, "en");
    browser.click(&install).unwrap();
    installed(&browser, "1.0.0");
    browser.close().unwrap();

    for lang in ["en", "zh-Hans"] {
        let browser = office.window(&display, &forged, lang);
        said += &format!("{}\n", says(&browser));
        assert!(class(&browser).starts_with("metadata/"), "{}", class(&browser));
        installed(&browser, "1.0.0");
        browser.close().unwrap();
    }
    insta::assert_snapshot!(said, @"
    Residence permit wasn't added. Its signature doesn't match, so we didn't use it. Nothing of yours changed and the services you have keep working.
    “居住证办理”没有添加成功。 它的签名对不上，所以没有用它。您的内容没有变，已有的服务照常使用。
    There's no news about services. Its signature doesn't match, so we didn't use it. Nothing of yours changed and the services you have keep working.
    没有拿到新的服务信息。 它的签名对不上，所以没有用它。您的内容没有变，已有的服务照常使用。
    ");

    let browser = office.window(&display, &second, "en");
    browser.click("[data-notice='update'] [data-action='update-now']").unwrap();
    installed(&browser, "2.0.0");
    browser.click(&format!(".bay[data-app-id='{PERMIT}'] [data-action='open']")).unwrap();
    browser.turn_to(PERMIT).unwrap();
    browser.until("its page is there", "return document.querySelector('#start')?.innerText.trim()").unwrap();
    browser.close().unwrap();
}
