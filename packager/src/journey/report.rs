//! What journeys have shown, for people, for programs (JSON) and for build servers (JUnit).

use std::{fmt::Write as _, time::Duration};

use guichet_host::Profile;
use serde::Serialize;

use super::tester::Journey;

/// How a journey has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ended {
    /// Everything was as it says.
    Passed,
    /// Something was not.
    Failed,
    /// It was not run.
    Skipped,
}

/// One journey on one terminal.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outcome {
    /// Its file.
    pub(crate) file: String,
    /// Its name.
    pub(crate) name: String,
    /// The terminal that was stood in for, and the person at it.
    pub(crate) on: Profile,
    /// Whether it was run in the window; otherwise against the logic alone.
    pub(crate) window: bool,
    /// How it has ended.
    pub(crate) end: Ended,
    /// How long it took, in milliseconds.
    pub(crate) ms: u64,
    /// What was not as it should be, or why it was not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) what: Option<String>,
    /// File and line of the step.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    /// Its pictures.
    pub(crate) pictures: Vec<String>,
    /// What the app has said on its console, if it ran without glass.
    pub(crate) console: Vec<String>,
}

impl Outcome {
    pub(super) fn new(journey: &Journey, on: Profile, took: Duration) -> Self {
        Self {
            file: journey.file.clone(),
            name: journey.name.clone(),
            on,
            window: false,
            end: Ended::Skipped,
            ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            what: None,
            place: None,
            pictures: Vec::new(),
            console: Vec::new(),
        }
    }
}

/// All of them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Run {
    /// Whether none has failed.
    pub(crate) ok: bool,
    /// The app.
    pub(crate) app_id: String,
    /// How many have passed.
    pub(crate) passed: usize,
    /// How many have failed.
    pub(crate) failed: usize,
    /// How many were not run.
    pub(crate) skipped: usize,
    /// How long all took, in milliseconds.
    pub(crate) ms: u64,
    /// In the order in which they were run.
    pub(crate) journeys: Vec<Outcome>,
}

impl Run {
    pub(super) fn new(app_id: String, journeys: Vec<Outcome>, took: Duration) -> Self {
        let count = |end: Ended| journeys.iter().filter(|one| one.end == end).count();
        let (passed, failed, skipped) = (count(Ended::Passed), count(Ended::Failed), count(Ended::Skipped));
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Self { ok: failed == 0, app_id, passed, failed, skipped, ms, journeys }
    }

    /// As JUnit's XML, which build servers read: a suite for each terminal, a case for each journey.
    pub(crate) fn junit(&self) -> String {
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let (all, seconds) = (self.journeys.len(), seconds(self.ms));
        let _ = writeln!(
            xml,
            "<testsuites name=\"{}\" tests=\"{all}\" failures=\"{}\" skipped=\"{}\" time=\"{seconds}\">",
            escaped(&self.app_id),
            self.failed,
            self.skipped
        );
        for terminal in Profile::ALL {
            let cases: Vec<&Outcome> = self.journeys.iter().filter(|one| one.on == terminal).collect();
            if cases.is_empty() {
                continue;
            }
            let count = |end: Ended| cases.iter().filter(|one| one.end == end).count();
            let took = cases.iter().map(|one| one.ms).sum();
            let _ = writeln!(
                xml,
                "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{}\">",
                terminal.name(),
                cases.len(),
                count(Ended::Failed),
                count(Ended::Skipped),
                self::seconds(took)
            );
            cases.iter().for_each(|one| case(&mut xml, one));
            xml += "  </testsuite>\n";
        }
        xml + "</testsuites>\n"
    }
}

fn case(xml: &mut String, one: &Outcome) {
    let _ = write!(
        xml,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{}\"",
        escaped(&one.file),
        escaped(&one.name),
        seconds(one.ms)
    );
    let what = escaped(one.what.as_deref().unwrap_or_default());
    match one.end {
        Ended::Passed => *xml += "/>\n",
        Ended::Skipped => {
            let _ = writeln!(xml, "><skipped message=\"{what}\"/></testcase>");
        }
        Ended::Failed => {
            let place = escaped(one.place.as_deref().unwrap_or_default());
            let _ = writeln!(xml, "><failure message=\"{what}\">{place}</failure></testcase>");
        }
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

/// A text in XML 1.0; characters that it cannot hold are left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\t' | '\n' | '\r' => escaped += &format!("&#{};", u32::from(character)),
            _ if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => {}
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(name: &str, on: Profile, end: Ended, what: Option<&str>) -> Outcome {
        let journey = Journey {
            name: name.to_owned(),
            file: "tests/a.js".to_owned(),
            permissions: None,
            profiles: None,
            devices: Default::default(),
            lang: None,
        };
        let mut outcome = Outcome::new(&journey, on, Duration::from_millis(1234));
        outcome.end = end;
        outcome.what = what.map(str::to_owned);
        outcome.place = what.map(|_| "tests/a.js:3".to_owned());
        outcome
    }

    #[test]
    fn a_build_server_reads_it() {
        let journeys = vec![
            outcome("adds", Profile::Desktop, Ended::Passed, None),
            outcome("is <seen> & \"said\"", Profile::Phone, Ended::Failed, Some("1 is not 2\u{1b}[2J\nat all")),
            outcome("is seen", Profile::Desktop, Ended::Passed, None),
            outcome("waits", Profile::Desktop, Ended::Skipped, Some("`tap` needs a window")),
        ];
        let run = Run::new("gov.example.repairs".to_owned(), journeys, Duration::from_millis(5000));
        assert!(!run.ok);
        insta::assert_snapshot!(run.junit(), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="gov.example.repairs" tests="4" failures="1" skipped="1" time="5.000">
          <testsuite name="phone" tests="1" failures="1" skipped="0" time="1.234">
            <testcase classname="tests/a.js" name="is &lt;seen&gt; &amp; &quot;said&quot;" time="1.234"><failure message="1 is not 2[2J&#10;at all">tests/a.js:3</failure></testcase>
          </testsuite>
          <testsuite name="desktop" tests="3" failures="0" skipped="1" time="3.702">
            <testcase classname="tests/a.js" name="adds" time="1.234"/>
            <testcase classname="tests/a.js" name="is seen" time="1.234"/>
            <testcase classname="tests/a.js" name="waits" time="1.234"><skipped message="`tap` needs a window"/></testcase>
          </testsuite>
        </testsuites>
        "#);
    }
}
