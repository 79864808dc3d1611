//! Complete and plausible responses and webhooks, for tests that tell each reply.
//!
//! The values come from the document that the server of this crate compiles in anyway. Examples written by the generator
//! would be a second copy of it in every program, also in those that never test.

use std::fmt;
use std::time::SystemTime;

use polar_client_runtime::Operation;
use polar_client_runtime::http::HeaderMap;
use polar_client_runtime::mock::Reply;
use polar_client_runtime::webhooks::WebhookSigner;
use serde_json::Value;

use crate::document::{Document, document};
use crate::shape::example;
use crate::validate::problems_of;

/// A response of an operation, or the payload of a webhook: complete, plausible, and valid by the document.
///
/// A mistake panics where it is made, so that a test fails there and not somewhere in the program.
///
/// ```
/// use polar_mock::Example;
/// # use polar_client_runtime::http::Method;
/// # use polar_client_runtime::{Idempotency, Operation};
/// # const CHECKOUTS_GET: Operation = Operation {
/// #     id: "checkouts:get", method: Method::GET, path: "/v1/checkouts/{id}", security: &[],
/// #     accept: "application/json", idempotency: Idempotency::ByMethod,
/// # };
/// # use polar_client_runtime::mock::MockTransport;
///
/// let mock = MockTransport::new();
/// // `CheckoutsGetRequest::OPERATION` of the generated crate.
/// mock.on(&CHECKOUTS_GET, Example::response(&CHECKOUTS_GET).set("/status", "succeeded"));
/// ```
#[derive(Clone)]
pub struct Example {
    name: String,
    status: u16,
    schema: Option<&'static Value>,
    body: Value,
}

/// A webhook as it is sent: headers with id, time and signature, and the body that is signed.
#[derive(Clone, Debug)]
pub struct SignedWebhook {
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature`.
    pub headers: HeaderMap,
    /// The body in JSON.
    pub body: String,
}

impl Example {
    /// The first documented success of an operation.
    ///
    /// # Panics
    /// The document has no such operation.
    #[must_use]
    #[track_caller]
    pub fn response(operation: &Operation) -> Self {
        let status = found(operation).first().map_or(204, |(status, _)| *status);
        Self::status(operation, status)
    }

    /// The documented response with a status, as in 404.
    ///
    /// # Panics
    /// The document has no such operation, or lists no such status for it.
    #[must_use]
    #[track_caller]
    pub fn status(operation: &Operation, status: u16) -> Self {
        let responses = found(operation);
        let Some((_, schema)) = responses.iter().find(|(listed, _)| *listed == status) else {
            let listed: Vec<u16> = responses.iter().map(|(status, _)| *status).collect();
            wrong(format_args!("`{}` has no status {status}, but {listed:?}", operation.id))
        };
        let body = schema.map(example).unwrap_or_default();
        Self { name: operation.id.to_owned(), status, schema: *schema, body }
    }

    /// The payload of a webhook event, as in `order.paid`.
    ///
    /// # Panics
    /// The document has no such event.
    #[must_use]
    #[track_caller]
    pub fn webhook(event: &str) -> Self {
        let Some(schema) = document().webhook(event) else {
            let known: Vec<&str> = Self::webhooks().collect();
            wrong(format_args!("there is no event `{event}`, but {known:?}"))
        };
        Self { name: event.to_owned(), status: 200, schema: Some(schema), body: example(schema) }
    }

    /// The names of all webhook events.
    pub fn webhooks() -> impl Iterator<Item = &'static str> {
        document().webhooks()
    }

    /// Sets a value by its JSON pointer, as in `/items/0/status`.
    ///
    /// # Panics
    /// The pointer leads nowhere, or the document does not allow the value there.
    /// [`set_undocumented`](Self::set_undocumented) sets values that only a newer API has.
    #[must_use]
    #[track_caller]
    pub fn set(self, pointer: &str, value: impl Into<Value>) -> Self {
        let example = self.set_undocumented(pointer, value);
        let problems = example.schema.map(|schema| problems_of(schema, &example.body)).unwrap_or_default();
        if let Some(problem) = problems.first() {
            wrong(format_args!(
                "`{}` at {}: {}",
                example.name,
                problem["loc"],
                problem["msg"].as_str().unwrap_or_default()
            ));
        }
        example
    }

    /// Sets a value by its JSON pointer, whatever the document says. The object around it has to exist.
    ///
    /// # Panics
    /// The pointer leads nowhere.
    #[must_use]
    #[track_caller]
    pub fn set_undocumented(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
        let name = name.replace("~1", "/").replace("~0", "~");
        match self.body.pointer_mut(parent) {
            Some(Value::Object(members)) if pointer.starts_with('/') => {
                members.insert(name, value.into());
            }
            Some(Value::Array(items)) if name.parse::<usize>().is_ok_and(|index| index < items.len()) => {
                items[name.parse::<usize>().unwrap_or_default()] = value.into();
            }
            _ => wrong(format_args!("`{}` has nothing at `{pointer}`: {}", self.name, self.body)),
        }
        self
    }

    /// The body; null if there is none.
    #[must_use]
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// Signs the payload of a webhook with the secret of an endpoint, as sent now with this `webhook-id`.
    ///
    /// # Panics
    /// The secret can't work, or the id can't be a header.
    #[must_use]
    #[track_caller]
    pub fn sign(&self, secret: &str, id: &str) -> SignedWebhook {
        let body = self.body.to_string();
        let headers = WebhookSigner::new(secret).and_then(|signer| signer.sign(id, SystemTime::now(), &body));
        match headers {
            Ok(headers) => SignedWebhook { headers, body },
            Err(error) => wrong(format_args!("`{}` can't be signed: {error}", self.name)),
        }
    }
}

/// The documented responses of an operation.
#[track_caller]
fn found(operation: &Operation) -> Vec<(u16, Option<&'static Value>)> {
    let document: &'static Document = document();
    match document.operation(operation.id) {
        Some(operation) => operation.responses().collect(),
        None => wrong(format_args!("there is no operation `{}`", operation.id)),
    }
}

#[track_caller]
#[allow(clippy::panic, reason = "an example is part of a test, and a test with a mistake has to fail at once")]
fn wrong(what: fmt::Arguments<'_>) -> ! {
    panic!("the example is wrong: {what}")
}

impl From<Example> for Reply {
    #[track_caller]
    fn from(example: Example) -> Self {
        match example.schema {
            Some(_) => Self::json(example.status, &example.body),
            None => Self::empty(example.status),
        }
    }
}

/// Shows what it is an example of, and the body.
impl fmt::Debug for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Example")
            .field("of", &self.name)
            .field("status", &self.status)
            .field("body", &self.body)
            .finish()
    }
}
