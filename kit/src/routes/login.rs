//! Login with Polar: two routes and a session store of the program.

use std::fmt::{self, Display};
use std::sync::Arc;

use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use polar_client::Secret;
use polar_client::oauth2::{OAuthClient, PendingLogin, SignedIn, unguessable};
use polar_client::runtime::BoxError;

use super::service::{Redirect, Route};
use super::{Report, RouteError};

/// Time limit of a login in seconds.
const LOGIN_SECONDS: u32 = 600;

/// Stores running logins and sessions: your database, or the session layer that you use.
///
/// Implement it with `async fn`:
///
/// ```
/// use std::collections::HashMap;
/// use std::error::Error;
/// use std::sync::Mutex;
///
/// use http::request::Parts;
/// use http::{HeaderMap, HeaderValue};
/// use polar_client::oauth2::{PendingLogin, SignedIn, unguessable};
/// use polar_client_kit::routes::SessionStore;
///
/// #[derive(Default)]
/// struct Sessions {
///     logins: Mutex<HashMap<String, PendingLogin>>,
///     users: Mutex<HashMap<String, SignedIn>>,
/// }
///
/// type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;
///
/// impl SessionStore for Sessions {
///     async fn keep(&self, key: &str, login: PendingLogin) -> Outcome<()> {
///         self.logins.lock().map_err(|_| "the lock is poisoned")?.insert(key.to_owned(), login);
///         Ok(())
///     }
///
///     async fn take(&self, key: &str) -> Outcome<Option<PendingLogin>> {
///         Ok(self.logins.lock().map_err(|_| "the lock is poisoned")?.remove(key))
///     }
///
///     async fn sign_in(&self, _: &Parts, user: SignedIn) -> Outcome<HeaderMap> {
///         let session = unguessable()?;
///         let cookie = format!("session={}; Path=/; HttpOnly; Secure; SameSite=Lax", session.expose());
///         self.users.lock().map_err(|_| "the lock is poisoned")?.insert(session.expose().to_owned(), user);
///         Ok(HeaderMap::from_iter([(http::header::SET_COOKIE, HeaderValue::try_from(cookie)?)]))
///     }
/// }
/// ```
pub trait SessionStore: Send + Sync + 'static {
    /// Keeps a login for ten minutes. The browser gets the key as a cookie.
    fn keep(&self, key: &str, login: PendingLogin) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Removes a login and returns it. It works once: a second call with the same key returns `None`.
    fn take(&self, key: &str) -> impl Future<Output = Result<Option<PendingLogin>, BoxError>> + Send;

    /// Starts the session of a user, with a new key even if the browser has a session already. Returns headers for the
    /// response: the cookie of the session.
    fn sign_in(&self, request: &Parts, user: SignedIn) -> impl Future<Output = Result<HeaderMap, BoxError>> + Send;
}

/// A login that was started: redirect the browser to `url` with the header `cookie`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StartedLogin {
    /// The URL for the browser.
    pub url: Secret,
    /// The value of a `Set-Cookie` header.
    pub cookie: Secret,
}

/// Signs users in with Polar.
///
/// [`start_route`](Self::start_route) redirects the browser to Polar's page. [`callback_route`](Self::callback_route)
/// belongs at the redirect URI of the OAuth client: it checks that this browser started the login, fetches the tokens,
/// calls [`SessionStore::sign_in`] and redirects the browser to a page of yours.
///
/// ```
/// use axum::Router;
/// use axum::routing::get_service;
/// use polar_client::oauth2::OAuthClient;
/// use polar_client_kit::routes::{Login, SessionStore};
///
/// fn routes(oauth: OAuthClient, sessions: impl SessionStore) -> Router {
///     let login = Login::new(oauth, "openid email", sessions).after("/account");
///     Router::new()
///         .route("/login", get_service(login.start_route()))
///         .route("/callback", get_service(login.callback_route()))
/// }
/// ```
pub struct Login<S>(Arc<Settings<S>>);

struct Settings<S> {
    oauth: OAuthClient,
    scopes: String,
    store: Arc<S>,
    after: String,
    report: Report,
}

impl<S: SessionStore> Login<S> {
    /// The name of the cookie that binds a login to its browser.
    pub const COOKIE: &'static str = "polar_login";

    /// Creates a login that requests these scopes: a `ScopeSet`, or a text such as `"openid email"`.
    pub fn new(oauth: OAuthClient, scopes: impl Display, store: S) -> Self {
        Self::of(oauth, scopes.to_string(), Arc::new(store), "/".to_owned(), Arc::new(|_| ()))
    }

    fn of(oauth: OAuthClient, scopes: String, store: Arc<S>, after: String, report: Report) -> Self {
        Self(Arc::new(Settings { oauth, scopes, store, after, report }))
    }

    /// Sets the page after the login, `/` by default.
    #[must_use]
    pub fn after(self, url: impl Into<String>) -> Self {
        let Settings { oauth, scopes, store, report, .. } = &*self.0;
        Self::of(oauth.clone(), scopes.clone(), Arc::clone(store), url.into(), Arc::clone(report))
    }

    /// Calls `report` for each error that a user gets. Use it for logs.
    #[must_use]
    pub fn on_error(self, report: impl Fn(&RouteError) + Send + Sync + 'static) -> Self {
        let Settings { oauth, scopes, store, after, .. } = &*self.0;
        Self::of(oauth.clone(), scopes.clone(), Arc::clone(store), after.clone(), Arc::new(report))
    }

    /// Returns the route that starts a login.
    #[must_use]
    pub fn start_route(&self) -> LoginStart<S> {
        LoginStart(self.clone())
    }

    /// Returns the route that completes it: the redirect URI of the OAuth client.
    #[must_use]
    pub fn callback_route(&self) -> LoginCallback<S> {
        LoginCallback(self.clone())
    }

    /// Starts a login and stores it.
    ///
    /// # Errors
    /// The scopes are not valid, or the store fails.
    pub async fn start(&self) -> Result<StartedLogin, RouteError> {
        let login = self.0.oauth.login(&self.0.scopes)?.begin()?;
        let key = unguessable()?;
        self.0.store.keep(key.expose(), login.pending).await.map_err(RouteError::internal)?;
        Ok(StartedLogin { url: login.url.into(), cookie: self.cookie(key.expose(), LOGIN_SECONDS).into() })
    }

    /// Completes a login: `cookie` is the value of the cookie [`COOKIE`](Self::COOKIE), and `query` the query of the
    /// callback.
    ///
    /// # Errors
    /// The login was not started in this browser, was refused, or the API can't be reached.
    pub async fn finish(&self, cookie: Option<&str>, query: &str) -> Result<SignedIn, RouteError> {
        let pending = match cookie {
            Some(key) => self.0.store.take(key).await.map_err(RouteError::internal)?,
            None => None,
        };
        let pending = pending.ok_or_else(|| {
            RouteError::bad_request(
                "The login was not started in this browser, or took too long. Please sign in again.",
            )
        })?;
        Ok(self.0.oauth.finish(&pending, query).await?)
    }

    fn cookie(&self, key: &str, seconds: u32) -> String {
        // Browsers send no secure cookies to a development server without HTTPS.
        let secure = if self.0.oauth.redirect_uri().starts_with("https:") { "; Secure" } else { "" };
        format!("{}={key}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", Self::COOKIE)
    }
}

/// The route that starts a login. See [`Login`].
pub struct LoginStart<S>(Login<S>);

/// The route that completes a login. See [`Login`].
pub struct LoginCallback<S>(Login<S>);

impl<S: SessionStore> Route for LoginStart<S> {
    fn report(&self) -> &Report {
        &self.0.0.report
    }

    async fn redirect(&self, _: Parts) -> Result<Redirect, RouteError> {
        let started = self.0.start().await?;
        let cookie = HeaderValue::try_from(started.cookie.expose()).map_err(RouteError::internal)?;
        let headers = HeaderMap::from_iter([(SET_COOKIE, cookie)]);
        Ok(Redirect { url: started.url.expose().to_owned(), headers })
    }
}

impl<S: SessionStore> Route for LoginCallback<S> {
    fn report(&self) -> &Report {
        &self.0.0.report
    }

    async fn redirect(&self, request: Parts) -> Result<Redirect, RouteError> {
        let login = &self.0;
        let cookie = cookie(&request.headers, Login::<S>::COOKIE);
        let user = login.finish(cookie, request.uri.query().unwrap_or_default()).await?;
        let mut headers = login.0.store.sign_in(&request, user).await.map_err(RouteError::internal)?;
        let clear = HeaderValue::try_from(login.cookie("", 0)).map_err(RouteError::internal)?;
        headers.append(SET_COOKIE, clear);
        Ok(Redirect { url: login.0.after.clone(), headers })
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

impl<S> Clone for Login<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S> Clone for LoginStart<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> Clone for LoginCallback<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> fmt::Debug for Login<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("scopes", &self.0.scopes).field("after", &self.0.after).finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for LoginStart<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LoginStart").field(&self.0).finish()
    }
}

impl<S> fmt::Debug for LoginCallback<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LoginCallback").field(&self.0).finish()
    }
}
