//! What an app's view may fetch: the files of its own session, and through no other view.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use guichet_contract::AppId;
use guichet_host::{Problem, Session};
use wry::{
    RequestAsyncResponder,
    http::{Method, Request, StatusCode, header},
};

use crate::{
    answer::{self, Answer},
    desk::Event,
    machine::{Post, Signal},
    mailbox::Mailbox,
    origin,
    pool::Pool,
};

/// One session, as its view reaches it.
#[derive(Clone)]
pub(crate) struct Shelf {
    /// The run.
    pub(crate) run: u64,
    /// The app.
    pub(crate) app_id: AppId,
    /// The session.
    pub(crate) session: Session,
    /// What the session says.
    pub(super) mailbox: Arc<Mailbox>,
    /// Whether what people do with its pages is noted, for a journey.
    pub(super) is_noted: bool,
    /// Whether it is told which keys its fields want.
    pub(super) has_keyboard: bool,
    document: Arc<Mutex<String>>,
    post: Post,
}

impl Shelf {
    /// The shelf to a session.
    pub(crate) fn new(app_id: AppId, session: Session, mailbox: Arc<Mailbox>, post: Post) -> Self {
        let (run, document) = (mailbox.run, Arc::default());
        Self { run, app_id, session, mailbox, is_noted: false, has_keyboard: false, document, post }
    }

    /// The same session, for the view of another page.
    pub(super) fn beside(&self) -> Self {
        Self { document: Arc::default(), ..self.clone() }
    }

    /// The page that the view has been told to load: without it there is nothing to see.
    pub(super) fn expect(&self, url: &str) {
        *self.document.lock().unwrap_or_else(PoisonError::into_inner) = url.to_owned();
    }

    fn answer(&self, method: &Method, url: &str, range: Option<&str>) -> Answer {
        let path = match wanted(&self.app_id, method, url) {
            Ok(path) => path,
            Err(status) => return answer::nothing(status),
        };
        match self.session.serve(path) {
            Ok(resource) => answer::file(&resource.headers, resource.bytes, range),
            Err(not_served) => {
                tracing::warn!(app = %self.app_id, %path, "not served: {not_served}");
                let is_document = *self.document.lock().unwrap_or_else(PoisonError::into_inner) == url;
                if is_document {
                    let problem = Problem {
                        class: not_served.class,
                        what: not_served.reason,
                        place: Some(path.to_owned()),
                        hint: "open it again; if it stays so, remove the service and add it again".to_owned(),
                    };
                    (self.post)(Signal::Desk(Event::Broke(self.run, problem)));
                }
                answer::nothing(StatusCode::from_u16(not_served.status).unwrap_or(StatusCode::NOT_FOUND))
            }
        }
    }
}

/// The path that a view of this app wants, or why it gets nothing.
fn wanted<'a>(app_id: &AppId, method: &Method, url: &'a str) -> Result<&'a str, StatusCode> {
    let path = origin::path_in(app_id, url).ok_or(StatusCode::FORBIDDEN)?;
    if method == Method::GET { Ok(path) } else { Err(StatusCode::METHOD_NOT_ALLOWED) }
}

/// Which view leads to which session.
#[derive(Clone, Default)]
pub(super) struct Shelves(Arc<Mutex<BTreeMap<String, Shelf>>>);

impl Shelves {
    pub(super) fn open(&self, view: String, shelf: Shelf) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(view, shelf);
    }

    pub(super) fn shut(&self, view: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(view);
    }

    /// Answers a view's request on another thread.
    pub(super) fn answer(&self, view: &str, pool: &Pool, request: &Request<Vec<u8>>, responder: RequestAsyncResponder) {
        let shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(view).cloned();
        let Some(shelf) = shelf else { return responder.respond(answer::nothing(StatusCode::FORBIDDEN)) };
        let (method, url) = (request.method().clone(), request.uri().to_string());
        let range = request.headers().get(header::RANGE).and_then(|range| range.to_str().ok()).map(str::to_owned);
        pool.run(move || responder.respond(shelf.answer(&method, &url, range.as_deref())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_reads_what_is_its_own_app_s_and_sends_nothing() {
        let app_id = "gov.example.permit".parse().unwrap();
        let own = "guichet-app://gov.example.permit/app.css?a=1";
        assert_eq!(wanted(&app_id, &Method::GET, own), Ok("app.css?a=1"));
        for method in [Method::POST, Method::PUT, Method::HEAD, Method::OPTIONS, Method::DELETE] {
            assert_eq!(wanted(&app_id, &method, own), Err(StatusCode::METHOD_NOT_ALLOWED), "{method}");
        }
        let others = [
            "guichet-app://gov.example.estimator/app.css",
            "guichet-app://gov.example.permit.evil/app.css",
            "guichet-app://a.gov.example.permit/app.css",
            "guichet-app://gov.example.permit@gov.example.estimator/app.css",
            "guichet-app://gov.example.permit:80/app.css",
            "guichet-home://home/index.html",
            "https://gov.example.permit/app.css",
            "file:///app.css",
        ];
        for other in others {
            assert_eq!(wanted(&app_id, &Method::GET, other), Err(StatusCode::FORBIDDEN), "{other}");
        }
    }
}
