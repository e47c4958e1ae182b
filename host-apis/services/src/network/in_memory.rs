//! The twin of `network`: hosts that exist in memory only.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use guichet_contract::{
    Failure, Permit,
    network::{Answer, Exchange, Network, Request, Response},
};

type Answers = dyn Fn(&Request) -> Response + Send + Sync;

/// Hosts by name; who is not among them is not there, as without a network.
#[derive(Default)]
pub struct InMemory {
    hosts: Mutex<HashMap<String, Box<Answers>>>,
    is_cut: AtomicBool,
}

impl InMemory {
    /// Adds a host, written as in a scope, and what it answers.
    pub fn host(&self, domain: &str, answers: impl Fn(&Request) -> Response + Send + Sync + 'static) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.insert(domain.to_owned(), Box::new(answers));
    }

    /// Takes the network away, also from whoever is in the middle of an answer; or gives it back.
    pub fn cut(&self, is_cut: bool) {
        self.is_cut.store(is_cut, Ordering::SeqCst);
    }
}

impl std::fmt::Debug for InMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InMemory").finish_non_exhaustive()
    }
}

impl Network for InMemory {
    fn exchange(&self, permit: Permit<Exchange>) -> Result<Answer, Failure> {
        let (_, Exchange { request, .. }) = permit.redeem();
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let domain = request.url.domain();
        match hosts.get(&domain.to_string()) {
            Some(_) if self.is_cut.load(Ordering::SeqCst) => Err(super::offline(domain, "cannot be reached")),
            Some(answers) => {
                let response = answers(&request);
                match self.is_cut.load(Ordering::SeqCst) {
                    true => Err(super::cut_off(domain)),
                    false => Ok(Answer { response, took: Duration::ZERO }),
                }
            }
            None => Err(super::offline(domain, "cannot be found")),
        }
    }
}
