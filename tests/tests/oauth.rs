//! OAuth over the loopback interface: logins, tokens and their refresh, ID tokens, clients, and all that can go wrong.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../../generated/examples/oauth_login.rs"]
mod oauth_login;

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../../generated/examples/register_oauth_client.rs"]
mod register_oauth_client;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Debug;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use polar_client::models::{
    IntrospectTokenResponse, OAuth2ClientConfiguration, OAuth2ClientConfigurationUpdate, SubType,
    TokenEndpointAuthMethod, UserInfo,
};
use polar_client::oauth2::{
    CallbackError, ClientCredentials, IdTokenError, MemoryTokenStore, OAuthClient, OAuthClientConfig, OAuthError,
    OAuthErrorCode, PendingLogin, Prompt, RefreshingTokens, TokenStore, Tokens,
};
use polar_client::resources::oauth2::{
    Oauth2IntrospectTokenRequest, Oauth2RequestTokenRequest, Oauth2RevokeTokenRequest,
};
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::runtime::{BoxFuture, SecretString};
use polar_client::{Polar, Scope, ScopeSet, Secret, TokenProvider};
use polar_tests::authorization::{AuthorizationServer, SigningKey, claims, unsigned};
use polar_tests::faulty::{Fault, Faulty};
use polar_tests::server::{Asked, Server, Told};
use serde_json::{Value, json};

const CALLBACK: &str = "http://localhost:3000/callback";

fn secret_post() -> ClientCredentials {
    ClientCredentials::post("polar_ci_1", "polar_cs_1")
}

fn polar(url: &str) -> Polar {
    Polar::builder().base_url(url).build().unwrap()
}

/// A client of this server; it is registered.
fn oauth_at(url: &str, credentials: ClientCredentials) -> OAuthClient {
    let page = format!("{url}/oauth2/authorize");
    OAuthClient::new(polar(url), credentials, CALLBACK).unwrap().authorization_endpoint(&page).unwrap()
}

async fn server() -> AuthorizationServer {
    let server = AuthorizationServer::start().await.unwrap();
    server.register("polar_ci_1", "client_secret_post", CALLBACK);
    server
}

fn scopes() -> ScopeSet {
    ScopeSet::from([Scope::Openid, Scope::Email, Scope::ProductsRead])
}

/// What a browser does: it opens the page, and is sent back to the program with the callback.
async fn browse(url: &str) -> String {
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = browser.get(url).send().await.unwrap();
    assert_eq!(answer.status(), 302, "{}", answer.text().await.unwrap());
    answer.headers()["location"].to_str().unwrap().to_owned()
}

/// The tokens of a user who signed in.
async fn signed_in(oauth: &OAuthClient) -> Tokens {
    let login = oauth.login(scopes()).unwrap().begin().unwrap();
    let callback = browse(&login.url).await;
    oauth.finish(&login.pending, &callback).await.unwrap().tokens
}

/// A login whose callback is at hand.
fn pending(oauth: &OAuthClient) -> (PendingLogin, String) {
    let login = oauth.login(scopes()).unwrap().begin().unwrap();
    let callback = format!("?code=polar_ac_hidden&iss=https://polar.sh&state={}", login.pending.state().expose());
    (login.pending, callback)
}

/// Fails if an error, or something beneath it, shows what no log may hold.
fn tells_no_secret(error: &(dyn Error + 'static)) {
    let mut beneath = Some(error);
    while let Some(error) = beneath {
        shows_no_secret(&format!("{error} {error:?}"));
        beneath = error.source();
    }
}

fn shows_no_secret(text: &str) {
    for secret in ["hidden", "polar_cs_", "polar_ac_", "polar_at_", "polar_rt_", "polar_crt_"] {
        assert!(!text.contains(secret), "{text}");
    }
}

fn query(url: &str) -> Vec<(String, String)> {
    url::Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

fn value<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn code_of(error: &OAuthError) -> &OAuthErrorCode {
    match error {
        OAuthError::Refused(refusal) => &refusal.code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_login_goes_to_the_page_of_the_environment() {
    let begin = |environment| {
        let polar = Polar::builder().environment(environment).build().unwrap();
        let oauth = OAuthClient::new(polar, secret_post(), "https://example.com/callback").unwrap();
        oauth.login(scopes()).unwrap().begin().unwrap()
    };
    let login = begin(polar_client::Environment::Production);
    assert!(login.url.starts_with("https://polar.sh/oauth2/authorize?"), "{}", login.url);
    assert!(begin(polar_client::Environment::Sandbox).url.starts_with("https://sandbox.polar.sh/oauth2/authorize?"));

    let query = query(&login.url);
    let names: Vec<&str> = query.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "response_type",
            "client_id",
            "redirect_uri",
            "scope",
            "state",
            "nonce",
            "code_challenge",
            "code_challenge_method"
        ]
    );
    assert_eq!(value(&query, "scope"), Some("email openid products:read"));
    assert_eq!(value(&query, "state"), Some(login.pending.state().expose()));
    assert_eq!(value(&query, "code_challenge_method"), Some("S256"));
    assert_eq!(value(&query, "code_challenge").unwrap().len(), 43);

    let shown = format!("{login:?}");
    assert!(!shown.contains(login.pending.state().expose()) && !shown.contains(login.pending.nonce().expose()));
    assert_ne!(login.pending, begin(polar_client::Environment::Production).pending);
}

#[test]
fn a_login_says_for_whom_and_what_the_page_may_ask() {
    let polar = Polar::builder().build().unwrap();
    let oauth = OAuthClient::new(polar, ClientCredentials::public("polar_ci_1"), "myapp://callback").unwrap();
    let id = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
    let url = oauth.login("").unwrap().for_this_organization(id.parse().unwrap()).prompt(Prompt::Consent);
    let query_of = |builder: polar_client::oauth2::LoginBuilder| query(&builder.begin().unwrap().url);
    let query = query_of(url);
    assert_eq!(value(&query, "sub_type"), Some("organization"));
    assert_eq!((value(&query, "sub"), value(&query, "prompt")), (Some(id), Some("consent")));
    assert_eq!(value(&query, "scope"), None, "the server takes those of the client");
    let query = query_of(oauth.login("openid").unwrap().for_user().prompt(Prompt::None));
    assert_eq!((value(&query, "sub_type"), value(&query, "prompt")), (Some("user"), Some("none")));
    let query = query_of(oauth.login("openid").unwrap().for_organization());
    assert_eq!((value(&query, "sub_type"), value(&query, "sub")), (Some("organization"), None));
}

#[test]
fn a_client_that_can_not_work_is_none() {
    let polar = Polar::builder().build().unwrap();
    for (redirect_uri, words) in [
        ("http://example.com/callback", "must have `https`"),
        ("https://*.example.com/callback", "wildcard"),
        ("/callback", "no absolute URI"),
    ] {
        let error = OAuthClient::new(&polar, secret_post(), redirect_uri).unwrap_err();
        assert!(matches!(error, OAuthError::RedirectUri(_)) && error.to_string().contains(words), "{error}");
    }
    let error = OAuthClient::new(&polar, ClientCredentials::basic("polar_ci_1", "polar_cs_1\n"), CALLBACK).unwrap_err();
    assert_eq!(error.to_string(), "OAuth settings: the client secret is empty, or has white space in it");
    tells_no_secret(&error);

    let own = OAuthClient::new(self::polar("http://127.0.0.1:1"), secret_post(), CALLBACK).unwrap();
    let error = own.login("openid").unwrap_err();
    assert!(error.to_string().ends_with("set `authorization_endpoint`"), "{error}");
    shows_no_secret(&format!("{own:?}"));
    for page in ["", "/oauth2/authorize", "myapp://authorize", "http://polar.sh/oauth2/authorize"] {
        let error = own.clone().authorization_endpoint(page).unwrap_err();
        assert!(error.to_string().contains("authorization endpoint: it is no URL with `https`"), "{error}");
    }
}

#[tokio::test]
async fn a_user_signs_in_with_each_way_to_authenticate() {
    let server = AuthorizationServer::start().await.unwrap();
    for (method, credentials) in [
        ("client_secret_post", secret_post()),
        ("client_secret_basic", ClientCredentials::basic("polar_ci_1", "polar_cs_1")),
        ("none", ClientCredentials::public("polar_ci_1")),
    ] {
        server.register("polar_ci_1", method, CALLBACK);
        let oauth = oauth_at(&server.url, credentials);
        let login = oauth.login(scopes()).unwrap().begin().unwrap();
        let callback = browse(&login.url).await;
        // The session keeps it in between.
        let kept: PendingLogin = serde_json::from_str(&serde_json::to_string(&login.pending).unwrap()).unwrap();
        let user = oauth.finish(&kept, &callback).await.unwrap();
        let identity = user.identity.clone().unwrap();
        assert_eq!((identity.subject.as_str(), identity.email.as_deref()), ("user_1", Some("ada@example.com")));
        assert_eq!(user.tokens.scope.parse::<ScopeSet>().unwrap(), scopes());
        assert_eq!((user.tokens.expires_at - user.tokens.issued_at).num_seconds(), 3600);
        shows_no_secret(&format!("{user:?}"));

        let next = oauth.refresh(user.tokens.refresh_token.as_ref().unwrap()).await.unwrap();
        assert_ne!(next.refresh_token, user.tokens.refresh_token);
        let who = polar(&server.url).oauth2().userinfo().access_token(next.access_token.expose()).await.unwrap();
        assert!(matches!(who, UserInfo::User(user) if user.sub == "user_1"));
    }
}

#[tokio::test]
async fn a_wrong_secret_is_refused_and_told_by_nobody() {
    let server = server().await;
    let oauth = oauth_at(&server.url, ClientCredentials::post("polar_ci_1", "polar_cs_hidden"));
    let login = oauth.login(scopes()).unwrap().begin().unwrap();
    let error = oauth.finish(&login.pending, &browse(&login.url).await).await.unwrap_err();
    assert_eq!(code_of(&error), &OAuthErrorCode::InvalidClient);
    assert!(!error.must_sign_in(), "that would not help");
    tells_no_secret(&error);
}

#[tokio::test]
async fn a_code_works_once_and_for_who_began_the_login() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let login = oauth.login(scopes()).unwrap().begin().unwrap();
    let callback = browse(&login.url).await;
    oauth.finish(&login.pending, &callback).await.unwrap();
    let error = oauth.finish(&login.pending, &callback).await.unwrap_err();
    assert_eq!(code_of(&error), &OAuthErrorCode::InvalidGrant);
    assert!(error.must_sign_in());
    tells_no_secret(&error);

    // A stolen code in another login: its state is changed to fit, its verifier can't be.
    let (stolen, mine) = (oauth.login("").unwrap().begin().unwrap(), oauth.login("").unwrap().begin().unwrap());
    let callback = browse(&stolen.url).await;
    let fitted = callback.replace(stolen.pending.state().expose(), mine.pending.state().expose());
    let error = oauth.exchange(mine.pending.accept(&fitted).unwrap()).await.unwrap_err();
    assert_eq!(code_of(&error), &OAuthErrorCode::InvalidGrant);
}

#[tokio::test]
async fn a_callback_of_another_login_is_refused_before_anything_is_sent() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let (pending, callback) = pending(&oauth);
    for (callback, expected) in [
        (callback.replace("state=", "x="), CallbackError::Missing("state")),
        (callback.replace("state=", "state=x"), CallbackError::WrongState),
        (format!("{callback}&state=hidden"), CallbackError::Duplicate("state")),
        (format!("{callback}&code=hidden"), CallbackError::Duplicate("code")),
        (callback.replace("polar.sh", "evil.example"), CallbackError::WrongIssuer),
        (callback.replace("code=", "x="), CallbackError::Missing("code")),
    ] {
        let error = oauth.finish(&pending, &callback).await.unwrap_err();
        tells_no_secret(&error);
        assert!(matches!(error, OAuthError::Callback(error) if error == expected), "{callback}");
    }
}

#[tokio::test]
async fn a_user_who_says_no_comes_back_with_an_error() {
    let server = server().await;
    server.state().page_says = Some("access_denied");
    let oauth = oauth_at(&server.url, secret_post());
    let login = oauth.login(scopes()).unwrap().begin().unwrap();
    let error = oauth.finish(&login.pending, &browse(&login.url).await).await.unwrap_err();
    assert_eq!(code_of(&error), &OAuthErrorCode::AccessDenied);
    assert_eq!(error.to_string(), "the authorization server refused: access_denied: The user said no");
    server.state().page_says = Some("an_error_of_tomorrow");
    let login = oauth.login(scopes()).unwrap().begin().unwrap();
    let error = oauth.finish(&login.pending, &browse(&login.url).await).await.unwrap_err();
    assert_eq!(code_of(&error), &OAuthErrorCode::Other("an_error_of_tomorrow".to_owned()));
}

#[tokio::test]
async fn answers_that_are_no_tokens_are_told_without_their_words() {
    let good = json!({"access_token": "polar_at_u_hidden", "token_type": "Bearer", "expires_in": 60, "scope": ""});
    let with = |name: &str, value: Value| {
        let mut answer = good.clone();
        answer[name] = value;
        answer.to_string()
    };
    let of_json = "content-type: application/json\r\n";
    for (status, headers, body, words) in [
        ("200 OK", "content-type: text/html\r\n", "<html>hidden</html>".to_owned(), "no answer of a token endpoint"),
        ("200 OK", of_json, String::new(), "no answer of a token endpoint"),
        ("200 OK", of_json, "\"hidden\"".to_owned(), "no answer of a token endpoint"),
        ("200 OK", of_json, with("expires_in", json!("hidden")), "at `expires_in`"),
        ("200 OK", of_json, with("expires_in", json!(-1)), "at `expires_in`"),
        ("200 OK", of_json, with("access_token", json!("hid\nden")), "can't stand in a header"),
        ("200 OK", of_json, with("access_token", json!("")), "can't stand in a header"),
        ("200 OK", of_json, with("token_type", json!("mac")), "another type than `Bearer`"),
        ("500 Oh", "", "down".to_owned(), "500"),
        ("503 Oh", of_json, json!({"error": "temporarily_unavailable"}).to_string(), "503"),
        ("400 No", "", "no".to_owned(), "400"),
        ("302 Found", "location: https://evil.example/?t=polar_at_u_hidden\r\n", String::new(), "302"),
    ] {
        let server = Faulty::start([Fault::answer(status, headers, &body)]).await.unwrap();
        let oauth = oauth_at(&server.url, secret_post());
        let (pending, callback) = pending(&oauth);
        let error = oauth.finish(&pending, &callback).await.unwrap_err();
        assert!(matches!(error, OAuthError::Call(_)), "{body}: {error:?}");
        assert!(error.to_string().contains(words), "{body}: {error}");
        assert!(!error.must_sign_in());
        tells_no_secret(&error);
        assert_eq!(server.asked().len(), 1, "{body}: a code is not sent twice");
    }
}

#[tokio::test]
async fn a_token_endpoint_that_is_slow_or_sends_too_much_is_given_up() {
    let server = Faulty::start([Fault::Stall(Vec::new())]).await.unwrap();
    let slow = Polar::builder().base_url(&server.url).timeout(Duration::from_millis(50)).build().unwrap();
    let oauth = OAuthClient::new(slow, secret_post(), CALLBACK).unwrap();
    let error = oauth.refresh(&"polar_rt_u_hidden".into()).await.unwrap_err();
    assert!(matches!(&error, OAuthError::Call(call) if call.is_timeout()), "{error:?}");
    tells_no_secret(&error);
    assert_eq!(server.asked().len(), 1, "a refresh token is not sent twice");

    let server = Faulty::start([Fault::json("200 OK", &json!("x".repeat(10_000)))]).await.unwrap();
    let small = Polar::builder().base_url(&server.url).max_answer_size(1000).build().unwrap();
    let oauth = OAuthClient::new(small, secret_post(), CALLBACK).unwrap();
    let error = oauth.refresh(&"polar_rt_u_hidden".into()).await.unwrap_err();
    assert!(error.to_string().contains("is too large"), "{error}");
}

/// A store that counts, and fails when it is told to.
#[derive(Clone, Default)]
struct Counting {
    store: MemoryTokenStore,
    saves: Arc<AtomicUsize>,
    broken: Arc<AtomicBool>,
}

impl TokenStore for Counting {
    fn load(&self) -> BoxFuture<'_, Result<Option<Tokens>, Box<dyn Error + Send + Sync>>> {
        self.store.load()
    }

    fn save<'a>(&'a self, tokens: &'a Tokens) -> BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>> {
        self.saves.fetch_add(1, Ordering::SeqCst);
        if self.broken.load(Ordering::SeqCst) {
            return Box::pin(async { Err(io::Error::other("the disk is full").into()) });
        }
        self.store.save(tokens)
    }

    fn clear(&self) -> BoxFuture<'_, Result<(), Box<dyn Error + Send + Sync>>> {
        self.store.clear()
    }
}

/// Tokens that have to be refreshed: they came with no time to live.
async fn expired(server: &AuthorizationServer, oauth: &OAuthClient) -> Tokens {
    server.state().expires_in = 0;
    let tokens = signed_in(oauth).await;
    server.state().expires_in = 3600;
    tokens
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_calls_refresh_once() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let former = expired(&server, &oauth).await;
    let store = Counting { store: MemoryTokenStore::new(former.clone()), ..Counting::default() };
    let tokens = RefreshingTokens::new(oauth, store.clone());
    let polar = polar(&server.url).with_token_provider(tokens.clone());
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let polar = polar.clone();
            tokio::spawn(async move { polar.oauth2().userinfo().await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!((server.state().refreshes, store.saves.load(Ordering::SeqCst)), (1, 1));
    let kept = store.store.load().await.unwrap().unwrap();
    assert_eq!(kept, tokens.tokens().await.unwrap());
    assert_ne!(kept.refresh_token, former.refresh_token);
    assert!(server.state().refresh.contains_key(kept.refresh_token.unwrap().expose()), "the one that works is kept");
    shows_no_secret(&format!("{tokens:?} {store:?}", store = store.store));
}

#[tokio::test]
async fn a_refused_access_token_is_refreshed_once_and_the_call_sent_again() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let tokens = RefreshingTokens::new(oauth.clone(), MemoryTokenStore::new(signed_in(&oauth).await));
    let polar = polar(&server.url).with_token_provider(tokens.clone());
    polar.oauth2().userinfo().await.unwrap();
    assert_eq!(server.state().refreshes, 0);

    // The server ends them before their time.
    server.state().access.clear();
    let calls: Vec<_> = (0..100).map(|_| tokio::spawn(polar.oauth2().userinfo().into_future())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(server.state().refreshes, 1);

    // A token that is refused whatever it is: one refresh, and the API's own error.
    let first = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&first);
    let strict = Server::start(move |asked: &Asked| {
        seen.lock().unwrap().push(asked.headers["authorization"].clone());
        Told::json(401, &json!({"error": "invalid_token", "error_description": "no"}))
    })
    .await
    .unwrap();
    let polar = self::polar(&strict.url).with_token_provider(tokens);
    let error = polar.oauth2().userinfo().await.unwrap_err();
    assert!(error.is_unauthorized() && error.attempts() == 2, "{error}");
    assert_eq!(server.state().refreshes, 2);
    let seen = first.lock().unwrap();
    assert!(seen.len() == 2 && seen[0] != seen[1]);
}

#[tokio::test]
async fn other_refusals_and_other_tokens_are_not_refreshed() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let tokens = RefreshingTokens::new(oauth.clone(), MemoryTokenStore::new(signed_in(&oauth).await));
    let no =
        Server::start(|_: &Asked| Told::json(401, &json!({"error": "Unauthorized", "detail": "no"}))).await.unwrap();
    let polar = polar(&no.url).with_token_provider(tokens.clone());
    assert!(polar.oauth2().userinfo().await.unwrap_err().is_unauthorized());
    let polar = self::polar(&server.url).with_token_provider(tokens);
    assert!(polar.oauth2().userinfo().access_token("polar_at_u_other").await.unwrap_err().is_unauthorized());
    assert_eq!((server.state().refreshes, no.asked().len()), (0, 1));
}

#[tokio::test]
async fn a_refresh_token_that_works_no_more_is_one_error_for_all_and_asked_about_once() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let store = MemoryTokenStore::new(expired(&server, &oauth).await);
    server.state().refresh.clear();
    let tokens = RefreshingTokens::new(oauth.clone(), store.clone());
    let polar = polar(&server.url).with_token_provider(tokens.clone());
    let calls: Vec<_> = (0..50).map(|_| tokio::spawn(polar.oauth2().userinfo().into_future())).collect();
    for call in calls {
        let error = call.await.unwrap().unwrap_err();
        assert!(error.is_request(), "nothing was sent: {error}");
        let beneath = OAuthError::beneath(&error).unwrap();
        assert!(beneath.must_sign_in(), "{beneath}");
        assert!(beneath.to_string().ends_with("(sign in again)"), "{beneath}");
        tells_no_secret(&error);
    }
    assert!(tokens.tokens().await.unwrap_err().must_sign_in());
    assert_eq!(server.state().refreshes, 1);

    // After a new login it goes on; also where another process did that, and only the store knows.
    store.save(&signed_in(&oauth).await).await.unwrap();
    polar.oauth2().userinfo().await.unwrap();
    tokens.sign_in(signed_in(&oauth).await).await.unwrap();
    polar.oauth2().userinfo().await.unwrap();
}

#[tokio::test]
async fn a_process_that_lost_the_race_takes_what_the_other_one_saved() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let former = expired(&server, &oauth).await;

    /// Gives the tokens from before the race once, and from then on those that the other process saved.
    struct Racing(Mutex<Option<Tokens>>, MemoryTokenStore);
    impl TokenStore for Racing {
        fn load(&self) -> BoxFuture<'_, Result<Option<Tokens>, Box<dyn Error + Send + Sync>>> {
            match self.0.lock().unwrap().take() {
                Some(tokens) => Box::pin(async { Ok(Some(tokens)) }),
                None => self.1.load(),
            }
        }
        fn save<'a>(&'a self, tokens: &'a Tokens) -> BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>> {
            self.1.save(tokens)
        }
        fn clear(&self) -> BoxFuture<'_, Result<(), Box<dyn Error + Send + Sync>>> {
            self.1.clear()
        }
    }

    let other = RefreshingTokens::new(oauth.clone(), MemoryTokenStore::new(former.clone()));
    let saved = other.tokens().await.unwrap();
    let store = Racing(Mutex::new(Some(former)), MemoryTokenStore::new(saved.clone()));
    let tokens = RefreshingTokens::new(oauth, store);
    assert_eq!(tokens.tokens().await.unwrap(), saved);
    assert_eq!(server.state().refreshes, 2, "the second of them was refused");
}

#[tokio::test]
async fn a_store_that_fails_loses_no_refresh_token() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let store = Counting { store: MemoryTokenStore::new(expired(&server, &oauth).await), ..Counting::default() };
    store.broken.store(true, Ordering::SeqCst);
    let tokens = RefreshingTokens::new(oauth, store.clone());
    let polar = polar(&server.url).with_token_provider(tokens.clone());
    for _ in 0..3 {
        let error = polar.oauth2().userinfo().await.unwrap_err();
        let beneath = OAuthError::beneath(&error).unwrap();
        assert!(matches!(beneath, OAuthError::Store(_)) && !beneath.must_sign_in(), "{beneath:?}");
        assert_eq!(beneath.source().unwrap().to_string(), "the disk is full");
    }
    assert_eq!(server.state().refreshes, 1, "the tokens are there, and only have to be saved");
    store.broken.store(false, Ordering::SeqCst);
    polar.oauth2().userinfo().await.unwrap();
    assert_eq!(server.state().refreshes, 1);
    let kept = store.store.load().await.unwrap().unwrap();
    assert!(server.state().refresh.contains_key(kept.refresh_token.unwrap().expose()));
}

#[tokio::test]
async fn a_refresh_ends_well_where_nobody_waits_for_it_any_more() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let former = expired(&server, &oauth).await;
    let store = MemoryTokenStore::new(former.clone());
    let tokens = RefreshingTokens::new(oauth, store.clone());

    let call = tokens.tokens();
    let mut call = Box::pin(call);
    // Polled once, and given up: the request is on its way by then.
    let waker = std::task::Waker::noop();
    assert!(call.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
    drop(call);
    let saved = async {
        while store.load().await.unwrap().unwrap() == former {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), saved).await.unwrap();
    let kept = store.load().await.unwrap().unwrap();
    assert_eq!(kept, tokens.tokens().await.unwrap());
    assert_eq!(server.state().refreshes, 1);
}

#[tokio::test]
async fn a_server_that_is_down_costs_nothing_as_long_as_the_old_token_works() {
    let mock = MockTransport::new();
    mock.on("oauth2:request_token", Reply::json(500, &json!({})));
    mock.on("oauth2:request_token", Reply::no_connection());
    let polar = Polar::builder().transport(mock.clone()).build().unwrap();
    let oauth = OAuthClient::new(&polar, secret_post(), CALLBACK).unwrap();
    // Half of its life is over, so that it is to be refreshed; it works for five minutes more.
    let now = polar_client::chrono::DateTime::<polar_client::chrono::Utc>::from(std::time::SystemTime::now());
    let minutes = polar_client::chrono::TimeDelta::minutes;
    let stored = |left: i64| -> Tokens {
        serde_json::from_value(json!({
            "access_token": "polar_at_u_hidden", "refresh_token": "polar_rt_u_hidden", "scope": "", "id_token": null,
            "issued_at": now - minutes(5), "expires_at": now + minutes(left),
        }))
        .unwrap()
    };
    let store = MemoryTokenStore::new(stored(5));
    let tokens = RefreshingTokens::new(oauth.clone(), store).early(Duration::from_secs(3600));
    assert_eq!(tokens.tokens().await.unwrap(), stored(5));
    assert_eq!(mock.sent().len(), 1);
    tokens.sign_in(stored(0)).await.unwrap();
    let error = tokens.tokens().await.unwrap_err();
    assert!(matches!(&error, OAuthError::Call(call) if call.is_connect()), "{error:?}");
    tells_no_secret(&error);
    assert!(mock.sent().iter().all(|sent| sent.operation == "oauth2:request_token"));
}

#[test]
fn without_tokio_the_call_itself_refreshes() {
    let mock = MockTransport::new();
    let answer = json!({"access_token": "polar_at_u_2", "token_type": "Bearer", "expires_in": 60});
    mock.on("oauth2:request_token", Reply::json(200, &answer));
    let polar = Polar::builder().transport(mock.clone()).build().unwrap();
    let oauth = OAuthClient::new(&polar, secret_post(), CALLBACK).unwrap();
    let stored = serde_json::from_value(json!({
        "access_token": "polar_at_u_1", "refresh_token": "polar_rt_u_1", "scope": "", "id_token": null,
        "issued_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-01T01:00:00Z",
    }));
    let tokens = RefreshingTokens::new(oauth, MemoryTokenStore::new(stored.unwrap()));
    let mut call = std::pin::pin!(tokens.tokens());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let tokens = loop {
        if let std::task::Poll::Ready(tokens) = call.as_mut().poll(&mut context) {
            break tokens.unwrap();
        }
    };
    assert_eq!((tokens.access_token.expose(), mock.sent().len()), ("polar_at_u_2", 1));
}

#[tokio::test]
async fn a_user_who_signs_out_has_no_tokens_left() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let store = MemoryTokenStore::new(signed_in(&oauth).await);
    let tokens = RefreshingTokens::new(oauth, store.clone());
    tokens.tokens().await.unwrap();
    tokens.sign_out().await.unwrap();
    assert!(server.state().access.is_empty() && server.state().refresh.is_empty());
    assert_eq!(store.load().await.unwrap(), None);
    let error = tokens.tokens().await.unwrap_err();
    assert!(matches!(error, OAuthError::SignedOut) && error.must_sign_in());
    tokens.sign_out().await.unwrap();
}

#[tokio::test]
async fn a_public_client_signs_out_as_far_as_the_server_lets_it() {
    let server = AuthorizationServer::start().await.unwrap();
    server.register("polar_ci_1", "none", CALLBACK);
    let oauth = oauth_at(&server.url, ClientCredentials::public("polar_ci_1"));
    let allowed = signed_in(&oauth).await;
    let no = Server::start(|_: &Asked| Told::json(401, &json!({"error": "invalid_client"}))).await.unwrap();
    let strict = oauth_at(&no.url, ClientCredentials::public("polar_ci_1"));
    let tokens = RefreshingTokens::new(strict, MemoryTokenStore::new(allowed.clone()));
    tokens.sign_out().await.unwrap();
    assert!(matches!(tokens.tokens().await, Err(OAuthError::SignedOut)));
    // One that has a secret, and a wrong one, keeps the tokens: they still work.
    let wrong = RefreshingTokens::new(oauth_at(&no.url, secret_post()), MemoryTokenStore::new(allowed.clone()));
    assert_eq!(code_of(&wrong.sign_out().await.unwrap_err()), &OAuthErrorCode::InvalidClient);
    assert_eq!(wrong.tokens().await.unwrap(), allowed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_that_dies_with_its_runtime_begins_again() {
    let answer = json!({"access_token": "polar_at_u_2", "token_type": "Bearer", "expires_in": 60});
    let script = [Fault::Stall(Vec::new()), Fault::json("200 OK", &answer)];
    let server = Faulty::start(script).await.unwrap();
    let stored: Tokens = serde_json::from_value(json!({
        "access_token": "polar_at_u_1", "refresh_token": "polar_rt_u_1", "scope": "openid", "id_token": null,
        "issued_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-01T01:00:00Z",
    }))
    .unwrap();
    let oauth = oauth_at(&server.url, secret_post());
    let tokens = RefreshingTokens::new(oauth, MemoryTokenStore::new(stored));

    let brief = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (theirs, asked) = (tokens.clone(), server.clone());
    let waiting = brief.spawn(async move { theirs.tokens().await });
    asked.got_one().await;
    brief.shutdown_background();
    assert!(waiting.await.is_err(), "it went with its runtime");
    let tokens = tokens.tokens().await.unwrap();
    assert_eq!((tokens.access_token.expose(), tokens.scope.as_str()), ("polar_at_u_2", "openid"));
    assert_eq!(tokens.refresh_token, Some("polar_rt_u_1".into()), "what an answer leaves out stays as it was");
}

#[tokio::test]
async fn tokens_without_a_refresh_token_work_until_they_expire() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let mut once = signed_in(&oauth).await;
    once.refresh_token = None;
    let tokens = RefreshingTokens::new(oauth.clone(), MemoryTokenStore::new(once.clone()));
    assert_eq!(tokens.tokens().await.unwrap(), once);
    let polar = polar(&server.url).with_token_provider(tokens);
    server.state().access.clear();
    let error = polar.oauth2().userinfo().await.unwrap_err();
    assert!(matches!(OAuthError::beneath(&error), Some(OAuthError::SignedOut)), "{error}");
}

#[test]
fn a_blocking_program_refreshes_as_well() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (server, tokens) = runtime.block_on(async {
        let server = server().await;
        let oauth = oauth_at(&server.url, secret_post());
        let stored = expired(&server, &oauth).await;
        (server, RefreshingTokens::new(oauth, MemoryTokenStore::new(stored)))
    });
    let polar = polar(&server.url).with_token_provider(tokens);
    polar.oauth2().userinfo().send_blocking().unwrap();
    assert_eq!(server.state().refreshes, 1);
}

#[tokio::test]
async fn tokens_are_looked_at_and_revoked() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let tokens = signed_in(&oauth).await;
    let active: IntrospectTokenResponse = oauth.introspect(&tokens.access_token).await.unwrap();
    assert!(active.active && active.sub.as_deref() == Some("user_1") && active.sub_type == Some(SubType::User));
    oauth.revoke(tokens.refresh_token.as_ref().unwrap()).await.unwrap();
    let ended: IntrospectTokenResponse = oauth.introspect(&tokens.access_token).await.unwrap();
    assert!(!ended.active && ended.sub.is_none(), "it says nothing else: {ended:?}");
    oauth.revoke(&tokens.access_token).await.unwrap();

    let public = oauth_at(&server.url, ClientCredentials::public("polar_ci_1"));
    let error = public.revoke(&tokens.access_token).await.unwrap_err();
    assert_eq!(code_of(&error), &OAuthErrorCode::InvalidClient);
    tells_no_secret(&error);
    let error = oauth.refresh(tokens.refresh_token.as_ref().unwrap()).await.unwrap_err();
    assert!(error.must_sign_in());
}

#[tokio::test]
async fn the_discovery_document_is_that_of_the_server_that_was_asked() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let about = oauth.discover().await.unwrap();
    assert_eq!(about.token_endpoint, format!("{}/v1/oauth2/token", server.url));
    assert_eq!(about.code_challenge_methods_supported, ["S256"]);
    assert_eq!(about.extra["subject_types_supported"], json!(["public"]));

    server.state().issuer = "https://evil.example".to_owned();
    let error = oauth.discover().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the discovery document is not to be trusted: its issuer is `https://evil.example`, expected `https://polar.sh`"
    );
    let (pending, _) = pending(&oauth);
    let id_token = server.state().key.sign(&claims("polar_ci_1", pending.nonce().expose())).into();
    let error = oauth.verify_id_token(&id_token, pending.nonce()).await.unwrap_err();
    assert!(matches!(error, OAuthError::Discovery(_)), "no key is taken from there");

    let mut document = json!(null);
    for uri in ["http://evil.example/keys", "keys", "file:///keys"] {
        document = json!({
            "issuer": "https://polar.sh", "jwks_uri": uri, "authorization_endpoint": "", "token_endpoint": "",
        });
        let mock = MockTransport::new();
        mock.on("openid:discovery", Reply::json(200, &document));
        let polar = Polar::builder().transport(mock).build().unwrap();
        let oauth = OAuthClient::new(polar, secret_post(), CALLBACK).unwrap();
        assert!(matches!(oauth.discover().await, Err(OAuthError::Discovery(_))), "{uri}");
    }
    assert!(document.is_object());
}

#[tokio::test]
async fn an_id_token_is_trusted_only_as_the_server_signed_it_for_this_login() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let (pending, _) = pending(&oauth);
    let nonce = pending.nonce().expose();
    let good = claims("polar_ci_1", nonce);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    let sign = |claims: &Value| server.state().key.sign(claims);
    let verify = async |token: &str| oauth.verify_id_token(&Secret::from(token), pending.nonce()).await;

    let two = json!(["polar_ci_1", "polar_ci_2"]);
    let mut several = with("aud", two.clone());
    several["azp"] = json!("polar_ci_1");
    for claims in [good.clone(), with("aud", json!("polar_ci_1")), several.clone(), with("more", json!([1]))] {
        assert_eq!(verify(&sign(&claims)).await.unwrap().subject, "user_1");
    }
    assert_eq!(server.state().keys_asked, 1, "keys are kept");

    several["azp"] = json!("polar_ci_2");
    for (claims, expected) in [
        (with("iss", json!("https://evil.example")), IdTokenError::WrongIssuer),
        (with("aud", json!(["polar_ci_2"])), IdTokenError::WrongAudience),
        (with("aud", two), IdTokenError::WrongParty),
        (several, IdTokenError::WrongParty),
        (with("exp", json!(1)), IdTokenError::Expired),
        (with("nonce", json!("hidden")), IdTokenError::WrongNonce),
        (without("nonce"), IdTokenError::Missing("nonce")),
        (without("exp"), IdTokenError::Missing("exp")),
        (without("aud"), IdTokenError::Missing("aud")),
        (without("iss"), IdTokenError::Missing("iss")),
        (without("sub"), IdTokenError::Missing("sub")),
    ] {
        refused(verify(&sign(&claims)).await, expected, &claims.to_string());
    }

    // Changed after it was signed, or signed otherwise.
    let signed = sign(&good);
    let (text, signature) = signed.rsplit_once('.').unwrap();
    let header = json!({"alg": "RS256", "kid": "key_1"});
    let forged = unsigned(&header, &with("sub", json!("user_2")));
    refused(verify(&format!("{forged}.{signature}")).await, IdTokenError::WrongSignature, "another user");
    refused(verify(&format!("{text}.")).await, IdTokenError::WrongSignature, "no signature");
    for algorithm in ["none", "None", "HS256", "RS512", "PS256", "ES256"] {
        let header = json!({"alg": algorithm, "kid": "key_1"});
        let token = server.state().key.sign_with(&header, &good);
        refused(verify(&token).await, IdTokenError::WrongAlgorithm, algorithm);
        let bare = format!("{}.", unsigned(&header, &good));
        refused(verify(&bare).await, IdTokenError::WrongAlgorithm, algorithm);
    }
    let public_bytes = server.state().key.public_bytes();
    let published = server.state().published[0].to_string().into_bytes();
    for published in [public_bytes, published] {
        use aws_lc_rs::hmac;
        use base64::Engine as _;
        for algorithm in ["HS256", "RS256"] {
            let text = unsigned(&json!({"alg": algorithm, "kid": "key_1"}), &good);
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &published), text.as_bytes());
            let token = format!("{text}.{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(tag));
            let error = verify(&token).await.unwrap_err();
            assert!(matches!(error, OAuthError::IdToken(_)), "{algorithm}: {error}");
        }
    }
    for text in ["", "hidden", "a.b.c", "..", &text.replace('.', "")] {
        refused(verify(text).await, IdTokenError::Malformed, text);
    }
    let critical = server.state().key.sign_with(&json!({"alg": "RS256", "kid": "key_1", "crit": ["b64"]}), &good);
    refused(verify(&critical).await, IdTokenError::Malformed, "an extension that is not known");
    assert_eq!(server.state().keys_asked, 1);
}

fn refused<T: Debug>(result: Result<T, OAuthError>, expected: IdTokenError, what: &str) {
    match result {
        Err(error) => {
            tells_no_secret(&error);
            assert!(matches!(&error, OAuthError::IdToken(found) if *found == expected), "{what}: {error}");
        }
        Ok(value) => panic!("{what} is trusted: {value:?}"),
    }
}

#[tokio::test]
async fn keys_are_fetched_anew_once_when_the_server_has_changed_them() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let (pending, _) = pending(&oauth);
    let good = claims("polar_ci_1", pending.nonce().expose());
    let verify = async |token: &str| oauth.verify_id_token(&Secret::from(token), pending.nonce()).await;
    let old = server.state().key.sign(&good);
    verify(&old).await.unwrap();

    let key = SigningKey::new("key_2").unwrap();
    let other_use = json!({"kty": "RSA", "use": "enc", "kid": "key_2", "n": "AQAB", "e": "AQAB"});
    let other_type = json!({"kty": "oct", "kid": "key_2", "k": "aGlkZGVu"});
    server.state().published = vec![other_use, other_type, key.published()];
    verify(&key.sign(&good)).await.unwrap();
    assert_eq!(server.state().keys_asked, 2);

    let stranger = SigningKey::new("key_3").unwrap();
    refused(verify(&stranger.sign(&good)).await, IdTokenError::UnknownKey, "a key that is not published");
    assert_eq!(server.state().keys_asked, 3, "once for each try");
    refused(verify(&old).await, IdTokenError::UnknownKey, "a key that is published no more");

    let nameless = key.sign_with(&json!({"alg": "RS256"}), &good);
    verify(&nameless).await.unwrap();
    server.state().published.push(stranger.published());
    let fresh = oauth_at(&server.url, secret_post());
    let error = fresh.verify_id_token(&nameless.into(), pending.nonce()).await;
    refused(error, IdTokenError::UnknownKey, "which of two keys is not said");
}

#[tokio::test]
async fn a_client_is_registered_read_changed_and_deleted() {
    let server = AuthorizationServer::start().await.unwrap();
    let polar = Polar::builder().base_url(&server.url).access_token("polar_pat_1").build().unwrap();
    let clients = polar.oauth2().clients();
    let config = OAuthClientConfig::new("My App", ["https://example.com/auth/callback"])
        .client_uri("https://example.com")
        .logo_uri("https://example.com/logo.png")
        .tos_uri("https://example.com/terms")
        .policy_uri("https://example.com/privacy")
        .token_endpoint_auth_method(TokenEndpointAuthMethod::ClientSecretBasic)
        .grant_types(["authorization_code", "refresh_token"])
        .response_types(["code"])
        .scope(scopes())
        .default_sub_type(SubType::User);
    let body: OAuth2ClientConfiguration = config.create_body().unwrap();
    let made = clients.create(body).await.unwrap();
    assert_eq!((made.client_id_issued_at, made.client_secret_expires_at), (Some(1_790_000_000), Some(0)));
    assert_eq!(made.token_endpoint_auth_method, Some(TokenEndpointAuthMethod::ClientSecretBasic));
    assert_eq!(made.default_sub_type, Some(SubType::User));
    assert_eq!(made.scope.as_deref(), Some("email openid products:read"));
    assert!(made.client_secret.as_ref().unwrap().expose().starts_with("polar_cs_"));
    assert!(made.registration_client_uri.as_ref().unwrap().ends_with(&made.client_id));
    shows_no_secret(&format!("{made:?}"));

    // What the server chooses where nothing is said.
    let least = OAuthClientConfig::new("Public", ["myapp://callback"]).token_endpoint_auth_method("none");
    let public = clients.create(least.create_body().unwrap()).await.unwrap();
    assert!(public.client_secret.is_none() && public.client_secret_expires_at.is_none());
    assert_eq!(public.grant_types, Some(vec!["authorization_code".to_owned(), "refresh_token".to_owned()]));
    assert_eq!(public.default_sub_type, Some(SubType::Organization));

    let listed = clients.list().limit(100).await.unwrap();
    let names: Vec<&str> = listed.items.iter().map(|client| client.client_name.as_str()).collect();
    assert_eq!(names, ["My App", "Public"]);

    // The registration token, or the owner's.
    let token = made.registration_access_token.as_ref().unwrap().expose();
    let read = clients.get(&made.client_id).access_token(token).await.unwrap();
    assert_eq!(read.redirect_uris, ["https://example.com/auth/callback"]);
    assert_eq!(clients.get(&made.client_id).await.unwrap().client_id, made.client_id);
    assert!(clients.get(&made.client_id).access_token("polar_crt_other").await.unwrap_err().is_unauthorized());

    let more = ["https://example.com/auth/callback", "https://staging.example.com/auth/callback"];
    let changed = OAuthClientConfig::of(&read).unwrap().client_name("My App (Updated)").redirect_uris(more);
    let body: OAuth2ClientConfigurationUpdate = changed.update_body(&made.client_id).unwrap();
    let updated = clients.update(&made.client_id, body).access_token(token).await.unwrap();
    assert_eq!((updated.client_name.as_str(), updated.redirect_uris.len()), ("My App (Updated)", 2));
    assert_eq!(updated.logo_uri, made.logo_uri, "what was not changed stays");

    clients.delete(&made.client_id).access_token(token).await.unwrap();
    assert!(clients.get(&made.client_id).await.is_err());
}

#[test]
fn the_operations_of_the_flow_are_those_of_the_document() {
    for (operation, id, path) in [
        (Oauth2RequestTokenRequest::OPERATION, "oauth2:request_token", "/v1/oauth2/token"),
        (Oauth2RevokeTokenRequest::OPERATION, "oauth2:revoke_token", "/v1/oauth2/revoke"),
        (Oauth2IntrospectTokenRequest::OPERATION, "oauth2:introspect_token", "/v1/oauth2/introspect"),
    ] {
        assert_eq!((operation.id, operation.path), (id, path));
    }
}

#[tokio::test]
async fn a_mock_answers_the_whole_flow() {
    let mock = MockTransport::new();
    let answer = json!({"access_token": "polar_at_o_1", "token_type": "bearer", "expires_in": 60, "id_token": null});
    mock.on("oauth2:request_token", Reply::json(200, &answer));
    mock.on("products:list", Reply::json(200, &json!({"items": [], "pagination": {"total_count": 0, "max_page": 0}})));
    let polar = Polar::builder().transport(mock.clone()).access_token("polar_oat_own").build().unwrap();
    let oauth = OAuthClient::new(&polar, ClientCredentials::basic("polar_ci_1", "polar_cs_1"), CALLBACK).unwrap();
    let (pending, callback) = pending(&oauth);
    let user = oauth.finish(&pending, &callback).await.unwrap();
    assert!(user.identity.is_none());
    let tokens = RefreshingTokens::new(oauth, MemoryTokenStore::new(user.tokens));
    polar.with_token_provider(tokens).products().list().await.unwrap();
    let sent = mock.sent();
    let header = |index: usize| sent[index].request.headers()["authorization"].to_str().unwrap().to_owned();
    assert_eq!((header(0).as_str(), header(1).as_str()), ("Basic cG9sYXJfY2lfMTpwb2xhcl9jc18x", "Bearer polar_at_o_1"));
    let form = String::from_utf8(sent[0].request.body().to_vec()).unwrap();
    let names: Vec<String> = url::form_urlencoded::parse(form.as_bytes()).map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["grant_type", "code", "redirect_uri", "code_verifier"]);
}

/// A provider that knows nothing about refused tokens still compiles, and the API's answer stays.
#[tokio::test]
async fn a_plain_provider_is_not_asked_twice() {
    struct Fixed(AtomicUsize);
    impl TokenProvider for Fixed {
        fn access_token(&self) -> BoxFuture<'_, Result<SecretString, Box<dyn Error + Send + Sync>>> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { Ok("polar_at_u_old".into()) })
        }
    }
    let server = server().await;
    let provider = Arc::new(Fixed(AtomicUsize::new(0)));
    let polar = polar(&server.url).with_token_provider(Arc::clone(&provider));
    let error = polar.oauth2().userinfo().await.unwrap_err();
    assert!(error.is_unauthorized() && error.attempts() == 1);
    assert_eq!(provider.0.load(Ordering::SeqCst), 1);
}

/// A browser: it keeps cookies, and goes where it is sent, one step at a time.
struct Browser {
    client: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn new() -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, cookies: BTreeMap::new() }
    }

    /// Status, `Location`, and text of the answer.
    async fn send(&mut self, method: reqwest::Method, url: &str) -> (u16, String, String) {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = self.client.request(method, url).header("cookie", cookies.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
            let (name, value) = cookie.split_once(';').unwrap().0.split_once('=').unwrap();
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let location = answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        (answer.status().as_u16(), location.unwrap_or_default(), answer.text().await.unwrap())
    }

    async fn get(&mut self, url: &str) -> (u16, String, String) {
        self.send(reqwest::Method::GET, url).await
    }
}

#[tokio::test]
async fn a_web_application_signs_users_in_and_out() {
    let server = AuthorizationServer::start().await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    let redirect_uri = format!("{site}/callback");
    server.register("polar_ci_1", "client_secret_post", &redirect_uri);
    let polar = polar(&server.url);
    let oauth = OAuthClient::new(&polar, secret_post(), redirect_uri).unwrap();
    let oauth = oauth.authorization_endpoint(&format!("{}/oauth2/authorize", server.url)).unwrap();
    let router = oauth_login::router(polar, oauth, false);
    tokio::spawn(async move { axum::serve(listener, router).await });

    let mut browser = Browser::new();
    assert!(browser.get(&site).await.2.contains("Sign in with Polar"));
    let (status, page, _) = browser.get(&format!("{site}/login")).await;
    assert_eq!(status, 303);
    let (_, callback, _) = browser.get(&page).await;

    // A browser that did not begin the login has no use of its callback.
    let mut stranger = Browser::new();
    assert_eq!(stranger.get(&callback).await.1, "/login");

    let (status, home, text) = browser.get(&callback).await;
    assert_eq!((status, home.as_str()), (303, "/"), "{text}");
    assert_eq!(browser.get(&site).await.2, "signed in as ada@example.com");
    assert_eq!(browser.get(&callback).await.1, "/login", "the login is over, and the code is not sent again");

    // The access token ends before its time: the user sees nothing of it.
    server.state().access.clear();
    assert_eq!(browser.get(&site).await.2, "signed in as ada@example.com");
    assert_eq!(server.state().refreshes, 1);

    let (status, _, text) = browser.send(reqwest::Method::POST, &format!("{site}/logout")).await;
    assert_eq!(status, 303, "{text}");
    assert!(server.state().access.is_empty() && server.state().refresh.is_empty(), "both tokens are revoked");
    assert!(browser.get(&site).await.2.contains("Sign in with Polar"));

    // The user says no; and one who is cut off by the server signs in again.
    server.state().page_says = Some("access_denied");
    let page = browser.get(&format!("{site}/login")).await.1;
    let callback = browser.get(&page).await.1;
    let (status, _, text) = browser.get(&callback).await;
    assert_eq!((status, text.as_str()), (400, "the authorization server refused: access_denied: The user said no"));
    server.state().page_says = None;
    let page = browser.get(&format!("{site}/login")).await.1;
    let callback = browser.get(&page).await.1;
    browser.get(&callback).await;
    server.state().access.clear();
    server.state().refresh.clear();
    assert_eq!(browser.get(&site).await.1, "/login");
}

#[tokio::test]
async fn clients_for_development_and_production_are_registered() {
    let server = AuthorizationServer::start().await.unwrap();
    let polar = Polar::builder().base_url(&server.url).access_token("polar_pat_1").build().unwrap();
    let report = register_oauth_client::run(&polar).await.unwrap();
    shows_no_secret(&report);
    assert_eq!(
        report,
        "POLAR_CLIENT_ID_PROD=polar_ci_1 (keep the secret that came with it)\n\
         POLAR_CLIENT_ID_DEV=polar_ci_4 (keep the secret that came with it)\n\
         redirect URI \"http://example.com/callback\": it must have `https`, since the code travels in it; `http` is \
         for `localhost`, `*.localhost` and private IPv4 addresses\n\
         My App: https://example.com/callback\n\
         My App (Development): http://localhost:3000/callback\n\
         My App has 2 redirect URIs\n\
         My App (Development) is deleted\n"
    );
    assert_eq!(server.state().clients.len(), 1);
}
