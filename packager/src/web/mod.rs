//! What another tool has built, Vite or any that ends with static files, as the files of a MiniApp.
//!
//! The pages stay where they are, at the top of the package, so absolute and relative URLs mean what they meant. Scripts
//! that stand inside a page are moved into files of their own: a view runs no others. What cannot work is found by
//! [`check`](crate::check).

mod answers;
mod page;

use std::{collections::BTreeMap, path::Path};

use guichet_package::{PackagePath, manifest::MANIFEST_PATH};

pub(crate) use answers::{Answers, suggested_name};

use crate::{
    check::{Found, Origin, sources},
    failure::Failure,
    project::Project,
};

/// The icon of an app that has none.
const ICON: (&str, &str) = ("common/icon.svg", include_str!("../../templates/page/common/icon.svg"));

/// The files of a build.
#[derive(Debug)]
pub(crate) struct WebBuild {
    /// What was built, without source maps and packages of before.
    pub(crate) files: BTreeMap<PackagePath, Vec<u8>>,
    /// Symbolic links, which are left out.
    pub(crate) links: Vec<String>,
}

/// The files of a MiniApp, and what was found in them.
#[derive(Debug)]
pub(crate) struct Assembled {
    pub(crate) files: BTreeMap<PackagePath, Vec<u8>>,
    pub(crate) found: Vec<Found>,
}

impl WebBuild {
    /// Reads the folder a tool has built into.
    pub(crate) fn read(folder: &Path) -> Result<Self, Failure> {
        if !folder.is_dir() {
            return Err(Failure::NotBuilt { path: folder.to_owned() });
        }
        let Project { mut files, links } = Project::read(folder)?;
        files.retain(|path, _| !matches!(path.extension(), Some("map" | "ma")));
        Ok(Self { files, links })
    }

    /// The routes of its pages, `index` first.
    pub(crate) fn routes(&self) -> Vec<String> {
        let mut routes: Vec<String> =
            self.files.keys().filter_map(|path| path.as_str().strip_suffix(".html")).map(str::to_owned).collect();
        routes.sort_by_key(|route| (route != "index", route.clone()));
        routes
    }

    /// The text of a page.
    pub(crate) fn page(&self, route: &str) -> Option<&str> {
        std::str::from_utf8(self.files.get(format!("{route}.html").as_str())?).ok()
    }

    /// A picture that can be the app's icon.
    pub(crate) fn icon(&self) -> Option<String> {
        const NAMES: [&str; 8] = [
            "icon.svg",
            "favicon.svg",
            "logo.svg",
            "icon.png",
            "logo.png",
            "apple-touch-icon.png",
            "favicon.png",
            "vite.svg",
        ];
        NAMES.into_iter().find(|name| self.files.contains_key(*name)).map(str::to_owned)
    }

    /// The whole app: with the manifest, the files that W3C demands, and pages that run under the policy of a view.
    pub(crate) fn assemble(mut self, manifest: Vec<u8>) -> Assembled {
        let names_icon = String::from_utf8_lossy(&manifest).contains(ICON.0);
        if let Ok(path) = MANIFEST_PATH.parse() {
            self.files.insert(path, manifest);
        }
        let mut found = sources(&self.files, Origin::Build);
        found.sort_by_key(|found| !found.is_error());
        let pages: Vec<PackagePath> =
            self.files.keys().filter(|path| path.extension() == Some("html")).cloned().collect();
        for path in pages {
            let Some(html) = self.files.get(&path).and_then(|bytes| String::from_utf8(bytes.clone()).ok()) else {
                continue;
            };
            let (html, scripts) = page::without_inline_scripts(&html, path.as_str());
            for (name, script) in scripts {
                if let Ok(name) = name.parse() {
                    self.files.insert(name, script.into_bytes());
                }
            }
            self.files.insert(path, html.into_bytes());
        }
        let mut put = |path: &str, bytes: Vec<u8>| {
            if let Ok(path) = path.parse::<PackagePath>() {
                self.files.entry(path).or_insert(bytes);
            }
        };
        put("app.js", Vec::new());
        put("app.css", Vec::new());
        if names_icon {
            put(ICON.0, ICON.1.into());
        }
        Assembled { files: self.files, found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(files: &[(&str, &str)]) -> WebBuild {
        let files = files.iter().map(|(path, text)| (path.parse().unwrap(), text.as_bytes().to_vec())).collect();
        WebBuild { files, links: Vec::new() }
    }

    const MANIFEST: &str = r#"{"app_id": "gov.example.app", "name": "A", "icons": [{"src": "common/icon.svg"}],
        "version": {"code": 1, "name": "1.0.0"}, "platform_version": {"min_code": 1}, "pages": ["index"],
        "req_permissions": [{"name": "host:network", "reason": "x", "scope": {"domains": ["data.example.gov"]}}]}"#;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let found = build(files).assemble(MANIFEST.into()).found;
        let line = |found: &Found| {
            let weight = if found.is_error() { "refused " } else { "" };
            format!("{weight}{} {}", found.class, found.place())
        };
        found.iter().filter(|found| found.class.starts_with("web/")).map(line).collect()
    }

    #[test]
    fn a_build_becomes_an_app() {
        let built =
            build(&[("index.html", "<p>"), ("about.html", "<p>"), ("vite.svg", "<svg/>"), ("assets/a.js", "1")]);
        assert_eq!(built.routes(), ["index", "about"]);
        assert_eq!(built.icon().as_deref(), Some("vite.svg"));
        let app = built.assemble(MANIFEST.into());
        let paths: Vec<_> = app.files.keys().map(PackagePath::as_str).collect();
        assert_eq!(
            paths,
            [
                "about.html",
                "app.css",
                "app.js",
                "assets/a.js",
                "common/icon.svg",
                "index.html",
                "manifest.json",
                "vite.svg"
            ]
        );
        assert!(app.found.iter().all(|found| found.class == "check/unused-permission"));
    }

    #[test]
    fn what_cannot_work_in_a_page_is_found_where_it_stands() {
        let page = "<!doctype html>\n<head>\n<base href=\"/x/\">\n<script src=\"https://cdn.example/a.js\"></script>\n\
            <link rel=stylesheet href=//cdn.example/a.css><link rel=\"icon\" href=\"https://x.example/i.png\">\n\
            <meta http-equiv=refresh content=\"0\">\n<script type=\"importmap\">{}</script></head>\n\
            <body onload=\"go()\"><script src=\"/sub/main.js\"></script>\n<iframe src=\"a.html\"></iframe>\n\
            <form action=\"/send\"></form><img src=\"https://x.example/a.png\"><a href=\"https://x.example\">out</a>";
        assert_eq!(
            found(&[("index.html", page)]),
            [
                "refused web/remote-script index.html:4:9",
                "refused web/remote-style index.html:5:22",
                "refused web/missing-file index.html:8:29",
                "web/base-element index.html:3:1",
                "web/meta-refresh index.html:6:1",
                "web/import-map index.html:7:1",
                "web/inline-handler index.html:8:7",
                "web/frame index.html:9:1",
                "web/form index.html:10:1",
                "web/no-alt index.html:10:29",
                "web/remote-image index.html:10:34",
            ]
        );
        let own = [
            ("index.html", "<script src=./app.js></script><script src='/a.js?x'></script>"),
            ("app.js", ""),
            ("a.js", ""),
        ];
        assert_eq!(found(&own), ["refused web/app-js index.html:1:9"]);
    }

    #[test]
    fn what_cannot_work_in_a_script_is_found_where_it_stands() {
        let of = |script: &str| found(&[("assets/a.js", script)]).join(" ");
        assert_eq!(of("x;\nnavigator.serviceWorker.register(`/sw.js`)"), "web/service-worker assets/a.js:2:1");
        assert_eq!(of("let c = document.cookie"), "web/cookies assets/a.js:1:9");
        assert_eq!(of("a=eval(b)"), "web/eval assets/a.js:1:3");
        assert_eq!(of("new Function('a','return a')"), "web/eval assets/a.js:1:1");
        assert_eq!(of("r=new Function(`Vue`,c)(d)"), "web/template-compiler assets/a.js:1:3");
        assert_eq!(of("new WebSocket('wss://data.example.gov')"), "web/channel assets/a.js:1:1");
        assert_eq!(of("import('https://cdn.example/x.js')"), "web/remote-module assets/a.js:1:8");
        assert_eq!(of("localStorage.a = 1"), "web/not-kept assets/a.js:1:1");
        assert_eq!(
            of("fetch('https://data.example.gov/x'); fetch('https://other.example/x')"),
            "web/undeclared-host assets/a.js:1:44"
        );
        assert_eq!(
            of("axios.create({baseURL:\"https://api.example:8443/v1\"})"),
            "web/undeclared-host assets/a.js:1:23"
        );
        assert_eq!(of("fetch(`https://api.${x}.gov/`);import(`./x/${y}.js`);fetch(`${a}/b`)"), "");
        assert_eq!(of("fetch(`https://other.example/${x}`)"), "web/undeclared-host assets/a.js:1:7");
        assert_eq!(of("const fetch = own; fetch('https://other.example')"), "");
        assert_eq!(of("window.fetch('https://other.example')"), "web/undeclared-host assets/a.js:1:14");
        assert_eq!(of("h.pushState(a,'',b);c='router-link-active'"), "web/history assets/a.js:1:1");
        assert_eq!(of("h.pushState(a,'',b);c='router-link-active';b.includes('#')||(b+='#')"), "");
        assert_eq!(of("Function('return this')();retrieval(x);my.eval_(y) // eval(x)\n/* document.cookie */"), "");
        assert_eq!(
            found(&[("a.css", "a{b:c}\n@import url(https://fonts.example/x)")]),
            ["web/remote-style a.css:2:13"]
        );
    }
}
