//! Logins, callbacks, and responses of the token endpoint.

use super::*;

#[test]
fn a_login_goes_to_the_page_of_the_environment() {
    let begin = |environment| {
        let polar = Polar::builder().environment(environment).build().unwrap();
        let oauth = OAuthClient::new(polar, secret_post(), "https://Example.com").unwrap();
        oauth.login(scopes()).unwrap().begin().unwrap()
    };
    let login = begin(polar_client::Environment::Production);
    assert!(login.url.starts_with("https://polar.sh/oauth2/authorize?"), "{}", login.url);
    assert!(begin(polar_client::Environment::Sandbox).url.starts_with("https://sandbox.polar.sh/oauth2/authorize?"));

    let query = query(&login.url);
    let names: Vec<&str> = query.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "response_type",
            "client_id",
            "redirect_uri",
            "scope",
            "state",
            "nonce",
            "code_challenge",
            "code_challenge_method"
        ]
    );
    assert_eq!(value(&query, "scope"), Some("email openid products:read"));
    assert_eq!(value(&query, "state"), Some(login.pending.state().expose()));
    assert_eq!(value(&query, "code_challenge_method"), Some("S256"));
    assert_eq!(value(&query, "code_challenge").unwrap().len(), 43);
    assert_eq!(value(&query, "redirect_uri"), Some("https://example.com/"), "as the server stores it");

    let shown = format!("{login:?}");
    assert!(!shown.contains(login.pending.state().expose()) && !shown.contains(login.pending.nonce().expose()));
    assert_ne!(login.pending, begin(polar_client::Environment::Production).pending);
}

#[test]
fn a_login_says_for_whom_and_what_the_page_may_ask() {
    let polar = Polar::builder().build().unwrap();
    let oauth = OAuthClient::new(polar, ClientCredentials::public("polar_ci_1"), "myapp://callback").unwrap();
    let id = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
    let url = oauth.login("").unwrap().for_this_organization(id.parse().unwrap()).prompt(Prompt::Consent);
    let query_of = |builder: polar_client::oauth2::LoginBuilder| query(&builder.begin().unwrap().url);
    let query = query_of(url);
    assert_eq!(value(&query, "sub_type"), Some("organization"));
    assert_eq!((value(&query, "sub"), value(&query, "prompt")), (Some(id), Some("consent")));
    assert_eq!(value(&query, "scope"), None, "the server takes those of the client");
    let query = query_of(oauth.login("openid").unwrap().for_user().prompt(Prompt::None));
    assert_eq!((value(&query, "sub_type"), value(&query, "prompt")), (Some("user"), Some("none")));
    let query = query_of(oauth.login("openid").unwrap().for_organization());
    assert_eq!((value(&query, "sub_type"), value(&query, "sub")), (Some("organization"), None));
}

#[test]
fn a_client_that_can_not_work_is_none() {
    let polar = Polar::builder().build().unwrap();
    for (redirect_uri, words) in [
        ("http://example.com/callback", "must have `https`"),
        ("https://*.example.com/callback", "wildcard"),
        ("/callback", "not an absolute URI"),
        ("com.example.app:/callback", "no host after its scheme"),
        ("http://localhost\\@evil.com/", "character 17"),
    ] {
        let error = OAuthClient::new(&polar, secret_post(), redirect_uri).unwrap_err();
        assert!(matches!(error, OAuthError::RedirectUri(_)) && error.to_string().contains(words), "{error}");
    }
    let error = OAuthClient::new(&polar, ClientCredentials::basic("polar_ci_1", "polar_cs_1\n"), CALLBACK).unwrap_err();
    assert_eq!(error.to_string(), "OAuth settings: the client secret is empty, or contains whitespace");
    tells_no_secret(&error);

    let own = OAuthClient::new(self::polar("http://127.0.0.1:1"), secret_post(), CALLBACK).unwrap();
    let error = own.login("openid").unwrap_err();
    assert!(error.to_string().ends_with("set `authorization_endpoint`"), "{error}");
    shows_no_secret(&format!("{own:?}"));
    for page in ["", "/oauth2/authorize", "myapp://authorize", "http://polar.sh/oauth2/authorize"] {
        let error = own.clone().authorization_endpoint(page).unwrap_err();
        assert!(error.to_string().contains("authorization endpoint: it is not a URL with `https`"), "{error}");
    }
}

#[tokio::test]
async fn a_user_signs_in_with_each_way_to_authenticate() {
    let server = AuthorizationServer::start().await.unwrap();
    for (method, credentials) in [
        ("client_secret_post", secret_post()),
        ("client_secret_basic", ClientCredentials::basic("polar_ci_1", "polar_cs_1")),
        ("none", ClientCredentials::public("polar_ci_1")),
    ] {
        server.register("polar_ci_1", method, CALLBACK);
        let oauth = oauth_at(&server.url, credentials);
        let login = oauth.login(scopes()).unwrap().begin().unwrap();
        let callback = browse(&login.url).await;
        let names: Vec<String> = query(&callback).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["code", "state"], "the server sends no issuer");
        // The session stores it in between.
        let kept: PendingLogin = serde_json::from_str(&serde_json::to_string(&login.pending).unwrap()).unwrap();
        let user = oauth.finish(&kept, &callback).await.unwrap();
        let identity = user.identity.clone().unwrap();
        assert_eq!((identity.subject.as_str(), identity.email.as_deref()), ("user_1", Some("ada@example.com")));
        assert_eq!(user.tokens.scope.parse::<ScopeSet>().unwrap(), scopes());
        assert_eq!((user.tokens.expires_at - user.tokens.issued_at).num_seconds(), 3600);
        shows_no_secret(&format!("{user:?}"));

        let next = oauth.refresh(user.tokens.refresh_token.as_ref().unwrap()).await.unwrap();
        assert_ne!(next.refresh_token, user.tokens.refresh_token);
        let who = polar(&server.url).oauth2().userinfo().access_token(next.access_token.expose()).await.unwrap();
        assert!(matches!(who, UserInfo::User(user) if user.email.as_deref() == Some("ada@example.com")));
    }
}

#[tokio::test]
async fn a_user_without_the_scope_email_is_a_user() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let login = oauth.login("openid").unwrap().begin().unwrap();
    let user = oauth.finish(&login.pending, &browse(&login.url).await).await.unwrap();
    let request = polar(&server.url).oauth2().userinfo().access_token(user.tokens.access_token.expose());
    match request.await.unwrap() {
        UserInfo::User(user) => assert_eq!((user.sub.as_str(), user.email), ("user_1", None)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_login_works_with_the_redirect_uri_as_it_was_typed() {
    let server = AuthorizationServer::start().await.unwrap();
    let polar = polar(&server.url);
    for typed in ["https://Example.com", "HTTP://LOCALHOST:80/callback", "http://127.1:3000", "MyApp://callback"] {
        let config = OAuthClientConfig::new("My App", [typed]);
        let body: OAuth2ClientConfiguration = config.create_body().unwrap();
        let client = polar.oauth2().clients().create(body).await.unwrap();
        assert_eq!(client.redirect_uris, [stored_redirect_uri(typed).unwrap()]);
        assert!(OAuthClientConfig::of(&client).unwrap().allows_redirect(typed), "{typed}");

        let credentials = ClientCredentials::post(&client.client_id, client.client_secret.unwrap());
        let oauth = OAuthClient::new(&polar, credentials, typed).unwrap();
        let oauth = oauth.authorization_endpoint(&format!("{}/oauth2/authorize", server.url)).unwrap();
        let login = oauth.login("openid").unwrap().begin().unwrap();
        let callback = browse(&login.url).await;
        assert!(callback.starts_with(oauth.redirect_uri()), "{callback}");
        oauth.finish(&login.pending, &callback).await.unwrap();
    }
}

#[tokio::test]
async fn an_announced_issuer_must_be_in_the_callback() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    server.state().sends_iss = true;
    assert!(oauth.discover().await.unwrap().authorization_response_iss_parameter_supported);
    let login = oauth.login("").unwrap().begin().unwrap();
    let callback = browse(&login.url).await;
    let without = callback.split("&iss=").next().unwrap();
    let error = oauth.finish(&login.pending, without).await.unwrap_err();
    assert!(matches!(error, OAuthError::Callback(CallbackError::Missing("iss"))), "{error}");
    oauth.finish(&login.pending, &callback).await.unwrap();

    server.state().sends_iss = false;
    assert!(!oauth.discover().await.unwrap().authorization_response_iss_parameter_supported);
    let login = oauth.login("").unwrap().begin().unwrap();
    oauth.finish(&login.pending, &browse(&login.url).await).await.unwrap();
}

#[tokio::test]
async fn odd_properties_do_not_cost_the_tokens() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    for (properties, seconds) in [
        (json!({"expires_in": null, "scope": null}), 3600),
        (json!({"expires_in": 86400.0, "token_type": "bearer"}), 86400),
        (json!({"expires_in": "86400", "token_type": null}), 86400),
        (json!({"expires_in": -1, "scope": ["openid"]}), 0),
        (json!({"expires_in": "soon"}), 3600),
    ] {
        server.state().token_properties = properties.as_object().unwrap().clone();
        let tokens = signed_in(&oauth).await;
        assert_eq!((tokens.expires_at - tokens.issued_at).num_seconds(), seconds, "{properties}");
        let next = oauth.refresh(tokens.refresh_token.as_ref().unwrap()).await.unwrap();
        oauth.refresh(next.refresh_token.as_ref().unwrap()).await.unwrap();
    }
    server.state().token_properties = json!({"expires_in": 1e300}).as_object().unwrap().clone();
    let tokens = signed_in(&oauth).await;
    assert!((tokens.expires_at - tokens.issued_at).num_days() > 365, "{tokens:?}");
}

#[tokio::test]
async fn the_operation_itself_reads_a_response_without_optional_properties() {
    let mock = MockTransport::new();
    for more in [json!({}), json!({"expires_in": null, "scope": null}), json!({"token_type": "bearer"})] {
        let mut answer =
            json!({"access_token": "polar_at_u_1", "token_type": "Bearer", "refresh_token": "polar_rt_u_2"});
        answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        mock.on("oauth2:request_token", Reply::json(200, &answer));
        let polar = Polar::builder().transport(mock.clone()).build().unwrap();
        let body = polar_client::models::RefreshTokenRequest::new("polar_rt_u_1").client_id("polar_ci_1");
        let tokens: TokenResponse = polar.oauth2().request_token(body).await.unwrap();
        assert_eq!(tokens.refresh_token, Some("polar_rt_u_2".into()), "{more}");
        assert_eq!((tokens.expires_in, tokens.scope), (None, None), "{more}");
    }
}

#[tokio::test]
async fn a_wrong_secret_is_refused_and_told_by_nobody() {
    let server = server().await;
    let oauth = oauth_at(&server.url, ClientCredentials::post("polar_ci_1", "polar_cs_hidden"));
    let login = oauth.login(scopes()).unwrap().begin().unwrap();
    let error = oauth.finish(&login.pending, &browse(&login.url).await).await.unwrap_err();
    assert_eq!(code_of(&error), &OAuthErrorCode::InvalidClient);
    assert!(!error.must_sign_in(), "that would not help");
    tells_no_secret(&error);
}

#[tokio::test]
async fn a_code_works_once_and_for_who_began_the_login() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let login = oauth.login(scopes()).unwrap().begin().unwrap();
    let callback = browse(&login.url).await;
    oauth.finish(&login.pending, &callback).await.unwrap();
    let error = oauth.finish(&login.pending, &callback).await.unwrap_err();
    assert_eq!(code_of(&error), &OAuthErrorCode::InvalidGrant);
    assert!(error.must_sign_in());
    tells_no_secret(&error);

    // A stolen code in another login: its state can be replaced, its verifier can't.
    let (stolen, mine) = (oauth.login("").unwrap().begin().unwrap(), oauth.login("").unwrap().begin().unwrap());
    let callback = browse(&stolen.url).await;
    let fitted = callback.replace(stolen.pending.state().expose(), mine.pending.state().expose());
    let error = oauth.exchange(mine.pending.accept(&fitted).unwrap()).await.unwrap_err();
    assert_eq!(code_of(&error), &OAuthErrorCode::InvalidGrant);
}

#[tokio::test]
async fn a_callback_of_another_login_is_refused_before_anything_is_sent() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let (pending, callback) = pending(&oauth);
    for (callback, expected) in [
        (callback.replace("state=", "x="), CallbackError::Missing("state")),
        (callback.replace("state=", "state=x"), CallbackError::WrongState),
        (format!("{callback}&state=hidden"), CallbackError::Duplicate("state")),
        (format!("{callback}&code=hidden"), CallbackError::Duplicate("code")),
        (format!("{callback}&iss=https://evil.example"), CallbackError::WrongIssuer),
        (callback.replace("code=", "x="), CallbackError::Missing("code")),
    ] {
        let error = oauth.finish(&pending, &callback).await.unwrap_err();
        tells_no_secret(&error);
        assert!(matches!(error, OAuthError::Callback(error) if error == expected), "{callback}");
    }
}

#[tokio::test]
async fn a_user_who_says_no_comes_back_with_an_error() {
    let server = server().await;
    server.state().page_says = Some("access_denied");
    let oauth = oauth_at(&server.url, secret_post());
    let login = oauth.login(scopes()).unwrap().begin().unwrap();
    let error = oauth.finish(&login.pending, &browse(&login.url).await).await.unwrap_err();
    assert_eq!(code_of(&error), &OAuthErrorCode::AccessDenied);
    assert_eq!(error.to_string(), "the authorization server refused: access_denied: The user said no");
    server.state().page_says = Some("an_error_of_tomorrow");
    let login = oauth.login(scopes()).unwrap().begin().unwrap();
    let error = oauth.finish(&login.pending, &browse(&login.url).await).await.unwrap_err();
    assert_eq!(code_of(&error), &OAuthErrorCode::Other("an_error_of_tomorrow".to_owned()));
}

#[tokio::test]
async fn answers_that_are_no_tokens_are_told_without_their_words() {
    let good = json!({"access_token": "polar_at_u_hidden", "token_type": "Bearer", "expires_in": 60, "scope": ""});
    let with = |name: &str, value: Value| {
        let mut answer = good.clone();
        answer[name] = value;
        answer.to_string()
    };
    let of_json = "content-type: application/json\r\n";
    for (status, headers, body, words) in [
        ("200 OK", "content-type: text/html\r\n", "<html>hidden</html>".to_owned(), "not a token response"),
        ("200 OK", of_json, String::new(), "not a token response"),
        ("200 OK", of_json, "\"hidden\"".to_owned(), "not a token response"),
        ("200 OK", of_json, with("access_token", json!("hid\nden")), "can't be sent in a header"),
        ("200 OK", of_json, with("access_token", json!("")), "its access token is missing"),
        ("200 OK", of_json, with("access_token", json!({"hidden": 1})), "its access token is missing"),
        ("200 OK", of_json, with("token_type", json!("mac")), "its token type is not `Bearer`"),
        ("500 Oh", "", "down".to_owned(), "500"),
        ("503 Oh", of_json, json!({"error": "temporarily_unavailable"}).to_string(), "503"),
        ("400 No", "", "no".to_owned(), "400"),
        ("302 Found", "location: https://evil.example/?t=polar_at_u_hidden\r\n", String::new(), "302"),
    ] {
        let server = Server::script([Fault::answer(status, headers, &body)]).await.unwrap();
        let oauth = oauth_at(&server.url, secret_post());
        let (pending, callback) = pending(&oauth);
        let error = oauth.finish(&pending, &callback).await.unwrap_err();
        assert!(matches!(error, OAuthError::Call(_)), "{body}: {error:?}");
        assert!(error.to_string().contains(words), "{body}: {error}");
        assert!(!error.must_sign_in());
        tells_no_secret(&error);
        assert_eq!(server.asked().len(), 1, "{body}: a code is not sent twice");
    }
}

#[tokio::test]
async fn a_token_endpoint_that_is_slow_or_sends_too_much_is_given_up() {
    let server = Server::script([Fault::Stall(Vec::new())]).await.unwrap();
    let slow = Polar::builder().base_url(&server.url).timeout(Duration::from_millis(50)).build().unwrap();
    let oauth = OAuthClient::new(slow, secret_post(), CALLBACK).unwrap();
    let error = oauth.refresh(&"polar_rt_u_hidden".into()).await.unwrap_err();
    assert!(matches!(&error, OAuthError::Call(call) if call.is_timeout()), "{error:?}");
    tells_no_secret(&error);
    assert_eq!(server.asked().len(), 1, "a refresh token is not sent twice");

    let server = Server::script([Fault::json("200 OK", &json!("x".repeat(10_000)))]).await.unwrap();
    let small = Polar::builder().base_url(&server.url).max_answer_size(1000).build().unwrap();
    let oauth = OAuthClient::new(small, secret_post(), CALLBACK).unwrap();
    let error = oauth.refresh(&"polar_rt_u_hidden".into()).await.unwrap_err();
    assert!(error.to_string().contains("is too large"), "{error}");
}
