//! The script of the journeys, run where the logic of apps runs: it reaches nothing but its steps.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use guichet_host::{Look, LookOptions, LookTerminal, Profile, Walls, users_script_cache};
use guichet_package::{Limits, PackageDraft, PackagePath, Refusal};
use guichet_services::{InvalidSimulation, Simulation};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::bare::{Bare, Thrown};

/// How long it may take until the script runs: where nothing is compiled yet, that is most of it.
const TO_LOAD: Duration = Duration::from_secs(300);
/// How long a journey may think between two steps; its own timers count.
const TO_THINK: Duration = Duration::from_secs(30);

const STEPS: &str = include_str!("steps.js");
const MANIFEST: &str = r#"{"app_id":"guichet.journeys","name":"Journeys","icons":[{"src":"icon.svg"}],"pages":["page"],
    "platform_version":{"min_code":1},"version":{"code":1,"name":"1"}}"#;

/// A journey as its file registers it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Journey {
    /// What is seen if it passes.
    pub(crate) name: String,
    /// The file, below the project.
    pub(crate) file: String,
    /// The permissions that the app holds; all it asks for if this is not said.
    pub(crate) permissions: Option<Vec<String>>,
    /// The profiles it is meant for; all if this is not said.
    pub(crate) profiles: Option<Vec<Profile>>,
    /// The language of the person; that of the manifest if this is not said.
    pub(crate) lang: Option<Person>,
    /// How the simulated devices are, by their names.
    #[serde(default)]
    pub(crate) devices: BTreeMap<String, String>,
}

impl Journey {
    /// How the simulated devices are in it; failed if there is none such.
    pub(crate) fn simulations(&self) -> Result<Vec<Simulation>, Thrown> {
        let one = |(device, state): (&String, &String)| format!("{device}={state}").parse();
        self.devices
            .iter()
            .map(one)
            .collect::<Result<_, InvalidSimulation>>()
            .map_err(|invalid| Thrown::new(invalid.to_string()))
    }
}

/// A language that a terminal speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Person {
    /// English.
    #[serde(rename = "en")]
    En,
    /// Simplified Chinese.
    #[serde(rename = "zh-Hans")]
    Zh,
}

impl Person {
    /// As a BCP 47 tag.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-Hans",
        }
    }
}

/// What a journey does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// This step, with its input.
    Step(String, Json),
    /// Nothing: it has passed.
    Done,
    /// Nothing: it has failed, and where.
    Failed(Thrown, Option<String>),
}

/// All journeys, ready to be begun.
pub(crate) struct Tester {
    look: Look,
    bare: Bare,
}

impl Tester {
    /// Loads the files of journeys, named by their paths below the project.
    pub(crate) fn load(files: &BTreeMap<String, Vec<u8>>, walls: Walls) -> Result<Self, Thrown> {
        let package = package(files).map_err(|refusal| Thrown::new(refusal.what()))?;
        let options = LookOptions {
            services: Arc::new(guichet_services::Memory::default()),
            lang: "en".to_owned(),
            terminal: LookTerminal::Desktop,
            walls,
            script_cache: users_script_cache(),
            recorder: None,
            plays: None,
        };
        let look = Look::open(package, options).map_err(|error| Thrown::new(error.to_string()))?;
        let bare = Bare::open(&look, None, TO_LOAD)?;
        Ok(Self { look, bare })
    }

    /// Loads them once more if a journey had to be stopped from outside.
    pub(crate) fn again(&mut self) -> Result<(), Thrown> {
        if self.bare.is_over() {
            self.bare = Bare::open(&self.look, None, TO_LOAD)?;
        }
        Ok(())
    }

    /// What runs logic, already warm.
    pub(crate) fn look(&self) -> &Look {
        &self.look
    }

    /// The journeys, in the order of their files.
    pub(crate) fn list(&mut self) -> Result<Vec<Journey>, Thrown> {
        let list = self.bare.ask("list", &Json::Null, TO_LOAD)?;
        serde_json::from_value(list).map_err(|error| Thrown::new(format!("a journey is not written as one: {error}")))
    }

    /// Begins one.
    pub(crate) fn begin(&mut self, index: usize) -> Result<Next, Thrown> {
        self.bare.ask("begin", &json!({ "index": index }), TO_THINK).map(read)
    }

    /// Goes on with what the last step has brought.
    pub(crate) fn next(&mut self, brought: &Result<Json, Thrown>) -> Result<Next, Thrown> {
        let brought = match brought {
            Ok(ok) => json!({ "ok": ok }),
            Err(thrown) => json!({ "error": { "name": thrown.name, "message": thrown.message } }),
        };
        self.bare.ask("next", &brought, TO_THINK).map(read)
    }
}

fn read(answer: Json) -> Next {
    if let Some(failed) = answer.get("failed") {
        let text = |member: &str| failed[member].as_str().map(str::to_owned);
        return Next::Failed(Thrown::new(text("message").unwrap_or_default()), text("where"));
    }
    match answer["step"].as_str() {
        Some(step) => Next::Step(step.to_owned(), answer.clone()),
        None => Next::Done,
    }
}

/// The journeys as an app of their own: its logic is theirs.
fn package(files: &BTreeMap<String, Vec<u8>>) -> Result<guichet_package::PackageFile, Refusal> {
    let mut app = "import \"./steps.js\";\n".to_owned();
    let mut all: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (index, (path, text)) in files.iter().enumerate() {
        let mark = format!("begins-{index}.js");
        app += &format!("import \"./{mark}\";\nimport {};\n", json!(format!("./{path}")));
        all.insert(mark, format!("import {{ begins }} from \"./steps.js\";\nbegins({});\n", json!(path)).into_bytes());
        all.insert(path.clone(), text.clone());
    }
    app += "export { list, begin, next } from \"./steps.js\";\n";
    for (path, text) in [
        ("manifest.json", MANIFEST),
        ("app.js", &app),
        ("app.css", ""),
        ("page.html", "<!doctype html><title>Journeys</title>"),
        ("icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ("steps.js", STEPS),
    ] {
        all.insert(path.to_owned(), text.as_bytes().to_vec());
    }
    let mut named = BTreeMap::new();
    for (path, text) in all {
        named.insert(path.parse::<PackagePath>()?, text);
    }
    PackageDraft::new(named, &Limits::default())?.unsealed()
}
