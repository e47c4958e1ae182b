//! The front door on a real port: what is answered from memory is what the router answers, over HTTP/1 and HTTP/2.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, Version},
};
use guichet_store::{clock::Clock, commands, freshness, http::Paces, repository, store::Store};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

use crate::house::{House, NOW_MS};

const TIMESTAMP: &str = "/static/metadata/timestamp.json";
const DEADLINE: Duration = Duration::from_secs(20);

/// One open connection.
enum Line {
    One(http1::SendRequest<Body>),
    Two(http2::SendRequest<Body>),
}

impl Line {
    async fn open(address: SocketAddr, version: Version) -> Self {
        let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
        if version == Version::HTTP_2 {
            let (line, driven) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
            tokio::spawn(driven);
            Self::Two(line)
        } else {
            let (line, driven) = http1::handshake(stream).await.unwrap();
            tokio::spawn(driven);
            Self::One(line)
        }
    }

    async fn ask(
        &mut self,
        method: Method,
        path: &str,
        header: Option<(&str, &str)>,
    ) -> (StatusCode, HeaderMap, Bytes) {
        let mut request = Request::builder().method(method);
        request = match self {
            Self::One(_) => request.uri(path).header("host", "store.example"),
            Self::Two(_) => request.uri(format!("http://store.example{path}")),
        };
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = match self {
            Self::One(line) => line.send_request(request).await.unwrap(),
            Self::Two(line) => line.send_request(request).await.unwrap(),
        };
        let (mut parts, body) = response.into_parts();
        parts.headers.remove("date").unwrap();
        (parts.status, parts.headers, to_bytes(Body::new(body), usize::MAX).await.unwrap())
    }
}

/// The store's own serving, until it is told to stop.
struct Open {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

async fn open(house: &House) -> Open {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let store = Arc::clone(&house.store);
    let served = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        commands::serve(store, listener, stopped).await.unwrap();
    });
    Open { address, stop, served }
}

#[tokio::test]
async fn an_answer_from_memory_is_the_answer_of_the_router() {
    let house = House::open().await;
    let open = open(&house).await;
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let mut line = Line::open(open.address, version).await;
        for path in [TIMESTAMP, "/static/metadata/1.root.json", "/static/log/checkpoint"] {
            let routed = house.get(path).await;
            let (status, headers, body) = line.ask(Method::GET, path, None).await;
            assert_eq!((status, &body[..]), (StatusCode::OK, &routed.body[..]), "{version:?} {path}");
            let (_, again, _) = line.ask(Method::GET, path, None).await;
            assert_eq!(headers, again, "{version:?} {path}");
            assert_eq!(headers, routed.headers, "{version:?} {path}");
            let (status, head, body) = line.ask(Method::HEAD, path, None).await;
            assert_eq!((status, head, body.len()), (StatusCode::OK, headers.clone(), 0), "{version:?} {path}");
            for (name, value) in [("if-none-match", "etag"), ("if-modified-since", "last-modified")] {
                let value = headers[value].to_str().unwrap();
                let (status, unchanged, body) = line.ask(Method::GET, path, Some((name, value))).await;
                assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0), "{version:?} {path} {name}");
                assert_eq!(
                    (&unchanged["etag"], &unchanged["cache-control"]),
                    (&headers["etag"], &headers["cache-control"])
                );
            }
        }
        let (status, headers, _) = line.ask(Method::POST, TIMESTAMP, None).await;
        assert_eq!((status.as_u16(), headers["allow"].to_str().unwrap()), (405, "GET, HEAD"));
        let (status, _, _) = line.ask(Method::GET, "/static/nothing", None).await;
        assert_eq!(status, 404);
        let (status, _, _) = line.ask(Method::GET, "/sign-in", None).await;
        assert_eq!(status, 200, "the console is behind the same door");
        let root = "/static/metadata/1.root.json";
        let (status, _, body) = line.ask(Method::GET, root, Some(("range", "bytes=1-3"))).await;
        assert_eq!((status.as_u16(), &body[..]), (206, &house.get(root).await.body[1..4]));
    }
    open.stop.send(()).unwrap();
    tokio::time::timeout(DEADLINE, open.served).await.expect("idle connections keep nobody from stopping").unwrap();
}

#[tokio::test]
async fn a_new_timestamp_is_answered_at_once() {
    let clock = Clock::at(NOW_MS);
    let house = House::open_at(clock.clone()).await;
    let open = open(&house).await;
    let mut line = Line::open(open.address, Version::HTTP_11).await;
    let (_, headers, before) = line.ask(Method::GET, TIMESTAMP, None).await;
    let tag = headers["etag"].to_str().unwrap();
    clock.advance(repository::TIMESTAMP_MS);
    freshness::renew(&house.store).await.unwrap();
    guichet_store::publish::publish(&house.store).await.unwrap();
    let (status, _, after) = line.ask(Method::GET, TIMESTAMP, Some(("if-none-match", tag))).await;
    assert_eq!(status, StatusCode::OK);
    assert_ne!(before, after);
    drop(open.stop);
    tokio::time::timeout(DEADLINE, open.served).await.unwrap().unwrap();
}

/// The address that is counted is the one the connection comes from, whatever it says of itself.
#[tokio::test]
async fn whoever_asks_is_counted_by_their_connection() {
    let mut house = House::open().await;
    let mut store = Store::open(house.store.folder.clone(), house.store.clock.clone()).await.unwrap();
    store.paces = Paces::of(1);
    house.store = Arc::new(store);
    let open = open(&house).await;
    let mut statuses = Vec::new();
    for number in 0..6 {
        let mut line = Line::open(open.address, Version::HTTP_11).await;
        let forwarded = format!("192.0.2.{number}");
        let (status, ..) = line.ask(Method::GET, "/sign-in", Some(("x-forwarded-for", &forwarded))).await;
        statuses.push(status.as_u16());
        let (status, ..) = line.ask(Method::GET, TIMESTAMP, None).await;
        assert_eq!(status, StatusCode::OK, "static files are not counted");
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429]);
    open.stop.send(()).unwrap();
    open.served.await.unwrap();
}
