//! Asking a store: HTTP with deadlines, and every answer that is not the expected one turned into a [`Failure`].

use std::{
    fmt,
    io::{self, Read},
    time::Duration,
};

use guichet_api::{
    Approval, Check, CheckList, Journeys, Me, PACKAGE_MEDIA_TYPE, Problem, Proposal, Reach, RefusalReason,
    ResumeReason, Revert, StopReason, Submission, SubmissionDetail, SubmissionList, SubmissionState, Trial, paths,
};
use guichet_contract::{AppId, Channel};
use guichet_package::media_type;
use serde::{Serialize, de::DeserializeOwned};
use ureq::{
    Agent, SendBody,
    http::{Response, StatusCode, Uri},
};

use crate::{command::publish::Kind, failure::Failure, message::Detail};

/// Long enough for a store on a slow line, short enough for a person who waits.
const TO_CONNECT: Duration = Duration::from_secs(10);
const TO_ANSWER: Duration = Duration::from_secs(60);
/// A slow line may take long to carry a package, but not for ever.
const TO_CARRY: Duration = Duration::from_secs(600);

/// The largest answer that is not a package.
const MAX_ANSWER_BYTES: u64 = 16 << 20;

type Answer = Response<ureq::Body>;

/// What proves to the store who asks. It is never shown.
pub(crate) struct Token(String);

impl Token {
    /// A token as an administrator gave it.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A store at an address, asked by one person.
#[derive(Debug)]
pub(crate) struct Store {
    agent: Agent,
    url: String,
    token: Token,
}

impl Store {
    /// A store at this address. Nothing is sent yet.
    pub(crate) fn new(url: &str, token: Token) -> Result<Self, Failure> {
        check_address(url)?;
        Ok(Self { agent: agent(), url: url.trim_end_matches('/').to_owned(), token })
    }

    /// The store's address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Whom the token stands for.
    pub(crate) fn me(&self) -> Result<Me, Failure> {
        self.get(paths::ME)
    }

    /// What the asker may see, newest first.
    pub(crate) fn submissions(&self, state: Option<SubmissionState>) -> Result<Vec<Submission>, Failure> {
        let query = state.map(|state| format!("?state={state}")).unwrap_or_default();
        let (mut path, mut items) = (format!("{}{query}", paths::SUBMISSIONS), Vec::new());
        loop {
            let request = self.agent.get(self.address(&path)).header("Authorization", self.authorization());
            let answer = self.expect(request.call(), StatusCode::OK)?;
            let link = answer.headers().get("Link").and_then(|link| link.to_str().ok()).and_then(next);
            let list: SubmissionList = self.read(answer)?;
            let is_empty = list.items.is_empty();
            items.extend(list.items);
            match link {
                // A page of nothing has none after it.
                Some(next) if !is_empty => path = next,
                _ => return Ok(items),
            }
        }
    }

    /// One submission in detail.
    pub(crate) fn submission(&self, id: &str) -> Result<SubmissionDetail, Failure> {
        self.get(&self.of(paths::SUBMISSION, id)?)
    }

    /// What machines have looked at, and what they found; a store of before there were checks has none.
    pub(crate) fn checks(&self, id: &str) -> Result<Vec<Check>, Failure> {
        match self.get::<CheckList>(&self.of(paths::CHECKS, id)?) {
            Ok(list) => Ok(list.items),
            Err(Failure::Store(problem)) if problem.status == 404 => Ok(Vec::new()),
            Err(failure) => Err(failure),
        }
    }

    /// Hands over the journeys of a submission. Says whether the store has a use for them.
    pub(crate) fn hand_over(&self, id: &str, journeys: &Journeys) -> Result<bool, Failure> {
        match self.post::<CheckList>(&self.of(paths::JOURNEYS, id)?, journeys) {
            Ok(_) => Ok(true),
            Err(Failure::Store(problem)) if problem.status == 404 || problem.class == "submission/no-checks" => {
                Ok(false)
            }
            Err(failure) => Err(failure),
        }
    }

    /// The package as it was submitted; what does not come as one is no package (P-Z5).
    pub(crate) fn package(&self, id: &str, max_bytes: u64) -> Result<Vec<u8>, Failure> {
        let url = self.address(&self.of(paths::PACKAGE, id)?);
        let request = self.agent.get(&url).header("Authorization", self.authorization());
        let mut answer = self.expect(request.call(), StatusCode::OK)?;
        let media_type = answer.headers().get("Content-Type").and_then(|value| value.to_str().ok());
        media_type::check(media_type).map_err(|refusal| Failure::document(refusal, &url))?;
        answer.body_mut().with_config().limit(max_bytes).read_to_vec().map_err(|error| self.lost(&error))
    }

    /// What approving a submission would release.
    pub(crate) fn proposal(&self, id: &str) -> Result<Proposal, Failure> {
        self.get(&self.of(paths::PROPOSAL, id)?)
    }

    /// Submits a package, read from `body` as it is sent.
    pub(crate) fn submit(&self, kind: &Kind, length: u64, mut body: impl Read) -> Result<Submission, Failure> {
        let mut query = if kind.draft { "?draft=true".to_owned() } else { String::new() };
        if let Some(replaces) = &kind.replaces {
            let replaces = self.of("{id}", replaces)?;
            query = format!("{query}{}replaces={replaces}", if query.is_empty() { '?' } else { '&' });
        }
        let request = self
            .agent
            .post(self.address(&format!("{}{query}", paths::SUBMISSIONS)))
            .header("Authorization", self.authorization())
            .header("Content-Type", PACKAGE_MEDIA_TYPE)
            .header("Content-Length", length.to_string())
            // A store that does not know the token says so before the package is sent.
            .header("Expect", "100-continue");
        let answer = self.expect(request.send(SendBody::from_reader(&mut body)), StatusCode::CREATED)?;
        self.read(answer)
    }

    /// Hands a draft in, or again what came back.
    pub(crate) fn hand_in(&self, id: &str) -> Result<Submission, Failure> {
        self.post(&self.of(paths::HANDING_IN, id)?, &serde_json::json!({}))
    }

    /// Lets these people try a draft out.
    pub(crate) fn try_out(&self, id: &str, testers: &[String]) -> Result<Submission, Failure> {
        self.post(&self.of(paths::TRIAL, id)?, &Trial { testers: testers.to_vec() })
    }

    /// Takes a submission back.
    pub(crate) fn withdraw(&self, id: &str) -> Result<Submission, Failure> {
        self.post(&self.of(paths::WITHDRAWAL, id)?, &serde_json::json!({}))
    }

    /// Puts a submission away.
    pub(crate) fn archive(&self, id: &str) -> Result<Submission, Failure> {
        self.post(&self.of(paths::ARCHIVING, id)?, &serde_json::json!({}))
    }

    /// Hands over what a reviewer's machine has signed.
    pub(crate) fn approve(&self, id: &str, approval: &Approval) -> Result<Submission, Failure> {
        self.post(&self.of(paths::APPROVAL, id)?, approval)
    }

    /// Sends a submission back.
    pub(crate) fn refuse(&self, id: &str, reason: &str) -> Result<Submission, Failure> {
        self.post(&self.of(paths::REFUSAL, id)?, &RefusalReason { reason: reason.to_owned() })
    }

    /// Holds the newest release back.
    pub(crate) fn halt(&self, app: &AppId, channel: &Channel, reason: &str) -> Result<Reach, Failure> {
        self.post(&line(paths::HALT, app, channel), &StopReason { reason: reason.to_owned() })
    }

    /// Lets them go on.
    pub(crate) fn resume(&self, app: &AppId, channel: &Channel, reason: Option<&str>) -> Result<Reach, Failure> {
        self.post(&line(paths::RESUME, app, channel), &ResumeReason { reason: reason.map(str::to_owned) })
    }

    /// Proposes the contents of an earlier release again.
    pub(crate) fn revert(&self, app: &AppId, channel: &Channel, to: u64, why: &str) -> Result<Submission, Failure> {
        self.create(&line(paths::REVERT, app, channel), &Revert { to, reason: why.to_owned() })
    }

    /// Proposes to take the newest release back.
    pub(crate) fn recall(&self, app: &AppId, channel: &Channel, reason: &str) -> Result<Submission, Failure> {
        self.create(&line(paths::RECALL, app, channel), &StopReason { reason: reason.to_owned() })
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let request = self.agent.get(self.address(path)).header("Authorization", self.authorization());
        let answer = self.expect(request.call(), StatusCode::OK)?;
        self.read(answer)
    }

    fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        let request = self.agent.post(self.address(path)).header("Authorization", self.authorization());
        let answer = self.expect(request.send_json(body), StatusCode::OK)?;
        self.read(answer)
    }

    fn create<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        let request = self.agent.post(self.address(path)).header("Authorization", self.authorization());
        let answer = self.expect(request.send_json(body), StatusCode::CREATED)?;
        self.read(answer)
    }

    /// An id goes into a path, so only what an id can be made of is let through.
    fn of(&self, path: &str, id: &str) -> Result<String, Failure> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(Failure::NoSubmission { what: id.to_owned() });
        }
        Ok(paths::of(path, id))
    }

    fn address(&self, path: &str) -> String {
        paths::url(&self.url, path)
    }

    fn authorization(&self) -> String {
        format!("Bearer {}", self.token.0)
    }

    fn expect(&self, answer: Result<Answer, ureq::Error>, status: StatusCode) -> Result<Answer, Failure> {
        let mut answer = answer.map_err(|error| self.lost(&error))?;
        if answer.status() == status {
            return Ok(answer);
        }
        let problem: Result<Problem, _> = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_json();
        Err(match problem {
            Ok(problem) => Failure::Store(Box::new(problem)),
            Err(_) => Failure::NotAStore { url: self.url.clone(), what: answer.status().to_string() },
        })
    }

    fn read<T: DeserializeOwned>(&self, mut answer: Answer) -> Result<T, Failure> {
        let read = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_json();
        read.map_err(|error| match error {
            ureq::Error::Json(error) => Failure::NotAStore { url: self.url.clone(), what: error.to_string() },
            other => self.lost(&other),
        })
    }

    fn lost(&self, error: &ureq::Error) -> Failure {
        Failure::Unreachable { url: self.url.clone(), why: reason(error) }
    }
}

/// The page after this one, below the API, if its `Link` names one (RFC 8288).
fn next(link: &str) -> Option<String> {
    let (target, parameters) = link.strip_prefix('<')?.split_once('>')?;
    let is_next = parameters.split(';').any(|parameter| parameter.trim() == "rel=\"next\"");
    target.strip_prefix(paths::PREFIX).filter(|_| is_next).map(str::to_owned)
}

/// One of the paths that name the releases of an app in a channel.
fn line(path: &str, app: &AppId, channel: &Channel) -> String {
    path.replace("{app}", app.as_str()).replace("{channel}", channel.as_str())
}

/// The time a store answers with, in milliseconds since 1970, if it says one. Nobody is named, so it answers that it does not
/// know who asks; whatever answers otherwise is no store.
pub(crate) fn date_ms(url: &str) -> Result<Option<i64>, Failure> {
    let store = Store::new(url, Token::new(""))?;
    let answer = store.agent.get(store.address(paths::ME)).call();
    let answer = answer.map_err(|error| store.lost(&error))?;
    let date = answer.headers().get("Date").and_then(|date| date.to_str().ok()).and_then(date_of);
    match store.expect(Ok(answer), StatusCode::OK) {
        Err(Failure::Store(_)) => Ok(date),
        Err(other) => Err(other),
        Ok(answer) => Err(Failure::NotAStore { url: store.url, what: answer.status().to_string() }),
    }
}

/// A date as HTTP writes it (RFC 9110, 5.6.7).
fn date_of(text: &str) -> Option<i64> {
    let read = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text);
    read.ok().map(jiff::Timestamp::as_millisecond)
}

/// How everything is asked.
pub(crate) fn agent() -> Agent {
    Agent::new_with_config(
        Agent::config_builder()
            .http_status_as_error(false)
            // A token is for the address it was given for, so nothing is followed elsewhere.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(TO_CONNECT))
            .timeout_recv_response(Some(TO_ANSWER))
            .timeout_send_body(Some(TO_CARRY))
            .timeout_recv_body(Some(TO_CARRY))
            .user_agent(concat!("guichet/", env!("CARGO_PKG_VERSION")))
            .build(),
    )
}

/// Whether this can be the address of a store.
pub(crate) fn check_address(url: &str) -> Result<(), Failure> {
    let bad = |why| Failure::BadAddress { url: url.to_owned(), why };
    let uri: Uri = url.parse().map_err(|_| bad(Detail::NotAnAddress))?;
    match (uri.scheme_str(), uri.host()) {
        (Some("http" | "https"), Some(_)) if uri.query().is_none() => Ok(()),
        (Some("http" | "https"), _) => Err(bad(Detail::NotJustHostAndPath)),
        _ => Err(bad(Detail::NotHttp)),
    }
}

/// Why nothing came back, in a few words.
pub(crate) fn reason(error: &ureq::Error) -> Detail {
    match error {
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => Detail::NothingAnswers,
        ureq::Error::HostNotFound => Detail::NoSuchHost,
        ureq::Error::Timeout(_) => Detail::TooSlow,
        other => Detail::from(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_next_page_of_this_store_and_nowhere_else() {
        let to = |link| next(link);
        assert_eq!(to("</api/v1/submissions?cursor=7>; rel=\"next\"").as_deref(), Some("/submissions?cursor=7"));
        assert_eq!(to("</api/v1/submissions?cursor=7>; rel=\"prev\""), None);
        assert_eq!(to("<https://evil.example/api/v1/submissions>; rel=\"next\""), None);
        assert_eq!(to("submissions"), None);
    }

    #[test]
    fn a_date_of_http_is_a_time() {
        assert_eq!(date_of("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000));
        assert_eq!(date_of("yesterday"), None);
    }
}
