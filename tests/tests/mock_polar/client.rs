//! Our client and MockPolar: a login with Polar, and the pages for browsers.

use polar_client::Polar;
use polar_client::models::{CheckoutCreate, CheckoutStatus};
use polar_mock::MockPolar;
use reqwest::redirect::Policy;

#[tokio::test]
async fn a_browser_pays_on_the_page_of_the_checkout() {
    let mock = MockPolar::builder().demo_data().start().await.unwrap();
    let polar = Polar::builder().base_url(mock.url()).access_token(mock.access_token()).build().unwrap();
    let product = polar.products().list().await.unwrap().items[0].id;
    let create = CheckoutCreate::new([product]).success_url("http://127.0.0.1:9/done?checkout={CHECKOUT_ID}");
    let checkout = polar.checkouts().create(create).await.unwrap();
    let browser = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let page = browser.get(&checkout.url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Handbook") && page.contains("19.00 USD"), "{page}");
    let form = "email=ada%40example.com&name=Ada";
    let paid = browser.post(&checkout.url).header("content-type", "application/x-www-form-urlencoded").body(form);
    let paid = paid.send().await.unwrap();
    assert_eq!(paid.status(), 303);
    let location = paid.headers()["location"].to_str().unwrap();
    assert!(
        location.starts_with(&format!(
            "http://127.0.0.1:9/done?checkout={}&customer_session_token=polar_cst_",
            checkout.id
        ))
    );
    assert_eq!(polar.checkouts().get(checkout.id).await.unwrap().status, CheckoutStatus::Succeeded);
}
