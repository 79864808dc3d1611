//! Inspection of tokens: introspection, discovery, and ID tokens.

use super::*;

#[tokio::test]
async fn tokens_are_looked_at_and_revoked() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let tokens = signed_in(&oauth).await;
    let active: IntrospectTokenResponse = oauth.introspect(&tokens.access_token).await.unwrap();
    assert!(active.active && active.sub.as_deref() == Some("user_1") && active.sub_type == Some(SubType::User));
    assert_eq!(active.token_type, Some(TokenType::Bearer));
    oauth.revoke(tokens.refresh_token.as_ref().unwrap()).await.unwrap();
    let ended: IntrospectTokenResponse = oauth.introspect(&tokens.access_token).await.unwrap();
    assert!(!ended.active && ended.sub.is_none(), "it says nothing else: {ended:?}");
    oauth.revoke(&tokens.access_token).await.unwrap();

    let public = oauth_at(&server.url, ClientCredentials::public("polar_ci_1"));
    let error = public.revoke(&tokens.access_token).await.unwrap_err();
    assert_eq!(code_of(&error), &OAuthErrorCode::InvalidClient);
    tells_no_secret(&error);
    server.register("polar_ci_1", "none", CALLBACK);
    let error = public.introspect::<IntrospectTokenResponse>(&tokens.access_token).await.unwrap_err();
    assert_eq!(code_of(&error), &OAuthErrorCode::InvalidClient, "a public client may not ask");
    server.register("polar_ci_1", "client_secret_post", CALLBACK);
    let error = oauth.refresh(tokens.refresh_token.as_ref().unwrap()).await.unwrap_err();
    assert!(error.must_sign_in());
}

#[tokio::test]
async fn the_discovery_document_is_that_of_the_server_that_was_asked() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let about = oauth.discover().await.unwrap();
    assert_eq!(about.token_endpoint, format!("{}/v1/oauth2/token", server.url));
    assert_eq!(about.code_challenge_methods_supported, ["S256"]);
    assert_eq!(about.extra["subject_types_supported"], json!(["public"]));
    assert!(!about.authorization_response_iss_parameter_supported);

    server.state().issuer = "https://evil.example".to_owned();
    let error = oauth.discover().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the discovery document is invalid: its issuer is `https://evil.example`, expected `https://polar.sh`"
    );
    let (pending, _) = pending(&oauth);
    let id_token = server.state().key.sign(&claims("polar_ci_1", pending.nonce().expose())).into();
    let error = oauth.verify_id_token(&id_token, pending.nonce()).await.unwrap_err();
    assert!(matches!(error, OAuthError::Discovery(_)), "no key is taken from there");

    let mut document = json!(null);
    for uri in ["http://evil.example/keys", "keys", "file:///keys"] {
        document = json!({
            "issuer": "https://polar.sh", "jwks_uri": uri, "authorization_endpoint": "", "token_endpoint": "",
        });
        let mock = MockTransport::new();
        mock.on("openid:discovery", Reply::json(200, &document));
        let polar = Polar::builder().transport(mock).build().unwrap();
        let oauth = OAuthClient::new(polar, secret_post(), CALLBACK).unwrap();
        assert!(matches!(oauth.discover().await, Err(OAuthError::Discovery(_))), "{uri}");
    }
    assert!(document.is_object());
}

#[tokio::test]
async fn an_id_token_is_trusted_only_as_the_server_signed_it_for_this_login() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let (pending, _) = pending(&oauth);
    let nonce = pending.nonce().expose();
    let good = claims("polar_ci_1", nonce);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    let sign = |claims: &Value| server.state().key.sign(claims);
    let verify = async |token: &str| oauth.verify_id_token(&Secret::from(token), pending.nonce()).await;

    let two = json!(["polar_ci_1", "polar_ci_2"]);
    let mut several = with("aud", two.clone());
    several["azp"] = json!("polar_ci_1");
    for claims in [good.clone(), with("aud", json!("polar_ci_1")), several.clone(), with("more", json!([1]))] {
        assert_eq!(verify(&sign(&claims)).await.unwrap().subject, "user_1");
    }
    assert_eq!(server.state().keys_asked, 1, "keys are kept");

    several["azp"] = json!("polar_ci_2");
    for (claims, expected) in [
        (with("iss", json!("https://evil.example")), IdTokenError::WrongIssuer),
        (with("aud", json!(["polar_ci_2"])), IdTokenError::WrongAudience),
        (with("aud", two), IdTokenError::WrongParty),
        (several, IdTokenError::WrongParty),
        (with("exp", json!(1)), IdTokenError::Expired),
        (with("nonce", json!("hidden")), IdTokenError::WrongNonce),
        (without("nonce"), IdTokenError::Missing("nonce")),
        (without("exp"), IdTokenError::Missing("exp")),
        (without("aud"), IdTokenError::Missing("aud")),
        (without("iss"), IdTokenError::Missing("iss")),
        (without("sub"), IdTokenError::Missing("sub")),
        (with("sub", json!("")), IdTokenError::Missing("sub")),
        (with("sub", json!(" ")), IdTokenError::Missing("sub")),
        (with("iat", json!(4_102_444_800_i64)), IdTokenError::IssuedInFuture),
    ] {
        refused(verify(&sign(&claims)).await, expected, &claims.to_string());
    }

    // Changed after it was signed, or signed in another way.
    let signed = sign(&good);
    let (text, signature) = signed.rsplit_once('.').unwrap();
    let header = json!({"alg": "RS256", "kid": "key_1"});
    let forged = unsigned(&header, &with("sub", json!("user_2")));
    refused(verify(&format!("{forged}.{signature}")).await, IdTokenError::WrongSignature, "another user");
    refused(verify(&format!("{text}.")).await, IdTokenError::WrongSignature, "no signature");
    for algorithm in ["none", "None", "HS256", "RS512", "PS256", "ES256"] {
        let header = json!({"alg": algorithm, "kid": "key_1"});
        let token = server.state().key.sign_with(&header, &good);
        refused(verify(&token).await, IdTokenError::WrongAlgorithm, algorithm);
        let bare = format!("{}.", unsigned(&header, &good));
        refused(verify(&bare).await, IdTokenError::WrongAlgorithm, algorithm);
    }
    let public_bytes = server.state().key.public_bytes();
    let published = server.state().published[0].to_string().into_bytes();
    for published in [public_bytes, published] {
        use aws_lc_rs::hmac;
        use base64::Engine as _;
        for algorithm in ["HS256", "RS256"] {
            let text = unsigned(&json!({"alg": algorithm, "kid": "key_1"}), &good);
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &published), text.as_bytes());
            let token = format!("{text}.{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(tag));
            let error = verify(&token).await.unwrap_err();
            assert!(matches!(error, OAuthError::IdToken(_)), "{algorithm}: {error}");
        }
    }
    for text in ["", "hidden", "a.b.c", "..", &text.replace('.', "")] {
        refused(verify(text).await, IdTokenError::Malformed, text);
    }
    let critical = server.state().key.sign_with(&json!({"alg": "RS256", "kid": "key_1", "crit": ["b64"]}), &good);
    refused(verify(&critical).await, IdTokenError::Malformed, "an extension that is not known");
    assert_eq!(server.state().keys_asked, 1);
}

fn refused<T: Debug>(result: Result<T, OAuthError>, expected: IdTokenError, what: &str) {
    match result {
        Err(error) => {
            tells_no_secret(&error);
            assert!(matches!(&error, OAuthError::IdToken(found) if *found == expected), "{what}: {error}");
        }
        Ok(value) => panic!("{what} is trusted: {value:?}"),
    }
}

#[tokio::test]
async fn keys_are_fetched_anew_once_when_the_server_has_changed_them() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let (pending, _) = pending(&oauth);
    let good = claims("polar_ci_1", pending.nonce().expose());
    let verify = async |token: &str| oauth.verify_id_token(&Secret::from(token), pending.nonce()).await;
    let old = server.state().key.sign(&good);
    verify(&old).await.unwrap();

    let key = SigningKey::new("key_2").unwrap();
    let other_use = json!({"kty": "RSA", "use": "enc", "kid": "key_2", "n": "AQAB", "e": "AQAB"});
    let other_type = json!({"kty": "oct", "kid": "key_2", "k": "aGlkZGVu"});
    server.state().published = vec![other_use, other_type, key.published()];
    verify(&key.sign(&good)).await.unwrap();
    assert_eq!(server.state().keys_asked, 2);

    let stranger = SigningKey::new("key_3").unwrap();
    refused(verify(&stranger.sign(&good)).await, IdTokenError::UnknownKey, "a key that is not published");
    assert_eq!(server.state().keys_asked, 3);
    refused(verify(&old).await, IdTokenError::UnknownKey, "a key that is published no more");

    let nameless = key.sign_with(&json!({"alg": "RS256"}), &good);
    verify(&nameless).await.unwrap();
    server.state().published.push(stranger.published());
    let fresh = oauth_at(&server.url, secret_post());
    let error = fresh.verify_id_token(&nameless.into(), pending.nonce()).await;
    refused(error, IdTokenError::UnknownKey, "which of two keys is not said");
}

#[test]
fn userinfo_tells_users_from_organizations() {
    for (text, is_user) in [
        (json!({"sub": "1"}), true),
        (json!({"sub": "1", "email": "ada@example.com", "email_verified": true}), true),
        (json!({"sub": "1", "email": null, "email_verified": null}), true),
        (json!({"sub": "1", "email": "ada@example.com", "name": "Ada"}), true),
        (json!({"sub": "1", "picture": "https://example.com/ada.png"}), true),
        (json!({"sub": "1", "name": null}), true),
        (json!({"sub": "1", "name": null, "email": null}), true),
        (json!({"sub": "1", "name": "acme"}), false),
    ] {
        let read: UserInfo = serde_json::from_value(text.clone()).unwrap();
        assert_eq!(matches!(read, UserInfo::User(_)), is_user, "{text}: {read:?}");
        assert_eq!(matches!(read, UserInfo::Organization(_)), !is_user, "{text}: {read:?}");
        assert_eq!(read.sub().map(String::as_str), Some("1"), "{text}");
    }
}
