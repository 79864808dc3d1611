//! Verifies and decodes a webhook, whose headers are arguments and whose body is the input, without a client.

use std::io::Read as _;

use polar_client::webhooks::{WebhookPayload, WebhookVerifier};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let verifier = WebhookVerifier::new(std::env::var("POLAR_WEBHOOK_SECRET")?.as_str())?;
    let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"].into_iter().zip(std::env::args().skip(1));
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;
    match verifier.verify(&body, headers)?.event()? {
        WebhookPayload::OrderPaid(event) => println!("paid: {}", event.data.id),
        WebhookPayload::SubscriptionUpdated(event) => println!("updated: {}", event.data.id),
        _ => println!("something else"),
    }
    Ok(())
}
