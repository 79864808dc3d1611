//! The one way from a request to its answer.

use std::time::{Duration, Instant};

use super::trace::Span;
use crate::api::POLAR_VERSION;
use crate::auth::{AccessToken, kind_sent};
use crate::error::{ErrorInner, SentWith};
use crate::request::Request;
use crate::response::RawResponse;
use crate::transport::InvalidRequest;

/// Sends the request, again where that is safe and of use; a status other than 2xx is a failure.
pub(crate) async fn execute(request: Request) -> Result<RawResponse, Box<ErrorInner>> {
    let span = Span::of(request.operation());
    span.around(tries(&request, &span)).await
}

async fn tries(request: &Request, span: &Span) -> Result<RawResponse, Box<ErrorInner>> {
    let client = request.client();
    let start = Instant::now();
    let mut attempt = 1;
    // A transport for tests does not really wait, but its waits count as if it did.
    let mut waited = Duration::ZERO;
    // A later try gets no more time than the policy leaves.
    let mut left = None;
    let mut token = None;
    let mut renewed = false;
    loop {
        let result = once(request, left, &mut token).await;
        span.tried(
            attempt,
            start.elapsed(),
            result.as_ref().map(RawResponse::status).map_err(|failure| failure.error_status()),
        );
        let failure = match result {
            Ok(answer) => return Ok(RawResponse { attempts: attempt, ..answer }),
            Err(failure) => failure.tried(attempt, request.is_idempotent()),
        };
        // Nothing of the request was carried out, whatever its method: another token may open the door. Once.
        if let (Some(refused), false) = (token.take().filter(|_| failure.is_invalid_token()), renewed) {
            renewed = request.refresh(&refused).await.map_err(|error| error.tried(attempt + 1, false))?;
            if renewed {
                attempt += 1;
                continue;
            }
        }
        if !failure.is_retryable() {
            return Err(failure);
        }
        let elapsed = start.elapsed().max(waited);
        let delay = request.retry().delay(attempt, elapsed, failure.retry_after(), fastrand::f64());
        let Some(delay) = delay else { return Err(failure) };
        drop(failure);
        client.sender().sleep(delay).await;
        waited = waited.saturating_add(delay);
        left = Some(request.retry().left(start.elapsed().max(waited)));
        attempt += 1;
    }
}

/// One try. `used` becomes the token that went along.
async fn once(
    request: &Request,
    left: Option<Duration>,
    used: &mut Option<AccessToken>,
) -> Result<RawResponse, Box<ErrorInner>> {
    let operation = request.operation();
    let client = request.client();
    let refused = |mistake: InvalidRequest| ErrorInner::request(operation, mistake.to_string());
    request.check().map_err(refused)?;
    let known = request.known_authorization().map_err(refused)?;
    client.acquire().await;
    // A provider is asked after the wait, in which an older token could expire.
    let authorization = match known {
        Some(known) => Some(known),
        None => request.provided_authorization().await?,
    };
    let mut wire = request.prepare(authorization.as_ref()).map_err(refused)?;
    *used = authorization.map(|authorization| authorization.token);
    let timeout = [wire.timeout, left].into_iter().flatten().min();
    wire.timeout = timeout;
    let sent_with = SentWith {
        api: client.api(),
        host: client.authority(),
        version: wire.headers.get(POLAR_VERSION).cloned(),
        token: kind_sent(&wire.headers),
        slashed_parameter: request.slashed_parameter(),
    };
    let sent = client.sender().send(wire).await.map_err(refused)?;
    let response = sent.map_err(|error| ErrorInner::transport(operation, client.authority(), timeout, error))?;
    let (parts, body) = response.into_parts();
    let answer = RawResponse { operation, status: parts.status, headers: parts.headers, body, attempts: 1 };
    if answer.status.is_success() {
        return Ok(answer);
    }
    Err(ErrorInner::status(answer, &sent_with))
}
