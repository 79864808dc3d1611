//! `client.rs`: where calls begin.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs::comment;
use super::{Context, features, ident};

/// `client.rs`
pub(super) fn client(context: &Context<'_>) -> TokenStream {
    let api = context.api;
    let agent = &context.config.agent;
    let api_version = &api.version;
    let (version, about_version) = match api.is_version_sent {
        true => (
            quote!(Some(API_VERSION)),
            " The version of the API that this crate is generated from, and that its requests ask for.",
        ),
        false => (quote!(None), " The version of the document that this crate is generated from."),
    };
    let servers = api.servers.iter().map(|server| {
        let (environment, url) = (&server.environment, &server.url);
        quote!(polar_client_runtime::codegen::Server { environment: #environment, url: #url })
    });
    let retryable = api.retryable_errors.iter().map(|error| {
        let (status, code) = (Literal::u16_unsuffixed(error.status), &error.code);
        quote!(polar_client_runtime::codegen::RetryableError { status: #status, code: #code })
    });
    let body = api.errors.map_or_else(
        || quote!(polar_client_runtime::codegen::serde_json::Value),
        |id| {
            let name = ident(&api.get(id).name);
            quote!(crate::#name)
        },
    );
    let resources = api.resources.iter().filter(|resource| resource.parent.is_none()).map(|resource| {
        let cfg = features::cfg_feature(&resource.feature);
        let (method, module, handle) = (ident(&resource.accessor), ident(&resource.module), ident(&resource.name));
        let mut docs = vec![format!("Operations of `{}`.", resource.path.join(":"))];
        for session in api.sessions.iter().filter(|session| api.resources[session.resource] == *resource) {
            let (ty, name) = (&api.get(session.ty).name, &resource.accessor);
            docs.push(format!("They take the token of a session: a `{ty}` opens them by its method `{name}`."));
        }
        let docs = comment(&docs);
        quote! {
            #docs
            #cfg
            #[must_use]
            #[inline]
            pub fn #method(&self) -> crate::resources::#module::#handle {
                crate::resources::#module::#handle::new(&self.client)
            }
        }
    });
    let pagination = context.pagination_setters();
    quote! {
        //! Where calls begin.

        use polar_client_runtime::codegen::{Api, Client};

        #[doc = #about_version]
        pub const API_VERSION: &str = #api_version;

        /// What the document says about the API as a whole.
        const API: &Api = &Api {
            name: #agent,
            version: #version,
            servers: &[#(#servers),*],
            retryable_errors: &[#(#retryable),*],
        };

        /// Why a call failed. Its [`body`](polar_client_runtime::Error::body) is the typed body of the API's error response.
        pub type Error = polar_client_runtime::codegen::Error<#body>;

        polar_client_runtime::codegen::api_requests!(#body);

        #pagination

        /// Options of a [`Polar`].
        pub type Builder = polar_client_runtime::codegen::Builder<Polar, #body>;

        /// The client. A clone is cheap and shares connections.
        #[derive(Clone, Debug)]
        pub struct Polar {
            client: Client,
        }

        impl Polar {
            /// A client for production with default options.
            ///
            /// # Errors
            /// The token can't stand in a header, or is one that no request carries, such as a refresh token.
            #[cfg(feature = "reqwest")]
            #[inline]
            pub fn new(access_token: impl Into<polar_client_runtime::codegen::AccessToken>) -> Result<Self, Error> {
                Self::builder().access_token(access_token).build()
            }

            /// A client with the settings that the environment of the process holds: `POLAR_ACCESS_TOKEN`,
            /// `POLAR_ENVIRONMENT` (`production` or `sandbox`) and `POLAR_ORGANIZATION_ID`.
            ///
            /// # Errors
            /// There is no access token, or one of them is not what it should be.
            #[cfg(feature = "reqwest")]
            #[inline]
            pub fn from_env() -> Result<Self, Error> {
                Self::builder().from_env()?.build()
            }

            /// The same client acting with another token, as that of a customer's session: connections, settings and
            /// limits are shared.
            #[must_use]
            #[inline]
            pub fn with_access_token(&self, token: impl Into<polar_client_runtime::codegen::AccessToken>) -> Self {
                Self { client: self.client.with_access_token(token) }
            }

            /// Begins with default options: production, the API version that this crate is generated from, no token.
            #[inline]
            pub fn builder() -> Builder {
                Builder::new(API)
            }

            /// The same client, acting as this provider says: for one of many users, say. Both share connections, limits
            /// and all other settings.
            #[must_use]
            #[inline]
            pub fn with_token_provider(&self, provider: impl polar_client_runtime::codegen::TokenProvider) -> Self {
                Self { client: self.client.with_token_provider(provider) }
            }

            #(#resources)*
        }

        impl AsRef<Client> for Polar {
            #[inline]
            fn as_ref(&self) -> &Client {
                &self.client
            }
        }

        impl From<Client> for Polar {
            #[inline]
            fn from(client: Client) -> Self {
                Self { client }
            }
        }
    }
}
