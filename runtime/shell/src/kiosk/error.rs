//! Why there is no kiosk: class, what, where, hint.

use std::{fmt, io, path::PathBuf};

use guichet_host::{HostError, fleet::FleetError, policy::PolicyError};

/// The terminal cannot be kept.
#[derive(Debug)]
pub(crate) enum KioskError {
    /// The policy is not there, or not to be followed.
    Policy(Box<PolicyError>),
    /// It could not enrol.
    Fleet(Box<FleetError>),
    /// The system does not say where the terminal's own data belong.
    NoHome,
    /// There is no trust file, or it is not acceptable.
    Trust(PathBuf, String, String),
    /// The devices of the policy are no list of devices.
    Devices(PathBuf, String),
    /// What a citizen leaves would be written on a disk.
    OnDisk(PathBuf),
    /// The folder in memory cannot be made or used.
    Memory(PathBuf, io::Error),
    /// Another kiosk keeps this folder in memory.
    MemoryInUse(PathBuf),
    /// What is installed cannot be read.
    Library(Box<HostError>),
    /// What a citizen has left could not be taken away, so nobody else is let in.
    NotWiped(String),
    /// A process of ours cannot be started.
    Process(&'static str, io::Error),
    /// The manual page cannot be written.
    Unwritten(PathBuf, io::Error),
}

impl KioskError {
    /// 2 if something was refused, 1 otherwise.
    pub(crate) fn exit_code(&self) -> u8 {
        let is_refusal = match self {
            Self::Policy(error) => matches!(**error, PolicyError::Refused { .. } | PolicyError::Key { .. }),
            Self::Fleet(error) => matches!(**error, FleetError::Refused(_) | FleetError::OtherOperator { .. }),
            Self::Trust(..) | Self::OnDisk(_) => true,
            _ => false,
        };
        if is_refusal { 2 } else { 1 }
    }

    fn parts(&self) -> (&str, String, Option<String>, String) {
        let shown = |path: &PathBuf| Some(path.display().to_string());
        match self {
            Self::Policy(error) => (error.class(), error.to_string(), error.place(), error.hint()),
            Self::Fleet(error) => (error.class(), error.to_string(), error.place(), error.hint()),
            Self::NoHome => (
                "home/unknown",
                "the system does not say where this terminal's own data belong".to_owned(),
                None,
                "set GUICHET_HOME, or give --home DIR".to_owned(),
            ),
            Self::Trust(path, what, hint) => ("trust/unreadable", what.clone(), shown(path), hint.clone()),
            Self::Devices(path, why) => (
                "device/list",
                format!("the devices in the policy cannot be read: {why}"),
                shown(path),
                "docs/reference/drivers.md shows what such a list says".to_owned(),
            ),
            Self::OnDisk(path) => (
                "kiosk/not-in-memory",
                "this folder lies on a disk, and what a citizen enters must never be written on one".to_owned(),
                shown(path),
                "give --memory a folder of a tmpfs, such as /dev/shm".to_owned(),
            ),
            Self::Memory(path, why) => (
                "kiosk/memory",
                format!("the folder in memory cannot be used: {why}"),
                shown(path),
                "see that it belongs to the user that runs this program, and that there is room in it".to_owned(),
            ),
            Self::MemoryInUse(path) => (
                "kiosk/in-use",
                "another kiosk keeps this folder in memory".to_owned(),
                shown(path),
                "end the other one, or give each its own --memory".to_owned(),
            ),
            Self::Unwritten(path, why) => (
                "file/unwritable",
                format!("the manual page cannot be written: {why}"),
                shown(path),
                "name a folder that you may write to".to_owned(),
            ),
            Self::Library(error) => (error.class(), error.to_string(), error.place(), error.hint()),
            Self::NotWiped(what) => (
                "kiosk/not-wiped",
                format!("what a citizen has left could not be taken away, so nobody else is let in: {what}"),
                None,
                "start this terminal again; until then it stays dark".to_owned(),
            ),
            Self::Process(what, why) => (
                "kiosk/process",
                format!("{what} cannot be started: {why}"),
                None,
                "see that all programs of this host lie in one folder, and how many processes its user may have"
                    .to_owned(),
            ),
        }
    }
}

impl From<PolicyError> for KioskError {
    fn from(error: PolicyError) -> Self {
        Self::Policy(Box::new(error))
    }
}

impl From<FleetError> for KioskError {
    fn from(error: FleetError) -> Self {
        Self::Fleet(Box::new(error))
    }
}

impl fmt::Display for KioskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (class, what, place, hint) = self.parts();
        write!(f, "error[{class}]: {what}")?;
        if let Some(place) = place {
            write!(f, "\n  --> {place}")?;
        }
        write!(f, "\n  hint: {hint}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_a_terminal_from_serving_is_said_with_a_hint() {
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        let errors = [
            KioskError::NoHome,
            KioskError::Fleet(Box::new(FleetError::EnrolledAlready { home: "/var/lib/guichet".into() })),
            KioskError::Devices("/etc/guichet/policy".into(), "A4: a printer has either `ipp` or `driver`".to_owned()),
            KioskError::OnDisk("/var/tmp".into()),
            KioskError::Memory("/dev/shm/guichet-7".into(), denied()),
            KioskError::MemoryInUse("/dev/shm/guichet-7".into()),
            KioskError::NotWiped("/dev/shm/guichet-7/s1: permission denied".to_owned()),
            KioskError::Process("a session", denied()),
            KioskError::Unwritten("/usr/share/man/man1/guichet-kiosk.1".into(), denied()),
        ];
        assert!(errors.iter().all(|error| (error.exit_code() == 2) == matches!(error, KioskError::OnDisk(_))));
        insta::assert_snapshot!(errors.map(|error| error.to_string()).join("\n\n"), @r"
        error[home/unknown]: the system does not say where this terminal's own data belong
          hint: set GUICHET_HOME, or give --home DIR

        error[terminal/enrolled-already]: this terminal is enrolled already
          --> /var/lib/guichet
          hint: it goes on as it is; to enrol it anew, revoke it at the store and give it an empty home

        error[device/list]: the devices in the policy cannot be read: A4: a printer has either `ipp` or `driver`
          --> /etc/guichet/policy
          hint: docs/reference/drivers.md shows what such a list says

        error[kiosk/not-in-memory]: this folder lies on a disk, and what a citizen enters must never be written on one
          --> /var/tmp
          hint: give --memory a folder of a tmpfs, such as /dev/shm

        error[kiosk/memory]: the folder in memory cannot be used: permission denied
          --> /dev/shm/guichet-7
          hint: see that it belongs to the user that runs this program, and that there is room in it

        error[kiosk/in-use]: another kiosk keeps this folder in memory
          --> /dev/shm/guichet-7
          hint: end the other one, or give each its own --memory

        error[kiosk/not-wiped]: what a citizen has left could not be taken away, so nobody else is let in: /dev/shm/guichet-7/s1: permission denied
          hint: start this terminal again; until then it stays dark

        error[kiosk/process]: a session cannot be started: permission denied
          hint: see that all programs of this host lie in one folder, and how many processes its user may have

        error[file/unwritable]: the manual page cannot be written: permission denied
          --> /usr/share/man/man1/guichet-kiosk.1
          hint: name a folder that you may write to
        ");
    }
}
