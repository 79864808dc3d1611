//! Acts for a customer: opens a session for one of your users, and shows the content of Polar's customer portal.
//!
//! Run it with a token of the sandbox and a user:
//! `POLAR_ACCESS_TOKEN=polar_oat_... cargo run --example customer_portal user_1842`.

use std::error::Error;
use std::time::SystemTime;

use polar_client::models::{CustomerSession, CustomerSessionCustomerExternalIDCreate};
use polar_client::{Environment, Polar};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let token = std::env::var("POLAR_ACCESS_TOKEN")?;
    let user = std::env::args().nth(1).ok_or("give the id of a user")?;
    let polar = Polar::builder().access_token(token).environment(Environment::Sandbox).build()?;
    let session = sign_in(&polar, &user).await?;
    // Whoever has this link is signed in as the customer: show it only to the customer.
    println!("{}", session.customer_portal_url);
    print!("{}", account(&polar, &session).await?);
    Ok(())
}

/// Creates a session for a user of your program.
pub(crate) async fn sign_in(polar: &Polar, user: &str) -> Result<CustomerSession, polar_client::Error> {
    polar.customer_sessions().create(CustomerSessionCustomerExternalIDCreate::new(user)).await
}

/// Returns what the customer sees. The session's token replaces yours, so that no data of other customers is visible.
pub(crate) async fn account(polar: &Polar, session: &CustomerSession) -> Result<String, Box<dyn Error>> {
    if session.is_expired(SystemTime::now()) {
        return Err("the session has ended: create another one".into());
    }
    let portal = session.customer_portal(polar);
    let mut text = String::new();
    for subscription in portal.subscriptions().list().await?.items {
        text += &format!("{} is {}\n", subscription.product.name, subscription.status);
    }
    for order in portal.orders().list().await?.items {
        text += &format!("{}: {} {}\n", order.description, order.total_amount, order.currency);
    }
    Ok(text)
}
