//! A web application that users sign in to with Polar: login, callback, session, refresh and logout.
//!
//! Run it with a client of the sandbox that was registered with the redirect URI `http://localhost:3000/callback`, as
//! the example `register_oauth_client` registers one:
//! `POLAR_CLIENT_ID_DEV=polar_ci_... POLAR_CLIENT_SECRET_DEV=polar_cs_... cargo run --example oauth_login`.
//! With `ENVIRONMENT=production` it reads the variables that end in `_PROD`, and `REDIRECT_URI`.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, Html, IntoResponse, Response};
use axum::routing::{get, post};
use polar_client::models::UserInfo;
use polar_client::oauth2::{
    ClientCredentials, MemoryTokenStore, OAuthClient, OAuthError, PendingLogin, RefreshingTokens, unguessable,
};
use polar_client::{Environment, Polar, Scope, ScopeSet};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let production = std::env::var("ENVIRONMENT").is_ok_and(|name| name == "production");
    let (environment, suffix, redirect_uri) = match production {
        true => (Environment::Production, "PROD", std::env::var("REDIRECT_URI")?),
        false => (Environment::Sandbox, "DEV", "http://localhost:3000/callback".to_owned()),
    };
    let polar = Polar::builder().environment(environment).build()?;
    let oauth = OAuthClient::new(&polar, ClientCredentials::from_env(Some(suffix))?, redirect_uri)?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, router(polar, oauth, production)).await?)
}

/// The state that the handlers share. A real program stores logins and sessions in its database.
struct App {
    polar: Polar,
    oauth: OAuthClient,
    /// Whether browsers send the cookies over HTTPS only.
    secure: bool,
    logins: Mutex<HashMap<String, PendingLogin>>,
    sessions: Mutex<HashMap<String, RefreshingTokens>>,
}

/// The routes `/`, `/login`, `/callback` and `/logout`.
pub(crate) fn router(polar: Polar, oauth: OAuthClient, secure: bool) -> Router {
    let (logins, sessions) = (Mutex::default(), Mutex::default());
    Router::new()
        .route("/", get(home))
        .route("/login", get(login))
        .route("/callback", get(callback))
        .route("/logout", post(logout))
        .with_state(Arc::new(App { polar, oauth, secure, logins, sessions }))
}

/// Starts a login. The cookie binds it to this browser, so that the callback fails in another one.
async fn login(State(app): State<Arc<App>>) -> Result<Response, Failure> {
    let scopes = ScopeSet::from([Scope::Openid, Scope::Email, Scope::ProductsRead]);
    let login = app.oauth.login(scopes)?.for_user().begin()?;
    let name = unguessable()?.expose().to_owned();
    lock(&app.logins).insert(name.clone(), login.pending);
    Ok(app.redirect(&login.url, &[("login", &name)]))
}

/// Completes the login: it is valid for one callback, and the session gets a new name.
async fn callback(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let pending = cookie(&headers, "login").and_then(|name| lock(&app.logins).remove(name));
    let Some(pending) = pending else { return Ok(app.redirect("/login", &[("login", "")])) };
    let user = app.oauth.finish(&pending, &query.unwrap_or_default()).await?;
    let tokens = RefreshingTokens::new(app.oauth.clone(), MemoryTokenStore::new(user.tokens));
    let session = unguessable()?.expose().to_owned();
    lock(&app.sessions).insert(session.clone(), tokens);
    Ok(app.redirect("/", &[("login", ""), ("session", &session)]))
}

/// Acts for the user who is signed in.
async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Failure> {
    let session = cookie(&headers, "session").unwrap_or_default();
    let tokens = lock(&app.sessions).get(session).cloned();
    let Some(tokens) = tokens else { return Ok(Html("<a href=\"/login\">Sign in with Polar</a>").into_response()) };
    match app.polar.with_token_provider(tokens).oauth2().userinfo().await {
        Ok(UserInfo::User(user)) => Ok(format!("signed in as {}", user.email.unwrap_or(user.sub)).into_response()),
        Ok(_) => Ok("signed in".into_response()),
        Err(error) if OAuthError::beneath(&error).is_some_and(OAuthError::must_sign_in) => {
            lock(&app.sessions).remove(session);
            Ok(app.redirect("/login", &[("session", "")]))
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends the session, and revokes the tokens.
async fn logout(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Failure> {
    let session = cookie(&headers, "session").unwrap_or_default();
    let tokens = lock(&app.sessions).get(session).cloned();
    if let Some(tokens) = tokens {
        tokens.sign_out().await?;
        lock(&app.sessions).remove(session);
    }
    Ok(app.redirect("/", &[("session", "")]))
}

impl App {
    /// Redirects the browser and sets cookies; an empty one is deleted.
    fn redirect(&self, to: &str, cookies: &[(&str, &str)]) -> Response {
        let secure = if self.secure { "; Secure" } else { "" };
        let set = cookies.iter().map(|(name, value)| {
            let age = if value.is_empty() { "; Max-Age=0" } else { "" };
            (SET_COOKIE, format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"))
        });
        (StatusCode::SEE_OTHER, AppendHeaders([(LOCATION, to.to_owned())]), AppendHeaders(set.collect::<Vec<_>>()))
            .into_response()
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|text| text.split("; ")).filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A message for the user. The errors of the crate contain no secrets, so they can be logged.
struct Failure(StatusCode, String);

impl From<OAuthError> for Failure {
    fn from(error: OAuthError) -> Self {
        let status = match &error {
            OAuthError::Callback(_) | OAuthError::Refused(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::BAD_GATEWAY,
        };
        Self(status, error.to_string())
    }
}

impl From<polar_client::Error> for Failure {
    fn from(error: polar_client::Error) -> Self {
        Self(StatusCode::BAD_GATEWAY, error.to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}
