//! Lists products, opens a checkout for the first one, and reads the state of a customer.
//!
//! Run it with a token of the sandbox: `POLAR_ACCESS_TOKEN=polar_oat_... cargo run --example quick_start`.

use std::error::Error;

use polar_client::models::{CheckoutCreate, CustomerState};
use polar_client::{Environment, Polar};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let token = std::env::var("POLAR_ACCESS_TOKEN")?;
    let polar = Polar::builder().access_token(token).environment(Environment::Sandbox).build()?;
    print!("{}", run(&polar).await?);
    Ok(())
}

/// Returns the output of the program.
pub(crate) async fn run(polar: &Polar) -> Result<String, Box<dyn Error>> {
    let mut report = String::new();

    let products = polar.products().list().is_archived(false).limit(100).await?;
    for product in &products.items {
        report += &format!("{} {}\n", product.id, product.name);
    }

    let Some(product) = products.items.first() else { return Ok(report) };
    let checkout = CheckoutCreate::new([product.id])
        .external_customer_id("user_1842")
        .success_url("https://example.com/thanks?checkout_id={CHECKOUT_ID}");
    let checkout = polar.checkouts().create(checkout).await?;
    report += &format!("pay at {}\n", checkout.url);

    match polar.customers().get_state_external("user_1842").await {
        Ok(CustomerState::Individual(customer)) => {
            report += &format!("{} has {} subscriptions\n", customer.email, customer.active_subscriptions.len());
        }
        Ok(other) => report += &format!("a customer of another kind: {:?}\n", other.id()),
        Err(error) if error.is_not_found() => report += "no customer yet\n",
        Err(error) => return Err(error.into()),
    }
    Ok(report)
}
