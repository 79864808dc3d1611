//! The entitlement cache against late, repeated and lost events, and a server that fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use polar_client::chrono::TimeDelta;
use polar_client::serde_json::{self, Value, json};
use polar_client::uuid::Uuid;
use polar_client::webhooks::WebhookPayload;
use polar_client_kit::entitlements::{EntitlementCache, EntitlementCacheBuilder, EntitlementError, StaleIfError};
use polar_testkit::sample::sample;
use support::customers::{CUSTOMER, Customers, METER, PRODUCT, at, benefit, state, state_changed};
use tokio::time::{advance, sleep};

const SECOND: Duration = Duration::from_secs(1);

fn cache(server: &Customers) -> EntitlementCacheBuilder {
    EntitlementCache::builder(&server.polar())
}

#[tokio::test(start_paused = true)]
async fn a_state_answers_what_the_customer_may_use() {
    let server = Customers::default();
    server.set(&state(&[1], 7.5));
    let cache = cache(&server).build();
    let ada = cache.get("ada").await.unwrap();
    assert!(ada.has_benefit(benefit(1)) && !ada.has_benefit(benefit(2)));
    assert_eq!((ada.meter_balance(METER), ada.meter_balance(PRODUCT)), (Some(7.5), None));
    assert!(ada.active_product(PRODUCT) && !ada.active_product(METER));
    assert_eq!(ada.active_subscription(PRODUCT).unwrap().amount, 1000);
    assert!(!ada.is_stale() && ada.customer().is_some());

    advance(60 * SECOND).await;
    assert_eq!(cache.get(CUSTOMER).await.unwrap().age(), 60 * SECOND, "one state for both identifiers");
    assert_eq!(server.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_state_is_read_again_when_it_is_too_old() {
    let server = Customers::default();
    server.set(&state(&[1], 0.0));
    let cache = cache(&server).max_age(60 * SECOND).build();
    cache.get("ada").await.unwrap();
    server.set(&state(&[2], 0.0));
    advance(59 * SECOND).await;
    assert!(cache.get("ada").await.unwrap().has_benefit(benefit(1)));
    advance(2 * SECOND).await;
    assert!(cache.get("ada").await.unwrap().has_benefit(benefit(2)));
    assert_eq!(server.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn concurrent_misses_send_one_request() {
    let server = Customers::default();
    server.set(&state(&[1], 0.0));
    server.delay(SECOND);
    let cache = cache(&server).build();
    let reads: Vec<_> = (0..100)
        .map(|_| {
            let cache = cache.clone();
            tokio::spawn(async move { cache.get("ada").await.unwrap().has_benefit(benefit(1)) })
        })
        .collect();
    // A reader that gives up does not take the request from the others.
    reads[0].abort();
    for read in reads.into_iter().skip(1) {
        assert!(read.await.unwrap());
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn concurrent_misses_share_a_failure() {
    let server = Customers::default();
    server.down(true);
    server.delay(SECOND);
    let cache = cache(&server).build();
    let reads: Vec<_> = (0..10)
        .map(|_| {
            tokio::spawn({
                let cache = cache.clone();
                async move { cache.get("ada").await }
            })
        })
        .collect();
    for read in reads {
        assert!(matches!(read.await.unwrap(), Err(EntitlementError::Request(error)) if error.is_connect()));
    }
    assert_eq!(server.requests(), 1);
}

/// All orders of the numbers below `count`.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1);
    let insert = |order: &Vec<usize>, place: usize| {
        let mut order = order.clone();
        order.insert(place, count - 1);
        order
    };
    shorter.iter().flat_map(|order| (0..count).map(move |place| insert(order, place))).collect()
}

#[tokio::test(start_paused = true)]
async fn the_newest_state_wins_in_every_order_of_events() {
    let states: Vec<Value> = (0..5).map(|number| state(&[number], 0.0)).collect();
    let base = at(0);
    for order in orders(5) {
        let server = Customers::default();
        let cache = cache(&server).build();
        for number in order.iter().flat_map(|number| [*number, *number]) {
            let event = state_changed(&states[number], base + TimeDelta::seconds(number as i64));
            cache.apply(&event);
            cache.apply(&event);
        }
        let ada = cache.get("ada").await.unwrap();
        assert!(ada.has_benefit(benefit(4)), "{order:?}");
        assert_eq!(server.requests(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_event_does_not_undo_an_answer() {
    let server = Customers::default();
    server.set(&state(&[2], 0.0));
    let cache = cache(&server).build();
    cache.get("ada").await.unwrap();
    assert!(!cache.apply(&state_changed(&state(&[1], 0.0), at(-60))));
    assert!(cache.get("ada").await.unwrap().has_benefit(benefit(2)));
    assert!(cache.apply(&state_changed(&state(&[3], 0.0), at(60))));
    assert!(cache.get("ada").await.unwrap().has_benefit(benefit(3)));
}

#[tokio::test(start_paused = true)]
async fn an_event_during_a_request_leads_to_another_request() {
    let server = Customers::default();
    server.set(&state(&[1], 0.0));
    server.delay(Duration::from_millis(50));
    let cache = cache(&server).request_interval(Duration::ZERO).build();
    let read = tokio::spawn({
        let cache = cache.clone();
        async move { cache.get("ada").await }
    });
    sleep(Duration::from_millis(10)).await;
    // The server has read the state for the answer, and the customer changes.
    server.set(&state(&[2], 0.0));
    cache.apply(&state_changed(&state(&[2], 0.0), at(0)));
    assert!(read.await.unwrap().unwrap().has_benefit(benefit(2)), "the answer is older than the event");
    assert!(cache.get("ada").await.unwrap().has_benefit(benefit(2)));
    assert_eq!(server.requests(), 2);
}

fn subscription_event(name: &str, seconds: i64) -> WebhookPayload {
    let data = sample("Subscription", json!({"customer_id": CUSTOMER}));
    let event = json!({"type": name, "timestamp": at(seconds), "api_version": "2026-10", "data": data});
    serde_json::from_value(event).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_change_of_a_subscription_makes_the_state_outdated() {
    let server = Customers::default();
    server.set(&state(&[1], 0.0));
    let cache = cache(&server).build();
    cache.get("ada").await.unwrap();
    server.set(&state(&[], 0.0));
    assert!(cache.apply(&subscription_event("subscription.revoked", 5)));
    assert!(cache.peek("ada").unwrap().is_stale());
    advance(10 * SECOND).await;
    assert!(!cache.get("ada").await.unwrap().has_benefit(benefit(1)));
    assert_eq!(server.requests(), 2);
    assert!(!cache.peek("ada").unwrap().is_stale());
    assert!(!cache.apply(&subscription_event("subscription.canceled", -60)), "older than what is known");
}

#[tokio::test(start_paused = true)]
async fn a_deleted_customer_has_nothing() {
    let server = Customers::default();
    server.set(&state(&[1], 0.0));
    let cache = cache(&server).build();
    cache.get("ada").await.unwrap();
    let deleted = json!({
        "type": "customer.deleted", "timestamp": at(10), "api_version": "2026-10", "data": state(&[1], 0.0),
    });
    assert!(cache.apply(&serde_json::from_value(deleted).unwrap()));
    let ada = cache.get("ada").await.unwrap();
    assert!(ada.customer().is_none() && !ada.has_benefit(benefit(1)));
    assert!(!cache.apply(&state_changed(&state(&[1], 0.0), at(5))), "an older state does not bring it back");
    assert!(cache.get("ada").await.unwrap().customer().is_none());
}

#[tokio::test(start_paused = true)]
async fn an_unknown_customer_has_nothing_until_an_event_comes() {
    let server = Customers::default();
    let cache = cache(&server).build();
    assert!(cache.get("ada").await.unwrap().customer().is_none());
    assert!(!cache.get("ada").await.unwrap().has_benefit(benefit(1)));
    assert_eq!(server.requests(), 1);
    cache.apply(&state_changed(&state(&[1], 0.0), at(10)));
    assert!(cache.get("ada").await.unwrap().has_benefit(benefit(1)));
}

#[tokio::test(start_paused = true)]
async fn an_outage_uses_the_last_state_as_long_as_the_policy_says() {
    for (policy, usable_for) in
        [(StaleIfError::Never, 0), (StaleIfError::For(600 * SECOND), 600), (StaleIfError::Always, 9999)]
    {
        let server = Customers::default();
        server.set(&state(&[1], 0.0));
        let cache = cache(&server).max_age(60 * SECOND).stale_if_error(policy).build();
        cache.get("ada").await.unwrap();
        server.down(true);
        for age in [100, 500, 700, 9000] {
            advance(age * SECOND - cache.peek("ada").unwrap().age()).await;
            match cache.get("ada").await {
                Ok(ada) => {
                    assert!(age <= usable_for && ada.is_stale() && ada.has_benefit(benefit(1)));
                    assert!(ada.refresh_error().unwrap().is_connect() && ada.age() == age * SECOND);
                }
                Err(EntitlementError::Request(error)) => assert!(age > usable_for && error.is_connect()),
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_costs_one_request_for_each_interval() {
    let server = Customers::default();
    server.down(true);
    let cache = cache(&server).request_interval(5 * SECOND).build();
    for _ in 0..100 {
        assert!(cache.get("ada").await.is_err());
        advance(SECOND / 10).await;
    }
    assert_eq!(server.requests(), 2);
    let metrics = cache.metrics();
    assert_eq!((metrics.requests, metrics.errors), (2, 100));
}

#[tokio::test(start_paused = true)]
async fn memory_is_bounded_and_forgotten_states_do_not_come_back() {
    let server = Customers::default();
    let cache = cache(&server).capacity(10).build();
    let of = |number: u128| {
        let mut state = state(&[number], 0.0);
        state["id"] = json!(Uuid::from_u128(number));
        state["external_id"] = json!(format!("customer {number}"));
        state
    };
    for number in 1..=100 {
        assert!(cache.apply(&state_changed(&of(number), at(10))));
    }
    assert_eq!(cache.len(), 10);
    assert!(cache.peek("customer 100").is_some() && cache.peek("customer 1").is_none());
    // The cache no longer knows whether it had a newer state of this customer.
    assert!(!cache.apply(&state_changed(&of(1), at(5))));
    assert!(cache.apply(&state_changed(&of(1), at(20))));
}

#[tokio::test(start_paused = true)]
async fn random_deliveries_and_outages_never_show_an_older_state() {
    let (mut reads, mut requests, mut errors, mut ignored) = (0, 0, 0, 0);
    for seed in 0..100 {
        let mut random = fastrand::Rng::with_seed(seed);
        let server = Customers::default();
        let started = tokio::time::Instant::now();
        let clock = at(0);
        let cache = cache(&server).max_age(300 * SECOND).build();
        let (mut version, mut shown, mut under_way) = (0, 0, Vec::new());
        for _ in 0..200 {
            match random.u8(..10) {
                // The customer changes. The event is on its way, sometimes twice; one of twenty is lost.
                0..3 => {
                    version += 1;
                    server.set(&state(&[], f64::from(version)));
                    let time = clock + TimeDelta::from_std(started.elapsed()).unwrap();
                    let event = state_changed(&state(&[], f64::from(version)), time);
                    let copies = [1, 1, 2][random.usize(..3)] * usize::from(random.u8(..20) > 0);
                    under_way.extend((0..copies).map(|_| event.clone()));
                }
                // An event arrives, in any order.
                3..6 if !under_way.is_empty() => {
                    cache.apply(&under_way.swap_remove(random.usize(..under_way.len())));
                }
                6 => {
                    server.down(random.bool());
                    server.delay(Duration::from_millis(random.u64(..3000)));
                }
                _ => {
                    reads += 1;
                    if let Some(balance) = cache.get("ada").await.ok().and_then(|ada| ada.meter_balance(METER)) {
                        let seen = balance as i32;
                        assert!(seen >= shown && seen <= version, "seed {seed}: {seen} after {shown} of {version}");
                        shown = seen;
                    }
                }
            }
            advance(Duration::from_millis(random.u64(..20_000))).await;
        }
        // The outage ends and the events arrive; a lost one is made up for when the state is too old.
        server.down(false);
        for event in under_way {
            cache.apply(&event);
        }
        advance(301 * SECOND).await;
        if version > 0 {
            assert_eq!(cache.get("ada").await.unwrap().meter_balance(METER), Some(f64::from(version)), "seed {seed}");
        }
        let metrics = cache.metrics();
        (requests, errors, ignored) = (requests + metrics.requests, errors + metrics.errors, ignored + metrics.ignored);
    }
    println!("{reads} reads, {requests} requests, {errors} errors, {ignored} late or repeated events");
}
