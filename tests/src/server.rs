//! A server on the loopback interface that keeps what it was asked and answers what it was told.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::Value;
use tokio::net::TcpListener;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// HTTP method in capitals.
    pub method: String,
    /// Path as it stood in the request line.
    pub path: String,
    /// Query as it stood in the request line.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

/// What the server answers from now on.
#[derive(Clone, Debug)]
pub struct Told {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, if any.
    pub media: Option<String>,
    /// Body.
    pub body: Vec<u8>,
}

impl Told {
    /// An answer in JSON.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self { status, media: Some("application/json".to_owned()), body: body.to_string().into_bytes() }
    }

    /// An answer without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status, media: None, body: Vec::new() }
    }
}

struct Inner {
    asked: Mutex<Vec<Asked>>,
    answer: Answering,
}

/// How to answer a request.
type Answering = Box<dyn Fn(&Asked) -> Told + Send + Sync>;

/// The server. It ends with the runtime that it was started on.
#[derive(Clone)]
pub struct Server {
    /// Base URL.
    pub url: String,
    inner: Arc<Inner>,
}

impl Server {
    /// Starts a server that answers as `answer` says.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(answer: impl Fn(&Asked) -> Told + Send + Sync + 'static) -> io::Result<Self> {
        let inner = Arc::new(Inner { asked: Mutex::default(), answer: Box::new(answer) });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let router = Router::new().fallback(serve).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, inner })
    }

    /// Takes out what was asked since the last time.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.inner.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn serve(State(inner): State<Arc<Inner>>, request: Request) -> Result<Response, StatusCode> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| StatusCode::BAD_REQUEST)?;
    let asked = Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.to_vec(),
    };
    let told = (inner.answer)(&asked);
    inner.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    let mut response = Response::builder().status(told.status);
    if let Some(media) = told.media {
        response = response.header("content-type", media);
    }
    response.body(Body::from(told.body)).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}
