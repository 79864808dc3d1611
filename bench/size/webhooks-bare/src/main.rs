//! Verifies a webhook, whose headers are arguments and whose body is the input, and reads it as any JSON.

use std::io::Read as _;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use standardwebhooks::Webhook;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let verifier = Webhook::new(&std::env::var("POLAR_WEBHOOK_SECRET")?)?;
    let mut headers = HeaderMap::new();
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    for (name, value) in names.into_iter().zip(std::env::args().skip(1)) {
        headers.insert(HeaderName::from_static(name), HeaderValue::try_from(value)?);
    }
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;
    verifier.verify(&body, &headers)?;
    let event: Value = serde_json::from_slice(&body)?;
    match event["type"].as_str() {
        Some("order.paid") => println!("paid: {}", event["data"]["id"]),
        Some("subscription.updated") => println!("updated: {}", event["data"]["id"]),
        _ => println!("something else"),
    }
    Ok(())
}
