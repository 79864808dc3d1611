//! The request type of a generated crate. All operations share one, so that their common methods are compiled once.

/// Defines `ApiRequest`, the request type of a generated crate, with the methods that all requests have.
///
/// It is a macro because only the crate that owns the type can add the setters of an operation. The argument is the type
/// of the API's error bodies.
///
/// A program compiles little of it: bodies are written and responses are read by functions that were compiled in the
/// generated crate.
///
/// ```
/// use polar_client_runtime::codegen::{
///     Endpoint, Idempotency, Operation, RawResponse, ResponseError, api_requests, http, response,
/// };
/// use polar_client_runtime::codegen::serde_json::Value;
///
/// api_requests!(Value);
///
/// pub enum ProductsGetOperation {}
///
/// impl Endpoint for ProductsGetOperation {
///     const OPERATION: &'static Operation = &Operation {
///         id: "products:get",
///         method: http::Method::GET,
///         path: "/v1/products/{id}",
///         security: &[],
///         accept: "application/json",
///         idempotency: Idempotency::ByMethod,
///     };
///     type Output = Value;
///
///     fn read(response: &RawResponse) -> Result<Value, ResponseError> {
///         response::model(response)
///     }
/// }
///
/// pub type ProductsGetRequest = ApiRequest<ProductsGetOperation>;
/// ```
#[macro_export]
macro_rules! api_requests {
    ($error:ty) => {
        /// A request to the operation `O`.
        ///
        /// Await it to send it and to get the result of the operation. Its methods change options of this request, or
        /// how the response is returned.
        #[must_use = "a request is sent when it is awaited"]
        pub struct ApiRequest<O> {
            pub(crate) request: $crate::codegen::Request,
            operation: ::core::marker::PhantomData<fn() -> O>,
        }

        impl<O> ::core::convert::From<$crate::codegen::Request> for ApiRequest<O> {
            #[inline]
            fn from(request: $crate::codegen::Request) -> Self {
                Self { request, operation: ::core::marker::PhantomData }
            }
        }

        impl<O> ::core::clone::Clone for ApiRequest<O> {
            fn clone(&self) -> Self {
                Self::from(self.request.clone())
            }
        }

        /// Shows no tokens, no secret parameters and no body.
        impl<O> ::core::fmt::Debug for ApiRequest<O> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.request, f)
            }
        }

        impl<O: $crate::codegen::Endpoint> ApiRequest<O> {
            /// Facts about the operation: method, path and security.
            pub const OPERATION: &'static $crate::codegen::Operation = O::OPERATION;

            /// Id of the operation in the document.
            pub const OPERATION_ID: &'static str = O::OPERATION.id;

            #[inline]
            pub(crate) fn new(client: &$crate::codegen::Client) -> Self {
                Self::from($crate::codegen::Request::new(client, O::OPERATION))
            }

            /// Sends the request and returns the value together with the status and the headers of the response.
            #[inline]
            pub fn send_with_response(self) -> $crate::codegen::CallWithResponse<O::Output, $error> {
                self.request.call(O::read).with_response()
            }

            /// Sends the request and returns the body without decoding it.
            #[inline]
            pub fn raw(self) -> $crate::codegen::Call<$crate::codegen::Bytes, $error> {
                self.request.call($crate::codegen::response::bytes)
            }

            /// Returns the HTTP request without sending it. Its `Debug` output redacts secrets.
            ///
            /// # Errors
            /// Returns an error if a value can't be sent.
            #[inline]
            pub fn build(
                &self,
            ) -> ::core::result::Result<$crate::codegen::HttpRequest, $crate::codegen::Error<$error>> {
                self.request.build()
            }

            /// Sets the timeout of this call, including all attempts and waits. It replaces the client's timeout.
            #[inline]
            pub fn timeout(mut self, timeout: ::core::time::Duration) -> Self {
                self.request = self.request.timeout(timeout);
                self
            }

            /// Sets the timeout of each attempt. It replaces the client's attempt timeout.
            #[inline]
            pub fn attempt_timeout(mut self, timeout: ::core::time::Duration) -> Self {
                self.request = self.request.attempt_timeout(timeout);
                self
            }

            /// Sends this token instead of the client's, even if the operation needs none.
            #[inline]
            pub fn access_token(mut self, token: impl ::core::convert::Into<$crate::codegen::AccessToken>) -> Self {
                self.request = self.request.access_token(token.into());
                self
            }

            /// Acts for this organization instead of the client's.
            #[inline]
            pub fn organization(mut self, organization: $crate::codegen::uuid::Uuid) -> Self {
                self.request = self.request.organization(organization);
                self
            }

            /// Retries by this policy instead of the client's.
            #[inline]
            pub fn retry_policy(mut self, policy: $crate::codegen::RetryPolicy) -> Self {
                self.request = self.request.retry_policy(policy);
                self
            }

            /// Sets a header. It replaces a header of the same name that the client sends.
            #[inline]
            pub fn header(mut self, name: &str, value: &str) -> Self {
                self.request = self.request.header(name, value);
                self
            }
        }

        impl<O: $crate::codegen::Paged> ApiRequest<O> {
            /// Returns the items of the list. Pages are fetched as needed.
            #[inline]
            pub fn items(self) -> $crate::codegen::Items<O::Output, $error> {
                $crate::codegen::Items::__new(self.pages())
            }

            /// Calls an async function with each item of the list, one after the other; a short form of
            /// `items().try_for_each(..)`.
            ///
            /// # Errors
            /// A page could not be fetched, or the function returned an error. The items after it are not visited.
            pub async fn try_for_each<E, F, Fut>(self, each: F) -> ::core::result::Result<(), E>
            where
                E: ::core::convert::From<$crate::codegen::Error<$error>>,
                F: ::core::ops::FnMut(<O::Output as $crate::codegen::Page>::Item) -> Fut,
                Fut: ::core::future::Future<Output = ::core::result::Result<(), E>>,
            {
                self.items().try_for_each(each).await
            }

            /// Collects all items of the list; a short form of `items().try_collect()`.
            ///
            /// # Errors
            /// A page could not be fetched; the items before it are lost.
            pub async fn try_collect<C>(self) -> ::core::result::Result<C, $crate::codegen::Error<$error>>
            where
                C: ::core::default::Default + ::core::iter::Extend<<O::Output as $crate::codegen::Page>::Item>,
            {
                self.items().try_collect().await
            }

            /// Returns the pages of the list, from the one set by `page` (the first by default) to the last.
            #[inline]
            pub fn pages(self) -> $crate::codegen::Pages<O::Output, $error> {
                $crate::codegen::Pages::__new(self.request, O::read)
            }
        }

        $crate::codegen::blocking_requests!($error);

        impl<O: $crate::codegen::Endpoint> ::core::future::IntoFuture for ApiRequest<O> {
            type Output = ::core::result::Result<O::Output, $crate::codegen::Error<$error>>;
            type IntoFuture = $crate::codegen::Call<O::Output, $error>;

            /// Sends the request.
            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                self.request.call(O::read)
            }
        }
    };
}

/// Adds the blocking method to `ApiRequest`, if the feature `blocking` is enabled.
#[cfg(feature = "blocking")]
#[doc(hidden)]
#[macro_export]
macro_rules! blocking_requests {
    ($error:ty) => {
        impl<O: $crate::codegen::Endpoint> ApiRequest<O> {
            /// Sends the request and blocks until the response has arrived, for programs without async code.
            ///
            /// In an async program it can be called in `tokio::task::spawn_blocking` and `tokio::task::block_in_place`.
            ///
            /// # Errors
            /// Returns the errors of any call. On a thread of an async runtime, which must not block, it returns an
            /// error.
            #[inline]
            pub fn send_blocking(self) -> ::core::result::Result<O::Output, $crate::codegen::Error<$error>> {
                $crate::codegen::blocking::wait(&self.request.clone(), self.request.call(O::read))
            }
        }
    };
}

#[cfg(not(feature = "blocking"))]
#[doc(hidden)]
#[macro_export]
macro_rules! blocking_requests {
    ($error:ty) => {};
}
