//! Lists products with polar-sh.

use polar_sh::Resources as _;
use polar_sh::operations::ProductsListParams;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let polar = polar_sh::Polar::new(std::env::var("POLAR_ACCESS_TOKEN")?);
    let params = ProductsListParams { limit: Some(10), ..ProductsListParams::default() };
    for product in polar.products().list(&params).await?.items {
        println!("{} {} {}", product.id, product.created_at, product.name);
    }
    Ok(())
}
