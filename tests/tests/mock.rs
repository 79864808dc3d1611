//! When a call is retried and how long it waits before, how many requests the limiter allows, and what is traced: with
//! a transport that records waits instead of waiting.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::num::NonZeroU32;
use std::time::Duration;

use polar_client::models::{EventCreateExternalCustomer, EventsIngest, Reason, RefundCreate};
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::runtime::{RateLimiter, Timeout};
use polar_client::uuid::Uuid;
use polar_client::{Builder, Error, Polar, RetryPolicy};
use polar_testkit::sample::{products, sample};
use serde_json::{Value, json};

const GET: &str = "products:get";
const PAY: &str = "refunds:create";
const INGEST: &str = "events:ingest";
const SECOND: Duration = Duration::from_secs(1);

fn builder(mock: &MockTransport) -> Builder {
    Polar::builder().access_token("polar_oat_hidden").transport(mock.clone())
}

/// A client with these responses, one after another.
fn polar(operation: &str, replies: impl IntoIterator<Item = Reply>) -> (Polar, MockTransport) {
    let mock = MockTransport::new();
    replies.into_iter().for_each(|reply| mock.on(operation, reply));
    (builder(&mock).build().unwrap(), mock)
}

fn unavailable() -> Reply {
    Reply::json(503, &json!({}))
}

fn product() -> Reply {
    Reply::json(200, &sample("Product", json!({"name": "Pro"})))
}

fn refund() -> RefundCreate {
    RefundCreate::new(Uuid::nil(), Reason::CustomerRequest, 100)
}

async fn paying(reply: Reply) -> (Error, usize) {
    let (polar, mock) = polar(PAY, [reply]);
    let error = polar.refunds().create(refund()).await.unwrap_err();
    (error, mock.sent().len())
}

#[tokio::test]
async fn a_mock_answers_and_keeps_what_was_sent() {
    let (polar, mock) = polar(PAY, [Reply::json(201, &sample("Refund", json!({"amount": 100})))]);
    assert_eq!(polar.refunds().create(refund()).await.unwrap().amount, 100);
    let sent = mock.sent();
    assert_eq!((sent.len(), sent[0].operation), (1, PAY));
    assert_eq!(sent[0].json::<RefundCreate>().unwrap(), refund());
    assert!(mock.waited().is_empty());
    assert!(!format!("{mock:?}{sent:?}").contains("hidden"));

    let error = polar.products().get(Uuid::nil()).retry_policy(RetryPolicy::never()).await.unwrap_err();
    let causes: Vec<String> =
        std::iter::successors(Some(&error as &dyn std::error::Error), |e| e.source()).map(|e| e.to_string()).collect();
    assert_eq!(causes.last().unwrap(), "there is no reply for `products:get`, only for [refunds:create]");
}

#[tokio::test]
async fn what_reads_is_tried_three_times_with_growing_waits() {
    for broken in [unavailable, Reply::no_connection, Reply::timeout, Reply::reset] {
        let (polar, mock) = polar(GET, [broken(), broken(), product()]);
        assert_eq!(polar.products().get(Uuid::nil()).await.unwrap().name, "Pro");
        let waited = mock.waited();
        assert_eq!((mock.sent().len(), waited.len()), (3, 2));
        assert!(waited[0] <= SECOND / 2 && waited[1] <= SECOND, "{waited:?}");
    }
}

#[tokio::test]
async fn what_pays_is_tried_again_only_where_nothing_was_done() {
    for reply in [unavailable(), Reply::timeout(), Reply::reset(), Reply::json(502, &json!({}))] {
        let (error, sent) = paying(reply).await;
        assert_eq!((sent, error.attempts(), error.is_retryable()), (1, 1, false), "{error}");
    }
    let locked = Reply::json(409, &json!({"error": "SubscriptionLocked", "detail": "Busy"}));
    for reply in [Reply::no_connection(), Reply::empty(429).retry_after(0), locked] {
        let (error, sent) = paying(reply).await;
        assert_eq!((sent, error.attempts(), error.is_retryable()), (3, 3, true), "{error}");
    }
}

#[tokio::test]
async fn the_server_says_how_long_to_wait_in_seconds_or_as_a_date() {
    let date = |name: &'static str, value: &'static str| (name.parse().unwrap(), value.parse().unwrap());
    let (now, then) =
        (date("date", "Wed, 21 Oct 2026 07:28:00 GMT"), date("retry-after", "Wed, 21 Oct 2026 07:28:30 GMT"));
    for (reply, wait) in [
        (Reply::empty(429).retry_after(7), 7),
        (Reply::empty(503).retry_after(20), 20),
        (Reply::empty(429).header(now.0, now.1).header(then.0, then.1), 30),
    ] {
        let (polar, mock) = polar(GET, [reply, product()]);
        polar.products().get(Uuid::nil()).await.unwrap();
        assert_eq!(mock.waited(), [SECOND * wait]);
    }
}

#[tokio::test]
async fn nobody_waits_longer_than_the_call_may_take() {
    // The server asks for more time than is left.
    let (polar, mock) = polar(GET, [Reply::empty(429).retry_after(121)]);
    let error = polar.products().get(Uuid::nil()).await.unwrap_err();
    assert_eq!((error.attempts(), error.retry_after()), (1, Some(SECOND * 121)));
    assert!(error.is_retryable() && mock.waited().is_empty());

    // The waits add up, too.
    let (polar, mock) = polar_with(RetryPolicy::new().max_attempts(99), [Reply::empty(429).retry_after(30)]);
    let error = polar.products().get(Uuid::nil()).timeout(SECOND * 100).await.unwrap_err();
    assert_eq!((error.attempts(), mock.waited()), (4, vec![SECOND * 30; 3]));
}

#[tokio::test]
async fn an_attempt_has_no_more_time_than_the_call_has_left() {
    let (polar, mock) = polar(GET, [Reply::empty(503).retry_after(50), product()]);
    polar.products().get(Uuid::nil()).timeout(SECOND * 60).attempt_timeout(SECOND * 30).await.unwrap();
    let timeouts: Vec<_> =
        mock.sent().iter().map(|sent| sent.request.extensions().get::<Timeout>().unwrap().0).collect();
    assert_eq!(timeouts[0], SECOND * 30);
    assert!(timeouts[1] <= SECOND * 10, "{timeouts:?}");
}

fn polar_with(policy: RetryPolicy, replies: impl IntoIterator<Item = Reply>) -> (Polar, MockTransport) {
    let mock = MockTransport::new();
    replies.into_iter().for_each(|reply| mock.on(GET, reply));
    (builder(&mock).retry_policy(policy).build().unwrap(), mock)
}

#[tokio::test]
async fn a_policy_is_for_the_client_and_another_one_for_a_request() {
    let (polar, mock) = polar_with(RetryPolicy::never(), [unavailable()]);
    assert_eq!(polar.products().get(Uuid::nil()).await.unwrap_err().attempts(), 1);
    let patient = RetryPolicy::new().max_attempts(6).first_delay(SECOND).max_delay(SECOND * 3);
    let error = polar.products().get(Uuid::nil()).retry_policy(patient).await.unwrap_err();
    assert_eq!(error.attempts(), 6);
    let waited = mock.waited();
    assert_eq!((mock.sent().len(), waited.len()), (7, 5));
    let longest = [1, 2, 3, 3, 3].map(|seconds| SECOND * seconds);
    assert!(waited.iter().zip(longest).all(|(wait, longest)| *wait <= longest), "{waited:?}");
}

#[tokio::test]
async fn events_are_sent_again_only_where_each_has_a_name_of_its_own() {
    let event = || EventCreateExternalCustomer::new("tokens", "user_1842");
    for (events, sent) in [
        (vec![event().external_id("1"), event().external_id("2")], 3),
        (vec![event().external_id("1"), event()], 1),
        (vec![event().external_id("1"), event().external_id(None)], 1),
        (vec![event()], 1),
    ] {
        for broken in [unavailable, Reply::timeout, Reply::reset] {
            let (polar, mock) = polar(INGEST, [broken()]);
            let error = polar.events().ingest(EventsIngest::new(events.clone())).await.unwrap_err();
            assert_eq!((mock.sent().len(), error.is_retryable()), (sent, sent > 1));
        }
    }
}

#[tokio::test]
async fn every_try_sends_the_same() {
    let (polar, mock) = polar(INGEST, [unavailable(), Reply::json(200, &json!({"inserted": 1, "duplicates": 0}))]);
    let event = EventCreateExternalCustomer::new("tokens", "user_1842").external_id("1");
    assert_eq!(polar.events().ingest(EventsIngest::new([event])).await.unwrap().inserted, 1);
    let bodies: Vec<Value> = mock.sent().iter().map(|sent| sent.json().unwrap()).collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn an_error_counts_what_was_sent() {
    let unreadable = Reply::bytes(200, "text/html", "<html>");
    for (replies, attempts) in [
        (vec![unreadable.clone()], 1),
        (vec![unavailable(), unreadable], 2),
        (vec![Reply::no_connection(), Reply::json(404, &json!({}))], 2),
    ] {
        let (polar, mock) = polar(GET, replies);
        let error = polar.products().get(Uuid::nil()).await.unwrap_err();
        assert_eq!((error.attempts(), mock.sent().len()), (attempts, attempts as usize), "{error}");
    }
}

// The limiter.

#[tokio::test]
async fn a_limiter_is_shared_by_clones_and_by_the_clients_that_have_one() {
    // Five at once, and 45 more in a minute.
    let limiter = RateLimiter::per_minute(NonZeroU32::new(50).unwrap());
    let mock = MockTransport::new();
    mock.on("products:list", Reply::json(200, &products(&[], 0, 0)));
    let first = builder(&mock).rate_limiter(limiter.clone()).build().unwrap();
    let second = builder(&mock).rate_limiter(limiter).build().unwrap();
    for _ in 0..5 {
        for polar in [&first, &first.clone(), &second, &second.clone()] {
            polar.products().list().await.unwrap();
        }
    }
    let waited = mock.waited();
    assert_eq!(mock.sent().len(), 20);
    assert_eq!(waited.len(), 15, "{waited:?}");
    assert!(waited.iter().all(|wait| *wait > Duration::ZERO && *wait <= SECOND * 60 / 45), "{waited:?}");
}

#[tokio::test]
async fn a_limiter_counts_every_try() {
    let mock = MockTransport::new();
    mock.on(GET, Reply::no_connection());
    let limiter = RateLimiter::per_minute(NonZeroU32::new(10).unwrap());
    let polar = builder(&mock).rate_limiter(limiter).retry_policy(RetryPolicy::new().first_delay(Duration::ZERO));
    polar.build().unwrap().products().get(Uuid::nil()).await.unwrap_err();
    // One passes; each retry waits for the policy, which has no delay, and for its slot.
    let waited: Vec<Duration> = mock.waited().into_iter().filter(|wait| !wait.is_zero()).collect();
    assert_eq!((mock.sent().len(), waited.len()), (3, 2), "{waited:?}");
}

#[tokio::test]
async fn what_can_not_be_sent_takes_no_turn() {
    let mock = MockTransport::new();
    let polar = builder(&mock).rate_limiter(RateLimiter::per_minute(NonZeroU32::MIN)).build().unwrap();
    for _ in 0..3 {
        assert!(polar.products().get(Uuid::nil()).header("a b", "c").await.unwrap_err().is_request());
        assert!(polar.products().get(Uuid::nil()).access_token("polar_cst_x").await.unwrap_err().is_request());
    }
    assert!(mock.waited().is_empty());
}
