//! Where logic runs: in this process, or apart from it. Whoever holds it need not know.

use std::{fs::File, time::Duration};

#[cfg(target_os = "linux")]
use crate::apart;
use crate::{Budget, Ended, Event, Image, NoImage, Output, logic};

/// A program that is compiled, from which sessions start.
#[derive(Clone)]
pub struct Loaded {
    place: LoadedPlace,
}

#[derive(Clone)]
enum LoadedPlace {
    Here(logic::Loaded),
    #[cfg(target_os = "linux")]
    Apart(apart::Loaded),
}

/// One session's logic.
///
/// Invariant: after it has ended, no code of the guest runs again.
pub struct Logic {
    place: LogicPlace,
    /// What came of an event that was begun, if this process has handled it.
    done: Option<Result<Vec<Output>, Ended>>,
}

enum LogicPlace {
    Here(Box<logic::Logic>),
    #[cfg(target_os = "linux")]
    Apart(Box<apart::Logic>),
}

impl Loaded {
    pub(crate) fn here(loaded: logic::Loaded) -> Self {
        Self { place: LoadedPlace::Here(loaded) }
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn apart(loaded: apart::Loaded) -> Self {
        Self { place: LoadedPlace::Apart(loaded) }
    }

    /// Starts a session: makes an instance and loads the app's code.
    pub fn start(&self, budget: Budget) -> Result<Logic, Ended> {
        let place = match &self.place {
            LoadedPlace::Here(loaded) => LogicPlace::Here(Box::new(loaded.start(budget)?)),
            #[cfg(target_os = "linux")]
            LoadedPlace::Apart(loaded) => LogicPlace::Apart(Box::new(loaded.start(budget)?)),
        };
        Ok(Logic { place, done: None })
    }

    /// Starts a session from an image of this very program; nothing is loaded, so nothing is parsed. If the image cannot be
    /// used, the code is loaded as by [`Loaded::start`].
    pub fn start_from(&self, image: &Image, budget: Budget) -> Result<Logic, Ended> {
        let place = match &self.place {
            LoadedPlace::Here(loaded) => LogicPlace::Here(Box::new(loaded.start_from(image, budget)?)),
            #[cfg(target_os = "linux")]
            LoadedPlace::Apart(loaded) => LogicPlace::Apart(Box::new(loaded.start_from(image, budget)?)),
        };
        Ok(Logic { place, done: None })
    }

    /// Loads the app's code and writes an image of the memory as it is then, not authenticated yet
    /// ([`crate::Engine::seal_image`]).
    pub fn write_image(&self, file: &File, budget: Budget) -> Result<(), NoImage> {
        match &self.place {
            LoadedPlace::Here(loaded) => loaded.start(budget)?.write_image(file),
            #[cfg(target_os = "linux")]
            LoadedPlace::Apart(loaded) => loaded.write_image(file, budget),
        }
    }
}

impl Logic {
    /// Delivers one event, and returns what the logic did. After an error, every later event gets the same error.
    ///
    /// A completion that nobody waits for is dropped, and nothing comes of it. What the app wrote to its console while
    /// it was being loaded comes with the first event.
    pub fn handle(&mut self, at_ms: u64, event: Event) -> Result<Vec<Output>, Ended> {
        match &mut self.place {
            LogicPlace::Here(logic) => logic.handle(at_ms, event),
            #[cfg(target_os = "linux")]
            LogicPlace::Apart(logic) => {
                logic.begin(at_ms, event);
                logic.finish()
            }
        }
    }

    /// Whether another process handles events, and [`Self::begin`] of a short one waits for nothing.
    pub fn takes_at_once(&self) -> bool {
        match &self.place {
            LogicPlace::Here(_) => false,
            #[cfg(target_os = "linux")]
            LogicPlace::Apart(logic) => logic.takes_at_once(),
        }
    }

    /// Delivers one event as [`Self::handle`] does; what comes of it is said by [`Self::finish`], before another event.
    pub fn begin(&mut self, at_ms: u64, event: Event) {
        match &mut self.place {
            LogicPlace::Here(logic) => self.done = Some(logic.handle(at_ms, event)),
            #[cfg(target_os = "linux")]
            LogicPlace::Apart(logic) => logic.begin(at_ms, event),
        }
    }

    /// Whether [`Self::finish`] would wait for nothing; looks for it so long, without sleeping.
    pub fn is_done(&mut self, within: Duration) -> bool {
        match &mut self.place {
            LogicPlace::Here(_) => true,
            #[cfg(target_os = "linux")]
            LogicPlace::Apart(logic) => logic.is_done(within),
        }
    }

    /// What came of the event that was begun; nothing if none was.
    pub fn finish(&mut self) -> Result<Vec<Output>, Ended> {
        match &mut self.place {
            LogicPlace::Here(_) => self.done.take().unwrap_or_else(|| Ok(Vec::new())),
            #[cfg(target_os = "linux")]
            LogicPlace::Apart(logic) => logic.finish(),
        }
    }

    /// Writes an image of the memory as it is after `boot`, from which other sessions of the same program start
    /// ([`Loaded::start_from`]). It is not authenticated yet ([`crate::Engine::seal_image`]).
    pub fn write_image(&mut self, file: &File) -> Result<(), NoImage> {
        match &mut self.place {
            LogicPlace::Here(logic) => logic.write_image(file),
            #[cfg(target_os = "linux")]
            LogicPlace::Apart(logic) => logic.write_image(file),
        }
    }

    /// The SHA-256 of each linear memory, in the order in which they were made: for tests that two sessions are alike. None
    /// behind two walls.
    pub fn memory_digests(&mut self) -> Vec<[u8; 32]> {
        match &mut self.place {
            LogicPlace::Here(logic) => logic.memory_digests(),
            #[cfg(target_os = "linux")]
            LogicPlace::Apart(_) => Vec::new(),
        }
    }

    /// What the app wrote to its console in the event that ended it; its other outputs of that event are void.
    pub fn last_words(&mut self) -> Vec<Output> {
        match &mut self.place {
            LogicPlace::Here(logic) => logic.last_words(),
            #[cfg(target_os = "linux")]
            LogicPlace::Apart(logic) => logic.last_words(),
        }
    }

    /// How many bytes of linear memory are in use, as of the last event.
    pub fn memory_bytes(&self) -> usize {
        match &self.place {
            LogicPlace::Here(logic) => logic.memory_bytes(),
            #[cfg(target_os = "linux")]
            LogicPlace::Apart(logic) => logic.memory_bytes(),
        }
    }

    /// The number of the process that it runs in, for reports; none if that is this one.
    pub fn process_id(&self) -> Option<u32> {
        match &self.place {
            LogicPlace::Here(_) => None,
            #[cfg(target_os = "linux")]
            LogicPlace::Apart(logic) => Some(logic.process_id()),
        }
    }

    /// Runs this, once, on another thread, when the logic's process has ended; never if it has none of its own.
    pub fn at_end(&self, run: impl FnOnce() + Send + 'static) {
        match &self.place {
            LogicPlace::Here(_) => drop(run),
            #[cfg(target_os = "linux")]
            LogicPlace::Apart(logic) => logic.at_end(Box::new(run)),
        }
    }

    /// Whether the logic still lives, without an event.
    pub fn check(&mut self) -> Result<(), Ended> {
        match &mut self.place {
            LogicPlace::Here(_) => Ok(()),
            #[cfg(target_os = "linux")]
            LogicPlace::Apart(logic) => logic.check(),
        }
    }
}
