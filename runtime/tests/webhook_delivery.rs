//! Deliveries to an endpoint and to the extractor: nothing is lost, whatever happens between claim and response.
//!
//! Time is tokio's paused clock, and requests go to the services without a network.
#![cfg(feature = "axum")]
#![allow(clippy::disallowed_methods, reason = "tests run on tokio only")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use std::error::Error;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use axum_core::body::Body;
use axum_core::extract::{FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use futures_core::Stream;
use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, StatusCode};
use polar_client_runtime::serde_json::Value;
use polar_client_runtime::webhooks::{
    Claim, Lease, MemoryReplayGuard, ReplayGuard, Webhook, WebhookEndpoint, WebhookReceiver, WebhookRejection,
    WebhookSigner, WebhookVerifier,
};
use tokio::sync::Semaphore;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout};
use tower_service::Service;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY: &str = r#"{"type": "order.paid"}"#;

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

fn verifier() -> WebhookVerifier {
    WebhookVerifier::new(SECRET).unwrap()
}

fn request_with(headers: HeaderMap, body: impl Into<Body>) -> Request {
    let mut request = Request::new(body.into());
    *request.method_mut() = Method::POST;
    *request.headers_mut() = headers;
    request
}

/// A delivery of an event, signed now.
fn delivery(id: &str) -> Request {
    request_with(WebhookSigner::new(SECRET).unwrap().sign(id, SystemTime::now(), BODY).unwrap(), BODY)
}

async fn send(endpoint: &WebhookEndpoint, request: Request) -> Response {
    endpoint.clone().call(request).await.unwrap()
}

async fn deliver(endpoint: &WebhookEndpoint, id: &str) -> StatusCode {
    send(endpoint, delivery(id)).await.status()
}

fn retry_after(response: &Response) -> u64 {
    response.headers()[RETRY_AFTER].to_str().unwrap().parse().unwrap()
}

/// A handler that waits for a permit in each run.
#[derive(Clone)]
struct Gate {
    open: Arc<Semaphore>,
    started: Arc<AtomicUsize>,
    done: Arc<AtomicUsize>,
}

impl Gate {
    fn closed() -> Self {
        Self { open: Arc::new(Semaphore::new(0)), started: Arc::default(), done: Arc::default() }
    }

    fn endpoint(&self, receiver: impl Into<WebhookReceiver>) -> WebhookEndpoint {
        let gate = self.clone();
        WebhookEndpoint::new(receiver, move |_: Webhook<Value>| {
            let gate = gate.clone();
            async move {
                gate.started.fetch_add(1, Ordering::SeqCst);
                gate.open.acquire().await.unwrap().forget();
                gate.done.fetch_add(1, Ordering::SeqCst);
            }
        })
    }

    /// Lets one run end, and waits for it.
    async fn let_one_end(&self) {
        let before = self.done.load(Ordering::SeqCst);
        self.open.add_permits(1);
        // Enough permits for all tasks of the endpoint.
        for _ in 0..20 {
            yield_now().await;
        }
        assert_eq!(self.done.load(Ordering::SeqCst), before + 1, "the handler did not go on");
    }

    fn runs(&self) -> (usize, usize) {
        (self.started.load(Ordering::SeqCst), self.done.load(Ordering::SeqCst))
    }
}

/// An endpoint whose handler calls `act` with the number of its run.
fn acting(act: impl Fn(usize) -> Outcome + Send + Sync + 'static) -> WebhookEndpoint {
    let (act, runs) = (Arc::new(act), Arc::new(AtomicUsize::new(0)));
    WebhookEndpoint::new(verifier(), move |_: Webhook<Value>| {
        let (act, runs) = (Arc::clone(&act), Arc::clone(&runs));
        async move { act(runs.fetch_add(1, Ordering::SeqCst)) }
    })
}

#[tokio::test(start_paused = true)]
async fn a_handler_outlives_a_sender_that_hangs_up() {
    let gate = Gate::closed();
    let endpoint = gate.endpoint(verifier());
    timeout(Duration::from_millis(100), deliver(&endpoint, "msg_1")).await.unwrap_err();
    assert_eq!(gate.runs(), (1, 0));
    gate.let_one_end().await;
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::NO_CONTENT);
    assert_eq!(gate.runs(), (1, 1), "handled once");
}

#[tokio::test(start_paused = true)]
async fn an_event_whose_handler_panics_comes_again() {
    let endpoint = acting(|run| if run == 0 { panic!("expected in this test") } else { Ok(()) });
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::NO_CONTENT);
}

#[tokio::test(start_paused = true)]
async fn a_panic_before_the_first_await_gives_the_event_back() {
    let first = Arc::new(AtomicBool::new(true));
    let endpoint = WebhookEndpoint::new(verifier(), move |_: Webhook<Value>| {
        assert!(!first.swap(false, Ordering::SeqCst), "expected in this test");
        async {}
    });
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::NO_CONTENT);
}

#[tokio::test(start_paused = true)]
async fn an_event_whose_handler_fails_comes_again() {
    let errors = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&errors);
    let endpoint = acting(|run| if run < 2 { Err(format!("failure {run}").into()) } else { Ok(()) });
    let endpoint = endpoint.on_rejection(move |rejection| {
        seen.lock().unwrap().push(format!("{rejection}: {}", rejection.source().unwrap()));
    });
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(deliver(&endpoint, "msg_1").await.as_u16());
    }
    assert_eq!(statuses, [500, 500, 204, 204]);
    assert_eq!(
        *errors.lock().unwrap(),
        ["the handler of the webhook failed: failure 0", "the handler of the webhook failed: failure 1"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_in_progress_is_not_acknowledged() {
    let gate = Gate::closed();
    let endpoint = gate.endpoint(WebhookReceiver::new(verifier()).lease(Duration::from_secs(20)));
    let first = tokio::spawn({
        let endpoint = endpoint.clone();
        async move { deliver(&endpoint, "msg_1").await }
    });
    while gate.runs().0 == 0 {
        yield_now().await;
    }
    let duplicate = send(&endpoint, delivery("msg_1")).await;
    assert_eq!((duplicate.status(), retry_after(&duplicate)), (StatusCode::SERVICE_UNAVAILABLE, 20));
    gate.let_one_end().await;
    assert_eq!(first.await.unwrap(), StatusCode::NO_CONTENT);
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::NO_CONTENT);
    assert_eq!(gate.runs(), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_slow_handler_is_answered_in_time() {
    let gate = Gate::closed();
    let endpoint = gate.endpoint(verifier());
    let started = Instant::now();
    let late = send(&endpoint, delivery("msg_1")).await;
    assert_eq!(started.elapsed().as_secs(), WebhookEndpoint::RESPOND_WITHIN.as_secs());
    assert_eq!((late.status(), retry_after(&late)), (StatusCode::SERVICE_UNAVAILABLE, 30));
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::SERVICE_UNAVAILABLE, "still at work");
    gate.let_one_end().await;
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::NO_CONTENT);
    assert_eq!(gate.runs(), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn the_time_for_a_response_can_be_set() {
    let endpoint = Gate::closed().endpoint(verifier()).respond_within(Duration::from_secs(2));
    let started = Instant::now();
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(started.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failure_after_the_response_gives_the_event_back() {
    let reported = Arc::new(AtomicUsize::new(0));
    let (count, runs) = (Arc::clone(&reported), Arc::new(AtomicUsize::new(0)));
    let endpoint = WebhookEndpoint::new(verifier(), move |_: Webhook<Value>| {
        let run = runs.fetch_add(1, Ordering::SeqCst);
        async move {
            if run > 0 {
                return Ok(());
            }
            sleep(Duration::from_secs(60)).await;
            Err("too late")
        }
    })
    .on_rejection(move |rejection| {
        count.fetch_add(usize::from(matches!(rejection, WebhookRejection::Failed(_))), Ordering::SeqCst);
    });
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::SERVICE_UNAVAILABLE);
    while reported.load(Ordering::SeqCst) == 0 {
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::NO_CONTENT);
}

#[tokio::test(start_paused = true)]
async fn a_lease_ends_if_nothing_else_ends_it() {
    let gate = Gate::closed();
    let lease = Duration::from_secs(60);
    let endpoint = gate.endpoint(WebhookReceiver::new(verifier()).lease(lease));
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::SERVICE_UNAVAILABLE);
    tokio::time::advance(lease).await;
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(gate.runs(), (2, 0), "the handler that hangs no longer holds the event");
}

#[tokio::test(start_paused = true)]
async fn a_claim_of_a_process_that_died_ends_with_its_lease() {
    let guard = MemoryReplayGuard::default();
    // The state in a shared store if a process dies after its claim.
    assert_eq!(guard.claim(&Lease::new("msg_1", WebhookReceiver::LEASE)).await.unwrap(), Claim::New);
    let endpoint =
        WebhookEndpoint::new(WebhookReceiver::new(verifier()).replay_guard(guard), |_: Webhook<Value>| async {});
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::SERVICE_UNAVAILABLE);
    tokio::time::advance(WebhookReceiver::LEASE).await;
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::NO_CONTENT);
}

/// A guard whose `complete` fails as long as it is down.
struct Failing(MemoryReplayGuard, Arc<AtomicBool>);

impl ReplayGuard for Failing {
    async fn claim(&self, lease: &Lease) -> Result<Claim, Box<dyn Error + Send + Sync>> {
        self.0.claim(lease).await
    }

    async fn complete(&self, lease: &Lease) -> Result<(), Box<dyn Error + Send + Sync>> {
        if self.1.load(Ordering::SeqCst) {
            return Err("no connection".into());
        }
        self.0.complete(lease).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.0.release(lease).await
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_not_recorded_as_done_comes_again() {
    let is_down = Arc::new(AtomicBool::new(true));
    let guard = Failing(MemoryReplayGuard::default(), Arc::clone(&is_down));
    let receiver = WebhookReceiver::new(verifier()).replay_guard(guard);
    let endpoint = WebhookEndpoint::new(receiver, |_: Webhook<Value>| async {});
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::INTERNAL_SERVER_ERROR);
    is_down.store(false, Ordering::SeqCst);
    yield_now().await;
    assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::NO_CONTENT);
}

#[tokio::test(start_paused = true)]
async fn a_handler_in_an_endpoint_need_not_complete() {
    let endpoint = WebhookEndpoint::new(verifier(), |webhook: Webhook<Value>| async move {
        webhook.complete().await?;
        Err::<(), Box<dyn Error + Send + Sync>>("failed afterwards".into())
    });
    for _ in 0..2 {
        assert_eq!(deliver(&endpoint, "msg_1").await, StatusCode::INTERNAL_SERVER_ERROR, "not done");
    }
}

#[tokio::test(start_paused = true)]
async fn only_post_reaches_the_handler() {
    let gate = Gate::closed();
    let mut request = delivery("msg_1");
    *request.method_mut() = Method::GET;
    let response = send(&gate.endpoint(verifier()), request).await;
    assert_eq!(
        (response.status(), &response.headers()["allow"]),
        (StatusCode::METHOD_NOT_ALLOWED, &"POST".parse().unwrap())
    );
    assert_eq!(gate.runs(), (0, 0));
}

/// A body that records that it was read, and never ends.
struct Endless(Arc<AtomicBool>);

impl Stream for Endless {
    type Item = Result<&'static [u8], std::io::Error>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.store(true, Ordering::SeqCst);
        Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn headers_are_refused_before_the_body_is_read() {
    let endpoint = Gate::closed().endpoint(verifier());
    let receiver = WebhookReceiver::new(verifier());
    let sign = |time| WebhookSigner::new(SECRET).unwrap().sign("msg_1", time, BODY).unwrap();
    let mut unsigned = sign(SystemTime::now());
    unsigned.insert("webhook-signature", "v2,bm90IGEgc2lnbmF0dXJl".parse().unwrap());
    let old = sign(SystemTime::now() - Duration::from_secs(600));
    for (headers, status) in [(HeaderMap::new(), 400), (old, 401), (unsigned, 401)] {
        let was_read = Arc::new(AtomicBool::new(false));
        let request = || request_with(headers.clone(), Body::from_stream(Endless(Arc::clone(&was_read))));
        assert_eq!(send(&endpoint, request()).await.status(), status);
        let state = ReceiverState(receiver.clone());
        let extracted = timeout(Duration::from_secs(60), Webhook::<Value>::from_request(request(), &state)).await;
        assert_eq!(extracted.unwrap().unwrap_err().into_response().status(), status);
        assert!(!was_read.load(Ordering::SeqCst));
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_answered() {
    let endpoint = Gate::closed().endpoint(verifier());
    let was_read = Arc::new(AtomicBool::new(false));
    let headers = WebhookSigner::new(SECRET).unwrap().sign("msg_1", SystemTime::now(), BODY).unwrap();
    let request = request_with(headers, Body::from_stream(Endless(Arc::clone(&was_read))));
    assert_eq!(send(&endpoint, request).await.status(), StatusCode::BAD_REQUEST);
    assert!(was_read.load(Ordering::SeqCst));
}

/// The state of a router, for calls of the extractor without a router.
struct ReceiverState(WebhookReceiver);

impl axum_core::extract::FromRef<ReceiverState> for WebhookReceiver {
    fn from_ref(state: &ReceiverState) -> Self {
        state.0.clone()
    }
}

async fn extract(state: &ReceiverState) -> Result<Webhook<Value>, WebhookRejection> {
    Webhook::from_request(delivery("msg_1"), state).await
}

fn guarded() -> ReceiverState {
    ReceiverState(WebhookReceiver::new(verifier()).replay_guard(MemoryReplayGuard::default()))
}

#[tokio::test(start_paused = true)]
async fn a_dropped_webhook_gives_the_event_back() {
    let state = guarded();
    let webhook = extract(&state).await.unwrap();
    assert!(matches!(extract(&state).await, Err(WebhookRejection::InProgress { .. })));
    drop(webhook);
    yield_now().await;
    extract(&state).await.unwrap();
}

/// A guard that stores claims immediately and returns late.
struct Slow(MemoryReplayGuard);

impl ReplayGuard for Slow {
    async fn claim(&self, lease: &Lease) -> Result<Claim, Box<dyn Error + Send + Sync>> {
        let claimed = self.0.claim(lease).await;
        sleep(Duration::from_secs(1)).await;
        claimed
    }

    async fn complete(&self, lease: &Lease) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.0.complete(lease).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.0.release(lease).await
    }
}

#[tokio::test(start_paused = true)]
async fn hanging_up_during_the_claim_gives_it_back() {
    let guard = Slow(MemoryReplayGuard::default());
    let state = ReceiverState(WebhookReceiver::new(verifier()).replay_guard(guard));
    assert!(timeout(Duration::from_millis(100), extract(&state)).await.is_err());
    yield_now().await;
    extract(&state).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_does_not_give_the_claim_back() {
    let state = guarded();
    let _webhook = extract(&state).await.unwrap();
    for _ in 0..3 {
        assert!(matches!(extract(&state).await, Err(WebhookRejection::InProgress { .. })));
        yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_gives_an_extracted_webhook_back() {
    let state = Arc::new(guarded());
    let task = Arc::clone(&state);
    let handler = tokio::spawn(async move {
        let _webhook = extract(&task).await.unwrap();
        panic!("expected in this test");
    });
    assert!(handler.await.unwrap_err().is_panic());
    yield_now().await;
    extract(&state).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_completed_webhook_is_done() {
    let state = guarded();
    let webhook = extract(&state).await.unwrap();
    webhook.complete().await.unwrap();
    drop(webhook);
    yield_now().await;
    let rejection = extract(&state).await.unwrap_err();
    assert_eq!(rejection.status(), StatusCode::NO_CONTENT);
    assert!(matches!(rejection, WebhookRejection::AlreadyHandled));
}

#[tokio::test(start_paused = true)]
async fn an_undecodable_event_is_not_claimed() {
    let state = guarded();
    let request = || {
        let headers = WebhookSigner::new(SECRET).unwrap().sign("msg_1", SystemTime::now(), "{").unwrap();
        request_with(headers, "{")
    };
    for _ in 0..2 {
        let rejection = Webhook::<Value>::from_request(request(), &state).await.unwrap_err();
        assert_eq!(rejection.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
    extract(&state).await.unwrap();
}
