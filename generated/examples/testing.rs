//! Tests a program without a network: the test sets the responses and inspects the requests.
//!
//! Run it with `cargo run --example testing --features mock`.

use std::error::Error;

use polar_client::models::{EventCreateExternalCustomer, EventsIngest};
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::{Polar, serde_json::json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", run().await?);
    Ok(())
}

/// The test, which would be a `#[tokio::test]` in a program.
pub(crate) async fn run() -> Result<String, Box<dyn Error>> {
    let mock = MockTransport::new();
    mock.on("events:ingest", Reply::json(503, &json!({"detail": "in a moment"})));
    mock.on("events:ingest", Reply::json(200, &json!({"inserted": 1, "duplicates": 0})));
    let polar = Polar::builder().access_token("polar_oat_test").transport(mock.clone()).build()?;

    report_usage(&polar, "user_1842", "job_7").await?;

    let sent = mock.sent();
    assert_eq!(sent.len(), 2, "an event with an external id is sent again");
    let body: polar_client::serde_json::Value = sent[1].json()?;
    assert_eq!(body["events"][0]["external_customer_id"], "user_1842");
    Ok(format!("sent {} times, with {} wait in between", sent.len(), mock.waited().len()))
}

/// The tested function of the program.
async fn report_usage(polar: &Polar, customer: &str, job: &str) -> Result<i64, polar_client::Error> {
    let event = EventCreateExternalCustomer::new("job.finished", customer).external_id(job);
    Ok(polar.events().ingest(EventsIngest::new([event])).await?.inserted)
}
