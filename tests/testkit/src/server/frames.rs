//! A server that speaks HTTP/2 frame by frame (RFC 9113), so small that a test can refuse a stream or end a connection
//! at any point.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

use super::tls::Tls;

/// The outcome of a request over HTTP/2.
#[derive(Clone, Debug)]
pub enum Http2Fault {
    /// RST_STREAM with REFUSED_STREAM: the request was not processed.
    RefuseStream,
    /// RST_STREAM with INTERNAL_ERROR: it is unknown whether the request was processed.
    ResetStream,
    /// GOAWAY with a last stream before this one: the request was not processed.
    GoAwayBefore,
    /// GOAWAY with this stream as the last one, and the end of the connection: the request may have been processed.
    GoAwayAfter,
    /// A response with status 201 and this body.
    Created(Value),
}

const PREFACE: usize = 24;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
const NO_ERROR: u32 = 0;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;

/// The server. It ends with the runtime that it was started on.
pub struct Http2Server {
    /// Base URL.
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    script: Mutex<Vec<Http2Fault>>,
    received: AtomicUsize,
}

impl Http2Server {
    /// Starts a server without TLS that uses the first outcome for the first request, and so on, and the last one for
    /// all others.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(script: impl IntoIterator<Item = Http2Fault>) -> io::Result<Self> {
        Self::listen(script, None).await
    }

    /// Starts a server with TLS.
    ///
    /// # Errors
    /// No port is free.
    pub async fn over_tls(tls: &Tls, script: impl IntoIterator<Item = Http2Fault>) -> io::Result<Self> {
        Self::listen(script, Some(tls.clone())).await
    }

    async fn listen(script: impl IntoIterator<Item = Http2Fault>, tls: Option<Tls>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr()?);
        let mut script: Vec<_> = script.into_iter().collect();
        script.reverse();
        let shared = Arc::new(Shared { script: Mutex::new(script), received: AtomicUsize::default() });
        let inner = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, tls) = (Arc::clone(&inner), tls.clone());
                tokio::spawn(async move {
                    // A client that disconnects in the middle is not an error of the server.
                    let _ = match tls {
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(stream, &shared).await,
                            Err(error) => Err(error),
                        },
                        None => serve(stream, &shared).await,
                    };
                });
            }
        });
        Ok(Self { url, shared })
    }

    /// Returns the number of received requests.
    #[must_use]
    pub fn received(&self) -> usize {
        self.shared.received.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn next(&self) -> Http2Fault {
        self.received.fetch_add(1, Ordering::SeqCst);
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        let last = script.first().cloned();
        let next = if script.len() > 1 { script.pop() } else { last };
        next.unwrap_or(Http2Fault::ResetStream)
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, shared: &Shared) -> io::Result<()> {
    stream.read_exact(&mut [0; PREFACE]).await?;
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let [high, middle, low, kind, flags, id @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, high, middle, low]) as usize];
        stream.read_exact(&mut payload).await?;
        let id = u32::from_be_bytes(id);
        match kind {
            SETTINGS if flags & ACK == 0 => stream.write_all(&frame(SETTINGS, ACK, 0, &[])).await?,
            PING if flags & ACK == 0 => stream.write_all(&frame(PING, ACK, 0, &payload)).await?,
            HEADERS => match shared.next() {
                Http2Fault::RefuseStream => stream.write_all(&reset(id, REFUSED_STREAM)).await?,
                Http2Fault::ResetStream => stream.write_all(&reset(id, INTERNAL_ERROR)).await?,
                Http2Fault::GoAwayBefore => stream.write_all(&go_away(id - 1)).await?,
                Http2Fault::GoAwayAfter => {
                    stream.write_all(&go_away(id)).await?;
                    return stream.shutdown().await;
                }
                Http2Fault::Created(body) => stream.write_all(&created(id, &body)).await?,
            },
            _ => {}
        }
    }
}

fn frame(kind: u8, flags: u8, id: u32, payload: &[u8]) -> Vec<u8> {
    let [_, high, middle, low] = (payload.len() as u32).to_be_bytes();
    let mut frame = vec![high, middle, low, kind, flags];
    frame.extend_from_slice(&id.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

fn reset(id: u32, code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, id, &code.to_be_bytes())
}

fn go_away(last: u32) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[last.to_be_bytes(), NO_ERROR.to_be_bytes()].concat())
}

/// Status and media type are literals without indexing (RFC 7541, section 6.2.2), with the names 8 and 31 of the static
/// table.
fn created(id: u32, body: &Value) -> Vec<u8> {
    let mut fields = vec![0x08, 3];
    fields.extend_from_slice(b"201");
    fields.extend_from_slice(&[0x0f, 31 - 15, 16]);
    fields.extend_from_slice(b"application/json");
    let mut frames = frame(HEADERS, END_HEADERS, id, &fields);
    frames.extend_from_slice(&frame(DATA, END_STREAM, id, body.to_string().as_bytes()));
    frames
}
