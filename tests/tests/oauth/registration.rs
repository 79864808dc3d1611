//! Registered clients, and the other OAuth operations of the document.

use super::*;

#[tokio::test]
async fn a_client_is_registered_read_changed_and_deleted() {
    let server = AuthorizationServer::start().await.unwrap();
    // The token of the client is not sent where it would be rejected.
    let polar = Polar::builder().base_url(&server.url).access_token("polar_pat_1").build().unwrap();
    let clients = polar.oauth2().clients();
    let config = OAuthClientConfig::new("My App", ["https://example.com/auth/callback"])
        .client_uri("https://example.com")
        .logo_uri("https://example.com/logo.png")
        .tos_uri("https://example.com/terms")
        .policy_uri("https://example.com/privacy")
        .token_endpoint_auth_method(TokenEndpointAuthMethod::ClientSecretBasic)
        .grant_types([OAuth2GrantType::AuthorizationCode, OAuth2GrantType::RefreshToken])
        .response_types(["code"])
        .scope(scopes())
        .default_sub_type(SubType::User);
    let body: OAuth2ClientConfiguration = config.create_body().unwrap();
    let made = clients.create(body).await.unwrap();
    assert_eq!((made.client_id_issued_at, made.client_secret_expires_at), (Some(1_790_000_000), Some(0)));
    assert_eq!(made.token_endpoint_auth_method, Some(TokenEndpointAuthMethod::ClientSecretBasic));
    assert_eq!(made.scope.as_deref(), Some("email openid products:read"));
    assert!(made.client_secret.as_ref().unwrap().expose().starts_with("polar_cs_"));
    assert!(made.registration_client_uri.as_ref().unwrap().ends_with(&made.client_id));
    shows_no_secret(&format!("{made:?}"));

    // The defaults of the server.
    let least = OAuthClientConfig::new("Public", ["myapp://callback"]).token_endpoint_auth_method("none");
    let public = clients.create(least.create_body().unwrap()).await.unwrap();
    assert!(public.client_secret.is_none() && public.client_secret_expires_at.is_none());
    assert_eq!(public.grant_types, Some(vec!["authorization_code".to_owned(), "refresh_token".to_owned()]));

    let token = made.registration_access_token.as_ref().unwrap().expose();
    let read = clients.get(&made.client_id).access_token(token).await.unwrap();
    assert_eq!(read.redirect_uris, ["https://example.com/auth/callback"]);
    assert_eq!(read.client_secret, made.client_secret, "it is shown again");
    assert!(clients.get(&made.client_id).access_token("polar_crt_other").await.unwrap_err().is_unauthorized());
    let error = clients.get(&made.client_id).await.unwrap_err();
    assert!(
        error.to_string().contains("does not accept a personal access token, only an OAuth client registration token"),
        "{error}"
    );

    let more = ["https://example.com/auth/callback", "https://staging.example.com/auth/callback"];
    let changed = OAuthClientConfig::of(&read).unwrap().client_name("My App (Updated)").redirect_uris(more);
    let body: OAuth2ClientConfigurationUpdate = changed.update_body(&made.client_id).unwrap();
    let updated = clients.update(&made.client_id, body).access_token(token).await.unwrap();
    assert_eq!((updated.client_name.as_str(), updated.redirect_uris.len()), ("My App (Updated)", 2));
    assert_eq!(updated.logo_uri, made.logo_uri, "what was not changed stays");
    assert_eq!(updated.token_endpoint_auth_method, made.token_endpoint_auth_method);

    clients.delete(&made.client_id).access_token(token).await.unwrap();
    assert!(clients.get(&made.client_id).access_token(token).await.is_err());
}

#[tokio::test]
async fn only_a_browser_session_lists_clients_and_reads_a_consent() {
    let server = AuthorizationServer::start().await.unwrap();
    assert_eq!(Oauth2ClientsListRequest::OPERATION.token_kinds(), [TokenKind::BrowserSession]);
    for token in ["polar_pat_1", "polar_oat_1", "polar_at_u_1", "polar_crt_1"] {
        let polar = Polar::builder().base_url(&server.url).access_token(token).build().unwrap();
        let list = polar.oauth2().clients().list().await.map(|_| ()).unwrap_err();
        let consent = polar.oauth2().authorize().await.map(|_| ()).unwrap_err();
        for error in [list, consent] {
            assert!(error.is_request(), "it is not sent: {error}");
            assert!(error.to_string().contains("only a browser session (a cookie of Polar's website"), "{error}");
        }
        let polar = Polar::builder().base_url(&server.url).access_token(token).without_token_check().build().unwrap();
        assert!(polar.oauth2().clients().list().await.unwrap_err().status().is_some(), "it is sent");
    }
    let error = polar(&server.url).oauth2().clients().list().await.unwrap_err();
    assert!(error.to_string().contains("the operation accepts only a browser session"), "{error}");
    let listed = polar(&server.url).oauth2().clients().list().header("cookie", "polar_session=polar_us_1").await;
    assert_eq!(listed.unwrap().items.len(), 0);
    let error = Polar::new("polar_us_hidden").unwrap_err();
    assert!(error.to_string().contains("a browser session is not an access token"), "{error}");
    tells_no_secret(&error);
}

#[test]
fn what_a_client_can_be_registered_with_is_what_the_document_lists() {
    fn texts<T: ToString>(variants: &[T]) -> Vec<String> {
        variants.iter().map(T::to_string).collect()
    }
    let document = Document::load().unwrap();
    let schema = "#/components/schemas/OAuth2ClientConfiguration/properties";
    let registered = document.at(&format!("{schema}/scope/default")).as_str().unwrap();
    for (name, allowed) in OAuthClientConfig::ALLOWED {
        let listed = match *name {
            "token_endpoint_auth_method" => texts(TokenEndpointAuthMethod::VARIANTS),
            "grant_types" => texts(OAuth2GrantType::VARIANTS),
            "default_sub_type" => texts(SubType::VARIANTS),
            "response_types" => {
                vec![document.at(&format!("{schema}/response_types/items/const")).as_str().unwrap().to_owned()]
            }
            "scope" => registered.split_whitespace().map(str::to_owned).collect(),
            other => panic!("{other} is not compared"),
        };
        assert_eq!(*allowed, listed, "{name}: the list is in runtime/src/oauth2/allowed.rs");
    }
    let unknown: Vec<_> =
        registered.split_whitespace().map(Scope::from).filter(|scope| !Scope::VARIANTS.contains(scope)).collect();
    assert_eq!(unknown, []);
}

#[test]
fn the_operations_of_the_flow_are_those_of_the_document() {
    for (operation, id, path) in [
        (Oauth2RequestTokenRequest::OPERATION, "oauth2:request_token", "/v1/oauth2/token"),
        (Oauth2RevokeTokenRequest::OPERATION, "oauth2:revoke_token", "/v1/oauth2/revoke"),
        (Oauth2IntrospectTokenRequest::OPERATION, "oauth2:introspect_token", "/v1/oauth2/introspect"),
    ] {
        assert_eq!((operation.id, operation.path), (id, path));
    }
}

#[tokio::test]
async fn a_mock_answers_the_whole_flow() {
    let mock = MockTransport::new();
    let answer = json!({"access_token": "polar_at_u_1", "token_type": "bearer", "expires_in": 60, "id_token": null});
    mock.on("oauth2:request_token", Reply::json(200, &answer));
    mock.on("products:list", Reply::json(200, &json!({"items": [], "pagination": {"total_count": 0, "max_page": 0}})));
    let polar = Polar::builder().transport(mock.clone()).access_token("polar_oat_own").build().unwrap();
    let oauth = OAuthClient::new(&polar, ClientCredentials::basic("polar_ci_1", "polar_cs_1"), CALLBACK).unwrap();
    let pending = oauth.login("products:read").unwrap().begin().unwrap().pending;
    let callback = format!("?code=polar_ac_1&state={}", pending.state().expose());
    let user = oauth.finish(&pending, &callback).await.unwrap();
    assert!(user.identity.is_none());
    let tokens = RefreshingTokens::new(oauth, MemoryTokenStore::new(user.tokens));
    polar.with_token_provider(tokens).products().list().await.unwrap();
    let sent = mock.sent();
    let header = |index: usize| sent[index].request.headers()["authorization"].to_str().unwrap().to_owned();
    assert_eq!((header(0).as_str(), header(1).as_str()), ("Basic cG9sYXJfY2lfMTpwb2xhcl9jc18x", "Bearer polar_at_u_1"));
    let form = String::from_utf8(sent[0].request.body().to_vec()).unwrap();
    let names: Vec<String> = url::form_urlencoded::parse(form.as_bytes()).map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["grant_type", "code", "redirect_uri", "code_verifier"]);
}

/// A provider without a method for rejected tokens still compiles, and the API's response is returned.
#[tokio::test]
async fn a_plain_provider_is_not_asked_twice() {
    struct Fixed(AtomicUsize);
    impl TokenProvider for Fixed {
        async fn access_token(&self) -> Result<SecretString, BoxError> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Ok("polar_at_u_old".into())
        }
    }
    let server = server().await;
    let provider = Arc::new(Fixed(AtomicUsize::new(0)));
    let polar = polar(&server.url).with_token_provider(Arc::clone(&provider));
    let error = polar.oauth2().userinfo().await.unwrap_err();
    assert!(error.is_unauthorized() && error.attempts() == 1);
    assert_eq!(provider.0.load(Ordering::SeqCst), 1);
}
