//! A session that begins from an image is the session that loads the code.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock},
};

use guichet_contract::Value;
use guichet_engine::{
    Budget, CacheOptions, Ended, Engine, EngineOptions, Event, Holds, Image, Logic, NoImage, Output, PagePhase, Phase,
    Program,
};
use insta::assert_snapshot;
use proptest::{prelude::*, test_runner::TestCaseError};
use serde_json::{Value as Json, json};

use crate::session::{PATIENT, START_MS, Session, folder, launched, one_file, rust, script};

const PACKAGE: [u8; 32] = [5; 32];
const KEY: [u8; 32] = [7; 32];

/// An engine with a cache that all of these tests share.
fn engine() -> &'static Engine {
    static ENGINE: OnceLock<(tempfile::TempDir, Engine)> = OnceLock::new();
    let make = || {
        let folder = tempfile::tempdir().unwrap();
        let engine = keyed(folder.path(), KEY);
        (folder, engine)
    };
    &ENGINE.get_or_init(make).1
}

fn keyed(folder: &Path, key: [u8; 32]) -> Engine {
    let cache = CacheOptions { folder: folder.to_owned(), key, holds: Holds::Everything };
    Engine::new(EngineOptions { cache: Some(cache), walls: crate::walls() }).unwrap()
}

struct Taken {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Taken {
    fn of(program: &Program) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logic.image");
        let file = File::options().read(true).write(true).create_new(true).open(&path).unwrap();
        engine().write_image(&file, &PACKAGE, program, PATIENT).unwrap();
        Self { _folder: folder, path }
    }

    fn open(&self) -> Option<Image> {
        engine().image(&self.path, &PACKAGE)
    }
}

fn no_image(program: &Program, budget: Budget) -> NoImage {
    engine().write_image(&tempfile::tempfile().unwrap(), &PACKAGE, program, budget).unwrap_err()
}

fn begin(program: &Program, image: &Image) -> Logic {
    engine().load(program).unwrap().start_from(image, PATIENT).unwrap()
}

/// Plays a journal on both, and says where they first differ in what they put out or hold.
fn compare(program: &Program, journal: &[(u64, Event)]) -> Result<Vec<Output>, String> {
    let mut loaded = engine().load(program).unwrap().start(PATIENT).unwrap();
    let taken = Taken::of(program);
    let mut begun = begin(program, &taken.open().unwrap());
    let mut all = Vec::new();
    for (number, (at, event)) in (0..).zip(journal) {
        if loaded.memory_digests() != begun.memory_digests() {
            return Err(format!("the memories differ before event {number}, {event:?}"));
        }
        let (wanted, outputs) = (loaded.handle(*at, event.clone()), begun.handle(*at, event.clone()));
        if outputs != wanted {
            return Err(format!("event {number}, {event:?}: {wanted:?} when loaded, {outputs:?} from the image"));
        }
        match outputs {
            Ok(outputs) => all.extend(outputs),
            Err(Ended::Deadline(_)) => return Err(format!("event {number}, {event:?} takes too long to be compared")),
            Err(_) => break,
        }
    }
    if loaded.memory_digests() != begun.memory_digests() || loaded.memory_bytes() != begun.memory_bytes() {
        return Err("the memories differ at the end".to_owned());
    }
    Ok(all)
}

fn exports(source: &str) -> Vec<String> {
    let name = |line: &str| {
        let line = line.strip_prefix("export ")?;
        let rest = ["const ", "function ", "async function "].iter().find_map(|word| line.strip_prefix(word))?;
        Some(rest.chars().take_while(|letter| letter.is_alphanumeric()).collect())
    };
    source.lines().filter_map(name).collect()
}

/// Every handler of an app asked once, with the phases of an app and of a page around it.
fn journal_of_all(program: &Program) -> Vec<(u64, Event)> {
    let Program::Script(sources) = program else { panic!("a script") };
    let mut session = Session::launch(program);
    session.run(Event::Phase(Phase::Shown), 0).unwrap();
    let page = |phase| Event::Page { page: 1, route: "pages/index".to_owned(), query: "a=1".to_owned(), phase };
    session.run(page(PagePhase::Shown), 5).unwrap();
    for name in exports(&sources["app.js"]) {
        let _answer = session.ask(&name, Json::Null);
    }
    let _ended = session.run(page(PagePhase::Unloaded), 5);
    let _ended = session.run(Event::Phase(Phase::Hidden), 5);
    session.journal
}

#[test]
fn every_app_behaves_from_its_image_as_when_it_is_loaded() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    let sample = |name| folder(&samples.join(name));
    // What is stopped by the clock stops where it happens to be, so hostile/runaway is not here.
    let samples = [sample("residence-permit"), sample("hostile/exfiltration")];
    for program in samples.into_iter().chain([script("demo"), script("desk"), late_importer()]) {
        compare(&program, &journal_of_all(&program)).unwrap();
    }
}

#[test]
fn who_begins_from_an_image_reads_no_source_before_it_is_asked_for() {
    let program = late_importer();
    let Program::Script(texts) = &program else { panic!("a script") };
    let read = Arc::new(Mutex::new(Vec::new()));
    let (told, texts) = (Arc::clone(&read), texts.clone());
    let counted = Program::ScriptIn(Arc::new(move |path| {
        told.lock().unwrap().push(path.to_owned());
        texts.get(path).cloned()
    }));
    let image = Taken::of(&program).open().unwrap();
    let mut session = Session::of(begin(&counted, &image));
    session.run(launched(), 0).unwrap();
    assert_eq!(*read.lock().unwrap(), [""; 0]);
    session.ask("late", Json::Null).unwrap().unwrap();
    assert_eq!(*read.lock().unwrap(), ["lib/late.js"]);
    // Without one it is read as it is loaded.
    engine().load(&counted).unwrap().start(PATIENT).unwrap();
    assert_eq!(*read.lock().unwrap(), ["lib/late.js", "app.js"]);
}

/// An app that asks for a module when it has long been launched.
fn late_importer() -> Program {
    let sources = [
        ("app.js", "export const late = async () => (await import('./lib/late.js')).answer();"),
        ("lib/late.js", "const loadedAt = Date.now();\nexport const answer = () => [loadedAt, Math.random()];"),
    ];
    Program::Script(sources.map(|(path, source)| (path.to_owned(), source.to_owned())).into())
}

fn an_event() -> impl Strategy<Value = (u64, Event)> {
    let handlers: Vec<_> = [script("demo"), script("desk")]
        .iter()
        .flat_map(|program| match program {
            Program::Script(sources) => exports(&sources["app.js"]),
            Program::Component(_) | Program::ScriptIn(_) => Vec::new(),
        })
        .collect();
    let value = prop_oneof![
        Just(Value::Null),
        "\\PC{0,8}".prop_map(Value::Text),
        proptest::collection::vec(any::<u8>(), 0..8).prop_map(Value::Bytes),
    ];
    let event = prop_oneof![
        6 => (1..9_u32, proptest::sample::select(handlers), "\\PC{0,12}").prop_map(|(id, name, input)| {
            Event::Asked { id, page: id % 3, name, input: Json::from(input).to_string() }
        }),
        6 => (1..20_u32, value).prop_map(|(call, value)| Event::Completed { call, result: Ok(value) }),
        1 => Just(Event::Phase(Phase::Hidden)),
        1 => Just(Event::Phase(Phase::Shown)),
    ];
    (0..5_000_u64, event)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any journal at all, with completions that fit and that do not.
    #[test]
    fn any_journal_plays_alike(seed: (u64, u64), is_desk: bool, events in proptest::collection::vec(an_event(), 0..24)) {
        let mut start = launched();
        if let Event::Launched { seed: given, .. } = &mut start {
            *given = seed;
        }
        let mut now = START_MS;
        let mut journal = vec![(now, start)];
        for (after, event) in events {
            now += after;
            journal.push((now, event));
        }
        let program = script(if is_desk { "desk" } else { "demo" });
        compare(&program, &journal).map_err(TestCaseError::fail)?;
    }
}

#[test]
fn what_was_said_while_loading_comes_with_the_first_event() {
    let program =
        one_file("console.log('loading', 1);\nPromise.reject(new Error('lost'));\nguichet.page.update({ 证: 1 });");
    let outputs = compare(&program, &[(START_MS, launched())]).unwrap();
    let said: Vec<_> = outputs.iter().map(|output| format!("{output:?}")).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said.concat().contains("loading 1") && said.concat().contains("lost") && said.concat().contains("证"));
}

/// The guide says so (docs/guides/first-app.md): what a module works out when it is loaded is worked out once, at installation.
#[test]
fn time_stands_still_while_modules_are_loaded_and_randomness_comes_with_the_launch() {
    let program = one_file(
        "const loadedAt = Date.now();\nconst rolled = Math.random();\n\
         export const ask = () => [loadedAt, rolled, Date.now(), Math.random()];",
    );
    let image = Taken::of(&program).open().unwrap();
    let answer = |seed| {
        let mut session = Session::of(begin(&program, &image));
        let mut start = launched();
        if let Event::Launched { seed: given, .. } = &mut start {
            *given = seed;
        }
        session.run(start, 0).unwrap();
        session.ask("ask", Json::Null).unwrap().unwrap()
    };
    let (one, again, other) = (answer((1, 2)), answer((1, 2)), answer((3, 4)));
    assert_eq!(one, again);
    assert_eq!((&one[0], &one[2]), (&json!(0), &json!(START_MS)));
    assert_eq!(one[1], other[1], "rolled while loading");
    assert_ne!(one[3], other[3], "rolled by this session");
}

#[test]
fn sessions_of_one_image_do_not_see_each_other() {
    let program = one_file("let n = 0;\nexport const next = () => ++n;");
    let image = Taken::of(&program).open().unwrap();
    let mut sessions = [0; 3].map(|_| {
        let mut session = Session::of(begin(&program, &image));
        session.run(launched(), 0).unwrap();
        session
    });
    for round in 1..4 {
        for session in &mut sessions {
            assert_eq!(session.ask("next", Json::Null).unwrap(), Ok(json!(round)));
        }
    }
}

#[test]
fn an_image_needs_no_source() {
    let program = one_file("export const alive = () => 'alive';");
    let image = Taken::of(&program).open().unwrap();
    let mut session = Session::of(begin(&Program::Script(BTreeMap::new()), &image));
    session.run(launched(), 0).unwrap();
    assert_eq!(session.ask("alive", Json::Null).unwrap(), Ok(json!("alive")));
}

#[test]
fn another_process_reads_an_image_by_its_file() {
    let program = one_file("export const alive = () => 'alive';");
    let image = Taken::of(&program).open().unwrap();
    let read = Image::read(image.file().try_clone().unwrap()).unwrap();
    let mut session = Session::of(begin(&Program::Script(BTreeMap::new()), &read));
    session.run(launched(), 0).unwrap();
    assert_eq!(session.ask("alive", Json::Null).unwrap(), Ok(json!("alive")));
}

#[test]
fn only_what_this_device_made_of_this_package_is_an_image() {
    let taken = Taken::of(&one_file("export const alive = () => 'alive';"));
    assert!(taken.open().is_some());
    assert!(engine().image(&taken.path, &[6; 32]).is_none(), "of another package");
    assert!(engine().image(&taken.path.with_extension("none"), &PACKAGE).is_none(), "no file");
    let cache = tempfile::tempdir().unwrap();
    assert!(keyed(cache.path(), [8; 32]).image(&taken.path, &PACKAGE).is_none(), "of another device");
    let without = Engine::new(EngineOptions::default()).unwrap();
    assert!(without.image(&taken.path, &PACKAGE).is_none(), "without a key");

    let bytes = fs::read(&taken.path).unwrap();
    for at in [0, 15, 16, 47, 48, 56, 60, 70, 64 << 10, bytes.len() / 2, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&taken.path, changed).unwrap();
        assert!(taken.open().is_none(), "byte {at}");
    }
    for length in [0, 47, 48, 60, 64 << 10, bytes.len() - (64 << 10), bytes.len() - 1] {
        fs::write(&taken.path, &bytes[..length]).unwrap();
        assert!(taken.open().is_none(), "length {length}");
    }
    let mut longer = bytes.clone();
    longer.extend([0; 64 << 10]);
    fs::write(&taken.path, longer).unwrap();
    assert!(taken.open().is_none(), "longer");
    fs::write(&taken.path, &bytes).unwrap();
    assert!(taken.open().is_some(), "as it was");
}

#[test]
fn a_head_that_promises_too_much_is_no_image() {
    let taken = Taken::of(&one_file(""));
    let file = File::options().read(true).write(true).open(&taken.path).unwrap();
    for (at, bytes) in [(48, u64::MAX.to_le_bytes()), (48, 1_u64.to_le_bytes()), (52, u64::MAX.to_le_bytes())] {
        let mut before = [0; 8];
        file.read_exact_at(&mut before, at).unwrap();
        file.write_all_at(&bytes, at).unwrap();
        Image::read(file.try_clone().unwrap()).unwrap_err();
        file.write_all_at(&before, at).unwrap();
    }
    Image::read(file).unwrap();
}

#[test]
fn an_image_larger_than_the_budget_is_not_used() {
    let program = one_file("const all = [];\nfor (let i = 0; i < 9; i++) all.push(new Uint8Array(1 << 20).fill(1));");
    let image = Taken::of(&program).open().unwrap();
    assert!(image.memory_bytes() > 9 << 20);
    let tight = Budget { memory_bytes: 8 << 20, ..PATIENT };
    let refused = engine().load(&program).unwrap().start_from(&image, tight).map(|_| "started").unwrap_err();
    assert_eq!(refused.class(), "logic/boot-failed", "it is loaded, and says what is wrong: {refused}");
}

#[test]
fn an_app_that_does_not_start_says_at_installation_what_its_launch_would() {
    let broken = one_file("const a = 1;\nconst b = ;");
    assert_snapshot!(no_image(&broken, PATIENT), @r#"
    the app's logic did not start: SyntaxError: unexpected token in expression: ';'
        at app.js:2:11
    "#);
    assert_eq!(no_image(&broken, PATIENT).class(), "logic/boot-failed");
    assert_eq!(no_image(&one_file("for (;;);"), Budget::default()).class(), "logic/boot-deadline");
}

#[test]
fn what_cannot_have_an_image_says_why() {
    assert_snapshot!(no_image(&rust(), PATIENT), @"the app's logic is a component, and only JavaScript is begun from an image");
    let mut logic = engine().load(&script("demo")).unwrap().start(PATIENT).unwrap();
    logic.handle(START_MS, launched()).unwrap();
    assert_snapshot!(logic.write_image(&tempfile::tempfile().unwrap()).unwrap_err(), @"the logic has begun to work: an image can be made only before `launched`");
    let without = Engine::new(EngineOptions::default()).unwrap();
    assert_snapshot!(without.seal_image(&tempfile::tempfile().unwrap(), &PACKAGE).unwrap_err(), @"this engine has no key to authenticate an image with");
    let classes = [NoImage::NotAScript, NoImage::Memories(2), NoImage::Begun, NoImage::NoKey];
    assert_eq!(
        classes.map(|why| why.class()),
        ["logic/image-not-a-script", "logic/image-memories", "logic/image-begun", "logic/image-no-key"]
    );
    assert_snapshot!(NoImage::Memories(2), @"the logic has 2 memories, and an image is of one");
    assert_snapshot!(NoImage::File(std::io::Error::other("full")), @"the image cannot be written");
}

#[test]
fn a_component_never_begins_from_an_image() {
    let image = Taken::of(&script("demo")).open().unwrap();
    let mut session = Session::of(begin(&rust(), &image));
    session.run(launched(), 0).unwrap();
    assert_eq!(session.ask("count", Json::Null).unwrap(), Ok(json!(1)), "it was loaded as always");
}
