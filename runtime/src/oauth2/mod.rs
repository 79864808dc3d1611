//! OAuth 2.0 and OpenID Connect: signing users in with Polar, and acting for them.
//!
//! Owns logins, tokens and their refresh, ID tokens and the settings of OAuth clients. Leaves to others how its requests
//! are sent (`send`) and the types of operations, which are generated.
//!
//! Invariant: a code is sent once. A refresh token is sent once, and a second time only if the outcome is unclear.
//!
//! | step | here |
//! |---|---|
//! | send the browser to Polar | [`OAuthClient::login`] gives a [`Login`]: a URL, and what the session keeps |
//! | read what it comes back with | [`OAuthClient::finish`]: [`PendingLogin::accept`] and [`OAuthClient::exchange`] |
//! | act for the user | [`RefreshingTokens`], a [`TokenProvider`](crate::TokenProvider) |
//! | know who it is | [`OAuthClient::verify_id_token`], or the operation `oauth2:userinfo` |
//! | look at a token | [`OAuthClient::introspect`] |
//! | end it | [`RefreshingTokens::sign_out`], [`OAuthClient::revoke`] |
//! | register a client | [`OAuthClientConfig`] checks the settings before they are sent |
//! | choose a redirect URI | [`check_redirect_uri`], [`stored_redirect_uri`], [`OAuthClientConfig::allows_redirect`] |
//!
//! ID tokens are verified by the cryptography of rustls. Without a feature for it, enable the feature `rsa`.
//!
//! Every request is sent through the transport of the [`Client`](crate::Client) that an [`OAuthClient`] is made of, with
//! its timeouts and limits.

mod allowed;
mod client;
mod config;
mod credentials;
mod error;
mod id_token;
mod keys;
mod login;
mod members;
mod operations;
mod pace;
mod random;
mod redirect;
mod refreshing;
mod signature;
mod store;
mod tokens;

pub use client::{Discovery, OAuthClient, SignedIn};
pub use config::OAuthClientConfig;
pub use credentials::ClientCredentials;
pub use error::{CallbackError, IdTokenError, OAuthError, OAuthErrorCode, Refusal};
pub use id_token::IdTokenClaims;
pub use login::{AuthorizationCode, Login, LoginBuilder, PendingLogin, Prompt};
pub use random::unguessable;
pub use redirect::{RedirectUriError, check_redirect_uri, stored_redirect_uri};
pub use refreshing::RefreshingTokens;
pub use store::{MemoryTokenStore, TokenStore};
pub use tokens::Tokens;
