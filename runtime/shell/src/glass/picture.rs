//! A picture of the whole window and a report about it, for whoever starts the program for their sake.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use gtk::{gdk::prelude::*, glib, prelude::*};
use tao::platform::unix::WindowExtUnix;
use webkit2gtk::{SnapshotOptions, SnapshotRegion, WebView, WebViewExt};
use wry::WebViewExtUnix;

use super::{Glass, report};
use crate::{
    desk::Event,
    machine::Signal,
    report::{Bent, Reached, Refused, Report},
    view::AppView,
};

/// Exit code when what was asked for could not be shown.
const FAILED: i32 = 1;

/// How long nothing must happen before a picture is taken.
pub(super) const QUIET: Duration = Duration::from_millis(400);

/// How long to wait for logic that is still being made ready.
const LAUNCH_PATIENCE: Duration = Duration::from_secs(60);

/// How long to wait for that.
const PATIENCE: Duration = Duration::from_secs(10);

/// What to make of what was opened.
#[derive(Clone, Debug)]
pub(crate) struct Errand {
    /// Where the picture goes, as PNG.
    pub(crate) screenshot: Option<PathBuf>,
    /// Where the report goes, as JSON.
    pub(crate) report: Option<PathBuf>,
    /// The terminal that was stood in for.
    pub(crate) profile: &'static str,
}

/// What a report tells of the time before the picture.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) start_page: Option<String>,
    pub(super) lifecycle: Vec<Reached>,
    pub(super) console: Vec<String>,
    pub(super) bent: Vec<Bent>,
    /// The app id as the manifest of a looked-at package writes it.
    pub(super) app_id: Option<String>,
}

impl Seen {
    /// Whether a page has reached `ready`, so that everything before has happened.
    fn is_ready(&self) -> bool {
        self.lifecycle.iter().any(Reached::is_page_ready)
    }
}

impl Glass {
    /// Begins the picture as soon as nothing has happened for a while, or that takes too long.
    pub(super) fn picture_when_quiet(&mut self) {
        let Some(since) = self.finishing else { return };
        // The view may be ready before the logic is: what the app does when it is launched belongs to the report.
        let is_launched = self.front_view().is_none() || self.desk.trouble().is_some() || self.seen.is_ready();
        let is_waiting = self.front_view().is_some_and(AppView::is_waiting);
        let silence = self.front_view().and_then(AppView::silence);
        let is_silent = self.last_signal.elapsed() >= QUIET && silence.is_none_or(|silence| silence >= QUIET);
        let is_quiet = self.desk.is_painted() && !is_waiting && self.is_framed() && is_silent;
        let patience = if is_launched { PATIENCE } else { LAUNCH_PATIENCE };
        if !(is_launched && is_quiet) && since.elapsed() < patience {
            return;
        }
        self.finishing = None;
        match self.front_view() {
            Some(view) => {
                let post = self.post.clone();
                report(view.read(move |json| post(Signal::Read(json))));
            }
            None => self.draw("{}".to_owned()),
        }
    }

    /// Has what is on the glass drawn once more, all of it.
    pub(super) fn draw(&mut self, json: String) {
        let (post, app) = (self.post.clone(), self.front_view().and_then(AppView::webview));
        let Some(home) = &self.home_view else { return };
        snapshot(&home.webview(), move || match app {
            Some(app) => snapshot(&app, move || post(Signal::Drawn(json))),
            None => post(Signal::Drawn(json)),
        });
    }

    /// Makes the picture and the report, and ends the program.
    pub(super) fn finish(&mut self, json: &str) {
        let Some(errand) = self.errand.take() else { return };
        let seen: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
        let made = self.make(&errand, &seen);
        if let Err(error) = &made {
            tracing::error!("{error:#}");
        }
        let is_well = made.is_ok() && self.desk.trouble().is_none();
        if let Some(problem) = self.desk.trouble() {
            tracing::error!("error[{}]: {}\n  hint: {}", problem.class, problem.what, problem.hint);
        }
        for effect in self.desk.on(Event::CloseRequested, 0) {
            self.carry_out(effect);
        }
        self.exit = Some((if is_well { 0 } else { FAILED }, Instant::now()));
    }

    fn make(&mut self, errand: &Errand, seen: &serde_json::Value) -> anyhow::Result<()> {
        settle();
        let window = self.window.gtk_window();
        let (width, height) = (window.allocated_width(), window.allocated_height());
        if let Some(path) = &errand.screenshot {
            let glass = window.window().and_then(|window| window.pixbuf(0, 0, width, height));
            glass.ok_or_else(|| anyhow::anyhow!("the window cannot be pictured"))?.savev(path, "png", &[])?;
        }
        if let Some(path) = &errand.report {
            let text = |name: &str| seen.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            let open = self.desk.open();
            let seen_before = std::mem::take(&mut self.seen);
            let report = Report {
                ok: self.desk.trouble().is_none(),
                profile: errand.profile,
                app_id: seen_before.app_id.or_else(|| open.map(|open| open.app_id.to_string())),
                version_name: open.map(|open| open.version_name.clone()),
                start_page: seen_before.start_page,
                page: open.and_then(|open| open.pages.last()).map(|page| page.route.clone()),
                title: text("title"),
                page_text: text("text"),
                width,
                height,
                window: self.frame_seen(),
                lifecycle: seen_before.lifecycle,
                console: seen_before.console,
                bent: seen_before.bent,
                error: self.desk.trouble().map(Refused::of),
            };
            report.write(path)?;
        }
        Ok(())
    }
}

fn snapshot(view: &WebView, then: impl FnOnce() + 'static) {
    view.snapshot(SnapshotRegion::Visible, SnapshotOptions::NONE, None::<&gtk::gio::Cancellable>, move |drawn| {
        if let Err(error) = drawn {
            tracing::warn!("a view could not be drawn: {error}");
        }
        then();
    });
}

/// Lets the window draw what has arrived.
fn settle() {
    let context = glib::MainContext::default();
    while context.pending() {
        context.iteration(false);
    }
}
