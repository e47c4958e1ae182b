//! A bucket of the tests' own that speaks as S3 does, and fails as it is told: beside the tests over moto, which does neither
//! check keys nor fail.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    io,
    ops::Range,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, mpsc},
    task::{Context, Poll},
    thread::JoinHandle,
    time::Duration,
};

use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use guichet_store::blobs::{Address, Bucket, Patience, Remote};
use guichet_trust::digest::Digest;
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body, Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, sync::oneshot};

const NAME: &str = "guichet";
const KEY: &str = "a-key";
/// How many names a list has at most.
const PAGE: usize = 7;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// 500.
    Broken,
    /// No answer comes.
    Silent,
    /// The connection ends when half of a body was sent.
    Cut,
    /// Other bytes of the same length come back.
    OtherBytes,
    /// What comes back never ends.
    Endless,
    /// There is nothing where something was put.
    Lost,
}

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<String, Bytes>,
    asked: Vec<String>,
    fault: Option<(Range<usize>, Fault)>,
    is_missing: bool,
}

/// It is gone with its last user.
#[derive(Debug)]
pub(crate) struct FakeBucket {
    pub(crate) endpoint: String,
    state: Arc<Mutex<State>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeBucket {
    /// An empty one, on threads of its own: whoever waits for it may block.
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let ((tell, told), (stop, stopped)) = (mpsc::channel(), oneshot::channel());
        let kept = Arc::clone(&state);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                tokio::select! {
                    () = serve(listener, kept) => {}
                    _ = stopped => {}
                }
            });
        });
        let endpoint = format!("http://{}", told.recv().unwrap());
        Self { endpoint, state, stop: Some(stop), thread: Some(thread) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// What a program needs in its environment to use it.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_ACCESS_KEY_ID", KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "a-secret".to_owned()),
        ]
    }

    /// It, as a store uses it that keeps so many bytes of it.
    pub(crate) fn remote(&self, prefix: &str, room: u64) -> Remote {
        Remote::new(self.bucket(prefix, Duration::from_secs(20)), room)
    }

    /// It, as somebody uses it who waits so long, and tries twice.
    pub(crate) fn bucket(&self, prefix: &str, patience: Duration) -> Bucket {
        let address = Address::parse(&format!("s3://{NAME}/{prefix}")).unwrap();
        let set = self.environment();
        let find = |name: &str| set.iter().find(|(one, _)| *one == name).map(|(_, value)| value.clone());
        let patience = Patience { piece: patience, answer: patience, tries: 2, pause: Duration::ZERO };
        Bucket::new(address, find, patience).unwrap()
    }

    /// From so many requests on everything fails in this way, until it is mended.
    pub(crate) fn fail_after(&self, requests: usize, fault: Fault) {
        let mut state = self.state();
        state.fault = Some((state.asked.len() + requests..usize::MAX, fault));
    }

    /// The next request fails in this way, and no other.
    pub(crate) fn fail_once(&self, fault: Fault) {
        let mut state = self.state();
        state.fault = Some((state.asked.len()..state.asked.len() + 1, fault));
    }

    /// Says whether anything had failed.
    pub(crate) fn mend(&self) -> bool {
        let mut state = self.state();
        state.fault.take().is_some_and(|(which, _)| state.asked.len() > which.start)
    }

    pub(crate) fn take_away(&self) {
        self.state().is_missing = true;
    }

    /// What it was asked, in order: `PUT packages/…`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    pub(crate) fn objects(&self) -> BTreeMap<String, Bytes> {
        self.state().objects.clone()
    }

    /// Somebody else writes into it.
    pub(crate) fn lay(&self, name: &str, bytes: &[u8]) {
        self.state().objects.insert(name.to_owned(), Bytes::copy_from_slice(bytes));
    }
}

impl Drop for FakeBucket {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let answer = service_fn(move |request| answer(Arc::clone(&state), request));
            // Whoever asks may go away.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

type Answer = Result<Response<BoxBody<Bytes, io::Error>>, io::Error>;

async fn answer(state: Arc<Mutex<State>>, request: Request<Incoming>) -> Answer {
    let (parts, mut body) = request.into_parts();
    let query: BTreeMap<String, String> =
        parts.uri.query().unwrap_or_default().split('&').filter_map(|one| one.split_once('=')).map(decoded).collect();
    let is_list = query.contains_key("list-type");
    let path = parts.uri.path().strip_prefix(&format!("/{NAME}")).unwrap().trim_start_matches('/').to_owned();
    let fault = {
        let mut state = state.lock().unwrap();
        let number = state.asked.len();
        let what = if is_list { format!("LIST {}", query["prefix"]) } else { format!("{} {path}", parts.method) };
        state.asked.push(what);
        state.fault.as_ref().filter(|(which, _)| which.contains(&number)).map(|(_, fault)| *fault)
    };
    match fault {
        Some(Fault::Broken) => {
            // Whoever sends hears of it only then.
            let _sent = body.collect().await;
            return said(StatusCode::INTERNAL_SERVER_ERROR, "InternalError");
        }
        Some(Fault::Silent) => return std::future::pending().await,
        Some(Fault::Cut) if parts.method == Method::PUT => {
            let _half = body.frame().await;
            return Err(io::Error::other("cut"));
        }
        Some(Fault::Cut) if is_list || parts.method == Method::DELETE => return Err(io::Error::other("cut")),
        _ => {}
    }
    if state.lock().unwrap().is_missing {
        return said(StatusCode::NOT_FOUND, "NoSuchBucket");
    }
    let is_signed = query.get("X-Amz-Signature").is_some_and(|signature| signature.len() == 64);
    if !is_signed || !query["X-Amz-Credential"].starts_with(&format!("{KEY}/")) {
        return said(StatusCode::FORBIDDEN, "InvalidAccessKeyId");
    }
    if is_list {
        return list(&state.lock().unwrap().objects, &query);
    }
    match parts.method {
        Method::PUT => {
            let wanted = parts.headers["x-amz-checksum-sha256"].to_str().unwrap().to_owned();
            assert!(query["X-Amz-SignedHeaders"].contains("x-amz-checksum-sha256"));
            let bytes = body.collect().await.map_err(io::Error::other)?.to_bytes();
            if STANDARD.encode(Digest::of(&bytes).as_bytes()) != wanted {
                return said(StatusCode::BAD_REQUEST, "BadDigest");
            }
            state.lock().unwrap().objects.insert(path, bytes);
            whole(StatusCode::OK, Bytes::new())
        }
        Method::DELETE => {
            state.lock().unwrap().objects.remove(&path);
            whole(StatusCode::NO_CONTENT, Bytes::new())
        }
        _ => {
            let found = state.lock().unwrap().objects.get(&path).cloned();
            let Some(bytes) = found.filter(|_| fault != Some(Fault::Lost)) else {
                return said(StatusCode::NOT_FOUND, "NoSuchKey");
            };
            match fault {
                Some(Fault::OtherBytes) => {
                    let mut other = bytes.to_vec();
                    let middle = other.len() / 2;
                    other[middle] ^= 1;
                    whole(StatusCode::OK, other.into())
                }
                Some(Fault::Cut) => partly(bytes.len() as u64, Some(bytes.slice(..bytes.len() / 2)), false),
                Some(Fault::Endless) => partly(u64::MAX / 2, Some(bytes), true),
                _ => whole(StatusCode::OK, bytes),
            }
        }
    }
}

fn decoded((name, value): (&str, &str)) -> (String, String) {
    let text = |text| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    (text(name), text(value))
}

fn list(objects: &BTreeMap<String, Bytes>, query: &BTreeMap<String, String>) -> Answer {
    let after = query.get("continuation-token").map_or("", String::as_str);
    let wanted = objects.iter().filter(|(name, _)| name.starts_with(&query["prefix"]) && name.as_str() > after);
    let mut names: Vec<_> = wanted.take(PAGE + 1).collect();
    let is_cut = names.len() > PAGE;
    names.truncate(PAGE);
    let next = names.last().filter(|_| is_cut);
    let next = next.map(|(name, _)| format!("<NextContinuationToken>{name}</NextContinuationToken>"));
    let contents: String = names
        .iter()
        .map(|(name, bytes)| {
            format!("<Contents><Key>{name}</Key><Size>{}</Size><ETag>x</ETag></Contents>", bytes.len())
        })
        .collect();
    let text = format!(
        "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>{is_cut}\
         </IsTruncated>{contents}{}</ListBucketResult>",
        next.unwrap_or_default()
    );
    whole(StatusCode::OK, text.into())
}

fn said(status: StatusCode, code: &str) -> Answer {
    whole(status, format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>").into())
}

fn whole(status: StatusCode, bytes: Bytes) -> Answer {
    let body = Full::new(bytes).map_err(|never: Infallible| match never {}).boxed();
    Ok(Response::builder().status(status).body(body).unwrap())
}

/// More is promised than comes, or what comes does so again and again.
fn partly(promised: u64, bytes: Option<Bytes>, again: bool) -> Answer {
    let body = Partly { bytes, again }.boxed();
    Ok(Response::builder().header("content-length", promised).body(body).unwrap())
}

struct Partly {
    bytes: Option<Bytes>,
    again: bool,
}

impl Body for Partly {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let next = if self.again { self.bytes.clone() } else { self.bytes.take() };
        Poll::Ready(Some(next.map(Frame::data).ok_or_else(|| io::Error::other("cut"))))
    }
}
