//! The clients of the store; the type is the premise: whoever has a token, a key, or nothing.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use guichet_api::{Approval, Problem, Proposal, RefusalReason, SignedDocument, Submission, SubmissionDetail, paths};
use guichet_contract::Channel;
use guichet_package::{
    Brake, Limits, PackageFile, PublisherKeys, ReleaseDocument, TrustFile, VerifiedPackage,
    release::{brake_path, keys_path, release_path},
};
use guichet_trust::{
    Refusal,
    client::{self, Refresh, TrustedMetadata},
    digest::Digest,
    editor::{Draft, add_signature, read_root, read_targets},
    metadata::{Document, TargetFile, Targets},
    sign::SecretKey,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::house::{Answer, House, NOW_MS, send};

/// Somebody with a token, or without.
pub(crate) struct Caller<'a> {
    house: &'a House,
    token: Option<&'a str>,
}

impl House {
    pub(crate) fn caller<'a>(&'a self, token: &'a str) -> Caller<'a> {
        Caller { house: self, token: Some(token) }
    }

    pub(crate) fn anonymous(&self) -> Caller<'_> {
        Caller { house: self, token: None }
    }
}

impl Caller<'_> {
    pub(crate) async fn call(&self, method: Method, path: &str, media: &str, body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", paths::PREFIX));
        if let Some(token) = self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        send(&self.house.router, request.header(header::CONTENT_TYPE, media).body(body.into()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, "text/plain", Body::empty()).await
    }

    async fn post(&self, path: &str, body: &impl Serialize) -> Answer {
        self.call(Method::POST, path, "application/json", serde_json::to_vec(body).unwrap()).await
    }

    pub(crate) async fn submit(&self, package: &PackageFile) -> Result<Submission, Problem> {
        self.submit_bytes(package.bytes().to_vec()).await
    }

    pub(crate) async fn submit_bytes(&self, bytes: Vec<u8>) -> Result<Submission, Problem> {
        let media = guichet_api::PACKAGE_MEDIA_TYPE;
        read(self.call(Method::POST, paths::SUBMISSIONS, media, bytes).await, StatusCode::CREATED)
    }

    pub(crate) async fn detail(&self, id: &str) -> Result<SubmissionDetail, Problem> {
        read(self.get(&paths::of(paths::SUBMISSION, id)).await, StatusCode::OK)
    }

    pub(crate) async fn proposal(&self, id: &str) -> Result<Proposal, Problem> {
        read(self.get(&paths::of(paths::PROPOSAL, id)).await, StatusCode::OK)
    }

    pub(crate) async fn post_approval(&self, id: &str, approval: &Approval) -> Result<Submission, Problem> {
        read(self.post(&paths::of(paths::APPROVAL, id), approval).await, StatusCode::OK)
    }

    /// What `guichet review approve` does.
    pub(crate) async fn approve(&self, id: &str, key: &SecretKey) -> Result<Submission, Problem> {
        let proposal = self.proposal(id).await?;
        self.post_approval(id, &signed_at(&proposal, key, self.house.store.clock.now_ms())).await
    }

    pub(crate) async fn refuse(&self, id: &str, reason: &str) -> Result<Submission, Problem> {
        let body = RefusalReason { reason: reason.to_owned() };
        read(self.post(&paths::of(paths::REFUSAL, id), &body).await, StatusCode::OK)
    }

    /// Hands a package in, and says how: `draft=true`, `replaces=ID`.
    pub(crate) async fn submit_as(&self, package: &PackageFile, how: &str) -> Result<Submission, Problem> {
        let (path, media) = (format!("{}?{how}", paths::SUBMISSIONS), guichet_api::PACKAGE_MEDIA_TYPE);
        read(self.call(Method::POST, &path, media, package.bytes().to_vec()).await, StatusCode::CREATED)
    }

    /// One of the acts that need no body.
    pub(crate) async fn act(&self, path: &str, id: &str) -> Result<Submission, Problem> {
        read(self.post(&paths::of(path, id), &()).await, StatusCode::OK)
    }

    pub(crate) async fn withdraw(&self, id: &str) -> Result<Submission, Problem> {
        read(self.post(&paths::of(paths::WITHDRAWAL, id), &()).await, StatusCode::OK)
    }
}

/// The body as `T` if the status is the expected one, else as the problem it must be.
#[expect(clippy::result_large_err, reason = "the problem is what a test looks at")]
fn read<T: DeserializeOwned>(answer: Answer, expected: StatusCode) -> Result<T, Problem> {
    if answer.status == expected {
        return Ok(serde_json::from_slice(&answer.body).unwrap());
    }
    assert_eq!(answer.header("content-type"), guichet_api::PROBLEM_MEDIA_TYPE, "{}", answer.text());
    let problem: Problem = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(problem.status, answer.status.as_u16());
    Err(problem)
}

/// The top-level targets of a proposal, verified from its first root.
pub(crate) fn targets_of(proposal: &Proposal) -> Document<Targets> {
    let root = read_root(None, proposal.trust.roots.last().unwrap().as_bytes()).unwrap();
    read_targets(&root, proposal.trust.targets.as_bytes()).unwrap()
}

/// The next document of one proposed role, before it is signed.
pub(crate) fn draft(proposal: &Proposal, role: &str) -> Draft<Targets> {
    draft_at(proposal, role, NOW_MS)
}

fn draft_at(proposal: &Proposal, role: &str, now_ms: u64) -> Draft<Targets> {
    let proposed = proposal.roles.iter().find(|proposed| proposed.role == role).unwrap();
    let current = proposed.current.as_ref().map(|text| Document::parse(text.clone().into_bytes()).unwrap());
    let expires_ms = now_ms + 400 * 24 * 60 * 60 * 1000;
    let mut draft = Draft::of_role(&targets_of(proposal), role, current.as_ref(), expires_ms).unwrap();
    draft.set_target(&proposal.target_path, TargetFile::of(proposal.release_document.as_bytes())).unwrap();
    draft
}

/// Every role document of a proposal that still lacks signatures, signed with this key.
pub(crate) fn signed(proposal: &Proposal, key: &SecretKey) -> Approval {
    signed_at(proposal, key, NOW_MS)
}

/// The same, by another clock.
pub(crate) fn signed_at(proposal: &Proposal, key: &SecretKey, now_ms: u64) -> Approval {
    let documents = proposal
        .roles
        .iter()
        .filter(|role| (role.signed_by.len() as u32) < role.threshold)
        .map(|role| {
            let document = match &role.document {
                Some(document) => add_signature(document.as_bytes(), key).unwrap(),
                None => draft_at(proposal, &role.role, now_ms).sign(&[key]).unwrap(),
            };
            SignedDocument { role: role.role.clone(), document: String::from_utf8(document).unwrap() }
        })
        .collect();
    Approval { documents }
}

/// A device that has the trust file and the static files, and nothing else.
pub(crate) struct Device {
    pub(crate) trusted: TrustedMetadata,
}

impl Device {
    /// Follows the metadata served below `/static`.
    pub(crate) async fn refresh(house: &House, roles: &[&str]) -> Self {
        let file = std::fs::read(house.store.folder.trust_file()).unwrap();
        let file = TrustFile::parse(&file).unwrap();
        let new = Self { trusted: TrustedMetadata::from_root(file.root_bytes()).unwrap() };
        new.refreshed(house, roles).await.unwrap()
    }

    /// The same device some time later: what it has seen it does not go back behind.
    pub(crate) async fn refreshed(&self, house: &House, roles: &[&str]) -> Result<Self, Refusal> {
        let now_ms = house.store.clock.now_ms();
        let mut refresh = Refresh::begin(self.trusted.clone(), now_ms, client::Limits::default());
        for role in roles {
            refresh.want_role(role);
        }
        while let Some(fetch) = refresh.next() {
            let answer = house.get(&format!("/static/metadata/{}", fetch.path)).await;
            let bytes = (answer.status == StatusCode::OK).then_some(answer.body);
            refresh.accept(bytes)?;
        }
        assert!(refresh.is_complete());
        Ok(Self { trusted: refresh.finish() })
    }

    /// The release document a role lists, fetched and checked.
    pub(crate) async fn release(&self, house: &House, role: &str, app: &str) -> Option<ReleaseDocument> {
        let department = role.trim_end_matches("-wide").parse().unwrap();
        let path = release_path(&department, &app.parse().unwrap(), &"stable".parse().unwrap());
        let bytes = self.target(house, role, &path).await?;
        Some(ReleaseDocument::parse(&bytes).unwrap())
    }

    /// The brake on an app of `residence`, fetched and checked.
    pub(crate) async fn brake(&self, house: &House, app: &str) -> Option<Brake> {
        let path = brake_path(&"residence".parse().unwrap(), &app.parse().unwrap(), &Channel::stable());
        let bytes = self.target(house, "brake", &path).await?;
        Some(Brake::parse(&bytes).unwrap())
    }

    async fn target(&self, house: &House, role: &str, path: &str) -> Option<Vec<u8>> {
        let file = self.trusted.target(role, path)?;
        let answer = house.get(&format!("/static/targets/{}", file.hashed_path(path))).await;
        file.check(&answer.body).unwrap();
        Some(answer.body)
    }

    /// The release put together from blobs alone, and the same from the package file.
    pub(crate) async fn install(&self, house: &House, release: &ReleaseDocument, department: &str) -> VerifiedPackage {
        let path = keys_path(&department.parse().unwrap());
        let keys = PublisherKeys::parse(&self.target(house, "targets", &path).await.unwrap()).unwrap();
        let limits = Limits::default();
        let package = house.get(&format!("/static/packages/{}.ma", release.container.sha256)).await;
        let package = PackageFile::open(package.body, &limits).unwrap();
        let mut blobs = BTreeMap::new();
        let digests = package.statement().files.iter().map(|file| file.sha256);
        for digest in digests.chain([release.statement.sha256, release.seals.sha256]) {
            blobs.insert(digest, blob(house, digest).await);
        }
        let take = |digest: &Digest| blobs.get(digest).cloned();
        let statement = take(&release.statement.sha256).unwrap();
        let seals = take(&release.seals.sha256).unwrap();
        let assembled = VerifiedPackage::assemble(statement, seals, &keys, take, &limits).unwrap();
        assembled.matches(release).unwrap();
        assert_eq!(assembled.file().bytes(), package.bytes());
        assembled
    }
}

async fn blob(house: &House, digest: Digest) -> Vec<u8> {
    let name = digest.to_string();
    let path = format!("/static/blobs/{}/{name}", &name[..2]);
    let plain = house.get(&path).await;
    assert_eq!(plain.status, StatusCode::OK, "{path}");
    assert_eq!(Digest::of(&plain.body), digest);
    let sibling = house.get(&format!("{path}.zst")).await;
    assert_eq!(sibling.header("content-type"), "application/zstd");
    assert_eq!(sibling.header("content-encoding"), "");
    assert_eq!(zstd::decode_all(sibling.body.as_slice()).unwrap(), plain.body);
    plain.body
}
