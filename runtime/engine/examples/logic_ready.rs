//! How long logic takes to be ready in this process: `logic_ready ROUNDS KILOBYTES`, milliseconds as JSON lines.
use std::{collections::BTreeMap, error::Error, fs::File, time::Instant};

use guichet_engine::{Budget, Engine, EngineOptions, Program};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let rounds: usize = arguments.next().ok_or("no number of rounds")?.parse()?;
    let source = std::fs::read_to_string(arguments.next().ok_or("no script")?)?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("logic.image");
    let open = || {
        Engine::new(EngineOptions { cache: Some((folder.path().join("engine"), [7; 32])), ..EngineOptions::default() })
    };
    let engine = open()?;
    let program = Program::Script(BTreeMap::from([("app.js".to_owned(), source)]));
    let file = File::options().read(true).write(true).create_new(true).open(&path)?;
    let begun = Instant::now();
    engine.write_image(&file, &[1; 32], &program, Budget { boot_ms: 20_000, ..Budget::default() })?;
    eprintln!("first image with compiling: {:?}, {} bytes", begun.elapsed(), file.metadata()?.len());
    let ms = |since: Instant| since.elapsed().as_secs_f64() * 1e3;
    for _ in 0..rounds {
        let t = Instant::now();
        let engine = open()?;
        let opened = ms(t);
        let t = Instant::now();
        let loaded = engine.load(&Program::Script(BTreeMap::new()))?;
        let load = ms(t);
        let t = Instant::now();
        let image = engine.image(&path, &[1; 32]).ok_or("no image")?;
        let check = ms(t);
        let t = Instant::now();
        let logic = loaded.start_from(&image, Budget::default())?;
        let start = ms(t);
        let t = Instant::now();
        let again = loaded.start_from(&image, Budget::default())?;
        let second = ms(t);
        let t = Instant::now();
        let sourced = engine.load(&program)?.start(Budget { boot_ms: 20_000, ..Budget::default() })?;
        let from_source = ms(t);
        println!(
            "engine {opened:.3} load {load:.3} check {check:.3} start {start:.3} second {second:.3} source {from_source:.3}"
        );
        drop((logic, again, sourced));
    }
    Ok(())
}
