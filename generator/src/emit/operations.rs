//! Resources: handles, methods and request types.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::{comment, deprecated, scopes};
use super::outputs::accept;
use super::{Context, features, ident};
use crate::ir::{Idempotency, MediaType, Operation, Parameter, Resource, Shape, Type};

/// `resources/mod.rs`
pub(super) fn index(context: &Context<'_>) -> TokenStream {
    let modules: BTreeSet<(&str, &str)> =
        context.api.resources.iter().map(|r| (r.module.as_str(), r.feature.as_str())).collect();
    let parts = modules.iter().map(|(module, feature)| {
        let (name, cfg) = (ident(module), features::cfg_feature(feature));
        quote!(#cfg pub mod #name;)
    });
    quote! {
        //! The API's operations: a module for each resource, with a request type for each operation.
        #(#parts)*
    }
}

impl Context<'_> {
    pub(super) fn resource_module(&self, module: &str) -> TokenStream {
        let about = format!(" Operations of `{module}`.");
        let is_here = |operation: &&Operation| self.api.resources[operation.resource].module == module;
        let any = |is: fn(&Operation) -> bool| self.api.operations.iter().filter(is_here).any(is);
        let requirement = any(|operation| !operation.security.is_empty()).then(|| quote!(SecurityRequirement,));
        let paged = any(|operation| operation.pagination.is_some()).then(|| quote!(Paged,));
        let parts =
            self.api.resources.iter().enumerate().filter(|(_, r)| r.module == module).map(|(index, resource)| {
                let operations: Vec<_> = self.api.operations.iter().filter(|o| o.resource == index).collect();
                let handle = self.handle(index, resource, &operations);
                let requests = operations.iter().map(|operation| self.request(operation));
                quote!(#handle #(#requests)*)
            });
        quote! {
            #![doc = #about]
            use polar_client_runtime::{
                Client, Endpoint, Idempotency, Operation, #paged RawResponse, Request, ResponseError, #requirement http,
                response,
            };
            use crate::prelude::*;
            #(#parts)*
        }
    }

    fn handle(&self, index: usize, resource: &Resource, operations: &[&Operation]) -> TokenStream {
        let name = ident(&resource.name);
        let docs = format!(" Operations of `{}`.", resource.path.join(":"));
        let children = self.api.resources.iter().filter(|child| child.parent == Some(index)).map(|child| {
            let (method, handle) = (ident(&child.accessor), ident(&child.name));
            let docs = format!(" Operations of `{}`.", child.path.join(":"));
            quote! {
                #[doc = #docs]
                #[must_use]
                #[inline]
                pub fn #method(&self) -> #handle {
                    #handle::new(&self.client)
                }
            }
        });
        let methods = operations.iter().map(|operation| self.method(operation));
        quote! {
            #[doc = #docs]
            #[derive(Clone, Debug)]
            pub struct #name {
                client: Client,
            }
            impl #name {
                #[inline]
                pub(crate) fn new(client: &Client) -> Self {
                    Self { client: client.clone() }
                }
                #(#children)*
                #(#methods)*
            }
        }
    }

    fn method(&self, operation: &Operation) -> TokenStream {
        let mut docs = self.operation_docs(operation);
        docs.extend(self.argument_docs(operation));
        docs.extend(self.operation_sections(operation));
        let (docs, old) = (comment(&docs), deprecated(&operation.docs));
        let (method, request) = (ident(&operation.method_name), ident(&operation.request_type));
        let mut arguments = Vec::new();
        let mut chain = TokenStream::new();
        for parameter in &operation.path_parameters {
            let (name, wire) = (ident(&parameter.name), &parameter.wire);
            let (ty, value) = self.text_argument(&parameter.ty, &quote!(#name));
            arguments.push(quote!(#name: #ty));
            chain.extend(quote!(.path(#wire, &#value)));
        }
        let required: Vec<_> = operation.query.iter().filter(|parameter| parameter.required).collect();
        let mut queries = TokenStream::new();
        for parameter in &required {
            let (name, wire) = (ident(&parameter.name), &parameter.wire);
            let (ty, value) = self.argument(&parameter.ty, &quote!(#name));
            let own = self.ty(&parameter.ty);
            arguments.push(quote!(#name: #ty));
            queries.extend(quote! {
                let #name: #own = #value;
                request.query_model(#wire, &#name);
            });
        }
        for parameter in operation.headers.iter().filter(|parameter| parameter.required) {
            let (name, wire) = (ident(&parameter.name), &parameter.wire);
            let (ty, value) = self.header_argument(&parameter.ty, &quote!(#name));
            arguments.push(quote!(#name: #ty));
            chain.extend(quote!(.header(#wire, #value)));
        }
        if let Some(body) = operation.body.as_ref().filter(|body| body.required) {
            let (ty, value) = self.body_argument(&body.ty);
            let own = self.ty(&body.ty);
            arguments.push(quote!(body: #ty));
            let encode = encoder(body.media_type);
            chain.extend(if value.to_string() == "body" {
                quote!(.#encode(&body))
            } else {
                quote!(.#encode(&Into::<#own>::into(body)))
            });
        }
        let made = if queries.is_empty() {
            quote!(Request::new(&self.client, #request::OPERATION)#chain.into())
        } else {
            quote! {
                let mut request = Request::new(&self.client, #request::OPERATION)#chain;
                #queries
                request.into()
            }
        };
        quote! {
            #docs
            #old
            #[inline]
            pub fn #method(&self, #(#arguments),*) -> #request {
                #made
            }
        }
    }

    /// The type of an argument that travels as a text, and the text as a value that can be displayed.
    fn text_argument(&self, ty: &Type, name: &TokenStream) -> (TokenStream, TokenStream) {
        match ty {
            Type::Nullable(inner) => self.text_argument(inner, name),
            Type::String | Type::Secret => (quote!(impl AsRef<str>), quote!(#name.as_ref())),
            // `Display` of a time is not the text that travels; `Debug` is.
            Type::DateTime => (self.ty(ty), quote!(format_args!("{:?}", #name))),
            ty => (self.ty(ty), quote!(#name)),
        }
    }

    /// The same as the text itself.
    fn header_argument(&self, ty: &Type, name: &TokenStream) -> (TokenStream, TokenStream) {
        let (argument, value) = self.text_argument(ty, name);
        match ty {
            Type::Nullable(inner) => self.header_argument(inner, name),
            Type::String | Type::Secret => (argument, value),
            Type::DateTime => (argument, quote!(&format!("{:?}", #name))),
            _ => (argument, quote!(&#value.to_string())),
        }
    }

    /// A body is taken as whatever converts into it, so that a member of a union needs no wrapping.
    fn body_argument(&self, ty: &Type) -> (TokenStream, TokenStream) {
        let own = self.ty(ty);
        match ty {
            Type::Named(id) if matches!(self.api.get(*id).shape, Shape::Union(_)) => {
                (quote!(impl Into<#own>), quote!(body.into()))
            }
            _ => (own, quote!(body)),
        }
    }

    fn request(&self, operation: &Operation) -> TokenStream {
        let name = ident(&operation.request_type);
        let (docs, old) = (comment(&self.operation_docs(operation)), deprecated(&operation.docs));
        let (id, path) = (&operation.id, &operation.path);
        let method = ident(operation.method.as_str());
        let security = operation.security.chunk_by(|one, next| one.scopes == next.scopes).map(|alike| {
            let (schemes, scopes) = (alike.iter().map(|way| &way.scheme), &alike[0].scopes);
            quote!(SecurityRequirement { schemes: &[#(#schemes),*], scopes: &[#(#scopes),*] })
        });
        let idempotency = match &operation.idempotency {
            Some(Idempotency { list, property }) => {
                quote!(Idempotency::WhenEach { list: #list, property: #property })
            }
            None => quote!(Idempotency::ByMethod),
        };
        let accept = accept(operation);
        let scopes = self.api.scopes.map(|definition| {
            let def = self.api.get(definition);
            let variant = |wire: &String| match &def.shape {
                Shape::Enum(listed) => {
                    listed.values.iter().find(|value| value.wire == *wire).map(|value| ident(&value.name))
                }
                _ => None,
            };
            let (scope, variants) = (ident(&def.name), scopes(operation).into_iter().filter_map(variant));
            quote! {
                /// Scopes of which the token needs one.
                pub const SCOPES: &'static [#scope] = &[#(#scope::#variants),*];
            }
        });
        let (value, read) = self.output(operation);
        let by_status = self.output_by_status(operation);
        let marker = ident(&operation.marker);
        let paged = operation.pagination.as_ref().map(|_| quote!(impl Paged for #marker {}));
        let own = |parameter: &&Parameter| !(parameter.required || self.is_paging(operation, parameter));
        let queries = operation.query.iter().filter(own).map(|parameter| self.query_setter(parameter));
        let headers = operation.headers.iter().filter(|p| !p.required).map(|parameter| self.header_setter(parameter));
        let body = operation.body.as_ref().filter(|body| !body.required).map(|body| {
            let (ty, value) = self.body_argument(&body.ty);
            let (own, encode) = (self.ty(&body.ty), encoder(body.media_type));
            let converted = (value.to_string() != "body").then(|| quote!(let body: #own = #value;));
            quote! {
                /// Sends a body.
                #[inline]
                pub fn body(mut self, body: #ty) -> Self {
                    #converted
                    self.request = self.request.#encode(&body);
                    self
                }
            }
        });
        let about = format!(" The operation `{id}` as a type.");
        let setters = quote!(#scopes #(#queries)* #(#headers)* #body);
        let setters = (!setters.is_empty()).then(|| quote!(impl #name { #setters }));
        quote! {
            #[doc = #about]
            pub enum #marker {}

            impl Endpoint for #marker {
                const OPERATION: &'static Operation = &Operation {
                    id: #id,
                    method: http::Method::#method,
                    path: #path,
                    security: &[#(#security),*],
                    accept: #accept,
                    idempotency: #idempotency,
                };
                type Output = #value;

                fn read(response: &RawResponse) -> Result<#value, ResponseError> {
                    #read
                }
            }
            #paged
            #by_status

            #docs
            #old
            pub type #name = ApiRequest<#marker>;

            #setters
        }
    }

    /// Whether the requests of all lists have the parameter.
    fn is_paging(&self, operation: &Operation, parameter: &Parameter) -> bool {
        operation.pagination.is_some() && self.api.paging_parameters.iter().any(|paging| paging.wire == parameter.wire)
    }

    /// What the requests of all lists have.
    pub(super) fn paging_setters(&self) -> Option<TokenStream> {
        let setters: Vec<_> = self.api.paging_parameters.iter().map(|shared| self.query_setter(shared)).collect();
        (!setters.is_empty()).then(|| quote!(impl<O: polar_client_runtime::Paged> ApiRequest<O> { #(#setters)* }))
    }

    fn query_setter(&self, parameter: &Parameter) -> TokenStream {
        let (name, wire) = (ident(&parameter.name), &parameter.wire);
        let docs = comment(&self.parameter_docs(parameter, "Query parameter"));
        let old = deprecated(&parameter.docs);
        let (ty, value) = self.argument(&parameter.ty, &quote!(#name));
        let own = self.ty(&parameter.ty);
        let set = if name == value.to_string() {
            quote!(self.request.query_model(#wire, &#name);)
        } else {
            quote! {
                let #name: #own = #value;
                self.request.query_model(#wire, &#name);
            }
        };
        quote! {
            #docs
            #old
            #[inline]
            pub fn #name(mut self, #name: #ty) -> Self {
                #set
                self
            }
        }
    }

    fn header_setter(&self, parameter: &Parameter) -> TokenStream {
        let (name, wire) = (ident(&parameter.name), &parameter.wire);
        let docs = comment(&self.parameter_docs(parameter, "Header"));
        let old = deprecated(&parameter.docs);
        let (ty, value) = self.header_argument(&parameter.ty, &quote!(#name));
        quote! {
            #docs
            #old
            #[inline]
            pub fn #name(mut self, #name: #ty) -> Self {
                self.request = self.request.header(#wire, #value);
                self
            }
        }
    }
}

fn encoder(media_type: MediaType) -> TokenStream {
    match media_type {
        MediaType::Json => quote!(json_model),
        MediaType::Form => quote!(form_model),
    }
}
