//! Tokens: where they are sent, messages about invalid ones, and sessions.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use polar_client::chrono::{DateTime, TimeDelta, Utc};
use polar_client::models::{
    CustomerSession, CustomerSessionCustomerIDCreate, OAuth2ClientConfiguration, OAuth2ClientConfigurationUpdate,
};
use polar_client::resources::checkouts::CheckoutsClientConfirmRequest;
use polar_client::resources::customer_portal::{CustomerPortalMembersListRequest, CustomerPortalOrdersListRequest};
use polar_client::resources::oauth2::{Oauth2ClientsCreateRequest, Oauth2ClientsGetRequest};
use polar_client::resources::products::ProductsListRequest;
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::runtime::{BoxError, SecretString};
use polar_client::uuid::Uuid;
use polar_client::{AccessToken, Builder, Error, Polar, Secret, TokenKind, TokenProvider, token_kinds};
use polar_testkit::sample::{products, sample};
use polar_testkit::server::{Asked, Fault, Server, Told};
use serde_json::{Value, json};

const ID: Uuid = Uuid::from_u128(0x1111_1111_1111_1111_1111_1111_1111_1111);

fn empty_list() -> Value {
    json!({"items": [], "pagination": {"total_count": 0, "max_page": 0}})
}

async fn server(told: Told) -> Server {
    Server::start(move |_| told.clone()).await.unwrap()
}

fn builder(server: &Server, token: &str) -> Builder {
    Polar::builder().base_url(&server.url).access_token(token)
}

fn polar(server: &Server, token: &str) -> Polar {
    builder(server, token).build().unwrap()
}

fn authorization(asked: &Asked) -> &str {
    asked.headers["authorization"].to_str().unwrap()
}

struct Gives(&'static str);

impl TokenProvider for Gives {
    async fn access_token(&self) -> Result<SecretString, BoxError> {
        Ok(self.0.into())
    }
}

#[test]
fn operations_know_which_tokens_they_take() {
    let api = [
        TokenKind::PersonalAccessToken,
        TokenKind::OrganizationAccessToken,
        TokenKind::OauthUserAccessToken,
        TokenKind::OauthOrganizationAccessToken,
    ];
    let sessions = [TokenKind::CustomerSessionToken, TokenKind::MemberSessionToken];
    assert_eq!(ProductsListRequest::OPERATION.token_kinds(), api);
    assert_eq!(CustomerPortalOrdersListRequest::OPERATION.token_kinds(), sessions);
    assert_eq!(CustomerPortalMembersListRequest::OPERATION.token_kinds(), sessions[1..]);
    assert_eq!(CheckoutsClientConfirmRequest::OPERATION.token_kinds(), []);
    assert_eq!(Oauth2ClientsCreateRequest::OPERATION.token_kinds(), []);
    assert_eq!(Oauth2ClientsGetRequest::OPERATION.token_kinds(), [TokenKind::OauthClientRegistrationToken]);
    assert!(Oauth2ClientsGetRequest::OPERATION.takes(TokenKind::Unknown));
    assert!(!Oauth2ClientsGetRequest::OPERATION.takes(TokenKind::PersonalAccessToken));
}

#[tokio::test]
async fn a_token_that_can_never_work_is_refused_before_it_is_sent() {
    let server = server(Told::json(200, &empty_list())).await;
    let error = polar(&server, "polar_oat_hidden").customer_portal().orders().list().await.unwrap_err();
    assert!(error.is_request() && error.attempts() == 0);
    assert_eq!(
        error.to_string(),
        "customer_portal:orders:list (GET /v1/customer-portal/orders/): not sent: the operation does not accept an \
         organization access token, only a customer session token (`customer_sessions().create(..)` returns one, \
         which is valid for an hour) or a member session token (`customer_sessions().create(..)` with a member returns one, which \
         is valid for an hour); a client that was built with `without_token_check` sends it anyway"
    );
    let error = polar(&server, "polar_cst_hidden").products().list().await.unwrap_err();
    assert!(
        error.to_string().contains("does not accept a customer session token, only a personal access token"),
        "{error}"
    );
    let error = polar(&server, "polar_cst_hidden").customer_portal().members().list().await.unwrap_err();
    assert!(error.to_string().contains("customer session token, only a member session token"), "{error}");
    let error = polar(&server, "polar_oat_hidden").oauth2().userinfo().await.unwrap_err();
    assert!(error.to_string().contains("only an OAuth access token of a user"), "{error}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn tokens_of_a_request_and_of_a_provider_are_looked_at_too() {
    let server = server(Told::json(200, &products(&[], 0, 0))).await;
    let client = polar(&server, "polar_oat_x");
    let refused = [
        client.products().list().access_token("polar_cst_hidden").await.unwrap_err(),
        client.products().list().access_token("polar_rt_u_hidden").await.unwrap_err(),
        client.products().list().access_token("polar_cst_hidden").build().unwrap_err(),
        client.with_access_token("polar_mst_hidden").products().list().await.unwrap_err(),
        Polar::builder()
            .base_url(&server.url)
            .token_provider(Gives("polar_cst_hidden"))
            .build()
            .unwrap()
            .products()
            .list()
            .await
            .unwrap_err(),
    ];
    for error in refused {
        assert!(error.is_request() && !error.to_string().contains("hidden"), "{error}");
    }
    assert!(server.asked().is_empty());
    client.products().list().access_token("polar_pat_y").await.unwrap();
    assert_eq!(authorization(&server.asked()[0]), "Bearer polar_pat_y");
}

#[tokio::test]
async fn the_check_can_be_switched_off() {
    let server = server(Told::json(200, &empty_list())).await;
    let polar = builder(&server, "polar_oat_x").without_token_check().build().unwrap();
    polar.customer_portal().orders().list().await.unwrap();
    assert_eq!(authorization(&server.asked()[0]), "Bearer polar_oat_x");
    builder(&server, "polar_cs_x").without_token_check().build().unwrap();
}

#[tokio::test]
async fn a_header_takes_the_place_of_any_token() {
    let server = server(invalid_token()).await;
    let orders = || polar(&server, "polar_oat_x").customer_portal().orders().list();
    let error = orders().header("authorization", "Bearer polar_cst_hidden").await.unwrap_err();
    assert!(error.to_string().contains("a session expires after an hour"), "{error}");
    assert_eq!(authorization(&server.asked()[0]), "Bearer polar_cst_hidden");
    let nobody = Polar::builder().base_url(&server.url).build().unwrap();
    let error = nobody.products().list().header("authorization", "Bearer x").await.unwrap_err();
    assert!(error.to_string().contains("the token has expired"), "{error}");
}

#[tokio::test]
async fn a_token_of_no_known_form_is_sent_everywhere() {
    let server = server(Told::json(200, &empty_list())).await;
    let polar = polar(&server, "older_than_prefixes");
    polar.customer_portal().orders().list().await.unwrap();
    polar.products().list().await.unwrap();
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn what_is_no_access_token_is_told_when_the_client_is_built() {
    for (token, words) in [
        ("polar_rt_u_hidden", "an OAuth refresh token is not an access token: exchange it for an access token"),
        ("polar_rt_o_hidden", "an OAuth refresh token is not an access token: exchange it for an access token"),
        ("polar_ac_hidden", "an OAuth authorization code is not an access token: exchange it for an access token"),
        ("polar_ci_hidden", "an OAuth client id is not an access token: it identifies a client in OAuth logins"),
        (
            "polar_cs_hidden",
            "an OAuth client secret is not an access token: it authenticates the client when a code or refresh token is \
             exchanged",
        ),
        (
            "polar_c_hidden",
            "the client secret of a checkout is not an access token: pass it to the methods of `checkouts()` that take a \
             client secret",
        ),
        ("whsec_hidden", "a webhook secret is not an access token: give it to a `WebhookVerifier`"),
        ("polar_whs_hidden", "a webhook secret is not an access token: give it to a `WebhookVerifier`"),
    ] {
        let error = Polar::new(token).unwrap_err();
        assert!(error.is_config());
        assert_eq!(error.to_string(), format!("client settings: {words}"));
    }
}

#[tokio::test]
async fn a_token_that_no_header_takes_is_told_with_its_place() {
    let server = server(Told::empty(204)).await;
    let client = polar(&server, "polar_oat_x");
    for (token, words) in [
        ("", "the access token is empty"),
        ("polar_oat_hidden\n", "character 17 of the access token is a line break: copy only the token"),
        ("polar_oat_hidden\r\nX-Evil: 1", "character 17 of the access token is a line break: copy only the token"),
        ("polar_oat_hidden ", "character 17 of the access token is white space: copy only the token"),
        ("polar_oat_hídden", "character 12 of the access token is not ASCII: copy only the token"),
    ] {
        let built = Polar::new(token).unwrap_err();
        assert!(built.is_config(), "{built}");
        let provider = Polar::builder().base_url(&server.url).token_provider(Gives(token)).build().unwrap();
        for error in [
            built,
            client.products().list().access_token(token).await.unwrap_err(),
            client.with_access_token(token).products().list().await.unwrap_err(),
            provider.products().list().await.unwrap_err(),
        ] {
            assert!(error.to_string().ends_with(words), "{error}");
            assert!(!format!("{error} {error:?}").contains("hidden"), "{error:?}");
        }
    }
    assert!(server.asked().is_empty());
}

/// A server that responds to the creation of a session, and to everything else with an empty list.
async fn portal() -> Server {
    Server::start(|asked| match asked.path.as_str() {
        "/v1/customer-sessions/" => Told::json(
            201,
            &sample("CustomerSession", json!({"token": "polar_cst_hidden", "expires_at": "2026-10-01T13:00:00Z"})),
        ),
        _ => Told::json(200, &empty_list()),
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_session_opens_the_portal_in_one_line() {
    let server = portal().await;
    let polar = builder(&server, "polar_oat_x").default_header("x-shop", "tea").organization(ID).build().unwrap();
    let create = || CustomerSessionCustomerIDCreate::new(ID);
    let portal = polar.customer_sessions().create(create()).await.unwrap().customer_portal(&polar);
    portal.orders().list().await.unwrap();
    portal.subscriptions().list().await.unwrap();
    let asked = server.asked();
    assert_eq!(authorization(&asked[0]), "Bearer polar_oat_x");
    for asked in &asked[1..] {
        assert_eq!(authorization(asked), "Bearer polar_cst_hidden");
        assert_eq!(
            (&asked.headers["x-shop"], &asked.headers["polar-version"]),
            (&"tea".parse().unwrap(), &"2026-10".parse().unwrap())
        );
        assert!(!asked.headers.contains_key("polar-organization"), "a session has its organization");
    }
    polar.products().list().await.unwrap();
    assert_eq!(authorization(&server.asked()[0]), "Bearer polar_oat_x", "the client itself acts as before");
}

#[tokio::test]
async fn a_portal_shares_the_connections_of_its_client() {
    let mock = MockTransport::new();
    let session = sample("CustomerSession", json!({"token": "polar_mst_hidden"}));
    mock.on("customer-sessions:create", Reply::json(201, &session));
    mock.on("customer_portal:orders:list", Reply::json(200, &empty_list()));
    let polar = Polar::builder().access_token("polar_oat_x").transport(mock.clone()).build().unwrap();
    let body = CustomerSessionCustomerIDCreate::new(ID).member_id(ID);
    polar.customer_sessions().create(body).await.unwrap().customer_portal(&polar).orders().list().await.unwrap();
    assert_eq!(mock.sent().len(), 2, "both went through one transport");
}

#[tokio::test]
async fn a_session_knows_when_it_ends() {
    let server = portal().await;
    let create = CustomerSessionCustomerIDCreate::new(ID);
    let session: CustomerSession = polar(&server, "polar_oat_x").customer_sessions().create(create).await.unwrap();
    let end: DateTime<Utc> = "2026-10-01T13:00:00Z".parse().unwrap();
    assert_eq!(session.expires_at, end);
    assert!(!session.is_expired(end - TimeDelta::milliseconds(1)));
    assert!(session.is_expired(end) && session.is_expired(end + TimeDelta::hours(1)));
}

fn invalid_token() -> Told {
    Told::json(401, &json!({"error": "invalid_token", "error_description": "The access token is invalid"}))
}

#[tokio::test]
async fn a_session_that_has_ended_asks_for_another_one() {
    let server = server(invalid_token()).await;
    for token in ["polar_cst_hidden", "polar_mst_hidden"] {
        let error = polar(&server, token).customer_portal().orders().list().await.unwrap_err();
        assert!(error.is_unauthorized() && !error.is_retryable());
        assert_eq!(
            error.to_string(),
            "customer_portal:orders:list (GET /v1/customer-portal/orders/): 401 Unauthorized: invalid_token: The access \
             token is invalid (a session expires after an hour: create a new one)"
        );
    }
}

#[tokio::test]
async fn a_token_of_the_other_environment_is_told_which_server_refused_it() {
    let server = server(invalid_token()).await;
    let host = server.url.trim_start_matches("http://");
    let error = polar(&server, "polar_oat_hidden").products().list().await.unwrap_err();
    assert!(error.is_unauthorized());
    assert!(
        error.to_string().ends_with(&format!(
            "(the token has expired, was revoked, or is not for {host}: tokens of production do not work in the sandbox, and vice versa)"
        )),
        "{error}"
    );
    let error = Polar::builder().base_url(&server.url).build().unwrap().products().list().await.unwrap_err();
    assert!(error.to_string().ends_with("(no access token was sent)"), "{error}");
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let challenge = "www-authenticate: Bearer error=\"insufficient_scope\"\r\n";
    let by_header = Server::script([Fault::answer("403 Forbidden", challenge, "")]).await.unwrap();
    let body = json!({"error": "insufficient_scope", "error_description": "More is needed"});
    let by_body = server(Told::json(403, &body)).await;
    for url in [by_header.url, by_body.url] {
        let polar = Polar::builder().base_url(url).access_token("polar_oat_x").build().unwrap();
        let error = polar.products().list().await.unwrap_err();
        assert!(error.is_forbidden() && error.is_insufficient_scope());
        assert!(
            error.to_string().ends_with("(the token needs one of the scopes products:read, products:write)"),
            "{error}"
        );
    }
    let other = server(Told::json(403, &json!({"error": "NotPermitted", "detail": "The limit is reached"}))).await;
    let error = polar(&other, "polar_oat_x").products().list().await.unwrap_err();
    assert!(error.is_forbidden() && !error.is_insufficient_scope() && !error.to_string().contains("scope"), "{error}");
}

#[tokio::test]
async fn no_text_shows_a_token() {
    let server = portal().await;
    let builder = builder(&server, "polar_oat_hidden");
    let mut shown = format!("{builder:?}");
    let polar = builder.build().unwrap();
    let session = polar.customer_sessions().create(CustomerSessionCustomerIDCreate::new(ID)).await.unwrap();
    let token = AccessToken::from(&session.token);
    assert_eq!((token.kind(), token.expose()), (TokenKind::CustomerSessionToken, "polar_cst_hidden"));
    let request = session.customer_portal(&polar).orders().list().access_token("polar_mst_hidden");
    let error: Error = polar.products().list().access_token("polar_cst_hidden").await.unwrap_err();
    shown += &format!(
        "{polar:?} {:?} {session:?} {token:?} {request:?} {:?}",
        polar.clone().with_access_token(&session.token),
        request.build().unwrap().headers()
    );
    shown += &format!("{error} {error:?} {:?}", token_kinds([ProductsListRequest::OPERATION]));
    assert!(!shown.contains("hidden"), "{shown}");
}

#[tokio::test]
async fn a_registered_client_is_managed_with_its_own_token() {
    let server = Server::start(|asked| {
        let client = json!({"client_id": "polar_ci_1", "client_secret": "polar_cs_hidden", "registration_access_token": "polar_crt_hidden"});
        match asked.method.as_str() {
            "POST" => Told::json(201, &sample("OAuth2ClientInformation", client)),
            "DELETE" => Told::empty(204),
            _ => Told::json(200, &sample("OAuth2ClientInformation", json!({"client_name": "My App"}))),
        }
    })
    .await
    .unwrap();
    let polar = polar(&server, "polar_pat_x");
    let configuration = OAuth2ClientConfiguration::new(["https://example.com/callback"], "My App");
    let client = polar.oauth2().clients().create(configuration).await.unwrap();
    assert_eq!(client.client_secret.as_ref().map(Secret::expose), Some("polar_cs_hidden"));
    assert!(!format!("{client:?}").contains("hidden"));

    let clients = polar.with_access_token(client.registration_access_token.unwrap()).oauth2().clients();
    assert_eq!(clients.get(&client.client_id).await.unwrap().client_name, "My App");
    let change = OAuth2ClientConfigurationUpdate::new(["https://example.com/back"], "My App", &client.client_id);
    clients.update(&client.client_id, change).await.unwrap();
    clients.delete(&client.client_id).await.unwrap();
    let asked = server.asked();
    let sent: Vec<_> = asked.iter().map(|asked| (asked.method.as_str(), asked.path.as_str())).collect();
    let client = "/v1/oauth2/register/polar_ci_1";
    assert_eq!(sent, [("POST", "/v1/oauth2/register"), ("GET", client), ("PUT", client), ("DELETE", client)]);
    assert!(!asked[0].headers.contains_key("authorization"), "a client is registered without a token");
    assert!(asked[1..].iter().all(|asked| authorization(asked) == "Bearer polar_crt_hidden"));
    let error = polar.oauth2().clients().get("polar_ci_1").await.unwrap_err();
    assert!(error.is_request(), "the token of a user does not manage it: {error}");
}
