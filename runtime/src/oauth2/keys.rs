//! The keys that ID tokens are signed with (RFC 7517), fetched once for all logins.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::members::Members;
use super::signature::VerifyingKey;
use super::{IdTokenError, OAuthError};
use crate::platform::Instant;

/// How long an unknown key id is rejected without a request, after the server did not have such a key.
const COOLDOWN: Duration = Duration::from_secs(30);

/// The keys of a server. Unusable keys are ignored (RFC 7517, section 5).
pub(super) struct Keys(Vec<Key>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let keys: Vec<Value> = Members::read(deserializer)?.take("keys")?;
        Ok(Self(keys.into_iter().filter_map(Key::read).collect()))
    }
}

struct Key {
    id: Option<String>,
    key: VerifyingKey,
}

impl Key {
    /// Returns `None` for a key that verifies nothing, or not by RS256.
    fn read(key: Value) -> Option<Self> {
        let mut key = Members::of_value(key)?;
        let id = key.get::<Option<String>>("kid")?;
        let is_rsa = key.get::<String>("kty")? == "RSA";
        let is_for_signatures = key.get::<Option<String>>("use")?.is_none_or(|purpose| purpose == "sig");
        let verifies =
            key.get::<Option<Vec<String>>>("key_ops")?.is_none_or(|names| names.iter().any(|name| name == "verify"));
        let is_rs256 = key.get::<Option<String>>("alg")?.is_none_or(|alg| alg == "RS256");
        let mut number = |name| URL_SAFE_NO_PAD.decode(key.get::<String>(name)?).ok();
        let key = VerifyingKey::new(&number("n")?, &number("e")?)?;
        (is_rsa && is_for_signatures && verifies && is_rs256).then_some(Self { id, key })
    }
}

impl Keys {
    /// Returns the key with this id. A token without an id uses the only key, if there is one.
    fn find(&self, name: Option<&str>) -> Option<VerifyingKey> {
        let mut fitting = self.0.iter().filter(|key| name.is_none() || key.id.as_deref() == name);
        fitting.next().filter(|_| fitting.next().is_none()).map(|key| key.key.clone())
    }
}

/// Caches the keys of a server. If many logins need a key, one of them fetches it.
#[derive(Default)]
pub(super) struct KeyCache {
    state: Mutex<State>,
    /// Held by the login that fetches the keys.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    keys: Option<Arc<Keys>>,
    /// Number of fetches.
    fetches: u64,
    /// Why the last fetch failed.
    failure: Option<OAuthError>,
    /// When an unknown key was last requested from the server.
    missed: Option<Instant>,
}

impl State {
    fn find(&self, name: Option<&str>) -> Option<VerifyingKey> {
        self.keys.as_ref()?.find(name)
    }

    fn is_cooling_down(&self, now: Instant) -> bool {
        self.missed.is_some_and(|missed| now.saturating_duration_since(missed) < COOLDOWN)
    }
}

impl KeyCache {
    /// Returns the key with this id. If it is unknown, the keys are fetched, unless an unknown key was requested
    /// shortly before.
    ///
    /// # Errors
    /// The server has no such key, or the keys could not be fetched. Logins that waited for a fetch share its error.
    pub(super) async fn find<F: Future<Output = Result<Keys, OAuthError>>>(
        &self,
        name: Option<&str>,
        now: impl Fn() -> Instant,
        fetch: impl FnOnce() -> F,
    ) -> Result<VerifyingKey, OAuthError> {
        let before = {
            let state = self.state();
            match state.find(name) {
                Some(key) => return Ok(key),
                None if state.is_cooling_down(now()) => return Err(IdTokenError::UnknownKey.into()),
                None => state.fetches,
            }
        };
        let _turn = self.fetching.lock().await;
        {
            let state = self.state();
            if state.fetches != before {
                let failure = || state.failure.clone().unwrap_or_else(|| IdTokenError::UnknownKey.into());
                return state.find(name).ok_or_else(failure);
            }
        }
        let fetched = fetch().await;
        let mut state = self.state();
        state.fetches += 1;
        state.failure = fetched.as_ref().err().cloned();
        state.keys = Some(Arc::new(fetched?));
        let key = state.find(name);
        state.missed = key.is_none().then(&now);
        key.ok_or_else(|| IdTokenError::UnknownKey.into())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::cell::Cell;

    use serde_json::json;

    use super::*;

    /// An odd number of so many bits.
    fn modulus(bits: usize) -> String {
        URL_SAFE_NO_PAD.encode(vec![0xff; bits / 8])
    }

    fn keys(names: &[&str]) -> Keys {
        let key = |name: &&str| json!({"kty": "RSA", "kid": name, "n": modulus(2048), "e": "AQAB"});
        serde_json::from_value(json!({"keys": names.iter().map(key).collect::<Vec<_>>()})).unwrap()
    }

    #[test]
    fn odd_keys_are_passed_over() {
        let n = modulus(2048);
        let odd = [
            json!(7),
            json!({}),
            json!({"kty": 7}),
            json!({"kty": "RSA", "kid": ["a"], "n": n, "e": "AQAB"}),
            json!({"kty": "RSA", "kid": "a", "n": "!", "e": "AQAB"}),
            json!({"kty": "RSA", "kid": "a", "n": modulus(1024), "e": "AQAB"}),
            json!({"kty": "RSA", "kid": "a", "n": modulus(16384), "e": "AQAB"}),
            json!({"kty": "RSA", "kid": "a", "n": n, "e": "AQ"}),
            json!({"kty": "RSA", "kid": "a", "n": n}),
            json!({"kty": "RSA", "kid": "a", "n": n, "e": "AQAB", "use": "enc"}),
            json!({"kty": "RSA", "kid": "a", "n": n, "e": "AQAB", "key_ops": ["encrypt"]}),
            json!({"kty": "EC", "kid": "a", "crv": "P-256", "x": "AQAB", "y": "AQAB"}),
            json!({"kty": "RSA", "kid": "a", "n": n, "e": "AQAB", "x5c": 7, "key_ops": ["verify"]}),
        ];
        let keys: Keys = serde_json::from_value(json!({"keys": odd})).unwrap();
        assert!(keys.find(Some("a")).is_some() && keys.find(None).is_some() && keys.find(Some("b")).is_none());
    }

    #[tokio::test]
    async fn an_unknown_key_is_asked_for_once_in_a_while() {
        let (cache, asked, now) = (KeyCache::default(), Cell::new(0), Cell::new(Instant::now()));
        let find = async |name: &str| {
            let fetch = || {
                asked.set(asked.get() + 1);
                std::future::ready(Ok(keys(&["a"])))
            };
            cache.find(Some(name), || now.get(), fetch).await.is_ok()
        };
        for _ in 0..200 {
            assert!(!find("forged").await);
        }
        assert!(find("a").await);
        assert_eq!(asked.get(), 1);
        now.set(now.get() + COOLDOWN);
        assert!(!find("forged").await && !find("forged").await);
        assert_eq!(asked.get(), 2);
    }
}
