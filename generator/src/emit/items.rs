//! The public items of a file, one per line: what a user's program can name.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Fields, ImplItem, Item, Signature, Visibility};

/// Lists the public items, in the order of the file.
///
/// Trait implementations are listed by their trait, macro calls by their arguments.
pub(crate) fn items(path: &str, file: &syn::File) -> Vec<String> {
    let module = module(path);
    let mut lines = Vec::new();
    for item in &file.items {
        list(item, &module, &mut lines);
    }
    lines
}

/// `models/orders.rs` is the module `models::orders`.
fn module(path: &str) -> String {
    match path.trim_end_matches(".rs").trim_end_matches("/mod") {
        "lib" => "crate".to_owned(),
        // The parts of a module are private.
        path => path.trim_end_matches("/codec").trim_end_matches("/methods").replace('/', "::"),
    }
}

fn list(item: &Item, module: &str, lines: &mut Vec<String>) {
    let mut push = |text: String| lines.push(format!("{module}::{text}"));
    match item {
        Item::Struct(item) if is_public(&item.vis) => {
            let name = format!("{}{}", item.ident, text(&item.generics));
            push(format!("{name} struct{}", attributes(&item.attrs)));
            for field in item.fields.iter().filter(|field| is_public(&field.vis)) {
                let field_name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                push(format!("{name}.{field_name}: {}", text(&field.ty)));
            }
        }
        Item::Enum(item) if is_public(&item.vis) => {
            push(format!("{} enum{}", item.ident, attributes(&item.attrs)));
            for variant in &item.variants {
                let content = match &variant.fields {
                    Fields::Unit => String::new(),
                    fields => text(fields),
                };
                push(format!("{}::{}{content}", item.ident, variant.ident));
            }
        }
        Item::Impl(item) => {
            let name = text(&item.self_ty);
            if let Some((_, path, _)) = &item.trait_ {
                return push(format!("{name}: {}", text(path)));
            }
            for member in &item.items {
                match member {
                    ImplItem::Fn(method) if is_public(&method.vis) => {
                        push(format!("{name}::{}", signature(&method.sig)))
                    }
                    ImplItem::Const(constant) if is_public(&constant.vis) => {
                        push(format!("{name}::{}: {}", constant.ident, text(&constant.ty)));
                    }
                    _ => {}
                }
            }
        }
        // Implementations under one condition.
        Item::Const(item) if item.ident == "_" => {
            if let syn::Expr::Block(block) = &*item.expr {
                let items = block.block.stmts.iter().filter_map(|statement| match statement {
                    syn::Stmt::Item(item) => Some(item),
                    _ => None,
                });
                items.for_each(|item| list(item, module, lines));
            }
        }
        Item::Fn(item) if is_public(&item.vis) => push(signature(&item.sig)),
        Item::Type(item) if is_public(&item.vis) => push(format!("{} = {}", item.ident, text(&item.ty))),
        Item::Const(item) if is_public(&item.vis) => push(format!("{}: {}", item.ident, text(&item.ty))),
        Item::Static(item) if is_public(&item.vis) => push(format!("{}: {}", item.ident, text(&item.ty))),
        Item::Trait(item) if is_public(&item.vis) => push(format!("{}{} trait", item.ident, text(&item.generics))),
        Item::Mod(item) if is_public(&item.vis) => {
            push(format!("{} mod", item.ident));
            let inner = format!("{module}::{}", item.ident);
            item.content.iter().flat_map(|(_, items)| items).for_each(|item| list(item, &inner, lines));
        }
        Item::Use(item) if is_public(&item.vis) => push(format!("use {}", text(&item.tree))),
        // How a type is read and written is the same for all, and programs do not name it.
        Item::Macro(item) if item.mac.path.segments.first().is_some_and(|first| first.ident == "codec") => {}
        Item::Macro(item) => push(format!("{}!({})", text(&item.mac.path), text(&item.mac.tokens))),
        _ => {}
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Derived traits and the condition, on which a user's program can depend.
fn attributes(attributes: &[syn::Attribute]) -> String {
    let told = attributes
        .iter()
        .filter(|attribute| ["derive", "cfg", "deprecated"].iter().any(|name| attribute.path().is_ident(name)));
    told.map(|attribute| format!(" {}", text(&attribute.meta))).collect()
}

fn signature(signature: &Signature) -> String {
    let inputs: Vec<_> = signature.inputs.iter().map(text).collect();
    let output = match &signature.output {
        syn::ReturnType::Default => String::new(),
        syn::ReturnType::Type(_, ty) => format!(" -> {}", text(ty)),
    };
    format!("{}({}){output}", signature.ident, inputs.join(", "))
}

fn text(tokens: &impl ToTokens) -> String {
    let mut out = String::new();
    compact(tokens.to_token_stream(), &mut out);
    out
}

/// Writes tokens with the usual spaces, and without trailing commas, which depend on line breaks.
fn compact(tokens: TokenStream, out: &mut String) {
    // Whether the next token follows without a space.
    let mut close = true;
    let mut before = ' ';
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, end) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                if !close && group.delimiter() != Delimiter::Parenthesis && before != '#' {
                    out.push(' ');
                }
                out.push_str(open);
                compact(group.stream(), out);
                without_comma(out);
                out.push_str(end);
                (close, before) = (false, ' ');
            }
            TokenTree::Punct(punct) => {
                let sign = punct.as_char();
                if sign == '>' {
                    without_comma(out);
                }
                if !close && !matches!(sign, '<' | '>' | ',' | ':' | '!') {
                    out.push(' ');
                }
                out.push(sign);
                let is_path = sign == ':' && before == ':' && close;
                close = punct.spacing() == Spacing::Joint || is_path || matches!(sign, '<' | '&');
                before = sign;
            }
            other => {
                if !close {
                    out.push(' ');
                }
                out.push_str(&other.to_string());
                (close, before) = (false, ' ');
            }
        }
    }
}

fn without_comma(out: &mut String) {
    if out.ends_with(',') {
        out.pop();
    }
}
