//! Lists the totals of all orders, page after page.

use std::error::Error;

use polar_client::Polar;

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let polar = Polar::from_env()?;
    let orders = polar.orders().list().limit(2).try_for_each(async |order| {
        println!("{}", order.total_amount);
        Ok(())
    });
    orders.await
}
