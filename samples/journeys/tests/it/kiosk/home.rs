//! The home page and the keyboard of a kiosk, on the glass of the unmodified program.

use std::path::Path;

use guichet_journeys::{
    canary,
    hall::{Hall, SOON, papers},
    picture,
    touch::{self, Keys},
    town::{OFFICES, Town},
    until::until,
};

use super::{idle, picture_of};

const APP: &str = "gov.example.residence.fields";

/// The middles of the app's fields, below the bar.
const NAME: (u32, u32) = (300, 112 + 140);
const PHONE: (u32, u32) = (300, 112 + 260);
const CARD: (u32, u32) = (300, 112 + 380);
const OWN: (u32, u32) = (300, 112 + 500);
const FAKE: (u32, u32) = (300, 112 + 620);

/// Buttons of the strip below an app: home, language, large, contrast, lower.
fn strip(button: u32) -> (u32, u32) {
    (32 + 1016 * (2 * button + 1) / 10, 1850)
}

fn hall(folder: &Path) -> (Town, Hall) {
    let town = Town::found(folder, &OFFICES).unwrap();
    let package = folder.join("fields.ma");
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("fields");
    town.release("residence", &app, &package).unwrap();
    let policy = papers(&folder.join("papers"), &town, |policy| idle(policy, 600, 900)).unwrap();
    let hall = Hall::open(folder, &policy, &[]).unwrap();
    (town, hall)
}

fn touch(hall: &Hall, (x, y): (u32, u32)) {
    hall.display.click(x, y).unwrap();
}

/// Waits until the glass shows these keys, or none.
fn keys(hall: &Hall, keys: Option<Keys>) {
    until(&format!("the keyboard is {keys:?}"), SOON, || {
        let path = picture_of(hall, "kiosk-keys.png");
        Ok((touch::seen(&path)? == keys).then_some(()))
    })
    .unwrap();
}

/// Waits until the page has kept this of its fields, in order: name, phone, card, own, heard by the fake, Enter, width.
fn kept(hall: &Hall, fields: &str) {
    let kept = || Ok((!canary::search(&format!("typed:[{fields}"), &[hall.memory()]).is_empty()).then_some(()));
    until(&format!("the page has kept {fields}"), SOON, kept).unwrap();
}

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn a_citizen_types_on_the_glass_and_has_everything_larger_and_lower() {
    let folder = tempfile::tempdir().unwrap();
    let (_town, mut hall) = hall(folder.path());
    hall.find("benefits").unwrap();
    let heard = hall.kiosk.heard();
    hall.find_and_click("Fields").unwrap();
    hall.kiosk.line_since(heard, &format!("opened {APP}"), SOON).unwrap();
    kept(&hall, "||||");
    keys(&hall, None);

    touch(&hall, NAME);
    keys(&hall, Some(Keys::Letters));
    touch::capital(&hall.display).unwrap();
    touch::write(&hall.display, Keys::Letters, "a").unwrap();
    kept(&hall, "A||||");
    touch::write(&hall.display, Keys::Letters, "lovee").unwrap();
    touch::back(&hall.display, Keys::Letters).unwrap();
    touch::write(&hall.display, Keys::Letters, " 7").unwrap();
    kept(&hall, "Alove 7||||");

    touch(&hall, PHONE);
    keys(&hall, Some(Keys::Numbers));
    touch::write(&hall.display, Keys::Numbers, "138-0").unwrap();
    touch(&hall, CARD);
    keys(&hall, Some(Keys::Ids));
    touch::write(&hall.display, Keys::Ids, "19X").unwrap();
    touch::enter(&hall.display, Keys::Ids).unwrap();
    kept(&hall, "Alove 7|138-0|19X|||1|664");

    // Put away, it comes again when the field is touched; a page that draws its own keys has them for itself.
    touch::away(&hall.display, Keys::Ids).unwrap();
    keys(&hall, None);
    touch(&hall, CARD);
    keys(&hall, Some(Keys::Ids));
    for other in [OWN, FAKE] {
        touch(&hall, other);
        keys(&hall, None);
        touch(&hall, CARD);
        keys(&hall, Some(Keys::Ids));
    }
    touch(&hall, FAKE);
    keys(&hall, None);

    // Pages of apps grow too, and all comes down to whoever sits.
    touch(&hall, strip(2));
    kept(&hall, "Alove 7|138-0|19X|||1|540");
    touch(&hall, strip(4));
    until("the upper part is nobody's", SOON, || {
        let path = picture_of(&hall, "kiosk-low.png");
        Ok((picture::color(&path, 540, 300)? == "#082c28").then_some(()))
    })
    .unwrap();
    picture_of(&hall, "kiosk-low-elder.png");
    // Home, without a touch: into the app, and from there to the bar.
    hall.display.key("F6").unwrap();
    hall.display.key("F6").unwrap();
    hall.display.key("Return").unwrap();
    hall.find("need?").unwrap();
    picture_of(&hall, "kiosk-home-low-elder.png");
}

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn whoever_has_only_keys_comes_as_far() {
    let folder = tempfile::tempdir().unwrap();
    let (_town, mut hall) = hall(folder.path());
    hall.find("Fields").unwrap();
    let heard = hall.kiosk.heard();
    // Language, large, contrast, lower, and then the first door.
    for _ in 0..5 {
        hall.display.key("Tab").unwrap();
    }
    hall.kiosk.line_since(heard, "session begun", SOON).unwrap();
    hall.display.key("Return").unwrap();
    hall.kiosk.line_since(heard, &format!("opened {APP}"), SOON).unwrap();
    kept(&hall, "||||");
    hall.display.key("Tab").unwrap();
    keys(&hall, Some(Keys::Letters));
    hall.display.write("ada").unwrap();
    kept(&hall, "ada||||");
    // The bar: back, and then the end.
    hall.display.key("F6").unwrap();
    hall.display.key("Tab").unwrap();
    hall.display.key("Return").unwrap();
    hall.kiosk.line_since(heard, "session over button", SOON).unwrap();
}
