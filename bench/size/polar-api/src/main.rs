//! Lists products with reqwest and the types of polar-api.

use polar_api::types::ListResourceProduct;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let token = std::env::var("POLAR_ACCESS_TOKEN")?;
    // The TLS that polar-client has by default.
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "there is a provider already")?;
    let request = reqwest::Client::new().get("https://api.polar.sh/v1/products/?limit=10").bearer_auth(token);
    let body = request.send().await?.error_for_status()?.bytes().await?;
    for product in serde_json::from_slice::<ListResourceProduct>(&body)?.items {
        println!("{} {} {}", product.id, product.created_at, product.name);
    }
    Ok(())
}
