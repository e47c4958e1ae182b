//! What `guichet dev` writes into a developer's window: lines of JSON on standard input, a package after the line that
//! announces it.
//!
//! Only a window that was started with `--dev` reads it, and what it reads is checked as every package is.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, Read as _},
};

use guichet_host::{Profile, preview::PreviewProblem};
use guichet_package::Limits;
use serde::{Deserialize, Serialize};

/// Longest line, in bytes.
const LONGEST: u64 = 4 << 20;

/// One thing that is written into the window.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Told {
    /// So many bytes of a package follow.
    Package(u64),
    /// The folder cannot be packed, or can be again if there are none.
    Problems(Vec<Problem>),
    /// Another terminal, person or network.
    Set(Set),
    /// A journey is recorded from now on, or no more.
    Record(bool),
    /// What was recorded is in this file; none: nothing was done.
    Written(Option<String>),
}

/// One finding of `guichet check`, in the words of its language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    /// The stable word.
    pub(crate) class: String,
    /// `error` or `remark`.
    pub(crate) severity: String,
    /// `path:line:column`.
    pub(crate) place: String,
    /// What is wrong.
    pub(crate) what: String,
    /// What to do.
    pub(crate) hint: String,
}

impl From<PreviewProblem> for Problem {
    fn from(PreviewProblem { class, severity, place, what, hint }: PreviewProblem) -> Self {
        Self { class, severity, place, what, hint }
    }
}

/// What can be switched; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Set {
    /// The terminal and the person at it.
    pub(crate) profile: Option<Profile>,
    /// `light`, `dark` or `system`.
    pub(crate) theme: Option<Theme>,
    /// The language of the person, a BCP 47 tag.
    pub(crate) lang: Option<String>,
    /// `online`, `slow` or `offline`.
    pub(crate) network: Option<String>,
    /// How simulated devices are: `{"printer": "jam"}`.
    pub(crate) devices: BTreeMap<String, String>,
    /// The language of the panel: `zh-Hans` or `en`.
    pub(crate) words: Option<String>,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Reads the next thing, with the bytes of the package if it is one; none at the end.
pub(crate) fn next(input: &mut impl BufRead) -> io::Result<Option<(Told, Vec<u8>)>> {
    let mut line = Vec::new();
    if input.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let told: Told = serde_json::from_slice(&line).map_err(io::Error::other)?;
    let mut bytes = Vec::new();
    if let Told::Package(length) = told {
        if length > Limits::default().container_bytes {
            return Err(io::Error::other("the package is larger than any may be"));
        }
        input.by_ref().take(length).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(Some((told, bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut text: &[u8]) -> io::Result<Vec<(Told, Vec<u8>)>> {
        let mut found = Vec::new();
        while let Some(one) = next(&mut text)? {
            found.push(one);
        }
        Ok(found)
    }

    #[test]
    fn lines_and_packages_are_told_apart() {
        let text = b"{\"set\":{\"profile\":\"kiosk\",\"theme\":\"dark\"}}\n{\"package\":3}\nPK\n{\"problems\":[]}\n";
        let set = Set { profile: Some(Profile::Kiosk), theme: Some(Theme::Dark), ..Set::default() };
        assert_eq!(
            all(text).unwrap(),
            [(Told::Set(set), vec![]), (Told::Package(3), b"PK\n".to_vec()), (Told::Problems(vec![]), vec![]),]
        );
    }

    #[test]
    fn what_is_nothing_of_the_kind_is_refused() {
        for text in [
            &b"PK\n"[..],
            b"{\"package\":5}\nPK",
            b"{\"package\":99999999999}\n",
            b"{\"package\":-1}\n",
            b"{\"open\":\"a.ma\"}\n",
            b"{\"set\":{\"profile\":\"watch\"}}\n",
        ] {
            assert!(all(text).is_err(), "{}", String::from_utf8_lossy(text));
        }
    }
}
