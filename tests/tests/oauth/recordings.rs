//! Responses of the real server, if they are available.

use std::path::Path;

use super::*;

/// The recordings of these operations, each with the name of its file.
fn recordings(operations: &[&str]) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/recordings");
    let Ok(files) = std::fs::read_dir(folder) else {
        eprintln!("skipped: no ../shared/recordings");
        return Vec::new();
    };
    let paths = files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "json"));
    let read = paths.map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap())
    });
    let found: Vec<_> = read.filter(|(_, it)| operations.contains(&it["operation"].as_str().unwrap())).collect();
    assert!(!found.is_empty(), "the recordings have none of {operations:?}");
    found
}

/// An OAuth client whose next call of this operation gets the recorded response.
fn answering(operation: &'static str, recording: &Value) -> (Polar, OAuthClient) {
    let mock = MockTransport::new();
    let status = recording["response"]["status"].as_u64().unwrap();
    mock.on(operation, Reply::json(u16::try_from(status).unwrap(), &recording["response"]["body"]));
    let polar = Polar::builder().transport(mock).build().unwrap();
    let oauth = OAuthClient::new(&polar, secret_post(), CALLBACK).unwrap();
    (polar, oauth)
}

#[test]
fn recorded_redirects_end_their_logins() {
    for (name, recording) in recordings(&["oauth2:authorize", "oauth2:consent"]) {
        let Some(location) = recording["response"]["headers"]["location"].as_str() else { continue };
        let asked: Vec<_> = url::form_urlencoded::parse(recording["request"]["query"].as_str().unwrap().as_bytes())
            .into_owned()
            .collect();
        let pending: PendingLogin = serde_json::from_value(json!({
            "state": value(&asked, "state"), "nonce": "n", "verifier": "v", "issuer": "https://polar.sh",
            "redirect_uri": value(&asked, "redirect_uri"),
        }))
        .unwrap();
        match (value(&query(location), "error"), pending.accept(location)) {
            (None, Ok(_)) => {}
            (Some(code), Err(error)) => assert_eq!(code_of(&error).as_str(), code, "{name}"),
            (_, accepted) => panic!("{name}: {accepted:?}"),
        }
    }
}

#[tokio::test]
async fn recorded_tokens_are_read() {
    for (name, recording) in recordings(&["oauth2:request_token"]) {
        let (_, oauth) = answering("oauth2:request_token", &recording);
        let body = &recording["response"]["body"];
        match (body["error"].as_str(), oauth.refresh(&"polar_rt_u_1".into()).await) {
            (None, Ok(tokens)) => {
                let life = (tokens.expires_at - tokens.issued_at).num_seconds();
                let text = |secret: Option<&Secret>| secret.map_or(Value::Null, |secret| secret.expose().into());
                assert_eq!(json!(life), body["expires_in"], "{name}");
                assert_eq!(json!(tokens.scope), body["scope"], "{name}");
                assert_eq!(text(tokens.refresh_token.as_ref()), body["refresh_token"], "{name}");
                assert_eq!(text(tokens.id_token.as_ref()), body["id_token"], "{name}");
            }
            (Some(code), Err(error)) => assert_eq!(code_of(&error).as_str(), code, "{name}"),
            (_, read) => panic!("{name}: {read:?}"),
        }
    }
}

#[tokio::test]
async fn recorded_introspections_know_the_type_of_a_token() {
    for (name, recording) in recordings(&["oauth2:introspect_token"]) {
        let (_, oauth) = answering("oauth2:introspect_token", &recording);
        let read: IntrospectTokenResponse = oauth.introspect(&"polar_at_u_1".into()).await.unwrap();
        assert_eq!(read.token_type, read.active.then_some(TokenType::Bearer), "{name}");
        assert_eq!(serde_json::to_value(&read).unwrap(), recording["response"]["body"], "{name}");
    }
}

#[tokio::test]
async fn recorded_users_are_users() {
    for (name, recording) in recordings(&["oauth2:userinfo"]) {
        let (polar, _) = answering("oauth2:userinfo", &recording);
        match polar.oauth2().userinfo().access_token("polar_at_u_1").await {
            Ok(UserInfo::User(user)) => assert_eq!(json!(user.sub), recording["response"]["body"]["sub"], "{name}"),
            Ok(other) => panic!("{name}: {other:?}"),
            Err(error) => {
                assert_eq!(json!(error.status().unwrap().as_u16()), recording["response"]["status"], "{name}")
            }
        }
    }
}

#[test]
fn recorded_clients_allow_the_redirect_uris_of_their_registration() {
    for (name, recording) in recordings(&["oauth2:clients:oauth2:create_client", "oauth2:clients:oauth2:update_client"])
    {
        let sent = recording["request"]["body"]["redirect_uris"].as_array().into_iter().flatten();
        if recording["response"]["body"]["client_id"].is_null() {
            continue;
        }
        let client: OAuth2ClientInformation = serde_json::from_value(recording["response"]["body"].clone()).unwrap();
        let config = OAuthClientConfig::of(&client).unwrap();
        for uri in sent {
            assert!(config.allows_redirect(uri.as_str().unwrap()), "{name}");
        }
        let is_usable = !client.redirect_uris.is_empty();
        assert_eq!(config.update_body::<Value>(&client.client_id).is_ok(), is_usable, "{name}");
    }
}
