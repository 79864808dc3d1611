//! The keys of ID tokens, and requests to the server that has them.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_logins_fetch_the_keys_once() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let (pending, _) = pending(&oauth);
    let id_token = Secret::from(server.state().key.sign(&claims("polar_ci_1", pending.nonce().expose())));
    let logins: Vec<_> = (0..1000)
        .map(|_| {
            let (oauth, id_token, nonce) = (oauth.clone(), id_token.clone(), pending.nonce().clone());
            tokio::spawn(async move { oauth.verify_id_token(&id_token, &nonce).await })
        })
        .collect();
    for login in logins {
        login.await.unwrap().unwrap();
    }
    assert_eq!(server.state().keys_asked, 1);
}

#[tokio::test]
async fn two_hundred_forged_key_names_cost_one_fetch() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let (pending, _) = pending(&oauth);
    let claims = claims("polar_ci_1", pending.nonce().expose());
    let good = Secret::from(server.state().key.sign(&claims));
    oauth.verify_id_token(&good, pending.nonce()).await.unwrap();
    for number in 0..200 {
        let header = json!({"alg": "RS256", "kid": format!("forged_{number}")});
        let forged = Secret::from(server.state().key.sign_with(&header, &claims));
        let error = oauth.verify_id_token(&forged, pending.nonce()).await.unwrap_err();
        assert!(matches!(error, OAuthError::IdToken(IdTokenError::UnknownKey)), "{error}");
    }
    assert_eq!(server.state().keys_asked, 2);
    oauth.verify_id_token(&good, pending.nonce()).await.unwrap();
}

#[tokio::test]
async fn odd_keys_in_the_set_are_skipped() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let (pending, _) = pending(&oauth);
    let odd = [json!(7), json!({"kty": 7}), json!({"kty": "OKP", "crv": "Ed25519", "x": ["?"]}), json!({"n": "AQAB"})];
    let published = odd.into_iter().chain([server.state().key.published()]).collect();
    server.state().published = published;
    let id_token = server.state().key.sign(&claims("polar_ci_1", pending.nonce().expose()));
    oauth.verify_id_token(&id_token.into(), pending.nonce()).await.unwrap();
}

#[tokio::test]
async fn keys_of_another_host_get_no_header_of_the_client() {
    let mock = MockTransport::new();
    let document = json!({
        "issuer": "https://polar.sh", "jwks_uri": "https://keys.example/jwks", "authorization_endpoint": "",
        "token_endpoint": "",
    });
    mock.on("openid:discovery", Reply::json(200, &document));
    mock.on("openid:keys", Reply::json(200, &json!({"keys": []})));
    let organization = polar_client::uuid::Uuid::nil();
    let polar = Polar::builder()
        .access_token("polar_oat_hidden")
        .organization(organization)
        .default_header("x-gateway-key", "hidden")
        .default_header("authorization", "Bearer hidden");
    let oauth = OAuthClient::new(polar.transport(mock.clone()).build().unwrap(), secret_post(), CALLBACK).unwrap();
    let (pending, _) = pending(&oauth);
    let id_token = SigningKey::new("key_1").unwrap().sign(&claims("polar_ci_1", pending.nonce().expose()));
    oauth.verify_id_token(&id_token.into(), pending.nonce()).await.unwrap_err();

    let headers = |operation: &str| -> Vec<String> {
        let sent = mock.sent().into_iter().find(|sent| sent.operation == operation).unwrap();
        sent.request.headers().keys().map(|name| name.as_str().to_owned()).collect()
    };
    assert!(headers("openid:discovery").contains(&"x-gateway-key".to_owned()));
    let mut sent = headers("openid:keys");
    sent.sort();
    assert_eq!(sent, ["accept", "user-agent"]);
}

#[tokio::test]
async fn a_login_for_openid_without_an_id_token_is_refused() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    server.state().token_properties = json!({"id_token": null}).as_object().unwrap().clone();
    for (scope, needs_one) in [("openid email", true), ("email", false), ("", false)] {
        let login = oauth.login(scope).unwrap().begin().unwrap();
        // The session stores it in between.
        let kept: PendingLogin = serde_json::from_str(&serde_json::to_string(&login.pending).unwrap()).unwrap();
        match oauth.finish(&kept, &browse(&login.url).await).await {
            Ok(user) => assert!(!needs_one && user.identity.is_none(), "{scope}"),
            Err(error) => {
                assert!(needs_one && matches!(error, OAuthError::IdToken(IdTokenError::Absent)), "{scope}: {error}");
                tells_no_secret(&error);
            }
        }
    }
}

#[test]
fn secrets_are_sent_over_plain_http_on_loopback_only() {
    for (url, is_allowed) in [
        ("http://localhost:8000", true),
        ("http://app.localhost", true),
        ("http://127.0.0.1:8000", true),
        ("http://[::1]:8000", true),
        ("https://polar.example", true),
        ("http://polar.example", false),
        ("http://192.168.1.7", false),
        ("http://10.0.0.1", false),
        ("http://localhost.example", false),
    ] {
        let polar = Polar::builder().base_url(url).allow_insecure_base_url().transport(MockTransport::new());
        let polar = polar.build().unwrap();
        match OAuthClient::new(polar, secret_post(), CALLBACK) {
            Ok(_) => assert!(is_allowed, "{url}"),
            Err(error) => {
                assert!(
                    !is_allowed && error.to_string().contains("the base URL has the scheme `http`"),
                    "{url}: {error}"
                );
            }
        }
    }
}
