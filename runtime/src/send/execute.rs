//! The loop over the attempts of a call.

use std::future::Future;
use std::pin::pin;

use super::deadline::Deadline;
use super::notices;
use super::trace::CallSpan;
use crate::api::POLAR_VERSION;
use crate::auth::{AccessToken, kind_sent};
use crate::error::{ErrorInner, SentWith};
use crate::platform;
use crate::request::Request;
use crate::response::RawResponse;
use crate::transport::{InvalidRequest, Redirected, TransportError};

/// Sends the request, and retries it if that is safe and useful. A status other than 2xx is an error.
pub(crate) async fn execute(request: Request) -> Result<RawResponse, Box<ErrorInner>> {
    let span = CallSpan::of(&request);
    let outcome = span.around(attempts(&request, &span)).await;
    span.ended(&outcome);
    outcome
}

async fn attempts(request: &Request, span: &CallSpan) -> Result<RawResponse, Box<ErrorInner>> {
    let (client, time) = (request.client(), request.time());
    let timer = pin!(client.sender().timer(time));
    let mut deadline = Deadline::new(time, timer);
    let mut attempt = 1;
    // The error of the previous attempt explains more than that the time has ended meanwhile.
    let mut former = None;
    let mut token = None;
    let mut renewed = false;
    loop {
        let attempt_span = span.attempt(attempt);
        let result = attempt_span.around(once(request, &mut deadline, &mut token)).await;
        attempt_span.ended(&result);
        span.attempted(attempt, deadline.elapsed(), &result);
        let failure = match result {
            Ok(answer) => {
                client.retry_budget().put_back();
                return Ok(RawResponse { attempts: attempt, ..answer });
            }
            Err(failure) => failure.tried(attempt, request.is_idempotent()),
        };
        notices::of_failure(request, &failure);
        if failure.is_not_sent_in_time() {
            return Err(former.unwrap_or(failure));
        }
        // Nothing of the request was carried out, whatever its method. Try another token, once.
        if let (Some(refused), false) = (token.take().filter(|_| failure.is_invalid_token()), renewed) {
            renewed = match deadline.within(request.refresh(&refused)).await {
                Some(renewed) => renewed,
                None => Err(out_of_time(request, "the token provider")),
            }
            .map_err(|error| error.tried(attempt + 1, false))?;
            if renewed {
                attempt += 1;
                continue;
            }
        }
        if !failure.is_retryable() {
            return Err(failure);
        }
        let delay = request.retry().delay(attempt, failure.retry_after(), platform::random_fraction());
        let Some(delay) = delay.filter(|delay| *delay < deadline.left()) else { return Err(failure) };
        if !failure.is_paced_by_server() && !client.retry_budget().take() {
            return Err(failure.not_retried("not retried: the retry budget of the client is used up"));
        }
        if deadline.wait(delay, client.sender().sleep(delay)).await.is_none() {
            return Err(failure);
        }
        former = Some(failure);
        attempt += 1;
    }
}

/// Makes one attempt. `used` is set to its token.
async fn once<F: Future<Output = ()>>(
    request: &Request,
    deadline: &mut Deadline<'_, F>,
    used: &mut Option<AccessToken>,
) -> Result<RawResponse, Box<ErrorInner>> {
    let operation = request.operation();
    let client = request.client();
    let refused = |mistake: InvalidRequest| ErrorInner::request(operation, mistake.to_string());
    let failed = |time, error| ErrorInner::transport(operation, client.authority(), time, error);
    request.check().map_err(refused)?;
    let known = request.known_authorization().map_err(refused)?;
    client.sender().check().map_err(|error| failed(deadline.total(), error))?;
    deadline.within(client.acquire()).await.ok_or_else(|| out_of_time(request, "the rate limiter"))?;
    // A provider is called after the wait, during which an older token could expire.
    let authorization = match known {
        Some(known) => Some(known),
        None => {
            let provided = deadline.within(request.provided_authorization()).await;
            provided.ok_or_else(|| out_of_time(request, "the token provider"))??
        }
    };
    let mut wire = request.prepare(authorization.as_ref()).map_err(refused)?;
    *used = authorization.map(|authorization| authorization.token);
    // This is last, because a provider may send requests through the same transport.
    let slot = deadline.within(client.sender().slot()).await;
    let slot = slot.ok_or_else(|| out_of_time(request, &too_many_requests(request)))?;
    let slot = slot.map_err(|error| failed(deadline.total(), error))?;
    if deadline.left().is_zero() {
        return Err(out_of_time(request, "its turn"));
    }
    // If the call ends before the attempt would, the error names the timeout of the call.
    let time = if wire.timeout < deadline.left() { wire.timeout } else { deadline.total() };
    wire.timeout = wire.timeout.min(deadline.left());
    let sent_with = SentWith {
        api: client.api(),
        host: client.authority(),
        version: wire.headers.get(POLAR_VERSION).cloned(),
        token: kind_sent(&wire.headers),
        slashed_parameter: request.slashed_parameter(),
    };
    let sent = match deadline.within(client.sender().send(wire, slot)).await {
        Some(sent) => sent.map_err(refused)?,
        None => Err(TransportError::timeout("the timeout of the call has ended")),
    };
    let (parts, body) = sent.map_err(|error| failed(time, error))?.into_parts();
    let answer = RawResponse {
        operation,
        status: parts.status,
        headers: parts.headers,
        body,
        attempts: 1,
        request_body: request.body_for_idempotency(),
        was_redirected: parts.extensions.get::<Redirected>().is_some(),
    };
    notices::of_response(request, &answer);
    if answer.status.is_success() {
        return Ok(answer);
    }
    Err(ErrorInner::status(answer, &sent_with))
}

fn out_of_time(request: &Request, waited_for: &str) -> Box<ErrorInner> {
    ErrorInner::not_sent_in_time(request.operation(), request.time(), waited_for)
}

fn too_many_requests(request: &Request) -> String {
    match request.client().sender().max_concurrent() {
        Some(most) => format!("one of {most} requests to end, the maximum of concurrent requests"),
        None => "the transport".to_owned(),
    }
}
