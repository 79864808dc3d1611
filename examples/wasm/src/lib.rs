//! A part of a shop that a JavaScript engine runs, for example as a Cloudflare Worker: it lists products, starts checkouts
//! and receives webhooks.
//!
//! The features of `polar-client` are those of other programs: with `reqwest`, requests are sent by `fetch` here.

use std::cell::RefCell;
use std::time::Duration;

use polar_client::models::CheckoutCreate;
use polar_client::runtime::RateLimiter;
use polar_client::webhooks::{
    Claim, Lease, MemoryReplayGuard, ReplayGuard as _, WebhookError, WebhookPayload, WebhookVerifier,
};
use polar_client::{Error, Polar};
use wasm_bindgen::prelude::*;
use web_sys::Headers;

/// How long the handler of a webhook may take before another delivery may claim its event.
const LEASE: Duration = Duration::from_secs(60);

/// The API side of the shop. Open one for each request to a Worker: a request can't wait for what another one began.
#[wasm_bindgen]
pub struct Shop {
    polar: Polar,
}

#[wasm_bindgen]
impl Shop {
    /// Opens the shop. `server` is the URL of the API, Polar's if it is undefined. The times are in milliseconds.
    #[wasm_bindgen(constructor)]
    pub fn new(
        access_token: String,
        server: Option<String>,
        attempt_timeout: u32,
        timeout: u32,
    ) -> Result<Self, JsError> {
        let mut polar = Polar::builder()
            .access_token(access_token)
            .rate_limiter(RateLimiter::per_minute(RateLimiter::PRODUCTION))
            .attempt_timeout(Duration::from_millis(attempt_timeout.into()))
            .timeout(Duration::from_millis(timeout.into()));
        if let Some(server) = server {
            polar = polar.base_url(server);
        }
        Ok(Self { polar: polar.build()? })
    }

    /// Returns the names of all products. The next page is fetched while the current one is read.
    pub async fn products(&self) -> Result<Vec<String>, JsError> {
        let mut products = self.polar.products().list().limit(2).items().prefetch();
        let mut names = Vec::new();
        while let Some(product) = products.next().await {
            names.push(product?.name);
        }
        Ok(names)
    }

    /// Returns the URL at which a user of the shop pays for a product.
    pub async fn checkout(&self, product: &str, user: &str) -> Result<String, JsError> {
        let checkout = CheckoutCreate::new([product.parse()?]).external_customer_id(user);
        Ok(self.polar.checkouts().create(checkout).await?.url)
    }

    /// Replaces the secret of a webhook endpoint, and returns the new one. The caller learns whether a failed call may
    /// have replaced it.
    #[wasm_bindgen(js_name = replaceSecret)]
    pub async fn replace_secret(&self, endpoint: &str) -> Result<String, JsError> {
        let endpoint = self.polar.webhooks().reset_endpoint_secret(endpoint.parse()?).await.map_err(explained)?;
        Ok(endpoint.secret.expose().to_owned())
    }
}

/// Receives webhooks. It is kept by the program and shared by all requests.
#[wasm_bindgen]
pub struct Inbox {
    verifier: WebhookVerifier,
    /// Events that this instance of the program handled. Implement `ReplayGuard` over a database to share them.
    handled: MemoryReplayGuard,
    /// Names of products that changed, as webhooks said.
    changed: RefCell<Vec<String>>,
}

#[wasm_bindgen]
impl Inbox {
    /// Creates an inbox for the endpoint with this secret.
    #[wasm_bindgen(constructor)]
    pub fn new(secret: String) -> Result<Self, JsError> {
        let (handled, changed) = Default::default();
        Ok(Self { verifier: WebhookVerifier::new(secret)?, handled, changed })
    }

    /// Receives a webhook: the bytes of its body as they came, and its headers. Returns the status to answer with.
    pub async fn receive(&self, body: Vec<u8>, headers: Headers) -> Result<u16, JsError> {
        let webhook = match self.verifier.verify(&body, pairs(&headers)) {
            Ok(webhook) => webhook,
            Err(_) => return Ok(401),
        };
        let event: WebhookPayload = match webhook.event() {
            Ok(event) => event,
            Err(WebhookError::Undecodable(_)) => return Ok(500),
            Err(error) => return Err(error.into()),
        };
        let lease = Lease::new(webhook.id(), LEASE);
        match self.handled.claim(&lease).await.map_err(failed)? {
            Claim::New => {}
            Claim::InProgress { .. } => return Ok(503),
            Claim::Done => return Ok(204),
        }
        if let WebhookPayload::ProductUpdated(event) = event {
            self.changed.borrow_mut().push(event.data.name);
        }
        self.handled.complete(&lease).await.map_err(failed)?;
        Ok(204)
    }

    /// Returns the names of the products that changed, in the order in which their webhooks came.
    #[wasm_bindgen(getter)]
    pub fn changed(&self) -> Vec<String> {
        self.changed.borrow().clone()
    }
}

fn pairs(headers: &Headers) -> impl Iterator<Item = (String, String)> {
    let entries = headers.entries().into_iter().flatten().map(|entry| {
        let text = |index| web_sys::js_sys::Reflect::get_u32(&entry, index).ok()?.as_string();
        Some((text(0)?, text(1)?))
    });
    entries.flatten()
}

fn failed(error: polar_client::runtime::BoxError) -> JsError {
    JsError::new(&error.to_string())
}

fn explained(error: Error) -> JsError {
    let outcome = if error.outcome_is_unknown() { "it may have been replaced" } else { "it was not replaced" };
    JsError::new(&format!("{error}; {outcome}"))
}
