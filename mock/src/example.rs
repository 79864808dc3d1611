//! Complete and plausible responses and webhooks, for tests that set each reply.
//!
//! The values come from the document that the server of this crate contains anyway. Examples in generated code would be
//! a second copy of it in every program, even in those without tests.

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
/// A mistake panics at the call that makes it, so that a test fails there and not somewhere in the program.
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

/// A webhook as sent: headers with id, time and signature, and the signed body.
#[derive(Clone, Debug)]
pub struct SignedWebhook {
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature`.
    pub headers: HeaderMap,
    /// The body in JSON.
    pub body: String,
}

impl Example {
    /// Creates an example of the first documented success of an operation.
    ///
    /// # Panics
    /// Panics if the document has no such operation.
    #[must_use]
    #[track_caller]
    pub fn response(operation: &Operation) -> Self {
        let status = found(operation).first().map_or(204, |(status, _)| *status);
        Self::status(operation, status)
    }

    /// Creates an example of the documented response with a status, for example 404.
    ///
    /// # Panics
    /// Panics if the document has no such operation, or no such status for it.
    #[must_use]
    #[track_caller]
    pub fn status(operation: &Operation, status: u16) -> Self {
        let responses = found(operation);
        let Some((_, schema)) = responses.iter().find(|(listed, _)| *listed == status) else {
            let listed: Vec<u16> = responses.iter().map(|(status, _)| *status).collect();
            wrong(format_args!("`{}` has no status {status}; it has {listed:?}", operation.id))
        };
        let body = schema.map(example).unwrap_or_default();
        Self { name: operation.id.to_owned(), status, schema: *schema, body }
    }

    /// Creates an example of the payload of a webhook event, as in `order.paid`.
    ///
    /// # Panics
    /// Panics if the document has no such event.
    #[must_use]
    #[track_caller]
    pub fn webhook(event: &str) -> Self {
        let Some(schema) = document().webhook(event) else {
            let known: Vec<&str> = Self::webhooks().collect();
            wrong(format_args!("the event `{event}` does not exist; there are {known:?}"))
        };
        Self { name: event.to_owned(), status: 200, schema: Some(schema), body: example(schema) }
    }

    /// Returns the names of all webhook events.
    pub fn webhooks() -> impl Iterator<Item = &'static str> {
        document().webhooks()
    }

    /// Sets a value by its JSON pointer, as in `/items/0/status`.
    ///
    /// # Panics
    /// Panics if the pointer has no target, or if the document does not allow the value there.
    /// [`set_undocumented`](Self::set_undocumented) sets values of a newer API.
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

    /// Sets a value by its JSON pointer, whatever the document says. The object around it must exist.
    ///
    /// # Panics
    /// Panics if the pointer has no target.
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

    /// Returns the body. Null if there is none.
    #[must_use]
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// Signs the payload of a webhook with the secret of an endpoint, as if sent now with this `webhook-id`.
    ///
    /// # Panics
    /// Panics if the secret is invalid, or the id is not a valid header value.
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
        None => wrong(format_args!("the operation `{}` does not exist", operation.id)),
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

/// Shows the operation or event, and the body.
impl fmt::Debug for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Example")
            .field("of", &self.name)
            .field("status", &self.status)
            .field("body", &self.body)
            .finish()
    }
}
