//! A printer that speaks IPP (RFC 8010, RFC 8011): a printer of the inner network, or a queue of CUPS on this terminal.

use std::{
    io::{Cursor, Read as _},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use guichet_contract::print::{Condition, Document, Form, Job, Printer, Progress};
use ipp::prelude::{
    DelimiterTag, IppAttribute, IppAttributeGroup, IppOperationBuilder, IppPayload, IppRequestResponse, IppValue,
    StatusCode, Uri,
};
use ureq::{
    Agent, Proxy,
    config::{AutoHeaderValue, Config},
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};

use super::{PrinterPart, Trouble, fitness, ledger::Place};
use crate::health::Fitness;

/// How long a printer may take to answer.
const TO_ANSWER: Duration = Duration::from_secs(10);
/// Longest answer, in bytes: the attributes of one printer or one job.
const LONGEST: u64 = 1 << 20;
/// The port of IPP (RFC 8010, 4.1).
const PORT: u16 = 631;
/// Who prints, and what: the same for every app and every document.
const SOMEBODY: &str = "guichet";
const SOMETHING: &str = "document";

/// What is said of a printer does not say where it is, or how it is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPrinter {
    /// It is not the address of a printer.
    #[error("`{0}` is not the address of a printer; write ipp://host[:port]/path, or ipps:// and its `certificate`")]
    Address(String),
    /// Nobody could tell it from another one.
    #[error(
        "a printer at ipps:// is known by its `certificate`: its own, or that of the authority which vouches for it, as PEM"
    )]
    NoCertificate,
    /// There is none in it.
    #[error("`certificate` has no certificate in it; write it as PEM, from -----BEGIN CERTIFICATE----- on")]
    Certificate,
    /// It would be looked at by nobody.
    #[error("`certificate` is for a printer at ipps://")]
    Unlooked,
}

/// A printer that speaks IPP.
#[derive(Debug)]
pub struct Ipp {
    name: String,
    address: Uri,
    /// The same address for HTTP.
    url: String,
    /// What it is known by, as PEM.
    certificate: Option<String>,
    agent: Agent,
    takes: Mutex<Vec<Form>>,
}

impl Ipp {
    /// The printer at an `ipp:` address; or at an `ipps:` one (RFC 7472), which shows one of these certificates (PEM), or one
    /// that they vouch for, and no other.
    pub fn new(name: &str, address: &str, certificate: Option<&str>) -> Result<Self, InvalidPrinter> {
        let refuse = || InvalidPrinter::Address(address.to_owned());
        let uri: Uri = address.parse().map_err(|_| refuse())?;
        let host = uri.host().ok_or_else(refuse)?;
        let (scheme, roots) = match (uri.scheme_str(), certificate) {
            (Some("ipp"), None) => ("http", Vec::new()),
            (Some("ipp"), Some(_)) => return Err(InvalidPrinter::Unlooked),
            (Some("ipps"), Some(pem)) => ("https", certificates(pem)?),
            (Some("ipps"), None) => return Err(InvalidPrinter::NoCertificate),
            _ => return Err(refuse()),
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let url = format!("{scheme}://{host}:{}{path}", uri.port_u16().unwrap_or(PORT));
        let config = Config::builder()
            .tls_config(TlsConfig::builder().root_certs(RootCerts::new_with_certs(&roots)).build())
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None::<Proxy>)
            .user_agent(AutoHeaderValue::None)
            .max_idle_connections(0)
            .timeout_global(Some(TO_ANSWER))
            .build();
        let (name, takes, certificate) = (name.to_owned(), Mutex::default(), certificate.map(str::to_owned));
        Ok(Self { name, url, certificate, agent: config.into(), address: uri, takes })
    }

    /// Sends an operation; what comes is an answer of IPP, whatever it says.
    fn ask(&self, request: IppRequestResponse) -> Result<IppRequestResponse, Trouble> {
        let mut body = Vec::new();
        request.into_read().read_to_end(&mut body).map_err(|_| Trouble::Unreachable)?;
        let sent = self.agent.post(&self.url).header("content-type", "application/ipp").send(&body[..]);
        let mut answer = sent.map_err(|error| match is_another(&error) {
            true => {
                tracing::warn!(printer = self.name, %error, "it is not the printer that this terminal's list has");
                Trouble::Untrusted
            }
            false => Trouble::Unreachable,
        })?;
        if answer.status() != 200 {
            return Err(Trouble::Unreachable);
        }
        let bytes = answer.body_mut().with_config().limit(LONGEST).read_to_vec();
        let bytes = bytes.map_err(|_| Trouble::Unreachable)?;
        let reader = ipp::reader::IppReader::new(Cursor::new(bytes));
        ipp::parser::IppParser::new(reader).parse().map_err(|_| Trouble::Unreachable)
    }

    fn attributes(&self) -> Result<IppRequestResponse, Trouble> {
        let wanted =
            ["printer-state", "printer-state-reasons", "document-format-supported", "printer-is-accepting-jobs"];
        let operation = IppOperationBuilder::get_printer_attributes(self.address.clone()).attributes(wanted);
        let answer = self.ask(operation.build().map_err(unbuilt)?.into())?;
        succeeded(&answer)?;
        Ok(answer)
    }

    fn condition(&self) -> Result<Condition, Trouble> {
        let answer = self.attributes()?;
        let group = answer.attributes().first_of(DelimiterTag::PrinterAttributes).ok_or(Trouble::Unreachable)?;
        Ok(condition(number(group, "printer-state"), &words(group, "printer-state-reasons")))
    }
}

impl PrinterPart for Ipp {
    fn name(&self) -> &str {
        &self.name
    }

    fn place(&self) -> Option<Place> {
        Some(Place { printer: self.address.to_string(), certificate: self.certificate.clone() })
    }

    fn look(&self) -> Printer {
        let looked = self.attributes().and_then(|answer| {
            let group = answer.attributes().first_of(DelimiterTag::PrinterAttributes).ok_or(Trouble::Unreachable)?;
            let formats = words(group, "document-format-supported");
            let takes = Form::ALL.iter().copied().filter(|form| takes_form(*form, &formats)).collect();
            Ok((condition(number(group, "printer-state"), &words(group, "printer-state-reasons")), takes))
        });
        let mut last = self.takes.lock().unwrap_or_else(PoisonError::into_inner);
        let condition = match looked {
            Ok((condition, takes)) => {
                *last = takes;
                condition
            }
            Err(_) => Condition::Unreachable,
        };
        Printer { name: self.name.clone(), condition, takes: last.clone() }
    }

    fn health(&self) -> (Fitness, &'static str) {
        match self.condition() {
            Ok(condition) => fitness(condition),
            // To an app it does not answer; whoever keeps the terminal has to know why.
            Err(Trouble::Untrusted) => (Fitness::Down, "untrusted"),
            Err(_) => fitness(Condition::Unreachable),
        }
    }

    fn submit(&self, document: &Document, copies: u32) -> Result<u32, Trouble> {
        let payload = IppPayload::new(Cursor::new(document.as_bytes().to_vec()));
        let copies = i32::try_from(copies).map_err(|_| Trouble::Refused("so many copies".to_owned()))?;
        let copies = IppAttribute::with_name("copies", IppValue::Integer(copies)).map_err(unbuilt)?;
        let operation = IppOperationBuilder::print_job(self.address.clone(), payload)
            .user_name(SOMEBODY)
            .job_title(SOMETHING)
            .document_format(mime(document.form()))
            .attribute(copies);
        let answer = self.ask(operation.build().map_err(unbuilt)?.into())?;
        succeeded(&answer)?;
        let group = answer.attributes().first_of(DelimiterTag::JobAttributes).ok_or(Trouble::Unreachable)?;
        number(group, "job-id").and_then(|id| u32::try_from(id).ok()).ok_or(Trouble::Unreachable)
    }

    fn status(&self, job: u32) -> Result<Job, Trouble> {
        let operation = IppOperationBuilder::get_job_attributes(self.address.clone(), id(job)?);
        let answer = self.ask(operation.build().map_err(unbuilt)?.into())?;
        succeeded(&answer)?;
        let group = answer.attributes().first_of(DelimiterTag::JobAttributes).ok_or(Trouble::Unreachable)?;
        let condition = self.condition()?;
        // RFC 8011, 5.3.7.
        let progress = match number(group, "job-state") {
            Some(3) => Progress::Waiting,
            Some(4 | 6) => Progress::Stopped,
            Some(5) if condition.needs_a_person() => Progress::Stopped,
            Some(5) => Progress::Printing,
            Some(7) => Progress::Cancelled,
            Some(8) => Progress::Failed,
            Some(9) => Progress::Done,
            _ => return Err(Trouble::Unreachable),
        };
        Ok(Job { progress, condition })
    }

    fn cancel(&self, job: u32) -> Result<(), Trouble> {
        let operation = IppOperationBuilder::cancel_job(self.address.clone(), id(job)?);
        let answer = self.ask(operation.build().map_err(unbuilt)?.into())?;
        match succeeded(&answer) {
            // It is over.
            Err(Trouble::Refused(_)) if answer.header().status_code() == StatusCode::ClientErrorNotPossible => Ok(()),
            done => done,
        }
    }
}

/// The certificates of a text, at least one.
fn certificates(pem: &str) -> Result<Vec<Certificate<'static>>, InvalidPrinter> {
    let of = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Ok(certificate),
        _ => Err(InvalidPrinter::Certificate),
    };
    let all = parse_pem(pem.as_bytes()).map(of).collect::<Result<Vec<_>, _>>()?;
    if all.is_empty() { Err(InvalidPrinter::Certificate) } else { Ok(all) }
}

/// Whether somebody else answered: a certificate that is not the one, or not for this name, or no longer good.
fn is_another(error: &ureq::Error) -> bool {
    let of_tls = match error {
        ureq::Error::Rustls(error) => Some(error),
        ureq::Error::Io(error) => error.get_ref().and_then(|error| error.downcast_ref()),
        _ => None,
    };
    matches!(of_tls, Some(rustls::Error::InvalidCertificate(_)))
}

fn id(job: u32) -> Result<i32, Trouble> {
    i32::try_from(job).map_err(|_| Trouble::UnknownJob)
}

/// Only what we give it can keep a request from being built: names and addresses that IPP has no room for.
fn unbuilt(error: ipp::parser::IppParseError) -> Trouble {
    Trouble::Refused(error.to_string())
}

fn succeeded(answer: &IppRequestResponse) -> Result<(), Trouble> {
    let status = answer.header().status_code();
    match status {
        _ if status.is_success() => Ok(()),
        StatusCode::ServerErrorBusy
        | StatusCode::ServerErrorTemporaryError
        | StatusCode::ServerErrorServiceUnavailable
        | StatusCode::ServerErrorNotAcceptingJobs => Err(Trouble::Busy),
        StatusCode::ClientErrorDocumentFormatNotSupported => Err(Trouble::Form),
        StatusCode::ClientErrorNotFound | StatusCode::ClientErrorGone => Err(Trouble::UnknownJob),
        _ => Err(Trouble::Refused(status.to_string().to_lowercase())),
    }
}

/// What a form is called in IPP.
fn mime(form: Form) -> &'static str {
    match form {
        Form::Text => "text/plain",
        Form::Pdf => "application/pdf",
    }
}

/// Whether a form is among the formats of a printer.
fn takes_form(form: Form, formats: &[String]) -> bool {
    formats.iter().any(|format| format.split(';').next().is_some_and(|format| format.trim() == mime(form)))
}

fn number(group: &IppAttributeGroup, name: &str) -> Option<i32> {
    match group.get(name)?.value() {
        IppValue::Integer(number) | IppValue::Enum(number) => Some(*number),
        _ => None,
    }
}

/// One word or several.
fn words(group: &IppAttributeGroup, name: &str) -> Vec<String> {
    let Some(attribute) = group.get(name) else { return Vec::new() };
    attribute.value().into_iter().map(ToString::to_string).collect()
}

/// What `printer-state` (RFC 8011, 5.4.11) and `printer-state-reasons` (5.4.12) come to.
fn condition(state: Option<i32>, reasons: &[String]) -> Condition {
    let has = |word: &str| reasons.iter().any(|reason| reason.starts_with(word) && !reason.ends_with("-report"));
    if has("media-jam") {
        Condition::Jammed
    } else if has("media-empty") || has("media-needed") {
        Condition::PaperOut
    } else if has("offline") || has("shutdown") || has("timed-out") {
        Condition::Unreachable
    } else if state == Some(5) || has("cover-open") || has("door-open") || has("interlock-open") {
        Condition::Attention
    } else if state == Some(4) {
        Condition::Busy
    } else {
        Condition::Ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_printers() {
        let url = |address: &str| Ipp::new("A4", address, None).map(|printer| printer.url);
        assert_eq!(url("ipp://localhost/printers/a4").unwrap(), "http://localhost:631/printers/a4");
        assert_eq!(url("ipp://10.0.0.7:8631/ipp/print").unwrap(), "http://10.0.0.7:8631/ipp/print");
        for wrong in ["http://localhost/", "localhost", "ipp:///ipp", "", "ipp://a b/"] {
            assert!(url(wrong).is_err(), "{wrong}");
        }
        let pem = include_str!("../../tests/it/tls/printer.pem");
        let known = |address: &str, pem: &str| Ipp::new("A4", address, Some(pem)).map(|printer| printer.url);
        assert_eq!(known("ipps://a.example/ipp", &pem.repeat(2)).unwrap(), "https://a.example:631/ipp");
        let refused = [
            url("http://a.example/ipp"),
            url("ipps://a.example/ipp"),
            known("ipps://a.example/ipp", "no certificate"),
            known("ipps://a.example/ipp", include_str!("../../tests/it/tls/printer.key")),
            known("ipp://a.example/ipp", pem),
        ];
        insta::assert_snapshot!(refused.map(|refused| refused.unwrap_err().to_string()).join("\n"), @"
        `http://a.example/ipp` is not the address of a printer; write ipp://host[:port]/path, or ipps:// and its `certificate`
        a printer at ipps:// is known by its `certificate`: its own, or that of the authority which vouches for it, as PEM
        `certificate` has no certificate in it; write it as PEM, from -----BEGIN CERTIFICATE----- on
        `certificate` has no certificate in it; write it as PEM, from -----BEGIN CERTIFICATE----- on
        `certificate` is for a printer at ipps://
        ");
    }

    #[test]
    fn what_needs_a_person_comes_first() {
        let of = |state, reasons: &[&str]| {
            condition(Some(state), &reasons.iter().map(|reason| (*reason).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(of(3, &["none"]), Condition::Ready);
        assert_eq!(of(4, &["none"]), Condition::Busy);
        assert_eq!(of(4, &["media-empty-error"]), Condition::PaperOut);
        assert_eq!(of(5, &["media-jam-error", "media-empty-error"]), Condition::Jammed);
        assert_eq!(of(5, &["paused"]), Condition::Attention);
        assert_eq!(of(3, &["media-low-report", "media-empty-report"]), Condition::Ready, "only told");
        assert_eq!(of(3, &["cover-open-error"]), Condition::Attention);
        assert_eq!(of(5, &["offline-report"]), Condition::Attention);
    }
}
