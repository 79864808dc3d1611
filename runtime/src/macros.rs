//! What all generated request types have in common, stamped by a macro so that the generated code stays small.

/// Gives a generated request type its common methods and makes it awaitable.
///
/// The type is a struct with a field `request` of type [`Request`](crate::Request). The arguments are its name, the
/// type that the operation answers with, the API's error body, and the function that reads the answer.
///
/// ```
/// use polar_client_runtime::{Operation, Request, answer, http, request_methods, serde_json::Value};
///
/// static PRODUCTS_GET: Operation = Operation {
///     id: "products:get",
///     method: http::Method::GET,
///     path: "/v1/products/{id}",
///     security: &[],
///     accept: "application/json",
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
            pub fn send_with_response(self) -> $crate::CallWithResponse<$value, $error> {
                self.request.call($read).with_response()
            }

            /// Sends the request and gives back the body as it came, whatever its shape.
            pub fn raw(self) -> $crate::Call<$crate::Bytes, $error> {
                self.request.call($crate::answer::bytes)
            }

            /// Gives this request this long, from the first byte sent to the last one received.
            #[must_use]
            pub fn timeout(mut self, timeout: ::core::time::Duration) -> Self {
                self.request = self.request.timeout(timeout);
                self
            }

            /// Sends this token in place of the client's.
            #[must_use]
            pub fn access_token(mut self, token: impl ::core::convert::Into<$crate::SecretString>) -> Self {
                self.request = self.request.access_token(token.into());
                self
            }

            /// Acts for this organization in place of the client's.
            #[must_use]
            pub fn organization(mut self, organization: $crate::uuid::Uuid) -> Self {
                self.request = self.request.organization(organization);
                self
            }

            /// Sets a header, in place of the one that would be sent otherwise.
            #[must_use]
            pub fn header(mut self, name: &str, value: &str) -> Self {
                self.request = self.request.header(name, value);
                self
            }
        }

        impl ::core::future::IntoFuture for $name {
            type Output = ::core::result::Result<$value, $crate::Error<$error>>;
            type IntoFuture = $crate::Call<$value, $error>;

            /// Sends the request.
            fn into_future(self) -> Self::IntoFuture {
                self.request.call($read)
            }
        }
    };
}
