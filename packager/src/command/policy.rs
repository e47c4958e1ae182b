//! `guichet policy`: write, sign and show what a terminal is for.

use std::{fs, io::Write as _, path::Path};

use guichet_host::policy::{
    Idle, Network, OPERATOR_KEY_NAME, Policy, SignedPolicy, Staff, Start, TerminalName, hash_pin, operator_key,
};
use guichet_package::FORMAT;
use guichet_services::Parts;
use guichet_trust::{canonical, metadata::Expiry, sign::PublicKey};
use serde::Serialize;

use super::build::write;
use crate::{
    args::{PolicyNewArgs, PolicyShowArgs, PolicySignArgs},
    exit_status::ExitStatus,
    failure::Failure,
    key::Key,
    message::Message,
    printer::Printer,
    table,
};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

#[derive(Serialize)]
struct Written {
    file: String,
}

#[derive(Serialize)]
struct Signed {
    file: String,
    key: String,
    sequence: u64,
}

#[derive(Serialize)]
struct Shown<'a> {
    policy: &'a Policy,
    key: String,
    /// Whether the operator's key was given, and the signature is that key's.
    verified: bool,
}

/// Writes a policy with every member that a person may want to change.
pub(crate) fn create(args: &PolicyNewArgs, now_ms: u64, printer: Printer) -> Result<ExitStatus, Failure> {
    let pin = match &args.pin_file {
        None => None,
        Some(path) => {
            let text = fs::read_to_string(path).map_err(|source| Failure::Read { path: path.clone(), source })?;
            let hash = hash_pin(text.lines().next().unwrap_or_default());
            let hash = hash.map_err(|error| Failure::NoRandomness { why: error.to_string() })?;
            Some(hash.ok_or_else(|| Failure::StaffPin { path: path.clone() })?)
        }
    };
    let policy = Policy {
        format: FORMAT,
        sequence: args.sequence,
        issued: Expiry::at(now_ms),
        expires: Expiry::at(now_ms.saturating_add(args.days * DAY_MS)),
        terminal: TerminalName { hall: args.hall.clone(), name: args.name.clone() },
        apps: None,
        start: Start::default(),
        idle: Idle::default(),
        hours: Vec::new(),
        devices: None,
        network: Network::default(),
        staff: pin.map(|pin| Staff { pin }),
    };
    let place = args.file.display().to_string();
    policy.to_bytes().map_err(|refusal| Failure::document(refusal, &place))?;
    write_new(&args.file, &draft(&policy))?;
    printer.result(&Written { file: place.clone() }, |_| String::new());
    printer.say(&Message::PolicyMade { path: place });
    Ok(ExitStatus::Done)
}

/// Checks a policy as a terminal would, and signs it.
pub(crate) fn sign(args: &PolicySignArgs, now_ms: u64, printer: Printer) -> Result<ExitStatus, Failure> {
    let place = || args.file.display().to_string();
    let bytes = read(&args.file)?;
    let policy = Policy::read(&bytes).map_err(|refusal| Failure::document(refusal, place()))?;
    policy.check_current(now_ms).map_err(|refusal| Failure::document(refusal, place()))?;
    if let Some(devices) = &policy.devices {
        let invalid = |why: String| Failure::PolicyDevices { path: args.file.clone(), why };
        Parts::parse(devices.to_string().as_bytes()).map_err(|error| invalid(error.to_string()))?;
    }
    let key = Key::open(&args.key, printer)?;
    let canonical = policy.to_bytes().map_err(|refusal| Failure::document(refusal, place()))?;
    let signature = key.sign(&SignedPolicy::message(&canonical))?;
    let signed = SignedPolicy::attach(&policy, &key.public(), signature)
        .and_then(|signed| signed.to_bytes())
        .map_err(|refusal| Failure::document(refusal, place()))?;
    let output = args.output.clone().unwrap_or_else(|| args.file.with_extension("signed.json"));
    write(&output, &signed)?;
    let said = Signed { file: output.display().to_string(), key: key.public().to_string(), sequence: policy.sequence };
    printer.result(&said, |_| {
        table::fields([
            (printer.pick("policy", "策略"), said.file.clone()),
            (printer.pick("sequence", "序号"), said.sequence.to_string()),
            (printer.pick("signed by", "签名密钥"), said.key.clone()),
        ])
    });
    printer.say(&Message::PolicySigned { key: said.key, name: OPERATOR_KEY_NAME.to_owned() });
    Ok(ExitStatus::Done)
}

/// Shows a signed policy; judged only if there is a key to judge it by.
pub(crate) fn show(args: &PolicyShowArgs, printer: Printer) -> Result<ExitStatus, Failure> {
    let place = args.file.display().to_string();
    let bytes = read(&args.file)?;
    let (policy, key) = match &args.operator_key {
        Some(path) => {
            let operator = operator(path)?;
            let signed =
                SignedPolicy::verify(&bytes, &operator).map_err(|refusal| Failure::document(refusal, place))?;
            (signed.policy().clone(), signed.key())
        }
        None => {
            printer.warn(&Message::PolicyUnjudged);
            SignedPolicy::unverified(&bytes).map_err(|refusal| Failure::document(refusal, place))?
        }
    };
    let shown = Shown { policy: &policy, key: key.to_string(), verified: args.operator_key.is_some() };
    printer.result(&shown, |_| {
        let text = String::from_utf8(draft(&policy)).unwrap_or_default();
        format!("{}\n{}", table::fields([(printer.pick("signed by", "签名密钥"), shown.key.clone())]), lines(&text))
    });
    Ok(ExitStatus::Done)
}

/// The line that `guichet key show` prints, or only the key of it.
fn operator(path: &Path) -> Result<PublicKey, Failure> {
    let bytes = read(path)?;
    let text = String::from_utf8_lossy(&bytes);
    operator_key(&text).map_err(|refusal| Failure::trust(refusal, path.display().to_string()))
}

/// The policy as people read and change it, with what is absent written out as it is meant.
fn draft(policy: &Policy) -> Vec<u8> {
    let mut value = canonical::to_vec(policy).and_then(|bytes| canonical::parse(&bytes)).unwrap_or_default();
    let meant = serde_json::json!({"start": policy.start, "idle": policy.idle, "network": policy.network, "hours": policy.hours});
    if let (Some(members), serde_json::Value::Object(meant)) = (value.as_object_mut(), meant) {
        for (name, member) in meant {
            members.entry(name).or_insert(member);
        }
    }
    format!("{value:#}\n").into_bytes()
}

/// Each line as it is, whatever stands in it.
fn lines(text: &str) -> String {
    text.lines().map(|line| table::plain(line) + "\n").collect()
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|source| Failure::Read { path: path.to_owned(), source })
}

/// A draft that a person has filled in is not written over.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let file = fs::File::create_new(path);
    file.and_then(|mut file| file.write_all(bytes)).map_err(|source| Failure::Write { path: path.to_owned(), source })
}
