//! Kinds of tokens, and the kinds that each security scheme of the document accepts.

use std::fmt;

use crate::sorted::sorted;

/// The kind of a Polar token, determined by its prefix.
///
/// Tokens that were created before Polar used prefixes are [`TokenKind::Unknown`] and work too. Length and alphabet are
/// therefore never checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// `polar_pat_`: a user's personal access token.
    PersonalAccessToken,
    /// `polar_oat_`: an organization access token.
    OrganizationAccessToken,
    /// `polar_at_u_`: an OAuth access token of a user.
    OauthUserAccessToken,
    /// `polar_at_o_`: an OAuth access token of an organization. Polar no longer issues them.
    OauthOrganizationAccessToken,
    /// `polar_rt_u_`: an OAuth refresh token of a user.
    OauthUserRefreshToken,
    /// `polar_rt_o_`: an OAuth refresh token of an organization.
    OauthOrganizationRefreshToken,
    /// `polar_ac_`: an OAuth authorization code.
    OauthAuthorizationCode,
    /// `polar_ci_`: an OAuth client id, which is not a secret.
    OauthClientId,
    /// `polar_cs_`: an OAuth client secret.
    OauthClientSecret,
    /// `polar_crt_`: the token that manages the registration of an OAuth client.
    OauthClientRegistrationToken,
    /// `polar_cst_`: a customer session token, valid for an hour.
    CustomerSessionToken,
    /// `polar_mst_`: a member session token, valid for an hour.
    MemberSessionToken,
    /// `polar_us_`: a user's browser session, which is a cookie of Polar's website.
    BrowserSession,
    /// `polar_c_`: the client secret of a checkout.
    CheckoutClientSecret,
    /// `whsec_`, formerly `polar_whs_`: the secret that signs webhooks.
    WebhookSecret,
    /// Any other text.
    Unknown,
}

/// Facts about a kind of token.
struct Facts {
    kind: TokenKind,
    /// Name in snake case.
    name: &'static str,
    /// Name with its article, for sentences.
    words: &'static str,
    prefixes: &'static [&'static str],
    /// Whether the API accepts it in an `Authorization` header (RFC 6750).
    bearer: bool,
    /// How to get one if it is a bearer token; otherwise its purpose.
    hint: &'static str,
}

static FACTS: [Facts; 15] = [
    Facts {
        kind: TokenKind::PersonalAccessToken,
        name: "personal_access_token",
        words: "a personal access token",
        prefixes: &["polar_pat_"],
        bearer: true,
        hint: "create one in the account settings",
    },
    Facts {
        kind: TokenKind::OrganizationAccessToken,
        name: "organization_access_token",
        words: "an organization access token",
        prefixes: &["polar_oat_"],
        bearer: true,
        hint: "create one in the settings of the organization",
    },
    Facts {
        kind: TokenKind::OauthUserAccessToken,
        name: "oauth_user_access_token",
        words: "an OAuth access token of a user",
        prefixes: &["polar_at_u_"],
        bearer: true,
        hint: "obtained by an OAuth login",
    },
    Facts {
        kind: TokenKind::OauthOrganizationAccessToken,
        name: "oauth_organization_access_token",
        words: "an OAuth access token of an organization",
        prefixes: &["polar_at_o_"],
        bearer: true,
        hint: "OAuth logins now return a token of the user instead",
    },
    Facts {
        kind: TokenKind::OauthUserRefreshToken,
        name: "oauth_user_refresh_token",
        words: "an OAuth refresh token",
        prefixes: &["polar_rt_u_"],
        bearer: false,
        hint: "exchange it for an access token",
    },
    Facts {
        kind: TokenKind::OauthOrganizationRefreshToken,
        name: "oauth_organization_refresh_token",
        words: "an OAuth refresh token",
        prefixes: &["polar_rt_o_"],
        bearer: false,
        hint: "exchange it for an access token",
    },
    Facts {
        kind: TokenKind::OauthAuthorizationCode,
        name: "oauth_authorization_code",
        words: "an OAuth authorization code",
        prefixes: &["polar_ac_"],
        bearer: false,
        hint: "exchange it for an access token",
    },
    Facts {
        kind: TokenKind::OauthClientId,
        name: "oauth_client_id",
        words: "an OAuth client id",
        prefixes: &["polar_ci_"],
        bearer: false,
        hint: "it identifies a client in OAuth logins",
    },
    Facts {
        kind: TokenKind::OauthClientSecret,
        name: "oauth_client_secret",
        words: "an OAuth client secret",
        prefixes: &["polar_cs_"],
        bearer: false,
        hint: "it authenticates the client when a code or refresh token is exchanged",
    },
    Facts {
        kind: TokenKind::OauthClientRegistrationToken,
        name: "oauth_client_registration_token",
        words: "an OAuth client registration token",
        prefixes: &["polar_crt_"],
        bearer: true,
        hint: "returned by the registration of an OAuth client, and valid for that client",
    },
    Facts {
        kind: TokenKind::CustomerSessionToken,
        name: "customer_session_token",
        words: "a customer session token",
        prefixes: &["polar_cst_"],
        bearer: true,
        hint: "`customer_sessions().create(..)` returns one, which is valid for an hour",
    },
    Facts {
        kind: TokenKind::MemberSessionToken,
        name: "member_session_token",
        words: "a member session token",
        prefixes: &["polar_mst_"],
        bearer: true,
        hint: "`customer_sessions().create(..)` with a member returns one, which is valid for an hour",
    },
    Facts {
        kind: TokenKind::BrowserSession,
        name: "browser_session",
        words: "a browser session",
        prefixes: &["polar_us_"],
        bearer: false,
        hint: "a cookie of Polar's website, which API clients don't have",
    },
    Facts {
        kind: TokenKind::CheckoutClientSecret,
        name: "checkout_client_secret",
        words: "the client secret of a checkout",
        prefixes: &["polar_c_"],
        bearer: false,
        hint: "pass it to the methods of `checkouts()` that take a client secret",
    },
    Facts {
        kind: TokenKind::WebhookSecret,
        name: "webhook_secret",
        words: "a webhook secret",
        prefixes: &["whsec_", "polar_whs_"],
        bearer: false,
        hint: "give it to a `WebhookVerifier`",
    },
];

/// The kinds of tokens that each security scheme of the document accepts.
///
/// Two schemes are not in Polar's own document. The overlay adds `client_registration` to the operations on a registered
/// OAuth client (RFC 7592), and `browser_session` to those that only Polar's website can call.
const SCHEMES: [(&str, &[TokenKind]); 7] = [
    ("oidc", &[TokenKind::OauthUserAccessToken, TokenKind::OauthOrganizationAccessToken]),
    ("pat", &[TokenKind::PersonalAccessToken]),
    ("oat", &[TokenKind::OrganizationAccessToken]),
    ("customer_session", &[TokenKind::CustomerSessionToken]),
    ("member_session", &[TokenKind::MemberSessionToken]),
    ("client_registration", &[TokenKind::OauthClientRegistrationToken]),
    ("browser_session", &[TokenKind::BrowserSession]),
];

/// Returns the kinds of tokens that a security scheme accepts. `None` for an unknown scheme, which may accept any kind.
#[must_use]
pub fn kinds_of(scheme: &str) -> Option<&'static [TokenKind]> {
    SCHEMES.iter().find(|(name, _)| *name == scheme).map(|(_, kinds)| *kinds)
}

/// Returns the kinds of tokens that an operation with these security schemes accepts, sorted. Unknown schemes add none.
#[must_use]
pub fn kinds_taken<'a>(schemes: impl IntoIterator<Item = &'a str>) -> Vec<TokenKind> {
    sorted(schemes.into_iter().filter_map(kinds_of).flatten().copied())
}

/// Returns the kinds of tokens that all of several operations accept, given the kinds that each of them accepts.
///
/// Operations without kinds need no token and are ignored. The result is `None` if no operation needs a token.
#[must_use]
pub fn kinds_shared(operations: impl IntoIterator<Item = Vec<TokenKind>>) -> Option<Vec<TokenKind>> {
    let asking = operations.into_iter().filter(|kinds| !kinds.is_empty());
    asking.reduce(|mut kinds, more| {
        kinds.retain(|kind| more.contains(kind));
        kinds
    })
}

impl TokenKind {
    /// Returns the kind of a token, determined by its prefix.
    #[must_use]
    pub fn of(token: &str) -> Self {
        let is_it = |facts: &&Facts| facts.prefixes.iter().any(|prefix| token.starts_with(prefix));
        FACTS.iter().find(is_it).map_or(Self::Unknown, |facts| facts.kind)
    }

    /// Returns the kind in snake case, as in `organization_access_token`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.facts().map_or("unknown", |facts| facts.name)
    }

    /// Returns the kind with its article, as in `an organization access token`.
    #[must_use]
    pub fn description(self) -> &'static str {
        self.facts().map_or("a token of an unknown kind", |facts| facts.words)
    }

    /// Returns how to get a token of this kind. For a kind that can't authenticate requests, returns its purpose.
    #[must_use]
    pub fn hint(self) -> &'static str {
        self.facts().map_or("its prefix is unknown", |facts| facts.hint)
    }

    /// Returns whether requests can carry it (RFC 6750). A refresh token, a code, an id or another secret never
    /// authenticates a request. An unknown kind may.
    #[must_use]
    pub fn is_bearer(self) -> bool {
        self.facts().is_none_or(|facts| facts.bearer)
    }

    /// Returns whether it grants access, so that it must not be shown. For an unknown kind this can't be known.
    #[must_use]
    pub fn is_secret(self) -> bool {
        !matches!(self, Self::OauthClientId | Self::Unknown)
    }

    /// All known prefixes.
    pub fn prefixes() -> impl Iterator<Item = &'static str> {
        FACTS.iter().flat_map(|facts| facts.prefixes).copied()
    }

    fn facts(self) -> Option<&'static Facts> {
        FACTS.iter().find(|facts| facts.kind == self)
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_come_from_prefixes() {
        assert_eq!(TokenKind::of("polar_oat_x"), TokenKind::OrganizationAccessToken);
        assert_eq!(TokenKind::of("polar_c_x"), TokenKind::CheckoutClientSecret);
        assert_eq!(TokenKind::of("polar_cst_x"), TokenKind::CustomerSessionToken);
        assert_eq!(TokenKind::of("polar_whs_x"), TokenKind::WebhookSecret);
        assert_eq!(TokenKind::of("whsec_x"), TokenKind::WebhookSecret);
        assert_eq!(TokenKind::of("polar_us_x"), TokenKind::BrowserSession);
        assert_eq!(TokenKind::of("0123"), TokenKind::Unknown);
    }

    #[test]
    fn no_prefix_hides_another() {
        for facts in &FACTS {
            for prefix in facts.prefixes {
                assert_eq!(TokenKind::of(prefix), facts.kind);
            }
        }
    }

    #[test]
    fn schemes_take_what_authenticates_a_request() {
        let taken: Vec<_> = SCHEMES.iter().flat_map(|(_, kinds)| *kinds).copied().collect();
        let bearers = FACTS.iter().map(|facts| facts.kind).filter(|kind| kind.is_bearer());
        // A browser sends its session in a cookie.
        let all: Vec<_> = bearers.chain([TokenKind::BrowserSession]).collect();
        for kind in &all {
            assert!(taken.contains(kind), "no scheme takes {kind}");
        }
        assert_eq!(taken.len(), all.len());
        assert_eq!(kinds_of("basic"), None);
    }

    #[test]
    fn kinds_that_several_operations_share_are_those_of_each() {
        let (api, user) = (kinds_taken(["oidc", "pat", "oat"]), kinds_taken(["oidc", "pat"]));
        assert_eq!(kinds_shared([api.clone(), Vec::new(), user.clone()]), Some(user));
        assert_eq!(kinds_shared([api, kinds_taken(["customer_session"])]), Some(Vec::new()));
        assert_eq!(kinds_shared([Vec::new(), kinds_taken(["basic"])]), None);
    }
}
