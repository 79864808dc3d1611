//! Verifies a webhook, which comes as headers and body, and handles its event.

use std::collections::HashMap;
use std::error::Error;
use std::{env, io};

use polar_client::webhooks::{WebhookPayload, WebhookVerifier};

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let (headers, body): (HashMap<String, String>, String) = serde_json::from_reader(io::stdin())?;
    let verifier = WebhookVerifier::new(env::var("POLAR_WEBHOOK_SECRET")?)?;
    let event: WebhookPayload = verifier.event(body, &headers)?;
    match (event.event_type(), event.order()) {
        ("order.paid", Some(order)) => println!("paid: {}", order.total_amount),
        (other, _) => println!("ignored: {other}"),
    }
    Ok(())
}
