//! Parameters, forms, servers and security schemes that the client can't encode as the document says.

use serde_json::{Value, json};

use super::{Given, document, object, overlay, reference, silent, text};

/// A document with one operation that has this parameter.
fn with_parameter(path: &str, parameter: Value) -> Value {
    let mut operation = silent("things:get");
    operation["parameters"] = json!([parameter]);
    document(json!({path: {"get": operation}}), json!({"Filter": object(json!({"a": {"type": "string"}}))}))
}

/// The only error about a parameter, without its place.
#[track_caller]
fn refused(path: &str, parameter: Value) -> String {
    let problems = Given::default().generate(&with_parameter(path, parameter)).expect_err("it is refused");
    let all: Vec<_> = problems.iter().collect();
    let [problem] = all[..] else { panic!("not one problem:\n{problems}") };
    assert!(problem.hint.is_some() && problem.operation.as_deref() == Some("things:get"), "{problem}");
    assert!(problem.pointer.ends_with("/get/parameters/0"), "{problem}");
    problem.message.clone()
}

#[test]
fn styles_that_are_not_sent_are_refused() {
    let strings = || json!({"type": "array", "items": {"type": "string"}});
    let filters = || json!({"type": "array", "items": reference("Filter")});
    let query = |more: Value| {
        let mut parameter = json!({"name": "q", "in": "query"});
        parameter.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        refused("/t", parameter)
    };
    assert_eq!(
        query(json!({"explode": false, "schema": strings()})),
        "the query parameter `q` is an array with `explode: false`, which is not supported"
    );
    assert_eq!(
        query(json!({"schema": reference("Filter")})),
        "the query parameter `q` is an object in the style `form`, which is not supported"
    );
    let nested =
        "the query parameter `q` has an object or an array inside of an object or an array, which can't be encoded";
    assert_eq!(query(json!({"schema": filters()})), nested);
    let deep = |schema: Value| query(json!({"style": "deepObject", "schema": schema}));
    assert_eq!(deep(object(json!({"a": reference("Filter")}))), nested);
    assert_eq!(deep(json!({"type": "object", "additionalProperties": filters()})), nested);
    assert_eq!(deep(strings()), "the query parameter `q` is not an object, though its style is `deepObject`");
}

#[test]
fn paths_and_headers_hold_plain_values_only() {
    for place in ["path", "header"] {
        let path = if place == "path" { "/t/{p}" } else { "/t" };
        let schema =
            |schema: Value| refused(path, json!({"name": "p", "in": place, "required": true, "schema": schema}));
        let about = |problem: &str| format!("the {place} parameter `p` can be {problem}, which is not supported");
        assert_eq!(schema(json!({"type": "array", "items": {"type": "string"}})), about("an array"));
        assert_eq!(schema(reference("Filter")), about("an object"));
        assert_eq!(schema(json!({"anyOf": [{"type": "string"}, {"type": "integer"}]})), about("of several types"));
    }
}

#[test]
fn headers_and_path_parameters_have_their_types() {
    let parameter =
        |name: &str, place: &str, schema: Value| json!({"name": name, "in": place, "required": true, "schema": schema});
    let mut operation = silent("things:get");
    operation["parameters"] = json!([
        parameter("n", "path", json!({"type": ["integer", "null"]})),
        parameter("when", "path", json!({"type": "string", "format": "date-time"})),
        parameter("X-Count", "header", json!({"type": "integer"})),
        parameter("X-Kind", "header", json!({"type": "string", "enum": ["a", "b"]})),
        parameter("Authorization", "header", json!({"type": "string"})),
    ]);
    let output = Given::default().passes(&document(json!({"/t/{n}/{when}": {"get": operation}}), json!({})));
    let written = text(&output, "resources/things.rs");
    for part in [
        "n: i64,",
        "when: DateTime<Utc>,",
        "x_count: i64,",
        "x_kind: ThingsGetXKind,",
        ".path(\"when\", &format_args!(\"{:?}\", when))",
        ".header(\"X-Count\", &x_count.to_string())",
    ] {
        assert!(written.contains(part), "no `{part}` in {written}");
    }
    assert!(!written.contains("Authorization"), "{written}");
    assert!(output.diagnostics.to_string().contains("the header parameter `Authorization` is left out"));
}

#[test]
fn forms_are_objects_of_plain_values() {
    for (schema, problem) in [
        (json!({"type": "array", "items": {"type": "string"}}), "the form has to be an object"),
        (
            object(json!({"a": {"type": "array", "items": reference("S")}})),
            "the form has an object or an array inside of an object or an array, which can't be encoded",
        ),
    ] {
        let mut operation = silent("things:make");
        operation["requestBody"] = json!({"content": {"application/x-www-form-urlencoded": {"schema": schema}}});
        let document = document(json!({"/t": {"post": operation}}), json!({"S": object(json!({}))}));
        let problems = Given::default().generate(&document).expect_err("it is refused");
        assert!(problems.to_string().starts_with(&format!("error: {problem}\n")), "{problems}");
    }
}

#[test]
fn media_types_are_read_without_case_and_parameters() {
    let mut operation = silent("things:make");
    operation["requestBody"] = json!({"required": true, "content": {"Application/X-WWW-Form-Urlencoded; charset=utf-8": {"schema": reference("S")}}});
    operation["responses"] =
        json!({"200": {"content": {"Application/JSON; charset=utf-8": {"schema": reference("S")}}}});
    let schemas = json!({"S": object(json!({"a": {"type": "string"}}))});
    let output = Given::default().passes(&document(json!({"/t": {"post": operation}}), schemas));
    let written = text(&output, "resources/things.rs");
    assert!(written.contains(".form_model(&body)") && written.contains("type Output = S;"), "{written}");
}

#[test]
fn paths_that_no_url_can_hold_are_refused() {
    for (path, problem) in [
        ("/odd path", "the path `/odd path` contains ' ', which is not valid in a URL"),
        ("/a?b=c", "the path `/a?b=c` contains '?', which is not valid in a URL"),
        ("/gr\u{fc}n", "the path `/gr\u{fc}n` contains '\u{fc}', which is not valid in a URL"),
        ("/a%2", "the path `/a%2` contains '%', which is not valid in a URL"),
        ("/a/../b", "the path `/a/../b` contains the segment `.` or `..`, which URLs resolve"),
    ] {
        let problems = Given::default().generate(&document(json!({path: {"get": silent("things:get")}}), json!({})));
        let problems = problems.expect_err("it is refused").to_string();
        assert!(problems.starts_with(&format!("error: {problem}\n")), "{problems}");
    }
    Given::default().passes(&document(json!({"/a%20b/c:d": {"get": silent("things:get")}}), json!({})));
}

/// A document with servers or security, and one operation.
fn with(name: &str, value: Value) -> Value {
    let mut document = document(json!({"/t": {"get": silent("things:get")}}), json!({}));
    document[name] = value;
    document
}

#[test]
fn server_variables_have_their_defaults() {
    let variables = json!({"region": {"default": "eu", "enum": ["eu", "us"]}});
    let servers = json!([{"url": "https://{region}.shop.example/v1", "variables": variables}]);
    let output = Given::default().passes(&with("servers", servers));
    assert!(text(&output, "client.rs").contains("url: \"https://eu.shop.example/v1\""));
}

#[test]
fn servers_that_lead_nowhere_are_refused() {
    Given::default().fails(
        &with("servers", json!([{"url": "/api"}, {"url": "https://{zone}.shop.example"}])),
        "
error: the server `/api` is not an absolute URL, so the client does not know where to send requests
  at shop.json#/servers/0
  hint: write it as in `https://api.example.com` in the overlay, or accept the server under x-accept: it is left out then, and each client sets its base URL
error: the variable `zone` of the server `https://{zone}.shop.example` has no default
  at shop.json#/servers/1/url
  hint: add a default, or write the whole URL in the overlay",
    );
    let accept = overlay(json!([]), json!([{"pointer": "#/servers/0", "reason": "Each user has a server."}]));
    let output =
        Given { overlay: Some(&accept), ..Given::default() }.passes(&with("servers", json!([{"url": "/api"}])));
    assert!(text(&output, "client.rs").contains("servers: &[]"));
}

#[test]
fn security_schemes_that_are_not_sent_are_refused() {
    let mut document = with("security", json!([{"basic": []}, {"key": []}, {"token": [], "key": []}]));
    document["components"]["securitySchemes"] = json!({
        "basic": {"type": "http", "scheme": "basic"},
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "token": {"type": "http", "scheme": "Bearer"},
        "unused": {"type": "apiKey", "in": "query", "name": "key"},
    });
    let problems = Given::default().generate(&document).expect_err("it is refused");
    let found: Vec<_> = problems.iter().map(|problem| (problem.message.as_str(), problem.pointer.as_str())).collect();
    assert_eq!(
        found,
        [
            ("the security schemes `token` and `key` at the same time are not supported", "#/security/2"),
            (
                "the security scheme `basic` is HTTP authentication with the scheme `basic`, which is not supported",
                "#/components/securitySchemes/basic"
            ),
            (
                "the security scheme `key` is a key in the header `X-Key`, which is not supported",
                "#/components/securitySchemes/key"
            ),
        ]
    );
}

#[test]
fn a_parameter_that_is_not_sent_cannot_be_accepted() {
    let array = json!({"type": "array", "items": {"type": "string"}});
    let document = with_parameter("/t/{p}", json!({"name": "p", "in": "path", "required": true, "schema": array}));
    let pointer = "#/paths/~1t~1{p}/get/parameters/0";
    let accept = overlay(json!([]), json!([{"pointer": pointer, "reason": "We do not care."}]));
    Given { overlay: Some(&accept), ..Given::default() }.fails(
        &document,
        "
error: the path parameter `p` can be an array, which is not supported; this can't be accepted, because the generated code would not work
  at shop.json#/paths/~1t~1{p}/get/parameters/0
  in operation things:get
  hint: describe it as a string in the overlay; the caller then encodes the value",
    );
}

#[test]
fn styles_that_are_not_sent_can_not_be_accepted() {
    let list = json!({"type": "array", "items": {"type": "string"}});
    for style in ["spaceDelimited", "pipeDelimited"] {
        let parameter = json!({"name": "q", "in": "query", "style": style, "schema": list});
        let accept = json!([{"pointer": "#/paths/~1s/get/parameters/0/style", "reason": "A test."}]);
        let (document, overlay) = (with_parameter("/s", parameter), overlay(json!([]), accept));
        let expected = format!(
            "error: the style `{style}` of the query parameter `q` is not supported; this can't be accepted, because the \
             generated code would not work\n  at shop.json#/paths/~1s/get/parameters/0/style\n  in operation things:get\n  \
             hint: if the server also reads the default style, remove this one in the overlay; else describe the \
             parameter as a string, and the caller writes the text"
        );
        Given { overlay: Some(&overlay), ..Given::default() }.fails(&document, &expected);
    }
}

#[test]
fn a_parameter_with_content_is_left_out_as_a_whole() {
    let content = json!({"application/json": {"schema": {"type": "object"}}});
    let document = with_parameter("/s", json!({"name": "q", "in": "query", "content": content}));
    let accept = json!([{"pointer": "#/paths/~1s/get/parameters/0", "reason": "A test."}]);
    let overlay = overlay(json!([]), accept);
    let output = Given { overlay: Some(&overlay), ..Given::default() }.passes(&document);
    assert!(!text(&output, "resources/things.rs").contains("fn q("));
    let document = with_parameter("/s/{q}", json!({"name": "q", "in": "path", "required": true, "content": content}));
    let problems = Given::default().generate(&document).expect_err("a path without its parameter").to_string();
    assert!(problems.contains("hint: describe the parameter by a schema in the overlay"), "{problems}");
}
