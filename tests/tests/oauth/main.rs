//! OAuth over the loopback interface: logins, tokens and their refresh, ID tokens, clients, and errors.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../../../generated/examples/oauth_login.rs"]
mod oauth_login;

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../../../generated/examples/register_oauth_client.rs"]
mod register_oauth_client;

mod inspection;
mod keys;
mod login;
mod programs;
mod recordings;
mod refresh;
mod refresh_faults;
mod registration;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Debug;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use polar_client::models::{
    IntrospectTokenResponse, OAuth2ClientConfiguration, OAuth2ClientConfigurationUpdate, OAuth2ClientInformation,
    OAuth2GrantType, SubType, TokenEndpointAuthMethod, TokenResponse, TokenType, UserInfo,
};
use polar_client::oauth2::{
    CallbackError, ClientCredentials, IdTokenError, MemoryTokenStore, OAuthClient, OAuthClientConfig, OAuthError,
    OAuthErrorCode, PendingLogin, Prompt, RefreshingTokens, TokenStore, Tokens, stored_redirect_uri,
};
use polar_client::resources::oauth2::{
    Oauth2ClientsListRequest, Oauth2IntrospectTokenRequest, Oauth2RequestTokenRequest, Oauth2RevokeTokenRequest,
};
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::runtime::{BoxError, SecretString};
use polar_client::{Polar, Scope, ScopeSet, Secret, TokenKind, TokenProvider};
use polar_testkit::authorization::{AuthorizationServer, SigningKey, claims, unsigned};
use polar_testkit::document::Document;
use polar_testkit::server::{Asked, Fault, Server, Told};
use serde_json::{Value, json};

const CALLBACK: &str = "http://localhost:3000/callback";

fn secret_post() -> ClientCredentials {
    ClientCredentials::post("polar_ci_1", "polar_cs_1")
}

fn polar(url: &str) -> Polar {
    Polar::builder().base_url(url).build().unwrap()
}

/// A registered client of this server.
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

/// Acts like a browser: opens the page, and is redirected to the program with the callback.
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

/// A login with its callback.
fn pending(oauth: &OAuthClient) -> (PendingLogin, String) {
    let login = oauth.login(scopes()).unwrap().begin().unwrap();
    let callback = format!("?code=polar_ac_hidden&state={}", login.pending.state().expose());
    (login.pending, callback)
}

/// Fails if an error, or one of its sources, shows a secret.
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
