//! Delivery of webhooks: in order for each endpoint, at least once, with up to ten attempts for each event. An endpoint
//! is disabled if its last ten events all failed.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use polar_client_runtime::webhooks::WebhookSigner;
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};

use crate::world::{World, id_of};

/// Number of attempts after which an event counts as failed.
const ATTEMPTS: u32 = 10;

/// Number of consecutive failed events after which an endpoint is disabled.
const FAILED_EVENTS: usize = 10;

/// Time limit of an endpoint.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Number of bytes of a response that are stored.
const RESPONSE: usize = 2048;

/// Events that wait for their delivery.
#[derive(Default)]
pub(crate) struct Outbox {
    queues: HashMap<String, VecDeque<Queued>>,
    pub(crate) emitted: Vec<(String, Value)>,
    pub(crate) changed: Arc<Notify>,
    pending: watch::Sender<usize>,
}

#[derive(Clone)]
struct Queued {
    event: String,
    attempts: u32,
}

impl Outbox {
    /// Records that something happened, whether or not an endpoint is subscribed to it.
    pub(crate) fn record(&mut self, event: &str, data: &Value) {
        self.emitted.push((event.to_owned(), data.clone()));
    }

    /// Queues an event for an endpoint.
    pub(crate) fn queue(&mut self, endpoint: &str, event: &str) {
        let queued = Queued { event: event.to_owned(), attempts: 0 };
        self.queues.entry(endpoint.to_owned()).or_default().push_back(queued);
        self.tell();
    }

    /// Removes the waiting events of an endpoint.
    pub(crate) fn forget(&mut self, endpoint: &str) -> Vec<String> {
        let queue = self.queues.remove(endpoint).unwrap_or_default();
        self.tell();
        queue.into_iter().map(|queued| queued.event).collect()
    }

    /// Returns the number of waiting deliveries.
    pub(crate) fn pending(&self) -> watch::Receiver<usize> {
        self.pending.subscribe()
    }

    fn tell(&self) {
        self.pending.send_replace(self.queues.values().map(VecDeque::len).sum());
        self.changed.notify_waiters();
    }

    fn first(&self, endpoint: &str) -> Option<Queued> {
        self.queues.get(endpoint)?.front().cloned()
    }

    /// Ends an attempt: the event leaves the queue, or stays at its head.
    fn attempted(&mut self, endpoint: &str, event: &str, is_done: bool) {
        if let Some(queue) = self.queues.get_mut(endpoint)
            && queue.front().is_some_and(|queued| queued.event == event)
        {
            if is_done {
                queue.pop_front();
            } else if let Some(queued) = queue.front_mut() {
                queued.attempts += 1;
            }
        }
        self.tell();
    }
}

/// Delivers the events of one endpoint until it is deleted.
pub(crate) async fn deliver(world: Arc<Mutex<World>>, endpoint: String, retry_delay: Duration) {
    let redirect = reqwest::redirect::Policy::none();
    let client = reqwest::Client::builder().timeout(TIMEOUT).redirect(redirect).no_proxy().build().unwrap_or_default();
    let changed = Arc::clone(&lock(&world).outbox.changed);
    loop {
        // Registered before the queue is read, so that no event is missed in between.
        let more = changed.notified();
        tokio::pin!(more);
        more.as_mut().enable();
        let next = {
            let mut world = lock(&world);
            if world.get("endpoints", &endpoint).is_none() {
                return;
            }
            world.outbox.first(&endpoint).map(|queued| (world.prepare(&endpoint, &queued.event), queued))
        };
        let Some((prepared, queued)) = next else {
            more.await;
            continue;
        };
        tokio::time::sleep(prepared.delay).await;
        let sent = prepared.send(&client).await;
        let retries = lock(&world).delivered(&endpoint, &queued, sent);
        if retries {
            tokio::time::sleep(retry_delay).await;
        }
    }
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A delivery that is ready to be sent.
struct Prepared {
    url: String,
    headers: reqwest::header::HeaderMap,
    payload: String,
    delay: Duration,
    repeats: bool,
}

/// Status and body, or the error.
type Sent = Result<(u16, String), String>;

impl Prepared {
    async fn send(&self, client: &reqwest::Client) -> Sent {
        let sent = self.send_once(client).await;
        if self.repeats && sent.is_ok() { self.send_once(client).await } else { sent }
    }

    async fn send_once(&self, client: &reqwest::Client) -> Sent {
        let request = client.post(&self.url).header("content-type", "application/json").body(self.payload.clone());
        let response = request.headers(self.headers.clone()).send().await.map_err(|error| error.to_string())?;
        let status = response.status().as_u16();
        let text = response.text().await.map_err(|error| error.to_string())?;
        Ok((status, text.chars().take(RESPONSE).collect()))
    }
}

impl World {
    /// Signs an event like the server does now.
    fn prepare(&mut self, endpoint: &str, event: &str) -> Prepared {
        let row = self.get("endpoints", endpoint).cloned().unwrap_or_default();
        let event = self.get("webhook_events", event).cloned().unwrap_or_default();
        let payload = event["payload"].as_str().unwrap_or_default().to_owned();
        let kind = event["type"].as_str().unwrap_or_default();
        let now = u64::try_from(self.clock.now().timestamp()).unwrap_or_default();
        let signer = WebhookSigner::new(row["secret"].as_str().unwrap_or_default());
        let headers =
            signer.and_then(|signer| signer.sign(&id_of(&event), UNIX_EPOCH + Duration::from_secs(now), &payload));
        Prepared {
            url: row["url"].as_str().unwrap_or_default().to_owned(),
            headers: headers.unwrap_or_default(),
            delay: self.faults.delay_of(kind),
            repeats: self.faults.repeats(kind),
            payload,
        }
    }

    /// Records an attempt. Returns whether the event is sent again.
    fn delivered(&mut self, endpoint: &str, queued: &Queued, sent: Sent) -> bool {
        let (code, response) = match sent {
            Ok((status, text)) => (Some(status), text),
            Err(error) => (None, error),
        };
        let succeeded = code.is_some_and(|code| (200..300).contains(&code));
        let delivery = json!({
            "endpoint_id": endpoint, "event_id": queued.event, "succeeded": succeeded, "http_code": code,
            "response": response,
        });
        self.insert("deliveries", delivery);
        let is_last = queued.attempts + 1 >= ATTEMPTS;
        let outcome = if succeeded {
            json!(true)
        } else if is_last {
            json!(false)
        } else {
            Value::Null
        };
        self.update("webhook_events", &queued.event, &json!({"last_http_code": code}));
        if !outcome.is_null() {
            self.update("webhook_events", &queued.event, &json!({"succeeded": outcome}));
        }
        self.outbox.attempted(endpoint, &queued.event, succeeded || is_last);
        if !succeeded && is_last {
            self.disable_if_dead(endpoint);
        }
        !succeeded && !is_last
    }

    /// Disables an endpoint whose latest events all failed, and skips its waiting events.
    fn disable_if_dead(&mut self, endpoint: &str) {
        let of_endpoint = |row: &&Value| row["endpoint_id"] == endpoint && !row["succeeded"].is_null();
        let latest: Vec<&Value> = self.rows("webhook_events").rev().filter(of_endpoint).take(FAILED_EVENTS).collect();
        if latest.len() < FAILED_EVENTS || latest.iter().any(|event| event["succeeded"] == true) {
            return;
        }
        self.update("endpoints", endpoint, &json!({"enabled": false}));
        for event in self.outbox.forget(endpoint) {
            self.update("webhook_events", &event, &json!({"skipped": true}));
        }
    }
}
