//! Starts the shop. `POLAR_ACCESS_TOKEN` and `POLAR_WEBHOOK_SECRET` have to be set; `POLAR_ENVIRONMENT=sandbox` takes the
//! sandbox.

use std::env;
use std::error::Error;

use actix_shop::{Orders, routes};
use actix_web::{App, HttpServer};
use polar_client::Polar;

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let polar = Polar::builder().from_env()?.build()?;
    let routes = routes(&polar, &env::var("POLAR_WEBHOOK_SECRET")?, Orders::default())?;
    HttpServer::new(move || App::new().configure(routes.clone())).bind("127.0.0.1:3000")?.run().await?;
    Ok(())
}
