//! Lists products with the generated client.

use polar_client::Polar;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let token = std::env::var("POLAR_ACCESS_TOKEN")?;
    let polar = Polar::builder().access_token(token).build()?;
    for product in polar.products().list().limit(10).await?.items {
        println!("{} {} {}", product.id, product.created_at, product.name);
    }
    Ok(())
}
