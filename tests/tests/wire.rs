//! Requests and results for each kind of operation, through the public API of the crate.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use polar_client::chrono::DateTime;
use polar_client::models::{
    CheckoutCreate, CustomerUpdate, MetadataFilter, ProductSortProperty, RefreshTokenRequest, TimeInterval,
};
use polar_client::runtime::{BoxError, SecretString, Timeout};
use polar_client::uuid::Uuid;
use polar_client::{Builder, Polar, RetryPolicy, TokenProvider};
use polar_testkit::sample::{products, sample};
use polar_testkit::server::{Asked, Server, Told};
use serde_json::{Value, json};

const ID: Uuid = Uuid::from_u128(0x1111_1111_1111_1111_1111_1111_1111_1111);
const OTHER: Uuid = Uuid::from_u128(0x2222_2222_2222_2222_2222_2222_2222_2222);

async fn server(told: Told) -> Server {
    Server::start(move |_| told.clone()).await.unwrap()
}

fn builder(server: &Server) -> Builder {
    Polar::builder().base_url(&server.url).access_token("polar_oat_test")
}

fn polar(server: &Server) -> Polar {
    builder(server).build().unwrap()
}

/// The only request since the last call.
fn only(server: &Server) -> Asked {
    let mut asked = server.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    asked.remove(0)
}

fn header<'a>(asked: &'a Asked, name: &str) -> Option<&'a str> {
    asked.headers.get(name).map(|value| value.to_str().unwrap())
}

fn body(asked: &Asked) -> &str {
    std::str::from_utf8(&asked.body).unwrap()
}

#[tokio::test]
async fn path_parameters_are_percent_encoded() {
    let server = server(Told::json(200, &sample("CustomerIndividual", json!({})))).await;
    for (external_id, path) in [
        ("user_1842", "/v1/customers/external/user_1842"),
        ("a/b?c#d%2F", "/v1/customers/external/a%2Fb%3Fc%23d%252F"),
        ("Ünï çødé+@:", "/v1/customers/external/%C3%9Cn%C3%AF%20%C3%A7%C3%B8d%C3%A9%2B%40%3A"),
        ("...", "/v1/customers/external/..."),
    ] {
        polar(&server).customers().get_external(external_id).await.unwrap();
        assert_eq!(only(&server).path, path);
    }
    for external_id in ["", ".", ".."] {
        let error = polar(&server).customers().get_external(external_id).await.unwrap_err();
        assert!(error.is_request() && error.attempts() == 0, "{error}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_stays_as_the_document_has_it() {
    let server = server(Told::json(200, &products(&[], 0, 0))).await;
    let _ = polar(&server).products().list().await;
    let _ =
        polar(&server).customer_sessions().create(polar_client::models::CustomerSessionCustomerIDCreate::new(ID)).await;
    let _ = polar(&server).products().get(ID).await;
    let _ = polar(&server).orders().export().await;
    let paths: Vec<String> = server.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(
        paths,
        [
            "/v1/products/",
            "/v1/customer-sessions/",
            "/v1/products/11111111-1111-1111-1111-111111111111",
            "/v1/orders/export"
        ]
    );
}

#[tokio::test]
async fn the_path_of_a_base_url_stays_in_front() {
    let server = server(Told::json(200, &products(&[], 0, 0))).await;
    let polar = builder(&server).base_url(format!("{}/through/a/proxy/", server.url)).build().unwrap();
    polar.products().list().await.unwrap();
    assert_eq!(only(&server).path, "/through/a/proxy/v1/products/");
}

#[tokio::test]
async fn queries_repeat_keys_nest_metadata_and_replace_what_was_set_before() {
    let server = server(Told::json(200, &products(&[], 0, 0))).await;
    polar(&server)
        .products()
        .list()
        .organization_id([ID, OTHER])
        .query("old")
        .query("tea & cake + 100% ü")
        .is_archived(false)
        .sorting([ProductSortProperty::CreatedAtDesc, ProductSortProperty::Name])
        .metadata([("plan", MetadataFilter::from("pro")), ("seat count", MetadataFilter::Integers(vec![1, 2]))])
        .page(2)
        .await
        .unwrap();
    assert_eq!(
        only(&server).query,
        "organization_id=11111111-1111-1111-1111-111111111111&organization_id=22222222-2222-2222-2222-222222222222\
         &query=tea%20%26%20cake%20%2B%20100%25%20%C3%BC&is_archived=false&sorting=-created_at&sorting=name\
         &metadata%5Bplan%5D=pro&metadata%5Bseat%20count%5D=1&metadata%5Bseat%20count%5D=2&page=2"
    );
}

#[tokio::test]
async fn points_in_time_carry_an_offset_and_days_carry_none() {
    let server = server(Told::json(200, &json!({"items": [], "pagination": {"total_count": 0, "max_page": 0}}))).await;
    let start = DateTime::parse_from_rfc3339("2026-10-01T14:30:00.25+02:00").unwrap().to_utc();
    let _ = polar(&server).events().list().start_timestamp(start).await;
    assert_eq!(only(&server).query, "start_timestamp=2026-10-01T12%3A30%3A00.250Z");

    let day = start.date_naive();
    let _ = polar(&server).metrics().get(day, day, TimeInterval::Day).await;
    assert_eq!(only(&server).query, "start_date=2026-10-01&end_date=2026-10-01&interval=day");
}

#[tokio::test]
async fn a_json_body_tells_absent_null_and_value_apart() {
    let server = server(Told::json(200, &sample("CustomerIndividual", json!({})))).await;
    let change = CustomerUpdate::new().name("Ada \"ß\"").tax_id(None).metadata([("tier", 2)]);
    polar(&server).customers().update(ID, change).await.unwrap();
    let asked = only(&server);
    assert_eq!((asked.method.as_str(), header(&asked, "content-type")), ("PATCH", Some("application/json")));
    let sent: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(sent, json!({"name": "Ada \"ß\"", "tax_id": null, "metadata": {"tier": 2}}));

    polar(&server).customers().update(ID, CustomerUpdate::new()).await.unwrap();
    assert_eq!(body(&only(&server)), "{}");
}

#[tokio::test]
async fn a_form_is_sent_as_a_form_and_without_the_token() {
    let server = server(Told::json(200, &sample("TokenResponse", json!({})))).await;
    let refresh = RefreshTokenRequest::new("polar_rt_u_1/+ ").client_id("polar_ci_1").client_secret("polar_cs_1");
    polar(&server).oauth2().request_token(refresh).await.unwrap();
    let asked = only(&server);
    assert_eq!(header(&asked, "content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(header(&asked, "authorization"), None);
    let mut pairs: Vec<&str> = body(&asked).split('&').collect();
    pairs.sort_unstable();
    assert_eq!(
        pairs,
        [
            "client_id=polar_ci_1",
            "client_secret=polar_cs_1",
            "grant_type=refresh_token",
            "refresh_token=polar_rt_u_1%2F%2B+"
        ]
    );
}

#[tokio::test]
async fn an_export_is_text_as_it_came() {
    let csv = "Email;Name\r\n\"ada@example.com\",\"Ada, Countess\"\r\n";
    let server = server(Told::text(200, "text/csv; charset=utf-8", csv)).await;
    assert_eq!(polar(&server).customers().export().organization_id(ID).await.unwrap(), csv);
    let asked = only(&server);
    assert_eq!(header(&asked, "accept"), Some("text/csv"));
    assert_eq!(asked.query, "organization_id=11111111-1111-1111-1111-111111111111");
}

#[tokio::test]
async fn no_content_is_a_unit_with_its_status() {
    let server = server(Told::empty(204)).await;
    let response = polar(&server).customers().delete(ID).anonymize(true).send_with_response().await.unwrap();
    assert_eq!((response.value, response.status().as_u16()), ((), 204));
    let asked = only(&server);
    assert_eq!((asked.method.as_str(), asked.query.as_str()), ("DELETE", "anonymize=true"));
    assert!(asked.body.is_empty() && header(&asked, "content-type").is_none());
}

#[tokio::test]
async fn a_response_has_headers_and_a_raw_body_has_every_byte() {
    let text = products(&["Pro"], 1, 1).to_string();
    let server = server(Told::text(200, "application/json", text.clone())).await;
    let response = polar(&server).products().list().send_with_response().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.items[0].name, "Pro");
    assert!(response.rate_limit().is_none());
    assert_eq!(polar(&server).products().list().raw().await.unwrap(), text);
}

#[tokio::test]
async fn every_request_says_who_sends_it_and_which_version_it_means() {
    let server = server(Told::json(200, &products(&[], 0, 0))).await;
    polar(&server).products().list().await.unwrap();
    let asked = only(&server);
    let mut names: Vec<&str> = asked.headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "authorization", "host", "polar-version", "user-agent"]);
    assert_eq!(header(&asked, "accept"), Some("application/json"));
    assert_eq!(header(&asked, "authorization"), Some("Bearer polar_oat_test"));
    assert_eq!(header(&asked, "polar-version"), Some("2026-10"));
    assert!(header(&asked, "user-agent").unwrap().starts_with("polar-client/"));
}

#[tokio::test]
async fn settings_of_the_client_go_with_every_request_and_a_request_outranks_them() {
    let server = server(Told::json(200, &products(&[], 0, 0))).await;
    let polar = builder(&server)
        .organization(ID)
        .default_header("X-Shop", "tea")
        .default_header("X-Region", "eu")
        .user_agent_suffix("my-shop/2.1")
        .api_version("2027-01")
        .build()
        .unwrap();
    polar.products().list().await.unwrap();
    let asked = only(&server);
    assert_eq!(header(&asked, "polar-organization"), Some("11111111-1111-1111-1111-111111111111"));
    assert_eq!((header(&asked, "x-shop"), header(&asked, "x-region")), (Some("tea"), Some("eu")));
    assert!(header(&asked, "user-agent").unwrap().ends_with(" my-shop/2.1"));
    assert_eq!(header(&asked, "polar-version"), Some("2027-01"));

    polar
        .products()
        .list()
        .organization(OTHER)
        .access_token("polar_pat_other")
        .header("x-shop", "cake")
        .header("polar-version", "2026-04")
        .await
        .unwrap();
    let asked = only(&server);
    assert_eq!(header(&asked, "polar-organization"), Some("22222222-2222-2222-2222-222222222222"));
    assert_eq!(header(&asked, "authorization"), Some("Bearer polar_pat_other"));
    assert_eq!((header(&asked, "x-shop"), header(&asked, "x-region")), (Some("cake"), Some("eu")));
    assert_eq!(header(&asked, "polar-version"), Some("2026-04"));
    assert_eq!(asked.headers.get_all("x-shop").iter().count(), 1);

    let polar = builder(&server).without_api_version().build().unwrap();
    polar.products().list().await.unwrap();
    assert_eq!(header(&only(&server), "polar-version"), None);
}

#[tokio::test]
async fn the_token_goes_only_to_operations_that_ask_for_one() {
    let server = server(Told::json(404, &json!({"error": "ResourceNotFound", "detail": "Not found"}))).await;
    let polar = polar(&server);
    let _ = polar.checkouts().client_get("polar_c_1").await;
    assert_eq!(header(&only(&server), "authorization"), None);
    let _ = polar.checkouts().client_get("polar_c_1").access_token("polar_cst_1").await;
    assert_eq!(header(&only(&server), "authorization"), Some("Bearer polar_cst_1"));
    let _ = polar.checkouts().get(ID).await;
    assert_eq!(header(&only(&server), "authorization"), Some("Bearer polar_oat_test"));
}

#[tokio::test]
async fn a_client_without_a_token_sends_none() {
    let server = server(Told::json(401, &json!({"error": "invalid_token", "error_description": "Missing"}))).await;
    let polar = Polar::builder().base_url(&server.url).build().unwrap();
    let error = polar.products().list().await.unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!(header(&only(&server), "authorization"), None);
}

/// Returns a new token each time.
#[derive(Default)]
struct Counting(AtomicUsize);

impl TokenProvider for Counting {
    async fn access_token(&self) -> Result<SecretString, BoxError> {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        if number < 5 { Ok(format!("token-{number}").into()) } else { Err("signed out".into()) }
    }
}

#[tokio::test]
async fn a_token_provider_is_asked_before_every_try() {
    let server = server(Told::empty(503)).await;
    let provider = Arc::new(Counting::default());
    let polar = builder(&server)
        .token_provider(Arc::clone(&provider))
        .retry_policy(RetryPolicy::new().first_delay(Duration::ZERO))
        .build()
        .unwrap();
    let error = polar.products().get(ID).await.unwrap_err();
    assert_eq!(error.attempts(), 3);
    let tokens: Vec<String> =
        server.asked().iter().map(|asked| header(asked, "authorization").unwrap().to_owned()).collect();
    assert_eq!(tokens, ["Bearer token-1", "Bearer token-2", "Bearer token-3"]);

    let _ = polar.checkouts().client_get("polar_c_1").retry_policy(RetryPolicy::never()).await;
    assert_eq!(header(&only(&server), "authorization"), None);
    assert_eq!(provider.0.load(Ordering::SeqCst), 3, "no token is asked for where none is sent");

    // The fourth token is sent, and the provider fails before the second attempt.
    let error = polar.products().get(ID).await.unwrap_err();
    assert!(error.is_request() && !error.is_retryable());
    assert_eq!(error.attempts(), 1);
    assert!(error.to_string().ends_with("not sent: the token provider has no access token"), "{error}");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "signed out");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn build_gives_the_request_without_sending_it() {
    let polar = Polar::builder().access_token("polar_oat_test").organization(ID).build().unwrap();
    let create = polar.checkouts().create(CheckoutCreate::new([OTHER]).external_customer_id("user_1842"));
    let request = create.timeout(Duration::from_secs(5)).build().unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://api.polar.sh/v1/checkouts/");
    assert_eq!(request.headers()["authorization"], "Bearer polar_oat_test");
    assert!(request.headers()["authorization"].is_sensitive());
    assert_eq!(request.headers()["polar-organization"], "11111111-1111-1111-1111-111111111111");
    assert_eq!(request.extensions().get(), Some(&Timeout(Duration::from_secs(5))));
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(body, json!({"products": [OTHER.to_string()], "external_customer_id": "user_1842"}));

    let public = polar.checkouts().client_get("polar_c_1").build().unwrap();
    assert!(!public.headers().contains_key("authorization"));

    let error = polar.products().get(ID).header("x-trace", "a\nb").build().unwrap_err();
    assert!(error.is_request());
    assert_eq!(
        error.to_string(),
        "products:get (GET /v1/products/{id}): not sent: the value of the header `x-trace` is not valid"
    );
}

#[test]
fn headers_that_hold_a_secret_do_not_show() {
    let polar = Polar::builder().default_header("Cookie", "session=hidden").build().unwrap();
    let request = polar.products().get(ID).header("authorization", "Basic hidden").build().unwrap();
    assert_eq!(request.headers()["authorization"], "Basic hidden");
    assert!(!format!("{:?}", request.headers()).contains("hidden"));
}

/// Run by the next test in a separate process, whose environment that test sets.
#[test]
#[ignore = "needs the environment that another test gives it"]
fn print_the_client_of_the_environment() {
    println!("{:?}", Polar::from_env());
}

#[test]
fn the_environment_gives_token_server_and_organization() {
    let client = |variables: &[(&str, &str)]| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        for name in ["POLAR_ACCESS_TOKEN", "POLAR_ENVIRONMENT", "POLAR_ORGANIZATION_ID"] {
            command.env_remove(name);
        }
        command.args(["--ignored", "--exact", "--nocapture", "print_the_client_of_the_environment"]);
        let output = command.envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let token = ("POLAR_ACCESS_TOKEN", "polar_oat_hidden");

    let printed = client(&[token]);
    assert!(printed.contains("base_url: \"https://api.polar.sh\""), "{printed}");
    assert!(printed.contains("access_token: AccessToken(organization_access_token), organization: None"), "{printed}");

    let id = ID.to_string();
    let printed = client(&[token, ("POLAR_ENVIRONMENT", "sandbox"), ("POLAR_ORGANIZATION_ID", &id)]);
    assert!(printed.contains("base_url: \"https://sandbox-api.polar.sh\""), "{printed}");
    assert!(printed.contains(&format!("organization: Some({ID})")), "{printed}");
    assert!(!printed.contains("hidden"), "{printed}");

    for (variables, problem) in [
        (&[][..], "POLAR_ACCESS_TOKEN is not set"),
        (&[("POLAR_ACCESS_TOKEN", "")], "POLAR_ACCESS_TOKEN is not set"),
        (&[token, ("POLAR_ENVIRONMENT", "moon")], "POLAR_ENVIRONMENT: unknown environment"),
        (&[token, ("POLAR_ORGANIZATION_ID", "acme")], "POLAR_ORGANIZATION_ID: "),
        (&[("POLAR_ACCESS_TOKEN", "hidden\n")], "character 7 of the access token is a line break"),
    ] {
        let printed = client(variables);
        assert!(printed.contains("Err(") && printed.contains(problem), "{printed}");
        assert!(!printed.contains("hidden"), "{printed}");
    }
}
