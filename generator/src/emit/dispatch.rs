//! Code for tests that uses every operation and every type through the public API of the generated crate.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::outputs::has_body;
use super::{Context, ident};
use crate::ir::{Operation, Output, Parameter, Type, TypeId};

/// A function `call` that finds an operation by its id, takes its arguments from JSON, and returns the result as JSON;
/// and a function `recode` that finds a type by its name, and reads and writes a value of it.
///
/// The text is for `include!`. It expects `Polar`, `Arguments`, `Outcome`, `Failure`, `Value`, `answered`,
/// `answered_as`, `encoded` and `unknown` in scope, and for the types `Definition`, `Recoded`, `recoded` and
/// `undefined`.
pub(super) fn dispatch(context: &Context<'_>) -> TokenStream {
    let operations = &context.api.operations;
    let ids = operations.iter().map(|operation| &operation.id);
    let arms = operations.iter().map(|operation| {
        let (id, function) = (&operation.id, function(operation));
        quote!(#id => Box::pin(#function(polar, arguments)).await,)
    });
    let functions = operations.iter().map(|operation| context.call_of(operation));
    let definitions = context.used().map(|id| context.definition(id));
    let recoders = context.used().map(|id| {
        let (name, path) = (&context.api.get(id).name, context.public_path(id));
        let path = path.split("::").map(ident);
        quote!(#name => recoded::<polar_client #(::#path)*>(text),)
    });
    quote! {
        use polar_client::models::*;
        use polar_client::chrono::{DateTime, NaiveDate, Utc};
        #[allow(unused_imports, reason = "depends on the operations")]
        use polar_client::runtime::codec::{Number, OneOrMany, Secret};
        use std::collections::BTreeMap;
        use uuid::Uuid;

        /// Ids of all operations, in the order of the document.
        pub const OPERATIONS: &[&str] = &[#(#ids),*];

        /// Calls an operation.
        pub async fn call(polar: &Polar, operation: &str, arguments: &Arguments) -> Outcome {
            match operation {
                #(#arms)*
                other => unknown(other),
            }
        }
        #(#functions)*

        /// All types.
        pub const DEFINITIONS: &[Definition] = &[#(#definitions),*];

        /// Reads a value of a type and writes it again.
        pub fn recode(name: &str, text: &str) -> Recoded {
            match name {
                #(#recoders)*
                other => undefined(other),
            }
        }
    }
}

fn function(operation: &Operation) -> Ident {
    let name: String = operation.id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format_ident!("call_{}", name)
}

impl Context<'_> {
    fn definition(&self, id: TypeId) -> TokenStream {
        let def = self.api.get(id);
        let (pointer, name, sent, received) = (def.pointer(), &def.name, def.usage.input, def.usage.output);
        quote!(Definition { name: #name, pointer: #pointer, sent: #sent, received: #received })
    }

    fn call_of(&self, operation: &Operation) -> TokenStream {
        let function = function(operation);
        let mut path = Vec::new();
        let mut at = Some(operation.resource);
        while let Some(index) = at {
            let resource = &self.api.resources[index];
            path.push(ident(&resource.accessor));
            at = resource.parent;
        }
        path.reverse();
        let method = ident(&operation.method_name);
        let required = |parameters: &[Parameter], place: &str| -> Vec<TokenStream> {
            let place = ident(place);
            let parameters = parameters.iter().filter(|parameter| parameter.required);
            parameters
                .map(|parameter| {
                    let (ty, wire) = (self.argument_type(&parameter.ty), &parameter.wire);
                    quote!(arguments.required::<#ty>(&arguments.#place, #wire)?)
                })
                .collect()
        };
        let mut taken = required(&operation.path_parameters, "path");
        taken.extend(required(&operation.query, "query"));
        taken.extend(required(&operation.headers, "headers"));
        let body = operation.body.as_ref().map(|body| self.ty(&body.ty));
        let must = operation.body.as_ref().is_some_and(|body| body.required);
        taken.extend(body.iter().filter(|_| must).map(|ty| quote!(arguments.body::<#ty>()?)));
        let optional = |parameters: &[Parameter], place: &str| -> TokenStream {
            let place = ident(place);
            let parameters = parameters.iter().filter(|parameter| !parameter.required);
            parameters
                .map(|parameter| {
                    let (ty, wire) = (self.argument_type(&parameter.ty), &parameter.wire);
                    let setter = ident(&parameter.name);
                    quote! {
                        if let Some(value) = arguments.optional::<#ty>(&arguments.#place, #wire)? {
                            request = request.#setter(value);
                        }
                    }
                })
                .collect()
        };
        let queries = optional(&operation.query, "query");
        let headers = optional(&operation.headers, "headers");
        let bodies = body.iter().filter(|_| !must).map(|ty| {
            quote! {
                if arguments.body.is_some() {
                    request = request.body(arguments.body::<#ty>()?);
                }
            }
        });
        let answered = self.answered(operation);
        quote! {
            #[allow(deprecated, unused_mut, unused_variables, reason = "not every operation has arguments")]
            async fn #function(polar: &Polar, arguments: &Arguments) -> Outcome {
                let mut request = polar #(.#path())* .#method(#(#taken),*);
                #queries
                #headers
                #(#bodies)*
                #answered
            }
        }
    }

    /// Sends the request. For a success with its own status, the result is the body.
    fn answered(&self, operation: &Operation) -> TokenStream {
        let Output::ByStatus { name, .. } = &operation.output else {
            return quote!(answered(request.send_with_response().await));
        };
        let (module, name) = (ident(&self.api.resources[operation.resource].module), ident(name));
        let arms = operation.successes.iter().map(|success| {
            let variant = ident(&success.name);
            if has_body(success) {
                quote!(Output::#variant(body) => encoded(body),)
            } else {
                quote!(Output::#variant => encoded(&()),)
            }
        });
        quote! {
            use polar_client::resources::#module::#name as Output;
            answered_as(request.send_with_response().await, |output: &Output| match output {
                #(#arms)*
                other => Err(Failure::Test(format!("no case for {other:?}"))),
            })
        }
    }

    /// Texts are passed as they are, secret or not, because the methods accept both.
    fn argument_type(&self, ty: &Type) -> TokenStream {
        match ty {
            Type::Secret => quote!(String),
            ty => self.ty(ty),
        }
    }
}
