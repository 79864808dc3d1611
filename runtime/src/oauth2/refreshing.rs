//! Tokens that are refreshed before they expire.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;

use super::store::DynTokenStore;
use super::{OAuthClient, OAuthError, TokenStore, Tokens};
use crate::auth::TokenProvider;
use crate::codec::Secret;
use crate::futures::{BoxError, BoxFuture, spawn};

/// Gives a client the access token of one user, and refreshes it a little before it expires: a
/// [`TokenProvider`]. A clone shares the tokens, and so does every client that has one.
///
/// However many calls want a token at once, the server is asked for one. The tokens that it answers with are saved
/// before the first of these calls goes on: the new refresh token is the only one that still works. On tokio a refresh
/// is a task of its own, so that it ends well when the calls that wait for it are given up.
///
/// - If the store fails to save, the calls fail with [`OAuthError::Store`], and the next call saves the same tokens
///   before it goes on.
/// - If the server no longer takes the refresh token (`invalid_grant`), the calls fail with an error of which
///   [`must_sign_in`](OAuthError::must_sign_in) holds, and so do all that follow, without asking again, until the store
///   has other tokens.
/// - If the server can't be asked, the old token goes on until it expires.
/// - If the response to a refresh has no access token that can be used, its refresh token is saved all the same, and the
///   next call refreshes with it.
/// - If the API refuses the access token (401 `invalid_token`), it is refreshed once, and the call is sent once more.
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
    /// The access token that the API refused last.
    refused: Option<Secret>,
    refresh: Option<Refresh>,
}

/// A refresh on its way, and after its end what came of it.
type Refresh = watch::Receiver<Option<Outcome>>;

type Outcome = Result<Tokens, OAuthError>;

/// What only a change of the tokens looks at.
#[derive(Default)]
struct Turn {
    /// Came from the server, but not yet into the store.
    unsaved: Option<Tokens>,
    /// The refresh token that the server took no more, and what it said.
    spent: Option<(Secret, OAuthError)>,
}

impl RefreshingTokens {
    /// How long before its end a token is refreshed unless told otherwise.
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

    /// Tokens that work for a while: those that there are, or new ones.
    ///
    /// # Errors
    /// There are none ([`OAuthError::SignedOut`]), or they could not be loaded, refreshed or saved.
    pub async fn tokens(&self) -> Result<Tokens, OAuthError> {
        loop {
            let (refresh, work, is_own) = {
                let mut state = self.shared.state();
                if let Some(tokens) = state.current.as_ref().filter(|tokens| self.is_good(tokens, &state.refused)) {
                    return Ok(tokens.clone());
                }
                match state.refresh.as_ref().filter(|refresh| is_alive(refresh)) {
                    Some(refresh) => (refresh.clone(), None, false),
                    None => {
                        let (refresh, work) = self.begin();
                        state.refresh = Some(refresh.clone());
                        (refresh, work, true)
                    }
                }
            };
            if let Some(work) = work {
                work.await;
            }
            match outcome(refresh).await {
                // The runtime of whoever began it was shut down: this call begins another one.
                Err(OAuthError::Interrupted) if !is_own => {}
                outcome => return outcome,
            }
        }
    }

    /// Begins to act for who just signed in.
    ///
    /// # Errors
    /// The store could not save the tokens.
    pub async fn sign_in(&self, tokens: Tokens) -> Result<(), OAuthError> {
        let mut turn = self.shared.turn.lock().await;
        self.shared.store.save(&tokens).await.map_err(OAuthError::store)?;
        *turn = Turn::default();
        self.shared.state().current = Some(tokens);
        Ok(())
    }

    /// Revokes the tokens, both of them, and forgets them. Those of a public client are only forgotten where the server
    /// does not let it revoke them.
    ///
    /// # Errors
    /// The tokens could not be revoked, and are kept; or the store failed.
    pub async fn sign_out(&self) -> Result<(), OAuthError> {
        let mut turn = self.shared.turn.lock().await;
        let tokens = match turn.unsaved.clone() {
            Some(tokens) => Some(tokens),
            None => self.shared.store.load().await.map_err(OAuthError::store)?,
        };
        if let Some(tokens) = tokens {
            let oauth = &self.shared.oauth;
            match oauth.revoke(tokens.refresh_token.as_ref().unwrap_or(&tokens.access_token)).await {
                Err(OAuthError::Refused(_)) if oauth.is_public() => {}
                revoked => revoked?,
            }
        }
        // From here on nobody uses them, whatever becomes of the store.
        *turn = Turn::default();
        self.shared.state().current = None;
        self.shared.store.clear().await.map_err(OAuthError::store)
    }

    /// Starts a refresh. Where no tokio runs, the caller has to do the work.
    fn begin(&self) -> (Refresh, Option<BoxFuture<'static, ()>>) {
        let (sender, refresh) = watch::channel(None);
        let this = self.clone();
        let work = async move {
            let outcome = this.change().await;
            sender.send_replace(Some(outcome));
        };
        (refresh, spawn(Box::pin(work)).err())
    }

    /// Makes the tokens good, and ends the refresh.
    async fn change(&self) -> Outcome {
        let mut turn = self.shared.turn.lock().await;
        let outcome = self.renew(&mut turn).await;
        let mut state = self.shared.state();
        state.refresh = None;
        if let Ok(tokens) = &outcome {
            state.current = Some(tokens.clone());
        }
        outcome
    }

    async fn renew(&self, turn: &mut Turn) -> Outcome {
        if let Some(tokens) = turn.unsaved.clone() {
            let tokens = self.save(turn, tokens).await?;
            if self.is_good(&tokens, &self.refused()) {
                return Ok(tokens);
            }
        }
        // Comes round again only where the store has another refresh token than the one that the server took no more:
        // another process was faster.
        loop {
            let stored = self.shared.store.load().await.map_err(OAuthError::store)?.ok_or(OAuthError::SignedOut)?;
            if self.is_good(&stored, &self.refused()) {
                return Ok(stored);
            }
            let Some(token) = &stored.refresh_token else {
                return if stored.is_usable(&self.refused()) { Ok(stored) } else { Err(OAuthError::SignedOut) };
            };
            if let Some((_, error)) = turn.spent.as_ref().filter(|(spent, _)| spent == token) {
                return Err(error.clone());
            }
            match self.shared.oauth.refresh(token).await {
                Ok(tokens) => return self.save(turn, tokens.after(stored)).await,
                Err(error) if error.must_sign_in() => turn.spent = Some((token.clone(), error)),
                Err(error) => {
                    let rotated = error.refresh_token();
                    let is_usable = matches!(error, OAuthError::Call(_)) && stored.is_usable(&self.refused());
                    let kept = Tokens { refresh_token: rotated.clone().or(stored.refresh_token), ..stored };
                    if rotated.is_some() {
                        self.save(turn, kept.clone()).await?;
                    }
                    return if is_usable { Ok(kept) } else { Err(error) };
                }
            }
        }
    }

    /// Saves tokens that the server answered with. They stay in `turn` until that is done, whatever comes in between.
    async fn save(&self, turn: &mut Turn, tokens: Tokens) -> Outcome {
        let unsaved = turn.unsaved.insert(tokens.clone());
        self.shared.store.save(unsaved).await.map_err(OAuthError::store)?;
        turn.unsaved = None;
        Ok(tokens)
    }

    fn is_good(&self, tokens: &Tokens, refused: &Option<Secret>) -> bool {
        refused.as_ref() != Some(&tokens.access_token) && tokens.is_good_for(self.early, SystemTime::now())
    }

    fn refused(&self) -> Option<Secret> {
        self.shared.state().refused.clone()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tokens {
    fn is_usable(&self, refused: &Option<Secret>) -> bool {
        refused.as_ref() != Some(&self.access_token) && !self.is_expired(SystemTime::now())
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

/// Whether it is on its way, or has ended: its task was not cut off.
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
        {
            let mut state = self.shared.state();
            if state.current.as_ref().is_some_and(|tokens| tokens.access_token == token) {
                state.refused = Some(token.clone());
            }
        }
        Ok(self.tokens().await?.access_token != token)
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
