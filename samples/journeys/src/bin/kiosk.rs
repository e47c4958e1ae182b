//! `guichet-kiosk-bench`: from the moment a citizen takes their card until the next one can touch the home page.

use std::{fs, path::Path, time::Instant};

use anyhow::{Context as _, Result};
use guichet_journeys::{
    canary,
    hall::{CARD, Hall, SOON, papers},
    town::{OFFICES, Town},
};
use serde_json::json;

/// Sessions that are measured.
const SESSIONS: usize = 12;

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let town = Town::found(folder, &OFFICES)?;
    let package = folder.join("app.ma");
    town.release("residence", &canary::folder(), &package)?;
    let (script, state) = (folder.join("card.py"), folder.join("card.state"));
    fs::write(&script, CARD)?;
    fs::write(&state, "empty")?;
    let policy = papers(&folder.join("papers"), &town, |policy| {
        policy["start"]["locale"] = "en".into();
        policy["idle"] = json!({ "warn_seconds": 600, "reset_seconds": 900 });
        policy["devices"] = json!({ "readers": [{ "driver": { "program": "/usr/bin/python3", "arguments": [&script, &state],
                                                               "devices": [&script, &state] } }] });
    })?;
    let mut hall = Hall::open(folder, &policy, &[])?;
    let app = hall.find("Canary")?;
    let mut wipe = Vec::new();
    for _ in 0..SESSIONS {
        wipe.push(session(&mut hall, (app.x, app.y), &state)?);
    }
    println!("{}", json!({ "wipe": wipe }));
    Ok(())
}

/// Somebody with a card opens an app, and takes the card: seconds until the next page can be touched.
fn session(hall: &mut Hall, (x, y): (u32, u32), card: &Path) -> Result<f64> {
    let heard = hall.kiosk.heard();
    fs::write(card, "present")?;
    hall.kiosk.line_since(heard, "session begun", SOON)?;
    hall.display.click(x, y)?;
    hall.kiosk.line_since(heard, &format!("opened {}", canary::APP), SOON)?;
    let begun = Instant::now();
    fs::write(card, "empty")?;
    hall.kiosk.line_since(heard, "session shown after", SOON).context("no next session")?;
    Ok(begun.elapsed().as_secs_f64())
}
