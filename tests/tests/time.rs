//! Nothing waits longer than allowed, and an outage is not made worse: each test is named after the fault.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use polar_client::models::{Reason, RefundCreate};
use polar_client::oauth2::{ClientCredentials, OAuthClient, RefreshingTokens, TokenStore, Tokens};
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::runtime::{
    BoxError, Bytes, PageInfo, RateLimiter, RetryBudget, SecretString, TokenProvider, Transport, TransportError, http,
};
use polar_client::uuid::Uuid;
use polar_client::{Builder, Polar, RetryPolicy};
use polar_testkit::sample::{products, sample};
use polar_testkit::server::{Fault, Server, Told};
use serde_json::json;
use tokio::runtime::Runtime;

const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);

fn refund() -> RefundCreate {
    RefundCreate::new(Uuid::nil(), Reason::CustomerRequest, 100)
}

/// Responds to everything with a page, or never, and counts requests.
#[derive(Default)]
struct Counting {
    sent: AtomicUsize,
    hangs: bool,
}

impl Transport for Counting {
    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        if self.hangs {
            std::future::pending::<()>().await;
        }
        Ok(http::Response::new(products(&[], 0, 0).to_string().into()))
    }
}

fn counting() -> (Builder, Arc<Counting>) {
    let transport = Arc::new(Counting::default());
    (Polar::builder().access_token("polar_oat_hidden").transport(Arc::clone(&transport)), transport)
}

// One deadline for a call.

#[tokio::test]
async fn a_call_behind_300_hanging_ones_waits_for_them() {
    let server = Server::script([Fault::Stall(Vec::new())]).await.unwrap();
    let polar = Polar::builder().base_url(&server.url).build().unwrap();
    let hanging: Vec<_> = (0..300).map(|_| tokio::spawn(polar.products().list().into_future())).collect();
    while server.received() < 100 {
        tokio::task::yield_now().await;
    }
    let begin = Instant::now();
    let error = polar.refunds().create(refund()).timeout(MILLISECOND * 200).await.unwrap_err();
    let waited = begin.elapsed();
    println!("timeout of 200 ms behind 300 hanging calls: the call ended after {waited:?}");
    assert!(waited < SECOND, "{waited:?}");
    assert!(error.is_timeout() && !error.outcome_is_unknown() && error.attempts() == 0);
    assert_eq!(
        error.to_string(),
        "refunds:create (POST /v1/refunds/): not sent within 200ms: it was waiting for one of 100 requests to end, \
         the maximum of concurrent requests"
    );
    assert_eq!(server.received(), 100);
    hanging.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn the_number_of_requests_at_once_is_not_what_was_set() {
    for (set, most) in [(2, 2), (0, 1)] {
        let server = Server::script([Fault::Stall(Vec::new())]).await.unwrap();
        let polar = Polar::builder().base_url(&server.url).max_concurrent_requests(set).build().unwrap();
        let hanging: Vec<_> = (0..9).map(|_| tokio::spawn(polar.products().list().into_future())).collect();
        while server.received() < most {
            tokio::task::yield_now().await;
        }
        let error = polar.clone().products().list().timeout(MILLISECOND * 20).await.unwrap_err();
        assert!(error.to_string().contains(&format!("one of {most} requests to end")), "{error}");
        assert_eq!(server.received(), most);
        hanging.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

#[tokio::test(start_paused = true)]
async fn the_rate_limiter_is_outside_of_the_timeout() {
    let (builder, transport) = counting();
    let polar = builder.rate_limiter(RateLimiter::per_minute(NonZeroU32::MIN)).build().unwrap();
    polar.products().list().await.unwrap();
    let begin = tokio::time::Instant::now();
    let error = polar.products().list().timeout(SECOND * 5).await.unwrap_err();
    assert_eq!((begin.elapsed().as_secs(), transport.sent.load(Ordering::SeqCst)), (5, 1));
    assert!(
        error.is_timeout() && error.to_string().ends_with("not sent within 5s: it was waiting for the rate limiter")
    );
}

/// A provider that never returns: a token, or another one.
struct Hanging {
    /// The first token.
    token: Option<&'static str>,
}

impl TokenProvider for Hanging {
    async fn access_token(&self) -> Result<SecretString, BoxError> {
        match self.token {
            Some(token) => Ok(token.into()),
            None => std::future::pending().await,
        }
    }

    async fn token_rejected(&self, _: &SecretString) -> Result<bool, BoxError> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_provider_that_hangs_is_outside_of_the_timeout() {
    let (builder, transport) = counting();
    let polar = builder.token_provider(Hanging { token: None }).build().unwrap();
    let begin = tokio::time::Instant::now();
    let error = polar.refunds().create(refund()).timeout(SECOND * 5).await.unwrap_err();
    assert_eq!((begin.elapsed().as_secs(), transport.sent.load(Ordering::SeqCst)), (5, 0));
    assert!(error.is_timeout() && !error.outcome_is_unknown());
    assert!(error.to_string().ends_with("not sent within 5s: it was waiting for the token provider"), "{error}");

    // The API rejects the token, and the provider hangs while it fetches another one.
    let mock = MockTransport::new();
    mock.on("refunds:create", Reply::json(401, &json!({"error": "invalid_token"})));
    let builder = Polar::builder().transport(mock.clone()).token_provider(Hanging { token: Some("polar_at_o_x") });
    let error = builder.build().unwrap().refunds().create(refund()).timeout(SECOND * 5).await.unwrap_err();
    assert!(error.is_timeout() && !error.outcome_is_unknown() && error.attempts() == 1, "{error:?}");
    assert!(error.to_string().ends_with("not sent again within 5s: it was waiting for the token provider"), "{error}");
    assert_eq!(mock.sent().len(), 1);
}

/// A store that never returns.
struct Stuck;

impl TokenStore for Stuck {
    async fn load(&self) -> Result<Option<Tokens>, BoxError> {
        std::future::pending().await
    }

    async fn save(&self, _: &Tokens) -> Result<(), BoxError> {
        std::future::pending().await
    }

    async fn clear(&self) -> Result<(), BoxError> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_store_that_hangs_keeps_a_call_for_ever() {
    let (builder, transport) = counting();
    let polar = builder.build().unwrap();
    let credentials = ClientCredentials::post("polar_ci_x", "polar_cs_x");
    let oauth = OAuthClient::new(&polar, credentials, "https://example.com/callback").unwrap();
    let polar = polar.with_token_provider(RefreshingTokens::new(oauth, Stuck));
    let begin = tokio::time::Instant::now();
    let error = polar.products().list().timeout(SECOND * 5).await.unwrap_err();
    assert_eq!((begin.elapsed().as_secs(), transport.sent.load(Ordering::SeqCst)), (5, 0));
    assert!(error.is_timeout(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_hangs_keeps_a_call_for_ever() {
    let transport = Arc::new(Counting { hangs: true, ..Counting::default() });
    let polar = Polar::builder().transport(Arc::clone(&transport)).timeout(SECOND * 5).build().unwrap();
    let begin = tokio::time::Instant::now();
    let error = polar.refunds().create(refund()).await.unwrap_err();
    assert_eq!((begin.elapsed().as_secs(), transport.sent.load(Ordering::SeqCst)), (5, 1));
    assert!(error.is_timeout() && error.outcome_is_unknown());
    assert!(error.to_string().ends_with("no response from api.polar.sh within 5s"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn waits_between_attempts_outlast_the_timeout() {
    let polar = Polar::builder().base_url("http://127.0.0.1:1").timeout(SECOND * 7);
    let policy = RetryPolicy::new().max_attempts(99).first_delay(SECOND * 10).max_delay(SECOND * 10);
    let polar = polar.retry_policy(policy).build().unwrap();
    let begin = tokio::time::Instant::now();
    let error = polar.products().list().await.unwrap_err();
    assert!(error.is_connect() && begin.elapsed() <= SECOND * 7, "{error} after {:?}", begin.elapsed());
}

#[tokio::test]
async fn an_attempt_takes_the_time_of_the_whole_call() {
    let page = Fault::json("200 OK", &products(&["Pro"], 1, 1));
    let server = Server::script([Fault::Stall(Vec::new()), Fault::Stall(Vec::new()), page]).await.unwrap();
    let policy = RetryPolicy::new().first_delay(Duration::ZERO);
    let polar = Polar::builder().base_url(&server.url).attempt_timeout(MILLISECOND * 50).retry_policy(policy);
    let page = polar.build().unwrap().products().list().await.unwrap();
    assert_eq!((page.items.len(), server.received()), (1, 3));
}

// Retries in an outage.

#[tokio::test]
async fn an_outage_multiplies_the_load() {
    const CALLS: usize = 1000;
    let mock = MockTransport::new();
    mock.on("products:list", Reply::empty(503));
    let polar = Polar::builder().transport(mock.clone()).build().unwrap();
    let mut errors = Vec::new();
    for _ in 0..CALLS {
        errors.push(polar.clone().products().list().await.unwrap_err());
    }
    let sent = mock.sent().len();
    println!("{CALLS} calls that fail sent {sent} requests");
    assert_eq!(sent, CALLS + RetryBudget::DEFAULT_SIZE as usize);
    let attempts: u32 = errors.iter().map(|error| error.attempts()).sum();
    assert_eq!(attempts as usize, sent, "every request is counted");
    assert_eq!(
        errors.last().unwrap().to_string(),
        "products:list (GET /v1/products/): 503 Service Unavailable \
         (not retried: the retry budget of the client is used up)"
    );
}

#[tokio::test]
async fn a_budget_that_is_used_up_stays_so_after_the_outage() {
    let mock = MockTransport::new();
    mock.on("products:list", Reply::empty(503));
    mock.on("refunds:create", Reply::json(201, &sample("Refund", json!({}))));
    let budget = RetryBudget::new(1);
    let polar = Polar::builder().transport(mock.clone()).retry_budget(budget.clone()).build().unwrap();
    let attempts = async || polar.products().list().await.unwrap_err().attempts();
    assert_eq!((attempts().await, attempts().await), (2, 1));
    for _ in 0..5 {
        polar.refunds().create(refund()).await.unwrap();
    }
    assert_eq!((budget.left(), attempts().await, attempts().await), (Some(1), 2, 1));
}

#[tokio::test]
async fn a_rate_limit_uses_up_the_budget() {
    let mock = MockTransport::new();
    mock.on("products:list", Reply::empty(429).retry_after(1));
    let polar = Polar::builder().transport(mock.clone()).retry_budget(RetryBudget::new(0)).build().unwrap();
    assert_eq!(polar.products().list().await.unwrap_err().attempts(), 3);
}

#[tokio::test]
async fn a_budget_can_not_be_switched_off() {
    let mock = MockTransport::new();
    mock.on("products:list", Reply::empty(503));
    let polar = Polar::builder().transport(mock.clone()).retry_budget(RetryBudget::unlimited()).build().unwrap();
    for _ in 0..200 {
        polar.products().list().await.unwrap_err();
    }
    assert_eq!(mock.sent().len(), 600);
}

// Runtimes.

/// Starts a server on a separate thread, which ends with the process of the test.
fn server(reply: impl Fn() -> Told + Send + Sync + 'static) -> Server {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        current_thread().block_on(async {
            sender.send(Server::start(move |_| reply()).await.unwrap()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    receiver.recv().unwrap()
}

fn current_thread() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn refunded() -> Told {
    Told::json(201, &sample("Refund", json!({})))
}

#[test]
fn a_client_loses_payments_between_the_runtimes_of_tests() {
    // Like `#[tokio::test]` with a client in a `static`: several threads, each with one runtime after another.
    let server = server(refunded);
    let polar = Polar::builder().base_url(&server.url).build().unwrap();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let polar = polar.clone();
            thread::spawn(move || {
                (0..20)
                    .filter(|_| current_thread().block_on(polar.refunds().create(refund()).into_future()).is_err())
                    .count()
            })
        })
        .collect();
    let failed: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    println!("160 payments, each from a runtime of its own: {failed} failed, {} were received", server.received());
    assert_eq!((failed, server.received()), (0, 160));
}

#[test]
fn a_client_waits_for_a_runtime_that_nobody_runs() {
    let server = server(refunded);
    let polar = Polar::builder().base_url(&server.url).timeout(SECOND * 20).build().unwrap();
    let (first, second) = (current_thread(), current_thread());
    for runtime in [&first, &second, &first, &second] {
        runtime.block_on(polar.refunds().create(refund()).into_future()).unwrap();
    }
    assert_eq!((server.received(), server.connections()), (4, 2), "each runtime keeps a connection of its own");
}

#[test]
fn a_runtime_without_timers_panics() {
    let server = server(refunded);
    let polar = Polar::builder().base_url(&server.url).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let error = runtime.block_on(polar.refunds().create(refund()).into_future()).unwrap_err();
    assert!(error.is_connect() && !error.is_retryable() && !error.outcome_is_unknown() && error.attempts() == 0);
    assert_eq!(
        error.to_string(),
        "refunds:create (POST /v1/refunds/): not sent: the tokio runtime has no timers: build it with `enable_all`"
    );
    assert_eq!(server.received(), 0);
}

#[test]
fn a_blocking_call_is_refused_where_waiting_is_allowed() {
    let server = server(refunded);
    let polar = Polar::builder().base_url(&server.url).build().unwrap();
    let pay = move || polar.refunds().create(refund()).send_blocking();
    pay().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::task::spawn_blocking(pay.clone()).await.unwrap().unwrap();
        let in_place = pay.clone();
        tokio::spawn(async move { tokio::task::block_in_place(in_place) }).await.unwrap().unwrap();
        tokio::task::block_in_place(pay.clone()).unwrap();
        let error = pay().unwrap_err();
        assert!(error.to_string().contains("a thread of an async runtime must not block"), "{error}");
    });
    let _entered = runtime.enter();
    pay().unwrap();
    assert_eq!(server.received(), 5);
}

// Lists.

#[tokio::test]
async fn a_negative_total_bounds_a_list() {
    assert_eq!(PageInfo::counted(2, -1, 9).total_count, None);
    let mock = MockTransport::new();
    for names in [["a", "b"], ["c", "d"]] {
        let mut page = products(&names, 0, 2);
        page["pagination"]["total_count"] = json!(-1);
        mock.on("products:list", Reply::json(200, &page));
    }
    let polar = Polar::builder().transport(mock).build().unwrap();
    let mut items = polar.products().list().items();
    let mut names = String::new();
    while let Some(item) = items.next().await {
        names.push_str(&item.unwrap().name);
        let most = futures_core::Stream::size_hint(&items).1.unwrap_or(usize::MAX);
        assert!(most >= 4 - names.len(), "{most} after {names}");
    }
    assert_eq!(names, "abcd");
}
