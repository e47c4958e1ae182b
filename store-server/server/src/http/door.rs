//! The front door: HTTP/1 and HTTP/2 (cleartext, by prior knowledge) on one port, where static files that are in memory
//! are answered before there is a router.

use std::{
    convert::Infallible,
    future::poll_fn,
    io::{self, IoSlice},
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{Request, Response, Version},
};
use http_body_util::{Either, Full};
use hyper::{body::Incoming, service::Service};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tower::ServiceExt as _;

use super::{files, router};
use crate::store::Store;

/// How long to wait when the machine has no more room for a connection.
const NO_ROOM: Duration = Duration::from_secs(1);

/// Answers until `stop`; what was begun by then is finished.
pub async fn serve(store: Arc<Store>, listener: TcpListener, stop: impl Future<Output = ()>) {
    let router = router(Arc::clone(&store));
    let connections = auto::Builder::new(TokioExecutor::new());
    let open = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = &mut stop => break,
        };
        let has_streams = Arc::<AtomicBool>::default();
        let door =
            Door { store: Arc::clone(&store), router: router.clone(), peer, has_streams: Arc::clone(&has_streams) };
        let connection = connections.serve_connection(TokioIo::new(Socket(stream)), door).into_owned();
        let connection = after_answers(open.watch(connection), has_streams);
        tokio::spawn(async move {
            // Whoever goes away in the middle of an answer tells nobody anything.
            let _gone = connection.await;
        });
    }
    drop(listener);
    open.shutdown().await;
}

/// A connection that has streams is woken by each of its answers. It lets those that are ready be made before it writes, so
/// that they go in one piece: the runtime would run it between any two of them.
async fn after_answers<C: Future>(connection: C, has_streams: Arc<AtomicBool>) -> C::Output {
    let mut connection = std::pin::pin!(connection);
    let mut has_waited = true;
    poll_fn(|context| {
        has_waited = !has_waited || !has_streams.load(Ordering::Relaxed);
        if has_waited {
            return connection.as_mut().poll(context);
        }
        // Whoever wakes itself goes behind all others.
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

/// The next connection. One that is gone already is no news; when the machine is full it waits for others to end.
#[allow(clippy::disallowed_methods, reason = "nothing says when the machine has room again")]
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // An answer is written in one piece: there is nothing to wait for.
                let _slower = stream.set_nodelay(true);
                return (stream, peer);
            }
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) => {}
            Err(error) => {
                tracing::error!(%error, "cannot take a connection");
                tokio::time::sleep(NO_ROOM).await;
            }
        }
    }
}

/// The stream of a connection. What comes in one piece is sent as such: a list of one costs the kernel more.
struct Socket(TcpStream);

impl Socket {
    fn stream(self: Pin<&mut Self>) -> Pin<&mut TcpStream> {
        Pin::new(&mut self.get_mut().0)
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_read(context, into)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, piece: &[u8]) -> Poll<io::Result<usize>> {
        self.stream().poll_write(context, piece)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match pieces {
            [piece] => self.stream().poll_write(context, piece),
            several => self.stream().poll_write_vectored(context, several),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(context)
    }
}

/// What one connection talks to.
struct Door {
    store: Arc<Store>,
    router: Router,
    peer: SocketAddr,
    /// Whether answers are made side by side (RFC 9113).
    has_streams: Arc<AtomicBool>,
}

type Answer = Response<Either<Full<Bytes>, Body>>;

impl Service<Request<Incoming>> for Door {
    type Response = Answer;
    type Error = Infallible;
    type Future = Reply;

    fn call(&self, request: Request<Incoming>) -> Reply {
        if request.version() == Version::HTTP_2 {
            self.has_streams.store(true, Ordering::Relaxed);
        }
        let (path, headers) = (request.uri().path(), request.headers());
        if let Some(file) = files::at_once(&self.store.shelf, request.method(), path, headers) {
            return Reply::Ready(Some(file.map(|bytes| Either::Left(Full::new(bytes)))));
        }
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let routed = self.router.clone().oneshot(request);
        Reply::Routed(Box::pin(async { Ok(routed.await?.map(Either::Right)) }))
    }
}

/// An answer that is there, or that the router is still making.
enum Reply {
    Ready(Option<Answer>),
    Routed(Pin<Box<dyn Future<Output = Result<Answer, Infallible>> + Send>>),
}

impl Future for Reply {
    type Output = Result<Answer, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Ready(answer) => answer.take().map_or(Poll::Pending, |answer| Poll::Ready(Ok(answer))),
            Self::Routed(routed) => routed.as_mut().poll(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// What was ready whenever a connection was asked, while sixteen answers were made for it at once.
    async fn asked(has_streams: bool) -> Vec<usize> {
        let answers = Arc::new(std::sync::Mutex::new((0, Vec::new())));
        let connection = poll_fn({
            let answers = Arc::clone(&answers);
            let mut has_begun = false;
            move |context| {
                let mut seen = answers.lock().unwrap();
                if !std::mem::replace(&mut has_begun, true) {
                    for _ in 0..16 {
                        let (answers, waker) = (Arc::clone(&answers), context.waker().clone());
                        tokio::spawn(async move {
                            answers.lock().unwrap().0 += 1;
                            waker.wake();
                        });
                    }
                    return Poll::Pending;
                }
                let ready = seen.0;
                seen.1.push(ready);
                if ready == 16 { Poll::Ready(()) } else { Poll::Pending }
            }
        });
        tokio::spawn(after_answers(connection, Arc::new(has_streams.into()))).await.unwrap();
        Arc::into_inner(answers).unwrap().into_inner().unwrap().1
    }

    #[tokio::test]
    async fn one_piece_and_several_arrive_as_they_were_written() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut asker = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut socket = Socket(accept(&listener).await.0);
        for pieces in [&[&b"304 "[..]][..], &[b"200 ", b"and ", b"bytes"]] {
            let slices: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
            let written = socket.write_vectored(&slices).await.unwrap();
            assert_eq!(written, pieces.concat().len());
        }
        drop(socket);
        let mut read = String::new();
        asker.read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "304 200 and bytes");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn answers_that_are_made_side_by_side_are_written_together() {
        assert_eq!(asked(true).await, [16]);
        assert!(asked(false).await.len() > 1, "nothing has to wait where one comes after the other");
    }
}
