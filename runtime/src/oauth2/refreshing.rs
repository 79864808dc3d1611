//! Tokens that are refreshed before they expire.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;

use super::pace::{Attempts, Backoff, Rejections};
use super::store::DynTokenStore;
use super::{OAuthClient, OAuthError, TokenStore, Tokens};
use crate::auth::TokenProvider;
use crate::codec::Secret;
use crate::futures::{BoxError, BoxFuture};
use crate::platform::{self, Instant, spawn};

/// Provides the access token of one user, and refreshes it shortly before it expires: a [`TokenProvider`]. Clones share
/// the tokens, and so do all clients that have one.
///
/// If many calls need a token, one request is sent. New tokens are saved before a call uses them, because only the new
/// refresh token works. On tokio a refresh is a separate task, which continues if the calls that wait for it are
/// cancelled.
///
/// - While the old token works, calls use it and do not wait: the refresh runs in the background. If it fails, it is
///   repeated after a second, two seconds and so on, up to a minute. Without tokio, the call itself refreshes.
/// - A refresh token works once. If it is unclear whether the server used it, because the connection broke, there was
///   no response in time or the server failed, it is sent once more and not again: calls then fail with
///   [`OAuthError::OutcomeUnknown`].
/// - If the server rejects the refresh token (`invalid_grant`), the store is read again for up to a second, in case
///   another process refreshed and has not saved yet. Then calls fail with an error for which
///   [`must_sign_in`](OAuthError::must_sign_in) returns `true`. So do all later calls, without a request, until the
///   store has other tokens.
/// - If the store fails to save, the calls fail with [`OAuthError::Store`], and the next call saves the same tokens first.
/// - If the response to a refresh has no usable access token, its refresh token is saved anyway, and the next call
///   refreshes with it.
/// - If the API rejects the access token (401 `invalid_token`), it is refreshed, and the call is sent once more. This
///   causes at most three refreshes a minute, even if the API rejects every token.
///
/// An API call that fails for one of these reasons has the [`OAuthError`] among its sources: see
/// [`beneath`](OAuthError::beneath).
#[derive(Clone)]
pub struct RefreshingTokens {
    shared: Arc<Shared>,
    early: Duration,
}

struct Shared {
    oauth: OAuthClient,
    store: Box<dyn DynTokenStore>,
    state: Mutex<State>,
    /// Held while the tokens change, by one caller at a time.
    turn: tokio::sync::Mutex<Turn>,
}

/// The state that every call reads.
#[derive(Default)]
struct State {
    current: Option<Tokens>,
    /// The last access token that the API rejected.
    rejected: Option<Secret>,
    rejections: Rejections,
    refresh: Option<Refresh>,
    /// The waits of refreshes in the background.
    backoff: Backoff,
}

/// A running refresh, and after its end its outcome.
type Refresh = watch::Receiver<Option<Outcome>>;

type Outcome = Result<Tokens, OAuthError>;

/// The next step of a call.
enum Next {
    Use(Tokens),
    /// Waits for a refresh. If there is `work`, the caller has to do it.
    Wait {
        refresh: Refresh,
        work: Option<BoxFuture<'static, ()>>,
        is_own: bool,
    },
}

/// The reason for a refresh.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// There is no working token, unless the store has one.
    Now,
    /// The token still works.
    Ahead,
}

/// The state that only a change of the tokens reads.
#[derive(Default)]
struct Turn {
    /// Tokens from the server that are not saved yet.
    unsaved: Option<Tokens>,
    /// The refresh token that the server rejects, with its error.
    spent: Option<(Secret, OAuthError)>,
    attempts: Option<Attempts>,
    /// Access tokens that were revoked. If the store failed to clear, it still contains them.
    revoked: Vec<Secret>,
}

/// How long to wait before the store is read again, after the server rejected its refresh token.
const RELOADS: [Duration; 4] =
    [Duration::from_millis(50), Duration::from_millis(100), Duration::from_millis(200), Duration::from_millis(400)];

impl RefreshingTokens {
    /// Default time before the end of a token at which it is refreshed.
    pub const EARLY: Duration = Duration::from_secs(60);

    /// Creates a provider with the tokens of this store, which may be empty until [`sign_in`](Self::sign_in).
    pub fn new(oauth: OAuthClient, store: impl TokenStore) -> Self {
        let (state, turn) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { shared: Arc::new(Shared { oauth, store: Box::new(store), state, turn }), early: Self::EARLY }
    }

    /// Sets how long before its end a token is refreshed: at most half of its life.
    #[must_use]
    pub fn early(mut self, early: Duration) -> Self {
        self.early = early;
        self
    }

    /// Returns working tokens: the current ones, or new ones.
    ///
    /// # Errors
    /// There are none ([`OAuthError::SignedOut`]), or they could not be loaded, refreshed or saved.
    pub async fn tokens(&self) -> Result<Tokens, OAuthError> {
        loop {
            let (refresh, work, is_own) = match self.next() {
                Next::Use(tokens) => return Ok(tokens),
                Next::Wait { refresh, work, is_own } => (refresh, work, is_own),
            };
            if let Some(work) = work {
                work.await;
            }
            match outcome(refresh).await {
                // The runtime of the call that started it was shut down. This call starts another one.
                Err(OAuthError::Interrupted) if !is_own => {}
                Ok(tokens) => {
                    self.refresh_ahead(&tokens);
                    return Ok(tokens);
                }
                // The call did the work itself although the token still works.
                Err(error) => return self.shared.state().usable().ok_or(error),
            }
        }
    }

    /// Saves the tokens of a user who has just signed in, and uses them.
    ///
    /// # Errors
    /// The store could not save the tokens.
    pub async fn sign_in(&self, tokens: Tokens) -> Result<(), OAuthError> {
        let mut turn = self.shared.turn.lock().await;
        self.shared.store.save(&tokens).await.map_err(OAuthError::store)?;
        *turn = Turn::default();
        let mut state = self.shared.state();
        *state = State { current: Some(tokens), refresh: state.refresh.take(), ..State::default() };
        Ok(())
    }

    /// Revokes the access token and the refresh token, and clears the store. If the server does not let a public client
    /// revoke its tokens, they are only cleared.
    ///
    /// If the store fails to clear, this value does not use the revoked tokens again. The store still contains them,
    /// and another process would load them: call this method again.
    ///
    /// # Errors
    /// The tokens could not be revoked, and are kept; or the store failed.
    pub async fn sign_out(&self) -> Result<(), OAuthError> {
        let mut turn = self.shared.turn.lock().await;
        let stored = self.shared.store.load().await.map_err(OAuthError::store)?;
        let current = self.shared.state().current.clone();
        let all = [turn.unsaved.clone(), stored, current];
        if let Some(tokens) = all.iter().flatten().next() {
            let oauth = &self.shared.oauth;
            match oauth.revoke(tokens.refresh_token.as_ref().unwrap_or(&tokens.access_token)).await {
                Err(OAuthError::Refused(_)) if oauth.is_public() => {}
                revoked => revoked?,
            }
        }
        // From here on nobody uses them, even if the store fails.
        let revoked = all.into_iter().flatten().map(|tokens| tokens.access_token).collect();
        *turn = Turn { revoked, ..Turn::default() };
        self.shared.state().current = None;
        self.shared.store.clear().await.map_err(OAuthError::store)
    }

    /// Returns the next step of a call. If the token still works, a refresh is started in the background.
    fn next(&self) -> Next {
        let mut state = self.shared.state();
        let usable = state.usable();
        let running = state.refresh.clone().filter(is_alive);
        match usable {
            Some(tokens) if running.is_some() || self.is_good(&tokens) => return Next::Use(tokens),
            Some(tokens) if !state.backoff.is_over(Instant::now()) => return Next::Use(tokens),
            _ => {}
        }
        if let Some(refresh) = running {
            return Next::Wait { refresh, work: None, is_own: false };
        }
        let (refresh, work) = self.begin(if usable.is_some() { Need::Ahead } else { Need::Now });
        state.refresh = Some(refresh.clone());
        match usable {
            Some(tokens) if work.is_none() => Next::Use(tokens),
            _ => Next::Wait { refresh, work, is_own: true },
        }
    }

    /// Starts a refresh if the tokens of the store work, but not for long.
    fn refresh_ahead(&self, tokens: &Tokens) {
        if !self.is_good(tokens) && self.shared.state().is_usable(tokens) {
            // No call waits for it. Without tokio there is no task, and the next call does the work.
            drop(self.next());
        }
    }

    /// Starts a refresh. Without tokio, the caller has to do the work.
    fn begin(&self, need: Need) -> (Refresh, Option<BoxFuture<'static, ()>>) {
        let (sender, refresh) = watch::channel(None);
        let this = self.clone();
        let work = async move {
            let outcome = this.change(need).await;
            sender.send_replace(Some(outcome));
        };
        (refresh, spawn(Box::pin(work)).err())
    }

    /// Refreshes the tokens if necessary, and ends the refresh.
    async fn change(&self, need: Need) -> Outcome {
        let mut turn = self.shared.turn.lock().await;
        let outcome = self.renew(&mut turn, need).await;
        let mut state = self.shared.state();
        state.refresh = None;
        match &outcome {
            Ok(tokens) => state.current = Some(tokens.clone()),
            Err(OAuthError::SignedOut) => state.current = None,
            Err(_) => {}
        }
        if outcome.as_ref().is_ok_and(|tokens| self.is_good(tokens)) {
            state.backoff = Backoff::default();
        } else if need == Need::Ahead {
            // The last attempt is made as late as possible.
            let left = state.current.as_ref().map(Tokens::life_left).unwrap_or_default();
            let least = if turn.attempts.is_some() { left / 2 } else { Duration::ZERO };
            state.backoff.fail(Instant::now(), least);
        }
        outcome
    }

    async fn renew(&self, turn: &mut Turn, need: Need) -> Outcome {
        if let Some(tokens) = turn.unsaved.clone() {
            let tokens = self.save(turn, tokens).await?;
            if self.is_fresh(&tokens) {
                return Ok(tokens);
            }
        }
        let mut reloads = None;
        loop {
            let stored = self.load(turn).await?;
            let is_usable = self.shared.state().is_usable(&stored);
            if self.is_fresh(&stored) || is_usable && (need == Need::Now || stored.refresh_token.is_none()) {
                return Ok(stored);
            }
            let token = stored.refresh_token.clone().ok_or(OAuthError::SignedOut)?;
            if let Some((_, error)) = turn.spent.as_ref().filter(|(spent, _)| *spent == token) {
                // Another process may have used it and not saved yet.
                match reloads.as_mut().and_then(Iterator::next) {
                    Some(wait) => self.shared.oauth.sleep(wait).await,
                    None => return Err(error.clone()),
                }
                continue;
            }
            match self.refresh(turn, &token).await {
                Ok(tokens) => return self.save(turn, tokens.after(stored)).await,
                Err(error) if error.is_refused() => {
                    turn.spent = Some((token, error));
                    reloads = Some(RELOADS.into_iter());
                }
                Err(error) => {
                    let Some(rotated) = error.refresh_token() else { return Err(error) };
                    let kept = self.save(turn, Tokens { refresh_token: Some(rotated), ..stored }).await?;
                    return if is_usable { Ok(kept) } else { Err(error) };
                }
            }
        }
    }

    /// Sends a refresh token, unless it was sent as often as is allowed.
    async fn refresh(&self, turn: &mut Turn, token: &Secret) -> Outcome {
        let attempts = match turn.attempts.take().filter(|attempts| attempts.are_of(token)) {
            Some(attempts) => turn.attempts.insert(attempts),
            None => turn.attempts.insert(Attempts::of(token)),
        };
        if attempts.are_over() {
            return Err(attempts.error());
        }
        attempts.begin();
        let outcome = self.shared.oauth.refresh(token).await;
        match &outcome {
            Err(error) if error.is_unclear() => {
                attempts.unclear(error);
                if attempts.are_over() {
                    return Err(attempts.error());
                }
            }
            Err(error) if !error.is_refused() && error.refresh_token().is_none() => {
                attempts.take_back();
                turn.attempts.take_if(|attempts| attempts.are_none());
            }
            _ => turn.attempts = None,
        }
        outcome
    }

    async fn load(&self, turn: &Turn) -> Outcome {
        let stored = self.shared.store.load().await.map_err(OAuthError::store)?;
        stored.filter(|tokens| !turn.revoked.contains(&tokens.access_token)).ok_or(OAuthError::SignedOut)
    }

    /// Saves tokens from the server. They stay in `turn` until that succeeds.
    async fn save(&self, turn: &mut Turn, tokens: Tokens) -> Outcome {
        let unsaved = turn.unsaved.insert(tokens.clone());
        self.shared.store.save(unsaved).await.map_err(OAuthError::store)?;
        turn.unsaved = None;
        Ok(tokens)
    }

    /// Returns whether tokens work for a while.
    fn is_good(&self, tokens: &Tokens) -> bool {
        tokens.is_good_for(self.early, platform::now())
    }

    /// Returns whether tokens work for a while and were not rejected.
    fn is_fresh(&self, tokens: &Tokens) -> bool {
        self.is_good(tokens) && self.shared.state().is_usable(tokens)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Returns the current tokens, if they work.
    fn usable(&self) -> Option<Tokens> {
        self.current.clone().filter(|tokens| self.is_usable(tokens))
    }

    fn is_usable(&self, tokens: &Tokens) -> bool {
        self.rejected.as_ref() != Some(&tokens.access_token) && !tokens.is_expired(platform::now())
    }

    /// Records that the API rejected a token. Returns whether there may be another one.
    fn reject(&mut self, token: &Secret) -> bool {
        let is_current = self.current.as_ref().is_some_and(|tokens| tokens.access_token == *token);
        if !is_current || self.rejected.as_ref() == Some(token) {
            return true;
        }
        let is_refreshing = self.refresh.as_ref().is_some_and(is_alive);
        if !is_refreshing && !self.rejections.allow(Instant::now()) {
            return false;
        }
        self.rejected = Some(token.clone());
        true
    }
}

impl Tokens {
    fn life_left(&self) -> Duration {
        (self.expires_at - DateTime::<Utc>::from(platform::now())).to_std().unwrap_or_default()
    }

    /// Tokens that are missing in the response to a refresh are unchanged (RFC 6749, sections 5.1 and 6).
    fn after(mut self, former: Self) -> Self {
        self.refresh_token = self.refresh_token.or(former.refresh_token);
        if self.scope.is_empty() {
            self.scope = former.scope;
        }
        self
    }
}

impl OAuthError {
    /// Returns whether the server rejects the refresh token for good.
    fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_)) && self.must_sign_in()
    }

    /// Returns whether the server may have used the refresh token without returning the new one.
    fn is_unclear(&self) -> bool {
        let Self::Call(error) = self else { return false };
        // A server that is overloaded or shutting down says so before it does anything.
        let was_not_processed =
            error.status().is_some_and(|status| status.is_client_error() || status == StatusCode::SERVICE_UNAVAILABLE);
        let was_not_sent = error.is_connect() || error.is_request() || error.is_config();
        !was_not_sent && !was_not_processed && self.refresh_token().is_none()
    }
}

/// Returns whether it is running or has ended, so that its task was not cancelled.
fn is_alive(refresh: &Refresh) -> bool {
    refresh.has_changed().is_ok() || refresh.borrow().is_some()
}

async fn outcome(mut refresh: Refresh) -> Outcome {
    match refresh.wait_for(Option::is_some).await {
        Ok(outcome) => outcome.clone().unwrap_or(Err(OAuthError::Interrupted)),
        Err(_) => Err(OAuthError::Interrupted),
    }
}

impl TokenProvider for RefreshingTokens {
    async fn access_token(&self) -> Result<SecretString, BoxError> {
        Ok(self.tokens().await?.access_token.expose().into())
    }

    async fn token_rejected(&self, token: &SecretString) -> Result<bool, BoxError> {
        let token = Secret::from(token.expose_secret());
        Ok(self.shared.state().reject(&token) && self.tokens().await?.access_token != token)
    }
}

impl fmt::Debug for RefreshingTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshingTokens")
            .field("oauth", &self.shared.oauth)
            .field("early", &self.early)
            .finish_non_exhaustive()
    }
}
