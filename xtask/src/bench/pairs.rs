//! Eight pairs of an app before and after a release: real libraries at two successive versions, bundled and minified, with
//! pages, pictures and WebAssembly.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_json::json;

use crate::shell;

/// Bundles; the same for both sides.
const ESBUILD: &str = "esbuild@0.25.0";
/// Pictures; the same for both sides.
const ICONS: &str = "cryptocurrency-icons@0.18.1";
const OLD: &[&str] = &[
    "vue@3.5.13",
    "vant@4.9.18",
    "react@19.1.0",
    "react-dom@19.1.0",
    "echarts@5.5.1",
    "leaflet@1.9.3",
    "sql.js@1.12.0",
    "esbuild-wasm@0.25.0",
];
const NEW: &[&str] = &[
    "vue@3.5.14",
    "vant@4.9.19",
    "react@19.1.1",
    "react-dom@19.1.1",
    "echarts@5.6.0",
    "leaflet@1.9.4",
    "sql.js@1.13.0",
    "esbuild-wasm@0.25.1",
];
const PICTURES: usize = 48;

/// What one app is made of.
struct Recipe {
    name: &'static str,
    imports: &'static str,
    /// Files that are taken as they are.
    files: &'static [(&'static str, &'static str)],
    /// The new side keeps the old libraries.
    is_hotfix: bool,
    /// File names carry a digest of the content, as bundlers write them.
    is_hashed: bool,
}

const VUE: &str = "import * as V from 'vue'; import * as A from 'vant'; import 'vant/lib/index.css'; const L = {V, A};";
const PLAIN: Recipe = Recipe { name: "", imports: "const L = {};", files: &[], is_hotfix: false, is_hashed: false };

const RECIPES: [Recipe; 8] = [
    Recipe { name: "hotfix", imports: VUE, is_hotfix: true, ..PLAIN },
    Recipe { name: "hotfix-hashed", imports: VUE, is_hotfix: true, is_hashed: true, ..PLAIN },
    Recipe { name: "vue-vant", imports: VUE, ..PLAIN },
    Recipe {
        name: "react",
        imports: "import * as R from 'react'; import * as D from 'react-dom/client'; const L = {R, D};",
        ..PLAIN
    },
    Recipe { name: "echarts", imports: "import * as E from 'echarts'; const L = {E};", ..PLAIN },
    Recipe {
        name: "leaflet",
        imports: "import * as M from 'leaflet'; import 'leaflet/dist/leaflet.css'; const L = {M};",
        ..PLAIN
    },
    Recipe {
        name: "sqljs",
        files: &[
            ("sql.js/dist/sql-wasm.js", "common/sql-wasm.js"),
            ("sql.js/dist/sql-wasm.wasm", "common/sql-wasm.wasm"),
        ],
        ..PLAIN
    },
    Recipe { name: "bigwasm", files: &[("esbuild-wasm/esbuild.wasm", "common/logic.wasm")], ..PLAIN },
];

/// One pair, as folders that can be packed.
pub(super) struct Pair {
    pub(super) name: &'static str,
    pub(super) old: PathBuf,
    pub(super) new: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Old,
    New,
}

/// Installs the libraries once, and makes the pairs anew.
pub(super) fn make(folder: &Path) -> Result<Vec<Pair>> {
    let (old, new) = (folder.join("npm-old"), folder.join("npm-new"));
    install(&old, &[OLD, &[ESBUILD, ICONS]].concat())?;
    install(&new, NEW)?;
    let pairs = folder.join("pairs");
    if pairs.exists() {
        fs::remove_dir_all(&pairs)?;
    }
    RECIPES
        .iter()
        .map(|recipe| {
            let place = |side| pairs.join(recipe.name).join(side);
            let pair = Pair { name: recipe.name, old: place("old"), new: place("new") };
            build(recipe, Side::Old, &old, &old, &pair.old)?;
            build(recipe, Side::New, if recipe.is_hotfix { &old } else { &new }, &old, &pair.new)?;
            Ok(pair)
        })
        .collect()
}

fn install(folder: &Path, packages: &[&str]) -> Result<()> {
    if folder.join("node_modules/.package-lock.json").is_file() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    fs::write(folder.join("package.json"), json!({"name": "pairs", "version": "1.0.0", "private": true}).to_string())?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]).args(packages);
    shell::finish(npm.current_dir(folder).stdout(std::process::Stdio::null()))
        .context("npm is needed for real releases")
}

/// Builds one side: `libraries` are bundled, `tools` have the bundler and the pictures.
fn build(recipe: &Recipe, side: Side, libraries: &Path, tools: &Path, out: &Path) -> Result<()> {
    let source = out.with_extension("source");
    for folder in [source.join("pages"), out.join("pages"), out.join("common"), out.join("img")] {
        fs::create_dir_all(folder)?;
    }
    write_modules(side, &source)?;
    let main = format!(
        "{}\nimport {{pages, build}} from './app.js';\nglobalThis.__app = {{L, pages, build}};\n",
        recipe.imports
    );
    fs::write(source.join("main.js"), main)?;

    let mut bundle = Command::new(tools.join("node_modules/.bin/esbuild"));
    bundle
        .args(["main.js", "--bundle", "--minify", "--format=iife", "--loader:.png=dataurl", "--log-level=error"])
        .arg("--define:process.env.NODE_ENV=\"production\"")
        .args(["--define:__VUE_OPTIONS_API__=true", "--define:__VUE_PROD_DEVTOOLS__=false"])
        .arg("--define:__VUE_PROD_HYDRATION_MISMATCH_DETAILS__=false")
        .arg(format!("--outfile={}", out.join("common/bundle.js").display()))
        .env("NODE_PATH", libraries.join("node_modules"))
        .current_dir(&source);
    shell::finish(&mut bundle)?;
    fs::remove_dir_all(&source)?;
    let styles = out.join("common/bundle.css");
    if !styles.is_file() {
        fs::write(&styles, "body{margin:0;font:14px sans-serif}.card{padding:12px;border-radius:8px}\n")?;
    }
    for (from, to) in recipe.files {
        fs::copy(libraries.join("node_modules").join(from), out.join(to)).with_context(|| format!("no {from}"))?;
    }
    copy_pictures(side, &tools.join("node_modules/cryptocurrency-icons/128/color"), &out.join("img"))?;
    write_frame(recipe, side, out)
}

/// Manifest, page and the files that every app has.
fn write_frame(recipe: &Recipe, side: Side, out: &Path) -> Result<()> {
    let mut names = ["bundle.js".to_owned(), "bundle.css".to_owned()];
    if recipe.is_hashed {
        for name in &mut names {
            let path = out.join("common").join(&*name);
            let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(fs::read(&path)?));
            let hashed = name.replace('.', &format!("-{}.", &digest[..8]));
            fs::rename(path, out.join("common").join(&hashed))?;
            *name = hashed;
        }
    }
    let [script, styles] = names;
    let page = format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><title>{}</title><link rel=\"stylesheet\" \
         href=\"../common/{styles}\"></head><body><div id=\"app\"></div><script src=\"../common/{script}\"></script></body></html>\n",
        recipe.name
    );
    let (code, version) = if side == Side::New { (2, "1.4.1") } else { (1, "1.4.0") };
    let manifest = json!({
        "app_id": format!("org.example.{}", recipe.name),
        "name": recipe.name,
        "icons": [{"src": "img/i1.png"}],
        "pages": ["pages/home"],
        "platform_version": {"min_code": 1},
        "version": {"code": code, "name": version},
    });
    fs::write(out.join("manifest.json"), serde_json::to_vec_pretty(&manifest)?)?;
    fs::write(out.join("pages/home.html"), page)?;
    fs::write(out.join("app.js"), "export default {};\n")?;
    fs::write(out.join("app.css"), "")?;
    Ok(())
}

/// Forty-eight pictures; the new side exchanges two.
fn copy_pictures(side: Side, from: &Path, to: &Path) -> Result<()> {
    let mut pictures = fs::read_dir(from)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    pictures.sort();
    let mut chosen: Vec<_> = pictures.iter().take(PICTURES).collect();
    if side == Side::New {
        for (place, other) in chosen.iter_mut().zip(pictures.iter().rev()).take(2) {
            *place = other;
        }
    }
    for (number, picture) in chosen.into_iter().enumerate() {
        fs::copy(picture, to.join(format!("i{}.png", number + 1)))?;
    }
    Ok(())
}

/// Forty modules of an app's own code, the same each time; the new side changes two and has one more.
fn write_modules(side: Side, source: &Path) -> Result<()> {
    let mut words = Words(12345);
    let mut index = String::new();
    for page in 0..40 {
        let labels: Vec<String> =
            (0..30).map(|_| format!("{} {} {}", words.word(), words.word(), words.below(1000))).collect();
        let mut text = format!("export const name = 'page{page}';\nconst T = {};\n", json!(labels));
        for number in 0..14 {
            write_function(&mut text, number, &mut words)?;
        }
        if side == Side::New && (page == 7 || page == 23) {
            text.push_str(
                "export function hotfix(state) { if (!state || !state.items) return []; return state.items.filter(x => x && \
                 x.visible !== false).map(x => ({...x, label: String(x.label).trim()})); }\n",
            );
        }
        fs::write(source.join(format!("pages/p{page}.js")), text)?;
        writeln!(index, "import * as p{page} from './pages/p{page}.js';")?;
    }
    let count = if side == Side::New { 41 } else { 40 };
    if side == Side::New {
        fs::write(
            source.join("pages/p40.js"),
            "export function coupon(state) { return (state.coupons || []).sort((a, b) => b.amount - a.amount).slice(0, 5)\
             .map(c => ({t: c.title, v: c.amount / 100})); }\n",
        )?;
        writeln!(index, "import * as p40 from './pages/p40.js';")?;
    }
    let pages: Vec<_> = (0..count).map(|page| format!("p{page}")).collect();
    let version = if side == Side::New { "1.4.1" } else { "1.4.0" };
    writeln!(index, "export const pages = [{}];\nexport const build = '{version}';", pages.join(","))?;
    fs::write(source.join("app.js"), index)?;
    Ok(())
}

fn write_function(text: &mut String, number: usize, words: &mut Words) -> Result<()> {
    let [name, list, value, flag, choice, label, group, leaf, state, field] = [(); 10].map(|()| words.word());
    let [from, limit, factor, api, offset] = [5, 500, 99, 3, 1000].map(|most| words.below(most));
    writeln!(
        text,
        "export function {name}_{number}(state, arg) {{ let out = []; for (let k = {from}; k < arg.{list}.length; k++) {{ \
         const v = arg.{list}[k]; if (v.{value} > {limit} && state.{flag} !== '{choice}') {{ out.push({{id: k * {factor} + 1, \
         label: T[k % T.length] + v.{label}, url: '/api/v{api}/{group}/{leaf}'}}); }} else {{ state.{state} = v.{field} + \
         {offset}; }} }} return out; }}"
    )?;
    Ok(())
}

/// Words in an order that looks like chance and is always the same.
struct Words(u32);

impl Words {
    fn below(&mut self, most: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % most
    }

    fn word(&mut self) -> &'static str {
        const WORDS: [&str; 30] = [
            "order", "list", "item", "price", "cart", "user", "address", "coupon", "detail", "search", "banner",
            "notice", "score", "level", "point", "query", "submit", "cancel", "retry", "loading", "empty", "title",
            "subtitle", "total", "amount", "ship", "pay", "refund", "stock", "page",
        ];
        WORDS[self.below(30) as usize]
    }
}
