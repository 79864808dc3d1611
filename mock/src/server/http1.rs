//! HTTP/1.1, one connection at a time: so small that a test can control every byte.

use std::io;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Asked, Fault, Inner, Reply};

/// Separates the head and the body.
const BLANK_LINE: &[u8] = b"\r\n\r\n";

/// Responds to all requests of a connection.
pub(super) async fn serve(mut stream: TcpStream, inner: &Inner) -> io::Result<()> {
    let mut received = Vec::new();
    while let Some(asked) = next(&mut stream, &mut received).await? {
        let fault = match inner.take(asked) {
            Reply::Told(told) => Fault::Answer(told.to_bytes()),
            Reply::Late(delay, told) => {
                tokio::time::sleep(delay).await;
                Fault::Answer(told.to_bytes())
            }
            Reply::Fault(fault) => fault,
        };
        match fault {
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

/// Returns the next request with its body. `None` after the client has closed the connection.
async fn next(stream: &mut TcpStream, received: &mut Vec<u8>) -> io::Result<Option<Asked>> {
    loop {
        if let Some(end) = received.windows(BLANK_LINE.len()).position(|window| window == BLANK_LINE) {
            let (mut asked, length) = head(&received[..end])?;
            let whole = end + BLANK_LINE.len() + length;
            if received.len() >= whole {
                asked.body = received.drain(..whole).skip(end + BLANK_LINE.len()).collect();
                return Ok(Some(asked));
            }
        }
        if stream.read_buf(received).await? == 0 {
            return Ok(None);
        }
    }
}

/// Returns a request without its body, and the length of the body.
fn head(bytes: &[u8]) -> io::Result<(Asked, usize)> {
    let malformed = |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("malformed request: {what}"));
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("no text"))?;
    let mut lines = text.split("\r\n");
    let line: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    let [method, target, _] = line.as_slice() else { return Err(malformed("request line")) };
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').ok_or_else(|| malformed("header"))?;
        let name = HeaderName::try_from(name).map_err(|_| malformed("name of a header"))?;
        let value = HeaderValue::try_from(value.trim()).map_err(|_| malformed("value of a header"))?;
        headers.append(name, value);
    }
    if headers.contains_key("transfer-encoding") {
        return Err(malformed("bodies in chunks are not taken"));
    }
    let length = match headers.get("content-length") {
        Some(length) => length.to_str().ok().and_then(|text| text.parse().ok()).ok_or_else(|| malformed("length"))?,
        None => 0,
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (method, path, query) = ((*method).to_owned(), path.to_owned(), query.to_owned());
    Ok((Asked { version: Version::HTTP_11, method, path, query, headers, body: Vec::new() }, length))
}
