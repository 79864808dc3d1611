//! The shop on a free port, with a Polar on this machine.

use polar_mock::MockPolar;
use saas::{Config, Shop, router};
use tokio::net::TcpListener;

/// Starts the shop. Returns its URL, and the Polar that it uses.
pub async fn start() -> (String, MockPolar) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let config = Config::mock(url.clone(), "ada@example.com".to_owned()).await.unwrap();
    let shop = Shop::open(&config).await.unwrap();
    let app = router(&shop, &config).unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, config.mock.unwrap())
}
