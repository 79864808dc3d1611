//! The request type of a generated crate: there is one for all operations, so that what they have in common is
//! compiled once.

/// Defines `ApiRequest`, the request type of a generated crate, with the methods that all requests have.
///
/// It is a macro because the crate that adds the setters of single operations has to own the type. The argument is
/// the API's error body.
///
/// What sends is `#[inline]`: it is compiled in the crate that calls it, and so are the decoders that it needs. The
/// generated crate compiles none of them, and a program those that it uses.
///
/// ```
/// use polar_client_runtime::codegen::{Endpoint, Idempotency, Operation, api_requests, http, response};
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
///     type Format = response::Json;
/// }
///
/// pub type ProductsGetRequest = ApiRequest<ProductsGetOperation>;
/// ```
#[macro_export]
macro_rules! api_requests {
    ($error:ty) => {
        /// A request to the operation `O`.
        ///
        /// It is sent when it is awaited, and gives what the operation answers with. Its methods say otherwise, and
        /// set what holds for this request alone.
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

        /// Shows neither tokens, nor parameters that hold a secret, nor the body.
        impl<O> ::core::fmt::Debug for ApiRequest<O> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.request, f)
            }
        }

        impl<O: $crate::codegen::Endpoint> ApiRequest<O> {
            /// What the document says about the operation.
            pub const OPERATION: &'static $crate::codegen::Operation = O::OPERATION;

            /// Name of the operation in the document.
            pub const OPERATION_ID: &'static str = O::OPERATION.id;

            #[inline]
            pub(crate) fn new(client: &$crate::codegen::Client) -> Self {
                Self::from($crate::codegen::Request::new(client, O::OPERATION))
            }

            /// Sends the request and gives back status and headers along with the value.
            #[inline]
            pub fn send_with_response(self) -> $crate::codegen::CallWithResponse<O::Output, $error> {
                self.request
                    .call(<O::Format as $crate::codegen::response::ResponseFormat<O::Output>>::read)
                    .with_response()
            }

            /// Sends the request and gives back the body as it came, whatever its shape.
            #[inline]
            pub fn raw(self) -> $crate::codegen::Call<$crate::codegen::Bytes, $error> {
                self.request.call($crate::codegen::response::bytes)
            }

            /// The request as it would travel, without sending it.
            ///
            /// # Errors
            /// A value can't be sent.
            #[inline]
            pub fn build(
                &self,
            ) -> ::core::result::Result<
                $crate::codegen::http::Request<$crate::codegen::Bytes>,
                $crate::codegen::Error<$error>,
            > {
                self.request.build()
            }

            /// Gives this request this long, from the first byte sent to the last one received.
            #[inline]
            pub fn timeout(mut self, timeout: ::core::time::Duration) -> Self {
                self.request = self.request.timeout(timeout);
                self
            }

            /// Sends this token in place of the client's, and also where the operation asks for none.
            #[inline]
            pub fn access_token(mut self, token: impl ::core::convert::Into<$crate::codegen::AccessToken>) -> Self {
                self.request = self.request.access_token(token.into());
                self
            }

            /// Acts for this organization in place of the client's.
            #[inline]
            pub fn organization(mut self, organization: $crate::codegen::uuid::Uuid) -> Self {
                self.request = self.request.organization(organization);
                self
            }

            /// Tries the request again as this policy says, in place of the client's.
            #[inline]
            pub fn retry_policy(mut self, policy: $crate::codegen::RetryPolicy) -> Self {
                self.request = self.request.retry_policy(policy);
                self
            }

            /// Sets a header, in place of the one that would be sent otherwise.
            #[inline]
            pub fn header(mut self, name: &str, value: &str) -> Self {
                self.request = self.request.header(name, value);
                self
            }
        }

        impl<O: $crate::codegen::Paged> ApiRequest<O> {
            /// Goes through the items of the list, page after page.
            #[inline]
            pub fn items(self) -> $crate::codegen::Items<O::Output, $error> {
                $crate::codegen::Items::__new(self.pages())
            }

            /// Goes through the pages of the list, from the one asked for by `page` to the last.
            #[inline]
            pub fn pages(self) -> $crate::codegen::Pages<O::Output, $error> {
                $crate::codegen::Pages::__new(
                    self.request,
                    <O::Format as $crate::codegen::response::ResponseFormat<O::Output>>::read,
                )
            }
        }

        $crate::codegen::blocking_requests!($error);

        impl<O: $crate::codegen::Endpoint> ::core::future::IntoFuture for ApiRequest<O> {
            type Output = ::core::result::Result<O::Output, $crate::codegen::Error<$error>>;
            type IntoFuture = $crate::codegen::Call<O::Output, $error>;

            /// Sends the request.
            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                self.request.call(<O::Format as $crate::codegen::response::ResponseFormat<O::Output>>::read)
            }
        }
    };
}

/// Gives `ApiRequest` the method that waits, where the `blocking` feature is on.
#[cfg(feature = "blocking")]
#[doc(hidden)]
#[macro_export]
macro_rules! blocking_requests {
    ($error:ty) => {
        impl<O: $crate::codegen::Endpoint> ApiRequest<O> {
            /// Sends the request and waits for the answer, for programs without async code.
            ///
            /// # Errors
            /// As any call; and if the thread belongs to an async runtime, which must not wait.
            #[inline]
            pub fn send_blocking(self) -> ::core::result::Result<O::Output, $crate::codegen::Error<$error>> {
                $crate::codegen::blocking::wait(
                    &self.request.clone(),
                    self.request.call(<O::Format as $crate::codegen::response::ResponseFormat<O::Output>>::read),
                )
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
