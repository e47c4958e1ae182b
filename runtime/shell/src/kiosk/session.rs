//! The window of one citizen: a host of its own in the session's folder, and the glass.

use std::{path::Path, process::ExitCode, sync::Arc};

use guichet_host::{Host, HostError, HostOptions, Profile, Walls};
use guichet_package::TrustFile;
use guichet_services::{Device, Parts, telemetry::Waiting};
use rustix::process::{Signal, set_parent_process_death_signal};

use super::{keeper::JOBS, options::Options, seat::Seat};
use crate::{
    desk::Background,
    glass::{self, DeskApps, Opening, ScreenClipboard, Seating, Source},
    sandbox,
    settings::Settings,
    trace,
};

/// Opens the window of the session in this folder, and stays until it is killed.
pub(super) fn sit(room: &Path, options: &Options) -> ExitCode {
    end_with_the_parent();
    match try_sit(room, options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the window of a session cannot be opened: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whoever has started this process is the one who knows what to take away after it.
pub(super) fn end_with_the_parent() {
    if let Err(error) = set_parent_process_death_signal(Some(Signal::KILL)) {
        tracing::warn!(%error, "this process does not end with its parent");
    }
}

fn try_sit(room: &Path, options: &Options) -> anyhow::Result<()> {
    let starting = tracing::trace_span!(target: trace::TARGET, "start");
    let seat = Seat::read(room)?;
    let sandbox = sandbox::prepare(!options.no_renderer_sandbox)?;
    let walls = guichet_host::Programs::beside_this_one().map(Walls::Two)?;
    let trust = TrustFile::parse(seat.trust.as_bytes()).map_err(|refusal| anyhow::anyhow!("{}", refusal.what()))?;
    let parts = Parts::parse(seat.devices.to_string().as_bytes())?.noting_jobs(room.join(JOBS));
    let apps = Arc::<DeskApps>::default();
    let parts = parts.with_clipboard(Arc::new(ScreenClipboard)).with_apps(Arc::clone(&apps) as _);
    let parts = parts.with_pages(Arc::clone(&apps) as _);
    let parts = if trust.api_url.is_empty() { parts } else { parts.with_counter(Arc::<Waiting>::default()) };
    let home = room.join("home");
    let device = Arc::new(Device::new(home.join("apps")).with_parts(parts));
    let host = Host::open(HostOptions {
        lang: seat.lang.clone(),
        terminal: "kiosk".to_owned(),
        walls,
        beacons: false,
        ..HostOptions::new(home.clone(), trust, Arc::clone(&device) as Arc<_>)
    })
    .map_err(|error: HostError| anyhow::anyhow!("{error}"))?;
    let settings =
        Settings { lang: seat.lang.clone(), elder: seat.elder, contrast: seat.contrast, ..Settings::default() };
    glass::run(Opening {
        source: Source::Kept { host, home, apps },
        settings,
        profile: Profile::Kiosk,
        wanted: None,
        hosts: Vec::new(),
        background: Background { takes_what_is_left: false, ..Background::default() },
        warms: true,
        doorbell: None,
        starting,
        sandbox,
        automation: options.automation(),
        errand: None,
        plays: None,
        chooser: None,
        seating: Some(Seating { seat, device, room: room.to_owned() }),
    })
}
