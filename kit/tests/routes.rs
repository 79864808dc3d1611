//! The routes as tower services, and mounted in axum.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::{get_service, post_service};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use polar_client::oauth2::{ClientCredentials, OAuthClient, PendingLogin, SignedIn};
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::serde_json::{Value, json};
use polar_client::uuid::Uuid;
use polar_client::webhooks::{Webhook, WebhookPayload, WebhookSigner, WebhookVerifier};
use polar_client::{Polar, RetryPolicy};
use polar_client_kit::CustomerKey;
use polar_client_kit::routes::{
    CheckoutRedirect, Login, PortalRedirect, RouteError, SessionStore, Theme, WebhookEndpoint,
};
use polar_testkit::authorization::AuthorizationServer;
use polar_testkit::sample::sample;
use tower_service::Service;

const PRODUCT: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);

fn polar(mock: &MockTransport) -> Polar {
    let builder = Polar::builder().access_token("polar_oat_test").retry_policy(RetryPolicy::never());
    builder.transport(mock.clone()).build().unwrap()
}

/// Calls a service as tower does. The body of the request is of no type that axum knows.
async fn call<S>(service: &S, method: Method, uri: &str, headers: HeaderMap) -> (u16, HeaderMap, String)
where
    S: Service<Request<()>, Response = Response<Body>, Error = Infallible> + Clone,
{
    let mut request = Request::new(());
    *request.method_mut() = method;
    *request.uri_mut() = uri.parse().unwrap();
    *request.headers_mut() = headers;
    let (head, body) = service.clone().call(request).await.unwrap().into_parts();
    let body = to_bytes(body, 10_000).await.unwrap();
    (head.status.as_u16(), head.headers, String::from_utf8(body.to_vec()).unwrap())
}

async fn get<S>(service: &S, uri: &str) -> (u16, HeaderMap, String)
where
    S: Service<Request<()>, Response = Response<Body>, Error = Infallible> + Clone,
{
    call(service, Method::GET, uri, HeaderMap::new()).await
}

fn checkouts() -> MockTransport {
    let mock = MockTransport::new();
    let url = "https://polar.example/checkout/polar_c_1?a=b";
    mock.on("checkouts:create", Reply::json(201, &sample("Checkout", json!({"url": url}))));
    mock
}

fn sent(mock: &MockTransport) -> Value {
    mock.sent()[0].json().unwrap()
}

#[tokio::test]
async fn a_query_becomes_a_checkout() {
    let mock = checkouts();
    let route = CheckoutRedirect::new(&polar(&mock))
        .success_url("https://shop.example/thanks?from=polar")
        .return_url("https://shop.example/")
        .theme(Theme::Dark);
    let query = format!(
        "/checkout?products={PRODUCT}&products={OTHER}&customerEmail=ada%40example.com&customerName=Ada+L&seats=5\
         &customerTaxId=FR61954506077&customerBillingAddress=%7B%22country%22%3A%22FR%22%7D&utm_source=mail"
    );
    let (status, headers, _) = get(&route, &query).await;
    assert_eq!(
        (status, &headers["location"]),
        (303, &HeaderValue::from_static("https://polar.example/checkout/polar_c_1?a=b&theme=dark"))
    );
    assert_eq!(
        (&headers["cache-control"], &headers["referrer-policy"]),
        (&"no-store".parse().unwrap(), &"no-referrer".parse().unwrap())
    );
    assert_eq!(
        sent(&mock),
        json!({
            "products": [PRODUCT, OTHER], "customer_email": "ada@example.com", "customer_name": "Ada L", "seats": 5,
            "customer_tax_id": "FR61954506077", "customer_billing_address": {"country": "FR"},
            "success_url": "https://shop.example/thanks?from=polar&checkoutId={CHECKOUT_ID}",
            "return_url": "https://shop.example/",
        })
    );
}

#[tokio::test]
async fn a_visitor_can_not_choose_a_discount_or_another_customer() {
    let parameters = [
        ("customerId", OTHER.to_string(), "customer_id", json!(OTHER)),
        ("customerExternalId", "ada".to_owned(), "external_customer_id", json!("ada")),
        ("customerIpAddress", "192.0.2.1".to_owned(), "customer_ip_address", json!("192.0.2.1")),
        ("discountId", OTHER.to_string(), "discount_id", json!(OTHER)),
        ("allowDiscountCodes", "false".to_owned(), "allow_discount_codes", json!(false)),
        ("metadata", "%7B%22a%22%3A1%7D".to_owned(), "metadata", json!({"a": 1})),
        ("customerMetadata", "%7B%22a%22%3A%22b%22%7D".to_owned(), "customer_metadata", json!({"a": "b"})),
    ];
    for (name, value, property, expected) in parameters {
        let mock = checkouts();
        let uri = format!("/checkout?products={PRODUCT}&{name}={value}");
        let (status, _, body) = get(&CheckoutRedirect::new(&polar(&mock)), &uri).await;
        assert_eq!((status, body), (400, format!("Visitors may not set the parameter `{name}`.")));
        assert!(mock.sent().is_empty());
        let (status, ..) = get(&CheckoutRedirect::new(&polar(&mock)).trust_query(), &uri).await;
        assert_eq!((status, &sent(&mock)[property]), (303, &expected));
    }
}

#[tokio::test]
async fn a_bad_query_is_refused_before_anything_is_sent() {
    let mock = checkouts();
    let route = CheckoutRedirect::new(&polar(&mock)).only_products([PRODUCT]);
    for query in ["", "products=1", &format!("products={OTHER}"), &format!("products={PRODUCT}&seats=x")] {
        assert_eq!(get(&route, &format!("/checkout?{query}")).await.0, 400, "{query}");
    }
    for method in [Method::POST, Method::HEAD] {
        let uri = format!("/checkout?products={PRODUCT}");
        let (status, headers, _) = call(&route, method, &uri, HeaderMap::new()).await;
        assert_eq!((status, &headers["allow"]), (405, &HeaderValue::from_static("GET")));
    }
    assert!(mock.sent().is_empty());
}

#[tokio::test]
async fn an_error_of_the_api_is_reported_and_told_without_secrets() {
    let refused = json!({"error": "PolarRequestValidationError", "detail": [
        {"type": "value_error", "loc": ["body", "products", 0], "msg": "Product does not exist.", "input": "x"},
    ]});
    for (reply, status, text) in [
        (Reply::json(422, &refused), 400, "Product does not exist."),
        (Reply::json(401, &json!({"error": "invalid_token"})), 502, "Polar can't be reached."),
        (Reply::no_connection(), 502, "Polar can't be reached."),
    ] {
        let mock = MockTransport::new();
        mock.on("checkouts:create", reply);
        let reports = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&reports);
        let route = CheckoutRedirect::new(&polar(&mock))
            .on_error(move |error| seen.lock().unwrap().push(error.source().unwrap().to_string()));
        let (answered, _, body) = get(&route, &format!("/?products={PRODUCT}")).await;
        assert_eq!(answered, status);
        assert!(body.contains(text), "{body}");
        assert!(reports.lock().unwrap()[0].contains("checkouts:create"));
    }
}

fn sessions() -> MockTransport {
    let mock = MockTransport::new();
    let url = "https://polar.example/portal?customer_session_token=polar_cst_secret";
    mock.on(
        "customer-sessions:create",
        Reply::json(201, &sample("CustomerSession", json!({"customer_portal_url": url}))),
    );
    mock
}

/// The user whom the cookie names.
async fn user(request: Parts) -> Result<Option<CustomerKey>, RouteError> {
    let cookie = request.headers.get("cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
    Ok(match cookie.as_deref() {
        Some("user=ada") => Some("ada".into()),
        Some("user=id") => Some(OTHER.into()),
        _ => None,
    })
}

fn cookie(value: &str) -> HeaderMap {
    HeaderMap::from_iter([(http::header::COOKIE, HeaderValue::try_from(value).unwrap())])
}

#[tokio::test]
async fn a_signed_in_customer_gets_to_the_portal() {
    for (value, property, expected) in
        [("user=ada", "external_customer_id", json!("ada")), ("user=id", "customer_id", json!(OTHER))]
    {
        let mock = sessions();
        let route = PortalRedirect::new(&polar(&mock), user).return_url("https://shop.example/");
        let (status, headers, body) = call(&route, Method::GET, "/portal?customerId=x", cookie(value)).await;
        assert_eq!((status, body.as_str()), (303, ""));
        assert!(headers["location"].to_str().unwrap().starts_with("https://polar.example/portal?"));
        assert_eq!(headers["cache-control"], "no-store");
        let mut body = json!({"return_url": "https://shop.example/"});
        body[property] = expected;
        assert_eq!(sent(&mock), body);
    }
}

#[tokio::test]
async fn a_visitor_gets_no_portal() {
    let mock = sessions();
    let route = PortalRedirect::new(&polar(&mock), user);
    assert_eq!(get(&route, "/portal").await.0, 401);
    let (status, headers, _) = get(&route.sign_in_url("/login"), "/portal").await;
    assert_eq!((status, &headers["location"]), (303, &HeaderValue::from_static("/login")));
    let failing =
        PortalRedirect::new(&polar(&mock), |_| async { Err::<Option<CustomerKey>, _>("the secret database") });
    let (status, _, body) = get(&failing, "/portal").await;
    assert!(status == 500 && !body.contains("secret"), "{body}");
    assert!(mock.sent().is_empty());
}

/// Logins and users in memory.
#[derive(Clone, Default)]
struct Sessions {
    logins: Arc<Mutex<HashMap<String, PendingLogin>>>,
    users: Arc<Mutex<Vec<SignedIn>>>,
}

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

impl SessionStore for Sessions {
    async fn keep(&self, key: &str, login: PendingLogin) -> Outcome<()> {
        self.logins.lock().unwrap().insert(key.to_owned(), login);
        Ok(())
    }

    async fn take(&self, key: &str) -> Outcome<Option<PendingLogin>> {
        Ok(self.logins.lock().unwrap().remove(key))
    }

    async fn sign_in(&self, request: &Parts, user: SignedIn) -> Outcome<HeaderMap> {
        assert_eq!(request.uri.path(), "/callback");
        self.users.lock().unwrap().push(user);
        Ok(HeaderMap::from_iter([(http::header::SET_COOKIE, HeaderValue::from_static("session=1"))]))
    }
}

const CALLBACK: &str = "http://localhost:3000/callback";

/// A login at a server on loopback, and the sessions that it fills.
async fn login() -> (Login<Sessions>, Sessions) {
    let server = AuthorizationServer::start().await.unwrap();
    server.register("polar_ci_1", "client_secret_post", CALLBACK);
    let polar = Polar::builder().base_url(&server.url).build().unwrap();
    let credentials = ClientCredentials::post("polar_ci_1", "polar_cs_1");
    let oauth = OAuthClient::new(polar, credentials, CALLBACK).unwrap();
    let oauth = oauth.authorization_endpoint(&format!("{}/oauth2/authorize", server.url)).unwrap();
    let sessions = Sessions::default();
    (Login::new(oauth, "openid email", sessions.clone()).after("/account"), sessions)
}

/// Begins a login, and goes to the page as a browser does. Returns its cookie and the query of the callback.
async fn browse(login: &Login<Sessions>) -> (String, String) {
    let (status, headers, _) = get(&login.start_route(), "/login").await;
    assert_eq!(status, 303);
    let set = headers["set-cookie"].to_str().unwrap();
    let (cookie, attributes) = set.split_once(';').unwrap();
    assert_eq!(attributes, " Path=/; Max-Age=600; HttpOnly; SameSite=Lax");
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let page = browser.get(headers["location"].to_str().unwrap()).send().await.unwrap();
    let callback = page.headers()["location"].to_str().unwrap();
    (cookie.to_owned(), callback.strip_prefix(CALLBACK).unwrap().to_owned())
}

#[tokio::test]
async fn a_user_signs_in_once_for_each_login() {
    let (login, sessions) = login().await;
    let (held, query) = browse(&login).await;
    let callback = format!("/callback{query}");
    let route = login.callback_route();
    let (status, headers, _) = call(&route, Method::GET, &callback, cookie(&format!("other=1; {held}"))).await;
    assert_eq!((status, &headers["location"]), (303, &HeaderValue::from_static("/account")));
    let set: Vec<_> = headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(set, ["session=1", "polar_login=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"]);
    assert!(sessions.users.lock().unwrap()[0].identity.is_some());

    // The callback works once.
    assert_eq!(call(&route, Method::GET, &callback, cookie(&held)).await.0, 400);
    assert_eq!(sessions.users.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_callback_of_another_browser_signs_nobody_in() {
    let (login, sessions) = login().await;
    let (_, query) = browse(&login).await;
    let (other, _) = browse(&login).await;
    let callback = format!("/callback{query}");
    for headers in [HeaderMap::new(), cookie("polar_login=guess"), cookie(&other)] {
        let (status, _, body) = call(&login.callback_route(), Method::GET, &callback, headers).await;
        assert!(status == 400 && body.contains("Please sign in again"), "{body}");
    }
    assert!(sessions.users.lock().unwrap().is_empty());
}

#[tokio::test]
async fn all_routes_work_in_an_axum_router() {
    let (checkout, portal) = (checkouts(), sessions());
    let (login, _) = login().await;
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let events = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&events);
    let webhooks = WebhookEndpoint::new(WebhookVerifier::new(secret).unwrap(), move |_: Webhook<WebhookPayload>| {
        *counted.lock().unwrap() += 1;
        async {}
    });
    let router = Router::new()
        .route("/checkout", get_service(CheckoutRedirect::new(&polar(&checkout))))
        .route("/portal", get_service(PortalRedirect::new(&polar(&portal), user)))
        .route("/login", get_service(login.start_route()))
        .route("/callback", get_service(login.callback_route()))
        .route("/webhooks/polar", post_service(webhooks));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for (path, status) in [("/checkout?products=x", 400), ("/portal", 401), ("/login", 303), ("/callback", 400)] {
        assert_eq!(browser.get(format!("{address}{path}")).send().await.unwrap().status(), status, "{path}");
    }
    let body = json!({"type": "of tomorrow", "timestamp": "2026-10-01T00:00:00Z", "data": {}}).to_string();
    let signed =
        WebhookSigner::new(secret).unwrap().sign("msg_1", std::time::SystemTime::now(), body.as_bytes()).unwrap();
    let delivery = browser.post(format!("{address}/webhooks/polar")).headers(signed).body(body);
    assert_eq!(delivery.send().await.unwrap().status(), 204);
    assert_eq!(*events.lock().unwrap(), 1);
}
