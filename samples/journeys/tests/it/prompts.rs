//! What the host says while an app is open: once, where no page paints, and not under a click that was meant for something else.

use anyhow::{Context, Result, ensure};
use fantoccini::wd::WindowHandle;
use guichet_journeys::{
    browser::Browser,
    until::{DEADLINE, until},
};

/// A control that has come by itself takes no click for so long, in milliseconds.
const LEAST_SHOWN_MS: f64 = 500.0;
/// Timers of a page keep whole milliseconds.
const ROUNDING_MS: f64 = 1.0;

/// What is left of the window below all that hangs from the bar, in CSS pixels.
const ROOM_BELOW: &str = "return innerHeight - document.querySelector('#hang').getBoundingClientRect().bottom";

/// A notice comes by itself, and somebody clicks on what it offers at once; then again when it has been there for a while.
const COMES_AND_IS_CLICKED: &str = "
    const { state } = guichetHome;
    const notice = { id: 'n0', kind: 'choice', app_id: state.app.app_id, version_name: '2', back_to: '1', has_failed: true };
    const begun = performance.now();
    guichetHome.receive({ ...state, notices: [notice] });
    const button = document.querySelector('[data-notice=choice] [data-action=go-back-version]');
    const isTaken = () => button.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
    new MutationObserver(() => { globalThis.shownFor ??= performance.now() - begun; }).observe(button, { attributes: true });
    return isTaken()";

/// After an app has asked for a thousand others: what is said of that is one notice above the app.
pub(crate) fn keep_their_place_and_time(browser: &Browser, home: &WindowHandle, app: &str) -> Result<()> {
    browser.turn_back(home)?;
    let said = browser.until("it is said", "return document.querySelectorAll('#hang [data-notice]').length")?;
    ensure!(said == 1, "there are {said} notices");
    // What hangs there grows with its words: both are looked at until they fit.
    until("the page has only the room below what hangs from the bar", DEADLINE, || {
        browser.turn_back(home)?;
        let room = browser.ask(ROOM_BELOW)?.as_f64().context("a number")?;
        browser.turn_to(app)?;
        let height = browser.ask("return innerHeight")?.as_f64().context("a number")?;
        Ok(((height - room).abs() <= 1.0).then_some(()))
    })?;

    browser.turn_back(home)?;
    ensure!(browser.ask(COMES_AND_IS_CLICKED)? == false, "what has just come took a click");
    let shown_for = browser.until("it takes clicks", "return globalThis.shownFor")?;
    let shown_for = shown_for.as_f64().context("a number")?;
    ensure!(shown_for >= LEAST_SHOWN_MS - ROUNDING_MS, "it took clicks after {shown_for} ms");
    // The notice was nobody's: what the shell says next takes it away.
    browser.ask("guichetHome.receive({ ...guichetHome.state, notices: [] })").map(drop)
}
