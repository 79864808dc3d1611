//! Gates a feature by the state of a customer: a benefit, or remaining units of a meter.
//!
//! Run it with a token of the sandbox, a user, a benefit and a meter:
//! `POLAR_ACCESS_TOKEN=polar_oat_... cargo run --example customer_state user_1842 BENEFIT_ID METER_ID`.

use std::error::Error;

use polar_client::models::CustomerState;
use polar_client::uuid::Uuid;
use polar_client::{Environment, Polar};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let token = std::env::var("POLAR_ACCESS_TOKEN")?;
    let mut arguments = std::env::args().skip(1);
    let (Some(user), Some(benefit), Some(meter)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("give the id of a user, of a benefit and of a meter".into());
    };
    let polar = Polar::builder().access_token(token).environment(Environment::Sandbox).build()?;
    let state = state(&polar, &user).await?;
    println!("{}", if may_use(state.as_ref(), benefit.parse()?) { "come in" } else { "please subscribe" });
    println!("{} units are left", units_left(state.as_ref(), meter.parse()?));
    Ok(())
}

/// Returns the state of a customer in one call. `None` for a user who never bought anything.
pub(crate) async fn state(polar: &Polar, user: &str) -> Result<Option<CustomerState>, polar_client::Error> {
    match polar.customers().get_state_external(user).await {
        Ok(state) => Ok(Some(state)),
        Err(error) if error.is_not_found() => Ok(None),
        // The network or the server failed: the program has to decide whether to allow access.
        Err(error) => Err(error),
    }
}

/// Returns whether the customer has the benefit, from any product.
pub(crate) fn may_use(state: Option<&CustomerState>, benefit: Uuid) -> bool {
    let grants = state.and_then(CustomerState::granted_benefits);
    grants.into_iter().flatten().any(|grant| grant.benefit_id == benefit)
}

/// Returns the remaining units of a meter. A negative number is billed later.
pub(crate) fn units_left(state: Option<&CustomerState>, meter: Uuid) -> f64 {
    let meters = state.and_then(CustomerState::active_meters);
    meters.into_iter().flatten().find(|active| active.meter_id == meter).map_or(0.0, |active| active.balance)
}
