//! The window: carries out what the desk decides, and brings it what the views and the machine room say.

mod apps;
mod clipboard;
mod dev;
mod effects;
mod files;
pub(crate) mod frame;
mod kiosk;
mod notes;
mod notices;
mod paper;
mod picture;
#[cfg(test)]
pub(crate) mod screen;
mod source;

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use gtk::glib;
use guichet_host::{Played, Profile, Session, SessionEvent};
use guichet_package::Address;
use tao::{
    dpi::LogicalSize,
    event::{Event as WindowingEvent, WindowEvent},
    event_loop::{ControlFlow, EventLoop, EventLoopBuilder},
    platform::unix::WindowExtUnix,
    window::{Window, WindowBuilder},
};
use wry::WebView;

pub(crate) use self::{
    apps::DeskApps, clipboard::ScreenClipboard, files::DesktopChooser, kiosk::Seating, notices::DesktopNotices,
    paper::Wanted, picture::Errand, source::Source,
};
use self::{frame::Framed, kiosk::Kiosk, picture::Seen, source::Started};
use crate::{
    bound::Bound,
    desk::{Background, Desk, Effect, Event, Order, Status},
    dev::Dev,
    doorbell::Doorbell,
    litter,
    machine::{Machine, Post, Signal},
    mailbox::Mailbox,
    memory,
    origin::HOME_URL,
    pool::Pool,
    report::{self, Reached, Refused},
    sandbox::{self, Probe},
    settings::Settings,
    trace,
    view::{AppView, Capsule, Shelf, Views, collect_garbage, give_back_messages, list_fonts, read_in_portions},
};

/// How often the shell asks a page for a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// How long the host's own page waits for an app to be drawn, seen at a heartbeat.
const HOME_WAITS: Duration = Duration::from_secs(1);

/// How long a session may take to end before the program ends without it.
const FAREWELL: Duration = Duration::from_secs(2);

/// Lines of an app's console, and states of its lifecycle, that a report holds.
const MOST_LINES: usize = 1000;

/// What the window is opened with.
pub(crate) struct Opening {
    /// Where apps come from.
    pub(crate) source: Source,
    /// What the person has chosen before.
    pub(crate) settings: Settings,
    /// The terminal, and the person at it.
    pub(crate) profile: Profile,
    /// What to open at once.
    pub(crate) wanted: Option<Address>,
    /// Hosts whose `https` addresses open apps.
    pub(crate) hosts: Vec<String>,
    /// What may wait in the background.
    pub(crate) background: Background,
    /// Where other processes hand over addresses.
    pub(crate) doorbell: Option<Doorbell>,
    /// From the start of the program until the window is there.
    pub(crate) starting: tracing::Span,
    /// Whether there is a sandbox for the processes that draw pages.
    pub(crate) sandbox: Probe,
    /// Whether a WebDriver may drive the views.
    pub(crate) automation: bool,
    /// Whether a view is kept ready for the next app.
    pub(crate) warms: bool,
    /// A picture or report to make of what was opened, before ending.
    pub(crate) errand: Option<Errand>,
    /// Where to write what playing a recorded session has found, before ending.
    pub(crate) plays: Option<PathBuf>,
    /// Who asks for files on this screen.
    pub(crate) chooser: Option<Arc<DesktopChooser>>,
    /// At a kiosk: what this session was told.
    pub(crate) seating: Option<Seating>,
}

/// Does this while the toolkit is loaded, which the thread that draws does. That it cannot be is said by [`run`].
pub(crate) fn beside_the_toolkit<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    if !sandbox::is_environment_settled() {
        return Ok(work());
    }
    if !list_fonts() {
        tracing::debug!("the fonts are listed when the first text is drawn");
    }
    thread::scope(|scope| {
        let working = thread::Builder::new().name("host".to_owned()).spawn_scoped(scope, work)?;
        if let Err(error) = gtk::init() {
            tracing::debug!(%error, "there is no toolkit");
        }
        Ok(working.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Opens the window and stays until it is closed.
pub(crate) fn run(opening: Opening) -> anyhow::Result<()> {
    let making = tracing::trace_span!(target: trace::TARGET, "window");
    // tao panics where there is no display; asked first, GTK only says so.
    gtk::init()?;
    give_back_messages();
    read_in_portions();
    let event_loop: EventLoop<Signal> = EventLoopBuilder::with_user_event().build();
    let proxy = std::sync::Mutex::new(event_loop.create_proxy());
    let post: Post = Arc::new(move |signal| {
        let proxy = proxy.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if proxy.send_event(signal).is_err() {
            tracing::debug!("the window is gone");
        }
    });
    // What the person waits for has the processors first; a driver and a picture want both.
    let app_first = opening.wanted.is_some() && opening.errand.is_none() && !opening.automation;
    let first = opening.wanted.as_ref().filter(|_| app_first).map(|wanted| wanted.app_id.clone());
    // What is installed is read while the window is made: of two processors one has little to do until then.
    let Started { machine, home, seen, dev } = opening.source.start(first, &post)?;
    let pool = Pool::start(4)?;
    let bound = Bound::hold()?;
    let listens = opening.errand.is_some() || dev.is_some();
    tracing::trace_span!(target: trace::TARGET, "sandbox").in_scope(|| opening.sandbox.passed())?;
    let views = Views::new(opening.automation, listens, dev.is_some(), pool.clone(), post.clone())?;
    let mut views = if opening.seating.is_some() { views.with_keyboard() } else { views };
    if opening.warms && opening.wanted.is_some() {
        // Its process takes longer than all else: it starts while the window is made, and what is installed is read.
        report(views.warm());
    }
    let (width, height) = opening.profile.size();
    let window = WindowBuilder::new().with_title("Guichet").with_inner_size(LogicalSize::new(width, height));
    let window = match opening.seating {
        Some(_) => window.with_decorations(false).with_visible(false),
        None => window,
    };
    let window = window.build(&event_loop)?;
    if opening.seating.is_some() {
        kiosk::wait_unseen(&window);
    }
    views.put_into(&window)?;
    drop(making);
    let home_view = if app_first { None } else { Some(views.home(true)?) };
    let desk = Desk::new(opening.settings, opening.wanted, opening.errand.is_some())
        .opening(opening.hosts, opening.profile != Profile::Kiosk)
        .keeping(opening.background);
    let desk = if home.is_none() { desk.for_a_look() } else { desk };
    let (desk, kiosk) = match opening.seating {
        Some(seating) => {
            let (_, height) = frame::screen(&window).unwrap_or((width as i32, height as i32));
            (desk.at_kiosk(&seating.seat), Some(Kiosk::begin(seating, views.stand(height)?, &post)?))
        }
        None => (desk, None),
    };
    let mut glass = Glass {
        desk,
        kiosk,
        profile: opening.profile,
        home,
        machine,
        views,
        bound,
        pool,
        home_view,
        home_by: Instant::now() + HOME_WAITS,
        told: String::new(),
        sessions: BTreeMap::new(),
        framed: None,
        capsule: None,
        app_views: BTreeMap::new(),
        leaving: BTreeMap::new(),
        heap_loose_since: None,
        held: Vec::new(),
        unannounced: None,
        post,
        warms: opening.warms && opening.errand.is_none(),
        errand: opening.errand,
        plays: opening.plays,
        finishing: None,
        last_signal: Instant::now(),
        last_beat: Instant::now(),
        seen,
        closing: Vec::new(),
        led: Vec::new(),
        chooser: opening.chooser,
        exit: None,
        dev,
        window,
    };
    glass.furnish()?;
    if let Some(doorbell) = opening.doorbell {
        doorbell.answer(glass.post.clone())?;
    }
    watch_window(&glass.window, glass.post.clone());
    // tao's own timer does not wake a window in which nothing happens; GLib's does.
    let beat = if glass.errand.is_some() { picture::QUIET / 8 } else { HEARTBEAT };
    let beating = glass.post.clone();
    glib::timeout_add_local(beat, move || {
        beating(Signal::Beat);
        glib::ControlFlow::Continue
    });
    drop(opening.starting);
    event_loop.run(move |event, _, flow| {
        *flow = ControlFlow::Wait;
        match event {
            WindowingEvent::UserEvent(signal) => glass.take(signal),
            WindowingEvent::WindowEvent { event: WindowEvent::CloseRequested, .. } => glass.tell(Event::CloseRequested),
            _ => {}
        }
        glass.closing.retain(|session| !session.has_ended());
        if glass.closing.is_empty() && glass.exit.is_some() {
            glass.leaving.clear();
        }
        if let Some((code, since)) = glass.exit
            && (glass.closing.is_empty() || since.elapsed() > FAREWELL)
        {
            // The process ends without dropping anything.
            if let Some(preview) = glass.dev.as_mut().and_then(|dev| dev.preview.as_mut()) {
                preview.clear();
            }
            glass.views.clear();
            *flow = ControlFlow::ExitWithCode(code);
        }
    })
}

struct Glass {
    desk: Desk,
    kiosk: Option<Kiosk>,
    profile: Profile,
    home: Option<PathBuf>,
    machine: Machine,
    /// The host's own page; an app that the command line wants comes before it.
    home_view: Option<WebView>,
    /// When it is made at the latest.
    home_by: Instant,
    told: String,
    /// The run that has just been asked for: the host's own page does not say yet that it opens.
    unannounced: Option<u64>,
    sessions: BTreeMap<u64, Session>,
    framed: Option<Framed>,
    capsule: Option<Capsule>,
    /// The views of all that is open, by run; one of them is seen.
    app_views: BTreeMap<u64, AppView>,
    /// Views whose session has been told to end, until their pages have heard it.
    leaving: BTreeMap<u64, (AppView, Instant)>,
    /// When an app was closed last, until all that the heap keeps of it has been given back.
    heap_loose_since: Option<Instant>,
    /// Effects of runs whose sessions have spoken before they were handed over.
    held: Vec<Effect>,
    views: Views,
    bound: Bound,
    pool: Pool,
    post: Post,
    /// Whether a view is kept ready for the next app.
    warms: bool,
    errand: Option<Errand>,
    /// Where what playing a session has found goes.
    plays: Option<PathBuf>,
    /// Since when the errand could be done.
    finishing: Option<Instant>,
    last_signal: Instant,
    last_beat: Instant,
    /// What a report will tell.
    seen: Seen,
    /// Sessions that have been told to end and still have a word with their storage.
    closing: Vec<Session>,
    /// Apps that others have opened, whose answer is waited for.
    led: Vec<apps::Led>,
    /// Who asks for files.
    chooser: Option<Arc<DesktopChooser>>,
    exit: Option<(i32, Instant)>,
    /// In a developer's window only.
    dev: Option<Dev>,
    window: Window,
}

impl Glass {
    fn take(&mut self, signal: Signal) {
        if !matches!(signal, Signal::Beat) {
            self.last_signal = Instant::now();
        }
        self.rehearse(&signal);
        match signal {
            Signal::Beat => self.beat(),
            Signal::Desk(Event::Session(run, SessionEvent::Log(line))) => {
                tracing::info!(target: "console", run, page = line.page, level = ?line.level, "{}", line.text);
                if self.errand.is_some() && self.seen.console.len() < MOST_LINES {
                    self.seen.console.push(line.text);
                }
            }
            Signal::Desk(Event::Session(_, SessionEvent::Lifecycle(event))) => {
                if self.errand.is_some() && self.seen.lifecycle.len() < MOST_LINES {
                    self.seen.lifecycle.push(Reached::of(event));
                }
            }
            Signal::Desk(Event::Session(run, event)) if self.leaving.contains_key(&run) => self.part(run, event),
            Signal::Desk(Event::Session(_, SessionEvent::Played(played))) => self.end_of_play(Ok(*played)),
            // Nothing is seen of it outside the page.
            Signal::Desk(event @ Event::Session(_, SessionEvent::ToPage { .. })) => self.let_happen(event),
            Signal::Desk(Event::Broke(run, problem)) => {
                let problem = self.bound.explain(problem, Instant::now());
                self.tell(Event::Broke(run, problem));
            }
            Signal::Desk(event) => {
                if let Event::Loaded(run, page) | Event::Ready(run, page) = event
                    && let Some(view) = self.app_views.get_mut(&run)
                {
                    view.arrived(page);
                }
                self.tell(event);
            }
            Signal::Shut(run, page) => {
                if let Some(view) = self.app_views.get_mut(&run) {
                    view.has_heard(page);
                }
            }
            Signal::OnPaper(run) => self.app_views.get_mut(&run).into_iter().for_each(AppView::was_drawn),
            Signal::Said(mailbox) => mailbox.deal(|event| self.take(Signal::Desk(Event::Session(mailbox.run, event)))),
            Signal::Parted(run) => drop(self.leaving.remove(&run)),
            Signal::HomeEnded(reason) => {
                tracing::error!("the process that draws the host's own page ended, and it is loaded anew: {reason}");
                self.told.clear();
                if let Some(view) = &self.home_view {
                    report(view.load_url(HOME_URL));
                }
            }
            Signal::StillOpening(run) => {
                self.unannounced.take_if(|unannounced| *unannounced == run);
                self.redraw();
            }
            Signal::Launched(app_id, session, mailbox) => self.launched(app_id, session, mailbox),
            Signal::Dress(run) => self.dress(run),
            Signal::Committed(run) => {
                if let Some(view) = self.app_views.get(&run) {
                    view.committed();
                }
            }
            Signal::Titled(title) => self.window.set_title(&title),
            Signal::Read(json) => self.draw(json),
            Signal::Drawn(json) => self.finish(&json),
            Signal::Dev(signal) => self.take_dev(signal),
            Signal::Kiosk(event) => self.take_kiosk(event),
            Signal::Picture => self.picture_of_home(),
            Signal::Show { after_card } => self.show_kiosk(after_card),
            Signal::Turned => self.turn_keys(),
            Signal::Lead(caller, app, decide) => self.lead(caller, app, &decide),
            Signal::LeadBack(app) => self.lead_back(&app),
            Signal::Paper(wanted) => self.put_on_paper(wanted),
        }
        self.note_who_is_back();
        self.make_home();
    }

    /// Makes the host's own page, if it is not there and nothing is to be seen before it.
    fn make_home(&mut self) {
        let waits = || self.desk.is_first_coming() && Instant::now() < self.home_by;
        if self.home_view.is_some() || self.exit.is_some() || waits() {
            return;
        }
        match self.views.home(self.front_view().is_none()) {
            Ok(view) => {
                self.home_view = Some(view);
                self.machine.order(Order::Follow);
            }
            Err(error) => {
                tracing::error!("there is no page for the host itself: {error}");
                self.exit.get_or_insert((1, Instant::now()));
            }
        }
    }

    fn launched(&mut self, app_id: guichet_contract::AppId, session: Session, mailbox: Arc<Mailbox>) {
        let run = mailbox.run;
        if self.desk.open().is_none_or(|open| open.run != run || matches!(open.status, Status::Stopped { .. })) {
            session.close();
            return;
        }
        match self.views.app(Shelf::new(app_id, session.clone(), mailbox, self.post.clone())) {
            Ok(view) => drop(self.app_views.insert(run, view)),
            Err(error) => tracing::error!("{error}"),
        }
        self.seen.start_page = Some(session.start_route().to_owned());
        self.sessions.insert(run, session.clone());
        for effect in std::mem::take(&mut self.held) {
            self.carry_out(effect);
        }
        // Behind the page that is asked for meanwhile: it loads while the window is made ready for it.
        (self.post)(Signal::Dress(run));
    }

    /// Makes the window ready for an app that has been launched.
    fn dress(&mut self, run: u64) {
        let Some(session) = self.sessions.get(&run).cloned() else { return };
        // One that the person has left meanwhile is given the window when they are back.
        if self.app_views.contains_key(&run) && self.desk.open().is_some_and(|open| open.run == run) {
            self.frame(run, &session);
        }
        // The person may have changed the language while it began.
        self.let_happen(Event::Speaks(run, frame::foreign(&session, self.desk.lang())));
        self.tell(Event::Launched(run, session.manifest().version.name.clone()));
    }

    /// What a session says to its pages on the way out (L2, L6); after its last word the view goes.
    fn part(&mut self, run: u64, event: SessionEvent) {
        let Some((view, _)) = self.leaving.get(&run) else { return };
        match event {
            SessionEvent::ToPage { page, json } => view.deliver(page, json),
            SessionEvent::Ended(_) => {
                let parted = self.post.clone();
                if view.after_all(move || parted(Signal::Parted(run))).is_err() {
                    self.leaving.remove(&run);
                }
            }
            _ => {}
        }
    }

    fn tell(&mut self, event: Event) {
        self.let_happen(event);
        self.redraw();
        let stopped = self.desk.open().and_then(|open| match &open.status {
            Status::Stopped { problem, .. } => Some(Refused::of(problem)),
            _ => None,
        });
        if let Some(refused) = stopped.filter(|_| self.plays.is_some()) {
            self.end_of_play(Err(refused));
        }
    }

    /// A recorded session was played, or could not be: that is written, and the program ends.
    fn end_of_play(&mut self, played: Result<Played, Refused>) {
        let Some(path) = self.plays.take() else { return };
        let code = if played.is_ok() { 0 } else { 1 };
        let written = report::write_played(&path, played);
        if let Err(error) = &written {
            tracing::error!("what was found could not be written: {error}");
        }
        self.let_happen(Event::CloseRequested);
        self.exit = Some((if written.is_ok() { code } else { 1 }, Instant::now()));
    }

    fn let_happen(&mut self, event: Event) {
        for effect in self.desk.on(event, now_ms()) {
            self.carry_out(effect);
        }
    }

    /// The view of the app in front.
    fn front_view(&self) -> Option<&AppView> {
        self.desk.open().and_then(|open| self.view_of(open.run))
    }

    fn view_of(&self, run: u64) -> Option<&AppView> {
        self.app_views.get(&run)
    }

    fn redraw(&mut self) {
        let state = self.desk.render().to_string();
        let is_told = state == self.told || self.is_unannounced();
        if let Some(view) = self.home_view.as_ref().filter(|_| !is_told) {
            report(view.evaluate_script(&format!("window.guichetHome && window.guichetHome.receive({state})")));
            self.told = state;
        }
        let drawn = self.drawn();
        let bar_px = self.desk.bar_px() * drawn.map_or(1.0, |(scale, _)| scale);
        let top = bar_px.round().clamp(0.0, 100_000.0) as i32;
        let foot = self.desk.foot_px().round().clamp(0.0, 100_000.0) as i32;
        let seen = self.desk.open().filter(|open| open.status == Status::Running).map(|open| open.run);
        for (run, view) in &mut self.app_views {
            view.arrange((top, foot), seen == Some(*run));
            if let Some((_, zoom)) = drawn {
                view.zoom(zoom);
            }
        }
        if let (Some((scale, _)), Some(view)) = (drawn, &self.home_view) {
            report(view.zoom(scale));
        }
        let is_capsule_seen = self.desk.is_bar_hidden();
        if is_capsule_seen && self.capsule.is_none() {
            self.capsule = Some(self.views.capsule(self.desk.lang()));
        }
        if let Some(capsule) = &self.capsule {
            capsule.show(is_capsule_seen);
        }
        self.redraw_kiosk();
    }

    fn beat(&mut self) {
        self.picture_when_quiet();
        if self.last_beat.elapsed() < HEARTBEAT / 2 {
            return;
        }
        self.last_beat = Instant::now();
        if self.kiosk.is_some() {
            effects::say("beat");
        }
        if let Some(view) = &self.home_view {
            self.views.revive_home(view, Instant::now());
        }
        litter::sweep(&glib::user_runtime_dir());
        self.leaving.retain(|_, (_, since)| since.elapsed() < 2 * FAREWELL);
        let is_memory_short = memory::is_short();
        // Not while an app is opening, which needs the processors more.
        let is_opening = self.desk.open().is_some_and(|open| open.status == Status::Opening);
        if self.leaving.is_empty()
            && !is_opening
            && let Some(closed) = self.heap_loose_since
        {
            self.home_view.iter().for_each(collect_garbage);
            memory::give_back();
            self.heap_loose_since = (closed.elapsed() < memory::SETTLED).then_some(closed);
        }
        if self.warms && self.desk.is_painted() && !is_opening && !is_memory_short {
            report(self.views.warm());
            self.machine.prepare_logic();
        }
        let unloading = self.desk.on(Event::Beat { is_memory_short }, now_ms());
        if !unloading.is_empty() {
            unloading.into_iter().for_each(|effect| self.carry_out(effect));
            self.redraw();
        }
        if is_memory_short
            && let Some(open) = self.desk.open()
            && let Some(view) = self.app_views.get_mut(&open.run)
        {
            view.give_up_what_is_below(|page| open.has_typed(page));
        }
        // Also those that nobody sees: an app in the background has a processor too.
        let now = Instant::now();
        let stuck: Vec<u64> =
            self.app_views.iter().filter(|(_, view)| view.is_stuck(now)).map(|(run, _)| *run).collect();
        for run in stuck {
            let problem = guichet_host::Problem {
                class: "page/deadline",
                what: "the page did not answer for 6 seconds or more".to_owned(),
                place: None,
                hint: "open it again; its department has to correct it".to_owned(),
            };
            self.tell(Event::Broke(run, problem));
        }
    }
}

/// Tells when nobody can see the window any more, and when somebody can again.
fn watch_window(window: &Window, post: Post) {
    use gtk::{gdk::WindowState, prelude::WidgetExt};
    window.gtk_window().connect_window_state_event(move |_, event| {
        let unseen = WindowState::ICONIFIED | WindowState::WITHDRAWN;
        if event.changed_mask().intersects(unseen) {
            post(Signal::Desk(Event::Covered(event.new_window_state().intersects(unseen))));
        }
        glib::Propagation::Proceed
    });
}

fn report<E: std::fmt::Display>(result: Result<(), E>) {
    if let Err(error) = result {
        tracing::error!("{error}");
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
