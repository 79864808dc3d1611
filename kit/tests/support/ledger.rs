//! A server of `events:ingest` that stores one event for each external identifier, and can fail in the ways that real
//! ones do.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use polar_client::Bytes;
use polar_client::http::{Request, Response};
use polar_client::serde_json::{self, Value, json};
use polar_client::{Polar, Transport, TransportError};

/// What goes wrong with a request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// No connection: nothing is stored.
    Down,
    /// The events are stored, and the response is lost.
    LostResponse,
    /// The response has this status and nothing is stored.
    Status(u16),
}

#[derive(Clone, Default)]
pub struct Ledger(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    stored: BTreeMap<String, Value>,
    batches: Vec<usize>,
    faults: VecDeque<Fault>,
    down: bool,
    bad_names: Vec<String>,
    reject_future: bool,
    most: Option<usize>,
    chaos: Option<fastrand::Rng>,
}

impl Ledger {
    pub fn polar(&self) -> Polar {
        Polar::builder().access_token("polar_oat_test").transport(self.clone()).build().unwrap()
    }

    /// Makes the next requests fail, one after the other.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.extend(faults);
    }

    /// Makes about half of all requests fail, in every way. The same seed gives the same failures. `None` ends it.
    pub fn chaos(&self, seed: Option<u64>) {
        self.state().chaos = seed.map(fastrand::Rng::with_seed);
    }

    /// Takes the server down or up.
    pub fn down(&self, down: bool) {
        self.state().down = down;
    }

    /// Refuses events with this name.
    pub fn reject(&self, name: &str) {
        self.state().bad_names.push(name.to_owned());
    }

    /// Refuses every event that has a time, as if all were in the future.
    pub fn reject_times(&self) {
        self.state().reject_future = true;
    }

    /// Refuses larger batches with 413.
    pub fn at_most(&self, events: usize) {
        self.state().most = Some(events);
    }

    /// The events that are stored, by external identifier.
    pub fn stored(&self) -> BTreeMap<String, Value> {
        self.state().stored.clone()
    }

    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            self.state().stored.values().map(|event| event["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }

    /// How many events each request carried.
    pub fn batches(&self) -> Vec<usize> {
        self.state().batches.clone()
    }

    /// Serves other processes, and returns the address. A fault without a response is a 504.
    pub async fn serve(&self) -> String {
        let ledger = self.clone();
        let ingest = post(move |body: axum::body::Bytes| async move {
            match ledger.answer(&Request::new(body)) {
                Ok((status, body)) => (StatusCode::from_u16(status).unwrap(), body.to_string()),
                Err(_) => (StatusCode::GATEWAY_TIMEOUT, String::new()),
            }
        });
        let router = Router::new().route("/v1/events/ingest", ingest);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        address
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn answer(&self, request: &Request<Bytes>) -> Result<(u16, Value), TransportError> {
        let mut state = self.state();
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        let events = body["events"].as_array().unwrap();
        state.batches.push(events.len());
        let chaos = state.chaos.as_mut().and_then(|random| match random.u8(..100) {
            0..20 => Some(Fault::LostResponse),
            20..30 => Some(Fault::Down),
            dice @ 30..50 => Some(Fault::Status([401, 429, 500, 503][usize::from(dice % 4)])),
            _ => None,
        });
        let fault = if state.down { Some(Fault::Down) } else { state.faults.pop_front().or(chaos) };
        match fault {
            Some(Fault::Down) => return Err(TransportError::connect("the server is down")),
            Some(Fault::Status(status)) => {
                return Ok((status, json!({"error": "Failed", "detail": "told by the test"})));
            }
            _ => {}
        }
        if state.most.is_some_and(|most| events.len() > most) {
            return Ok((413, json!({"detail": "too large"})));
        }
        let mut problems = Vec::new();
        for (index, event) in events.iter().enumerate() {
            if state.bad_names.iter().any(|name| event["name"] == name.as_str()) {
                problems
                    .push(json!({"loc": ["body", "events", index, "customer_id"], "msg": "Customer does not exist."}));
            }
            if state.reject_future && event.get("timestamp").is_some() {
                let location = json!(["body", "events", index, "EventCreateExternalCustomer", "timestamp"]);
                problems.push(json!({"loc": location, "msg": "Timestamp must be in the past."}));
            }
        }
        if !problems.is_empty() {
            return Ok((422, json!({"error": "RequestValidationError", "detail": problems})));
        }
        let mut inserted = 0;
        for event in events {
            let id = event["external_id"].as_str().expect("each event has an external identifier").to_owned();
            inserted += usize::from(state.stored.insert(id, event.clone()).is_none());
        }
        if matches!(fault, Some(Fault::LostResponse)) {
            return Err(TransportError::timeout("the response was lost"));
        }
        Ok((200, json!({"inserted": inserted, "duplicates": events.len() - inserted})))
    }
}

impl Transport for Ledger {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let (status, body) = self.answer(&request)?;
        let response = Response::builder().status(status).header("content-type", "application/json");
        Ok(response.body(body.to_string().into()).unwrap())
    }
}
