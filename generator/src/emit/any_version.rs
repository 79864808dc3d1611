//! `webhooks/any_version.rs`: payloads of all versions of the API.

use proc_macro2::TokenStream;
use quote::quote;

use super::text::literal;
use super::{features, ident};
use crate::ir::{Api, Place, Versions};

/// The head of the type's documentation. `{feature}` is that of another version than the default one.
const ABOUT: &str = r##"A webhook payload of any version of the API whose feature is enabled.

An endpoint keeps the version with which it was created, so that a program can receive several versions for a while. The
property `api_version` of a payload chooses the variant. A payload without it, as older endpoints send them, is read as
version {default}, the default version of this crate.

A payload of a version whose feature is not enabled is an error that names the feature, and so is a payload of a version
that this release of the crate does not know. The error still has the event: see
[`UndecodableWebhook`](super::UndecodableWebhook).

It is used like the payload of one version, with a [`WebhookVerifier`](super::WebhookVerifier), an endpoint or an
extractor:

```
# fn main() -> Result<(), Box<dyn std::error::Error>> {
use polar_client::webhooks::{AnyVersionPayload, WebhookSigner, WebhookVerifier};

# let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
let verifier = WebhookVerifier::new(secret)?;
let body = br#"{"type": "an event of tomorrow", "api_version": "{default}"}"#;
let headers = WebhookSigner::new(secret)?.sign("msg_1", std::time::SystemTime::now(), body)?;

match verifier.verify(body, &headers)?.event()? {
    AnyVersionPayload::{variant}(payload) => println!("{payload:?}"),
    // One arm for each enabled feature.
    other => println!("{other:?}"),
}
# Ok(())
# }
```"##;

/// The payload of any version, and how it is read.
pub(super) fn payload(versions: &Versions) -> TokenStream {
    let name = |api: &Api| api.webhook_union.map(|id| ident(&api.get(id).name));
    let (default, place) = (&versions.default, &versions.default_place);
    let about = ABOUT.replace("{default}", &default.version).replace("{variant}", &place.variant);
    let about = about.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    let (variant, version, union) = (ident(&place.variant), &default.version, name(default));
    let about_default = format!(" A payload of version {version}, or one without a version.");
    let variants = versions.others.iter().filter_map(|other| {
        let (module, variant, union) = (ident(&other.place.module), ident(&other.place.variant), name(&other.api)?);
        let cfg = features::cfg_feature(&other.place.feature);
        let about = format!(" A payload of version {}.", other.api.version);
        Some(quote!(#[doc = #about] #cfg #variant(crate::#module::webhooks::#union),))
    });
    quote! {
        //! Payloads of all versions of the API.
        use super::*;

        #(#[doc = #about])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum AnyVersionPayload {
            #[doc = #about_default]
            #variant(#union),
            #(#variants)*
        }
    }
}

/// The codec of the payload of any version.
pub(super) fn codec(versions: &Versions) -> String {
    let name = |api: &Api| api.webhook_union.map(|id| api.get(id).name.clone()).unwrap_or_default();
    let default = &versions.default;
    let mut arms =
        format!("        {}({}) = {},\n", versions.default_place.variant, name(default), literal(&default.version));
    for other in versions.others.iter().filter(|other| other.api.webhook_union.is_some()) {
        let Place { module, feature, variant } = &other.place;
        let (version, feature) = (literal(&other.api.version), literal(feature));
        let union = format!("crate::{module}::webhooks::{}", name(&other.api));
        arms.push_str(&format!("        #[cfg(feature = {feature})]\n"));
        arms.push_str(&format!("        {variant}({union}) = {version} if {feature},\n"));
    }
    format!(
        "use super::AnyVersionPayload;\n\npolar_client_runtime::codegen::any_version_payload! {{\n    \
         AnyVersionPayload {{\n{arms}    }}\n}}\n"
    )
}
