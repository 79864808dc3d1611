//! The transport over a `reqwest::Client`.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::limits::{AnswerTooLarge, Exchanged, Limits, Slot, Slots};
use super::one_shot::{Begun, OneShot};
use super::runtimes::ClientPerRuntime;
use super::{InvalidRequest, PreparedRequest, Redirected, TransportError, classify, tls};
use crate::futures::BoxError;
use crate::platform::timer;

/// Sends requests through reqwest.
pub(crate) struct ReqwestTransport {
    clients: Clients,
    /// Maximum size of a response in bytes.
    max_size: usize,
    slots: Slots,
}

/// The source of the `reqwest::Client` of a request.
enum Clients {
    /// Built by this crate, so that no layer below retries or redirects.
    Built(ClientPerRuntime),
    /// Given by the caller.
    Given { client: reqwest::Client, follows_redirects: bool },
}

/// Returns a builder of clients as the built-in transport uses them: with the TLS of the enabled features, without
/// redirects, without retries, and over HTTP/1.1 only unless the feature `http2` is enabled. Set a proxy, certificates or DNS on it and pass the client to
/// [`Builder::reqwest_client`](crate::Builder::reqwest_client).
///
/// `reqwest::Client::new` takes the TLS that features of the crate `reqwest` choose, and panics if there is no
/// cryptography among them.
///
/// # Errors
/// The system has no CA certificates, or rustls has no cryptography (feature `rustls-no-provider`).
pub fn reqwest_client_builder() -> Result<reqwest::ClientBuilder, BoxError> {
    Ok(tls::backend()?(plain_builder()))
}

/// Neither follows redirects nor retries: a redirect would carry the body or the token elsewhere, and retries are counted
/// by the caller. HTTP/2 is used only with the feature whose code knows its errors.
fn plain_builder() -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).retry(reqwest::retry::never());
    if cfg!(feature = "http2") { builder } else { builder.http1_only() }
}

impl ReqwestTransport {
    /// Uses the caller's client, with its settings.
    pub(crate) fn given(client: reqwest::Client, limits: Limits) -> Self {
        let follows_redirects = follows_redirects(&client);
        Self::new(Clients::Given { client, follows_redirects }, limits)
    }

    /// Builds its own clients.
    pub(crate) fn built(connect_timeout: Duration, limits: Limits) -> Result<Self, BoxError> {
        let tls = tls::backend()?;
        let clients = ClientPerRuntime::new(move || tls(plain_builder()).connect_timeout(connect_timeout).build())?;
        Ok(Self::new(Clients::Built(clients), limits))
    }

    fn new(clients: Clients, limits: Limits) -> Self {
        Self { clients, max_size: limits.max_size, slots: Slots::new(limits.max_concurrent) }
    }

    pub(super) fn slots(&self) -> &Slots {
        &self.slots
    }

    /// Sends the request and returns the whole response.
    pub(super) async fn send(&self, mut wire: PreparedRequest, slot: Slot) -> Exchanged {
        let runtime = match Handle::try_current() {
            Ok(runtime) => runtime,
            Err(error) => return Ok(Err(TransportError::runtime(error))),
        };
        let body = std::mem::take(&mut wire.body);
        let is_empty = body.is_empty();
        let mut request = wire.into_reqwest()?;
        let mut traces = Traces::default();
        let client = match &self.clients {
            Clients::Built(clients) => {
                *request.body_mut() = Some(body.into());
                match clients.get(&runtime) {
                    Ok(client) => client,
                    Err(error) => return Ok(Err(TransportError::runtime(error))),
                }
            }
            Clients::Given { client, follows_redirects } => {
                let body = OneShot::new(body, traces.begun.clone());
                *request.body_mut() = Some(reqwest::Body::wrap(body));
                traces.may_move = *follows_redirects;
                traces.is_hidden = traces.may_move && is_empty && !request.method().is_idempotent();
                client.clone()
            }
        };
        let exchange = exchange(client, self.max_size, request, traces);
        // A separate task, so that the request makes progress and frees its slot even if the caller does something else
        // before it polls the response, for example while it fetches a page ahead.
        let task = runtime.spawn(async move {
            let exchanged = exchange.await;
            drop(slot);
            exchanged
        });
        Task(task).finish().await
    }

    /// Checks that a request can be sent from the caller's runtime.
    pub(super) fn check(&self) -> Result<(), TransportError> {
        timer(Duration::ZERO).map(drop).map_err(TransportError::runtime)
    }
}

/// Shows afterwards how far a request got.
#[derive(Default)]
struct Traces {
    begun: Begun,
    /// Whether the client may have followed a redirect.
    may_move: bool,
    /// Whether the request may have been sent before a redirect, which `begun` does not show.
    is_hidden: bool,
}

/// Returns whether the client follows redirects. reqwest shows this only in its `Debug` output. If that output has
/// another format, the answer is yes.
fn follows_redirects(client: &reqwest::Client) -> bool {
    !format!("{client:?}").contains(r#"redirect_policy: "Policy(None)""#)
}

/// A task that is aborted together with the future that waits for it.
struct Task(JoinHandle<Exchanged>);

impl Task {
    async fn finish(mut self) -> Exchanged {
        match (&mut self.0).await {
            Ok(exchanged) => exchanged,
            Err(error) => Ok(Err(TransportError::other(error))),
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn exchange(client: reqwest::Client, max_size: usize, request: reqwest::Request, traces: Traces) -> Exchanged {
    let asked = traces.may_move.then(|| request.url().clone());
    match client.execute(request).await {
        Ok(response) => {
            let has_moved = asked.is_some_and(|url| url != *response.url());
            Ok(receive(response, max_size, has_moved).await)
        }
        // It could not be converted into an HTTP request.
        Err(error) if error.is_builder() && !traces.may_move => {
            Err(InvalidRequest(TransportError::other(error.without_url()).root_cause()))
        }
        Err(error) => {
            let was_begun = traces.begun.get() || traces.is_hidden;
            Ok(Err(classify::no_response(error, was_begun, traces.may_move)))
        }
    }
}

/// Reads the whole response. Returns an error if it is larger than `max_size` bytes.
async fn receive(
    mut response: reqwest::Response,
    max_size: usize,
    has_moved: bool,
) -> Result<http::Response<Bytes>, TransportError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > max_size as u64 {
        return Err(TransportError::too_large(AnswerTooLarge(max_size)));
    }
    let mut answer = http::Response::new(());
    *answer.status_mut() = response.status();
    *answer.version_mut() = response.version();
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    if has_moved {
        answer.extensions_mut().insert(Redirected);
    }

    // Most responses come in one piece, which need not be copied.
    let mut first = Bytes::new();
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(classify::broken_response)? {
        if first.len() + body.len() + chunk.len() > max_size {
            return Err(TransportError::too_large(AnswerTooLarge(max_size)));
        }
        if first.is_empty() && body.is_empty() {
            first = chunk;
            continue;
        }
        if body.is_empty() {
            body.reserve(announced as usize);
            body.extend_from_slice(&std::mem::take(&mut first));
        }
        body.extend_from_slice(&chunk);
    }
    let body = if body.is_empty() { first } else { body.freeze() };
    Ok(answer.map(|()| body))
}
