//! The types of the host APIs, as TypeScript's own compiler takes them: over the templates and the samples.

use std::{fs, path::Path, process::Command};

use guichet_journeys::{
    guide::{self, commands},
    process::{must, program, run},
};
use serde_json::json;

/// What the templates import of npm's, which is not here.
const OF_NPM: &str = r#"declare module "vue";
declare module "*.vue";
declare module "*.css";
declare module "node:assert/strict";
declare module "node:test";
"#;

/// Checks all scripts below a folder with the package that `guichet types` writes.
fn complaints(folder: &Path, sources: &Path) -> String {
    let settings = json!({
        "compilerOptions": {
            "noEmit": true, "allowJs": true, "checkJs": true, "strict": false, "target": "esnext", "module": "esnext",
            "moduleResolution": "bundler", "lib": ["esnext", "dom", "dom.iterable"], "types": ["guichet-types"],
            "typeRoots": [folder.join("node_modules")],
        },
        "include": [sources.join("**/*.js"), sources.join("tests/*.d.ts"), folder.join("*.d.ts")],
        "exclude": ["**/dist", "**/target", "**/vite.config.js"],
    });
    fs::write(folder.join("tsconfig.json"), settings.to_string()).unwrap();
    let compiler = std::env::var("GUICHET_TSC").unwrap_or_else(|_| panic!("set GUICHET_TSC to the program tsc"));
    run(Command::new(compiler).args(["--project", "."]).current_dir(folder)).unwrap().stdout
}

/// A project of npm's that has done what README.md of the types says.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    guide::run(&commands("host-apis/types/README.md").unwrap(), folder.path(), &[]).unwrap();
    fs::write(folder.path().join("of-npm.d.ts"), OF_NPM).unwrap();
    folder
}

#[test]
#[ignore = "needs TypeScript: cargo xtask test --full"]
fn templates_and_samples_are_what_the_types_say() {
    let project = project();
    let folder = project.path();
    for template in ["page", "component", "vue"] {
        let mut new = program("guichet").unwrap();
        new.args(["new", template, "--template", template, "--app-id", "gov.example.typed"]).current_dir(folder);
        must(&mut new).unwrap();
        assert_eq!(complaints(folder, &folder.join(template)), "", "{template}");
    }
    // What journeys may say, which templates carry and samples do not.
    fs::copy(folder.join("page/tests/journeys.d.ts"), folder.join("journeys.d.ts")).unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for sample in ["residence-permit", "benefit-estimator", "certificate-printer", "document-scan", "queue-board"] {
        assert_eq!(complaints(folder, &samples.join(sample)), "", "{sample}");
    }
}

#[test]
#[ignore = "needs TypeScript: cargo xtask test --full"]
fn a_call_that_there_is_not_is_pointed_at() {
    let project = project();
    let folder = project.path();
    let script = "const kept = await guichet.storage.get(7);\nguichet.storage.fetch();\nguichet.page.update({ ok: true });\nexport {};\n";
    fs::create_dir(folder.join("app")).unwrap();
    fs::write(folder.join("app/app.js"), script).unwrap();
    let said = complaints(folder, &folder.join("app"));
    let places: Vec<_> = said.lines().filter_map(|line| line.split(": error").next()).collect();
    assert_eq!(places, ["app/app.js(1,40)", "app/app.js(2,17)"], "{said}");
}
