//! What all generated request types have in common, stamped by a macro so that the generated code stays small.

/// Gives a generated request type its common methods and makes it awaitable.
///
/// What sends is `#[inline]`: it is compiled in the crate that calls it, and so are the decoders that it needs. The
/// generated crate compiles none of them, and a program those that it uses.
///
/// The type is a struct with a field `request` of type [`Request`](crate::Request). The arguments are its name, the
/// type that the operation answers with, the API's error body, and the function that reads the answer.
///
/// ```
/// use polar_client_runtime::{Operation, Repeat, Request, answer, http, request_methods, serde_json::Value};
///
/// static PRODUCTS_GET: Operation = Operation {
///     id: "products:get",
///     method: http::Method::GET,
///     path: "/v1/products/{id}",
///     security: &[],
///     accept: "application/json",
///     repeat: Repeat::ByMethod,
/// };
///
/// #[derive(Clone, Debug)]
/// pub struct ProductsGet {
///     request: Request,
/// }
///
/// request_methods!(ProductsGet, Value, Value, answer::json);
/// ```
#[macro_export]
macro_rules! request_methods {
    ($name:ident, $value:ty, $error:ty, $read:expr) => {
        impl $name {
            /// Sends the request and gives back status and headers along with the value.
            #[inline]
            pub fn send_with_response(self) -> $crate::CallWithResponse<$value, $error> {
                self.request.call($read).with_response()
            }

            /// Sends the request and gives back the body as it came, whatever its shape.
            #[inline]
            pub fn raw(self) -> $crate::Call<$crate::Bytes, $error> {
                self.request.call($crate::answer::bytes)
            }

            /// The request as it would travel, without sending it.
            ///
            /// # Errors
            /// A value can't be sent.
            pub fn build(&self) -> ::core::result::Result<$crate::http::Request<$crate::Bytes>, $crate::Error<$error>> {
                self.request.build()
            }

            /// Gives this request this long, from the first byte sent to the last one received.
            #[must_use]
            pub fn timeout(mut self, timeout: ::core::time::Duration) -> Self {
                self.request = self.request.timeout(timeout);
                self
            }

            /// Sends this token in place of the client's, and also where the operation asks for none.
            #[must_use]
            pub fn access_token(mut self, token: impl ::core::convert::Into<$crate::AccessToken>) -> Self {
                self.request = self.request.access_token(token.into());
                self
            }

            /// Acts for this organization in place of the client's.
            #[must_use]
            pub fn organization(mut self, organization: $crate::uuid::Uuid) -> Self {
                self.request = self.request.organization(organization);
                self
            }

            /// Tries the request again as this policy says, in place of the client's.
            #[must_use]
            pub fn retry_policy(mut self, policy: $crate::RetryPolicy) -> Self {
                self.request = self.request.retry_policy(policy);
                self
            }

            /// Sets a header, in place of the one that would be sent otherwise.
            #[must_use]
            pub fn header(mut self, name: &str, value: &str) -> Self {
                self.request = self.request.header(name, value);
                self
            }
        }

        $crate::blocking_methods!($name, $value, $error, $read);

        impl ::core::future::IntoFuture for $name {
            type Output = ::core::result::Result<$value, $crate::Error<$error>>;
            type IntoFuture = $crate::Call<$value, $error>;

            /// Sends the request.
            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                self.request.call($read)
            }
        }
    };
}

/// Gives a generated request type the method that waits, where the `blocking` feature is on.
#[cfg(feature = "blocking")]
#[doc(hidden)]
#[macro_export]
macro_rules! blocking_methods {
    ($name:ident, $value:ty, $error:ty, $read:expr) => {
        impl $name {
            /// Sends the request and waits for the answer, for programs without async code.
            ///
            /// # Errors
            /// As any call; and if the thread belongs to an async runtime, which must not wait.
            #[inline]
            pub fn send_blocking(self) -> ::core::result::Result<$value, $crate::Error<$error>> {
                $crate::blocking::wait(&self.request.clone(), self.request.call($read))
            }
        }
    };
}

#[cfg(not(feature = "blocking"))]
#[doc(hidden)]
#[macro_export]
macro_rules! blocking_methods {
    ($name:ident, $value:ty, $error:ty, $read:expr) => {};
}

/// Gives the request type of a paged operation the methods that go through the pages.
///
/// The arguments are its name, the type of a page, and the API's error body.
#[macro_export]
macro_rules! paged_methods {
    ($name:ident, $page:ty, $error:ty) => {
        impl $name {
            /// Goes through the items of the list, page after page.
            pub fn items(self) -> $crate::Items<$page, $error> {
                $crate::Items::__new(self.pages())
            }

            /// Goes through the pages of the list, from the one asked for by `page` to the last.
            pub fn pages(self) -> $crate::Pages<$page, $error> {
                $crate::Pages::__new(self.request, $crate::answer::json)
            }
        }
    };
}
