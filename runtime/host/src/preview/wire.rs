//! What is said through the channel: lines of JSON, and the bytes of a package after the line that announces it
//! (docs/reference/formats.md, *Previews*).

use std::io::{self, BufRead, Read as _, Write};

use guichet_package::Limits;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{PreviewError, PreviewLine};

/// Longest line, in bytes.
const LONGEST: u64 = 1 << 20;

/// What a terminal says first.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hello {
    /// The preview it was given the address of.
    pub(super) preview: String,
    /// What it calls itself.
    pub(super) name: String,
    /// Whether it is paired with this computer, as it knows.
    pub(super) paired: bool,
}

/// A code, as a person has typed it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Typed {
    pub(super) code: String,
}

/// What a terminal answers to [`Said::Still`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Heard {
    /// What the app's console has said since the last time.
    pub(super) console: Vec<PreviewLine>,
}

/// What a developer's computer says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Said {
    /// Type the code.
    Code {
        /// How often it can still be wrong.
        tries: u32,
        /// How long it can be typed, in seconds.
        seconds: u64,
    },
    /// It was right.
    Paired {},
    /// What follows are drafts.
    Begins {
        /// What the computer calls itself.
        name: String,
        /// How long the preview goes on, in seconds.
        seconds: u64,
    },
    /// So many bytes of a package follow.
    Draft(u64),
    /// The folder cannot be packed, or can be again if there are none.
    Problems(Vec<PreviewProblem>),
    /// Nothing new, and the computer is there. A terminal answers with [`Heard`].
    Still {},
    /// There is no more.
    Ended(Ending),
    /// No; the class of a [`PreviewError`].
    Refused(String),
}

/// One finding of `guichet check`, in the words of the developer's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewProblem {
    /// The stable word.
    pub class: String,
    /// `error` or `remark`.
    pub severity: String,
    /// `path:line:column`.
    pub place: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub hint: String,
}

/// How a preview has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// The developer has ended it.
    Closed,
    /// Its time was over.
    Time,
    /// The pairing was ended.
    Unpaired,
}

/// Writes a line.
pub(super) fn write(out: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    out.write_all(&text)?;
    out.flush()
}

/// Reads a line.
pub(super) fn read<T: DeserializeOwned>(input: &mut impl BufRead) -> Result<T, PreviewError> {
    let mut line = Vec::new();
    input.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(|error| PreviewError::broken(&error))?;
    if line.is_empty() {
        return Err(PreviewError::broken(&"the other side has gone"));
    }
    if !line.ends_with(b"\n") {
        return Err(PreviewError::Protocol { what: format!("a line of {} bytes that does not end", line.len()) });
    }
    serde_json::from_slice(&line).map_err(|error| PreviewError::Protocol { what: error.to_string() })
}

/// Reads the bytes of a package.
pub(super) fn read_package(input: &mut impl BufRead, length: u64) -> Result<Vec<u8>, PreviewError> {
    if length > Limits::default().container_bytes {
        return Err(PreviewError::Protocol { what: format!("a package of {length} bytes, more than any may have") });
    }
    let mut bytes = Vec::new();
    input.by_ref().take(length).read_to_end(&mut bytes).map_err(|error| PreviewError::broken(&error))?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(PreviewError::broken(&"a package ends too early")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_as_it_was_written() {
        let problem = PreviewProblem {
            class: "check/syntax".to_owned(),
            severity: "error".to_owned(),
            place: "app.js:1:1".to_owned(),
            what: "x".to_owned(),
            hint: "y".to_owned(),
        };
        let all = [
            (Said::Code { tries: 3, seconds: 120 }, r#"{"code":{"tries":3,"seconds":120}}"#),
            (Said::Paired {}, r#"{"paired":{}}"#),
            (Said::Begins { name: "desk".to_owned(), seconds: 60 }, r#"{"begins":{"name":"desk","seconds":60}}"#),
            (Said::Draft(7), r#"{"draft":7}"#),
            (
                Said::Problems(vec![problem]),
                r#"{"problems":[{"class":"check/syntax","severity":"error","place":"app.js:1:1","what":"x","hint":"y"}]}"#,
            ),
            (Said::Still {}, r#"{"still":{}}"#),
            (Said::Ended(Ending::Unpaired), r#"{"ended":"unpaired"}"#),
            (Said::Refused("preview/busy".to_owned()), r#"{"refused":"preview/busy"}"#),
        ];
        for (said, text) in all {
            let mut bytes = Vec::new();
            write(&mut bytes, &said).unwrap();
            assert_eq!(String::from_utf8(bytes.clone()).unwrap(), format!("{text}\n"));
            assert_eq!(read::<Said>(&mut &bytes[..]).unwrap(), said);
        }
    }

    #[test]
    fn what_is_nothing_of_the_kind_is_refused() {
        for text in ["{\"still\":{}}", "{}\n", "{\"draft\":-1}\n", "{\"open\":1}\n", "{\"paired\":{\"x\":1}}\n"] {
            let read = read::<Said>(&mut text.as_bytes());
            assert!(matches!(read, Err(PreviewError::Protocol { .. })), "{text}: {read:?}");
        }
        assert!(matches!(read::<Said>(&mut &b""[..]), Err(PreviewError::Channel { .. })));
        assert!(matches!(read_package(&mut &b"PK"[..], 3), Err(PreviewError::Channel { .. })));
        assert!(matches!(read_package(&mut &b"PK"[..], u64::MAX), Err(PreviewError::Protocol { .. })));
    }
}
