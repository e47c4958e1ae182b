//! What pages of the samples ask their logic, and what no page would.

use serde_json::{Value as Json, json};

use super::{CERTIFICATE, Dice, QUEUE, SCAN};
use crate::app::ESTIMATOR;

const PERMIT_FIELDS: &[(&str, &[&str])] = &[
    ("kind", &["first", "renewal", "", "other"]),
    ("name", &["张三", "欧阳娜娜", "", "Ada Lovelace", "x"]),
    ("id_number", &["11010519491231002X", "110105194912310021", "1", ""]),
    ("idNumber", &["11010519491231002X", "abc"]),
    ("phone", &["13800138000", "138 0013 8000", "1"]),
    ("address", &["河西路 12 号", "", "\u{202e}\"\\"]),
    ("since", &["2024-01-31", "2024-02-30", "31.1.2024"]),
    ("birth", &["1949-12-31", "2049-12-31"]),
];

const ESTIMATOR_FIELDS: &[(&str, &[&str])] = &[
    ("area", &["urban", "rural", "moon"]),
    ("adults", &["0", "1", "2", "99"]),
    ("children", &["0", "3", "-1"]),
    ("babies", &["0", "1"]),
    ("income", &["0", "2,000", "much", "99999999999999999999"]),
    ("rent", &["", "800", "1.5"]),
];

const CERTIFICATE_FIELDS: &[(&str, &[&str])] =
    &[("kind", &["residence", "household", "other"]), ("name", &["张三", " Ada ", ""])];

/// A name that an app's logic has or has not, and something to say with it.
pub(super) fn question(dice: &mut Dice, app: &str) -> (&'static str, Json) {
    match app {
        ESTIMATOR => of_the_estimator(dice),
        CERTIFICATE => of_the_certificate(dice),
        SCAN => {
            let pages: Vec<_> = (0..dice.roll(4)).map(|_| "x".repeat(usize::try_from(dice.roll(9)).unwrap())).collect();
            ("send", if dice.roll(3) > 0 { json!({"pages": pages}) } else { Json::Null })
        }
        QUEUE => of_the_queue(dice),
        _ => of_the_permit(dice),
    }
}

fn of_the_estimator(dice: &mut Dice) -> (&'static str, Json) {
    match dice.one(&["estimate", "estimate", "remembered", "forget", "rules", "nothing"]) {
        "estimate" => ("estimate", dice.fields(ESTIMATOR_FIELDS)),
        other => (other, dice.one(&["null", "{}", "[1]"]).parse().unwrap()),
    }
}

fn of_the_certificate(dice: &mut Dice) -> (&'static str, Json) {
    let name = dice.one(&["readCard", "print", "print", "follow", "cancel", "nothing"]);
    let input = match name {
        "readCard" => json!({"seconds": dice.roll(2)}),
        "print" => {
            let mut input = dice.fields(CERTIFICATE_FIELDS);
            input["copies"] = json!(dice.roll(4));
            input["words"] = dice
                .one(&[r#"{"residence":"R","household":"H","line":"for {name}","made":"at {time}","end":"end"}"#, "{}"])
                .parse()
                .unwrap();
            input
        }
        _ => json!({"job": dice.roll(4)}),
    };
    (name, input)
}

fn of_the_queue(dice: &mut Dice) -> (&'static str, Json) {
    let number = |dice: &mut Dice| dice.one(&["A010", "A012", "A013", "B007", "B100", "?"]);
    let name = dice.one(&["watch", "look", "arrived", "arrived"]);
    let input = match name {
        "watch" => json!({
            "number": number(dice),
            "texts": {"near": "{before} before {number}", "called": "{number} at {window}"},
        }),
        "arrived" => json!({"board": {"windows": [{"window": dice.roll(3), "number": number(dice)}]}}),
        _ => Json::Null,
    };
    (name, input)
}

fn of_the_permit(dice: &mut Dice) -> (&'static str, Json) {
    let names = [
        "overview",
        "draft",
        "keepDraft",
        "keepDraft",
        "discardDraft",
        "check",
        "summary",
        "submit",
        "application",
        "withdraw",
        "restore",
        "readIdNumber",
        "nothing",
    ];
    let name = dice.one(&names);
    let input = match name {
        "keepDraft" | "check" => json!({"step": dice.roll(6), "fields": dice.fields(PERMIT_FIELDS)}),
        "summary" | "submit" => json!({"fields": dice.fields(PERMIT_FIELDS)}),
        "readIdNumber" => json!({"text": dice.one(&["11010519491231002X", "１", ""])}),
        "application" | "withdraw" | "restore" => json!({"number": format!("R-{}", dice.roll(4))}),
        _ => dice.one(&["null", "{}", "\"x\"", "[[[]]]"]).parse().unwrap(),
    };
    (name, input)
}
