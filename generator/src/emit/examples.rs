//! The example in the docs of an operation.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs::attribute_text;
use super::{Context, ident};
use crate::ir::{Example, ExampleCall, ExampleField, ExampleResult, ExampleValue, Operation, Type};

/// The crate's name in programs of users.
const CRATE: &str = "polar_client";

/// Maximum length of an object that is an argument without its own variable, in characters.
const SHORT: usize = 40;

/// Imported names of an example, by path.
type Imports = BTreeMap<String, BTreeSet<String>>;

impl Context<'_> {
    /// Returns doc attributes with the example of an operation, if there is one.
    pub(super) fn example_docs(&self, operation: &Operation) -> TokenStream {
        let lines = match operation.example.as_ref().filter(|_| self.config.has_examples) {
            Some(Example::Written(text)) => self.written(text),
            Some(Example::Call(call)) => self.called(call),
            None => return TokenStream::new(),
        };
        let fenced = ["".to_owned(), "# Example".to_owned(), String::new(), "```no_run".to_owned()].into_iter();
        let lines = fenced.chain(lines).chain(["```".to_owned()]).map(|line| attribute_text(&line));
        quote!(#(#[doc = #lines])*)
    }

    /// The lines of a call.
    fn called(&self, call: &ExampleCall) -> Vec<String> {
        let mut imports = Imports::new();
        let mut arguments = Vec::new();
        let mut statements = TokenStream::new();
        for value in &call.arguments {
            let tokens = self.example_value(value, &mut imports);
            if matches!(value, ExampleValue::Object(..)) && tokens.to_string().len() > SHORT {
                statements.extend(quote!(let body = #tokens;));
                arguments.push(quote!(body));
            } else {
                arguments.push(tokens);
            }
        }
        let (method, accessors) = call.path.split_last().map_or(("", &[][..]), |(last, rest)| (last.as_str(), rest));
        let (method, accessors) = (ident(method), accessors.iter().map(|name| ident(name)));
        let mut request = quote!(polar #(.#accessors())*.#method(#(#arguments),*));
        for (name, value) in &call.setters {
            let (name, value) = (ident(name), self.example_value(value, &mut imports));
            request.extend(quote!(.#name(#value)));
        }
        statements.extend(result(&call.result, &request, &self.example_crate(), &mut imports));
        let mut lines: Vec<_> = imports.iter().map(|(path, names)| import(path, names)).collect();
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let variables = call.variables.iter().map(|variable| {
            let ty = if variable.is_text { "&str".to_owned() } else { format!("{CRATE}::uuid::Uuid") };
            format!(", {}: {ty}", variable.name)
        });
        let fails = call.arguments.iter().chain(call.setters.iter().map(|(_, value)| value)).any(is_parsed);
        let version = self.example_crate();
        let error = if fails { "Box<dyn std::error::Error>".to_owned() } else { format!("{version}::Error") };
        let variables: String = variables.collect();
        lines.push(format!("# async fn example(polar: {version}::Polar{variables}) -> Result<(), {error}> {{"));
        lines.extend(printed(&statements));
        lines.extend(["# Ok(())".to_owned(), "# }".to_owned()]);
        lines
    }

    fn example_value(&self, value: &ExampleValue, imports: &mut Imports) -> TokenStream {
        let mut use_name = |path: &str, name: &str| {
            let path = if path.is_empty() { CRATE.to_owned() } else { format!("{CRATE}::{path}") };
            imports.entry(path).or_default().insert(name.to_owned());
            ident(name)
        };
        match value {
            ExampleValue::Variable(name) => {
                let name = ident(name);
                quote!(#name)
            }
            ExampleValue::Str(text) => quote!(#text),
            ExampleValue::String(text) => quote!(#text.to_owned()),
            ExampleValue::Secret(name) => {
                let (ty, name) = (use_name("", "Secret"), ident(name));
                quote!(#ty::from(#name))
            }
            ExampleValue::Integer(number) => {
                let number = Literal::i64_unsuffixed(*number);
                quote!(#number)
            }
            ExampleValue::Number(number) => {
                let number = Literal::f64_unsuffixed(*number);
                quote!(#number)
            }
            ExampleValue::IntegerOrNumber(number) => {
                let (ty, number) = (use_name("", "Number"), Literal::i64_unsuffixed(*number));
                quote!(#ty::from(#number))
            }
            ExampleValue::Boolean(truth) => quote!(#truth),
            ExampleValue::DateTime(text) => {
                let (time, utc) = (use_name("chrono", "DateTime"), use_name("chrono", "Utc"));
                quote!(#text.parse::<#time<#utc>>()?)
            }
            ExampleValue::Date(text) => {
                let date = use_name("chrono", "NaiveDate");
                quote!(#text.parse::<#date>()?)
            }
            ExampleValue::Json(text) => {
                let (json, text) = (use_name("serde_json", "json"), text.parse::<TokenStream>().unwrap_or_default());
                quote!(#json!(#text))
            }
            ExampleValue::Option(None) => quote!(None),
            ExampleValue::Option(Some(value)) => {
                let value = self.example_value(value, imports);
                quote!(Some(#value))
            }
            ExampleValue::Array(items) => {
                let items = items.iter().map(|item| self.example_value(item, imports));
                quote!([#(#items),*])
            }
            ExampleValue::List(items) => {
                let items = items.iter().map(|item| self.example_value(item, imports));
                quote!(vec![#(#items),*])
            }
            ExampleValue::Tuple(items) => {
                let items = items.iter().map(|item| self.example_value(item, imports));
                quote!((#(#items),*))
            }
            ExampleValue::Map(key, value) => {
                imports.entry("std::collections".to_owned()).or_default().insert("BTreeMap".to_owned());
                let (key, value) = (self.example_value(key, imports), self.example_value(value, imports));
                quote!(BTreeMap::from([(#key, #value)]))
            }
            ExampleValue::OneOrMany(value) => {
                let ty = use_name("", "OneOrMany");
                let value = self.example_value(value, imports);
                quote!(#ty::from(#value))
            }
            ExampleValue::Variant(id, variant, held) => {
                let name = self.example_name(&Type::Named(*id), imports);
                let variant = ident(variant);
                match held {
                    None => quote!(#name::#variant),
                    Some((held, boxed)) => {
                        let held = self.example_value(held, imports);
                        let held = if *boxed { quote!(Box::new(#held)) } else { held };
                        quote!(#name::#variant(#held))
                    }
                }
            }
            ExampleValue::Object(id, arguments, setters) => {
                let name = self.example_name(&Type::Named(*id), imports);
                let arguments: Vec<_> = arguments.iter().map(|value| self.example_value(value, imports)).collect();
                let setters = setters.iter().map(|(setter, value)| {
                    let (setter, value) = (ident(setter), self.example_value(value, imports));
                    quote!(.#setter(#value))
                });
                quote!(#name::new(#(#arguments),*)#(#setters)*)
            }
        }
    }

    /// Returns the name of a definition, which the example imports.
    fn example_name(&self, ty: &Type, imports: &mut Imports) -> TokenStream {
        if let Type::Named(id) = ty {
            let path = self.public_path(*id);
            let version = self.example_crate();
            let (module, name) = path
                .rsplit_once("::")
                .map_or((version.clone(), path.as_str()), |(module, name)| (format!("{version}::{module}"), name));
            imports.entry(module).or_default().insert(name.to_owned());
        }
        self.ty(ty)
    }

    /// The path of the version in programs of users.
    fn example_crate(&self) -> String {
        self.other().map_or_else(|| CRATE.to_owned(), |other| format!("{CRATE}::{}", other.place.module))
    }

    /// The lines of a handwritten example, as the body of a function. Imports come before a line `#`, which becomes an
    /// empty one. Examples are written for the default version.
    fn written(&self, text: &str) -> Vec<String> {
        let version = self.example_crate();
        let text =
            ["Error", "Polar", "models::", "resources::", "webhooks::"].iter().fold(text.to_owned(), |text, item| {
                text.replace(&format!("{CRATE}::{item}"), &format!("{version}::{item}"))
            });
        let (imports, body) = match text.split_once("\n#\n") {
            Some((imports, body)) => (format!("{imports}\n\n"), body),
            None => (String::new(), text.as_str()),
        };
        let head = format!("# async fn example(polar: {version}::Polar) -> Result<(), Box<dyn std::error::Error>> {{");
        let lines = imports.lines().chain([head.as_str()]).chain(body.lines()).chain(["# Ok(())", "# }"]);
        lines.map(str::to_owned).collect()
    }
}

/// Sends a request and prints a part of its result.
fn result(shown: &ExampleResult, request: &TokenStream, version: &str, imports: &mut Imports) -> TokenStream {
    match shown {
        ExampleResult::Nothing => quote!(#request.await?;),
        ExampleResult::Items(all, one, field) => {
            let (all, one) = (ident(all), ident(one));
            let print = print(&quote!(#one), field);
            quote! {
                let mut #all = #request.items();
                while let Some(#one) = #all.next().await {
                    let #one = #one?;
                    #print
                }
            }
        }
        ExampleResult::Value(name, field) => {
            let name = ident(name);
            let print = print(&quote!(#name), field);
            quote!(let #name = #request.await?; #print)
        }
        ExampleResult::ByStatus(module, name, variants) => {
            imports.entry(format!("{version}::resources::{module}")).or_default().insert(name.clone());
            let name = ident(name);
            let arms = variants.iter().map(|(variant, has_body)| {
                let variant = ident(variant);
                match has_body {
                    true => quote!(#name::#variant(response) => println!("{response:?}"),),
                    false => quote!(#name::#variant => println!("not ready yet"),),
                }
            });
            quote!(match #request.await? { #(#arms)* other => println!("{other:?}"), })
        }
    }
}

fn print(value: &TokenStream, field: &ExampleField) -> TokenStream {
    match field {
        ExampleField::Whole => {
            let format = format!("{{{value}:?}}");
            quote!(println!(#format);)
        }
        ExampleField::Text => {
            let format = format!("{{{value}}}");
            quote!(println!(#format);)
        }
        ExampleField::Field(name) => {
            let name = ident(name);
            quote!(println!("{}", #value.#name);)
        }
    }
}

/// Returns whether a value is parsed from a text, which can fail.
fn is_parsed(value: &ExampleValue) -> bool {
    match value {
        ExampleValue::DateTime(_) | ExampleValue::Date(_) => true,
        ExampleValue::Option(inner) => inner.as_deref().is_some_and(is_parsed),
        ExampleValue::OneOrMany(inner) => is_parsed(inner),
        ExampleValue::Array(items) | ExampleValue::List(items) | ExampleValue::Tuple(items) => {
            items.iter().any(is_parsed)
        }
        ExampleValue::Map(key, value) => is_parsed(key) || is_parsed(value),
        ExampleValue::Variant(_, _, held) => held.as_ref().is_some_and(|(held, _)| is_parsed(held)),
        ExampleValue::Object(_, arguments, setters) => {
            arguments.iter().any(is_parsed) || setters.iter().any(|(_, value)| is_parsed(value))
        }
        _ => false,
    }
}

/// `use path::{names};`
fn import(path: &str, names: &BTreeSet<String>) -> String {
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    match names.as_slice() {
        [name] => format!("use {path}::{name};"),
        _ => format!("use {path}::{{{}}};", names.join(", ")),
    }
}

/// Returns statements as the lines of a program.
fn printed(statements: &TokenStream) -> Vec<String> {
    let Ok(file) = syn::parse2::<syn::File>(quote!(async fn example() { #statements })) else { return Vec::new() };
    let text = prettyplease::unparse(&file);
    let inner = text.lines().skip(1).take_while(|line| *line != "}");
    inner.map(|line| line.strip_prefix("    ").unwrap_or(line).to_owned()).collect()
}
