//! Sells a product: opens a checkout for one of your customers, and checks its result later.
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

/// Opens a checkout. Returns its id, and the page for the customer.
pub(crate) async fn open(polar: &Polar, product: Uuid, user: &str) -> Result<(Uuid, String), polar_client::Error> {
    // The customer has the id from your database; `metadata` is copied to the order.
    let checkout = CheckoutCreate::new([product])
        .external_customer_id(user)
        .metadata([("cart", "c_77")])
        .success_url("https://example.com/thanks?checkout_id={CHECKOUT_ID}");
    let checkout = polar.checkouts().create(checkout).await?;
    Ok((checkout.id, checkout.url))
}

/// Returns a message for the customer who returns to the success URL. A program should act on the webhook `order.paid`.
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
