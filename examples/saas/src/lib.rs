//! A shop that bills through Polar.
//!
//! | module | what it does |
//! |---|---|
//! | [`config`] | which Polar the shop talks to, and what it sets up there |
//! | [`store`] | the database: users, sessions, orders |
//! | [`webhooks`] | the handlers of webhook events |
//! | [`routes`] | what the shop does when a user wants something |
//! | [`pages`] | the HTML |

pub mod config;
pub mod pages;
pub mod routes;
pub mod store;
pub mod webhooks;

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::http::request::Parts;
use axum::routing::{get, get_service, post, post_service};
use polar_client::Polar;
use polar_client::oauth2::OAuthClient;
use polar_client::webhooks::{WebhookEndpoint, WebhookReceiver, WebhookVerifier};
use polar_client_kit::CustomerKey;
use polar_client_kit::entitlements::EntitlementCache;
use polar_client_kit::routes::{Login, PortalRedirect};
use polar_client_kit::usage::UsageRecorder;

pub use config::Config;
use store::Store;

/// The state that the handlers share.
pub struct Shop {
    /// The client that acts for the shop.
    pub polar: Polar,
    /// The database.
    pub store: Store,
    /// The entitlements of each user.
    pub entitlements: EntitlementCache,
    /// Sends recorded usage in the background.
    pub usage: UsageRecorder,
    /// The URL at which browsers reach the shop.
    pub url: String,
    /// E-mail address of the user who sees the admin page.
    pub admin: String,
    oauth: OAuthClient,
    verifier: Option<WebhookVerifier>,
}

impl Shop {
    /// Sets up all parts of the shop.
    pub async fn open(config: &Config) -> Result<Arc<Self>, Box<dyn Error + Send + Sync>> {
        Ok(Arc::new(Self {
            polar: config.polar.clone(),
            store: config.store.clone(),
            entitlements: EntitlementCache::builder(&config.polar).build(),
            usage: UsageRecorder::builder(&config.polar).start()?,
            url: config.url.clone(),
            admin: config.admin.clone(),
            oauth: config.oauth().await?,
            verifier: config.webhooks().await?,
        }))
    }
}

/// All routes of the shop.
pub fn router(shop: &Arc<Shop>, config: &Config) -> Result<Router, Box<dyn Error + Send + Sync>> {
    let login = Login::new(shop.oauth.clone(), "openid email", shop.store.clone())
        .after("/account")
        .on_error(|error| eprintln!("login: {error}"));
    let store = shop.store.clone();
    let portal = PortalRedirect::new(&shop.polar, move |request: Parts| {
        let user = store.user(&request.headers);
        async move { user.map(|user| user.map(|user| CustomerKey::from(user.id))) }
    });
    let portal = portal.return_url(format!("{}/account", shop.url)).sign_in_url("/login");
    let mut router = Router::new()
        .route("/", get(routes::pricing))
        .route("/checkout", post(routes::checkout))
        .route("/welcome", get(routes::welcome))
        .route("/account", get(routes::account))
        .route("/use", post(routes::use_api))
        .route("/pro", get(routes::pro))
        .route("/admin", get(routes::admin))
        .route("/admin/refund", post(routes::refund))
        .route("/logout", post(routes::logout))
        .route("/style.css", get(pages::style))
        .route("/login", get_service(login.start_route()))
        .route("/callback", get_service(login.callback_route()))
        .route("/portal", get_service(portal));
    if let Some(verifier) = &shop.verifier {
        let shop = Arc::clone(shop);
        let receiver = WebhookReceiver::new(verifier.clone()).replay_guard(config.store.replay_guard()?);
        let endpoint = WebhookEndpoint::new(receiver, move |webhook| webhooks::handle(webhook, Arc::clone(&shop)))
            .on_rejection(|rejection| eprintln!("webhook: {rejection}"));
        router = router.route("/webhooks/polar", post_service(endpoint));
    }
    Ok(router.with_state(Arc::clone(shop)))
}
