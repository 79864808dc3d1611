//! Resources: handles, methods and request types.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::docs::{aliases, attribute_text, comment, deprecated, plain, resource_docs, scopes};
use super::{Context, features, ident};
use crate::ir::{Argument, Encoding, Idempotency, Operation, Output, Parameter, TextForm, Type};

/// `resources/mod.rs`
pub(super) fn index(context: &Context<'_>) -> TokenStream {
    let modules: BTreeSet<(&str, &str)> =
        context.api.resources.iter().map(|r| (r.module.as_str(), r.feature.as_str())).collect();
    let parts = modules.iter().map(|(module, feature)| {
        let (name, cfg) = (ident(module), features::cfg_feature(feature));
        match context.shared() {
            Some(shared) if shared.modules.contains(*module) => {
                quote!(#cfg #[doc(no_inline)] pub use crate::resources::#name;)
            }
            _ => quote!(#cfg pub mod #name;),
        }
    });
    quote! {
        //! The API's operations: a module for each resource, with a request type for each operation.
        #(#parts)*
    }
}

impl Context<'_> {
    pub(super) fn resource_module(&self, module: &str) -> TokenStream {
        let resources = self.index.resources.get(module).map(Vec::as_slice).unwrap_or_default();
        let operations = |index: &usize| self.index.operations.get(index).map(Vec::as_slice).unwrap_or_default();
        let own = |index: &usize| -> Vec<&Operation> {
            operations(index).iter().copied().filter(|operation| !self.is_shared(operation)).collect()
        };
        let any = |is: fn(&Operation) -> bool| resources.iter().flat_map(own).any(is);
        let requirement = any(|operation| !operation.security.is_empty()).then(|| quote!(SecurityRequirement,));
        let paged = any(|operation| operation.pagination.is_some()).then(|| quote!(Paged,));
        let is_shared = |index: &usize| self.shared().is_some_and(|shared| shared.resources.contains(index));
        let parts = resources.iter().map(|index| {
            let handle = (!is_shared(index)).then(|| self.handle(*index, operations(index)));
            let requests = own(index).into_iter().map(|operation| self.request(operation));
            quote!(#handle #(#requests)*)
        });
        let handles = resources.iter().filter(|index| is_shared(index)).map(|index| &self.api.resources[*index].name);
        let operations = resources.iter().flat_map(operations).filter(|operation| self.is_shared(operation));
        let mut shared: BTreeSet<&String> = handles.collect();
        for operation in operations {
            shared.extend([&operation.operation_type, &operation.request_type]);
            if let Output::ByStatus { name, .. } = &operation.output {
                shared.insert(name);
            }
        }
        let shared = (!shared.is_empty()).then(|| {
            let (module, names) = (ident(module), super::imports(shared.iter().map(|name| ident(name))));
            quote! {
                #[doc(no_inline)]
                pub use crate::resources::#module::#names;
            }
        });
        let first = resources.first().map(|index| &self.api.resources[*index]);
        let about = match first.and_then(|resource| resource.description.as_deref()) {
            Some(description) => attribute_text(&plain(description)),
            None => format!(" Operations of `{module}`."),
        };
        let base = self.base();
        let has_calls = resources.iter().any(|index| !is_shared(index) && self.index.operations.contains_key(index));
        let request = has_calls.then(|| quote!(Request));
        let imports = match resources.iter().all(|index| own(index).is_empty()) {
            true => quote!(Client, #request),
            false => quote! {
                Client, Endpoint, Idempotency, Operation, #paged RawResponse, Request, ResponseError, #requirement http,
                response,
            },
        };
        quote! {
            #![doc = #about]
            use polar_client_runtime::codegen::{#imports};
            use #base::prelude::*;
            #shared
            #(#parts)*
        }
    }

    /// Returns whether an operation is shared with the default version.
    fn is_shared(&self, operation: &Operation) -> bool {
        self.index.shared_operations.contains(operation.id.as_str())
    }

    fn handle(&self, index: usize, operations: &[&Operation]) -> TokenStream {
        let resource = &self.api.resources[index];
        let name = ident(&resource.name);
        let docs = comment(&resource_docs(resource));
        let children = self.index.children.get(&index).into_iter().flatten().map(|child| {
            let child = &self.api.resources[*child];
            let (method, handle) = (ident(&child.accessor), ident(&child.name));
            let docs = comment(&resource_docs(child));
            quote! {
                #docs
                #[must_use]
                #[inline]
                pub fn #method(&self) -> #handle {
                    #handle::new(&self.client)
                }
            }
        });
        let methods = operations.iter().map(|operation| self.method(operation));
        quote! {
            #docs
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
        let mut sections = self.argument_docs(operation);
        sections.extend(self.operation_sections(operation));
        let (about, example, sections) =
            (comment(&self.operation_docs(operation)), self.example_docs(operation), comment(&sections));
        let (old, aliases) = (deprecated(&operation.docs), aliases(&operation.aliases));
        let (method, request) = (ident(&operation.method_name), ident(&operation.request_type));
        let mut arguments = Vec::new();
        let mut chain = TokenStream::new();
        for parameter in &operation.path_parameters {
            let (name, wire) = (ident(&parameter.name), &parameter.wire);
            let (ty, value) = self.text_argument(parameter, &quote!(#name));
            arguments.push(quote!(#name: #ty));
            chain.extend(quote!(.path(#wire, &#value)));
        }
        let required: Vec<_> = operation.query.iter().filter(|parameter| parameter.required).collect();
        let mut queries = TokenStream::new();
        for parameter in &required {
            let (name, wire) = (ident(&parameter.name), &parameter.wire);
            let (ty, value) = self.argument(&parameter.ty, &parameter.argument, &quote!(#name));
            let (own, set) = (self.sent_type(parameter), query_method(parameter));
            arguments.push(quote!(#name: #ty));
            queries.extend(quote! {
                let #name: #own = #value;
                request.#set(#wire, &#name);
            });
        }
        for parameter in operation.headers.iter().filter(|parameter| parameter.required) {
            let (name, wire) = (ident(&parameter.name), &parameter.wire);
            let (ty, value) = self.header_argument(parameter, &quote!(#name));
            arguments.push(quote!(#name: #ty));
            chain.extend(quote!(.header(#wire, #value)));
        }
        let mut converted = None;
        if let Some(body) = operation.body.as_ref().filter(|body| body.required) {
            let (ty, value) = self.argument(&body.ty, &body.argument, &quote!(body));
            let own = self.ty(&body.ty);
            arguments.push(quote!(body: #ty));
            let encode = encoder(body.encoding);
            chain.extend(quote!(.#encode(&body)));
            converted = (body.argument != Argument::Value).then(|| quote!(let body: #own = #value;));
        }
        let made = if queries.is_empty() {
            quote! {
                #converted
                ApiRequest::from(Request::new(&self.client, #request::OPERATION)#chain)
            }
        } else {
            quote! {
                #converted
                let mut request = Request::new(&self.client, #request::OPERATION)#chain;
                #queries
                ApiRequest::from(request)
            }
        };
        quote! {
            #about
            #example
            #[doc = ""]
            #sections
            #aliases
            #old
            #[inline]
            pub fn #method(&self, #(#arguments),*) -> #request {
                #made
            }
        }
    }

    /// Returns the type of an argument that is sent as a text, and its value as something that can be displayed.
    fn text_argument(&self, parameter: &Parameter, name: &TokenStream) -> (TokenStream, TokenStream) {
        let own = self.ty(parameter.ty.without_null());
        match parameter.argument {
            Argument::Text(TextForm::Str) => (quote!(impl AsRef<str>), quote!(#name.as_ref())),
            Argument::Text(TextForm::Debug) => (own, quote!(format_args!("{:?}", #name))),
            _ => (own, quote!(#name)),
        }
    }

    /// The same, as the text itself.
    fn header_argument(&self, parameter: &Parameter, name: &TokenStream) -> (TokenStream, TokenStream) {
        let (argument, value) = self.text_argument(parameter, name);
        match parameter.argument {
            Argument::Text(TextForm::Str) => (argument, value),
            Argument::Text(TextForm::Debug) => (argument, quote!(&format!("{:?}", #name))),
            _ => (argument, quote!(&#value.to_string())),
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
        let accept = operation.accept.join(", ");
        let scopes = self.api.scopes.map(|definition| {
            let def = self.api.get(definition);
            let variant = |wire: &String| self.index.scopes.get(wire.as_str()).map(|name| ident(name));
            let (scope, variants) = (ident(&def.name), scopes(operation).into_iter().filter_map(variant));
            quote! {
                /// Returns the scopes of which the token needs one.
                pub const SCOPES: &'static [#scope] = &[#(#scope::#variants),*];
            }
        });
        let (output, read) = self.output(operation);
        let by_status = self.output_by_status(operation);
        let operation_type = ident(&operation.operation_type);
        let paged = operation.pagination.as_ref().map(|_| quote!(impl Paged for #operation_type {}));
        let own = |parameter: &&Parameter| !(parameter.required || parameter.is_shared);
        let queries = operation.query.iter().filter(own).map(|parameter| self.query_setter(parameter));
        let headers = operation.headers.iter().filter(|p| !p.required).map(|parameter| self.header_setter(parameter));
        let body = operation.body.as_ref().filter(|body| !body.required).map(|body| {
            let (ty, value) = self.argument(&body.ty, &body.argument, &quote!(body));
            let (own, encode) = (self.ty(&body.ty), encoder(body.encoding));
            let converted = (body.argument != Argument::Value).then(|| quote!(let body: #own = #value;));
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
        let about = attribute_text(&format!("The operation `{id}` as a type."));
        let setters = quote!(#scopes #(#queries)* #(#headers)* #body);
        let setters = (!setters.is_empty()).then(|| quote!(impl #name { #setters }));
        quote! {
            #[doc = #about]
            pub enum #operation_type {}

            impl Endpoint for #operation_type {
                const OPERATION: &'static Operation = &Operation {
                    id: #id,
                    method: http::Method::#method,
                    path: #path,
                    security: &[#(#security),*],
                    accept: #accept,
                    idempotency: #idempotency,
                };
                type Output = #output;

                fn read(response: &RawResponse) -> Result<#output, ResponseError> {
                    #read
                }
            }
            #paged
            #by_status

            #docs
            #old
            pub type #name = ApiRequest<#operation_type>;

            #setters
        }
    }

    /// Returns the methods of the requests of all lists.
    pub(super) fn pagination_setters(&self) -> Option<TokenStream> {
        let setters: Vec<_> = self.api.pagination_parameters.iter().map(|shared| self.query_setter(shared)).collect();
        (!setters.is_empty())
            .then(|| quote!(impl<O: polar_client_runtime::codegen::Paged> ApiRequest<O> { #(#setters)* }))
    }

    fn query_setter(&self, parameter: &Parameter) -> TokenStream {
        let (name, wire) = (ident(&parameter.name), &parameter.wire);
        let docs = comment(&self.parameter_docs(parameter, "Query parameter"));
        let old = deprecated(&parameter.docs);
        let (ty, value) = self.argument(&parameter.ty, &parameter.argument, &quote!(#name));
        let (own, method) = (self.sent_type(parameter), query_method(parameter));
        let set = if parameter.argument == Argument::Value {
            quote!(self.request.#method(#wire, &#name);)
        } else {
            quote! {
                let #name: #own = #value;
                self.request.#method(#wire, &#name);
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

    /// Returns the type of the value that is sent in a query parameter.
    fn sent_type(&self, parameter: &Parameter) -> TokenStream {
        let own = self.ty(&parameter.ty);
        match (&parameter.argument, &parameter.ty) {
            (Argument::Optional, ty) => {
                let own = self.ty(ty.without_null());
                quote!(Option<#own>)
            }
            (Argument::OneOrMany, Type::List(inner)) => {
                let inner = self.ty(inner);
                quote!(OneOrMany<#inner>)
            }
            _ => own,
        }
    }

    fn header_setter(&self, parameter: &Parameter) -> TokenStream {
        let (name, wire) = (ident(&parameter.name), &parameter.wire);
        let docs = comment(&self.parameter_docs(parameter, "Header"));
        let old = deprecated(&parameter.docs);
        let (ty, value) = self.header_argument(parameter, &quote!(#name));
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

fn encoder(encoding: Encoding) -> TokenStream {
    match encoding {
        Encoding::Json => quote!(json_model),
        Encoding::Form => quote!(form_model),
    }
}

/// Returns the method of a request that sets this query parameter.
fn query_method(parameter: &Parameter) -> Ident {
    let is_many = match parameter.argument {
        Argument::OneOrMany => true,
        Argument::Optional => false,
        _ => matches!(parameter.ty, Type::OneOrMany(_)),
    };
    ident(if is_many { "query_many" } else { "query_model" })
}
