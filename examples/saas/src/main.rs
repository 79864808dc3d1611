//! Starts the shop: against a Polar on this machine, or against the sandbox with `POLAR_ACCESS_TOKEN`.
//!
//! | variable | what it is |
//! |---|---|
//! | `POLAR_ACCESS_TOKEN` | token of an organization of the sandbox; without it, `MockPolar` takes the place of Polar |
//! | `SHOP_ADDRESS` | where the shop listens, `127.0.0.1:3000` by default |
//! | `SHOP_URL` | where Polar reaches the shop; webhooks of the sandbox need a public URL |
//! | `SHOP_DATABASE` | file of the database, `shop.db` by default; with `MockPolar` it is in memory |
//! | `SHOP_ADMIN` | e-mail address of the user who sees the admin page |

use std::env;
use std::error::Error;

use saas::{Config, Shop, router};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let listener = TcpListener::bind(env::var("SHOP_ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".to_owned())).await?;
    let url = env::var("SHOP_URL").unwrap_or(format!("http://{}", listener.local_addr()?));
    let admin = env::var("SHOP_ADMIN").unwrap_or_else(|_| "ada@example.com".to_owned());
    let config = match env::var("POLAR_ACCESS_TOKEN") {
        Ok(token) => {
            Config::sandbox(url, admin, token, &env::var("SHOP_DATABASE").unwrap_or_else(|_| "shop.db".into()))?
        }
        Err(_) => Config::mock(url, admin).await?,
    };
    let shop = Shop::open(&config).await?;
    println!("The shop is at {}; {} is the admin.", config.url, config.admin);
    axum::serve(listener, router(&shop, &config)?).with_graceful_shutdown(interrupted()).await?;
    // Recorded usage is sent before the program ends.
    shop.usage.shutdown().await;
    Ok(())
}

async fn interrupted() {
    // Without a handler for the signal, the program ends as usual.
    let _ = tokio::signal::ctrl_c().await;
}
