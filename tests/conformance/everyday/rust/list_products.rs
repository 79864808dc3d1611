//! Lists the products that are on sale.

use std::error::Error;

use polar_client::Polar;

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let polar = Polar::from_env()?;
    for product in polar.products().list().is_archived(false).await?.items {
        println!("{}", product.name);
    }
    Ok(())
}
