//! The transport over `fetch`, for programs that a JavaScript engine runs.
//!
//! That of reqwest always follows redirects, reads bodies without a limit, and panics on a response without a URL.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use tokio::sync::oneshot;
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{self, Array, Reflect, Uint8Array};
use web_sys::wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    AbortController, Headers, ReadableStream, ReadableStreamDefaultReader, RequestInit, RequestRedirect, Response,
    WorkerGlobalScope,
};

use super::limits::{AnswerTooLarge, Exchanged, Limits, Slot, Slots};
use super::{PreparedRequest, TransportError, TransportErrorKind};
use crate::platform::{spawn, timeout};
use crate::redact;

/// Codes of node for a request that was not sent, because no connection was made. Other engines give no code.
const NO_CONNECTION: [&str; 4] = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"];

/// Codes of node for a rejected certificate.
const CERTIFICATES: [&str; 8] = [
    "CERT_HAS_EXPIRED",
    "CERT_NOT_YET_VALID",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

/// Sends requests through `fetch`. It owns no objects of the engine, so clients can be kept and shared.
pub(crate) struct FetchTransport {
    /// Maximum size of a response, in bytes.
    max_size: usize,
    slots: Slots,
}

impl FetchTransport {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { max_size: limits.max_size, slots: Slots::new(limits.max_concurrent) }
    }

    pub(super) fn slots(&self) -> &Slots {
        &self.slots
    }

    /// Fails if the engine has no `fetch`.
    pub(super) fn check(&self) -> Result<(), TransportError> {
        match Reflect::has(&js_sys::global(), &"fetch".into()) {
            Ok(true) => Ok(()),
            _ => Err(TransportError::runtime("the JavaScript engine has no `fetch`: pass a transport to the builder")),
        }
    }

    /// Sends the request, and returns when the whole response has been read.
    pub(super) async fn send(&self, request: PreparedRequest, slot: Slot) -> Exchanged {
        request.parsed_url()?;
        let (mut sender, receiver) = oneshot::channel();
        let max_size = self.max_size;
        // In a separate task, so that the request proceeds and its slot is released even if the caller polls something
        // else first. The task ends when the caller drops this future.
        let task = async move {
            let time = request.timeout;
            let mut exchange = pin!(timeout(time, exchange(request, max_size)));
            let exchanged = poll_fn(|cx| match sender.poll_closed(cx) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => exchange.as_mut().poll(cx).map(Some),
            });
            if let Some(exchanged) = exchanged.await {
                let exchanged = exchanged.unwrap_or_else(|| Err(TransportError::timeout("the attempt took too long")));
                // If the caller has gone, nobody wants the response.
                let _ = sender.send(exchanged);
            }
            drop(slot);
        };
        if spawn(Box::pin(task)).is_err() {
            return Ok(Err(TransportError::runtime("the JavaScript engine runs no tasks")));
        }
        Ok(receiver.await.unwrap_or_else(|error| Err(TransportError::other(error))))
    }
}

/// Cancels a request when it is dropped. It has no effect after the end of the response.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn exchange(request: PreparedRequest, max_size: usize) -> Result<http::Response<Bytes>, TransportError> {
    let failed = |error: JsValue| FetchError::of(&error, &request.url);
    let abort = Abort(AbortController::new().map_err(|error| failed(error).unclear())?);
    let init = RequestInit::new();
    init.set_method(request.operation.method.as_str());
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&abort.0.signal()));
    init.set_headers(headers(&request.headers).map_err(|error| failed(error).unclear())?.as_ref());
    if has_body(&request) {
        init.set_body(&Uint8Array::from(&*request.body));
    }
    // Only `fetch` is called, which every global object has.
    let global: WorkerGlobalScope = js_sys::global().unchecked_into();
    let sent = JsFuture::from(global.fetch_with_str_and_init(&request.url, &init)).await;
    let response: Response = sent.map_err(|error| failed(error).no_response())?.unchecked_into();

    // Browsers hide the status and the target of a redirect.
    let status = StatusCode::from_u16(response.status());
    let status = status.map_err(|_| TransportError::other("the server redirects, and the request is not repeated"))?;
    let mut answer = http::Response::new(());
    *answer.status_mut() = status;
    *answer.headers_mut() = headers_of(&response)?;
    let body = match response.body() {
        Some(stream) => read(&stream, max_size, failed).await?,
        None => Bytes::new(),
    };
    Ok(answer.map(|()| body))
}

/// Returns whether to pass a body. It may be empty, for which the API expects `Content-Length: 0`; `fetch` accepts no
/// body with GET.
fn has_body(request: &PreparedRequest) -> bool {
    let needs_one = [Method::POST, Method::PUT, Method::PATCH].contains(&request.operation.method);
    needs_one || !request.body.is_empty()
}

/// Converts the headers, except the length of the body, which `fetch` sets.
fn headers(headers: &HeaderMap) -> Result<Headers, JsValue> {
    let sent = Headers::new()?;
    for (name, value) in headers.iter().filter(|(name, _)| *name != CONTENT_LENGTH) {
        // One code unit for each byte.
        let value: String = value.as_bytes().iter().copied().map(char::from).collect();
        sent.append(name.as_str(), &value)?;
    }
    Ok(sent)
}

fn headers_of(response: &Response) -> Result<HeaderMap, TransportError> {
    let unreadable = || TransportError::other("a header of the response can't be read");
    let mut headers = HeaderMap::new();
    for entry in &response.headers().entries() {
        let entry: Array = entry.map_err(|_| unreadable())?.unchecked_into();
        let text = |index| entry.get(index).as_string().ok_or_else(unreadable);
        let bytes = |text: String| text.chars().map(|c| u8::try_from(c).ok()).collect::<Option<Vec<u8>>>();
        let name = HeaderName::try_from(text(0)?).map_err(|_| unreadable())?;
        let value = bytes(text(1)?).and_then(|bytes| HeaderValue::try_from(bytes).ok());
        headers.append(name, value.ok_or_else(unreadable)?);
    }
    Ok(headers)
}

/// Reads the whole body, unless it is larger than `max_size` bytes.
async fn read(
    stream: &ReadableStream,
    max_size: usize,
    failed: impl Fn(JsValue) -> FetchError,
) -> Result<Bytes, TransportError> {
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut body = Vec::new();
    loop {
        let step = JsFuture::from(reader.read()).await.map_err(|error| failed(error).unclear())?;
        let part = |name: &str| Reflect::get(&step, &name.into()).map_err(|error| failed(error).unclear());
        if part("done")?.is_truthy() {
            return Ok(body.into());
        }
        let chunk: Uint8Array = part("value")?.unchecked_into();
        if body.len() + chunk.length() as usize > max_size {
            return Err(TransportError::too_large(AnswerTooLarge(max_size)));
        }
        body.extend(chunk.to_vec());
    }
}

/// What `fetch` failed with: its message, and the code of the cause that node adds.
#[derive(Debug)]
struct FetchError {
    message: String,
    code: Option<String>,
}

impl FetchError {
    /// Reads an error of the engine. Some engines repeat the URL, which may hold a secret.
    fn of(error: &JsValue, url: &str) -> Self {
        let property = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok();
        let text = |of: &JsValue, name: &str| property(of, name).and_then(|value| value.as_string());
        let code = property(error, "cause").and_then(|cause| text(&cause, "code"));
        let message = text(error, "message").unwrap_or_else(|| "`fetch` failed".to_owned());
        Self { message: redact::text(&message.replace(url, "the URL")), code: code.as_deref().map(redact::name) }
    }

    /// There is no response.
    fn no_response(self) -> TransportError {
        let is_one_of = |codes: &[&str]| self.code.as_deref().is_some_and(|code| codes.contains(&code));
        let kind = if is_one_of(&NO_CONNECTION) {
            TransportErrorKind::Connect
        } else if is_one_of(&CERTIFICATES) {
            TransportErrorKind::Certificate
        } else {
            TransportErrorKind::Other
        };
        TransportError::new(kind, self)
    }

    /// The server may have acted on the request.
    fn unclear(self) -> TransportError {
        TransportError::other(self)
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{}: {code}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for FetchError {}
