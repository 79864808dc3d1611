//! Handlers of webhook events. Polar repeats an event until the handler returns `Ok`.

use std::error::Error;
use std::sync::Arc;

use polar_client::webhooks::{Webhook, WebhookPayload};

use crate::Shop;

/// Updates orders in the database and entitlements in the cache.
pub async fn handle(webhook: Webhook<WebhookPayload>, shop: Arc<Shop>) -> Result<(), Box<dyn Error + Send + Sync>> {
    shop.entitlements.apply(&webhook.event);
    match &webhook.event {
        WebhookPayload::OrderPaid(event) => shop.store.put_order(&event.data)?,
        WebhookPayload::OrderRefunded(event) => shop.store.put_order(&event.data)?,
        _ => {}
    }
    Ok(())
}
