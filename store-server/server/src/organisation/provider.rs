//! The identity provider: where people are sent, and what its answer is worth.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    SignatureVerificationError, TokenResponse,
    core::{CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreJwsSigningAlgorithm, CoreProviderMetadata},
};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::{
    Settings,
    asked::{AllAsked, Asked, LASTS_MS},
    problems,
};
use crate::{
    error::{NotDone, StoreError},
    secret::Secret,
    store::blocking,
};

/// How long what the provider says about itself is believed, in milliseconds.
const KNOWN_MS: u64 = 60 * 60 * 1000;
/// How far its clock may be ahead of ours, in milliseconds.
const AHEAD_MS: u64 = 5 * 60 * 1000;
/// As long as a provider may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that is read, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// An organisation through which people sign in.
#[derive(Debug)]
pub struct Organisation {
    settings: Settings,
    redirect: String,
    agent: ureq::Agent,
    known: Mutex<Option<(Arc<CoreProviderMetadata>, u64)>>,
    asked: AllAsked,
}

/// Somebody, as the organisation knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Who says so.
    pub issuer: String,
    /// Their id there, which never becomes another person's.
    pub subject: String,
}

/// What a browser brings back from the organisation.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Returned {
    #[serde(default)]
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) state: String,
    pub(crate) iss: Option<String>,
    pub(crate) error: Option<String>,
}

/// A client of a provider that has told where it is.
type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Signatures that are believed: by keys of the provider, never by a secret that two know.
const SIGNATURES: [CoreJwsSigningAlgorithm; 6] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

impl Organisation {
    /// The organisation of these settings, whose answers come back to the store at `base`.
    pub fn new(settings: Settings, base: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // Wherever else it points, it is not the provider that was named.
            .max_redirects(0)
            .user_agent(concat!("guichet-store/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(PATIENCE))
            .build()
            .new_agent();
        let redirect = format!("{}/sign-in/organisation/answer", base.trim_end_matches('/'));
        Self { settings, redirect, agent, known: Mutex::default(), asked: AllAsked::default() }
    }

    /// What people call their account there.
    pub fn name(&self, chinese: bool) -> &str {
        if chinese { &self.settings.name.zh } else { &self.settings.name.en }
    }

    /// Whose subjects it knows.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Begins a sign-in: where to send the browser, and what it is to keep meanwhile.
    pub async fn begin(&self, invitation: Option<Secret>, now_ms: u64) -> Result<(String, Secret), NotDone> {
        let known = self.known(now_ms).await?;
        let client = self.client(&known)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(challenge)
            .url();
        let asked = Asked {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            invitation,
            until_ms: now_ms.saturating_add(LASTS_MS),
        };
        Ok((url.to_string(), self.asked.begin(asked, now_ms)?))
    }

    /// Judges what came back: who it is, and the invitation that they take up.
    pub async fn end(
        &self,
        kept: &Secret,
        returned: Returned,
        now_ms: u64,
    ) -> Result<(Subject, Option<Secret>), NotDone> {
        let asked = self.asked.end(kept, now_ms).filter(|asked| asked.state == returned.state);
        let asked = asked.ok_or_else(problems::over)?;
        if returned.iss.as_ref().is_some_and(|issuer| *issuer != self.settings.issuer) {
            return Err(problems::no_proof("the answer names another issuer").into());
        }
        if let Some(error) = returned.error {
            return Err(problems::refused(&error).into());
        }
        let known = self.known(now_ms).await?;
        let token = self.redeem(&known, returned.code, asked.verifier.clone()).await?;
        let subject = match self.judged(&known, &token, &asked.nonce, now_ms)? {
            Some(subject) => subject,
            // It may have another key by now.
            None => {
                let known = self.ask(now_ms).await?;
                let judged = self.judged(&known, &token, &asked.nonce, now_ms)?;
                judged.ok_or_else(|| problems::no_proof("it is signed with a key that the provider does not list"))?
            }
        };
        Ok((Subject { issuer: self.settings.issuer.clone(), subject }, asked.invitation))
    }

    /// What the provider says about itself, asked at most once an hour.
    async fn known(&self, now_ms: u64) -> Result<Arc<CoreProviderMetadata>, NotDone> {
        let known = self.known.lock().await;
        if let Some((known, at_ms)) = known.as_ref()
            && now_ms.saturating_sub(*at_ms) < KNOWN_MS
        {
            return Ok(Arc::clone(known));
        }
        drop(known);
        self.ask(now_ms).await
    }

    async fn ask(&self, now_ms: u64) -> Result<Arc<CoreProviderMetadata>, NotDone> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|error| unreachable(&error))?;
        let agent = self.agent.clone();
        let asked = blocking("ask an identity provider", move || {
            CoreProviderMetadata::discover(&issuer, &|request: HttpRequest| answer(&agent, request))
                .map_err(|error| unreachable(&error))
        });
        let known = Arc::new(asked.await??);
        *self.known.lock().await = Some((Arc::clone(&known), now_ms));
        Ok(known)
    }

    fn client(&self, known: &CoreProviderMetadata) -> Result<Client, NotDone> {
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = self.settings.client_secret.clone();
        let redirect =
            RedirectUrl::new(self.redirect.clone()).map_err(StoreError::document("make a redirect address"))?;
        Ok(CoreClient::from_provider_metadata(known.clone(), id, secret).set_redirect_uri(redirect))
    }

    /// Exchanges a code for a token that says who it is, and is not judged yet.
    async fn redeem(
        &self,
        known: &CoreProviderMetadata,
        code: String,
        verifier: String,
    ) -> Result<CoreIdToken, NotDone> {
        let (client, agent) = (self.client(known)?, self.agent.clone());
        let redeemed = blocking("redeem a code at an identity provider", move || {
            let request = client.exchange_code(AuthorizationCode::new(code)).map_err(|error| unreachable(&error))?;
            let request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier));
            let answer = request.request(&|request: HttpRequest| answer(&agent, request));
            answer.map_err(|error| match error {
                openidconnect::RequestTokenError::ServerResponse(said) => {
                    problems::refused(said.error().as_ref()).into()
                }
                other => unreachable(&other),
            })
        });
        let token = redeemed.await??.id_token().cloned();
        Ok(token.ok_or_else(|| problems::no_proof("the provider gave no token that says who it is"))?)
    }

    /// Who a token is about; none if no key of the provider's is known that it says it is signed with.
    fn judged(
        &self,
        known: &CoreProviderMetadata,
        token: &CoreIdToken,
        nonce: &str,
        now_ms: u64,
    ) -> Result<Option<String>, NotDone> {
        let client = self.client(known)?;
        let latest = now_ms.saturating_add(AHEAD_MS);
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(SIGNATURES)
            .set_time_fn(move || moment(now_ms))
            .set_issue_time_verifier_fn(
                move |issued| {
                    if issued > moment(latest) { Err(EARLY.to_owned()) } else { Ok(()) }
                },
            );
        match token.claims(&verifier, &Nonce::new(nonce.to_owned())) {
            Ok(claims) => Ok(Some(claims.subject().as_str().to_owned())),
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => Ok(None),
            Err(error) => Err(problems::no_proof(why(&error)).into()),
        }
    }
}

/// Why a token is refused whose issuer's clock is far ahead; the library calls that expired, too.
const EARLY: &str = "it is from the future";

/// What is wrong with a token, without anything of what stands in it.
fn why(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(reason) if reason == EARLY => EARLY,
        ClaimsVerificationError::Expired(_) => "it has run out",
        ClaimsVerificationError::InvalidAudience(_) => "it is meant for another program",
        ClaimsVerificationError::InvalidIssuer(_) => "it is from another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "it answers another question",
        ClaimsVerificationError::SignatureVerification(_) => "its signature is not good",
        _ => "it is not as it has to be",
    }
}

fn moment(at_ms: u64) -> DateTime<Utc> {
    let at = i64::try_from(at_ms).ok().and_then(DateTime::from_timestamp_millis);
    at.unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn unreachable(error: &(dyn std::error::Error + 'static)) -> NotDone {
    let chain = std::iter::successors(Some(error), |error| error.source());
    let reason = chain.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    tracing::warn!(%reason, "an identity provider cannot be asked");
    problems::unreachable().into()
}

/// Why a request to the provider came to nothing.
#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error(transparent)]
    Http(#[from] ureq::Error),
    #[error(transparent)]
    Form(#[from] axum::http::Error),
}

/// Sends one request, for the library that makes and reads them.
fn answer(agent: &ureq::Agent, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
    let mut answer = agent.run(request)?;
    let body = answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec()?;
    let mut response = axum::http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    Ok(response.body(body)?)
}
