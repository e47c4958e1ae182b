//! The parts of this terminal, as its owner lists them in `devices.json`.

use std::{collections::BTreeSet, sync::Arc};

use guichet_contract::{Part, print::MAX_NAME_BYTES};
use serde::Deserialize;

use crate::print::{Ipp, PrinterPart, Spooler};
#[cfg(unix)]
use crate::{
    driver::{Driver, Setup},
    print::Driven,
};

/// The parts that a terminal has.
#[derive(Debug, Default)]
pub struct Parts {
    pub(crate) print: Spooler,
}

/// The list of parts cannot be read, or one of them cannot be.
#[derive(Debug, thiserror::Error)]
pub enum InvalidParts {
    /// It is not the JSON that it should be.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// One of them.
    #[error("{name}: {why}")]
    One {
        /// Its name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    #[serde(default)]
    printers: Vec<ListedPrinter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedPrinter {
    name: String,
    ipp: Option<String>,
    #[cfg(unix)]
    driver: Option<Setup>,
}

impl Parts {
    /// Reads the list: `{"printers": [{"name": "…", "ipp": "ipp://…"} or {"name": "…", "driver": {"program": "…"}}]}`.
    pub fn parse(json: &[u8]) -> Result<Self, InvalidParts> {
        let listed: Listed = serde_json::from_slice(json)?;
        let mut printers: Vec<Arc<dyn PrinterPart>> = Vec::new();
        for ListedPrinter {
            name,
            ipp,
            #[cfg(unix)]
            driver,
        } in listed.printers
        {
            #[cfg(not(unix))]
            let driver = None::<()>;
            let refuse = |why: &str| InvalidParts::One { name: name.clone(), why: why.to_owned() };
            if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
                return Err(refuse("a name is one line of 1 to 128 bytes"));
            }
            if printers.iter().any(|printer| printer.name() == name) {
                return Err(refuse("another printer has this name"));
            }
            printers.push(match (ipp, driver) {
                (Some(address), None) => {
                    Arc::new(Ipp::new(&name, &address).map_err(|invalid| refuse(&invalid.to_string()))?)
                }
                #[cfg(unix)]
                (None, Some(setup)) if !setup.program.is_absolute() => {
                    return Err(refuse("`program` is the whole path of a program"));
                }
                #[cfg(unix)]
                (None, Some(setup)) => {
                    let driver = Driver::new("print", setup, None).map_err(|error| refuse(&error.to_string()))?;
                    Arc::new(Driven::new(&name, driver))
                }
                _ => return Err(refuse("a printer has either `ipp` or `driver`")),
            });
        }
        Ok(Self { print: Spooler::new(printers) })
    }

    /// These printers and nothing else.
    pub fn of_printers(printers: Vec<Arc<dyn PrinterPart>>) -> Self {
        Self { print: Spooler::new(printers) }
    }

    /// Which there are.
    pub(crate) fn names(&self) -> BTreeSet<Part> {
        self.print.has_any().then_some(Part::Print).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(json: &str) -> Result<BTreeSet<Part>, String> {
        Parts::parse(json.as_bytes()).map(|parts| parts.names()).map_err(|invalid| invalid.to_string())
    }

    #[test]
    fn a_list_says_what_a_terminal_has() {
        assert_eq!(names("{}"), Ok(BTreeSet::new()));
        let a4 = r#"{"printers":[{"name":"A4","ipp":"ipp://localhost/printers/a4"}]}"#;
        assert_eq!(names(a4), Ok(BTreeSet::from([Part::Print])));
        let receipts =
            r#"{"printers":[{"name":"R","driver":{"program":"/opt/r","devices":["/dev/usb/lp0"],"ports":[9100]}}]}"#;
        assert_eq!(names(receipts), Ok(BTreeSet::from([Part::Print])));
    }

    #[test]
    fn a_wrong_list_says_what_is_wrong() {
        let why = |json: &str| names(json).unwrap_err();
        insta::assert_snapshot!(why(r#"{"printer":[]}"#), @"unknown field `printer`, expected `printers` at line 1 column 10");
        insta::assert_snapshot!(why(r#"{"printers":[{"name":"A4"}]}"#), @"A4: a printer has either `ipp` or `driver`");
        insta::assert_snapshot!(why(r#"{"printers":[{"name":"A4","ipp":"lpt1"}]}"#), @"A4: `lpt1` is not the address of a printer; write ipp://host[:port]/path");
        insta::assert_snapshot!(why(r#"{"printers":[{"name":"","ipp":"ipp://a/"}]}"#), @": a name is one line of 1 to 128 bytes");
        insta::assert_snapshot!(why(r#"{"printers":[{"name":"A","driver":{"program":"r"}}]}"#), @"A: `program` is the whole path of a program");
        insta::assert_snapshot!(why(r#"{"printers":[{"name":"A","ipp":"ipp://a/"},{"name":"A","ipp":"ipp://b/"}]}"#), @"A: another printer has this name");
    }
}
