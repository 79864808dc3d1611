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

/// Provides the access token of one user, and refreshes it a little before it expires: a [`TokenProvider`]. A clone shares
/// the tokens, and so does every client that has one.
///
/// However many calls need a token at once, the server is asked for one. New tokens are saved before a call uses them: the
/// new refresh token is the only one that still works. On tokio a refresh is a task of its own, which goes on if the
/// calls that wait for it are cancelled.
///
/// - While the old token works, calls use it and do not wait: the refresh is done in the background. If it fails, it is
///   repeated after a second, two seconds and so on, up to a minute. Without tokio, the call refreshes itself.
/// - A refresh token works once. If it is unclear whether the server took it, because the connection broke, no response
///   came in time or the server failed, it is sent once more, and then no more: calls fail with
///   [`OAuthError::OutcomeUnknown`].
/// - If the server no longer takes the refresh token (`invalid_grant`), the store is read again for up to a second, in case
///   another process refreshed and has yet to save. Then the calls fail with an error of which
///   [`must_sign_in`](OAuthError::must_sign_in) holds, and so do all that follow, without asking again, until the store
///   has other tokens.
/// - If the store fails to save, the calls fail with [`OAuthError::Store`], and the next call saves the same tokens first.
/// - If the response to a refresh has no access token that can be used, its refresh token is saved all the same, and the
///   next call refreshes with it.
/// - If the API rejects the access token (401 `invalid_token`), it is refreshed, and the call is sent once more. At most
///   three refreshes a minute are caused in this way, also if the API rejects every token.
///
/// An API call that fails for one of these reasons has the [`OAuthError`] [beneath](OAuthError::beneath) its own.
#[derive(Clone)]
pub struct RefreshingTokens {
    shared: Arc<Shared>,
    early: Duration,
}

struct Shared {
    oauth: OAuthClient,
    store: Box<dyn DynTokenStore>,
    state: Mutex<State>,
    /// Held while the tokens change, by one at a time.
    turn: tokio::sync::Mutex<Turn>,
}

/// What every call looks at.
#[derive(Default)]
struct State {
    current: Option<Tokens>,
    /// The access token that the API rejected last.
    rejected: Option<Secret>,
    rejections: Rejections,
    refresh: Option<Refresh>,
    /// For refreshes in the background.
    backoff: Backoff,
}

/// A refresh that is under way, and after its end its outcome.
type Refresh = watch::Receiver<Option<Outcome>>;

type Outcome = Result<Tokens, OAuthError>;

/// What a call does next.
enum Next {
    Use(Tokens),
    /// Waits for a refresh, which the caller has to do itself if there is `work`.
    Wait {
        refresh: Refresh,
        work: Option<BoxFuture<'static, ()>>,
        is_own: bool,
    },
}

/// Why a refresh is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// There is no token that works, as far as is known without the store.
    Now,
    /// The token still works.
    Ahead,
}

/// What only a change of the tokens looks at.
#[derive(Default)]
struct Turn {
    /// Tokens of the server that are not saved yet.
    unsaved: Option<Tokens>,
    /// The refresh token that the server takes no more, and what it said.
    spent: Option<(Secret, OAuthError)>,
    attempts: Option<Attempts>,
    /// Access tokens that were revoked: if the store could not forget them, they are still in it.
    revoked: Vec<Secret>,
}

/// How long to wait before the store is read again, after the server refused the refresh token in it.
const RELOADS: [Duration; 4] =
    [Duration::from_millis(50), Duration::from_millis(100), Duration::from_millis(200), Duration::from_millis(400)];

impl RefreshingTokens {
    /// How long before its end a token is refreshed by default.
    pub const EARLY: Duration = Duration::from_secs(60);

    /// Takes the tokens from this store, which may be empty until [`sign_in`](Self::sign_in).
    pub fn new(oauth: OAuthClient, store: impl TokenStore) -> Self {
        let (state, turn) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { shared: Arc::new(Shared { oauth, store: Box::new(store), state, turn }), early: Self::EARLY }
    }

    /// Refreshes this long before a token expires: at most half of its life.
    #[must_use]
    pub fn early(mut self, early: Duration) -> Self {
        self.early = early;
        self
    }

    /// Returns tokens that work: the current ones, or new ones.
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
                // The runtime of the call that began it was shut down: this call begins another one.
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

    /// Saves the tokens of a user who has just signed in, and uses them from now on.
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

    /// Revokes the access token and the refresh token, and clears the store. Those of a public client are only cleared if
    /// the server does not let it revoke them.
    ///
    /// If the store fails to clear, this value does not use the revoked tokens again. They are still in the store, and
    /// another process would find them: call this method again.
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
        // From here on nobody uses them, also if the store fails.
        let revoked = all.into_iter().flatten().map(|tokens| tokens.access_token).collect();
        *turn = Turn { revoked, ..Turn::default() };
        self.shared.state().current = None;
        self.shared.store.clear().await.map_err(OAuthError::store)
    }

    /// Decides what a call does. If the token still works, a refresh is started and not waited for.
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
            // Nothing waits for it. Without tokio there is no task, and the next call does the work.
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
            // The only attempt that is left is made as late as possible.
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
                // Another process may have used it, and have yet to save.
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

    /// Saves tokens that the server answered with. They stay in `turn` until that is done, whatever comes in between.
    async fn save(&self, turn: &mut Turn, tokens: Tokens) -> Outcome {
        let unsaved = turn.unsaved.insert(tokens.clone());
        self.shared.store.save(unsaved).await.map_err(OAuthError::store)?;
        turn.unsaved = None;
        Ok(tokens)
    }

    /// Whether tokens work for a while.
    fn is_good(&self, tokens: &Tokens) -> bool {
        tokens.is_good_for(self.early, platform::now())
    }

    /// Whether tokens work for a while, and were not rejected.
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
    /// The current tokens, if they work.
    fn usable(&self) -> Option<Tokens> {
        self.current.clone().filter(|tokens| self.is_usable(tokens))
    }

    fn is_usable(&self, tokens: &Tokens) -> bool {
        self.rejected.as_ref() != Some(&tokens.access_token) && !tokens.is_expired(platform::now())
    }

    /// Takes note that the API rejected a token. Returns whether there may be another one.
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

    /// What an answer to a refresh leaves out stays as it was (RFC 6749, sections 5.1 and 6).
    fn after(mut self, former: Self) -> Self {
        self.refresh_token = self.refresh_token.or(former.refresh_token);
        if self.scope.is_empty() {
            self.scope = former.scope;
        }
        self
    }
}

impl OAuthError {
    /// Whether the server refused the refresh token for good.
    fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_)) && self.must_sign_in()
    }

    /// Whether the server may have used up the refresh token without telling the new one.
    fn is_unclear(&self) -> bool {
        let Self::Call(error) = self else { return false };
        // A server that has too much to do, or is about to stop, says so before it does anything.
        let was_not_processed =
            error.status().is_some_and(|status| status.is_client_error() || status == StatusCode::SERVICE_UNAVAILABLE);
        let was_not_sent = error.is_connect() || error.is_request() || error.is_config();
        !was_not_sent && !was_not_processed && self.refresh_token().is_none()
    }
}

/// Whether it is under way, or has ended: its task was not cut off.
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
