//! A server on the loopback interface that does to each request what it was told, byte by byte.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// These bytes; the connection stays open.
    Answer(Vec<u8>),
    /// These bytes, and the end of the connection.
    Close(Vec<u8>),
    /// These bytes, and a reset of the connection (RST).
    Reset(Vec<u8>),
    /// These bytes, and then nothing until the client closes the connection.
    Stall(Vec<u8>),
}

impl Fault {
    /// A whole answer, with a status line's end such as `200 OK`, and header lines that each end in `\r\n`.
    #[must_use]
    pub fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Self {
        Self::Answer(message(status, headers, body.as_ref()))
    }

    /// A whole answer in JSON.
    #[must_use]
    pub fn json(status: &str, body: &serde_json::Value) -> Self {
        Self::answer(status, "content-type: application/json\r\n", body.to_string())
    }
}

/// The bytes of an answer.
#[must_use]
pub fn message(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
    message.extend_from_slice(body);
    message
}

/// The server. It ends with the runtime that it was started on.
#[derive(Clone)]
pub struct Faulty {
    /// Base URL.
    pub url: String,
    inner: Arc<Inner>,
}

/// What to do with a request: how many came before it, and its text.
type Script = Box<dyn Fn(usize, &str) -> Fault + Send + Sync>;

struct Inner {
    script: Script,
    asked: Mutex<Vec<String>>,
    connections: AtomicUsize,
    open: watch::Sender<usize>,
}

impl Faulty {
    /// Starts a server that does the first fault to the first request, and so on; the last one to all that follow.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(script: impl IntoIterator<Item = Fault>) -> io::Result<Self> {
        let script: Vec<Fault> = script.into_iter().collect();
        let silence = Fault::Stall(Vec::new());
        Self::answering(move |index, _| script.get(index).or(script.last()).unwrap_or(&silence).clone()).await
    }

    /// Starts a server that does what `script` says, which is told how many requests came before and this one's text.
    ///
    /// # Errors
    /// No port is free.
    pub async fn answering(script: impl Fn(usize, &str) -> Fault + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let inner = Arc::new(Inner {
            script: Box::new(script),
            asked: Mutex::default(),
            connections: AtomicUsize::default(),
            open: watch::Sender::new(0),
        });
        let shared = Arc::clone(&inner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                shared.open.send_modify(|open| *open += 1);
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    // A client that goes away in the middle is what many tests are about.
                    let _ = converse(stream, &shared).await;
                    shared.open.send_modify(|open| *open -= 1);
                });
            }
        });
        Ok(Self { url, inner })
    }

    /// The requests that came so far, each with head and body.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.inner.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many connections came about so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.inner.connections.load(Ordering::SeqCst)
    }

    /// Returns once a request has come.
    pub async fn got_one(&self) {
        while self.asked().is_empty() {
            tokio::task::yield_now().await;
        }
    }

    /// Returns once no connection is open any more.
    pub async fn all_closed(&self) {
        // The sender lives as long as `self`, so that waiting does not fail.
        let _ = self.inner.open.subscribe().wait_for(|open| *open == 0).await;
    }
}

impl Inner {
    /// Keeps a request and says what to do about it.
    fn take(&self, request: String) -> Fault {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = (self.script)(asked.len(), &request);
        asked.push(request);
        fault
    }
}

async fn converse(mut stream: TcpStream, inner: &Inner) -> io::Result<()> {
    let mut received = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut received).await? {
        match inner.take(request) {
            Fault::Answer(bytes) => stream.write_all(&bytes).await?,
            Fault::Close(bytes) => {
                stream.write_all(&bytes).await?;
                return stream.shutdown().await;
            }
            Fault::Reset(bytes) => {
                stream.write_all(&bytes).await?;
                return stream.set_zero_linger();
            }
            Fault::Stall(bytes) => {
                stream.write_all(&bytes).await?;
                while stream.read(&mut [0; 1024]).await? > 0 {}
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The next request with its body; nothing where the client has closed the connection.
async fn read_request(stream: &mut TcpStream, received: &mut Vec<u8>) -> io::Result<Option<String>> {
    loop {
        let text = String::from_utf8_lossy(received).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            let whole = head.len() + 4 + length.unwrap_or(0);
            if received.len() >= whole {
                let request = received.drain(..whole).collect();
                return Ok(Some(String::from_utf8(request).unwrap_or_default()));
            }
        }
        if stream.read_buf(received).await? == 0 {
            return Ok(None);
        }
    }
}
