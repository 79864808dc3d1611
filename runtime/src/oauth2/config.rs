//! The settings that an OAuth client is registered with (RFC 7591, section 2), checked before they are sent.

use std::fmt::Display;

use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use url::Url;

use super::allowed::{ALLOWED, SCOPE};
use super::members::Members;
use super::{OAuthError, check_redirect_uri, stored_redirect_uri};
use crate::codec;

/// Maximum length of URLs for logo, terms and policy, in characters.
const LONGEST_URL: usize = 2083;

/// Maximum number of characters of a wrong value in an error.
const LONGEST_SHOWN: usize = 100;

/// The settings of an OAuth client. The server has defaults for unset ones: the authentication method
/// `client_secret_post`, the grant types `authorization_code` and `refresh_token`, the response type `code`, and all
/// scopes.
///
/// [`create_body`](Self::create_body) and [`update_body`](Self::update_body) check the settings and convert them into
/// the bodies of the operations:
///
/// ```
/// # use polar_client_runtime::oauth2::{OAuthClientConfig, OAuthError};
/// # use polar_client_runtime::serde_json::Value;
/// # fn main() -> Result<(), OAuthError> {
/// let config = OAuthClientConfig::new("My App", ["https://example.com/auth/callback"])
///     .logo_uri("https://example.com/logo.png")
///     .token_endpoint_auth_method("client_secret_basic");
/// // polar.oauth2().clients().create(config.create_body()?).await?
/// # let _: Value = config.create_body()?;
/// # Ok(())
/// # }
/// ```
#[doc(alias("register", "registration"))]
#[derive(Clone, Debug, PartialEq)]
pub struct OAuthClientConfig {
    client_name: String,
    redirect_uris: Vec<String>,
    /// All other settings, by name.
    others: Map<String, Value>,
    /// Values of a registered client that are not in `ALLOWED`, because a newer server accepted them.
    newer: Vec<String>,
}

impl Serialize for OAuthClientConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2 + self.others.len()))?;
        map.serialize_entry("client_name", &self.client_name)?;
        map.serialize_entry("redirect_uris", &self.redirect_uris)?;
        self.others.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for OAuthClientConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::read(deserializer)?;
        Ok(Self {
            client_name: members.take("client_name")?,
            redirect_uris: members.take("redirect_uris")?,
            others: members.rest(),
            newer: Vec::new(),
        })
    }
}

/// Settings that [`OAuthClientConfig::of`] keeps, besides name and redirect URIs.
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
    /// The settings with a fixed list of values, each with the values that the server accepts. The value of `scope` is
    /// a list separated by spaces.
    pub const ALLOWED: &[(&str, &[&str])] = ALLOWED;

    /// Creates settings with the name that users see, and all redirect URIs.
    pub fn new<U: Into<String>>(name: impl Into<String>, redirect_uris: impl IntoIterator<Item = U>) -> Self {
        let redirect_uris = redirect_uris.into_iter().map(U::into).collect();
        Self { client_name: name.into(), redirect_uris, others: Map::new(), newer: Vec::new() }
    }

    /// Returns the settings of a registered client, an `OAuth2ClientInformation`. Use them for an update that changes
    /// only what is set afterwards. If an update leaves out the authentication method, the grant types, the response
    /// types or the scope, the server resets them to their defaults.
    ///
    /// # Errors
    /// The value has no name or no redirect URIs.
    pub fn of<T: Serialize>(registered: &T) -> Result<Self, OAuthError> {
        let read = || -> Result<Self, serde_json::Error> {
            let mut config: Self = serde_json::from_value(serde_json::to_value(registered)?)?;
            config.others.retain(|name, value| OTHERS.contains(&name.as_str()) && !value.is_null());
            config.newer = config.wrong_values().map(|(_, value, _)| value.to_owned()).collect();
            Ok(config)
        };
        read().map_err(|_| OAuthError::Config("these are not the settings of an OAuth client".to_owned()))
    }

    /// Sets the name that users see.
    #[must_use]
    pub fn client_name(mut self, name: impl Into<String>) -> Self {
        self.client_name = name.into();
        self
    }

    /// Sets all redirect URIs and replaces the former ones.
    #[must_use]
    pub fn redirect_uris<U: Into<String>>(mut self, redirect_uris: impl IntoIterator<Item = U>) -> Self {
        self.redirect_uris = redirect_uris.into_iter().map(U::into).collect();
        self
    }

    /// Sets the application's homepage, which users see.
    #[must_use]
    pub fn client_uri(self, url: impl Into<String>) -> Self {
        self.set("client_uri", url.into())
    }

    /// Sets the application's logo, which users see: best 200 by 200 pixels.
    #[must_use]
    pub fn logo_uri(self, url: impl Into<String>) -> Self {
        self.set("logo_uri", url.into())
    }

    /// Sets the URL of the terms of service.
    #[must_use]
    pub fn tos_uri(self, url: impl Into<String>) -> Self {
        self.set("tos_uri", url.into())
    }

    /// Sets the URL of the privacy policy.
    #[must_use]
    pub fn policy_uri(self, url: impl Into<String>) -> Self {
        self.set("policy_uri", url.into())
    }

    /// What a login asks for if it does not say so itself: `user` or `organization`, an `OAuth2SubType`.
    ///
    /// The server of August 2026 accepts it and does not keep it. Call
    /// [`LoginBuilder::for_organization`](super::LoginBuilder::for_organization) for each login instead.
    #[must_use]
    pub fn default_sub_type(self, sub_type: impl Display) -> Self {
        self.set("default_sub_type", sub_type.to_string())
    }

    /// Sets the authentication method: `client_secret_post`, `client_secret_basic` or `none`, a
    /// `TokenEndpointAuthMethod`.
    #[must_use]
    pub fn token_endpoint_auth_method(self, method: impl Display) -> Self {
        self.set("token_endpoint_auth_method", method.to_string())
    }

    /// Sets the grant types: `authorization_code` and `refresh_token`, each an `OAuth2GrantType`.
    #[must_use]
    pub fn grant_types<G: Display>(self, grants: impl IntoIterator<Item = G>) -> Self {
        self.set("grant_types", grants.into_iter().map(|grant| grant.to_string()).collect::<Vec<_>>())
    }

    /// Sets what the authorization page returns. `code` is the only response type.
    #[must_use]
    pub fn response_types<R: Into<String>>(self, types: impl IntoIterator<Item = R>) -> Self {
        self.set("response_types", types.into_iter().map(R::into).collect::<Vec<_>>())
    }

    /// Sets the scopes that the client may request, which are also the default of logins: a `ScopeSet`, or scopes
    /// separated by spaces.
    #[must_use]
    pub fn scope(self, scopes: impl Display) -> Self {
        self.set("scope", scopes.to_string())
    }

    /// Returns whether a login may use this redirect URI, which is the case if one of the settings has the same [stored
    /// form](stored_redirect_uri).
    ///
    /// The server compares redirect URIs character by character: another path, query, port or scheme is another URI.
    ///
    /// ```
    /// # use polar_client_runtime::oauth2::OAuthClientConfig;
    /// let config = OAuthClientConfig::new("My App", ["https://example.com/callback"]);
    /// assert!(config.allows_redirect("https://EXAMPLE.com/callback"));
    /// assert!(!config.allows_redirect("https://example.com/callback/"));
    /// ```
    #[must_use]
    pub fn allows_redirect(&self, redirect_uri: &str) -> bool {
        let wanted = stored_redirect_uri(redirect_uri);
        wanted.is_ok() && self.redirect_uris.iter().any(|uri| stored_redirect_uri(uri) == wanted)
    }

    /// Returns the body of `oauth2().clients().create`, an `OAuth2ClientConfiguration`.
    ///
    /// # Errors
    /// The errors of [`check`](Self::check).
    pub fn create_body<T: DeserializeOwned>(&self) -> Result<T, OAuthError> {
        self.check()?;
        body(self)
    }

    /// Returns the body of `oauth2().clients().update`, an `OAuth2ClientConfigurationUpdate`, which contains the id of
    /// the client.
    ///
    /// # Errors
    /// The errors of [`check`](Self::check).
    pub fn update_body<T: DeserializeOwned>(&self, client_id: impl Into<String>) -> Result<T, OAuthError> {
        self.check()?;
        body(&self.clone().set("client_id", client_id.into()))
    }

    /// Checks the settings by the rules of the server: redirect URIs, URLs, and the values that are
    /// [allowed](Self::ALLOWED).
    ///
    /// # Errors
    /// The first violated rule. An error about a value lists the allowed values.
    pub fn check(&self) -> Result<(), OAuthError> {
        if self.client_name.trim().is_empty() {
            return Err(OAuthError::Config("`client_name` is empty: users see it when they sign in".to_owned()));
        }
        if self.redirect_uris.is_empty() {
            return Err(OAuthError::Config("`redirect_uris` is empty: users could not return from a login".to_owned()));
        }
        self.redirect_uris.iter().try_for_each(|uri| check_redirect_uri(uri))?;
        for name in ["client_uri", "logo_uri", "tos_uri", "policy_uri"] {
            if self.others.get(name).and_then(Value::as_str).is_some_and(|text| !is_web_page(text)) {
                let rule = format!(
                    "`{name}` is not a URL with `https` or `http`, without user name and fragment, of at most \
                     {LONGEST_URL} characters"
                );
                return Err(OAuthError::Config(rule));
            }
        }
        for (name, allowed) in ALLOWED {
            if self.others.get(*name).and_then(Value::as_array).is_some_and(Vec::is_empty) {
                return Err(OAuthError::Config(format!("`{name}` is empty, expected some of {}", quoted(allowed))));
            }
        }
        let wrong = self.wrong_values().find(|(_, value, _)| !self.newer.iter().any(|newer| newer == value));
        match wrong {
            Some((name, value, allowed)) => {
                let value: String = value.chars().take(LONGEST_SHOWN).collect();
                Err(OAuthError::Config(format!("`{name}` contains {value:?}, expected one of {}", quoted(allowed))))
            }
            None => Ok(()),
        }
    }

    /// Values that are not allowed, each with the name of its setting and the allowed values.
    fn wrong_values(&self) -> impl Iterator<Item = (&'static str, &str, &'static [&'static str])> {
        ALLOWED.iter().flat_map(|(name, allowed)| {
            let value = self.others.get(*name).unwrap_or(&Value::Null);
            let all = values(name, value).into_iter();
            all.filter(|value| !allowed.contains(value)).map(|value| (*name, value, *allowed))
        })
    }

    fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.others.insert(name.to_owned(), value.into());
        self
    }
}

fn is_web_page(text: &str) -> bool {
    let is_plain = |url: Url| url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web))
        && text.chars().count() <= LONGEST_URL
        && Url::parse(text).is_ok_and(is_plain)
}

/// Returns the values of a setting: a text, each part of a scope, or each item of a list.
fn values<'a>(name: &str, value: &'a Value) -> Vec<&'a str> {
    match value {
        Value::String(scopes) if name == SCOPE => scopes.split_whitespace().collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    }
}

fn quoted(values: &[&str]) -> String {
    values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
}

/// The runtime does not know the generated types, so it uses JSON.
fn body<T: DeserializeOwned>(config: &OAuthClientConfig) -> Result<T, OAuthError> {
    let text = serde_json::to_vec(config).map_err(|error| OAuthError::Config(error.to_string()))?;
    codec::decode_with_serde(&text)
        .map_err(|error| OAuthError::Config(format!("the settings can't be converted into this body: {error}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use serde_json::json;

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
        let newer = json!({
            "client_name": "My App", "redirect_uris": ["https://example.com/callback"], "scope": "openid tea:brew",
        });
        let body: Value = OAuthClientConfig::of(&newer).unwrap().update_body("polar_ci_1").unwrap();
        assert_eq!(body["scope"], "openid tea:brew", "the server of the client knows more than this crate");
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
            (good.clone().client_uri("example.com"), "`client_uri` is not a URL"),
            (good.clone().client_uri("https:example.com"), "`client_uri` is not a URL"),
            (good.clone().logo_uri("logo.png"), "`logo_uri` is not a URL"),
            (good.clone().logo_uri("https://ada@a.example/logo.png"), "`logo_uri` is not a URL"),
            (good.clone().policy_uri("https://a.example/#policy"), "`policy_uri` is not a URL"),
            (good.clone().tos_uri(format!("https://a.example/{}", "x".repeat(2100))), "`tos_uri` is not a URL"),
            (good.clone().default_sub_type("usr"), "`default_sub_type` contains \"usr\", expected one of `user`, `org"),
            (good.clone().token_endpoint_auth_method("basic"), "expected one of `client_secret_basic`, `client_secret"),
            (good.clone().grant_types(["authorization_code", "password"]), "`grant_types` contains \"password\""),
            (good.clone().grant_types(none), "`grant_types` is empty, expected some of `authorization_code`, `refresh"),
            (
                good.clone().response_types(["code", "token"]),
                "`response_types` contains \"token\", expected one of `code`",
            ),
            (
                good.clone().scope("openid product:read"),
                "`scope` contains \"product:read\", expected one of `openid`, `",
            ),
            (good.clone().scope("openid,email"), "`scope` contains \"openid,email\""),
        ] {
            let error = config.create_body::<Value>().unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
            assert_eq!(config.check().unwrap_err().to_string(), error);
            assert_eq!(config.update_body::<Value>("polar_ci_1").unwrap_err().to_string(), error);
        }
        assert!(good.check().is_ok());
    }

    #[test]
    fn a_redirect_is_allowed_if_its_stored_form_is_registered() {
        let uris = ["https://example.com", "http://127.1:3000/callback", "myapp://Callback"];
        let config = OAuthClientConfig::new("My App", uris);
        for uri in ["https://example.com/", "HTTPS://EXAMPLE.COM", "http://127.0.0.1:3000/callback", "myapp://Callback"]
        {
            assert!(config.allows_redirect(uri), "{uri}");
        }
        for uri in [
            "https://example.com/callback",
            "https://example.com/?x=1",
            "https://example.com:8443/",
            "http://127.0.0.1:3000/callback/",
            "http://localhost:3000/callback",
            "myapp://callback",
            "example.com",
        ] {
            assert!(!config.allows_redirect(uri), "{uri}");
        }
    }
}
