//! `guichet address`: write the address of an app or of one of its pages, as text and as a QR code.

use std::path::Path;

use guichet_package::Address;
use serde::Serialize;

use super::build::write;
use crate::{args::AddressArgs, exit_status::ExitStatus, failure::Failure, printer::Printer, qr, table};

#[derive(Serialize)]
struct Made {
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    qr: Option<String>,
}

/// Puts the address together, and a picture of it if one is wanted. What no terminal could open is not written.
pub(crate) fn run(args: &AddressArgs, printer: Printer) -> Result<ExitStatus, Failure> {
    // A page may be named by its file.
    let page = args.page.as_ref().map(|page| page.strip_suffix(".html").unwrap_or(page).to_owned());
    let written = Address {
        host: args.host.clone(),
        version: args.version.clone(),
        page,
        query: args.query.clone().unwrap_or_default(),
        fragment: args.fragment.clone().unwrap_or_default(),
        ..Address::of(args.app_id.clone())
    };
    let address: Address = written.to_string().parse().map_err(Failure::Address)?;
    let made = Made { address: address.to_string(), qr: args.qr.as_ref().map(|path| path.display().to_string()) };
    if let Some(path) = &args.qr {
        write(path, &picture(&made.address, path)?)?;
    }
    printer.result(&made, |_| {
        let qr = made.qr.iter().map(|path| (printer.pick("QR code", "二维码"), path.clone()));
        table::fields(std::iter::once((printer.pick("address", "地址"), made.address.clone())).chain(qr))
    });
    Ok(ExitStatus::Done)
}

/// A QR code as a picture of the kind that the file's name ends in.
pub(super) fn picture(address: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    let code = qr::Code::of(address).ok_or(Failure::TooLongForQr { bytes: address.len() })?;
    let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
    match kind.to_ascii_lowercase().as_str() {
        "svg" => Ok(code.svg().into_bytes()),
        "png" => code.png().map_err(|why| Failure::Write { path: path.to_owned(), source: why }),
        _ => Err(Failure::QrKind { path: path.to_owned() }),
    }
}
