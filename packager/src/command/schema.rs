//! `guichet schema`: the JSON Schema of a manifest, for editors.

use serde_json::value::RawValue;

use crate::{exit_status::ExitStatus, failure::Failure, printer::Printer};

/// The schema as it is written for people, and as templates carry it.
pub(crate) const SCHEMA: &str = include_str!("../../../docs/reference/manifest.schema.json");

/// Writes it to standard output, which is JSON either way.
pub(crate) fn run(printer: Printer) -> Result<ExitStatus, Failure> {
    let document: &RawValue = serde_json::from_str(SCHEMA).unwrap_or(RawValue::NULL);
    printer.result(&document, |_| SCHEMA.to_owned());
    Ok(ExitStatus::Done)
}
