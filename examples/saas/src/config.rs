//! The Polar that the shop uses, and what the shop registers there.

use std::error::Error;

use polar_client::models::{WebhookEndpointCreate, WebhookEventType, WebhookFormat};
use polar_client::oauth2::{ClientCredentials, OAuthClient, OAuthClientConfig};
use polar_client::webhooks::WebhookVerifier;
use polar_client::{Environment, Polar, Scope, ScopeSet};
use polar_mock::MockPolar;

use crate::store::Store;

type BoxError = Box<dyn Error + Send + Sync>;

/// Settings of the shop.
pub struct Config {
    /// The URL at which browsers and Polar reach the shop.
    pub url: String,
    /// E-mail address of the user who sees the admin page.
    pub admin: String,
    /// The client that acts for the shop.
    pub polar: Polar,
    /// The page on which users sign in, if it is not Polar's.
    pub sign_in_page: Option<String>,
    /// The database.
    pub store: Store,
    /// The Polar on this machine, with its data.
    pub mock: Option<MockPolar>,
}

impl Config {
    /// Uses the sandbox.
    pub fn sandbox(url: String, admin: String, token: String, database: &str) -> Result<Self, BoxError> {
        let polar = Polar::builder().environment(Environment::Sandbox).access_token(token).build()?;
        let store = Store::open(database)?;
        Ok(Self { url, admin, polar, sign_in_page: None, store, mock: None })
    }

    /// Starts a Polar on this machine and uses that.
    pub async fn mock(url: String, admin: String) -> Result<Self, BoxError> {
        let mock = MockPolar::builder().demo_data().start().await?;
        let polar = Polar::builder().base_url(mock.url()).access_token(mock.access_token()).build()?;
        let sign_in_page = Some(format!("{}/oauth2/authorize", mock.url()));
        // The server forgets everything when it ends, so the shop must forget it, too.
        let store = Store::open(":memory:")?;
        Ok(Self { url, admin, polar, sign_in_page, store, mock: Some(mock) })
    }

    /// Returns the OAuth client that users sign in with; the first start registers it.
    pub async fn oauth(&self) -> Result<OAuthClient, BoxError> {
        let callback = format!("{}/callback", self.url);
        let (id, secret) = match (self.store.setting("client_id")?, self.store.setting("client_secret")?) {
            (Some(id), Some(secret)) => (id, secret),
            _ => {
                let scopes = ScopeSet::from([Scope::Openid, Scope::Email]);
                let client = OAuthClientConfig::new("The shop", [callback.clone()]).scope(scopes);
                // Registering needs no token, and the client sends none.
                let client = self.polar.oauth2().clients().create(client.create_body()?).await?;
                let secret = client.client_secret.ok_or("the client was registered without a secret")?;
                self.store.set("client_id", &client.client_id)?;
                self.store.set("client_secret", secret.expose())?;
                (client.client_id, secret.expose().to_owned())
            }
        };
        let client = OAuthClient::new(&self.polar, ClientCredentials::post(id, secret), callback)?;
        match &self.sign_in_page {
            Some(page) => Ok(client.authorization_endpoint(page)?),
            None => Ok(client),
        }
    }

    /// Returns the verifier of webhooks; the first start registers an endpoint with Polar. `None` if Polar can't reach
    /// the shop.
    pub async fn webhooks(&self) -> Result<Option<WebhookVerifier>, BoxError> {
        if self.mock.is_none() && !self.url.starts_with("https://") {
            println!("No webhooks: set SHOP_URL to an https URL at which Polar reaches the shop.");
            return Ok(None);
        }
        if let Some(secret) = self.store.setting("webhook_secret")? {
            return Ok(Some(WebhookVerifier::new(secret)?));
        }
        let events = [
            WebhookEventType::CustomerStateChanged,
            WebhookEventType::CustomerDeleted,
            WebhookEventType::OrderPaid,
            WebhookEventType::OrderRefunded,
        ];
        let endpoint = WebhookEndpointCreate::new(format!("{}/webhooks/polar", self.url), WebhookFormat::Raw, events);
        let endpoint = self.polar.webhooks().create_endpoint(endpoint).await?;
        self.store.set("webhook_secret", endpoint.secret.expose())?;
        Ok(Some(WebhookVerifier::new(endpoint.secret.expose())?))
    }
}
