//! Routes of a shop, as services for axum and tower.
//!
//! | service | what it does |
//! |---|---|
//! | [`CheckoutRedirect`] | creates a checkout from the query and sends the browser there |
//! | [`PortalRedirect`] | sends the signed-in customer to the customer portal |
//! | [`Login`] | signs users in with Polar: a route that begins and one that ends it |
//! | [`WebhookEndpoint`] | verifies webhooks and handles each event at least once; it is part of `polar-client` |
//!
//! Each is a [`tower_service::Service`] for requests with any body, except the webhook endpoint, which reads axum's. In
//! axum, `get_service` and `post_service` make a route of a service:
//!
//! ```
//! use axum::Router;
//! use axum::routing::{get_service, post_service};
//! use polar_client::Polar;
//! use polar_client::webhooks::{Webhook, WebhookPayload, WebhookVerifier};
//! use polar_client_kit::CustomerKey;
//! use polar_client_kit::routes::{CheckoutRedirect, PortalRedirect, RouteError, WebhookEndpoint};
//!
//! # fn user_of(_: &http::HeaderMap) -> Option<CustomerKey> { None }
//! fn routes(polar: &Polar, verifier: WebhookVerifier) -> Router {
//!     let checkout = CheckoutRedirect::new(polar).success_url("https://shop.example/thanks");
//!     let portal = PortalRedirect::new(polar, |request: http::request::Parts| async move {
//!         // The user of your session.
//!         Ok::<_, RouteError>(user_of(&request.headers))
//!     });
//!     let webhooks = WebhookEndpoint::new(verifier, |webhook: Webhook<WebhookPayload>| async move {
//!         println!("{:?}", webhook.event.timestamp());
//!     });
//!     Router::new()
//!         .route("/checkout", get_service(checkout))
//!         .route("/portal", get_service(portal))
//!         .route("/webhooks/polar", post_service(webhooks))
//! }
//! ```
//!
//! # Other frameworks
//!
//! [`CheckoutRedirect::url`], [`PortalRedirect::url`], [`Login::start`] and [`Login::finish`] do the same without a
//! framework. In actix-web, for instance:
//!
//! ```text
//! async fn checkout(request: HttpRequest, checkout: Data<CheckoutRedirect>) -> HttpResponse {
//!     match checkout.url(request.query_string()).await {
//!         Ok(url) => HttpResponse::SeeOther().insert_header(("location", url)).finish(),
//!         Err(error) => HttpResponse::build(StatusCode::from_u16(error.status().as_u16()).unwrap()).body(error.to_string()),
//!     }
//! }
//! ```

use std::pin::Pin;
use std::sync::Arc;

mod checkout;
mod error;
mod login;
mod portal;
mod service;

pub use checkout::{CheckoutRedirect, Theme};
pub use error::RouteError;
pub use login::{Login, LoginCallback, LoginStart, SessionStore, StartedLogin};
#[doc(no_inline)]
pub use polar_client::webhooks::WebhookEndpoint;
pub use portal::PortalRedirect;

/// Gets each error that a route responds with.
type Report = Arc<dyn Fn(&RouteError) + Send + Sync>;

/// A boxed future that may move between threads.
type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
