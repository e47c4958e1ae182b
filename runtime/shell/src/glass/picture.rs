//! A picture of the whole window and a report about it, for whoever starts the program for their sake.

use std::{path::PathBuf, time::Instant};

use gtk::{gdk::prelude::*, glib, prelude::*};
use guichet_host::Problem;
use serde::Serialize;
use tao::platform::unix::WindowExtUnix;
use webkit2gtk::{SnapshotOptions, SnapshotRegion, WebViewExt};

use super::{Glass, report};
use crate::{desk::Event, machine::Signal};

/// Exit code when what was asked for could not be shown.
const FAILED: i32 = 1;

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

/// What was seen.
#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    profile: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'a str>,
    title: String,
    page_text: String,
    width: i32,
    height: i32,
    console: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Refusal<'a>>,
}

#[derive(Serialize)]
struct Refusal<'a> {
    class: &'a str,
    what: &'a str,
    #[serde(rename = "where")]
    place: Option<&'a str>,
    hint: &'a str,
}

impl<'a> Refusal<'a> {
    fn of(problem: &'a Problem) -> Self {
        Self { class: problem.class, what: &problem.what, place: problem.place.as_deref(), hint: &problem.hint }
    }
}

impl Glass {
    /// Waits until the page has really been drawn, then asks it what it shows.
    pub(super) fn read_page(&mut self) {
        let post = self.post.clone();
        let view = match &self.app_view {
            Some(view) if self.desk.trouble().is_none() => {
                let asked = self.post.clone();
                report(view.read(move |json| asked(Signal::Read(json))));
                return;
            }
            _ => wry::WebViewExtUnix::webview(&self.home_view),
        };
        view.snapshot(SnapshotRegion::Visible, SnapshotOptions::NONE, None::<&gtk::gio::Cancellable>, move |_| {
            post(Signal::Read("{}".to_owned()));
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

    fn make(&self, errand: &Errand, seen: &serde_json::Value) -> anyhow::Result<()> {
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
            let report = Report {
                ok: self.desk.trouble().is_none(),
                profile: errand.profile,
                app_id: open.map(|open| open.app_id.as_str()),
                version_name: open.map(|open| open.version_name.as_str()),
                page: open.and_then(|open| open.pages.last()).map(|page| page.route.as_str()),
                title: text("title"),
                page_text: text("text"),
                width,
                height,
                console: &self.log,
                problem: self.desk.trouble().map(Refusal::of),
            };
            std::fs::write(path, serde_json::to_vec_pretty(&report)?)?;
        }
        Ok(())
    }
}

/// Lets the window draw what has arrived.
fn settle() {
    let context = glib::MainContext::default();
    while context.pending() {
        context.iteration(false);
    }
}
