//! The routes of a shop in actix-web. The services of `polar-client-kit`, and the endpoint for webhooks, are tower services:
//! [`respond`] makes a handler of any of them.

use std::convert::Infallible;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, PayloadConfig, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, error};
use axum_core::body::Body;
use http::{HeaderName, HeaderValue, Method, Uri, header, request};
use http_body_util::BodyExt as _;
use polar_client::Polar;
use polar_client::webhooks::{Webhook, WebhookPayload, WebhookVerifier};
use polar_client_kit::CustomerKey;
use polar_client_kit::routes::{CheckoutRedirect, PortalRedirect, RouteError, WebhookEndpoint};
use tower_service::Service;

/// The largest webhook, in bytes, that is received.
const LARGEST_WEBHOOK: usize = 1 << 20;

/// What the shop keeps. A real one has a pool of database connections here.
#[derive(Clone, Default)]
pub struct Orders(Arc<Mutex<Vec<String>>>);

impl Orders {
    /// Returns the paid orders, in the order in which their webhooks came.
    pub fn paid(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn pay(&self, order: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(order);
    }
}

/// Returns the routes `/checkout`, `/portal` and `/webhooks/polar`, as an argument of `App::configure`. Call it once, and
/// not for each worker: the endpoint for webhooks remembers which events were handled.
pub fn routes(
    polar: &Polar,
    webhook_secret: &str,
    orders: Orders,
) -> Result<impl Fn(&mut ServiceConfig) + Clone + Send + 'static, Box<dyn Error>> {
    let checkout = CheckoutRedirect::new(polar).success_url("https://shop.example/thanks");
    let portal = PortalRedirect::new(polar, |request| async move { Ok::<_, RouteError>(user(&request)) });
    let verifier = WebhookVerifier::new(webhook_secret)?;
    let webhooks = WebhookEndpoint::new(verifier, move |webhook: Webhook<WebhookPayload>| {
        let orders = orders.clone();
        async move {
            if let WebhookPayload::OrderPaid(event) = webhook.event {
                orders.pay(event.data.id.to_string());
            }
        }
    });
    Ok(move |config: &mut ServiceConfig| {
        let (checkout, portal, webhooks) = (checkout.clone(), portal.clone(), webhooks.clone());
        config
            .app_data(PayloadConfig::new(LARGEST_WEBHOOK))
            .route("/checkout", web::get().to(move |request, body| respond(checkout.clone(), request, body)))
            .route("/portal", web::get().to(move |request, body| respond(portal.clone(), request, body)))
            .route("/webhooks/polar", web::post().to(move |request, body| respond(webhooks.clone(), request, body)));
    })
}

/// The user of the session. A real shop verifies its cookie.
fn user(request: &request::Parts) -> Option<CustomerKey> {
    let cookie = request.headers.get(header::COOKIE)?.to_str().ok()?;
    Some(CustomerKey::from(cookie.strip_prefix("user=")?))
}

/// Passes a request of actix-web to a tower service, and its response back. actix-web has another version of the crate
/// `http`, so that methods, URIs and headers are converted.
pub async fn respond<S>(mut service: S, request: HttpRequest, body: Bytes) -> actix_web::Result<HttpResponse>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
{
    let mut converted = http::Request::new(Body::from(body));
    let method = Method::from_bytes(request.method().as_str().as_bytes());
    *converted.method_mut() = method.map_err(error::ErrorBadRequest)?;
    *converted.uri_mut() = Uri::try_from(request.uri().to_string()).map_err(error::ErrorBadRequest)?;
    for (name, value) in request.headers() {
        let name = HeaderName::from_bytes(name.as_ref()).map_err(error::ErrorBadRequest)?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(error::ErrorBadRequest)?;
        converted.headers_mut().append(name, value);
    }

    let Ok(response) = service.call(converted).await;
    let (head, body) = response.into_parts();
    let status = StatusCode::from_u16(head.status.as_u16()).map_err(error::ErrorInternalServerError)?;
    let mut answer = HttpResponse::build(status);
    for (name, value) in &head.headers {
        answer.append_header((name.as_str(), value.as_bytes()));
    }
    let body = body.collect().await.map_err(error::ErrorInternalServerError)?;
    Ok(answer.body(body.to_bytes()))
}
