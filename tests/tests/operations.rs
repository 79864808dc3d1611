//! Every operation of the document, called with a server on the loopback interface: requests and results.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use polar_client::runtime::mock::MockTransport;
use polar_client::{Polar, RetryPolicy};
use polar_testkit::dispatch::{self, Arguments, OPERATIONS};
use polar_testkit::document::{Document, Operation, Success};
use polar_testkit::equal::{Rules, difference};
use polar_testkit::instance::{Extent, instance, instances};
use polar_testkit::server::{Asked, Server, Told};
use polar_testkit::wire::pairs;
use serde_json::{Map, Value, json};

/// An unknown kind, so that every operation accepts it.
const TOKEN: &str = "a_token_of_former_times";

struct Bench {
    document: Document,
    server: Server,
    polar: Polar,
    next: Arc<Mutex<Told>>,
}

async fn bench() -> Bench {
    let next = Arc::new(Mutex::new(Told::empty(204)));
    let told = Arc::clone(&next);
    let server = Server::start(move |_| told.lock().unwrap().clone()).await.unwrap();
    let polar = Polar::builder().base_url(&server.url).access_token(TOKEN).build().unwrap();
    Bench { document: Document::load().unwrap(), server, polar, next }
}

impl Bench {
    fn arguments(&self, operation: &Operation<'_>, extent: Extent, body: Option<Value>) -> Arguments {
        let take = |place: &str| -> Map<String, Value> {
            let wanted = operation.parameters(place);
            let wanted = wanted.into_iter().filter(|(_, _, required)| *required || extent == Extent::Most);
            wanted.map(|(name, schema, _)| (name.to_owned(), instance(&self.document, schema, Extent::Most))).collect()
        };
        Arguments { path: take("path"), query: take("query"), headers: take("header"), body }
    }

    /// Calls an operation and compares both directions with the document.
    async fn call(
        &self,
        operation: &Operation<'_>,
        (status, content): Success<'_>,
        extent: Extent,
        body: Option<Value>,
        answer: Option<Value>,
    ) {
        let context = format!("{} {status} ({extent:?})", operation.id);
        *self.next.lock().unwrap() = match (&answer, content) {
            (Some(answer), Some(("application/json", _))) => Told::json(status, answer),
            (_, Some((media, _))) => Told::text(status, media, "id,amount\n1,\"2\"\n"),
            (_, None) => Told::empty(status),
        };
        let arguments = self.arguments(operation, extent, body);
        let result = dispatch::call(&self.polar, operation.id, &arguments).await;
        let value = result.unwrap_or_else(|failure| panic!("{context}: {failure}")).value;
        match content {
            Some(("application/json", _)) => assert_eq!(value, answer.unwrap_or_default(), "{context}: answer"),
            Some(_) => assert_eq!(value, json!("id,amount\n1,\"2\"\n"), "{context}: answer"),
            None => assert_eq!(value, Value::Null, "{context}: answer"),
        }
        let asked = self.server.asked();
        let [asked] = asked.as_slice() else { panic!("{context}: {} requests", asked.len()) };
        compare(&self.document, operation, &arguments, asked, &context);
    }
}

fn compare(document: &Document, operation: &Operation<'_>, arguments: &Arguments, asked: &Asked, context: &str) {
    assert_eq!(asked.method, operation.method, "{context}: method");
    assert_eq!(asked.path, expected_path(operation.path, &arguments.path), "{context}: path");
    let mut query: Vec<_> = pairs(&asked.query);
    let mut expected: Vec<_> = arguments.query.iter().flat_map(|(name, value)| query_pairs(name, value)).collect();
    query.sort();
    expected.sort();
    assert_eq!(query, expected, "{context}: query");
    let header = |name: &str| asked.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let token = operation.needs_token().then(|| format!("Bearer {TOKEN}"));
    assert_eq!(header("authorization"), token, "{context}: authorization");
    assert_eq!(header("polar-version").as_deref(), Some("2026-10"), "{context}: version");
    let media = arguments.body.as_ref().and(operation.body()).map(|(media, _)| media);
    assert_eq!(header("content-type").as_deref(), media, "{context}: content type");
    match (media, &arguments.body) {
        (Some("application/x-www-form-urlencoded"), Some(Value::Object(members))) => {
            let mut form = pairs(std::str::from_utf8(&asked.body).unwrap());
            let given = members.iter().filter(|(_, value)| !value.is_null());
            let mut expected: Vec<_> = given.map(|(name, value)| (name.clone(), text(value))).collect();
            form.sort();
            expected.sort();
            assert_eq!(form, expected, "{context}: form");
        }
        (Some(_), Some(body)) => {
            let sent: Value = serde_json::from_slice(&asked.body).unwrap();
            let rules = Rules { constants: &document.optional_constants(), ..Rules::default() };
            assert_eq!(difference(body, &sent, rules), None, "{context}: body");
        }
        _ => assert!(asked.body.is_empty(), "{context}: body"),
    }
}

fn expected_path(template: &str, arguments: &Map<String, Value>) -> String {
    arguments.iter().fold(template.to_owned(), |path, (name, value)| {
        let encoded: String = text(value)
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect();
        path.replace(&format!("{{{name}}}"), &encoded)
    })
}

fn query_pairs(name: &str, value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Array(items) => items.iter().map(|item| (name.to_owned(), text(item))).collect(),
        Value::Object(members) => {
            members.iter().flat_map(|(key, value)| query_pairs(&format!("{name}[{key}]"), value)).collect()
        }
        scalar => vec![(name.to_owned(), text(scalar))],
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[tokio::test]
async fn every_operation_is_called_with_the_least_and_with_the_most() {
    let bench = bench().await;
    let (mut called, mut answered) = (BTreeSet::new(), 0);
    for operation in bench.document.operations() {
        for extent in [Extent::Least, Extent::Most] {
            let sample = |schema: &Value| instance(&bench.document, schema, extent);
            for success in operation.successes() {
                let body = operation.body().map(|(_, schema)| sample(schema));
                let answer = success.1.map(|(_, schema)| sample(schema));
                bench.call(&operation, success, extent, body, answer).await;
                answered += 1;
            }
        }
        called.insert(operation.id);
    }
    assert_eq!(called, OPERATIONS.iter().copied().collect());
    assert_eq!(called.len(), 191);
    assert_eq!(answered, 2 * (191 + 2), "two operations document two successes");
}

#[tokio::test]
async fn every_member_of_a_union_is_sent_and_read() {
    let bench = bench().await;
    for operation in bench.document.operations() {
        let extent = Extent::Most;
        let bodies = operation.body().map(|(_, schema)| instances(&bench.document, schema, extent));
        let answers = operation.success().1.map(|(_, schema)| instances(&bench.document, schema, extent));
        let (bodies, answers) = (bodies.unwrap_or_default(), answers.unwrap_or_default());
        if bodies.len() < 2 && answers.len() < 2 {
            continue;
        }
        for index in 0..bodies.len().max(answers.len()) {
            let body = bodies.get(index).or(bodies.first()).cloned();
            let answer = answers.get(index).or(answers.first()).cloned();
            bench.call(&operation, operation.success(), extent, body, answer).await;
        }
    }
}

/// Prefixes of the tokens that each security scheme of the document means.
const BEARERS: [(&str, &[&str]); 7] = [
    ("oidc", &["polar_at_u_", "polar_at_o_"]),
    ("pat", &["polar_pat_"]),
    ("oat", &["polar_oat_"]),
    ("customer_session", &["polar_cst_"]),
    ("member_session", &["polar_mst_"]),
    ("client_registration", &["polar_crt_"]),
    // A browser sends its session in a cookie.
    ("browser_session", &[]),
];

#[tokio::test]
async fn a_token_goes_exactly_where_the_document_says_that_its_kind_works() {
    let bench = bench().await;
    let client = |prefix: &str| {
        let mock = MockTransport::new();
        let builder = Polar::builder()
            .access_token(format!("{prefix}test"))
            .transport(mock.clone())
            .retry_policy(RetryPolicy::never());
        (mock, builder.build().unwrap())
    };
    let prefixes: Vec<&str> = BEARERS.iter().flat_map(|(_, prefixes)| *prefixes).copied().collect();
    let (mut sent, mut refused) = (0, 0);
    for operation in bench.document.operations() {
        let body = operation.body().map(|(_, schema)| instance(&bench.document, schema, Extent::Least));
        let arguments = bench.arguments(&operation, Extent::Least, body);
        let schemes: Vec<&str> = operation.schemes();
        for prefix in &prefixes {
            let (mock, polar) = client(prefix);
            let failure = dispatch::call(&polar, operation.id, &arguments).await.unwrap_err().to_string();
            let works = schemes.is_empty() || BEARERS.iter().any(|(s, p)| schemes.contains(s) && p.contains(prefix));
            assert_eq!(mock.sent().len(), usize::from(works), "{} with {prefix}: {failure}", operation.id);
            assert_eq!(failure.contains("the operation does not accept"), !works, "{failure}");
            (sent, refused) = (sent + usize::from(works), refused + usize::from(!works));
        }
    }
    assert!(sent > 500 && refused > 500, "{sent} sent, {refused} refused");
}

#[test]
fn all_schemes_of_an_operation_take_the_same_scopes() {
    let document = Document::load().unwrap();
    for operation in document.operations() {
        let ways = operation.data["security"].as_array().into_iter().flatten();
        let scopes: BTreeSet<String> =
            ways.flat_map(|way| way.as_object().unwrap()).map(|(_, scopes)| scopes.to_string()).collect();
        assert!(scopes.len() <= 1, "{}: {scopes:?}", operation.id);
    }
}
