//! Sells a product: opens a checkout for a customer of yours, and asks later what became of it.
//!
//! Run it with a token of the sandbox and the id of a product:
//! `POLAR_ACCESS_TOKEN=polar_oat_... cargo run --example checkout PRODUCT_ID`.

use std::error::Error;

use polar_client::models::{CheckoutCreate, CheckoutStatus};
use polar_client::uuid::Uuid;
use polar_client::{Environment, Polar};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let token = std::env::var("POLAR_ACCESS_TOKEN")?;
    let product = std::env::args().nth(1).ok_or("give the id of a product")?.parse()?;
    let polar = Polar::builder().access_token(token).environment(Environment::Sandbox).build()?;
    let (id, url) = open(&polar, product, "user_1842").await?;
    println!("send the customer to {url}");
    println!("{}", report(&polar, id).await?);
    Ok(())
}

/// Opens a checkout: its id to keep, and the page to send the customer to.
pub(crate) async fn open(polar: &Polar, product: Uuid, user: &str) -> Result<(Uuid, String), polar_client::Error> {
    // The customer is known by the id that it has in your database; what is in `metadata` comes back with the order.
    let checkout = CheckoutCreate::new([product])
        .external_customer_id(user)
        .metadata([("cart", "c_77")])
        .success_url("https://example.com/thanks?checkout_id={CHECKOUT_ID}");
    let checkout = polar.checkouts().create(checkout).await?;
    Ok((checkout.id, checkout.url))
}

/// What to tell the customer who comes back to the success URL. Webhooks (`order.paid`) are what a program acts on.
pub(crate) async fn report(polar: &Polar, id: Uuid) -> Result<String, polar_client::Error> {
    let checkout = match polar.checkouts().get(id).await {
        Ok(checkout) => checkout,
        Err(error) if error.is_not_found() => return Ok("there is no such checkout".to_owned()),
        Err(error) => return Err(error),
    };
    Ok(match checkout.status {
        // Amounts are in the smallest unit of the currency.
        CheckoutStatus::Succeeded => format!("paid {} {}", checkout.total_amount, checkout.currency),
        CheckoutStatus::Confirmed => "the payment is on its way".to_owned(),
        CheckoutStatus::Open => format!("pay at {}", checkout.url),
        CheckoutStatus::Expired | CheckoutStatus::Failed => "not paid: open another checkout".to_owned(),
        other => format!("the checkout is {other}"),
    })
}
