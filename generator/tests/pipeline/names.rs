//! Names that are pinned in `names.lock`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;

#[test]
fn mistakes_in_names_lock_are_named_by_line() {
    let lock = "# A comment.\n\ntype #/components/schemas/S Thing\n\
                field\t#/components/schemas/S/properties/a\tnot a name\n\
                field\t#/components/schemas/S/properties/b\ttype\n\
                field\t#/components/schemas/S/properties/c\tr#self\n\
                field\t#/components/schemas/S/properties/d\tr#\n\
                method\tthings:get\tget\nmethod\tthings:get\tfetch\n";
    Given { names: Some(lock), ..Given::default() }.fails(
        &answering_thing(json!({})),
        "
error: the line does not have three parts
  at names.lock:3:1
  hint: a line has kind, key and name, separated by tabs
error: `not a name` is not a Rust identifier
  at names.lock:4:1
  hint: a name consists of letters, digits and `_`; a keyword needs the prefix `r#`
error: `type` is not a Rust identifier
  at names.lock:5:1
  hint: a name consists of letters, digits and `_`; a keyword needs the prefix `r#`
error: `r#self` is not a Rust identifier
  at names.lock:6:1
  hint: a name consists of letters, digits and `_`; a keyword needs the prefix `r#`
error: `r#` is not a Rust identifier
  at names.lock:7:1
  hint: a name consists of letters, digits and `_`; a keyword needs the prefix `r#`
error: method things:get is pinned twice
  at names.lock:9:1
  hint: remove one of the lines",
    );
}

#[test]
fn pinned_names_win_and_new_ones_are_pinned() {
    let document = answering_thing(json!({"ref": {"type": "string"}}));
    let lock = "field\t#/components/schemas/S/properties/ref\treference\n\
                type\t#/components/schemas/Gone\tForgotten\ntype\t#/components/schemas/S\tThing\n";
    let output = Given { names: Some(lock), ..Given::default() }.passes(&document);
    let models = text(&output, "models/things.rs");
    assert!(models.contains("pub struct Thing {"), "{models}");
    assert!(models.contains("pub reference: Option<String>,"), "{models}");
    let codec = text(&output, "models/things/codec.rs");
    assert!(codec.contains("\"ref\""), "the wire keeps its name: {codec}");
    let pinned: Vec<_> = output.names.used().collect();
    assert_eq!(
        pinned,
        [
            ("field", "#/components/schemas/S/properties/ref", "reference"),
            ("method", "things:get", "get"),
            ("request", "things:get", "ThingsGetRequest"),
            ("type", "#/components/schemas/S", "Thing"),
        ]
    );
    let again = Given { names: Some(&output.names.render()), ..Given::default() }.passes(&document);
    assert_eq!((again.names.render(), again.files), (output.names.render(), output.files));
}

#[test]
fn invalid_pinned_names_are_refused() {
    Given { names: Some("type\t#/components/schemas/S\tVec\n"), ..Given::default() }.fails(
        &answering_thing(json!({})),
        "
error: `Vec` is also the name of something that every generated file uses
  at shop.json#/components/schemas/S
  hint: choose another name by a line in names.lock, separated by tabs: type\t#/components/schemas/S\tNAME",
    );
}

/// Returns the last names in a tree of imports, as used in the file.
fn imported(tree: &syn::UseTree, names: &mut BTreeSet<String>) {
    match tree {
        syn::UseTree::Path(path) => imported(&path.tree, names),
        syn::UseTree::Name(name) => names.extend([name.ident.to_string()]),
        syn::UseTree::Rename(rename) => names.extend([rename.rename.to_string()]),
        syn::UseTree::Glob(_) => {}
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| imported(tree, names)),
    }
}

#[test]
fn schemas_are_not_named_like_what_the_files_import() {
    let output = Given::default().passes(&answering_thing(json!({"a": {"type": "string"}})));
    let mut names = BTreeSet::new();
    for path in ["lib.rs", "prelude.rs", "resources/things.rs"] {
        for item in syn::parse_file(text(&output, path)).unwrap().items {
            if let syn::Item::Use(item) = item {
                imported(&item.tree, &mut names);
            }
        }
    }
    names.retain(|name| name.starts_with(|first: char| first.is_ascii_uppercase()) && name != "S");
    assert!(names.len() > 30, "{names:?}");
    names.extend(["Option", "Vec", "Clone", "Self", "Err"].map(str::to_owned));
    let schemas: Value =
        names.iter().map(|name| (name.clone(), object(json!({})))).collect::<serde_json::Map<_, _>>().into();
    let properties: serde_json::Map<_, _> = names.iter().map(|name| (format!("p{name}"), reference(name))).collect();
    let mut schemas = schemas;
    schemas["S"] = object(properties.into());
    let output = Given::default().passes(&super::answering(schemas));
    for name in names.iter().filter(|name| *name != "API_VERSION") {
        let taken = output.names.used().find(|(kind, _, given)| *kind == "type" && given == name);
        assert!(taken.is_none(), "the schema `{name}` has the name of an import");
    }
}

#[test]
fn handles_are_not_named_like_what_the_files_import() {
    let paths = ["client", "request", "operation", "endpoint", "option", "self", "api_request"];
    let paths = paths.map(|name| (format!("/{name}"), json!({"get": silent(&format!("{name}:get"))})));
    let output =
        Given::default().passes(&document(paths.into_iter().collect::<serde_json::Map<_, _>>().into(), json!({})));
    assert!(text(&output, "resources/client.rs").contains("pub struct ClientResource {"));
    assert!(text(&output, "resources/self_.rs").contains("pub struct SelfResource {"));
}

#[test]
fn resources_have_features_and_files_of_their_own() {
    let names = ["mock", "default", "webhooks", "con", "2fa", "3dSecure", "1", "\u{65e5}\u{672c}", "caf\u{e9}"];
    let paths =
        names.iter().enumerate().map(|(i, name)| (format!("/{i}"), json!({"get": silent(&format!("{name}:2fa"))})));
    let output = Given::default().passes(&document(paths.collect::<serde_json::Map<_, _>>().into(), json!({})));
    let features: Vec<_> = output.features.iter().map(|feature| feature.name.as_str()).collect();
    assert_eq!(
        features,
        ["1", "2fa", "3d-secure", "caf-ue9", "con", "default-resource", "mock-resource", "u65e5-u672c", "webhooks"]
    );
    assert!(output.files.iter().any(|file| file.path == "resources/con_.rs"));
    assert!(text(&output, "resources/_3d_secure.rs").contains("pub struct V3dSecure {"));
}

#[test]
fn a_report_shows_the_first_errors_and_counts_the_others() {
    let names = |index: usize| [format!("T-{index}"), format!("T_{index}")];
    let schemas: serde_json::Map<_, _> = (0..500).flat_map(names).map(|name| (name, object(json!({})))).collect();
    let used = schemas.keys().enumerate().map(|(index, name)| (format!("p{index}"), reference(name)));
    let properties: serde_json::Map<_, _> = used.collect();
    let mut schemas = Value::from(schemas);
    schemas["S"] = object(properties.into());
    let problems = Given::default().generate(&super::answering(schemas)).expect_err("the names clash");
    let report = problems.report();
    assert!(report.ends_with("error: and 480 more of them\n") && report.lines().count() == 61, "{report}");
}

#[test]
fn types_of_one_name_are_refused() {
    Given::default().fails(
        &answering(json!({
            "S": object(json!({"a": reference("Cost-Input"), "b": reference("Cost_Input")})),
            "Cost-Input": object(json!({})),
            "Cost_Input": object(json!({})),
        })),
        "
error: `CostInput` is also the name of the schema at #/components/schemas/Cost-Input
  at shop.json#/components/schemas/Cost_Input
  hint: choose another name by a line in names.lock, separated by tabs: type\t#/components/schemas/Cost_Input\tNAME",
    );
}

#[test]
fn fields_of_one_name_are_refused() {
    Given::default().fails(
        &answering(json!({"S": object(json!({"a/b": {"type": "string"}, "a_b": {"type": "string"}, "aB": {}}))})),
        "
error: `a_b` is also the name of the property `a/b`
  at shop.json#/components/schemas/S/properties/a_b
  hint: choose another name by a line in names.lock, separated by tabs: field\t#/components/schemas/S/properties/a_b\tNAME
error: `a_b` is also the name of the property `a_b`
  at shop.json#/components/schemas/S/properties/aB
  hint: choose another name by a line in names.lock, separated by tabs: field\t#/components/schemas/S/properties/aB\tNAME",
    );
}

#[test]
fn enum_values_with_the_same_name_are_refused() {
    Given::default().fails(
        &answering(json!({"S": {"type": "string", "enum": ["a b", "a  b", "a-b"]}})),
        "
error: `a  b`: `AB` is also the name of the value `a b`
  at shop.json#/components/schemas/S/enum
  hint: choose another name by a line in names.lock, separated by tabs: variant\t#/components/schemas/S/enum/a  b\tNAME",
    );
}

#[test]
fn events_of_one_name_are_refused() {
    let webhook = |event: &str| {
        let schema = json!({"type": "object", "required": ["type"], "properties": {"type": {"const": event}}});
        json!({"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {"200": {}}}})
    };
    let document = json!({
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "2026-10"},
        "webhooks": {"order.paid": webhook("order.paid"), "order_paid": webhook("order_paid")},
    });
    let problems = Given::default().generate(&document).expect_err("the document is refused").to_string();
    assert!(
        problems.starts_with(
            "error: `OrderPaid` is also the name of the variant `order.paid`\n  \
             at shop.json#/webhooks/order_paid/post/requestBody/content/application~1json/schema\n  \
             hint: choose another name by a line in names.lock"
        ),
        "{problems}"
    );
}

#[test]
fn methods_and_parameters_of_one_name_are_refused() {
    let query = |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string"}});
    let mut list = silent("shop:list");
    list["parameters"] = json!([query("customer_id"), query("customer-id")]);
    Given::default().fails(
        &document(
            json!({
                "/a": {"get": list, "post": silent("shop.list")},
                "/b": {"get": silent("shop:orders:list"), "post": silent("shop:orders")},
                "/c": {"get": silent("shop:order-items:list"), "post": silent("shop:order:items:list")},
            }),
            json!({}),
        ),
        "
error: `ShopOrderItems` is the name of the resources `shop:order_items` and `shop:order:items`
  at shop.json#/paths/~1c/post
  in operation shop:order:items:list
  hint: give the operations other ids in the overlay
error: `customer_id` is also the name of the parameter `customer_id`
  at shop.json#/paths/~1a/get/parameters/1
  in operation shop:list
  hint: choose another name by a line in names.lock, separated by tabs: parameter\tshop:list/customer-id\tNAME
error: `list` is also the name of the operation `shop:list`
  at shop.json#/paths/~1a/post
  in operation shop.list
  hint: choose another name by a line in names.lock, separated by tabs: method\tshop.list\tNAME
error: `ShopListRequest` is also the name of the request of `shop:list`
  at shop.json#/paths/~1a/post
  in operation shop.list
  hint: choose another name by a line in names.lock, separated by tabs: request\tshop.list\tNAME
error: `orders` is also the name of the resource `shop:orders`
  at shop.json#/paths/~1b/post
  in operation shop:orders
  hint: choose another name by a line in names.lock, separated by tabs: method\tshop:orders\tNAME
error: `ShopOrderItemsListRequest` is also the name of the request of `shop:order-items:list`
  at shop.json#/paths/~1c/post
  in operation shop:order:items:list
  hint: choose another name by a line in names.lock, separated by tabs: request\tshop:order:items:list\tNAME",
    );
}

#[test]
fn a_type_named_like_its_resource_is_refused() {
    Given::default().fails(
        &document(json!({"/s": {"get": answers("s:get")}}), json!({"S": object(json!({}))})),
        "
error: `S` is also the name of the resource `s`
  at shop.json#/components/schemas/S
  hint: choose another name by a line in names.lock, separated by tabs: type\t#/components/schemas/S\tNAME",
    );
    Given { names: Some("type\t#/components/schemas/S\tThing\n"), ..Given::default() }
        .passes(&document(json!({"/s": {"get": answers("s:get")}}), json!({"S": object(json!({}))})));
}

#[test]
fn variants_with_one_name_need_a_line_in_the_lock() {
    let mut operation = silent("orders:get");
    operation["responses"] = json!({"200": response("application/json", json!({})), "202": {"description": ""}});
    let document = document(json!({"/a": {"get": operation}}), json!({}));
    Given { names: Some("variant\torders:get 202\tOk\n"), ..Given::default() }.fails(
        &document,
        "
error: `Ok` is also the name of the status `200`
  at shop.json#/paths/~1a/get/responses/202
  in operation orders:get
  hint: choose another name by a line in names.lock, separated by tabs: variant\torders:get 202\tNAME",
    );
    let names = "output\torders:get\tInvoice\nvariant\torders:get 202\tNotReady\n";
    let output = Given { names: Some(names), ..Given::default() }.passes(&document);
    let resource = output.files.iter().find(|file| file.path == "resources/orders.rs").unwrap();
    assert!(resource.text.contains("202 => Ok(Invoice::NotReady)"), "{}", resource.text);
    let pinned = output.names.render();
    assert!(names.lines().all(|line| pinned.lines().any(|other| other == line)), "{pinned}");
}
