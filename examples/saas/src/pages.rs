//! The HTML.

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use maud::{DOCTYPE, Markup, html};
use polar_client::models::{Benefit, CustomerState, Price, Product, ProductPrice, RecurringInterval};
use polar_client::uuid::Uuid;
use polar_client_kit::entitlements::Entitlements;

use crate::store::{StoredOrder, User};

/// `GET /style.css`.
pub async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("style.css"))
}

fn page(title: &str, user: Option<&User>, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Halyard" }
                link rel="stylesheet" href="/style.css";
            }
            body {
                header {
                    a.brand href="/" { "Halyard" }
                    nav {
                        a href="/" { "Pricing" }
                        @if let Some(user) = user {
                            a href="/account" { "Account" }
                            form method="post" action="/logout" { button.link { "Sign out" } }
                            span.avatar title=(user.email) { (user.email.chars().next().unwrap_or('?')) }
                        } @else {
                            a.button href="/login" { "Sign in" }
                        }
                    }
                }
                main { (body) }
                footer { "A sample shop. Payments are made on Polar's pages." }
            }
        }
    }
}

/// The products of the shop.
pub fn pricing(user: Option<&User>, products: &[Product]) -> Markup {
    page(
        "Pricing",
        user,
        html! {
            section.hero {
                h1 { "PDFs from HTML, one call each" }
                p { "Send a page, get a document. Start small, and pay for more when you print more." }
            }
            section.plans {
                @for product in products {
                    article.plan.featured[product.name == "Pro"] {
                        h2 { (product.name) }
                        @if let Some(description) = &product.description { p.muted { (description) } }
                        p.price { strong { (price(product)) } " " span.muted { (every(product)) } }
                        ul.ticks { @for benefit in &product.benefits { li { (description(benefit)) } } }
                        form method="post" action="/checkout" {
                            input type="hidden" name="product" value=(product.id);
                            button { @if product.is_recurring { "Subscribe" } @else { "Buy" } }
                        }
                    }
                }
            }
        },
    )
}

/// The plan and the usage of a user.
pub fn account(
    user: &User,
    admin: &str,
    entitlements: &Entitlements,
    products: &[Product],
    orders: &[StoredOrder],
) -> Markup {
    let subscriptions = entitlements.active_subscriptions();
    let grants = entitlements.customer().and_then(CustomerState::granted_benefits);
    let meters = entitlements.customer().and_then(CustomerState::active_meters);
    let plan =
        |id: Uuid| products.iter().find(|product| product.id == id).map_or("A former plan", |product| &product.name);
    let benefits = || products.iter().flat_map(|product| &product.benefits);
    let named = |id: Uuid| benefits().find(|benefit| benefit.id() == Some(&id)).map_or("A former benefit", description);
    page(
        "Account",
        Some(user),
        html! {
            section.title {
                h1 { "Your account" }
                p.muted { (user.email) }
            }
            div.grid {
                section.card {
                    h2 { "Plan" }
                    @if subscriptions.is_empty() { p.muted { "No plan yet." } a.button href="/" { "See plans" } }
                    @for subscription in subscriptions {
                        p { strong { (plan(subscription.product_id)) } " " span.badge { (subscription.status) } }
                        p.muted {
                            @if subscription.cancel_at_period_end { "Ends on " } @else { "Renews on " }
                            (subscription.current_period_end.format("%-d %B %Y"))
                        }
                    }
                    @if entitlements.customer().is_some() { a.button.quiet href="/portal" { "Manage in the portal" } }
                }
                section.card {
                    h2 { "Usage" }
                    @for meter in meters.into_iter().flatten() {
                        p #usage { strong { (meter.consumed_units) } " of " (meter.credited_units) " calls" }
                        progress max=(meter.credited_units.max(1)) value=(meter.consumed_units) {}
                        p.muted { (meter.balance) " left in this period" }
                    }
                    @if meters.is_none_or(Vec::is_empty) { p.muted { "No calls yet." } }
                    form method="post" action="/use" { button { "Make a call" } }
                }
                section.card {
                    h2 { "Entitlements" }
                    ul.ticks #entitlements {
                        @for grant in grants.into_iter().flatten() { li { (named(grant.benefit_id)) } }
                    }
                    @if grants.is_none_or(Vec::is_empty) { p.muted { "Nothing yet." } }
                    a.button.quiet href="/pro" { "Open the Pro page" }
                }
            }
            section.card {
                h2 { "Orders" }
                (order_table(orders, false))
            }
            @if user.email == admin { p.more { a href="/admin" { "All orders of the shop" } } }
        },
    )
}

/// A page for users whose plan includes it.
pub fn pro(user: &User, may_see: bool) -> Markup {
    page(
        "Pro",
        Some(user),
        html! {
            section.title {
                @if may_see {
                    h1 { "Welcome to Pro" }
                    p { "Custom fonts, page numbers and signatures are yours." }
                } @else {
                    h1 { "Pro is not part of your plan" }
                    p { "It comes with the plan Pro." }
                    a.button href="/" { "See plans" }
                }
            }
        },
    )
}

/// All orders, each with a button that refunds it.
pub fn admin(user: &User, orders: &[StoredOrder]) -> Markup {
    page(
        "Admin",
        Some(user),
        html! {
            section.title { h1 { "Orders" } p.muted { (orders.len()) " in total" } }
            section.card { (order_table(orders, true)) }
        },
    )
}

fn order_table(orders: &[StoredOrder], is_admin: bool) -> Markup {
    html! {
        @if orders.is_empty() { p.muted { "No orders yet." } } @else {
            div.scroll { table {
                thead { tr {
                    th { "Date" } th { "Order" } @if is_admin { th { "Customer" } } th { "Status" } th.number { "Total" }
                    @if is_admin { th {} }
                } }
                tbody { @for order in orders {
                    tr {
                        td.when { (order.created_at) }
                        td.what { (order.description) }
                        @if is_admin { td { (order.email) } }
                        td { span.badge.(order.status) { (order.status.replace('_', " ")) } }
                        td.number.total { (money(order.total, &order.currency)) }
                        @if is_admin { td.number.do { @if order.refundable > 0 {
                            form method="post" action="/admin/refund" {
                                input type="hidden" name="order" value=(order.id);
                                button.quiet { "Refund" }
                            }
                        } } }
                    }
                } }
            } }
        }
    }
}

/// A page for an error.
pub fn failure(message: &str) -> Markup {
    page("Error", None, html! { section.title { h1 { (message) } a.button href="/" { "Back to the shop" } } })
}

/// The feature flag in a plan of the shop.
pub fn feature_flag(products: &[Product]) -> Option<Uuid> {
    let mut benefits = products.iter().flat_map(|product| &product.benefits);
    benefits.find_map(|benefit| match benefit {
        Benefit::FeatureFlag(flag) => Some(flag.id),
        _ => None,
    })
}

fn description(benefit: &Benefit) -> &str {
    benefit.description().map_or("A benefit", String::as_str)
}

fn price(product: &Product) -> String {
    match product.prices.first() {
        Some(Price::Product(ProductPrice::Fixed(price))) => money(price.price_amount, &price.price_currency),
        Some(Price::Product(ProductPrice::Custom(_))) => "Pay what you want".to_owned(),
        _ => "See checkout".to_owned(),
    }
}

fn every(product: &Product) -> String {
    product
        .recurring_interval
        .as_ref()
        .map_or("once".to_owned(), |interval: &RecurringInterval| format!("a {interval}"))
}

/// Formats an amount in the smallest unit of its currency.
fn money(amount: i64, currency: &str) -> String {
    let sign =
        if currency.eq_ignore_ascii_case("usd") { "$".to_owned() } else { format!("{} ", currency.to_uppercase()) };
    match amount % 100 {
        0 => format!("{sign}{}", amount / 100),
        cents => format!("{sign}{}.{cents:02}", amount / 100),
    }
}
