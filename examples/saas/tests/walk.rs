//! A walk through the shop over plain HTTP: from the pricing page to a refund.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

mod support;

use std::time::{Duration, Instant};

use polar_client::runtime::reqwest_client_builder;
use polar_mock::MockPolar;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};

/// A browser without scripts and images: it stores cookies, follows redirects and sends forms.
struct Browser {
    http: Client,
    shop: String,
}

impl Browser {
    async fn open(&self, path: &str) -> (String, String) {
        read(self.http.get(format!("{}{path}", self.shop)).send().await.unwrap()).await
    }

    /// Opens a page repeatedly until it contains a text: entitlements are read once a second at most.
    async fn open_until(&self, path: &str, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !self.open(path).await.1.contains(text) {
            assert!(Instant::now() < deadline, "{path} does not say {text}");
        }
    }

    /// Sends a form, and returns the URL and the page after redirects.
    async fn send(&self, url: &str, fields: &[(&str, &str)]) -> (String, String) {
        let url = if url.starts_with("http") { url.to_owned() } else { format!("{}{url}", self.shop) };
        let form: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", value.replace('@', "%40"))).collect();
        let request = self.http.post(url).header("content-type", "application/x-www-form-urlencoded");
        read(request.body(form.join("&")).send().await.unwrap()).await
    }

    /// Signs in on Polar's page.
    async fn sign_in(&self, email: &str) -> String {
        let (page, _) = self.open("/login").await;
        let (_, account) = read(self.http.get(format!("{page}&email={email}")).send().await.unwrap()).await;
        account
    }

    /// Buys a product on Polar's page.
    async fn buy(&self, product: &str) {
        let (_, pricing) = self.open("/").await;
        let card = pricing.split(&format!("<h2>{product}</h2>")).nth(1).unwrap();
        let id = card.split("name=\"product\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let (checkout, page) = self.send("/checkout", &[("product", id)]).await;
        assert!(page.contains(product), "{page}");
        let (url, _) = self.send(&checkout, &[("email", "ada@example.com"), ("name", "Ada")]).await;
        assert!(url.ends_with("/account"), "{url}");
    }
}

/// Returns the URL and the page after redirects.
async fn read(response: Response) -> (String, String) {
    assert!(response.status().is_success(), "{} at {}", response.status(), response.url());
    (response.url().to_string(), response.text().await.unwrap())
}

async fn start() -> (Browser, MockPolar) {
    let (shop, mock) = support::start().await;
    let http = reqwest_client_builder().unwrap().redirect(Policy::default()).cookie_store(true).build().unwrap();
    (Browser { http, shop }, mock)
}

#[tokio::test]
async fn a_visitor_becomes_a_customer() {
    let (browser, mock) = start().await;
    let (_, pricing) = browser.open("/").await;
    for text in ["Starter", "$29", "1000 API calls", "Sign in"] {
        assert!(pricing.contains(text), "{text} in {pricing}");
    }
    assert!(browser.sign_in("ada@example.com").await.contains("No plan yet."));

    browser.buy("Pro").await;
    mock.webhooks_delivered().await;
    for text in ["<strong>Pro</strong>", "active", "Priority support", "<strong>0</strong> of 1000 calls", "badge paid"]
    {
        browser.open_until("/account", text).await;
    }

    browser.send("/use", &[]).await;
    let (_, account) = browser.send("/use", &[]).await;
    assert!(account.contains("<strong>2</strong> of 1000 calls"), "{account}");
    assert!(browser.open("/pro").await.1.contains("Welcome to Pro"));

    let (portal, page) = browser.open("/portal").await;
    assert!(portal.starts_with(mock.url()) && page.contains("Cancel"), "{page}");

    let (_, admin) = browser.open("/admin").await;
    let order = admin.split("name=\"order\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let (_, admin) = browser.send("/admin/refund", &[("order", order)]).await;
    assert!(admin.contains("badge refunded") && !admin.contains("Refund</button>"), "{admin}");
}

#[tokio::test]
async fn a_cancellation_in_the_portal_reaches_the_account() {
    let (browser, mock) = start().await;
    browser.sign_in("ada@example.com").await;
    browser.buy("Starter").await;
    assert!(browser.open("/pro").await.1.contains("not part of your plan"));
    let (portal, page) = browser.open("/portal").await;
    let id = page.split("name=id value=\"").nth(1).unwrap().split('"').next().unwrap();
    let token = portal.split("customer_session_token=").nth(1).unwrap();
    let cancel = format!("{}/acme/portal/cancel", mock.url());
    browser.send(&cancel, &[("customer_session_token", token), ("id", id)]).await;
    mock.webhooks_delivered().await;
    browser.open_until("/account", "Ends on").await;
}

#[tokio::test]
async fn strangers_and_customers_do_not_see_the_admin_page() {
    let (browser, _) = start().await;
    let status = async || browser.http.get(format!("{}/admin", browser.shop)).send().await.unwrap().status();
    assert_eq!(status().await, StatusCode::UNAUTHORIZED);
    browser.sign_in("bob@example.com").await;
    assert_eq!(status().await, StatusCode::FORBIDDEN);
}
