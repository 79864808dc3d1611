//! The loopback server of the tests. It records requests, and replies as set by the test: with a response, with the
//! responses of [`Exchanges`], or with a [`Fault`], byte by byte. It supports HTTP/1.1 and HTTP/2 without TLS.

mod exchanges;
mod http1;
mod http2;
mod reply;

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderMap, Version};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

pub use exchanges::{Exchange, Exchanges};
pub use reply::{Fault, Reply, Told, message};

/// A request as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// HTTP version.
    pub version: Version,
    /// HTTP method in upper case.
    pub method: String,
    /// Path, as written in the request line.
    pub path: String,
    /// Query, as written in the request line.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Asked {
    /// Returns the error that the API sends for the request, whatever its operation: over HTTP/1.1, a method that
    /// usually has a body needs a length, even if the body is empty.
    #[must_use]
    pub fn refusal(&self) -> Option<Told> {
        let has_body = matches!(self.method.as_str(), "POST" | "PUT" | "PATCH");
        let lacks_length = has_body && self.version == Version::HTTP_11 && !self.headers.contains_key("content-length");
        let body = json!({"error": "LengthRequired", "detail": "The request has no length."});
        lacks_length.then(|| Told::json(411, &body))
    }
}

/// The server. Clones share it. It ends with the runtime that it was started on.
#[derive(Clone)]
pub struct Server {
    /// Base URL.
    pub url: String,
    inner: Arc<Inner>,
}

/// The function that replies to a request.
type Replying = Box<dyn Fn(&Asked) -> Reply + Send + Sync>;

struct Inner {
    reply: Replying,
    asked: Mutex<Vec<Asked>>,
    received: AtomicUsize,
    connections: AtomicUsize,
    open: watch::Sender<usize>,
}

impl Server {
    /// Starts a server that replies with the result of `reply`.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start<R: Into<Reply>>(reply: impl Fn(&Asked) -> R + Send + Sync + 'static) -> io::Result<Self> {
        Self::on(TcpListener::bind("127.0.0.1:0").await?, reply)
    }

    /// Like [`start`](Self::start), on connections to this listener.
    ///
    /// # Errors
    /// The listener has no address.
    pub fn on<R: Into<Reply>>(
        listener: TcpListener,
        reply: impl Fn(&Asked) -> R + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let url = format!("http://{}", listener.local_addr()?);
        let inner = Arc::new(Inner {
            reply: Box::new(move |asked| reply(asked).into()),
            asked: Mutex::default(),
            received: AtomicUsize::default(),
            connections: AtomicUsize::default(),
            open: watch::Sender::new(0),
        });
        let shared = Arc::clone(&inner);
        let http2 = http2::start(Arc::clone(&inner));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                shared.open.send_modify(|open| *open += 1);
                let (shared, http2) = (Arc::clone(&shared), http2.clone());
                tokio::spawn(async move {
                    // Many tests are about a client that disconnects in the middle.
                    let _ = serve(stream, &shared, &http2).await;
                    shared.open.send_modify(|open| *open -= 1);
                });
            }
        });
        Ok(Self { url, inner })
    }

    /// Starts a server that replies to the first request with the first fault, and so on, and to all further ones with
    /// the last one.
    ///
    /// # Errors
    /// No port is free.
    pub async fn script(script: impl IntoIterator<Item = Fault>) -> io::Result<Self> {
        let script: Vec<Fault> = script.into_iter().collect();
        let (next, silence) = (AtomicUsize::default(), Fault::Stall(Vec::new()));
        Self::start(move |_| {
            let index = next.fetch_add(1, Ordering::SeqCst);
            script.get(index).or(script.last()).unwrap_or(&silence).clone()
        })
        .await
    }

    /// Returns the requests that were received since the last call.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.inner.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the number of received requests.
    #[must_use]
    pub fn received(&self) -> usize {
        self.inner.received.load(Ordering::SeqCst)
    }

    /// Returns the number of opened connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.inner.connections.load(Ordering::SeqCst)
    }

    /// Returns when a request was received.
    pub async fn got_one(&self) {
        while self.received() == 0 {
            tokio::task::yield_now().await;
        }
    }

    /// Returns when no HTTP/1.1 connection is open any more.
    pub async fn all_closed(&self) {
        // The sender lives as long as `self`, so waiting can't fail.
        let _ = self.inner.open.subscribe().wait_for(|open| *open == 0).await;
    }
}

impl Inner {
    /// Records a request and returns the reply.
    fn take(&self, asked: Asked) -> Reply {
        let reply = (self.reply)(&asked);
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
        self.received.fetch_add(1, Ordering::SeqCst);
        reply
    }
}

async fn serve(stream: TcpStream, inner: &Inner, http2: &UnboundedSender<TcpStream>) -> io::Result<()> {
    if http2::is_preface(&stream).await? {
        return http2.send(stream).map_err(io::Error::other);
    }
    http1::serve(stream, inner).await
}
