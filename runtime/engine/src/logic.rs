//! One session's logic: events in, outputs back, until it ends.

use std::{fs::File, io, sync::Arc};

#[cfg(feature = "host")]
use sha2::{Digest as _, Sha256};
use wasmtime::{
    Store,
    component::{Func, InstancePre, Type, Val},
};

use crate::{
    Budget, Ended, Event, Output,
    clock::Clock,
    engine::Shared,
    image::{self, Image, NoImage},
    memory::{Area, attend},
    shapes::{self, Origin},
    state::{Sources, State},
};

/// The stack that a thread needs which calls [`Loaded::start`] or [`Logic::handle`]: the guest's own and some for the host.
pub const THREAD_STACK_BYTES: usize = 4 << 20;

/// Handles of resources that an instance may have at once, the guest's own among them.
const HANDLES: usize = 1 << 12;

/// A program that is compiled and linked, from which sessions start.
#[derive(Clone)]
pub(crate) struct Loaded {
    shared: Arc<Shared>,
    program: InstancePre<State>,
    origin: Origin,
    sources: Sources,
}

/// One session's logic.
///
/// Invariant: after it has ended, no code of the guest runs again.
pub(crate) struct Logic {
    shared: Arc<Shared>,
    store: Store<State>,
    handle: Func,
    /// The members of `launch` that this guest was built with: later ones are not for it.
    launch: Vec<String>,
    origin: Origin,
    memories: Vec<Arc<Area>>,
    /// Whether an event was delivered.
    begun: bool,
    ended: Option<Ended>,
}

/// What the guest exports.
struct Exports {
    boot: Func,
    handle: Func,
}

impl Loaded {
    pub(crate) fn new(shared: Arc<Shared>, program: InstancePre<State>, origin: Origin, sources: Sources) -> Self {
        Self { shared, program, origin, sources }
    }

    /// Starts a session: makes an instance and loads the app's code.
    pub(crate) fn start(&self, budget: Budget) -> Result<Logic, Ended> {
        self.make(budget, 0, |exports, store, _| {
            boot(exports.boot, store)?;
            store.data_mut().start();
            Ok(())
        })
    }

    /// Starts a session from an image of this very program; nothing is loaded, so nothing is parsed. If the image cannot be
    /// used, the code is loaded as by [`Loaded::start`].
    pub(crate) fn start_from(&self, image: &Image, budget: Budget) -> Result<Logic, Ended> {
        let fits = self.origin == Origin::Script && image.memory_bytes() <= budget.memory_bytes;
        let why = if fits {
            let started = self.make(budget, image.memory_bytes(), |_, store, memories| match memories {
                [memory] => {
                    image.fill(memory)?;
                    Ok(store.data_mut().start_from(image.memory_bytes(), image.said())?)
                }
                memories => Err(io::Error::other(format!("the logic has {} memories", memories.len())).into()),
            });
            match started {
                Ok(logic) => return Ok(logic),
                Err(ended) => ended.to_string(),
            }
        } else {
            "it is larger than the memory that the logic may have, or of another kind of logic".to_owned()
        };
        tracing::warn!(%why, "a memory image is not used");
        self.start(budget)
    }

    /// Makes an instance in which nothing runs, and lets it go.
    pub(crate) fn practise(&self) -> Result<(), Ended> {
        self.make(Budget::default(), 0, |_, _, _| Ok(())).map(drop)
    }

    fn make(
        &self,
        budget: Budget,
        memory_bytes: usize,
        ready: impl FnOnce(&Exports, &mut Store<State>, &[Arc<Area>]) -> wasmtime::Result<()>,
    ) -> Result<Logic, Ended> {
        let mut store = Store::new(&self.shared.engine, State::new(budget, self.sources.clone()));
        store.limiter(|state| state);
        store.set_max_component_handles(HANDLES);
        // Bounds what one host call can make the host allocate while it reads the guest's memory.
        store.set_hostcall_fuel(budget.output_bytes.saturating_mul(size_of::<Val>()));
        store.set_epoch_deadline(Clock::ticks(budget.boot_ms));
        let made = {
            let _running = self.shared.clock.run();
            let (exports, memories) = attend(memory_bytes, || self.instantiate(&mut store));
            exports.and_then(|exports| {
                ready(&exports, &mut store, &memories)?;
                Ok((exports.handle, memories))
            })
        };
        let (handle, memories) = made.map_err(|error| Ended::from_error(&error, store.data()))?;
        let launch = members_of_launch(&handle, &store);
        let (shared, origin) = (self.shared.clone(), self.origin);
        Ok(Logic { shared, store, handle, launch, origin, memories, begun: false, ended: None })
    }

    fn instantiate(&self, store: &mut Store<State>) -> wasmtime::Result<Exports> {
        let instance = self.program.instantiate(&mut *store)?;
        let exports: Vec<_> = self
            .program
            .component()
            .component_type()
            .exports(&self.shared.engine)
            .map(|(name, _)| name.to_owned())
            .collect();
        let name = exports.iter().find(|name| shapes::interface(name) == Some("logic")).ok_or_else(no_logic)?;
        let logic = instance.get_export_index(&mut *store, None, name).ok_or_else(no_logic)?;
        let mut function = |name| {
            let index = instance.get_export_index(&mut *store, Some(&logic), name);
            index.and_then(|index| instance.get_func(&mut *store, index)).ok_or_else(no_logic)
        };
        Ok(Exports { boot: function("boot")?, handle: function("handle")? })
    }
}

/// Lets the guest load its code.
fn boot(boot: Func, store: &mut Store<State>) -> wasmtime::Result<()> {
    let mut booted = [Val::Bool(false)];
    boot.call(&mut *store, &[], &mut booted)?;
    match booted {
        [Val::Result(Ok(_))] => Ok(()),
        [Val::Result(Err(Some(error)))] => {
            let Val::String(reason) = *error else { return Err(no_logic().into()) };
            Err(Ended::boot(reason).into())
        }
        _ => Err(no_logic().into()),
    }
}

fn no_logic() -> Ended {
    Ended::Compile("it does not export guichet:app/logic".to_owned())
}

impl Logic {
    /// Delivers one event, and returns what the logic did. After an error, every later event gets the same error.
    ///
    /// A completion that nobody waits for is dropped, and nothing comes of it. What the app wrote to its console while
    /// it was being loaded comes with the first event.
    pub(crate) fn handle(&mut self, at_ms: u64, event: Event) -> Result<Vec<Output>, Ended> {
        if let Some(ended) = &self.ended {
            return Err(ended.clone());
        }
        self.begun = true;
        if let Event::Completed { call, result } = &event
            && !self.store.data_mut().complete(*call, result.clone())
        {
            return Ok(Vec::new());
        }
        self.store.set_epoch_deadline(Clock::ticks(self.store.data().budget().event_ms));
        let handled = {
            let _running = self.shared.clock.run();
            self.handle.call(&mut self.store, &[Val::U64(at_ms), val(event, &self.launch)], &mut [])
        };
        match handled {
            Ok(()) => Ok(self.store.data_mut().finish()),
            Err(error) => {
                let ended = Ended::from_error(&error, self.store.data());
                tracing::info!(class = ended.class(), %error, "logic ended");
                self.ended = Some(ended.clone());
                Err(ended)
            }
        }
    }

    /// Writes an image of the memory as it is after `boot`, from which other sessions of the same program start
    /// ([`Loaded::start_from`]). It is not authenticated yet (`Engine::seal_image`).
    pub(crate) fn write_image(&mut self, file: &File) -> Result<(), NoImage> {
        if self.origin != Origin::Script {
            return Err(NoImage::NotAScript);
        }
        if self.begun || !self.store.data().is_fresh() {
            return Err(NoImage::Begun);
        }
        let [memory] = self.memories.as_slice() else { return Err(NoImage::Memories(self.memories.len())) };
        Ok(image::write(file, memory, self.store.data().outputs())?)
    }

    /// The SHA-256 of each linear memory, in the order in which they were made: for tests that two sessions are alike.
    #[cfg(feature = "host")]
    pub(crate) fn memory_digests(&mut self) -> Vec<[u8; 32]> {
        self.memories.iter().map(|memory| memory.read(|bytes| Sha256::digest(bytes).into())).collect()
    }

    /// What the app wrote to its console in the event that ended it; its other outputs of that event are void.
    pub(crate) fn last_words(&mut self) -> Vec<Output> {
        self.store.data_mut().last_words()
    }

    /// How many bytes of linear memory are in use.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.store.data().memory_bytes()
    }
}

/// The members of `logic.launch` as the guest declares it (decision 0014).
fn members_of_launch(handle: &Func, store: &Store<State>) -> Vec<String> {
    let event = handle.ty(store).params().nth(1).map(|(_, ty)| ty);
    let Some(Type::Variant(event)) = event else { return Vec::new() };
    let launched = event.cases().find(|case| case.name == "launched").and_then(|case| case.ty);
    let Some(Type::Record(launch)) = launched else { return Vec::new() };
    launch.fields().map(|field| field.name.to_owned()).collect()
}

/// The event as `logic.event` of the WIT, with these members of `launch`.
fn val(event: Event, launch: &[String]) -> Val {
    let text = |text: String| Val::String(text);
    let (case, payload) = match event {
        Event::Launched { route, query, lang, dir, referrer, seed } => {
            let seed = Val::Tuple(vec![Val::U64(seed.0), Val::U64(seed.1)]);
            let members = [
                ("route", text(route)),
                ("query", text(query)),
                ("lang", text(lang)),
                ("seed", seed),
                ("dir", text(dir)),
                ("referrer", text(referrer)),
            ];
            let known = members.into_iter().filter(|(name, _)| launch.iter().any(|known| known == name));
            ("launched", Val::Record(known.map(|(name, val)| (name.to_owned(), val)).collect()))
        }
        Event::Phase(phase) => ("phase", Val::Enum(phase.case().to_owned())),
        Event::Page { page, route, query, phase } => {
            let phase = Val::Enum(phase.case().to_owned());
            (
                "page",
                record([("page", Val::U32(page)), ("route", text(route)), ("query", text(query)), ("phase", phase)]),
            )
        }
        Event::Asked { id, page, name, input } => (
            "asked",
            record([("id", Val::U32(id)), ("page", Val::U32(page)), ("name", text(name)), ("input", text(input))]),
        ),
        Event::Completed { call, .. } => ("completed", Val::U32(call)),
    };
    Val::Variant(case.to_owned(), Some(Box::new(payload)))
}

fn record<const N: usize>(members: [(&str, Val); N]) -> Val {
    Val::Record(members.map(|(name, val)| (name.to_owned(), val)).into())
}
