//! eSpeak NG, whose sound goes into a pipe instead of the air: as long as nobody listens, it cannot go on.

use std::{
    fs::File,
    io::Read as _,
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
    process::Command,
    sync::{Arc, Condvar, Mutex},
    thread::{self, JoinHandle},
    time::Duration,
};

use guichet_contract::Services;
use guichet_services::{Device, Parts, speech::Espeak};
use tempfile::TempDir;

use super::{Bench, keeps_the_contract};

/// `O_NONBLOCK`: opening a pipe that nobody reads must end.
const NONBLOCK: i32 = 0o4000;
/// How long a sound may take to come through the pipe.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who listens at the pipe.
#[derive(Default)]
struct Ear {
    state: Mutex<Heard>,
    changed: Condvar,
}

#[derive(Default)]
struct Heard {
    is_held: bool,
    /// The listener is held, and has not opened the pipe.
    is_deaf: bool,
    is_over: bool,
    sounds: Vec<Vec<u8>>,
}

impl Ear {
    fn listen(&self, pipe: &PathBuf) {
        loop {
            let held = self.changed.wait_while(self.state.lock().unwrap(), |heard| {
                heard.is_deaf = heard.is_held && !heard.is_over;
                self.changed.notify_all();
                heard.is_deaf
            });
            drop(held);
            let mut sound = Vec::new();
            // Opening waits for somebody who speaks.
            File::open(pipe).unwrap().read_to_end(&mut sound).unwrap();
            let mut heard = self.state.lock().unwrap();
            if heard.is_over {
                return;
            }
            if !sound.is_empty() {
                heard.sounds.push(sound);
                self.changed.notify_all();
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

    fn pipe(&self) -> PathBuf {
        self.folder.path().join("sound")
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        self.ear.state.lock().unwrap().is_over = true;
        self.ear.changed.notify_all();
        drop(File::options().write(true).open(self.pipe()));
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
        let mut heard = self.ear.state.lock().unwrap();
        heard.is_held = is_held;
        self.ear.changed.notify_all();
        while is_held && !heard.is_deaf {
            // A listener that waits for somebody to speak hears nothing, and looks again whether it is held.
            let nothing = File::options().write(true).custom_flags(NONBLOCK).open(self.pipe());
            drop(nothing);
            heard = self.ear.changed.wait_timeout(heard, Duration::from_millis(10)).unwrap().0;
        }
    }

    fn heard(&self, many: usize) -> usize {
        let heard = self.ear.state.lock().unwrap();
        let waited = self.ear.changed.wait_timeout_while(heard, PATIENCE, |heard| heard.sounds.len() < many);
        waited.unwrap().0.sounds.len()
    }
}

#[test]
fn espeak_keeps_the_contract() {
    keeps_the_contract(&Voice::new());
}
