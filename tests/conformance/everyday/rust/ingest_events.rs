//! Reports two events of a customer, each of which counts once.

use std::error::Error;

use polar_client::Polar;
use polar_client::models::{EventCreateExternalCustomer, EventsIngest};

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let polar = Polar::from_env()?;
    let events = ["1", "2"].map(|id| EventCreateExternalCustomer::new("api_call", "ada").external_id(id));
    let result = polar.events().ingest(EventsIngest::new(events)).await?;
    println!("{} new, {} known", result.inserted, result.duplicates.unwrap_or(0));
    Ok(())
}
