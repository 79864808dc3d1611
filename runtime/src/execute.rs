//! The one way from a request to its answer.

use crate::answer::Answer;
use crate::error::Failure;
use crate::request::{POLAR_VERSION, Request};

/// Sends the request; a status other than 2xx is a failure.
pub(crate) async fn execute(request: Request) -> Result<Answer, Box<Failure>> {
    let operation = request.operation();
    let wire = request.to_http().map_err(|mistake| Failure::request(operation, mistake.to_string()))?;
    let version = wire.headers().get(POLAR_VERSION).cloned();
    let client = request.client();
    let response = client
        .transport()
        .send(wire)
        .await
        .map_err(|error| Failure::transport(operation, client.authority(), request.timeout_in_force(), error))?;
    let (parts, body) = response.into_parts();
    let answer = Answer { operation, status: parts.status, headers: parts.headers, body };
    if answer.status.is_success() { Ok(answer) } else { Err(Failure::status(answer, version)) }
}
