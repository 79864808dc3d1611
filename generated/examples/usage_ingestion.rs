//! Reports usage in batches, so that nothing is lost and nothing is counted twice.
//!
//! Run it with a token of the sandbox: `POLAR_ACCESS_TOKEN=polar_oat_... cargo run --example usage_ingestion`.

use std::error::Error;

use polar_client::models::{EventCreateExternalCustomer, EventMetadataInput, EventsIngest};
use polar_client::{Environment, Polar};

/// Maximum number of events in a request.
const BATCH: usize = 100;

/// A job that was done for one of your users.
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) pages: i64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let token = std::env::var("POLAR_ACCESS_TOKEN")?;
    let polar = Polar::builder().access_token(token).environment(Environment::Sandbox).build()?;
    let job = |number| Job { id: format!("job_{number}"), user: "user_1842".to_owned(), pages: 3 };
    println!("{}", report(&polar, (1..=250).map(job)).await?);
    Ok(())
}

/// Reports all jobs. Returns how many of them the server already knew.
pub(crate) async fn report(polar: &Polar, jobs: impl Iterator<Item = Job>) -> Result<String, polar_client::Error> {
    let events: Vec<_> = jobs.map(event).collect();
    let (mut inserted, mut duplicates) = (0, 0);
    for batch in events.chunks(BATCH) {
        // Each event has an external id, so the call is retried after errors, and the whole program can run again.
        let answer = polar.events().ingest(EventsIngest::new(batch.to_vec())).await?;
        inserted += answer.inserted;
        duplicates += answer.duplicates.unwrap_or_default();
    }
    Ok(format!("{inserted} are new, {duplicates} were known"))
}

fn event(job: Job) -> EventCreateExternalCustomer {
    let mut metadata = EventMetadataInput::new();
    // A meter sums this property.
    metadata.additional_properties.insert("pages".to_owned(), job.pages.into());
    EventCreateExternalCustomer::new("job.finished", job.user).external_id(job.id).metadata(metadata)
}
