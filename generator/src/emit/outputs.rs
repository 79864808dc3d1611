//! The results of operations: the body of the response, or an enumeration of all documented successes.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::docs::comment;
use super::{Context, ident};
use crate::ir::{Operation, Output, ResponseBody, Status, Success};

impl Context<'_> {
    /// Returns the result type of an operation, and how it is read from a response.
    pub(super) fn output(&self, operation: &Operation) -> (TokenStream, TokenStream) {
        match &operation.output {
            Output::Body(body) => (self.body_type(body), read(body)),
            Output::ByStatus { name, .. } => {
                let name = ident(name);
                (quote!(#name), self.read_by_status(operation, &name))
            }
        }
    }

    fn read_by_status(&self, operation: &Operation, name: &Ident) -> TokenStream {
        let arms = operation.successes.iter().map(|success| {
            let (statuses, variant) = (statuses(success.status), ident(&success.name));
            let read = match &success.body {
                ResponseBody::Empty => quote!(Ok(#name::#variant)),
                body => {
                    let read = read(body);
                    quote!(#read.map(#name::#variant))
                }
            };
            quote!(#statuses => #read,)
        });
        let listed: Vec<_> = operation.successes.iter().map(|success| success.status.to_string()).collect();
        let listed = listed.join(", ");
        quote! {
            match response.status().as_u16() {
                #(#arms)*
                _ => Err(ResponseError::undocumented_status(#listed)),
            }
        }
    }

    fn body_type(&self, body: &ResponseBody) -> TokenStream {
        match body {
            ResponseBody::Json(ty) => self.ty(ty),
            ResponseBody::Text(_) => quote!(String),
            ResponseBody::Empty => quote!(()),
        }
    }

    /// The enumeration of an operation's successes, if their bodies differ.
    pub(super) fn output_by_status(&self, operation: &Operation) -> Option<TokenStream> {
        let Output::ByStatus { name, shared } = &operation.output else { return None };
        let name = ident(name);
        let docs = comment(&[
            format!("Output of `{}`: a variant for each success that the API documents.", operation.id),
            "A success with another status is an error; `raw()` returns its body.".to_owned(),
        ]);
        let variants = operation.successes.iter().map(|success| {
            let (docs, variant) = (self.success_docs(success), ident(&success.name));
            let content = has_body(success).then(|| {
                let ty = self.body_type(&success.body);
                quote!((#ty))
            });
            quote!(#docs #variant #content,)
        });
        let access = shared.as_ref().map(|body| self.shared_body(operation, body));
        let access = access.map(|body| quote!(impl #name { #body }));
        Some(quote! {
            #docs
            #[derive(Clone, Debug, PartialEq)]
            #[non_exhaustive]
            #[allow(clippy::large_enum_variant, reason = "it is made once for each call")]
            pub enum #name {
                #(#variants)*
            }

            #access
        })
    }

    /// Returns the method for the body of any success that has one.
    fn shared_body(&self, operation: &Operation, body: &ResponseBody) -> TokenStream {
        let ty = self.body_type(body);
        let variants: Vec<_> = operation.successes.iter().filter(|success| has_body(success)).collect();
        let names: Vec<_> = variants.iter().map(|success| ident(&success.name)).collect();
        let statuses: Vec<_> = variants.iter().map(|success| success.status.to_string()).collect();
        let which =
            format!(" Returns the body of status {}, or `None` for a status without a body.", statuses.join(" or "));
        quote! {
            #[doc = #which]
            #[must_use]
            pub fn body(&self) -> Option<&#ty> {
                match self {
                    #(Self::#names(body))|* => Some(body),
                    _ => None,
                }
            }

            #[doc = #which]
            #[must_use]
            pub fn into_body(self) -> Option<#ty> {
                match self {
                    #(Self::#names(body))|* => Some(body),
                    _ => None,
                }
            }
        }
    }
}

/// Reads the body of a response.
fn read(body: &ResponseBody) -> TokenStream {
    match body {
        ResponseBody::Json(_) => quote!(response::model(response)),
        ResponseBody::Text(_) => quote!(response::text(response)),
        ResponseBody::Empty => quote!(response::empty(response)),
    }
}

pub(super) fn has_body(success: &Success) -> bool {
    success.body != ResponseBody::Empty
}

/// A pattern for the statuses of a success.
fn statuses(status: Status) -> TokenStream {
    match status {
        Status::Code(code) => {
            let code = Literal::u16_unsuffixed(code);
            quote!(#code)
        }
        Status::Range(hundred) => {
            let (first, last) = (Literal::u16_unsuffixed(hundred * 100), Literal::u16_unsuffixed(hundred * 100 + 99));
            quote!(#first..=#last)
        }
        Status::Default => quote!(_),
    }
}
