//! From tokens to a tree of syntax.
//!
//! syn's parser asks of each token what it is some forty times over, with a copy of the token each time. Nearly all
//! that the emitters write has one of a few shapes, which are read here with one look at each token. Any other shape is
//! left to syn, and so is whatever is no Rust: this module decides about nothing but time.

mod expr;
mod ty;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::parse::Parse;
use syn::punctuated::Punctuated;
use syn::{
    AttrStyle, Attribute, Expr, ExprLit, Field, FieldMutability, Fields, FieldsNamed, File, FnArg, Generics, ImplItem,
    ImplItemConst, ImplItemFn, ImplItemType, Item, ItemImpl, ItemStruct, Lit, MacroDelimiter, Meta, MetaList,
    MetaNameValue, Pat, PatIdent, PatType, Receiver, ReturnType, Signature, Type, VisRestricted, Visibility,
};

use crate::words::{UNUSABLE, is_keyword};

/// The tree of a file.
pub(super) fn file(tokens: TokenStream) -> syn::Result<File> {
    let trees: Vec<_> = tokens.into_iter().collect();
    match items(&trees) {
        Some(file) => Ok(file),
        None => whole(&trees),
    }
}

fn items(trees: &[TokenTree]) -> Option<File> {
    let mut rest = Cursor { trees };
    let attrs = rest.attributes(true)?;
    let mut items = Vec::new();
    while !rest.is_empty() {
        let (piece, word) = rest.piece()?;
        let known = match word {
            _ if word == "impl" => implementation(piece),
            _ if word == "struct" => structure(piece),
            _ => None,
        };
        items.push(known.or_else(|| whole(piece).ok())?);
    }
    Some(File { shebang: None, attrs, items })
}

/// What syn makes of it.
fn whole<T: Parse>(trees: &[TokenTree]) -> syn::Result<T> {
    syn::parse2(trees.iter().cloned().collect())
}

/// Tokens that are still to be read. What reads a shape gives nothing where it finds another one.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    trees: &'a [TokenTree],
}

impl<'a> Cursor<'a> {
    fn is_empty(&self) -> bool {
        self.trees.is_empty()
    }

    fn next(&mut self) -> Option<&'a TokenTree> {
        let (first, rest) = self.trees.split_first()?;
        self.trees = rest;
        Some(first)
    }

    fn is_punct(&self, place: usize, sign: char) -> bool {
        matches!(self.trees.get(place), Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.trees.first(), Some(TokenTree::Ident(ident)) if ident == word)
    }

    fn is_group(&self, delimiter: Delimiter) -> bool {
        matches!(self.trees.first(), Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
    }

    /// Takes the sign if it comes next; it says whether it did.
    fn takes(&mut self, sign: char) -> bool {
        let found = self.is_punct(0, sign);
        if found {
            self.next();
        }
        found
    }

    /// The same for a word.
    fn takes_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.next();
        }
        found
    }

    /// The same for a sign of two characters.
    fn takes_pair(&mut self, first: char, second: char) -> bool {
        let found = self.is_punct(0, first) && self.is_punct(1, second);
        if found {
            self.next();
            self.next();
        }
        found
    }

    /// A name that something may be given.
    fn name(&mut self) -> Option<Ident> {
        match self.next()? {
            TokenTree::Ident(ident) => {
                let text = ident.to_string();
                let is_free = !is_keyword(&text) && !UNUSABLE.contains(&text.as_str());
                is_free.then(|| ident.clone())
            }
            _ => None,
        }
    }

    /// What stands between brackets.
    fn group(&mut self, wanted: Delimiter) -> Option<Vec<TokenTree>> {
        match self.next()? {
            TokenTree::Group(group) if group.delimiter() == wanted => Some(group.stream().into_iter().collect()),
            _ => None,
        }
    }

    /// One item or member, up to its semicolon or its braces, and the word that says what it is.
    fn piece(&mut self) -> Option<(&'a [TokenTree], &'a Ident)> {
        let mut ahead = *self;
        while ahead.takes('#') {
            ahead.next();
        }
        if ahead.takes_word("pub") && ahead.is_group(Delimiter::Parenthesis) {
            ahead.next();
        }
        let Some(TokenTree::Ident(word)) = ahead.trees.first() else { return None };
        // These may hold braces before they end.
        let by_semicolon = ["use", "const", "static", "type"].iter().any(|other| word == other);
        let ends = |tree: &TokenTree| match tree {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !by_semicolon,
            _ => false,
        };
        let start = self.trees.len() - ahead.trees.len();
        let length = start + ahead.trees.iter().position(ends)? + 1;
        let (piece, rest) = self.trees.split_at(length);
        self.trees = rest;
        Some((piece, word))
    }

    fn attributes(&mut self, inner: bool) -> Option<Vec<Attribute>> {
        let mut attributes = Vec::new();
        while self.is_punct(0, '#') && self.is_punct(1, '!') == inner {
            self.next();
            let style = if inner { AttrStyle::Inner(Default::default()) } else { AttrStyle::Outer };
            if inner {
                self.next();
            }
            let content = self.group(Delimiter::Bracket)?;
            let meta = meta(&content)?;
            attributes.push(Attribute {
                pound_token: Default::default(),
                style,
                bracket_token: Default::default(),
                meta,
            });
        }
        Some(attributes)
    }

    fn visibility(&mut self) -> Option<Visibility> {
        if !self.takes_word("pub") {
            return Some(Visibility::Inherited);
        }
        if !self.is_group(Delimiter::Parenthesis) {
            return Some(Visibility::Public(Default::default()));
        }
        let scope = self.group(Delimiter::Parenthesis)?;
        Some(Visibility::Restricted(VisRestricted {
            pub_token: Default::default(),
            paren_token: Default::default(),
            in_token: None,
            path: Box::new(all(&scope, |scope| scope.path(false))?),
        }))
    }
}

/// Things with commas between them, and perhaps one after the last.
fn list<'a, T, P: Default>(
    trees: &'a [TokenTree],
    mut read: impl FnMut(&mut Cursor<'a>) -> Option<T>,
) -> Option<Punctuated<T, P>> {
    let mut rest = Cursor { trees };
    let mut found = Punctuated::new();
    while !rest.is_empty() {
        found.push_value(read(&mut rest)?);
        if rest.is_empty() {
            break;
        }
        rest.takes(',').then(|| found.push_punct(P::default()))?;
    }
    Some(found)
}

/// The whole of the tokens as one thing.
fn all<'a, T>(trees: &'a [TokenTree], read: impl FnOnce(&mut Cursor<'a>) -> Option<T>) -> Option<T> {
    let mut rest = Cursor { trees };
    read(&mut rest).filter(|_| rest.is_empty())
}

fn meta(trees: &[TokenTree]) -> Option<Meta> {
    match trees {
        [TokenTree::Ident(name)] => Some(Meta::Path(name.clone().into())),
        [TokenTree::Ident(name), TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis => {
            Some(Meta::List(MetaList {
                path: name.clone().into(),
                delimiter: MacroDelimiter::Paren(Default::default()),
                tokens: group.stream(),
            }))
        }
        [TokenTree::Ident(name), TokenTree::Punct(sign), TokenTree::Literal(text)] if sign.as_char() == '=' => {
            let value = Expr::Lit(ExprLit { attrs: Vec::new(), lit: Lit::new(text.clone()) });
            Some(Meta::NameValue(MetaNameValue { path: name.clone().into(), eq_token: Default::default(), value }))
        }
        _ => whole(trees).ok(),
    }
}

/// `pub struct Name { ... }`
fn structure(trees: &[TokenTree]) -> Option<Item> {
    let mut rest = Cursor { trees };
    let attrs = rest.attributes(false)?;
    let vis = rest.visibility()?;
    rest.takes_word("struct").then_some(())?;
    let ident = rest.name()?;
    let fields = rest.group(Delimiter::Brace)?;
    let fields = FieldsNamed { brace_token: Default::default(), named: list(&fields, field)? };
    let (generics, fields) = (Generics::default(), Fields::Named(fields));
    Some(Item::Struct(ItemStruct {
        attrs,
        vis,
        struct_token: Default::default(),
        ident,
        generics,
        fields,
        semi_token: None,
    }))
}

fn field(rest: &mut Cursor<'_>) -> Option<Field> {
    let (attrs, vis) = (rest.attributes(false)?, rest.visibility()?);
    let ident = Some(rest.name()?);
    let colon_token = Some(rest.takes(':').then(Default::default)?);
    Some(Field { attrs, vis, mutability: FieldMutability::None, ident, colon_token, ty: rest.ty()? })
}

/// `impl Name { ... }` and `impl Trait for Name { ... }`
fn implementation(trees: &[TokenTree]) -> Option<Item> {
    let mut rest = Cursor { trees };
    let attrs = rest.attributes(false)?;
    rest.takes_word("impl").then_some(())?;
    let first = rest.path(false)?;
    let (trait_, path) = match rest.takes_word("for") {
        true => (Some((None, first, Default::default())), rest.path(false)?),
        false => (None, first),
    };
    let self_ty = Box::new(ty::path(path));
    let content = rest.group(Delimiter::Brace)?;
    let mut members = Cursor { trees: &content };
    let mut items = Vec::new();
    while !members.is_empty() {
        let (piece, _) = members.piece()?;
        items.push(all(piece, member).or_else(|| whole(piece).ok())?);
    }
    Some(Item::Impl(ItemImpl {
        attrs,
        defaultness: None,
        unsafety: None,
        impl_token: Default::default(),
        generics: Generics::default(),
        trait_,
        self_ty,
        brace_token: Default::default(),
        items,
    }))
}

fn member(rest: &mut Cursor<'_>) -> Option<ImplItem> {
    let (attrs, vis) = (rest.attributes(false)?, rest.visibility()?);
    if rest.takes_word("const") {
        let ident = rest.name()?;
        let ty = rest.takes(':').then(|| rest.ty())??;
        let expr = rest.takes('=').then(|| rest.expr())??;
        let semi_token = rest.takes(';').then(Default::default)?;
        return Some(ImplItem::Const(ImplItemConst {
            attrs,
            vis,
            defaultness: None,
            const_token: Default::default(),
            ident,
            generics: Generics::default(),
            colon_token: Default::default(),
            ty,
            eq_token: Default::default(),
            expr,
            semi_token,
        }));
    }
    if rest.takes_word("type") {
        let ident = rest.name()?;
        let ty = rest.takes('=').then(|| rest.ty())??;
        let semi_token = rest.takes(';').then(Default::default)?;
        return Some(ImplItem::Type(ImplItemType {
            attrs,
            vis,
            defaultness: None,
            type_token: Default::default(),
            ident,
            generics: Generics::default(),
            eq_token: Default::default(),
            ty,
            semi_token,
        }));
    }
    let sig = signature(rest)?;
    let block = match rest.block() {
        Some(block) => block,
        None => whole(rest.trees).ok()?,
    };
    rest.trees = &[];
    Some(ImplItem::Fn(ImplItemFn { attrs, vis, defaultness: None, sig, block }))
}

fn signature(rest: &mut Cursor<'_>) -> Option<Signature> {
    rest.takes_word("fn").then_some(())?;
    let ident = rest.name()?;
    let inputs: Punctuated<FnArg, _> = list(&rest.group(Delimiter::Parenthesis)?, argument)?;
    inputs.iter().skip(1).all(|input| matches!(input, FnArg::Typed(_))).then_some(())?;
    let output = match rest.takes_pair('-', '>') {
        true => ReturnType::Type(Default::default(), Box::new(rest.ty()?)),
        false => ReturnType::Default,
    };
    Some(Signature {
        constness: None,
        asyncness: None,
        unsafety: None,
        abi: None,
        fn_token: Default::default(),
        ident,
        generics: Generics::default(),
        paren_token: Default::default(),
        inputs,
        variadic: None,
        output,
    })
}

fn argument(rest: &mut Cursor<'_>) -> Option<FnArg> {
    let reference = rest.takes('&').then(|| (Default::default(), None));
    let mutability = rest.takes_word("mut").then(Default::default);
    if rest.takes_word("self") {
        let ty = receiver(reference.is_some(), mutability.is_some());
        let (self_token, colon_token) = (Default::default(), None);
        return Some(FnArg::Receiver(Receiver {
            attrs: Vec::new(),
            reference,
            mutability,
            self_token,
            colon_token,
            ty,
        }));
    }
    let ident = reference.is_none().then(|| rest.name())??;
    let ty = rest.takes(':').then(|| rest.ty())??;
    let pat = Pat::Ident(PatIdent { attrs: Vec::new(), by_ref: None, mutability, ident, subpat: None });
    let (pat, ty) = (Box::new(pat), Box::new(ty));
    Some(FnArg::Typed(PatType { attrs: Vec::new(), pat, colon_token: Default::default(), ty }))
}

/// The type of `self`, `&self` or `&mut self`.
fn receiver(is_reference: bool, is_mutable: bool) -> Box<Type> {
    let own = ty::path(Ident::from(<syn::Token![Self]>::default()).into());
    let mutability = is_mutable.then(Default::default);
    Box::new(if is_reference { ty::reference(None, mutability, own) } else { own })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPES: &str = r#"
        #![allow(unused, reason = "a test")]
        use a::{b, c};
        #[doc = " A struct."]
        #[cfg(any(feature = "a", feature = "b"))]
        pub struct A { pub(crate) r#type: Option<Vec<&'static [B]>>, #[inline] pub b: (i64, C<D = (),>), c: (i64) }
        pub struct Tuple(pub A);
        pub enum E { V(A), Unknown }
        impl A {
            pub const ALL: &'static [Self] = &[Self::V, a::B { c: 1, d: -2, e: true }];
            pub fn own(&mut self) {}
            pub fn new(mut self, a: impl Into<A>) -> Self { Self { a, b: x.0.1, c: y.z::<A,>(&mut b)? } }
            fn find(&self) { let a = 1; match self.a { Self::B(value) => value.c(), "d" => return (e), _ => (f,), } }
            fn base(&self) -> B { let mut a: Vec<B> = match b { _ => return None }; B { a, b: 1, ..c::D::EMPTY } }
            fn set<'a>(a: &'a A) where A: B { self.a = [1, 2]; b!(c); d(|e| e); }
            fn sum(a: A) -> f64 { match a { B { c } if d => 1 + 2, other => other } }
        }
        impl<'a> Trait for A { type B = C; }
        impl Trait<Self> for A {}
        a::model!(A);
    "#;

    fn tokens(text: &str) -> TokenStream {
        text.parse().unwrap_or_default()
    }

    fn text(file: syn::Result<File>) -> String {
        file.map_or_else(|error| error.to_string(), |file| prettyplease::unparse(&file))
    }

    #[test]
    fn a_file_is_what_syn_makes_of_it() {
        let read = text(file(tokens(SHAPES)));
        assert!(read.contains("impl Trait<Self> for A"), "{read}");
        assert_eq!(read, text(syn::parse2(tokens(SHAPES))));
    }

    #[test]
    fn what_is_no_rust_is_refused_as_syn_does() {
        for wrong in [
            "struct fn { a: A }",
            "struct A { b }",
            "impl",
            "impl A { fn type() {} }",
            "impl A { fn a(self, self) {} }",
            "impl A { fn a() { b c } }",
            "impl A { fn a() { let b = c } }",
            "impl A { fn a() { B { ..c, d: 1 } } }",
        ] {
            let read = file(tokens(wrong)).map(|_| ()).map_err(|error| error.to_string());
            assert_eq!(read, syn::parse2::<File>(tokens(wrong)).map(|_| ()).map_err(|error| error.to_string()));
            assert!(read.is_err(), "{wrong}");
        }
    }
}
