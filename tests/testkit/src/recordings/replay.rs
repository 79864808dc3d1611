//! Replays recordings: the client's request, and its result for the response.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use polar_client::runtime::webhooks::{ID, TIMESTAMP};
use polar_client::webhooks::{WebhookPayload, WebhookSigner, WebhookVerifier};
use polar_client::{Error, ErrorBody, Polar, RetryPolicy};
use serde_json::Value;

use super::Recording;
use super::request::recorded_arguments;
use crate::arguments::arguments;
use crate::dispatch::{self, Arguments, Failure, Outcome, again};
use crate::document::{Document, Operation};
use crate::equal::{Rules, difference};
use crate::instance::{Extent, instance};
use crate::kept::{Kept, What};
use crate::server::{Asked, Exchange, Server, Told};

/// A token of an unknown kind, which the client accepts for any operation.
const TOKEN: &str = "a_token_of_former_times";

/// The result of a recording.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The unknown parts of the body, if the body is otherwise the same after a round trip; else why it can't be
    /// decoded, or how it differs.
    pub body: Result<Vec<Kept>, String>,
    /// The client's request; `None` for a webhook.
    pub sent: Option<Sent>,
}

/// The client's request if it is called with the arguments of a recorded request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The recorded request.
    Same,
    /// Another request, and how it differs.
    Other(String),
    /// None: the arguments do not have the types of the operation, or the client rejects them.
    Nothing(String),
}

/// Plays recordings through a server on the loopback interface.
pub struct Replayer {
    document: Document,
    server: Server,
    polar: Polar,
    next: Arc<Mutex<Told>>,
}

impl Replayer {
    /// Starts the server.
    ///
    /// # Errors
    /// No port is free, or the document can't be read.
    pub async fn start() -> Result<Self, String> {
        let next = Arc::new(Mutex::new(Told::empty(500)));
        let told = Arc::clone(&next);
        let reply = move |asked: &Asked| match asked.refusal() {
            Some(refusal) => refusal,
            None => told.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        };
        let server = Server::start(reply).await.map_err(|error| format!("can't listen: {error}"))?;
        let builder = Polar::builder().base_url(&server.url).access_token(TOKEN).without_token_check();
        let polar = builder.retry_policy(RetryPolicy::never()).build().map_err(|error| error.to_string())?;
        Ok(Self { document: Document::load()?, server, polar, next })
    }

    /// Replays a recording, with the properties of a newer server if `newer`. `None` if the document has no such
    /// operation.
    ///
    /// # Errors
    /// The recording contradicts itself.
    pub async fn play(&self, recording: &Recording, newer: bool) -> Result<Option<Replay>, String> {
        let body = recording.body(newer)?;
        if let Some(secret) = &recording.secret {
            let body = self.webhook(recording, secret, &body.unwrap_or_default(), newer);
            return Ok(Some(Replay { body, sent: None }));
        }
        let Some(operation) = self.document.operations().find(|operation| operation.id == recording.operation) else {
            return Ok(None);
        };
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = told(recording, body.as_ref());
        let (sent, outcome) = self.call(recording, &operation).await;
        let body = match outcome {
            Ok(again) if recording.is_success() => {
                self.lost(&body.unwrap_or_default(), &again.value).map(|()| again.kept)
            }
            Ok(_) => Err("the response is taken for a success".to_owned()),
            Err(Failure::Call(error)) if !recording.is_success() && error.status().is_some() => {
                self.error(recording.response.status, body.as_ref(), &error)
            }
            Err(failure) => Err(failure.to_string()),
        };
        Ok(Some(Replay { body, sent: Some(sent) }))
    }

    /// Returns the `Debug` text of the client's result for a recorded success or webhook. `None` for anything else.
    ///
    /// # Errors
    /// The recording contradicts itself.
    pub async fn shown(&self, recording: &Recording) -> Result<Option<String>, String> {
        let body = recording.body(false)?;
        if recording.secret.is_some() {
            let text = body.unwrap_or_default().to_string();
            let event = polar_client::runtime::codec::decode::<WebhookPayload>(text.as_bytes());
            return Ok(event.ok().map(|event| format!("{event:?}")));
        }
        let operation = self.document.operations().find(|operation| operation.id == recording.operation);
        let Some(operation) = operation.filter(|_| recording.is_success()) else { return Ok(None) };
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = told(recording, body.as_ref());
        let (_, outcome) = self.call(recording, &operation).await;
        Ok(outcome.ok().map(|again| again.shown))
    }

    /// Calls an operation with the recorded arguments, or with others if no request is sent for those.
    async fn call(&self, recording: &Recording, operation: &Operation<'_>) -> (Sent, Outcome) {
        let why = match recorded_arguments(&self.document, operation, &recording.request) {
            Err(why) => why,
            Ok(arguments) => {
                let outcome = dispatch::call(&self.polar, operation.id, &arguments).await;
                match (self.server.asked().as_slice(), outcome) {
                    ([asked], outcome) => return (self.sent(recording, operation, asked), outcome),
                    (_, Ok(_)) => "there is a response and not one request".to_owned(),
                    (_, Err(failure)) => failure.to_string(),
                }
            }
        };
        let body = operation.body().map(|(_, schema)| instance(&self.document, schema, Extent::Least));
        let arguments = Arguments { body, ..arguments(&self.document, operation, Extent::Least, 0) };
        let outcome = dispatch::call(&self.polar, operation.id, &arguments).await;
        self.server.asked();
        (Sent::Nothing(why), outcome)
    }

    /// Compares what was sent with what was recorded.
    fn sent(&self, recording: &Recording, operation: &Operation<'_>, asked: &Asked) -> Sent {
        let request = &recording.request;
        let exchange = Exchange::new(&request.method, &request.path, Told::empty(200)).query(&request.query);
        if !exchange.fits(asked) {
            return Sent::Other(format!("{} {}?{}", asked.method, asked.path, asked.query));
        }
        let Some(recorded) = request.body.as_ref().filter(|_| operation.body().is_some()) else { return Sent::Same };
        let rules = Rules { constants: &self.document.optional_constants(), ..Rules::default() };
        match serde_json::from_slice(&asked.body) {
            Ok(body) => difference(recorded, &body, rules).map_or(Sent::Same, Sent::Other),
            Err(error) => Sent::Other(format!("the body is not JSON: {error}")),
        }
    }

    /// Reads a response that is not a success.
    fn error(&self, status: u16, body: Option<&Value>, error: &Error) -> Result<Vec<Kept>, String> {
        if error.status().is_none_or(|found| found.as_u16() != status) {
            return Err(format!("another status: {error}"));
        }
        let Some(body) = body else {
            return match error.body() {
                ErrorBody::Absent => Ok(Vec::new()),
                _ => Err("a body out of nothing".to_owned()),
            };
        };
        if let ErrorBody::Documented(typed) = error.body() {
            let again = again(typed)?;
            return self.lost(body, &again.value).map(|()| again.kept);
        }
        // No schema documents it; its message is read anyway.
        let code = body["error"].as_str();
        if error.code() != code || error.detail().is_none() {
            return Err(format!("the words of {body} are not read"));
        }
        let what = What::Variant(code.map(str::to_owned));
        Ok(vec![Kept { path: String::new(), of: String::new(), what }])
    }

    /// Verifies a webhook and decodes it. With newer properties it is not what the server signed, so it is signed
    /// again.
    fn webhook(&self, recording: &Recording, secret: &str, body: &Value, newer: bool) -> Result<Vec<Kept>, String> {
        let header = |name: &str| recording.request.headers.get(name).and_then(Value::as_str).unwrap_or_default();
        let seconds = header(TIMESTAMP).parse().map_err(|error| format!("{TIMESTAMP}: {error}"))?;
        let time = UNIX_EPOCH + Duration::from_secs(seconds);
        let verifier = WebhookVerifier::new(secret).map_err(|error| error.to_string())?;
        let verified = if newer {
            let signer = WebhookSigner::with_whole_secret(secret).map_err(|error| error.to_string())?;
            let text = body.to_string();
            let headers = signer.sign(header(ID), time, &text).map_err(|error| error.to_string())?;
            verifier.verify_at(text, &headers, time)
        } else {
            let headers = recording.request.headers.iter();
            let headers = headers.filter_map(|(name, value)| Some((name, value.as_str()?)));
            verifier.verify_at(recording.request.body_text.clone().unwrap_or_default(), headers, time)
        };
        let event = verified.and_then(|verified| verified.event::<WebhookPayload>());
        let again = again(&event.map_err(|error| error.to_string())?)?;
        self.lost(body, &again.value).map(|()| again.kept)
    }

    /// Returns an error if a body differs after a round trip.
    fn lost(&self, came: &Value, went: &Value) -> Result<(), String> {
        let constants = self.document.optional_constants();
        let rules = Rules { nulls_merge: true, nulls_appear: true, constants: &constants };
        difference(came, went, rules).map_or(Ok(()), |lost| Err(format!("the round trip is lossy: {lost}")))
    }
}

impl Recording {
    fn is_success(&self) -> bool {
        (200..300).contains(&self.response.status)
    }
}

/// The recorded response.
fn told(recording: &Recording, body: Option<&Value>) -> Told {
    let headers = recording.response.headers.iter();
    let is_json = recording.response.headers.get("content-type").is_some_and(|media| media == "application/json");
    let body = match body {
        Some(Value::String(text)) if !is_json => text.clone(),
        Some(body) => body.to_string(),
        None => String::new(),
    };
    let told = Told { body: body.into_bytes(), ..Told::empty(recording.response.status) };
    headers.fold(told, |told, (name, value)| told.header(name, value.as_str().unwrap_or_default()))
}
