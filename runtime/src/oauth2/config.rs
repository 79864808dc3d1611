//! The settings that an OAuth client is registered with (RFC 7591, section 2), checked before they are sent.

use std::fmt::{self, Display};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::{Host, Url};

use super::OAuthError;
use crate::codec;

/// The longest URL that the server takes for logo, terms and policy, in characters.
const LONGEST_URL: usize = 2083;

/// The settings of an OAuth client. What is not set is the server's choice: `client_secret_post`, the grants
/// `authorization_code` and `refresh_token`, all scopes, and tokens of organizations.
///
/// [`create_body`](Self::create_body) and [`update_body`](Self::update_body) check it and make it what the operations
/// take:
///
/// ```
/// # use polar_client_runtime::oauth2::{OAuthClientConfig, OAuthError};
/// # use polar_client_runtime::serde_json::Value;
/// # fn main() -> Result<(), OAuthError> {
/// let config = OAuthClientConfig::new("My App", ["https://example.com/auth/callback"])
///     .logo_uri("https://example.com/logo.png")
///     .default_sub_type("user");
/// // polar.oauth2().clients().create(config.create_body()?).await?
/// # let _: Value = config.create_body()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OAuthClientConfig {
    client_name: String,
    redirect_uris: Vec<String>,
    /// All others, by their names.
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// What [`OAuthClientConfig::of`] takes over besides name and redirect URIs.
const OTHERS: [&str; 9] = [
    "token_endpoint_auth_method",
    "grant_types",
    "response_types",
    "scope",
    "client_uri",
    "logo_uri",
    "tos_uri",
    "policy_uri",
    "default_sub_type",
];

impl OAuthClientConfig {
    /// With the name that users see, and all URIs that they may come back to.
    pub fn new<U: Into<String>>(name: impl Into<String>, redirect_uris: impl IntoIterator<Item = U>) -> Self {
        let redirect_uris = redirect_uris.into_iter().map(U::into).collect();
        Self { client_name: name.into(), redirect_uris, others: Map::new() }
    }

    /// The settings of a client that is registered, an `OAuth2ClientInformation`: an update that begins with them
    /// changes nothing else than what is set then.
    ///
    /// # Errors
    /// It has no name or no redirect URIs.
    pub fn of<T: Serialize>(registered: &T) -> Result<Self, OAuthError> {
        let read = || -> Result<Self, serde_json::Error> {
            let mut config: Self = serde_json::from_value(serde_json::to_value(registered)?)?;
            config.others.retain(|name, value| OTHERS.contains(&name.as_str()) && !value.is_null());
            Ok(config)
        };
        read().map_err(|_| OAuthError::Config("these are no settings of an OAuth client".to_owned()))
    }

    /// The name that users see.
    #[must_use]
    pub fn client_name(mut self, name: impl Into<String>) -> Self {
        self.client_name = name.into();
        self
    }

    /// All URIs that users may come back to, in place of the former ones.
    #[must_use]
    pub fn redirect_uris<U: Into<String>>(mut self, redirect_uris: impl IntoIterator<Item = U>) -> Self {
        self.redirect_uris = redirect_uris.into_iter().map(U::into).collect();
        self
    }

    /// The application's homepage, which users see.
    #[must_use]
    pub fn client_uri(self, url: impl Into<String>) -> Self {
        self.set("client_uri", url.into())
    }

    /// The application's logo, which users see: best 200 by 200 pixels.
    #[must_use]
    pub fn logo_uri(self, url: impl Into<String>) -> Self {
        self.set("logo_uri", url.into())
    }

    /// The terms of service.
    #[must_use]
    pub fn tos_uri(self, url: impl Into<String>) -> Self {
        self.set("tos_uri", url.into())
    }

    /// The privacy policy.
    #[must_use]
    pub fn policy_uri(self, url: impl Into<String>) -> Self {
        self.set("policy_uri", url.into())
    }

    /// What tokens are of where a login does not say it: `user` or `organization`, a `SubType`.
    #[must_use]
    pub fn default_sub_type(self, sub_type: impl Display) -> Self {
        self.set("default_sub_type", sub_type.to_string())
    }

    /// How the client authenticates: `client_secret_post`, `client_secret_basic` or `none`, a
    /// `TokenEndpointAuthMethod`.
    #[must_use]
    pub fn token_endpoint_auth_method(self, method: impl Display) -> Self {
        self.set("token_endpoint_auth_method", method.to_string())
    }

    /// What the client may get tokens with: `authorization_code` and `refresh_token`, each an `OAuth2GrantType`.
    #[must_use]
    pub fn grant_types<G: Display>(self, grants: impl IntoIterator<Item = G>) -> Self {
        self.set("grant_types", grants.into_iter().map(|grant| grant.to_string()).collect::<Vec<_>>())
    }

    /// What the page answers with: `code` is all that there is.
    #[must_use]
    pub fn response_types<R: Into<String>>(self, types: impl IntoIterator<Item = R>) -> Self {
        self.set("response_types", types.into_iter().map(R::into).collect::<Vec<_>>())
    }

    /// The scopes of a login that asks for none: a `ScopeSet`, or words with a space in between.
    #[must_use]
    pub fn scope(self, scopes: impl Display) -> Self {
        self.set("scope", scopes.to_string())
    }

    /// The body of `oauth2().clients().create`, an `OAuth2ClientConfiguration`.
    ///
    /// # Errors
    /// The server would refuse it; the error says which rule and why.
    pub fn create_body<T: DeserializeOwned>(&self) -> Result<T, OAuthError> {
        self.check()?;
        body(self)
    }

    /// The body of `oauth2().clients().update`, an `OAuth2ClientConfigurationUpdate`: it repeats the client's id.
    ///
    /// # Errors
    /// The server would refuse it; the error says which rule and why.
    pub fn update_body<T: DeserializeOwned>(&self, client_id: impl Into<String>) -> Result<T, OAuthError> {
        self.check()?;
        body(&self.clone().set("client_id", client_id.into()))
    }

    /// Whether the server would take it.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self) -> Result<(), OAuthError> {
        if self.client_name.trim().is_empty() {
            return Err(OAuthError::Config("`client_name` is empty: users see it when they sign in".to_owned()));
        }
        if self.redirect_uris.is_empty() {
            return Err(OAuthError::Config("`redirect_uris` is empty: nobody could come back".to_owned()));
        }
        self.redirect_uris.iter().try_for_each(|uri| check_redirect_uri(uri))?;
        for name in ["logo_uri", "tos_uri", "policy_uri"] {
            let Some(text) = self.others.get(name).and_then(Value::as_str) else { continue };
            let is_web = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            if !is_web || text.chars().count() > LONGEST_URL {
                let rule = format!("`{name}` is no URL with `https` or `http` of at most {LONGEST_URL} characters");
                return Err(OAuthError::Config(rule));
            }
        }
        Ok(())
    }

    fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.others.insert(name.to_owned(), value.into());
        self
    }
}

/// The runtime does not know the generated types: they meet in JSON.
fn body<T: DeserializeOwned>(config: &OAuthClientConfig) -> Result<T, OAuthError> {
    let text = serde_json::to_vec(config).map_err(|error| OAuthError::Config(error.to_string()))?;
    codec::decode(&text).map_err(|error| OAuthError::Config(format!("the settings are no such body: {error}")))
}

/// Which rule a redirect URI breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedirectUriError {
    /// It is no absolute URI, or has white space in it.
    NotAbsolute(String),
    /// It has a user name or a password in it, which would show in browsers and logs.
    Credentials,
    /// It has a wildcard in it: the server compares letter by letter.
    Wildcard(String),
    /// It has a fragment, which RFC 6749 (3.1.2) forbids: servers don't get it.
    Fragment(String),
    /// It has the scheme `http` and a host that is not local.
    NotHttps(String),
}

impl fmt::Display for RedirectUriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAbsolute(uri) => {
                write!(f, "redirect URI {uri:?}: it is no absolute URI, as in `https://example.com/callback`")
            }
            Self::Credentials => {
                f.write_str("redirect URI: it has a user name or a password in it, which browsers would show")
            }
            Self::Wildcard(uri) => write!(
                f,
                "redirect URI {uri:?}: it has a wildcard, and the server compares letter by letter: register each URI"
            ),
            Self::Fragment(uri) => {
                write!(f, "redirect URI {uri:?}: it has a fragment (`#`), which never gets to a server")
            }
            Self::NotHttps(uri) => write!(
                f,
                "redirect URI {uri:?}: it must have `https`, since the code travels in it; `http` is for `localhost`, \
                 `*.localhost` and private IPv4 addresses"
            ),
        }
    }
}

impl std::error::Error for RedirectUriError {}

/// Whether the server lets users come back to this URI: absolute, without wildcard and fragment, and `https`, `http`
/// with a local host, or the scheme of an app. The server compares it letter by letter, a slash at the end included.
///
/// # Errors
/// The rule that it breaks.
pub fn check_redirect_uri(uri: &str) -> Result<(), RedirectUriError> {
    let owned = || uri.to_owned();
    let url = Url::parse(uri).map_err(|_| RedirectUriError::NotAbsolute(owned()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RedirectUriError::Credentials);
    }
    if uri.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(RedirectUriError::NotAbsolute(owned()));
    }
    if uri.contains('*') {
        return Err(RedirectUriError::Wildcard(owned()));
    }
    if uri.contains('#') {
        return Err(RedirectUriError::Fragment(owned()));
    }
    if url.scheme() == "http" && !is_local_http(&url) {
        return Err(RedirectUriError::NotHttps(owned()));
    }
    Ok(())
}

/// Whether it has `http` and a host that the server takes for this machine or its network.
pub(super) fn is_local_http(url: &Url) -> bool {
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        // The server knows IPv4 alone.
        Some(Host::Ipv6(_)) | None => false,
    };
    url.scheme() == "http" && is_local
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn users_may_come_back_over_https_to_this_machine_or_to_an_app() {
        for uri in [
            "https://example.com/auth/callback",
            "https://example.com/auth/callback/?tenant=1",
            "http://localhost:3000/auth/callback",
            "http://app.localhost/callback",
            "http://127.0.0.1:8000/callback",
            "http://192.168.1.7/callback",
            "http://10.0.0.1/callback",
            "com.example.app:/callback",
            "myapp://callback",
        ] {
            assert_eq!(check_redirect_uri(uri), Ok(()), "{uri}");
        }
    }

    #[test]
    fn each_rule_has_its_own_words() {
        for (uri, words) in [
            ("", "no absolute URI"),
            ("/callback", "no absolute URI"),
            ("example.com/callback", "no absolute URI"),
            ("https://example.com/call back", "no absolute URI"),
            ("https://example.com/callback\n", "no absolute URI"),
            ("https://*.example.com/callback", "wildcard"),
            ("https://example.com/*", "wildcard"),
            ("https://example.com/callback#", "fragment"),
            ("https://example.com/callback#code", "fragment"),
            ("http://example.com/callback", "must have `https`"),
            ("http://8.8.8.8/callback", "must have `https`"),
            ("http://[::1]/callback", "must have `https`"),
            ("http://localhost.example.com/callback", "must have `https`"),
            ("https://me:hidden@example.com/callback", "user name or a password"),
        ] {
            let error = check_redirect_uri(uri).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.contains(words), "{uri}: {text}");
            assert!(!text.contains("hidden"), "{text}");
        }
    }

    #[test]
    fn settings_become_a_body_and_come_back_from_what_is_registered() {
        let config = OAuthClientConfig::new("My App", ["https://example.com/callback"])
            .scope("openid products:read")
            .grant_types(["authorization_code"]);
        let body: Value = config.create_body().unwrap();
        assert_eq!(
            body,
            json!({
                "client_name": "My App",
                "redirect_uris": ["https://example.com/callback"],
                "scope": "openid products:read",
                "grant_types": ["authorization_code"],
            })
        );
        let registered = json!({
            "client_id": "polar_ci_1", "client_secret": "polar_cs_1", "registration_access_token": "polar_crt_1",
            "client_name": "My App", "redirect_uris": ["https://example.com/callback"], "logo_uri": null,
            "scope": "openid products:read", "grant_types": ["authorization_code"],
        });
        assert_eq!(OAuthClientConfig::of(&registered).unwrap(), config);
        let update: Value = config.client_name("Ours").update_body("polar_ci_1").unwrap();
        assert_eq!((&update["client_id"], &update["client_name"]), (&json!("polar_ci_1"), &json!("Ours")));
    }

    #[test]
    fn what_the_server_would_refuse_is_not_sent() {
        let good = OAuthClientConfig::new("My App", ["https://example.com/callback"]);
        let none: [&str; 0] = [];
        for (config, words) in [
            (good.clone().client_name(" "), "`client_name` is empty"),
            (good.clone().redirect_uris(none), "`redirect_uris` is empty"),
            (good.clone().redirect_uris(["https://a.example/", "http://a.example/"]), "must have `https`"),
            (good.clone().logo_uri("logo.png"), "`logo_uri` is no URL"),
            (good.clone().tos_uri(format!("https://a.example/{}", "x".repeat(2100))), "`tos_uri` is no URL"),
        ] {
            let error = config.create_body::<Value>().unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
