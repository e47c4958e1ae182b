//! eSpeak NG, whose sound goes into a pipe instead of the air: as long as nobody listens, it cannot go on.

use std::{
    fs::File,
    io::Read as _,
    path::PathBuf,
    process::Command,
    sync::{Arc, Condvar, Mutex},
    thread::{self, JoinHandle},
};

use guichet_contract::Services;
use guichet_services::{Device, Parts, speech::Espeak};
use tempfile::TempDir;

use super::{Bench, keeps_the_contract};

/// Who listens at the pipe.
#[derive(Default)]
struct Ear {
    state: Mutex<Heard>,
    changed: Condvar,
}

#[derive(Default)]
struct Heard {
    is_held: bool,
    is_over: bool,
    sounds: Vec<Vec<u8>>,
}

impl Ear {
    fn listen(&self, pipe: &PathBuf) {
        loop {
            drop(self.changed.wait_while(self.state.lock().unwrap(), |heard| heard.is_held && !heard.is_over));
            let mut sound = Vec::new();
            // Opening waits for somebody who speaks.
            File::open(pipe).unwrap().read_to_end(&mut sound).unwrap();
            let mut heard = self.state.lock().unwrap();
            if heard.is_over {
                return;
            }
            if !sound.is_empty() {
                heard.sounds.push(sound);
            }
        }
    }
}

struct Voice {
    services: Device,
    ear: Arc<Ear>,
    listening: Option<JoinHandle<()>>,
    folder: TempDir,
}

impl Voice {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("sound");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let program = PathBuf::from("/usr/bin/espeak-ng");
        assert!(program.exists(), "there is no espeak-ng; hint: cargo xtask setup");
        let voice = Espeak::new(&program).into_file(&pipe);
        let services = Device::new("/nowhere".into()).with_parts(Parts::default().with_voice(Arc::new(voice)));
        let ear = Arc::<Ear>::default();
        let listening = Some(thread::spawn({
            let ear = Arc::clone(&ear);
            move || ear.listen(&pipe)
        }));
        Self { services, ear, listening, folder }
    }

    fn sounds(&self) -> Vec<Vec<u8>> {
        self.ear.state.lock().unwrap().sounds.clone()
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        self.ear.state.lock().unwrap().is_over = true;
        self.ear.changed.notify_all();
        drop(File::options().write(true).open(self.folder.path().join("sound")));
        if let Some(listening) = self.listening.take() {
            listening.join().unwrap();
        }
    }
}

impl Bench for Voice {
    fn services(&self) -> &dyn Services {
        &self.services
    }

    fn hold(&self, is_held: bool) {
        self.ear.state.lock().unwrap().is_held = is_held;
        self.ear.changed.notify_all();
    }

    fn heard(&self) -> usize {
        self.sounds().len()
    }
}

#[test]
fn espeak_keeps_the_contract() {
    keeps_the_contract(&Voice::new());
}
