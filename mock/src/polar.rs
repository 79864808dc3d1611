//! The server: its methods for tests, and its responses to requests.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::authorization;
use crate::clock::{Clock, Ids};
use crate::delivery::{self, deliver};
use crate::document::{Operation, Route, document};
use crate::fault::{Fault, Kind};
use crate::operations::{self, Call, invalid, refusal};
use crate::pages;
use crate::seed;
use crate::server::{Asked, Fault as Broken, Reply, Server, Told};
use crate::validate::problems;
use crate::wire::pairs;
use crate::world::{Subject, World};

/// The access token of every server.
const ACCESS_TOKEN: &str = "polar_oat_mock";

/// Security schemes of the tokens of an organization, or of a user who acts for it.
const FOR_ORGANIZATIONS: [&str; 3] = ["oat", "pat", "oidc"];

/// Delay after a failed delivery to an endpoint.
const RETRY_DELAY: Duration = Duration::from_millis(200);

/// A Polar on the loopback interface, with one organization, for tests and experiments.
///
/// It stores products, customers, checkouts, orders, subscriptions, benefits, meters and events. It delivers signed
/// webhooks to the registered endpoints. Clones share the server. It ends with the tokio runtime that it was started
/// on.
///
/// For other operations, it responds with 501. It has no taxes, discounts, trials and pauses, and payments never fail.
///
/// ```
/// use polar_mock::MockPolar;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let mock = MockPolar::start().await?;
/// // Polar::builder().base_url(mock.url()).access_token(mock.access_token())
/// let product = mock.call("products:create", &serde_json::json!({
///     "name": "Pro", "recurring_interval": "month",
///     "prices": [{"amount_type": "fixed", "price_amount": 900}],
/// }));
/// let checkout = mock.call("checkouts:create", &serde_json::json!({
///     "products": [product["id"]], "customer_email": "ada@example.com",
/// }));
/// mock.pay(checkout["id"].as_str().unwrap_or_default());
/// assert!(mock.events().contains(&"order.paid".to_owned()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MockPolar {
    server: Server,
    state: State,
}

/// The state, and the tasks that deliver its webhooks.
#[derive(Clone)]
struct State {
    world: Arc<Mutex<World>>,
    runtime: Handle,
    client: reqwest::Client,
    retry_delay: Duration,
}

impl State {
    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, and starts to deliver to the endpoints that this created.
    fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.lock();
        let result = change(&mut world);
        for endpoint in std::mem::take(&mut world.new_endpoints) {
            self.runtime.spawn(deliver(Arc::clone(&self.world), self.client.clone(), endpoint, self.retry_delay));
        }
        result
    }
}

/// Settings of a [`MockPolar`].
#[derive(Clone, Debug)]
pub struct MockPolarBuilder {
    address: SocketAddr,
    clock: Clock,
    seed: u64,
    demo: bool,
    retry_delay: Duration,
}

impl MockPolarBuilder {
    /// Listens on this address. The default is any free port on the loopback interface, and port 0 means any free port.
    #[must_use]
    pub fn address(self, address: SocketAddr) -> Self {
        Self { address, ..self }
    }

    /// Sets a stopped clock; [`MockPolar::advance`] moves it. By default the clock follows the system's.
    #[must_use]
    pub fn clock(self, now: DateTime<Utc>) -> Self {
        Self { clock: Clock::fixed(now), ..self }
    }

    /// Generates the same ids, tokens and secrets for the same seed. By default they differ from one server to the
    /// next.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Starts with products, benefits and a meter instead of an empty organization.
    #[must_use]
    pub fn demo_data(self) -> Self {
        Self { demo: true, ..self }
    }

    /// Sets the delay before a webhook is sent again. The default is 200 ms.
    #[must_use]
    pub fn webhook_retry_delay(self, delay: Duration) -> Self {
        Self { retry_delay: delay, ..self }
    }

    /// Starts the server.
    ///
    /// # Errors
    /// The address is in use, the operating system returns no random bytes, or the HTTP client that delivers webhooks
    /// can't be built.
    pub async fn start(self) -> io::Result<MockPolar> {
        let listener = tokio::net::TcpListener::bind(self.address).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let login = authorization::State::new()?;
        let mut world = World::new(url, self.clock, Ids::new(self.seed), login);
        world.tokens.insert(ACCESS_TOKEN.to_owned(), Subject::Organization);
        let world = Arc::new(Mutex::new(world));
        let client = delivery::client().map_err(io::Error::other)?;
        let state = State { world, runtime: Handle::current(), client, retry_delay: self.retry_delay };
        let shared = state.clone();
        let server = Server::on(listener, move |asked: &Asked| shared.change(|world| reply(world, asked)))?;
        let mock = MockPolar { server, state };
        if self.demo {
            seed::fill(&mock);
        }
        Ok(mock)
    }
}

impl MockPolar {
    /// Starts a server with an empty organization on a free port.
    ///
    /// # Errors
    /// No port is free, the operating system returns no random bytes, or the HTTP client that delivers webhooks can't be
    /// built.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Returns the settings of a server.
    #[must_use]
    pub fn builder() -> MockPolarBuilder {
        let moment = Utc::now().timestamp_nanos_opt().unwrap_or_default();
        MockPolarBuilder {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            clock: Clock::system(),
            seed: u64::from_ne_bytes(moment.to_ne_bytes()) ^ u64::from(std::process::id()) << 40,
            demo: false,
            retry_delay: RETRY_DELAY,
        }
    }

    /// Returns the base URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.server.url
    }

    /// Returns an access token of the organization with all scopes.
    #[must_use]
    pub fn access_token(&self) -> &'static str {
        ACCESS_TOKEN
    }

    /// Returns the id of the organization.
    #[must_use]
    pub fn organization_id(&self) -> String {
        self.world().organization.clone()
    }

    /// Returns the time of the server.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.world().clock.now()
    }

    /// Moves the clock, and applies what is due by then: checkouts expire, subscriptions renew or end.
    pub fn advance(&self, by: Duration) {
        let mut world = self.world();
        world.clock.advance(by);
        operations::expire(&mut world);
        operations::cycle(&mut world);
    }

    /// Enables a fault.
    pub fn inject(&self, fault: Fault) {
        self.world().faults.add(fault);
    }

    /// Disables all faults.
    pub fn clear_faults(&self) {
        self.world().faults.clear();
    }

    /// Carries out an operation with this body, and returns the body of the response: null if there is none. Path
    /// parameters are properties of the body, too. Faults do not apply.
    #[must_use = "the body says what became of it"]
    pub fn call(&self, operation: &str, body: &Value) -> Value {
        let Some(operation) = document().operation(operation) else {
            return json!({"error": "NotFound", "detail": format!("The API has no operation `{operation}`")});
        };
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let path = operation.parameters("path_parameters").map(|(name, _, _)| (name, text(&body[name]))).collect();
        let query = operation
            .parameters("query")
            .filter_map(|(name, _, _)| Some((name.to_owned(), text(body.get(name)?))))
            .collect();
        let call = Call { path, query, body: body.clone(), subject: Some(Subject::Organization) };
        let told = self.state.change(|world| run(world, operation, &call));
        serde_json::from_slice(&told.body).unwrap_or_default()
    }

    /// Pays an open checkout, like its customer on the page of the checkout. Returns the confirmed checkout, or the
    /// error.
    pub fn pay(&self, checkout: &str) -> Value {
        match operations::confirm(&mut self.world(), checkout, &json!({})) {
            Ok((confirmed, _)) => crate::shape::shape("Checkout", &confirmed),
            Err(told) => serde_json::from_slice(&told.body).unwrap_or_default(),
        }
    }

    /// Registers an OAuth client with this secret, which signs users in with Polar.
    pub fn register_oauth_client(&self, id: &str, secret: &str, redirect_uri: &str) {
        let client = json!({
            "client_id": id, "client_secret": secret, "token_endpoint_auth_method": "client_secret_post",
            "redirect_uris": [redirect_uri], "client_name": "Mock client",
        });
        self.world().login.clients.insert(id.to_owned(), client);
    }

    /// Returns the ids of the supported operations, besides those of OAuth.
    pub fn operations() -> impl Iterator<Item = &'static str> {
        document().operations().map(Operation::id).filter(|id| operations::handler(id).is_some())
    }

    /// Returns the types of all events, oldest first, whether or not an endpoint is subscribed to them.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        self.world().outbox.emitted.iter().map(|(event, _)| event.clone()).collect()
    }

    /// Returns the data of the latest event of a type. `None` if there was none.
    #[must_use]
    pub fn latest_event(&self, event: &str) -> Option<Value> {
        let world = self.world();
        world.outbox.emitted.iter().rev().find(|(name, _)| name == event).map(|(_, data)| data.clone())
    }

    /// Returns when every webhook is delivered, has failed or is skipped.
    pub async fn webhooks_delivered(&self) {
        let mut pending = self.world().outbox.pending();
        // The sender lives as long as `self`, so waiting can't fail.
        let _ = pending.wait_for(|pending| *pending == 0).await;
    }

    /// Returns the requests that were received since the last call.
    #[must_use]
    pub fn requests(&self) -> Vec<Asked> {
        self.server.asked()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.state.lock()
    }
}

fn reply(world: &mut World, asked: &Asked) -> Reply {
    let is_login = asked.path.starts_with("/v1/oauth2/") || asked.path.starts_with("/.well-known/");
    if let Some(page) = pages::page(world, asked) {
        return page.into();
    }
    if is_login || asked.path == "/oauth2/authorize" {
        return world.login.respond(asked).into();
    }
    let version = asked.headers.get("polar-version").map(|value| value.to_str().unwrap_or_default().to_owned());
    if version.as_deref().is_some_and(|version| version != document().version()) {
        return Told::json(404, &json!({"detail": "Not Found"})).into();
    }
    let now = world.clock.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let versioned = |told: Told| told.header("polar-version", document().version()).header("date", &now);
    let (operation, path) = match document().route(&asked.method, &asked.path) {
        Route::Found(operation, path) => (operation, path),
        Route::MethodNotAllowed => return versioned(Told::json(405, &json!({"detail": "Method Not Allowed"}))).into(),
        Route::NotFound => return versioned(Told::json(404, &json!({"detail": "Not Found"}))).into(),
    };
    let fault = world.faults.of_request(operation.id());
    match &fault {
        Some(Kind::Respond(told)) => return versioned(told.clone()).into(),
        Some(Kind::DropRequest) => return Broken::Reset(Vec::new()).into(),
        _ => {}
    }
    let told = versioned(handle(world, operation, path, asked));
    match fault {
        Some(Kind::Slow(delay)) => Reply::Late(delay, told),
        Some(Kind::DropResponse) => Broken::Reset(Vec::new()).into(),
        _ => told.into(),
    }
}

/// Checks a request in the order of the server, and runs the operation.
fn handle(world: &mut World, operation: Operation, path: Vec<(&'static str, String)>, asked: &Asked) -> Told {
    if let Some(refusal) = asked.refusal() {
        return refusal;
    }
    let subject = match subject(world, operation, asked) {
        Ok(subject) => subject,
        Err(told) => return told,
    };
    let body = match asked.body.as_slice() {
        [] => Value::Null,
        bytes => match serde_json::from_slice(bytes) {
            Ok(body) => body,
            Err(_) => {
                let place = [json!("body"), json!(0)];
                let context = json!({"error": "Expecting value"});
                let problem =
                    crate::validate::problem("json_invalid", &place, "JSON decode error", json!({}), Some(context));
                return invalid(&[problem]);
            }
        },
    };
    let call = Call { path, query: pairs(&asked.query), body, subject };
    run(world, operation, &call)
}

/// Runs an operation for an authorized request.
fn run(world: &mut World, operation: Operation, call: &Call) -> Told {
    let problems = problems(operation, &call.path, &call.query, &call.body);
    if !problems.is_empty() {
        return invalid(&problems);
    }
    match operations::handler(operation.id()) {
        Some(handler) => handler(world, call).unwrap_or_else(|refused| refused),
        None => {
            refusal(501, "NotImplemented", &format!("MockPolar does not support the operation `{}`", operation.id()))
        }
    }
}

/// Returns whose token a request has, if the operation accepts it.
fn subject(world: &World, operation: Operation, asked: &Asked) -> Result<Option<Subject>, Told> {
    let authorization = asked.headers.get("authorization").and_then(|value| value.to_str().ok());
    let token = authorization.and_then(|value| value.strip_prefix("Bearer "));
    let schemes: Vec<&str> = operation.schemes().collect();
    let unauthorized =
        || refusal(401, "Unauthorized", "Unauthorized").header("www-authenticate", "Bearer realm=\"polar\"");
    let Some(token) = token else {
        return if schemes.is_empty() { Ok(None) } else { Err(unauthorized()) };
    };
    let known = world.tokens.get(token).cloned();
    let known = known.or_else(|| world.login.access.contains_key(token).then_some(Subject::Organization));
    let is_valid = |subject: &Subject| match subject {
        Subject::Organization => true,
        Subject::Customer(_, expires) => *expires > world.clock.now(),
    };
    let Some(subject) = known.filter(is_valid) else {
        let description = "The access token is expired, revoked, malformed or unknown.";
        let header = format!("Bearer realm=\"polar\", error=\"invalid_token\", error_description=\"{description}\"");
        let body = json!({"error": "invalid_token", "error_description": description});
        return Err(Told::json(401, &body).header("www-authenticate", &header));
    };
    let takes = |scheme: &&str| FOR_ORGANIZATIONS.contains(scheme) == (subject == Subject::Organization);
    if schemes.is_empty() || schemes.iter().any(takes) { Ok(Some(subject)) } else { Err(unauthorized()) }
}
