//! Pages for browsers: a checkout with a button that pays, the customer's portal, and the login with Polar.

use serde_json::{Value, json};

use crate::operations::{self, Call};
use crate::server::{Asked, Told};
use crate::wire::pairs;
use crate::world::{Subject, World, id_of};

const STYLE: &str = "
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f4f4f5;color:#18181b;display:grid;place-items:center;min-height:100vh}
main{background:#fff;border:1px solid #e4e4e7;border-radius:14px;padding:2rem;margin:1rem;width:min(30rem,calc(100vw - 6rem))}
h1{font-size:1.25rem;margin:0 0 .25rem}p{margin:.25rem 0;color:#52525b}small{color:#71717a}
label{display:block;margin:1rem 0 .25rem;font-size:.875rem;color:#52525b}
input{font:inherit;width:100%;box-sizing:border-box;padding:.55rem .7rem;border:1px solid #d4d4d8;border-radius:8px;background:inherit;color:inherit}
button,.button{font:inherit;font-weight:600;margin-top:1.25rem;padding:.6rem 1rem;border:0;border-radius:8px;background:#18181b;color:#fff;cursor:pointer;text-decoration:none;display:inline-block}
ul{list-style:none;padding:0;margin:1rem 0 0}li{display:flex;gap:1rem;justify-content:space-between;align-items:center;padding:.6rem 0;border-top:1px solid #e4e4e7}
li button{margin:0;padding:.3rem .7rem;font-size:.875rem}
@media(prefers-color-scheme:dark){body{background:#09090b;color:#fafafa}main{background:#18181b;border-color:#27272a}p,label{color:#a1a1aa}input,li{border-color:#3f3f46}button,.button{background:#fafafa;color:#18181b}}
";

/// Returns the page of a request. `None` if there is none.
pub(crate) fn page(world: &mut World, asked: &Asked) -> Option<Told> {
    let segments: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    match (asked.method.as_str(), segments.as_slice()) {
        ("GET", ["checkout", secret]) => Some(checkout(world, secret, None)),
        ("POST", ["checkout", secret]) => Some(pay(world, secret, &asked.body)),
        ("GET", ["checkout", _, "confirmation"]) => {
            Some(html(200, "Thank you", "<h1>Thank you</h1><p>The payment went through.</p>"))
        }
        ("GET", [_, "portal"]) => Some(portal(world, &asked.query)),
        ("POST", [_, "portal", "cancel"]) => Some(cancel(world, &asked.body)),
        ("GET", ["oauth2", "authorize"]) if !pairs(&asked.query).iter().any(|(name, _)| name == "email") => {
            Some(login(&asked.query))
        }
        ("GET", ["invoices", _]) => Some(Told::text(200, "application/pdf", "%PDF-1.4\n%%EOF\n")),
        _ => None,
    }
}

fn html(status: u16, title: &str, body: &str) -> Told {
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\
         <title>{title} · MockPolar</title><style>{STYLE}</style><main>{body}</main></html>"
    );
    Told::text(status, "text/html; charset=utf-8", page)
}

fn redirect(location: &str) -> Told {
    Told::empty(303).header("location", location)
}

/// A text that a page can show.
fn escaped(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// Formats an amount of money for people.
fn money(amount: &Value, currency: &Value) -> String {
    let amount = amount.as_i64().unwrap_or_default();
    format!("{}.{:02} {}", amount / 100, amount.abs() % 100, escaped(currency).to_uppercase())
}

/// Runs an operation for a page.
fn call(world: &mut World, id: &str, call: &Call) -> Result<Value, Told> {
    let Some(handler) = operations::handler(id) else { return Err(operations::not_found()) };
    handler(world, call).map(|told| serde_json::from_slice(&told.body).unwrap_or_default())
}

fn checkout(world: &mut World, secret: &str, problem: Option<&str>) -> Told {
    let path = vec![("client_secret", secret.to_owned())];
    let request = Call { path, query: Vec::new(), body: Value::Null, subject: None };
    let Ok(checkout) = call(world, "checkouts:client_get", &request) else {
        return html(404, "Checkout", "<h1>There is no such checkout</h1>");
    };
    if checkout["status"] != "open" {
        let status = escaped(&checkout["status"]);
        return html(410, "Checkout", &format!("<h1>This checkout is {status}</h1>"));
    }
    let text = |value: &Value| if value.is_null() { String::new() } else { escaped(value) };
    let problem = problem.map(|problem| format!("<p role=alert>{problem}</p>")).unwrap_or_default();
    let price = money(&checkout["amount"], &checkout["currency"]);
    let body = format!(
        "<small>MockPolar checkout: no money moves</small><h1>{name}</h1><p>{price}</p>{problem}\
         <form method=post><label for=email>E-mail</label><input id=email name=email type=email required value=\"{email}\">\
         <label for=name>Name</label><input id=name name=name value=\"{customer}\"><button id=pay>Pay {price}</button></form>",
        name = escaped(&checkout["product"]["name"]),
        email = text(&checkout["customer_email"]),
        customer = text(&checkout["customer_name"]),
    );
    html(200, "Checkout", &body)
}

fn pay(world: &mut World, secret: &str, body: &[u8]) -> Told {
    let form = pairs(&String::from_utf8_lossy(body));
    let field =
        |name: &str| form.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.clone());
    let mut confirmation = json!({});
    for (name, value) in [("customer_email", field("email")), ("customer_name", field("name"))] {
        if let Some(value) = value {
            confirmation[name] = value.into();
        }
    }
    let found = world.rows("checkouts").find(|row| row["client_secret"] == secret).map(id_of);
    let confirmed = found.map(|id| operations::confirm(world, &id, &confirmation));
    match confirmed {
        Some(Ok((checkout, token))) => {
            let url = checkout["success_url"].as_str().unwrap_or_default();
            let sign = if url.contains('?') { '&' } else { '?' };
            redirect(&format!("{url}{sign}customer_session_token={token}"))
        }
        Some(Err(_)) => checkout(world, secret, Some("The payment was refused.")),
        None => html(404, "Checkout", "<h1>There is no such checkout</h1>"),
    }
}

/// Returns the session in a query or a form.
fn session(world: &World, pairs: &[(String, String)]) -> Option<(String, Subject)> {
    let (_, token) = pairs.iter().find(|(name, _)| name == "customer_session_token")?;
    let subject = world.tokens.get(token)?.clone();
    let is_open = matches!(&subject, Subject::Customer(_, expires) if *expires > world.clock.now());
    is_open.then(|| (token.clone(), subject))
}

fn portal(world: &mut World, query: &str) -> Told {
    let Some((token, subject)) = session(world, &pairs(query)) else {
        return html(401, "Portal", "<h1>The session is over</h1><p>Open the portal again.</p>");
    };
    let request = Call { path: Vec::new(), query: Vec::new(), body: Value::Null, subject: Some(subject) };
    let list = |world: &mut World, id: &str| {
        let page = call(world, id, &request).unwrap_or_default();
        page["items"].as_array().cloned().unwrap_or_default()
    };
    let customer = call(world, "customer_portal:customers:get", &request).unwrap_or_default();
    let subscriptions: String = list(world, "customer_portal:subscriptions:list")
        .iter()
        .map(|row| {
            let is_canceled = row["cancel_at_period_end"] == true || row["status"] != "active";
            let button = format!(
                "<form method=post action=portal/cancel><input type=hidden name=customer_session_token value=\"{token}\">\
                 <input type=hidden name=id value=\"{}\"><button>Cancel</button></form>",
                escaped(&row["id"])
            );
            let status = if row["cancel_at_period_end"] == true { "ends soon".to_owned() } else { escaped(&row["status"]) };
            let action = if is_canceled { String::new() } else { button };
            format!("<li><span>{} <small>{status}</small></span>{action}</li>", escaped(&row["product"]["name"]))
        })
        .collect();
    let orders: String = list(world, "customer_portal:orders:list")
        .iter()
        .map(|row| {
            let total = money(&row["total_amount"], &row["currency"]);
            let status = escaped(&row["status"]);
            format!(
                "<li><span>{} <small>{status}</small></span><span>{total}</span></li>",
                escaped(&row["description"])
            )
        })
        .collect();
    let body = format!(
        "<small>MockPolar portal</small><h1>{}</h1><p>Subscriptions</p><ul id=subscriptions>{subscriptions}</ul>\
         <p>Orders</p><ul id=orders>{orders}</ul>",
        escaped(&customer["email"])
    );
    html(200, "Portal", &body)
}

fn cancel(world: &mut World, body: &[u8]) -> Told {
    let form = pairs(&String::from_utf8_lossy(body));
    let Some((token, subject)) = session(world, &form) else {
        return html(401, "Portal", "<h1>The session is over</h1>");
    };
    let id = form.iter().find(|(name, _)| name == "id").map(|(_, id)| id.clone()).unwrap_or_default();
    let request = Call { path: vec![("id", id)], query: Vec::new(), body: json!({}), subject: Some(subject) };
    match call(world, "customer_portal:subscriptions:cancel", &request) {
        Ok(_) => redirect(&format!("../portal?customer_session_token={token}")),
        Err(_) => html(403, "Portal", "<h1>This subscription can't be canceled</h1>"),
    }
}

fn login(query: &str) -> Told {
    let fields: String = pairs(query)
        .iter()
        .map(|(name, value)| {
            format!("<input type=hidden name=\"{}\" value=\"{}\">", escaped(&json!(name)), escaped(&json!(value)))
        })
        .collect();
    let body = format!(
        "<small>MockPolar login</small><h1>Sign in with Polar</h1><p>Any address will do.</p><form>{fields}\
         <label for=email>E-mail</label><input id=email name=email type=email required value=\"ada@example.com\">\
         <button id=sign-in>Continue</button></form>"
    );
    html(200, "Sign in", &body)
}
