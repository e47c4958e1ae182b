//! How long logic takes to be ready, beside native programs that evaluate the same source, in turns:
//! `logic_ready PROGRAMS COMPONENT QUICKJS ROUNDS SMALL LARGE`, milliseconds as JSON lines.
//!
//! PROGRAMS is the folder of the programs as they are installed, COMPONENT a component, QUICKJS the native interpreter, SMALL
//! and LARGE are scripts. As at a launch: code compiled and images made before, the host running. And how long an event without
//! end goes on, as a part of what its budget gives it.
use std::{
    collections::BTreeMap,
    error::Error,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use guichet_engine::{
    Budget, CacheOptions, Ended, Engine, EngineOptions, Event, Holds, Image, Logic, Program, Programs, Walls, Wasm,
};

const PATIENT: Budget =
    Budget { memory_bytes: 64 << 20, event_ms: 2_000, boot_ms: 20_000, pending_calls: 256, output_bytes: 4 << 20 };

/// Its first event never ends by itself.
const ENDLESS: &str = "export default { launched() { for (;;); } };\n";

/// A script and the image of its memory.
struct Script {
    path: PathBuf,
    image: PathBuf,
    package: [u8; 32],
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [programs, component, quickjs, rounds, small, large] = arguments.as_slice() else {
        return Err("PROGRAMS COMPONENT QUICKJS ROUNDS SMALL LARGE".into());
    };
    let folder = tempfile::tempdir()?;
    let walls = Walls::Two(Programs::in_folder(Path::new(programs))?);
    let open = || {
        let cache = CacheOptions { folder: folder.path().join("engine"), key: [7; 32], holds: Holds::Everything };
        Engine::new(EngineOptions { cache: Some(cache), walls: walls.clone() })
    };
    let engine = open()?;
    let make = |number: u8, path: &str| -> Result<Script, Box<dyn Error>> {
        let image = folder.path().join(format!("{number}.image"));
        let file = File::options().read(true).write(true).create_new(true).open(&image)?;
        let program = Program::Script(BTreeMap::from([("app.js".to_owned(), fs::read_to_string(path)?)]));
        engine.write_image(&file, &[number; 32], &program, PATIENT)?;
        Ok(Script { path: path.into(), image, package: [number; 32] })
    };
    let endless = folder.path().join("endless.js");
    fs::write(&endless, ENDLESS)?;
    let endless = make(3, endless.to_str().ok_or("a path is text")?)?;
    let (small, large) = (make(1, small)?, make(2, large)?);
    let component = Program::Component(Wasm::new(fs::read(component)?));
    engine.load(&component)?;

    let native = |script: &Script| -> Result<f64, Box<dyn Error>> {
        let mut command = Command::new(quickjs);
        command.arg("--module").arg(&script.path).stdin(Stdio::null()).stdout(Stdio::null());
        let begun = Instant::now();
        let status = command.status()?;
        if status.success() { Ok(ms(begun)) } else { Err(format!("{quickjs}: {status}").into()) }
    };
    let none = Program::ScriptIn(std::sync::Arc::new(|_| None));
    let ours = |engine: &Engine, script: &Script| -> Result<(f64, Logic), Box<dyn Error>> {
        let begun = Instant::now();
        let image = image(engine, script)?;
        let logic = engine.load(&none)?.start_from(&image, Budget::default())?;
        Ok((ms(begun), logic))
    };
    for _ in 0..rounds.parse()? {
        engine.prepare();
        let (pooled, logic) = ours(&engine, &small)?;
        drop(logic);
        let hello = native(&small)?;
        let (cold, logic) = ours(&engine, &small)?;
        drop(logic);
        let hello_cold = native(&small)?;
        let (large_cold, logic) = ours(&engine, &large)?;
        drop(logic);
        let large_native = native(&large)?;
        engine.prepare();
        let (large_pooled, logic) = ours(&engine, &large)?;
        drop(logic);

        engine.prepare();
        let stopped = stopped(ours(&engine, &endless)?.1)?;

        // As a launch does: its bytes are at hand, its code is in the cache.
        let begun = Instant::now();
        let logic = engine.load(&component)?.start(Budget::default())?;
        let component_pooled = ms(begun);
        drop(logic);
        let begun = Instant::now();
        let logic = engine.load(&component)?.start(Budget::default())?;
        let component_cold = ms(begun);
        drop(logic);

        // The first time that this host meets the code, it reads and hashes it, and so with the image.
        let other = open()?;
        other.load(&none)?;
        other.prepare();
        let begun = Instant::now();
        let logic = other.load(&component)?.start(Budget::default())?;
        let component_first = ms(begun);
        drop(logic);
        let begun = Instant::now();
        image(&other, &large)?;
        let check = ms(begun);
        println!(
            "{{\"pooled\":{pooled},\"hello\":{hello},\"cold\":{cold},\"hello_cold\":{hello_cold},\
             \"large_cold\":{large_cold},\"large_pooled\":{large_pooled},\"large_native\":{large_native},\
             \"component_pooled\":{component_pooled},\"component_cold\":{component_cold},\
             \"component_first\":{component_first},\"check\":{check},\"stopped\":{stopped}}}"
        );
    }
    Ok(())
}

/// How long its first event goes on, in budgets of an event.
fn stopped(mut logic: Logic) -> Result<f64, Box<dyn Error>> {
    let text = String::new;
    let launched = Event::Launched {
        route: text(),
        query: text(),
        lang: "en".to_owned(),
        dir: "auto".to_owned(),
        referrer: text(),
        seed: (1, 2),
    };
    let begun = Instant::now();
    let ended = logic.handle(0, launched);
    let took = ms(begun);
    match ended {
        Err(Ended::Deadline(budget_ms)) => Ok(took / f64::from(u32::try_from(budget_ms)?)),
        other => Err(format!("an event without end came to {other:?}").into()),
    }
}

fn image(engine: &Engine, script: &Script) -> Result<Image, Box<dyn Error>> {
    Ok(engine.image(&script.image, &script.package).ok_or("no image")?)
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
