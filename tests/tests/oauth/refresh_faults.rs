//! Refreshes that fail, hang or have an unclear outcome, and servers that reject every token.

use super::*;

/// Stored tokens whose access token works for this many more minutes, of ten in total.
fn stored(left: i64) -> Tokens {
    let now = polar_client::chrono::DateTime::<polar_client::chrono::Utc>::from(std::time::SystemTime::now());
    let minutes = polar_client::chrono::TimeDelta::minutes;
    serde_json::from_value(json!({
        "access_token": "polar_at_u_hidden", "refresh_token": "polar_rt_u_hidden", "scope": "", "id_token": null,
        "issued_at": now - minutes(10 - left), "expires_at": now + minutes(left),
    }))
    .unwrap()
}

fn answer() -> Value {
    json!({"access_token": "polar_at_u_2", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "polar_rt_u_2"})
}

/// Refreshes as soon as half of the life is over.
fn refreshing(oauth: OAuthClient, store: impl TokenStore) -> RefreshingTokens {
    RefreshingTokens::new(oauth, store).early(Duration::from_secs(3600))
}

fn mocked(replies: impl IntoIterator<Item = Reply>) -> (OAuthClient, MockTransport) {
    let mock = MockTransport::new();
    replies.into_iter().for_each(|reply| mock.on("oauth2:request_token", reply));
    let polar = Polar::builder().transport(mock.clone()).build().unwrap();
    (OAuthClient::new(polar, secret_post(), CALLBACK).unwrap(), mock)
}

/// Runs the tasks that are ready.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_refresh_token_is_not_sent_a_third_time() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"access_token\"".to_vec();
    for fault in [
        Fault::Reset(Vec::new()),
        Fault::Reset(half.clone()),
        Fault::Close(Vec::new()),
        Fault::Close(half),
        Fault::Stall(Vec::new()),
        Fault::json("500 Internal Server Error", &json!({})),
        Fault::answer("504 Gateway Timeout", "", ""),
        Fault::answer("200 OK", "content-type: text/html\r\n", "<html>"),
    ] {
        let server = Server::script([fault.clone()]).await.unwrap();
        let polar = Polar::builder().base_url(&server.url).timeout(Duration::from_millis(50)).build().unwrap();
        let oauth = OAuthClient::new(polar, secret_post(), CALLBACK).unwrap();
        let tokens = RefreshingTokens::new(oauth, MemoryTokenStore::new(stored(0)));
        let first = tokens.tokens().await.unwrap_err();
        assert!(matches!(first, OAuthError::Call(_)) && !first.must_sign_in(), "{fault:?}: {first}");
        for _ in 0..5 {
            let error = tokens.tokens().await.unwrap_err();
            assert!(matches!(error, OAuthError::OutcomeUnknown(_)) && error.must_sign_in(), "{fault:?}: {error}");
            tells_no_secret(&error);
        }
        assert_eq!(server.received(), 2, "{fault:?}");
        tokens.sign_in(stored(5)).await.unwrap();
        assert_eq!(tokens.tokens().await.unwrap().access_token, "polar_at_u_hidden".into(), "after a new login");
    }
}

#[tokio::test]
async fn a_refresh_token_is_sent_again_after_an_unclear_outcome() {
    for fault in [Reply::reset(), Reply::timeout(), Reply::json(500, &json!({}))] {
        let (oauth, mock) = mocked([fault, Reply::json(200, &answer())]);
        let tokens = RefreshingTokens::new(oauth, MemoryTokenStore::new(stored(0)));
        tokens.tokens().await.unwrap_err();
        assert_eq!(tokens.tokens().await.unwrap().access_token, "polar_at_u_2".into());
        assert_eq!(mock.sent().len(), 2);
    }
}

#[tokio::test]
async fn a_refresh_that_was_not_processed_does_not_count() {
    let clear = [
        Reply::no_connection(),
        Reply::empty(503),
        Reply::empty(429),
        Reply::json(401, &json!({"error": "invalid_client"})),
        Reply::no_connection(),
    ];
    let (oauth, mock) = mocked(clear.clone().into_iter().chain([Reply::json(200, &answer())]));
    let tokens = RefreshingTokens::new(oauth, MemoryTokenStore::new(stored(0)));
    for _ in 0..20 {
        if let Ok(tokens) = tokens.tokens().await {
            assert_eq!(tokens.access_token, "polar_at_u_2".into());
            return;
        }
    }
    panic!("{} requests, and no token", mock.sent().len());
}

#[tokio::test]
async fn a_hanging_token_endpoint_keeps_no_call_waiting() {
    let server = Server::script([Fault::Stall(Vec::new())]).await.unwrap();
    let tokens = refreshing(oauth_at(&server.url, secret_post()), MemoryTokenStore::new(stored(4)));
    for _ in 0..100 {
        assert_eq!(tokens.tokens().await.unwrap().access_token, "polar_at_u_hidden".into());
    }
    server.got_one().await;
    for _ in 0..100 {
        tokens.tokens().await.unwrap();
    }
    assert_eq!(server.received(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_in_the_background_waits_longer_after_each_failure() {
    let (oauth, mock) = mocked([Reply::empty(503), Reply::empty(503), Reply::empty(503), Reply::json(200, &answer())]);
    let store = MemoryTokenStore::new(stored(4));
    let tokens = refreshing(oauth, store.clone());
    for (wait, sent) in [(0, 1), (1, 2), (1, 2), (1, 3), (3, 3)] {
        tokio::time::advance(Duration::from_secs(wait)).await;
        for _ in 0..10 {
            assert_eq!(tokens.tokens().await.unwrap().access_token, "polar_at_u_hidden".into());
            settle().await;
        }
        assert_eq!(mock.sent().len(), sent);
    }
    tokio::time::advance(Duration::from_secs(1)).await;
    tokens.tokens().await.unwrap();
    settle().await;
    assert_eq!(tokens.tokens().await.unwrap().access_token, "polar_at_u_2".into());
    assert_eq!(store.load().await.unwrap().unwrap().access_token, "polar_at_u_2".into());
}

#[tokio::test(start_paused = true)]
async fn the_last_attempt_in_the_background_is_made_late() {
    let (oauth, mock) = mocked([Reply::reset(), Reply::json(200, &answer())]);
    let tokens = refreshing(oauth, MemoryTokenStore::new(stored(4)));
    tokens.tokens().await.unwrap();
    settle().await;
    for (wait, sent) in [(100, 1), (30, 2)] {
        tokio::time::advance(Duration::from_secs(wait)).await;
        tokens.tokens().await.unwrap();
        settle().await;
        assert_eq!(mock.sent().len(), sent, "half of the four minutes that were left have to pass");
    }
}

#[tokio::test]
async fn a_refused_refresh_token_does_not_end_an_access_token() {
    let (oauth, mock) = mocked([Reply::json(400, &json!({"error": "invalid_grant"}))]);
    let tokens = refreshing(oauth, MemoryTokenStore::new(stored(4)));
    for _ in 0..10 {
        assert_eq!(tokens.tokens().await.unwrap().access_token, "polar_at_u_hidden".into());
        settle().await;
    }
    assert_eq!(mock.sent().len(), 1);
    assert_eq!(mock.waited().len(), 4, "the store is read again after each");
}

#[tokio::test]
async fn a_store_that_can_not_forget_brings_no_token_back() {
    /// A store that never changes.
    struct Stubborn(MemoryTokenStore, AtomicBool);
    impl TokenStore for Stubborn {
        async fn load(&self) -> Result<Option<Tokens>, BoxError> {
            self.0.load().await
        }
        async fn save(&self, tokens: &Tokens) -> Result<(), BoxError> {
            self.0.save(tokens).await
        }
        async fn clear(&self) -> Result<(), BoxError> {
            match self.1.load(Ordering::SeqCst) {
                true => Err(io::Error::other("the disk is full").into()),
                false => self.0.clear().await,
            }
        }
    }

    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let store = Arc::new(Stubborn(MemoryTokenStore::new(signed_in(&oauth).await), AtomicBool::new(true)));
    let tokens = RefreshingTokens::new(oauth.clone(), Arc::clone(&store));
    tokens.tokens().await.unwrap();
    assert!(matches!(tokens.sign_out().await, Err(OAuthError::Store(_))));
    assert!(server.state().access.is_empty(), "they were revoked");
    for _ in 0..3 {
        assert!(matches!(tokens.tokens().await, Err(OAuthError::SignedOut)));
    }
    assert_eq!(server.state().refreshes, 0);
    store.1.store(false, Ordering::SeqCst);
    tokens.sign_out().await.unwrap();
    assert_eq!(store.load().await.unwrap(), None);
    tokens.sign_in(signed_in(&oauth).await).await.unwrap();
    tokens.tokens().await.unwrap();
}

#[tokio::test]
async fn a_server_that_rejects_every_token_causes_few_refreshes() {
    let server = server().await;
    let oauth = oauth_at(&server.url, secret_post());
    let tokens = RefreshingTokens::new(oauth.clone(), MemoryTokenStore::new(signed_in(&oauth).await));
    let strict = Server::start(|_: &Asked| Told::json(401, &json!({"error": "invalid_token"}))).await.unwrap();
    let polar = polar(&strict.url).with_token_provider(tokens);
    for _ in 0..100 {
        assert!(polar.oauth2().userinfo().await.unwrap_err().is_unauthorized());
    }
    assert_eq!(server.state().refreshes, 3);
    assert!(strict.received() <= 103, "{}", strict.received());
}
