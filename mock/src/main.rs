//! Starts a server with demo data, and prints how to reach it.
//!
//! `cargo run -p polar-mock -- 127.0.0.1:4000` listens on that address; without an argument it uses any free port.

use std::error::Error;

use polar_mock::MockPolar;

#[tokio::main(flavor = "current_thread")]
#[allow(clippy::print_stdout, reason = "a program for the terminal")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut builder = MockPolar::builder().demo_data();
    if let Some(address) = std::env::args().nth(1) {
        builder = builder.address(address.parse()?);
    }
    let mock = builder.start().await?;
    println!("MockPolar listens on {}", mock.url());
    println!("access token: {}", mock.access_token());
    println!("organization: {}", mock.organization_id());
    println!();
    println!("curl -H 'Authorization: Bearer {}' {}/v1/products/", mock.access_token(), mock.url());
    std::future::pending().await
}
