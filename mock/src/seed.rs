//! The data of a server that does not start empty: two plans and a one-time product, their benefits, and a meter.

use serde_json::json;

use crate::polar::MockPolar;

pub(crate) fn fill(mock: &MockPolar) {
    let meter = mock.call(
        "meters:create",
        &json!({
            "name": "API calls", "filter": {"conjunction": "and", "clauses": [
                {"property": "name", "operator": "eq", "value": "api_call"},
            ]},
            "aggregation": {"func": "count"},
        }),
    );
    let support = mock.call(
        "benefits:create",
        &json!({"type": "custom", "description": "Priority support", "properties": {"note": "support@example.com"}}),
    );
    let flag = mock.call(
        "benefits:create",
        &json!({
            "type": "feature_flag", "description": "Pro features", "properties": {}, "metadata": {"feature": "pro"},
        }),
    );
    let credits = |units: i64| {
        mock.call(
            "benefits:create",
            &json!({
                "type": "meter_credit", "description": format!("{units} API calls"),
                "properties": {"units": units, "rollover": false, "meter_id": meter["id"]},
            }),
        )
    };
    let (few, many) = (credits(100), credits(1000));
    let products = [
        ("Starter", "For a first project.", json!("month"), 900, vec![&few]),
        ("Pro", "For a team that ships.", json!("month"), 2900, vec![&many, &flag, &support]),
        ("Handbook", "A PDF, yours to keep.", json!(null), 1900, vec![&support]),
    ];
    for (name, description, interval, amount, benefits) in products {
        let mut body = json!({
            "name": name, "description": description,
            "prices": [{"amount_type": "fixed", "price_amount": amount, "price_currency": "usd"}],
        });
        if !interval.is_null() {
            body["recurring_interval"] = interval;
        }
        let product = mock.call("products:create", &body);
        let benefits: Vec<_> = benefits.iter().map(|benefit| &benefit["id"]).collect();
        let _ = mock.call("products:update_benefits", &json!({"id": product["id"], "benefits": benefits}));
    }
}
