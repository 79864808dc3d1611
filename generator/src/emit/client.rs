//! `client.rs`: where calls begin.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs::comment;
use super::{Context, features, ident};

/// `client.rs`
pub(super) fn client(context: &Context<'_>) -> TokenStream {
    let api = context.api;
    let base = context.base();
    let agent = &context.config.agent;
    let api_version = &api.version;
    let generated = if context.other().is_some() { "this module" } else { "this crate" };
    let (version, about_version) = match api.is_version_sent {
        true => (
            quote!(Some(API_VERSION)),
            format!(" The version of the API that {generated} is generated from, and that its requests ask for."),
        ),
        false => (quote!(None), format!(" The version of the document that {generated} is generated from.")),
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
            quote!(#base::#name)
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
            pub fn #method(&self) -> #base::resources::#module::#handle {
                #base::resources::#module::#handle::new(&self.client)
            }
        }
    });
    let is_shared = context.shared().is_some_and(|shared| shared.requests);
    let requests = (!is_shared).then(|| {
        let pagination = context.pagination_setters();
        quote! {
            /// Why a call failed. Its [`body`](polar_client_runtime::Error::body) is the typed body of the API's error response.
            pub type Error = polar_client_runtime::codegen::Error<#body>;

            polar_client_runtime::codegen::api_requests!(#body);

            #pagination
        }
    });
    // Only the constructors over reqwest name it.
    let use_error = is_shared.then(|| {
        quote!(
            #[cfg(feature = "reqwest")]
            use crate::Error;
        )
    });
    let about_builder =
        format!(" Returns a builder with default options: production, the API version of {generated}, no token.");
    quote! {
        //! The client.

        use polar_client_runtime::codegen::{Api, Client};
        #use_error

        #[doc = #about_version]
        pub const API_VERSION: &str = #api_version;

        /// Facts about the API as a whole.
        const API: &Api = &Api {
            name: #agent,
            version: #version,
            servers: &[#(#servers),*],
            retryable_errors: &[#(#retryable),*],
        };

        #requests

        /// A builder of a [`Polar`].
        pub type Builder = polar_client_runtime::codegen::Builder<Polar, #body>;

        /// The client. A clone is cheap and shares connections.
        #[derive(Clone, Debug)]
        pub struct Polar {
            client: Client,
        }

        impl Polar {
            /// Creates a client for production with default options.
            ///
            /// # Errors
            /// The token can't be sent in a header, or is of a kind that no request takes, such as a refresh token.
            #[cfg(feature = "reqwest")]
            #[inline]
            pub fn new(access_token: impl Into<polar_client_runtime::codegen::AccessToken>) -> Result<Self, Error> {
                Self::builder().access_token(access_token).build()
            }

            /// Creates a client with settings from environment variables: `POLAR_ACCESS_TOKEN`, `POLAR_ENVIRONMENT`
            /// (`production` or `sandbox`) and `POLAR_ORGANIZATION_ID`.
            ///
            /// # Errors
            /// There is no access token, or one of the variables has a value that is not valid.
            #[cfg(feature = "reqwest")]
            #[inline]
            pub fn from_env() -> Result<Self, Error> {
                Self::builder().from_env()?.build()
            }

            /// Returns a client with another token, such as that of a customer session. Both clients share connections,
            /// settings and limits.
            #[must_use]
            #[inline]
            pub fn with_access_token(&self, token: impl Into<polar_client_runtime::codegen::AccessToken>) -> Self {
                Self { client: self.client.with_access_token(token) }
            }

            #[doc = #about_builder]
            #[inline]
            pub fn builder() -> Builder {
                Builder::new(API)
            }

            /// Returns a client that asks this provider for tokens, for example for one of many users. Both clients share
            /// connections, settings and limits.
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
