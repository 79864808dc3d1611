//! Opens a checkout for a product.

use std::env;
use std::error::Error;

use polar_client::Polar;
use polar_client::models::CheckoutCreate;

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let polar = Polar::from_env()?;
    let product = env::var("PRODUCT_ID")?.parse()?;
    let checkout = CheckoutCreate::new([product]).customer_email("ada@example.com");
    match polar.checkouts().create(checkout).await {
        Ok(checkout) => println!("{}", checkout.status),
        Err(error) if error.is_validation() => println!("this product is not for sale"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
