//! The billing of a shop with polar-sh: what `project-ours` does with the generated client.

use std::collections::HashMap;
use std::error::Error;
use std::io::Read as _;
use std::pin::pin;

use polar_sh::operations::{CustomersListParams, OrdersListParams, SubscriptionsListParams};
use polar_sh::types::{CheckoutStatus, Customer, CustomerState, OrderStatus, SubscriptionStatus};
use polar_sh::{Polar, Resources as _, TryStreamExt as _, WebhookPayload, webhooks};
use serde_json::json;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let ["webhook", secret] = arguments[..] {
        return webhook(secret);
    }
    let polar = Polar::new(std::env::var("POLAR_ACCESS_TOKEN")?);
    match arguments[..] {
        ["checkout", product, user] => open_checkout(&polar, product, user).await,
        ["checkout", id] => show_checkout(&polar, id).await,
        ["customer", email, user] => create_customer(&polar, email, user).await,
        ["customers"] => list_customers(&polar).await,
        ["access", user, benefit] => check_access(&polar, user, benefit).await,
        ["orders", user] => list_orders(&polar, user).await,
        ["order", id] => show_order(&polar, id).await,
        ["usage", user, job, pages] => report_usage(&polar, user, job, pages.parse()?).await,
        ["subscriptions", user] => list_subscriptions(&polar, user).await,
        ["cancel", id] => cancel(&polar, id).await,
        ["revoke", id] => revoke(&polar, id).await,
        // The measurement of an edit changes it.
        ["version"] => {
            println!("{}", option_env!("BENCH_EDIT").unwrap_or("0"));
            Ok(())
        }
        _ => Err("give a command".into()),
    }
}

async fn open_checkout(polar: &Polar, product: &str, user: &str) -> Result<(), Failure> {
    // Its struct has no constructor and no default.
    let checkout = serde_json::from_value(json!({
        "products": [product],
        "external_customer_id": user,
        "success_url": "https://example.com/thanks?checkout_id={CHECKOUT_ID}",
    }))?;
    let checkout = polar.checkouts().create(&checkout).await?;
    println!("{} {}", checkout.id, checkout.url);
    Ok(())
}

async fn show_checkout(polar: &Polar, id: &str) -> Result<(), Failure> {
    let checkout = polar.checkouts().get(id).await?;
    match checkout.status {
        CheckoutStatus::Succeeded => println!("paid {} {}", checkout.total_amount, checkout.currency),
        CheckoutStatus::Open => println!("pay at {} until {}", checkout.url, checkout.expires_at),
        _ => println!("not paid"),
    }
    for product in &checkout.products {
        println!("{} {}", product.id, product.name);
    }
    Ok(())
}

async fn create_customer(polar: &Polar, email: &str, user: &str) -> Result<(), Failure> {
    let customer = json!({ "email": email, "external_id": user });
    show_customer(&polar.customers().create(&customer).await?);
    Ok(())
}

fn show_customer(customer: &Customer) {
    match customer {
        Customer::Individual(person) => println!("{} {:?} {:?}", person.id, person.email, person.name),
        Customer::Team(team) => println!("{} team {:?}", team.id, team.name),
    }
}

async fn list_customers(polar: &Polar) -> Result<(), Failure> {
    let params = CustomersListParams { limit: Some(100), ..CustomersListParams::default() };
    let resource = polar.customers();
    let mut customers = pin!(resource.list_stream(&params));
    while let Some(customer) = customers.try_next().await? {
        show_customer(&customer);
    }
    Ok(())
}

async fn check_access(polar: &Polar, user: &str, benefit: &str) -> Result<(), Failure> {
    let (grants, meters) = match polar.customers().get_state_external(user).await? {
        CustomerState::Individual(person) => (person.granted_benefits, person.active_meters),
        CustomerState::Team(team) => (team.granted_benefits, team.active_meters),
    };
    println!("{}", grants.iter().any(|grant| grant.benefit_id == benefit));
    for meter in meters {
        println!("{} {}", meter.meter_id, meter.balance);
    }
    Ok(())
}

async fn list_orders(polar: &Polar, user: &str) -> Result<(), Failure> {
    let params = OrdersListParams {
        external_customer_id: Some(user.to_owned()),
        limit: Some(100),
        ..OrdersListParams::default()
    };
    let resource = polar.orders();
    let mut orders = pin!(resource.list_stream(&params));
    while let Some(order) = orders.try_next().await? {
        println!("{} {} {} {}", order.id, order.created_at, order.total_amount, order.currency);
    }
    Ok(())
}

async fn show_order(polar: &Polar, id: &str) -> Result<(), Failure> {
    let order = polar.orders().get(id).await?;
    println!("{} for {}", order.description, order.customer_id);
    for item in &order.items {
        println!("{} {}", item.label, item.amount);
    }
    if matches!(order.status, OrderStatus::Paid) {
        println!("{}", polar.orders().invoice(id).await?.url);
    }
    Ok(())
}

async fn report_usage(polar: &Polar, user: &str, job: &str, pages: i64) -> Result<(), Failure> {
    let events = serde_json::from_value(json!({ "events": [{
        "name": "job.finished",
        "external_customer_id": user,
        "external_id": job,
        "metadata": { "pages": pages },
    }] }))?;
    let answer = polar.events().ingest(&events).await?;
    println!("{} {:?}", answer.inserted, answer.duplicates);
    Ok(())
}

async fn list_subscriptions(polar: &Polar, user: &str) -> Result<(), Failure> {
    let params = SubscriptionsListParams {
        external_customer_id: Some(user.to_owned()),
        status: Some("active".to_owned()),
        limit: Some(10),
        ..SubscriptionsListParams::default()
    };
    let page = polar.subscriptions().list(&params).await?;
    for subscription in &page.items {
        let is_trial = matches!(subscription.status, SubscriptionStatus::Trialing);
        println!("{} {} {}", subscription.id, subscription.product.name, is_trial);
        println!("{} {}", subscription.amount, subscription.current_period_end);
    }
    Ok(())
}

async fn cancel(polar: &Polar, id: &str) -> Result<(), Failure> {
    let subscription = polar.subscriptions().update(id, &json!({ "cancel_at_period_end": true })).await?;
    println!("{:?}", subscription.ends_at);
    Ok(())
}

async fn revoke(polar: &Polar, id: &str) -> Result<(), Failure> {
    let subscription = polar.subscriptions().revoke(id).await?;
    println!("{:?}", subscription.ended_at);
    Ok(())
}

/// Reads the body from stdin, and the headers from the environment.
fn webhook(secret: &str) -> Result<(), Failure> {
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;
    let mut headers = HashMap::new();
    for (name, variable) in
        [("webhook-id", "ID"), ("webhook-timestamp", "TIMESTAMP"), ("webhook-signature", "SIGNATURE")]
    {
        headers.insert(name.to_owned(), std::env::var(variable)?);
    }
    webhooks::verify(&body, &headers, secret)?;
    match serde_json::from_slice(&body)? {
        WebhookPayload::OrderPaid(event) => println!("{} paid {}", event.data.customer_id, event.data.total_amount),
        WebhookPayload::CheckoutUpdated(event) => println!("{} {:?}", event.data.id, event.data.status),
        WebhookPayload::SubscriptionActive(event) => println!("{} is active", event.data.id),
        WebhookPayload::SubscriptionRevoked(event) => println!("{} ended", event.data.product.name),
        WebhookPayload::CustomerCreated(event) => show_customer(&event.data),
        _ => {}
    }
    Ok(())
}
