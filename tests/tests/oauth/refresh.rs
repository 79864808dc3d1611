//! Tokens that refresh themselves, and stores that fail.

use super::*;

/// A store that counts, and can fail.
#[derive(Clone, Default)]
struct Counting {
    store: MemoryTokenStore,
    saves: Arc<AtomicUsize>,
    broken: Arc<AtomicBool>,
}

impl TokenStore for Counting {
    async fn load(&self) -> Result<Option<Tokens>, BoxError> {
        self.store.load().await
    }

    async fn save(&self, tokens: &Tokens) -> Result<(), BoxError> {
        self.saves.fetch_add(1, Ordering::SeqCst);
        if self.broken.load(Ordering::SeqCst) {
            return Err(io::Error::other("the disk is full").into());
        }
        self.store.save(tokens).await
    }

    async fn clear(&self) -> Result<(), BoxError> {
        self.store.clear().await
    }
}

/// Tokens that have to be refreshed: they have expired.
async fn expired(server: &AuthorizationServer, oauth: &OAuthClient) -> Tokens {
    server.state().expires_in = 0;
    let tokens = signed_in(oauth).await;
    server.state().expires_in = 3600;
    tokens
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_calls_refresh_once() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let former = expired(&server, &oauth).await;
    let store = Counting { store: MemoryTokenStore::new(former.clone()), ..Counting::default() };
    let tokens = RefreshingTokens::new(oauth, store.clone());
    let polar = polar(&server.url).with_token_provider(tokens.clone());
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let polar = polar.clone();
            tokio::spawn(async move { polar.oauth2().userinfo().await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!((server.state().refreshes, store.saves.load(Ordering::SeqCst)), (1, 1));
    let kept = store.store.load().await.unwrap().unwrap();
    assert_eq!(kept, tokens.tokens().await.unwrap());
    assert_ne!(kept.refresh_token, former.refresh_token);
    assert!(server.state().refresh.contains_key(kept.refresh_token.unwrap().expose()), "the one that works is kept");
    shows_no_secret(&format!("{tokens:?} {store:?}", store = store.store));
}

#[tokio::test]
async fn a_refused_access_token_is_refreshed_once_and_the_call_sent_again() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let tokens = RefreshingTokens::new(oauth.clone(), MemoryTokenStore::new(signed_in(&oauth).await));
    let polar = polar(&server.url).with_token_provider(tokens.clone());
    polar.oauth2().userinfo().await.unwrap();
    assert_eq!(server.state().refreshes, 0);

    // The server revokes them early.
    server.state().access.clear();
    let calls: Vec<_> = (0..100).map(|_| tokio::spawn(polar.oauth2().userinfo().into_future())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(server.state().refreshes, 1);

    // A token that is always rejected: one refresh, and the API's own error.
    let first = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&first);
    let strict = Server::start(move |asked: &Asked| {
        seen.lock().unwrap().push(asked.headers["authorization"].clone());
        Told::json(401, &json!({"error": "invalid_token", "error_description": "no"}))
    })
    .await
    .unwrap();
    let polar = self::polar(&strict.url).with_token_provider(tokens);
    let error = polar.oauth2().userinfo().await.unwrap_err();
    assert!(error.is_unauthorized() && error.attempts() == 2, "{error}");
    assert_eq!(server.state().refreshes, 2);
    let seen = first.lock().unwrap();
    assert!(seen.len() == 2 && seen[0] != seen[1]);
}

#[tokio::test]
async fn other_refusals_and_other_tokens_are_not_refreshed() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let tokens = RefreshingTokens::new(oauth.clone(), MemoryTokenStore::new(signed_in(&oauth).await));
    let no =
        Server::start(|_: &Asked| Told::json(401, &json!({"error": "Unauthorized", "detail": "no"}))).await.unwrap();
    let polar = polar(&no.url).with_token_provider(tokens.clone());
    assert!(polar.oauth2().userinfo().await.unwrap_err().is_unauthorized());
    let polar = self::polar(&server.url).with_token_provider(tokens);
    assert!(polar.oauth2().userinfo().access_token("polar_at_u_other").await.unwrap_err().is_unauthorized());
    assert_eq!((server.state().refreshes, no.asked().len()), (0, 1));
}

#[tokio::test]
async fn a_refresh_token_that_works_no_more_is_one_error_for_all_and_asked_about_once() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let store = MemoryTokenStore::new(expired(&server, &oauth).await);
    server.state().refresh.clear();
    let tokens = RefreshingTokens::new(oauth.clone(), store.clone());
    let polar = polar(&server.url).with_token_provider(tokens.clone());
    let calls: Vec<_> = (0..50).map(|_| tokio::spawn(polar.oauth2().userinfo().into_future())).collect();
    for call in calls {
        let error = call.await.unwrap().unwrap_err();
        assert!(error.is_request(), "nothing was sent: {error}");
        let beneath = OAuthError::beneath(&error).unwrap();
        assert!(beneath.must_sign_in(), "{beneath}");
        assert!(beneath.to_string().ends_with("(sign in again)"), "{beneath}");
        tells_no_secret(&error);
    }
    assert!(tokens.tokens().await.unwrap_err().must_sign_in());
    assert_eq!(server.state().refreshes, 1);

    // After a new login it continues; also if another process did that, and only the store knows.
    store.save(&signed_in(&oauth).await).await.unwrap();
    polar.oauth2().userinfo().await.unwrap();
    tokens.sign_in(signed_in(&oauth).await).await.unwrap();
    polar.oauth2().userinfo().await.unwrap();
}

#[tokio::test]
async fn the_loser_of_a_race_waits_for_the_winner_to_save() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let former = expired(&server, &oauth).await;

    /// Returns the tokens from before the race three times, and then those that the other process saved.
    struct Racing(Tokens, AtomicUsize, MemoryTokenStore);
    impl TokenStore for Racing {
        async fn load(&self) -> Result<Option<Tokens>, BoxError> {
            match self.1.fetch_add(1, Ordering::SeqCst) {
                0..=2 => Ok(Some(self.0.clone())),
                _ => self.2.load().await,
            }
        }
        async fn save(&self, tokens: &Tokens) -> Result<(), BoxError> {
            self.2.save(tokens).await
        }
        async fn clear(&self) -> Result<(), BoxError> {
            self.2.clear().await
        }
    }

    let other = RefreshingTokens::new(oauth.clone(), MemoryTokenStore::new(former.clone()));
    let saved = other.tokens().await.unwrap();
    let store = Racing(former, AtomicUsize::new(0), MemoryTokenStore::new(saved.clone()));
    let tokens = RefreshingTokens::new(oauth, store);
    assert_eq!(tokens.tokens().await.unwrap(), saved);
    assert_eq!(server.state().refreshes, 2, "the second of them was refused");
}

#[tokio::test]
async fn a_store_that_fails_loses_no_refresh_token() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let store = Counting { store: MemoryTokenStore::new(expired(&server, &oauth).await), ..Counting::default() };
    store.broken.store(true, Ordering::SeqCst);
    let tokens = RefreshingTokens::new(oauth, store.clone());
    let polar = polar(&server.url).with_token_provider(tokens.clone());
    for _ in 0..3 {
        let error = polar.oauth2().userinfo().await.unwrap_err();
        let beneath = OAuthError::beneath(&error).unwrap();
        assert!(matches!(beneath, OAuthError::Store(_)) && !beneath.must_sign_in(), "{beneath:?}");
        assert_eq!(beneath.source().unwrap().to_string(), "the disk is full");
    }
    assert_eq!(server.state().refreshes, 1, "the tokens are there, and only have to be saved");
    store.broken.store(false, Ordering::SeqCst);
    polar.oauth2().userinfo().await.unwrap();
    assert_eq!(server.state().refreshes, 1);
    let kept = store.store.load().await.unwrap().unwrap();
    assert!(server.state().refresh.contains_key(kept.refresh_token.unwrap().expose()));
}

#[tokio::test]
async fn a_rotated_refresh_token_is_kept_if_the_access_token_is_odd() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    for odd in [json!({"access_token": null}), json!({"access_token": "a b"}), json!({"token_type": "mac"})] {
        let former = expired(&server, &oauth).await;
        let store = MemoryTokenStore::new(former.clone());
        let tokens = RefreshingTokens::new(oauth.clone(), store.clone());
        server.state().token_properties = odd.as_object().unwrap().clone();
        let error = tokens.tokens().await.unwrap_err();
        assert!(matches!(error, OAuthError::Call(_)) && !error.must_sign_in(), "{odd}: {error}");
        tells_no_secret(&error);
        let kept = store.load().await.unwrap().unwrap();
        assert_eq!((&kept.refresh_token, &kept.access_token), (&error.refresh_token(), &former.access_token), "{odd}");

        server.state().token_properties.clear();
        tokens.tokens().await.unwrap();
    }
}

#[tokio::test]
async fn a_refresh_ends_well_where_nobody_waits_for_it_any_more() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let former = expired(&server, &oauth).await;
    let store = MemoryTokenStore::new(former.clone());
    let tokens = RefreshingTokens::new(oauth, store.clone());

    let call = tokens.tokens();
    let mut call = Box::pin(call);
    // Polled once, and dropped: the request was sent by then.
    let waker = std::task::Waker::noop();
    assert!(call.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
    drop(call);
    let saved = async {
        while store.load().await.unwrap().unwrap() == former {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), saved).await.unwrap();
    let kept = store.load().await.unwrap().unwrap();
    assert_eq!(kept, tokens.tokens().await.unwrap());
    assert_eq!(server.state().refreshes, 1);
}

#[tokio::test]
async fn a_server_that_is_down_costs_nothing_as_long_as_the_old_token_works() {
    let mock = MockTransport::new();
    mock.on("oauth2:request_token", Reply::json(500, &json!({})));
    mock.on("oauth2:request_token", Reply::no_connection());
    let polar = Polar::builder().transport(mock.clone()).build().unwrap();
    let oauth = OAuthClient::new(&polar, secret_post(), CALLBACK).unwrap();
    // Half of its life is over, so that it is refreshed; it works for five more minutes.
    let now = polar_client::chrono::DateTime::<polar_client::chrono::Utc>::from(std::time::SystemTime::now());
    let minutes = polar_client::chrono::TimeDelta::minutes;
    let stored = |left: i64| -> Tokens {
        serde_json::from_value(json!({
            "access_token": "polar_at_u_hidden", "refresh_token": "polar_rt_u_hidden", "scope": "", "id_token": null,
            "issued_at": now - minutes(5), "expires_at": now + minutes(left),
        }))
        .unwrap()
    };
    let store = MemoryTokenStore::new(stored(5));
    let tokens = RefreshingTokens::new(oauth.clone(), store).early(Duration::from_secs(3600));
    assert_eq!(tokens.tokens().await.unwrap(), stored(5));
    while mock.sent().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(tokens.tokens().await.unwrap(), stored(5));
    assert_eq!(mock.sent().len(), 1);
    tokens.sign_in(stored(0)).await.unwrap();
    let error = tokens.tokens().await.unwrap_err();
    assert!(matches!(&error, OAuthError::Call(call) if call.is_connect()), "{error:?}");
    tells_no_secret(&error);
    assert!(mock.sent().iter().all(|sent| sent.operation == "oauth2:request_token"));
}

#[test]
fn without_tokio_the_call_itself_refreshes() {
    let mock = MockTransport::new();
    let answer = json!({"access_token": "polar_at_u_2", "token_type": "Bearer", "expires_in": 60});
    mock.on("oauth2:request_token", Reply::json(200, &answer));
    let polar = Polar::builder().transport(mock.clone()).build().unwrap();
    let oauth = OAuthClient::new(&polar, secret_post(), CALLBACK).unwrap();
    let stored = serde_json::from_value(json!({
        "access_token": "polar_at_u_1", "refresh_token": "polar_rt_u_1", "scope": "", "id_token": null,
        "issued_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-01T01:00:00Z",
    }));
    let tokens = RefreshingTokens::new(oauth, MemoryTokenStore::new(stored.unwrap()));
    let mut call = std::pin::pin!(tokens.tokens());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let tokens = loop {
        if let std::task::Poll::Ready(tokens) = call.as_mut().poll(&mut context) {
            break tokens.unwrap();
        }
    };
    assert_eq!((tokens.access_token.expose(), mock.sent().len()), ("polar_at_u_2", 1));
}

#[tokio::test]
async fn a_user_who_signs_out_has_no_tokens_left() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let store = MemoryTokenStore::new(signed_in(&oauth).await);
    let tokens = RefreshingTokens::new(oauth, store.clone());
    tokens.tokens().await.unwrap();
    tokens.sign_out().await.unwrap();
    assert!(server.state().access.is_empty() && server.state().refresh.is_empty());
    assert_eq!(store.load().await.unwrap(), None);
    let error = tokens.tokens().await.unwrap_err();
    assert!(matches!(error, OAuthError::SignedOut) && error.must_sign_in());
    tokens.sign_out().await.unwrap();
}

#[tokio::test]
async fn a_public_client_signs_out_as_far_as_the_server_lets_it() {
    let server = AuthorizationServer::start().await.unwrap();
    server.register("polar_ci_1", "none", CALLBACK);
    let oauth = oauth_at(&server.url, ClientCredentials::public("polar_ci_1"));
    let allowed = signed_in(&oauth).await;
    let no = Server::start(|_: &Asked| Told::json(401, &json!({"error": "invalid_client"}))).await.unwrap();
    let strict = oauth_at(&no.url, ClientCredentials::public("polar_ci_1"));
    let tokens = RefreshingTokens::new(strict, MemoryTokenStore::new(allowed.clone()));
    tokens.sign_out().await.unwrap();
    assert!(matches!(tokens.tokens().await, Err(OAuthError::SignedOut)));
    // One with a wrong secret keeps the tokens: they still work.
    let wrong = RefreshingTokens::new(oauth_at(&no.url, secret_post()), MemoryTokenStore::new(allowed.clone()));
    assert_eq!(code_of(&wrong.sign_out().await.unwrap_err()), &OAuthErrorCode::InvalidClient);
    assert_eq!(wrong.tokens().await.unwrap(), allowed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_that_dies_with_its_runtime_begins_again() {
    let answer = json!({"access_token": "polar_at_u_2", "token_type": "Bearer", "expires_in": 60});
    let script = [Fault::Stall(Vec::new()), Fault::json("200 OK", &answer)];
    let server = Server::script(script).await.unwrap();
    let stored: Tokens = serde_json::from_value(json!({
        "access_token": "polar_at_u_1", "refresh_token": "polar_rt_u_1", "scope": "openid", "id_token": null,
        "issued_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-01T01:00:00Z",
    }))
    .unwrap();
    let oauth = oauth_at(&server.url, secret_post());
    let tokens = RefreshingTokens::new(oauth, MemoryTokenStore::new(stored));

    let brief = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (theirs, asked) = (tokens.clone(), server.clone());
    let waiting = brief.spawn(async move { theirs.tokens().await });
    asked.got_one().await;
    brief.shutdown_background();
    assert!(waiting.await.is_err(), "it went with its runtime");
    let tokens = tokens.tokens().await.unwrap();
    assert_eq!((tokens.access_token.expose(), tokens.scope.as_str()), ("polar_at_u_2", "openid"));
    assert_eq!(tokens.refresh_token, Some("polar_rt_u_1".into()), "what an answer leaves out stays as it was");
}

#[tokio::test]
async fn tokens_without_a_refresh_token_work_until_they_expire() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let mut once = signed_in(&oauth).await;
    once.refresh_token = None;
    let tokens = RefreshingTokens::new(oauth.clone(), MemoryTokenStore::new(once.clone()));
    assert_eq!(tokens.tokens().await.unwrap(), once);
    let polar = polar(&server.url).with_token_provider(tokens);
    server.state().access.clear();
    let error = polar.oauth2().userinfo().await.unwrap_err();
    assert!(matches!(OAuthError::beneath(&error), Some(OAuthError::SignedOut)), "{error}");
}

#[test]
fn a_blocking_program_refreshes_as_well() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (server, tokens) = runtime.block_on(async {
        let server = server().await;
        let oauth = oauth_at(&server.url, secret_post());
        let stored = expired(&server, &oauth).await;
        (server, RefreshingTokens::new(oauth, MemoryTokenStore::new(stored)))
    });
    let polar = polar(&server.url).with_token_provider(tokens);
    polar.oauth2().userinfo().send_blocking().unwrap();
    assert_eq!(server.state().refreshes, 1);
}
