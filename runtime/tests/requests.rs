//! Requests, byte for byte.

#![cfg(feature = "reqwest")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use polar_client_runtime::serde_json::{Value, json};
use polar_client_runtime::{Request, response, uuid::Uuid};
use support::{CHECKOUT, CREATE, DELETE, GET, LIST, Scripted, answer_text, builder, call, client};

const ORGANIZATION: Uuid = Uuid::from_u128(0x1111_1111_1111_1111_1111_1111_1111_1111);
const OTHER_ORGANIZATION: Uuid = Uuid::from_u128(0x2222_2222_2222_2222_2222_2222_2222_2222);

#[tokio::test]
async fn a_whole_request() {
    let server = Scripted::json("200 OK", "{}");
    call(&server, &LIST).await.unwrap();
    assert_eq!(
        server.request(),
        "GET /v1/products/ HTTP/1.1\n\
         user-agent: polar-client/0.1.0\n\
         polar-version: 2026-10\n\
         accept: application/json\n\
         authorization: Bearer polar_oat_hidden\n\
         host: 127.0.0.1:PORT\n\n"
    );
}

#[tokio::test]
async fn a_whole_request_with_a_body() {
    let server = Scripted::json("201 Created", "{}");
    let mut call = call(&server, &CREATE);
    call.request = call.request.json(&json!({"name": "Wörk", "price": null}));
    call.await.unwrap();
    assert_eq!(
        server.request(),
        "POST /v1/products/ HTTP/1.1\n\
         user-agent: polar-client/0.1.0\n\
         polar-version: 2026-10\n\
         accept: application/json\n\
         content-type: application/json\n\
         authorization: Bearer polar_oat_hidden\n\
         host: 127.0.0.1:PORT\n\
         content-length: 29\n\n\
         {\"name\":\"Wörk\",\"price\":null}"
    );
}

#[tokio::test]
async fn settings_of_the_client_travel() {
    let server = Scripted::json("200 OK", "{}");
    let client = builder()
        .base_url(format!("{}/proxy/polar/", server.url))
        .organization(ORGANIZATION)
        .api_version("2027-01")
        .user_agent_suffix("my-shop/2.1")
        .build()
        .unwrap();
    Request::new(&client, &LIST).call::<Value, Value>(response::json).await.unwrap();
    assert_eq!(
        server.request(),
        "GET /proxy/polar/v1/products/ HTTP/1.1\n\
         user-agent: polar-client/0.1.0 my-shop/2.1\n\
         polar-version: 2027-01\n\
         accept: application/json\n\
         polar-organization: 11111111-1111-1111-1111-111111111111\n\
         host: 127.0.0.1:PORT\n\n"
    );
}

#[tokio::test]
async fn the_version_can_be_left_to_the_api() {
    let server = Scripted::json("200 OK", "{}");
    let client = builder().base_url(&server.url).without_api_version().build().unwrap();
    Request::new(&client, &LIST).call::<Value, Value>(response::json).await.unwrap();
    assert!(!server.request().contains("polar-version"));
}

#[tokio::test]
async fn options_of_one_request_outrank_the_client() {
    let server = Scripted::json("200 OK", "{}");
    let client =
        builder().base_url(&server.url).access_token("polar_oat_hidden").organization(ORGANIZATION).build().unwrap();
    support::Call::from(Request::new(&client, &LIST))
        .access_token("polar_oat_other")
        .organization(OTHER_ORGANIZATION)
        .header("accept", "application/vnd.polar+json")
        .header("X-Trace", "abc")
        .await
        .unwrap();
    assert_eq!(
        server.request(),
        "GET /v1/products/ HTTP/1.1\n\
         user-agent: polar-client/0.1.0\n\
         polar-version: 2026-10\n\
         accept: application/vnd.polar+json\n\
         polar-organization: 22222222-2222-2222-2222-222222222222\n\
         authorization: Bearer polar_oat_other\n\
         x-trace: abc\n\
         host: 127.0.0.1:PORT\n\n"
    );
}

#[tokio::test]
async fn the_token_goes_only_where_one_is_asked_for() {
    let answer = answer_text("200 OK", "content-type: application/json\r\n", "{}");
    let server = Scripted::new(&[&answer, &answer]);
    let client = client(&server.url);
    let request = Request::new(&client, &CHECKOUT).path("client_secret", &"polar_c_x");

    request.clone().call::<Value, Value>(response::json).await.unwrap();
    assert!(!server.request().contains("authorization"));

    request.access_token("polar_cst_x".into()).call::<Value, Value>(response::json).await.unwrap();
    assert!(server.request().contains("\nauthorization: Bearer polar_cst_x\n"));
}

#[tokio::test]
async fn path_parameters_are_encoded_and_templates_are_not_touched() {
    for (value, path) in [
        ("a/b ü?#%", "/v1/products/a%2Fb%20%C3%BC%3F%23%25"),
        ("..a..", "/v1/products/..a.."),
        ("%2E%2E", "/v1/products/%252E%252E"),
        ("{id}", "/v1/products/%7Bid%7D"),
        ("A-z_0~'+:@", "/v1/products/A-z_0~%27%2B%3A%40"),
    ] {
        let server = Scripted::json("200 OK", "{}");
        let mut call = call(&server, &GET);
        call.request = call.request.path("id", &value);
        call.await.unwrap();
        assert_eq!(server.request_line(), format!("GET {path} HTTP/1.1"));
    }
}

#[tokio::test]
async fn query_parameters_repeat_nest_and_are_replaced() {
    let server = Scripted::json("200 OK", "{}");
    let mut call = call(&server, &LIST);
    call.request.query("sorting", &["-created_at", "name"]);
    call.request.query("query", &"a&b=c ü+'");
    call.request.query("limit", &10);
    call.request.query("page", &2);
    call.request.query("is_archived", &false);
    call.request.query("metadata", &json!({"odd key[]": 1, "plan": ["a", "b"]}));
    call.request.query("limit", &100);
    call.request.query("page", &None::<i64>);
    call.await.unwrap();
    assert_eq!(
        server.request_line(),
        "GET /v1/products/?sorting=-created_at&sorting=name&query=a%26b%3Dc%20%C3%BC%2B%27&limit=100&is_archived=false\
         &metadata%5Bodd%20key%5B%5D%5D=1&metadata%5Bplan%5D=a&metadata%5Bplan%5D=b HTTP/1.1"
    );
}

#[tokio::test]
async fn forms_leave_null_out_and_repeat_arrays() {
    let server = Scripted::json("200 OK", "{}");
    let mut call = call(&server, &CREATE);
    call.request = call.request.form(&json!({
        "client_secret": null,
        "code": "a b&c=ü",
        "grant_type": "authorization_code",
        "scope": ["x", "y"],
    }));
    call.await.unwrap();
    let request = server.request();
    assert!(request.contains("\ncontent-type: application/x-www-form-urlencoded\n"), "{request}");
    let body = request.split_once("\n\n").unwrap().1;
    assert_eq!(body, "code=a+b%26c%3D%C3%BC&grant_type=authorization_code&scope=x&scope=y");
}

#[tokio::test]
async fn an_operation_without_an_answer_asks_for_no_type() {
    let server = Scripted::new(&[&answer_text("204 No Content", "", "")]);
    let request = Request::new(&client(&server.url), &DELETE).path("id", &"x");
    request.call::<(), Value>(response::empty).await.unwrap();
    assert_eq!(
        server.request(),
        "DELETE /v1/products/x HTTP/1.1\n\
         user-agent: polar-client/0.1.0\n\
         polar-version: 2026-10\n\
         authorization: Bearer polar_oat_hidden\n\
         accept: */*\n\
         host: 127.0.0.1:PORT\n\n"
    );
}

#[tokio::test]
async fn mistakes_surface_when_sending_and_nothing_is_sent() {
    let server = Scripted::json("200 OK", "{}");
    let get = || Request::new(&client(&server.url), &GET);
    let query = |value: f64| {
        let mut request = get();
        request.query("amount", &value);
        request
    };
    let unserializable = std::collections::BTreeMap::from([((1, 2), 3)]);
    for (request, message) in [
        (get(), "path parameter `id` is missing"),
        (get().path("id", &""), "path parameter `id` is empty"),
        (get().path("id", &".."), "path parameter `id` is \"..\", which URLs resolve"),
        (get().path("id", &"").header("a b", "x"), "path parameter `id` is empty"),
        (get().header("x-trace", "a\r\nb"), "the value of the header `x-trace` is not valid"),
        (get().header("a b", "x"), "\"a b\" is not a valid header name"),
        (get().access_token("a\nb".into()), "character 2 of the access token is a line break: copy only the token"),
        (get().json(&unserializable), "body: key must be a string"),
        (get().form(&[1]), "body: a form must be an object"),
        (query(f64::NAN), "query parameter `amount`: NaN is not a finite number"),
    ] {
        let error = request.call::<Value, Value>(response::json).await.unwrap_err();
        assert_eq!(error.to_string(), format!("products:get (GET /v1/products/{{id}}): not sent: {message}"));
        assert!(error.is_request() && !error.is_retryable());
    }
    assert!(server.is_idle());
}

#[tokio::test]
async fn a_call_is_not_sent_before_it_is_awaited() {
    let server = Scripted::json("200 OK", "{}");
    drop(call(&server, &LIST).send_with_response());
    call(&server, &LIST).header("x-second", "1").await.unwrap();
    assert!(server.request().contains("x-second"));
}

#[test]
fn futures_may_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let call = support::Call::from(Request::new(&client("http://127.0.0.1"), &LIST));
    is_send(&call.clone().send_with_response());
    is_send(&IntoFuture::into_future(call));
}
