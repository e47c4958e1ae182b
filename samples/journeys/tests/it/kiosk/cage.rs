//! The kiosk as its package's unit starts it: in cage, on Wayland.

use guichet_journeys::hall::{Hall, SOON, papers};

use super::{idle, picture_of, town};

/// The middle of *End session* in the window of 1024 by 768 that cage draws into.
const END: (u32, u32) = (891, 55);

#[test]
#[ignore = "a kiosk with real windows, and needs cage: cargo xtask test --full"]
fn a_citizen_opens_a_service_and_leaves_and_the_next_one_finds_the_home_page() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let policy = papers(&folder.path().join("papers"), &town, |policy| idle(policy, 600, 900)).unwrap();
    let mut hall = Hall::open_in_cage(folder.path(), &policy, &[]).unwrap();
    let heard = hall.kiosk.heard();
    hall.find_and_click("permit").unwrap();
    hall.kiosk.line_since(heard, "session begun", SOON).unwrap();
    hall.find("Need").unwrap();
    picture_of(&hall, "kiosk-cage.png");
    hall.display.click(END.0, END.1).unwrap();
    for said in ["session over button", "wiped in", "session shown after"] {
        hall.kiosk.line_since(heard, said, SOON).unwrap();
    }
    hall.find("Touch").unwrap();
}
