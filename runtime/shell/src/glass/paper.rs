//! A page of an app on paper: of the app that is seen, and of the page of it that is.
//!
//! Invariant: the file is gone before anybody else has its bytes.

use std::{
    fs::File,
    io::Read as _,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use guichet_contract::{
    AppId, Stop,
    print::{MAX_DOCUMENT_BYTES, Paper},
};
use guichet_services::print::{PagePart, PageTrouble};

use super::{DeskApps, Glass};
use crate::{desk::Status, machine::Signal, view::Sheet};

/// How long a page may take to be drawn.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked whether anybody still wants it.
const STEP: Duration = Duration::from_millis(50);

/// A page that is wanted on paper.
pub(crate) struct Wanted {
    app: AppId,
    /// The page that asks; none: the logic.
    page: Option<u32>,
    paper: Paper,
    /// Takes the sheet; none while another one of the same page is drawn.
    made: Sender<Result<Option<Sheet>, PageTrouble>>,
}

impl PagePart for DeskApps {
    fn pdf(&self, app: &AppId, page: Option<u32>, paper: Paper, stop: &Stop) -> Result<Vec<u8>, PageTrouble> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (made, making) = channel();
            if !self.tell(Signal::Paper(Wanted { app: app.clone(), page, paper, made })) {
                return Err(PageTrouble::NotSeen);
            }
            match drawn(&making, stop, deadline.saturating_duration_since(Instant::now()))? {
                Some(sheet) => return read(sheet),
                None => thread::park_timeout(STEP),
            }
        }
    }
}

/// Waits until it is drawn, for so long at most, and as long as anybody wants it.
fn drawn(
    making: &Receiver<Result<Option<Sheet>, PageTrouble>>,
    stop: &Stop,
    patience: Duration,
) -> Result<Option<Sheet>, PageTrouble> {
    let deadline = Instant::now() + patience;
    loop {
        match making.recv_timeout(STEP) {
            Ok(Ok(None)) if stop.is_stopped() || Instant::now() >= deadline => {
                return Err(PageTrouble::Unmade("another sheet of the page is still drawn".to_owned()));
            }
            Ok(sheet) => return sheet,
            Err(RecvTimeoutError::Timeout) if !stop.is_stopped() && Instant::now() < deadline => {}
            Err(_) => return Err(PageTrouble::Unmade("whatever draws it has not done so in time".to_owned())),
        }
    }
}

/// Of a sheet that is too large no more than shows that it is.
fn read(sheet: Sheet) -> Result<Vec<u8>, PageTrouble> {
    let mut bytes = Vec::new();
    let most = MAX_DOCUMENT_BYTES as u64 + 1;
    let done = File::open(sheet.path()).and_then(|file| file.take(most).read_to_end(&mut bytes));
    let gone = sheet.clear();
    match done.and(gone) {
        Ok(()) if bytes.starts_with(b"%PDF-") => Ok(bytes),
        Ok(()) => Err(PageTrouble::Unmade("what was drawn is no PDF".to_owned())),
        Err(error) => Err(PageTrouble::Unmade(error.kind().to_string())),
    }
}

impl Glass {
    pub(super) fn put_on_paper(&self, Wanted { app, page, paper, made }: Wanted) {
        let open = self.desk.open().filter(|open| open.app_id == app && open.status == Status::Running);
        let view = open.and_then(|open| self.view_of(open.run));
        let (run, post) = (open.map(|open| open.run), self.post.clone());
        let then = move |sheet| {
            // Whoever asked may have gone; the sheet goes with this.
            let _ = made.send(sheet);
            run.into_iter().for_each(|run| post(Signal::OnPaper(run)));
        };
        match (view, self.views.folder()) {
            (Some(view), Some(folder)) => view.print(page, folder, paper, then),
            _ => then(Err(PageTrouble::NotSeen)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_hangs_or_is_gone_keeps_nobody_waiting() {
        let short = STEP * 3;
        let (made, making) = channel();
        let begun = Instant::now();
        assert!(matches!(drawn(&making, &Stop::default(), short), Err(PageTrouble::Unmade(_))));
        assert!(begun.elapsed() >= short, "it may take its time");

        let begun = Instant::now();
        let given_up = Stop::default();
        given_up.stop();
        assert!(matches!(drawn(&making, &given_up, PATIENCE), Err(PageTrouble::Unmade(_))));
        drop(made);
        assert!(matches!(drawn(&making, &Stop::default(), PATIENCE), Err(PageTrouble::Unmade(_))));
        assert!(begun.elapsed() < PATIENCE, "nobody wants it, or nobody draws it any more");
    }
}
