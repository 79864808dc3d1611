//! The one way from a request to its answer.

use std::time::Instant;

use crate::answer::Answer;
use crate::error::Failure;
use crate::request::{POLAR_VERSION, Request};
use crate::trace::Span;

/// Sends the request, again where that is safe and of use; a status other than 2xx is a failure.
pub(crate) async fn execute(request: Request) -> Result<Answer, Box<Failure>> {
    let span = Span::of(request.operation());
    span.around(tries(&request, &span)).await
}

async fn tries(request: &Request, span: &Span) -> Result<Answer, Box<Failure>> {
    let client = request.client();
    let start = Instant::now();
    let mut attempt = 1;
    loop {
        let result = once(request).await;
        span.tried(attempt, start.elapsed(), result.as_ref().map(Answer::status).map_err(|failure| failure.refused()));
        let failure = match result {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure.sent(attempt, request.is_repeatable()),
        };
        if !failure.is_retryable() {
            return Err(failure);
        }
        let delay = request.retry().delay(attempt, start.elapsed(), failure.retry_after(), fastrand::f64());
        let Some(delay) = delay else { return Err(failure) };
        drop(failure);
        client.transport().sleep(delay).await;
        attempt += 1;
    }
}

async fn once(request: &Request) -> Result<Answer, Box<Failure>> {
    let operation = request.operation();
    let client = request.client();
    let token = request.token().await?;
    let wire = request.to_http(token.as_ref()).map_err(|mistake| Failure::request(operation, mistake.to_string()))?;
    client.turn().await;
    let version = wire.headers().get(POLAR_VERSION).cloned();
    let response = client
        .transport()
        .send(wire)
        .await
        .map_err(|error| Failure::transport(operation, client.authority(), request.timeout_in_force(), error))?;
    let (parts, body) = response.into_parts();
    let answer = Answer { operation, status: parts.status, headers: parts.headers, body };
    if answer.status.is_success() { Ok(answer) } else { Err(Failure::status(answer, version)) }
}
