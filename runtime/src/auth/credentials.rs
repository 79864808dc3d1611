//! The credentials of a client.

use std::fmt;
use std::sync::Arc;

use super::provider::DynTokenProvider;
use super::{AccessToken, TokenProvider};
use crate::futures::BoxError;

/// The credentials of a client.
#[derive(Clone)]
pub(crate) enum Credentials {
    Nobody,
    Token(AccessToken),
    Provider(ProviderHandle),
}

/// A provider of any type.
#[derive(Clone)]
pub(crate) struct ProviderHandle(Arc<dyn DynTokenProvider>);

impl Credentials {
    pub(crate) fn provider(provider: impl TokenProvider) -> Self {
        Self::Provider(ProviderHandle(Arc::new(provider)))
    }

    /// Returns the token that all requests share. `None` if there is no token or if a provider has it.
    pub(crate) fn fixed(&self) -> Option<&AccessToken> {
        match self {
            Self::Token(token) => Some(token),
            Self::Nobody | Self::Provider(_) => None,
        }
    }

    /// Asks the provider for the token of the next request. `None` if there is no provider.
    pub(crate) async fn provided(&self) -> Result<Option<AccessToken>, BoxError> {
        match self {
            Self::Provider(ProviderHandle(provider)) => provider.access_token().await.map(|token| Some(token.into())),
            Self::Nobody | Self::Token(_) => Ok(None),
        }
    }

    /// Tells the provider that the API rejected this token. Returns whether there is another token.
    pub(crate) async fn refresh(&self, rejected: &AccessToken) -> Result<bool, BoxError> {
        match self {
            Self::Provider(ProviderHandle(provider)) => provider.token_rejected(rejected.secret()).await,
            Self::Nobody | Self::Token(_) => Ok(false),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("None"),
            Self::Token(token) => token.fmt(f),
            Self::Provider(_) => f.write_str("TokenProvider"),
        }
    }
}
