//! Who verifies ID tokens. `.ci/run` runs these tests with and without the feature `rsa`.
#![cfg(all(feature = "oauth2", feature = "mock"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use polar_client_runtime::mock::MockTransport;
use polar_client_runtime::oauth2::{ClientCredentials, OAuthClient};
use support::builder;

/// The code of a login works once: it must not be spent on an ID token that nothing can verify.
#[test]
fn without_cryptography_a_client_is_refused_at_once() {
    let client = builder().transport(MockTransport::new()).build().unwrap();
    let oauth = OAuthClient::new(&client, ClientCredentials::public("polar_ci_1"), "https://example.com/callback");
    let has_cryptography = cfg!(any(feature = "rsa", feature = "rustls", feature = "rustls-aws-lc-rs"));
    assert_eq!(oauth.is_ok(), has_cryptography);
    if let Err(error) = oauth {
        let expected = "OAuth settings: ID tokens can't be verified: enable the feature `rsa`, or one for rustls";
        assert_eq!(error.to_string(), expected);
    }
}
