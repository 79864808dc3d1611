//! An authorization server on the loopback interface that behaves like Polar's. It stores redirect URIs in their normal
//! form and compares them character by character, redirects with `code` and `state` only, and checks PKCE and client
//! authentication. Codes and refresh tokens work once. ID tokens are signed. Clients are registered without a token and
//! managed with their own.

mod key;

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use crate::server::{Asked, Server, Told};

pub use key::{SigningKey, claims, unsigned};

/// The issuer of codes and ID tokens, the same as Polar's in every environment.
pub const ISSUER: &str = "https://polar.sh";

/// The server. Clones share it. It ends with the runtime that it was started on.
#[derive(Clone)]
pub struct AuthorizationServer {
    /// Base URL.
    pub url: String,
    state: Arc<Mutex<State>>,
}

/// The state and the settings of the server. Tests may change it.
pub struct State {
    /// The life of access tokens in seconds, as announced.
    pub expires_in: u64,
    /// Its issuer.
    pub issuer: String,
    /// Whether it announces `iss` in callbacks and sends it (RFC 9207). Polar's server does not.
    pub sends_iss: bool,
    /// Properties that replace those in responses of the token endpoint. A null removes the property.
    pub token_properties: Map<String, Value>,
    /// An error that the page redirects with, instead of a code.
    pub page_says: Option<&'static str>,
    /// The key that ID tokens are signed with.
    pub key: Arc<SigningKey>,
    /// The published keys: those of `key`, unless a test has set others.
    pub published: Vec<Value>,
    /// Registered clients by their ids.
    pub clients: HashMap<String, Value>,
    /// Number of requests for keys.
    pub keys_asked: usize,
    /// Number of attempts to refresh tokens.
    pub refreshes: usize,
    /// Valid access tokens.
    pub access: HashMap<String, Grant>,
    /// Valid refresh tokens.
    pub refresh: HashMap<String, Grant>,
    codes: HashMap<String, (Grant, HashMap<String, String>)>,
    made: u64,
}

/// What was granted to a client.
#[derive(Clone, Debug)]
pub struct Grant {
    client: String,
    scope: String,
    nonce: String,
    access: String,
    email: String,
}

/// The user who signs in if no other is named.
const EMAIL: &str = "ada@example.com";

/// The id of a user.
fn subject(email: &str) -> String {
    if email == EMAIL { "user_1".to_owned() } else { format!("user_{}", email.replace(['@', '.'], "_")) }
}

impl AuthorizationServer {
    /// Starts a server without registered clients.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start() -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State::new()?));
        let shared = Arc::clone(&state);
        let respond = move |asked: &Asked| shared.lock().unwrap_or_else(PoisonError::into_inner).respond(asked);
        let server = Server::start(respond).await?;
        Ok(Self { url: server.url, state })
    }

    /// Returns the state.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a client that authenticates by this method, with the secret `polar_cs_1`.
    pub fn register(&self, id: &str, method: &str, redirect_uri: &str) {
        let client = json!({
            "client_id": id, "client_secret": "polar_cs_1", "token_endpoint_auth_method": method,
            "redirect_uris": [redirect_uri], "client_name": "Test", "registration_access_token": "polar_crt_1",
        });
        self.state().clients.insert(id.to_owned(), client);
    }
}

fn pairs(text: &[u8]) -> HashMap<String, String> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

fn host(asked: &Asked) -> &str {
    asked.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default()
}

/// Status, `Location`, and body.
type Answer = (u16, Option<String>, Value);

/// Status and body.
type Refused = (u16, Value);

fn refuse<T>(status: u16, code: &str, words: &str) -> Result<T, Refused> {
    Err((status, json!({"error": code, "error_description": words})))
}

/// Returns the response of an endpoint that needs no token, or only that of a client.
fn refuse_tokens_of_the_api(token: &str) -> Result<(), Refused> {
    match token.starts_with("polar_pat_") || token.starts_with("polar_at_") {
        true => Err((403, json!({"error": "NotPermitted", "detail": "Not permitted"}))),
        false => Ok(()),
    }
}

/// Converts the settings of a client to the form in which they are stored: redirect URIs are normalized, and
/// `default_sub_type` is removed.
fn store(settings: &mut Map<String, Value>) -> Result<(), Refused> {
    settings.remove("default_sub_type");
    let uris = settings.get_mut("redirect_uris").and_then(Value::as_array_mut);
    for uri in uris.into_iter().flatten() {
        match url::Url::parse(uri.as_str().unwrap_or_default()) {
            Ok(stored) if stored.has_host() => *uri = stored.as_str().into(),
            _ => return refuse(400, "invalid_client_metadata", "a redirect URI has no host"),
        }
    }
    Ok(())
}

fn json_answer(status: u16, body: Value) -> Result<Answer, Refused> {
    Ok((status, None, body))
}

impl State {
    /// Creates a server without registered clients.
    ///
    /// # Errors
    /// The operating system returns no random bytes.
    pub(crate) fn new() -> io::Result<Self> {
        let key = key::first_key()?;
        Ok(Self {
            expires_in: 3600,
            issuer: ISSUER.to_owned(),
            sends_iss: false,
            token_properties: Map::new(),
            page_says: None,
            published: vec![key.published()],
            key,
            clients: HashMap::new(),
            keys_asked: 0,
            refreshes: 0,
            access: HashMap::new(),
            refresh: HashMap::new(),
            codes: HashMap::new(),
            made: 0,
        })
    }

    /// Responds to a request.
    pub(crate) fn respond(&mut self, asked: &Asked) -> Told {
        let (status, location, body) = match self.answer(asked) {
            Ok(answer) => answer,
            Err((status, error)) => (status, None, error),
        };
        let told = if body.is_null() { Told::empty(status) } else { Told::json(status, &body) };
        location.iter().fold(told, |told, location| told.header("location", location))
    }

    fn answer(&mut self, asked: &Asked) -> Result<Answer, Refused> {
        let registered = asked.path.strip_prefix("/v1/oauth2/register/");
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/oauth2/authorize") => self.page(&pairs(asked.query.as_bytes())),
            ("POST", "/v1/oauth2/token") => self.token(asked),
            ("POST", "/v1/oauth2/revoke") => self.revoke(asked),
            ("POST", "/v1/oauth2/introspect") => self.introspect(asked),
            ("GET", "/v1/oauth2/userinfo") => self.userinfo(asked),
            ("GET", "/.well-known/openid-configuration") => json_answer(200, self.about(host(asked))),
            ("GET", "/.well-known/jwks.json") => {
                self.keys_asked += 1;
                json_answer(200, json!({"keys": self.published}))
            }
            ("POST", "/v1/oauth2/register") => self.create(asked),
            ("GET", "/v1/oauth2/") => self.list(asked),
            (_, _) if registered.is_some() => self.configure(asked, registered.unwrap_or_default()),
            _ => Err((404, json!({"error": "ResourceNotFound", "detail": "Not found"}))),
        }
    }

    fn new_name(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}{}", self.made)
    }

    fn about(&self, host: &str) -> Value {
        let mut about = json!({
            "issuer": self.issuer,
            "authorization_endpoint": format!("http://{host}/oauth2/authorize"),
            "token_endpoint": format!("http://{host}/v1/oauth2/token"),
            "jwks_uri": format!("http://{host}/.well-known/jwks.json"),
            "revocation_endpoint": format!("http://{host}/v1/oauth2/revoke"),
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "subject_types_supported": ["public"],
        });
        if self.sends_iss {
            about["authorization_response_iss_parameter_supported"] = json!(true);
        }
        about
    }

    /// The page, for a user who is signed in and consents immediately. `email` in the query identifies the user.
    fn page(&mut self, query: &HashMap<String, String>) -> Result<Answer, Refused> {
        let get = |name: &str| query.get(name).cloned().unwrap_or_default();
        let Some(client) = self.clients.get(&get("client_id")) else {
            return refuse(400, "invalid_client", "no such client");
        };
        let known = client["redirect_uris"].as_array().is_some_and(|uris| uris.contains(&get("redirect_uri").into()));
        if !known {
            return refuse(400, "invalid_request", "the redirect URI is not registered");
        }
        let sends_iss = self.sends_iss;
        let sent_back = |parameters: &[(&str, &str)]| {
            let state = get("state");
            let mut pairs = [parameters, &[("state", state.as_str())]].concat();
            pairs.extend(sends_iss.then_some(("iss", ISSUER)));
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            Ok((302, Some(format!("{}?{query}", get("redirect_uri"))), Value::Null))
        };
        if let Some(error) = self.page_says {
            return sent_back(&[("error", error), ("error_description", "The user said no")]);
        }
        if get("response_type") != "code" || get("code_challenge_method") != "S256" {
            return sent_back(&[("error", "invalid_request")]);
        }
        let email = Some(get("email")).filter(|email| !email.is_empty()).unwrap_or_else(|| EMAIL.to_owned());
        let (scope, nonce) = (get("scope"), get("nonce"));
        let grant = Grant { client: get("client_id"), scope, nonce, access: String::new(), email };
        let code = self.new_name("polar_ac_");
        self.codes.insert(code.clone(), (grant, query.clone()));
        sent_back(&[("code", &code)])
    }

    /// Returns the client that sent a form, and the form.
    fn authenticate(&self, asked: &Asked) -> Result<(String, HashMap<String, String>), Refused> {
        let form = pairs(&asked.body);
        let basic = asked.headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
        let (id, secret, method) = match basic {
            Some(text) => {
                let text = STANDARD.decode(text).ok().and_then(|text| String::from_utf8(text).ok()).unwrap_or_default();
                let (id, secret) = text.split_once(':').unwrap_or_default();
                (id.to_owned(), Some(secret.to_owned()), "client_secret_basic")
            }
            None => {
                let (id, secret) = (form.get("client_id").cloned(), form.get("client_secret").cloned());
                let method = if secret.is_some() { "client_secret_post" } else { "none" };
                (id.unwrap_or_default(), secret, method)
            }
        };
        let client = self.clients.get(&id);
        let right = client.is_some_and(|client| {
            client["token_endpoint_auth_method"] == method
                && secret.is_none_or(|secret| client["client_secret"] == secret.as_str())
        });
        if right { Ok((id, form)) } else { refuse(401, "invalid_client", "client authentication failed") }
    }

    /// Like [`authenticate`](Self::authenticate), but not for public clients.
    fn authenticate_with_secret(&self, asked: &Asked) -> Result<(String, HashMap<String, String>), Refused> {
        let (id, form) = self.authenticate(asked)?;
        match self.clients.get(&id) {
            Some(client) if client["token_endpoint_auth_method"] != "none" => Ok((id, form)),
            _ => refuse(401, "invalid_client", "client authentication failed"),
        }
    }

    fn token(&mut self, asked: &Asked) -> Result<Answer, Refused> {
        let (client, form) = self.authenticate(asked)?;
        let get = |name: &str| form.get(name).cloned().unwrap_or_default();
        let grant = match get("grant_type").as_str() {
            "authorization_code" => {
                let Some((grant, query)) = self.codes.remove(&get("code")).filter(|(grant, _)| grant.client == client)
                else {
                    return refuse(400, "invalid_grant", "the code is used, expired or unknown");
                };
                let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, get("code_verifier").as_bytes()));
                if query.get("code_challenge") != Some(&challenge) || !(43..=128).contains(&get("code_verifier").len())
                {
                    return refuse(400, "invalid_grant", "the code verifier does not match");
                }
                if query.get("redirect_uri") != Some(&get("redirect_uri")) {
                    return refuse(400, "invalid_grant", "the redirect URI is not the one of the login");
                }
                grant
            }
            "refresh_token" => {
                self.refreshes += 1;
                let Some(grant) = self.refresh.remove(&get("refresh_token")).filter(|grant| grant.client == client)
                else {
                    return refuse(400, "invalid_grant", "the refresh token is used, expired or revoked");
                };
                self.access.remove(&grant.access);
                grant
            }
            _ => return refuse(400, "unsupported_grant_type", "no such grant"),
        };
        let (access, refresh) = (self.new_name("polar_at_u_"), self.new_name("polar_rt_u_"));
        let mut answer = json!({
            "access_token": access, "token_type": "Bearer", "expires_in": self.expires_in, "refresh_token": refresh,
            "scope": grant.scope,
        });
        if grant.scope.contains("openid") {
            let mut claims = claims(&client, &grant.nonce);
            claims["sub"] = subject(&grant.email).into();
            claims["email"] = grant.email.as_str().into();
            answer["id_token"] = self.key.sign(&claims).into();
        }
        if let Some(properties) = answer.as_object_mut() {
            properties.extend(self.token_properties.clone());
            properties.retain(|_, value| !value.is_null());
        }
        let grant = Grant { access: access.clone(), ..grant };
        self.access.insert(access, grant.clone());
        self.refresh.insert(refresh, grant);
        json_answer(200, answer)
    }

    fn revoke(&mut self, asked: &Asked) -> Result<Answer, Refused> {
        let (_, form) = self.authenticate_with_secret(asked)?;
        let token = form.get("token").cloned().unwrap_or_default();
        if let Some(grant) = self.refresh.remove(&token).or(self.access.remove(&token)) {
            self.access.remove(&grant.access);
            self.refresh.retain(|_, other| other.access != grant.access);
        }
        json_answer(200, json!({}))
    }

    fn introspect(&mut self, asked: &Asked) -> Result<Answer, Refused> {
        let (client, form) = self.authenticate_with_secret(asked)?;
        let token = form.get("token").cloned().unwrap_or_default();
        let known = self.access.get(&token).or(self.refresh.get(&token)).filter(|grant| grant.client == client);
        json_answer(
            200,
            match known {
                Some(grant) => json!({
                    "active": true, "client_id": client, "token_type": "Bearer", "scope": grant.scope,
                    "sub_type": "user", "sub": subject(&grant.email), "organizations": [], "aud": client, "iss": ISSUER, "exp": 2,
                "iat": 1,
                }),
                None => json!({"active": false}),
            },
        )
    }

    fn bearer<'a>(&self, asked: &'a Asked) -> &'a str {
        let header = asked.headers.get("authorization").and_then(|value| value.to_str().ok());
        header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default()
    }

    fn userinfo(&mut self, asked: &Asked) -> Result<Answer, Refused> {
        let Some(grant) = self.access.get(self.bearer(asked)) else {
            return refuse(401, "invalid_token", "the access token is expired, revoked or unknown");
        };
        let mut user = json!({"sub": subject(&grant.email)});
        if grant.scope.contains("email") {
            user = json!({"sub": subject(&grant.email), "email": grant.email, "email_verified": true});
        }
        json_answer(200, user)
    }

    fn create(&mut self, asked: &Asked) -> Result<Answer, Refused> {
        refuse_tokens_of_the_api(self.bearer(asked))?;
        let Ok(mut client) = serde_json::from_slice::<Map<String, Value>>(&asked.body) else {
            return refuse(400, "invalid_client_metadata", "no JSON");
        };
        store(&mut client)?;
        let id = self.new_name("polar_ci_");
        let uri = format!("http://{}/v1/oauth2/register/{id}", host(asked));
        let method = client.entry("token_endpoint_auth_method").or_insert("client_secret_post".into()).clone();
        let defaults = [
            ("grant_types", json!(["authorization_code", "refresh_token"])),
            ("response_types", json!(["code"])),
            ("scope", json!("openid profile email")),
        ];
        for (name, value) in defaults {
            client.entry(name).or_insert(value);
        }
        client.insert("client_id".to_owned(), json!(id));
        client.insert("client_id_issued_at".to_owned(), json!(1_790_000_000));
        client.insert("registration_client_uri".to_owned(), json!(uri));
        client.insert("registration_access_token".to_owned(), json!(self.new_name("polar_crt_")));
        if method != "none" {
            client.insert("client_secret".to_owned(), json!(self.new_name("polar_cs_")));
            client.insert("client_secret_expires_at".to_owned(), json!(0));
        }
        self.clients.insert(id, Value::Object(client.clone()));
        json_answer(201, Value::Object(client))
    }

    fn list(&mut self, asked: &Asked) -> Result<Answer, Refused> {
        refuse_tokens_of_the_api(self.bearer(asked))?;
        if asked.headers.get("cookie").is_none_or(|cookie| cookie != "polar_session=polar_us_1") {
            return Err((401, json!({"error": "Unauthorized", "detail": "Unauthorized"})));
        }
        let mut items: Vec<Value> = self.clients.values().cloned().collect();
        items.sort_by_key(|client| client["client_id"].to_string());
        for client in items.iter_mut().filter_map(Value::as_object_mut) {
            client.retain(|name, _| !["client_secret", "registration_access_token"].contains(&name.as_str()));
        }
        let count = items.len();
        json_answer(200, json!({"items": items, "pagination": {"total_count": count, "max_page": 1}}))
    }

    fn configure(&mut self, asked: &Asked, id: &str) -> Result<Answer, Refused> {
        let token = self.bearer(asked);
        refuse_tokens_of_the_api(token)?;
        if token.is_empty() {
            return refuse(400, "access_denied", "a token is needed");
        }
        let fits = |client: &&Value| client["registration_access_token"] == token;
        let Some(client) = self.clients.get(id).filter(fits).cloned() else {
            return refuse(401, "invalid_client", "the client does not exist, or the token belongs to another one");
        };
        match asked.method.as_str() {
            "GET" => json_answer(200, client),
            "PUT" => {
                let Ok(Value::Object(mut sent)) = serde_json::from_slice(&asked.body) else {
                    return refuse(400, "invalid_client_metadata", "no JSON");
                };
                store(&mut sent)?;
                if sent.get("client_id") != Some(&json!(id)) {
                    return refuse(400, "invalid_client_metadata", "the client id is not repeated");
                }
                let mut client = client;
                if let Some(members) = client.as_object_mut() {
                    members.extend(sent);
                }
                self.clients.insert(id.to_owned(), client.clone());
                json_answer(200, client)
            }
            "DELETE" => {
                self.clients.remove(id);
                self.access.retain(|_, grant| grant.client != id);
                self.refresh.retain(|_, grant| grant.client != id);
                json_answer(204, Value::Null)
            }
            _ => refuse(405, "invalid_request", "no such method"),
        }
    }
}
