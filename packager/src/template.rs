//! The folders that `guichet new` makes. Everything is inside the program, so it works without a network.

use guichet_contract::AppId;

use crate::args::TemplateName;

/// Stands for the app's id in a template.
const APP_ID: &str = "__APP_ID__";

type File = (&'static str, &'static str);

macro_rules! from {
    ($folder:literal: $($path:literal)*) => { &[$(($path, include_str!(concat!($folder, $path)))),*] };
}

const PAGE: &[File] = from!("../templates/page/":
    "README.md" "app.css" "app.js" "common/icon.svg" "common/words.js" "i18n/en.json" "i18n/zh-Hans.json"
    "jsconfig.json" "manifest.json" "pages/home.css" "pages/home.html" "pages/home.js" "pages/report.css"
    "pages/report.html" "pages/report.js" "tests/reports.js"
);

const COMPONENT: &[File] = from!("../templates/component/":
    "README.md" "app.css" "app.js" "common/icon.svg" "common/words.js" "i18n/en.json" "i18n/zh-Hans.json"
    "jsconfig.json" "logic/Cargo.toml" "logic/src/calendar.rs" "logic/src/lib.rs" "manifest.json" "pages/home.css"
    "pages/home.html" "pages/home.js" "pages/rules.css" "pages/rules.html" "pages/rules.js" "tests/days.js"
);

const VUE: &[File] = from!("../templates/vue/":
    "README.md" "index.html" "jsconfig.json" "manifest.json" "package.json" "public/app.js" "public/i18n/en.json"
    "public/i18n/zh-Hans.json" "public/icon.svg" "src/App.vue" "src/kept.js" "src/main.js" "src/reports.js"
    "src/style.css" "src/words.js" "test/reports.test.js" "tests/repairs.js" "vite.config.js"
);

/// The types of the host APIs, as a package for npm.
pub(crate) const TYPES_PACKAGE: &[File] = from!("../../host-apis/types/": "README.md" "index.d.ts" "package.json");

/// The types of the host APIs, for editors.
const TYPES: File = ("guichet.d.ts", include_str!("../../host-apis/types/index.d.ts"));

/// The types of journeys, for editors.
const JOURNEY_TYPES: File = ("tests/journeys.d.ts", include_str!("journey/journeys.d.ts"));

/// What the manifest's `$schema` names, for editors. It is not packed: no host reads it.
const SCHEMA: File = ("manifest.schema.json", crate::command::schema::SCHEMA);

/// What lies elsewhere or under another name: hidden files are not hidden in the templates.
const HIDDEN_PAGE: &[File] = &[
    TYPES,
    JOURNEY_TYPES,
    SCHEMA,
    (".guichetignore", include_str!("../templates/page/guichetignore")),
    (".gitignore", include_str!("../templates/page/gitignore")),
];

const HIDDEN_COMPONENT: &[File] = &[
    TYPES,
    JOURNEY_TYPES,
    SCHEMA,
    (".guichetignore", include_str!("../templates/component/guichetignore")),
    (".gitignore", include_str!("../templates/component/gitignore")),
    ("logic/.cargo/config.toml", include_str!("../../host-apis/guest/.cargo/config.toml")),
];

const HIDDEN_VUE: &[File] = &[TYPES, JOURNEY_TYPES, SCHEMA, (".gitignore", include_str!("../templates/vue/gitignore"))];

/// The guest library, until it can be had from a registry.
const GUEST: &[File] = from!("../../host-apis/guest/":
    "Cargo.toml" "README.md" "src/app.rs" "src/calls.rs" "src/clock.rs" "src/failure.rs" "src/lib.rs" "src/log.rs"
    "src/page.rs" "src/tasks.rs"
);

const WIT: &[File] = from!("../../host-apis/wit/":
    "app-info.wit" "app.wit" "card.wit" "clipboard.wit" "code.wit" "files.wit" "log.wit" "logic.wit" "navigation.wit" "network.wit" "notify.wit" "open-app.wit" "page.wit" "print.wit" "scan.wit" "speech.wit" "storage.wit" "telemetry.wit" "timer.wit" "world.wit"
);

/// The files of a template for one app, by path.
pub(crate) fn files(template: TemplateName, app_id: &AppId) -> Vec<(String, String)> {
    let at = |folder: &'static str| move |(path, text): &File| (format!("{folder}{path}"), (*text).to_owned());
    let own = |(path, text): &File| ((*path).to_owned(), text.replace(APP_ID, app_id.as_str()));
    let mut files: Vec<(String, String)> = match template {
        TemplateName::Page => PAGE.iter().chain(HIDDEN_PAGE).map(own).collect(),
        TemplateName::Vue => VUE.iter().chain(HIDDEN_VUE).map(own).collect(),
        TemplateName::Component => {
            let own = COMPONENT.iter().chain(HIDDEN_COMPONENT).map(own);
            own.chain(GUEST.iter().map(at("logic/guichet-guest/"))).chain(WIT.iter().map(at("logic/wit/"))).collect()
        }
    };
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    /// Every file below a folder, but for what is built or hidden.
    fn listed(folder: &str) -> BTreeSet<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut folders = vec![root.clone()];
        let mut found = BTreeSet::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                if name.starts_with('.') || name == "target" || name == "Cargo.lock" {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.insert(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        found
    }

    fn check(folder: &str, files: &[File], besides: &[&str]) {
        let expected: BTreeSet<String> =
            files.iter().map(|(path, _)| *path).chain(besides.iter().copied()).map(str::to_owned).collect();
        assert_eq!(listed(folder), expected, "{folder}");
    }

    #[test]
    fn every_file_of_a_template_is_in_the_program() {
        check("templates/page", PAGE, &["guichetignore", "gitignore"]);
        check("templates/component", COMPONENT, &["guichetignore", "gitignore"]);
        check("templates/vue", VUE, &["gitignore"]);
        check("../host-apis/guest", GUEST, &[]);
        check("../host-apis/wit", WIT, &[]);
        check("../host-apis/types", TYPES_PACKAGE, &[]);
    }

    #[test]
    fn nothing_of_the_stand_in_is_left() {
        for template in [TemplateName::Page, TemplateName::Component, TemplateName::Vue] {
            let files = files(template, &"gov.example.first".parse().unwrap());
            assert!(files.iter().all(|(_, text)| !text.contains(APP_ID)));
            let manifest = files.iter().find(|(path, _)| path == "manifest.json").map(|(_, text)| text.as_str());
            let manifest: serde_json::Value = serde_json::from_str(manifest.unwrap()).unwrap();
            assert_eq!(manifest["app_id"], "gov.example.first");
            let schema = manifest["$schema"].as_str().and_then(|path| path.strip_prefix("./")).unwrap();
            assert!(files.iter().any(|(path, _)| path == schema), "{schema} is not made");
        }
    }
}
