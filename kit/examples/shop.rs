//! A shop with a checkout, the customer portal, webhooks, a feature that only some customers have, and usage.
//!
//! Run it with the sandbox: `POLAR_ENVIRONMENT=sandbox POLAR_ACCESS_TOKEN=polar_oat_... POLAR_WEBHOOK_SECRET=whsec_...
//! EXPORT_BENEFIT=... cargo run -p polar-client-kit --example shop`.

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, get_service, post_service};
use polar_client::Polar;
use polar_client::uuid::Uuid;
use polar_client::webhooks::{Webhook, WebhookPayload, WebhookVerifier};
use polar_client_kit::CustomerKey;
use polar_client_kit::entitlements::EntitlementCache;
use polar_client_kit::routes::{CheckoutRedirect, PortalRedirect, RouteError, WebhookEndpoint};
use polar_client_kit::usage::{SpoolOptions, UsageEvent, UsageProblem, UsageRecorder};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let polar = Polar::from_env()?;
    let secret = std::env::var("POLAR_WEBHOOK_SECRET")?;
    let shop = Shop::open(&polar, std::env::var("EXPORT_BENEFIT")?.parse()?, "usage-spool")?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    let router = router(&polar, &secret, Arc::clone(&shop))?;
    axum::serve(listener, router).with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) }).await?;
    println!("{:?}", shop.usage.shutdown().await.metrics);
    Ok(())
}

/// What the handlers share.
pub(crate) struct Shop {
    pub(crate) usage: UsageRecorder,
    entitlements: EntitlementCache,
    /// The benefit that allows exports.
    export: Uuid,
}

impl Shop {
    pub(crate) fn open(polar: &Polar, export: Uuid, spool: &str) -> Result<Arc<Self>, Box<dyn Error>> {
        let usage = UsageRecorder::builder(polar).spool(SpoolOptions::new(spool)).on_problem(|problem| match problem {
            UsageProblem::Rejected { event, reason } => eprintln!("{:?} was rejected: {reason}", event.name()),
            UsageProblem::Failed { error, retry_in } => eprintln!("{error}; next attempt in {retry_in:?}"),
            problem => eprintln!("{problem:?}"),
        });
        let entitlements = EntitlementCache::builder(polar).build();
        Ok(Arc::new(Self { usage: usage.start()?, entitlements, export }))
    }
}

/// The routes `/checkout`, `/portal`, `/webhooks/polar` and `/export`.
pub(crate) fn router(polar: &Polar, secret: &str, shop: Arc<Shop>) -> Result<Router, Box<dyn Error>> {
    let checkout = CheckoutRedirect::new(polar).success_url("http://localhost:3000/");
    let portal = PortalRedirect::new(polar, |request: http::request::Parts| async move {
        Ok::<_, RouteError>(user(&request.headers).map(CustomerKey::from))
    });
    let cache = shop.entitlements.clone();
    let webhooks = WebhookEndpoint::new(WebhookVerifier::new(secret)?, move |webhook: Webhook<WebhookPayload>| {
        cache.apply(&webhook.event);
        async {}
    });
    Ok(Router::new()
        .route("/checkout", get_service(checkout))
        .route("/portal", get_service(portal))
        .route("/webhooks/polar", post_service(webhooks))
        .route("/export", get(export))
        .with_state(shop))
}

/// Runs an export for customers who have the benefit, and records it.
async fn export(State(shop): State<Arc<Shop>>, headers: HeaderMap) -> (StatusCode, &'static str) {
    let Some(user) = user(&headers) else { return (StatusCode::UNAUTHORIZED, "sign in first") };
    match shop.entitlements.get(user).await {
        Ok(entitlements) if entitlements.has_benefit(shop.export) => {}
        Ok(_) => return (StatusCode::PAYMENT_REQUIRED, "exports are part of the Pro plan"),
        Err(_) => return (StatusCode::SERVICE_UNAVAILABLE, "try again later"),
    }
    let event = UsageEvent::for_external_customer("export", user).metadata([("pages", 3)]);
    match shop.usage.record(event).await {
        Ok(()) => (StatusCode::OK, "the export"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "try again later"),
    }
}

/// Returns the user of the session. A real shop looks it up; here, the cookie is the user.
fn user(headers: &HeaderMap) -> Option<&str> {
    headers.get(COOKIE)?.to_str().ok()?.strip_prefix("user=")
}
