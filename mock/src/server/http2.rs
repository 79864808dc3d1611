//! HTTP/2 without TLS, through axum.

use std::future::pending;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::serve::Listener;
use tokio::net::TcpStream;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::{Asked, Inner, Reply};

/// The preface of a client that speaks HTTP/2 from the start (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI ";

/// Returns whether the client speaks HTTP/2. Consumes nothing of the stream.
pub(super) async fn is_preface(stream: &TcpStream) -> io::Result<bool> {
    let mut start = [0; PREFACE.len()];
    loop {
        let count = stream.peek(&mut start).await?;
        if count == PREFACE.len() || count == 0 || start[..count] != PREFACE[..count] {
            return Ok(start == PREFACE);
        }
        tokio::task::yield_now().await;
    }
}

/// Serves the connections that are sent to it.
pub(super) fn start(inner: Arc<Inner>) -> UnboundedSender<TcpStream> {
    let (sender, streams) = mpsc::unbounded_channel();
    let router = Router::new().fallback(respond).with_state(inner);
    tokio::spawn(async move { axum::serve(Handed(streams), router).await });
    sender
}

/// Connections that another task has accepted.
struct Handed(UnboundedReceiver<TcpStream>);

impl Listener for Handed {
    type Io = TcpStream;
    type Addr = ();

    async fn accept(&mut self) -> (TcpStream, ()) {
        match self.0.recv().await {
            Some(stream) => (stream, ()),
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

async fn respond(State(inner): State<Arc<Inner>>, request: Request) -> Result<Response, StatusCode> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| StatusCode::BAD_REQUEST)?;
    let asked = Asked {
        version: parts.version,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.to_vec(),
    };
    let told = match inner.take(asked) {
        Reply::Told(told) => told,
        Reply::Late(delay, told) => {
            tokio::time::sleep(delay).await;
            told
        }
        // Bytes of HTTP/1.1 have no meaning here.
        Reply::Fault(_) => return Err(StatusCode::NOT_IMPLEMENTED),
    };
    let response = Response::builder().status(told.status);
    let response = told.headers.into_iter().fold(response, |response, (name, value)| response.header(name, value));
    response.body(Body::from(told.body)).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}
