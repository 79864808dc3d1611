//! The example programs, end to end with a browser.

use super::*;

/// A browser: it stores cookies and follows redirects, one step at a time.
struct Browser {
    client: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn new() -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, cookies: BTreeMap::new() }
    }

    /// Status, `Location`, and text of the response.
    async fn send(&mut self, method: reqwest::Method, url: &str) -> (u16, String, String) {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = self.client.request(method, url).header("cookie", cookies.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
            let (name, value) = cookie.split_once(';').unwrap().0.split_once('=').unwrap();
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let location = answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        (answer.status().as_u16(), location.unwrap_or_default(), answer.text().await.unwrap())
    }

    async fn get(&mut self, url: &str) -> (u16, String, String) {
        self.send(reqwest::Method::GET, url).await
    }
}

#[tokio::test]
async fn a_web_application_signs_users_in_and_out() {
    let server = AuthorizationServer::start().await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    let redirect_uri = format!("{site}/callback");
    server.register("polar_ci_1", "client_secret_post", &redirect_uri);
    let polar = polar(&server.url);
    let oauth = OAuthClient::new(&polar, secret_post(), redirect_uri).unwrap();
    let oauth = oauth.authorization_endpoint(&format!("{}/oauth2/authorize", server.url)).unwrap();
    let router = oauth_login::router(polar, oauth, false);
    tokio::spawn(async move { axum::serve(listener, router).await });

    let mut browser = Browser::new();
    assert!(browser.get(&site).await.2.contains("Sign in with Polar"));
    let (status, page, _) = browser.get(&format!("{site}/login")).await;
    assert_eq!(status, 303);
    let (_, callback, _) = browser.get(&page).await;

    // A browser that did not start the login can't use its callback.
    let mut stranger = Browser::new();
    assert_eq!(stranger.get(&callback).await.1, "/login");

    let (status, home, text) = browser.get(&callback).await;
    assert_eq!((status, home.as_str()), (303, "/"), "{text}");
    assert_eq!(browser.get(&site).await.2, "signed in as ada@example.com");
    assert_eq!(browser.get(&callback).await.1, "/login", "the login is over, and the code is not sent again");

    // The access token becomes invalid early: the user does not notice.
    server.state().access.clear();
    assert_eq!(browser.get(&site).await.2, "signed in as ada@example.com");
    assert_eq!(server.state().refreshes, 1);

    let (status, _, text) = browser.send(reqwest::Method::POST, &format!("{site}/logout")).await;
    assert_eq!(status, 303, "{text}");
    assert!(server.state().access.is_empty() && server.state().refresh.is_empty(), "both tokens are revoked");
    assert!(browser.get(&site).await.2.contains("Sign in with Polar"));

    // The user refuses; and a user whose tokens were revoked signs in again.
    server.state().page_says = Some("access_denied");
    let page = browser.get(&format!("{site}/login")).await.1;
    let callback = browser.get(&page).await.1;
    let (status, _, text) = browser.get(&callback).await;
    assert_eq!((status, text.as_str()), (400, "the authorization server refused: access_denied: The user said no"));
    server.state().page_says = None;
    let page = browser.get(&format!("{site}/login")).await.1;
    let callback = browser.get(&page).await.1;
    browser.get(&callback).await;
    server.state().access.clear();
    server.state().refresh.clear();
    assert_eq!(browser.get(&site).await.1, "/login");
}

#[tokio::test]
async fn clients_for_development_and_production_are_registered() {
    let server = AuthorizationServer::start().await.unwrap();
    let mut credentials = Vec::new();
    let report = register_oauth_client::run(&polar(&server.url), &mut credentials).await.unwrap();
    shows_no_secret(&report);
    assert_eq!(
        report,
        "My App is polar_ci_1: https://example.com/callback\n\
         My App (Development) is polar_ci_4: http://localhost:3000/callback\n\
         redirect URI \"http://example.com/callback\": it must have `https`, since the code travels in it; `http` is \
         for `localhost`, `*.localhost` and private IPv4 addresses\n\
         a login may use its callback: true\n\
         My App has 2 redirect URIs\n\
         My App (Trial) is deleted\n"
    );
    let stored: BTreeMap<String, String> = String::from_utf8(credentials)
        .unwrap()
        .lines()
        .map(|line| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap())
        .collect();
    assert_eq!((stored.len(), server.state().clients.len()), (9, 2), "the last client is deleted");
    let client = server.state().clients["polar_ci_1"].clone();
    for (name, property) in [
        ("POLAR_CLIENT_ID_PROD", "client_id"),
        ("POLAR_CLIENT_SECRET_PROD", "client_secret"),
        ("POLAR_CLIENT_REGISTRATION_TOKEN_PROD", "registration_access_token"),
    ] {
        assert_eq!(json!(stored[name]), client[property], "{name}");
    }
}
