//! Types and paths.

use proc_macro2::{Delimiter, Span, TokenTree};
use syn::punctuated::Punctuated;
use syn::{
    AngleBracketedGenericArguments, AssocType, GenericArgument, Lifetime, Path, PathArguments, PathSegment, Token,
    TraitBound, TraitBoundModifier, Type, TypeImplTrait, TypeParamBound, TypePath, TypeReference, TypeSlice, TypeTuple,
};

use super::{Cursor, all, list};

pub(super) fn path(path: Path) -> Type {
    Type::Path(TypePath { qself: None, path })
}

pub(super) fn reference(lifetime: Option<Lifetime>, mutability: Option<Token![mut]>, elem: Type) -> Type {
    Type::Reference(TypeReference { and_token: Default::default(), lifetime, mutability, elem: Box::new(elem) })
}

impl Cursor<'_> {
    pub(super) fn ty(&mut self) -> Option<Type> {
        if self.takes('&') {
            let lifetime = self.lifetime();
            let mutability = self.takes_word("mut").then(Default::default);
            return Some(reference(lifetime, mutability, self.ty()?));
        }
        if self.is_group(Delimiter::Bracket) {
            let elem = Box::new(all(&self.group(Delimiter::Bracket)?, Cursor::ty)?);
            return Some(Type::Slice(TypeSlice { bracket_token: Default::default(), elem }));
        }
        if self.is_group(Delimiter::Parenthesis) {
            let elems: Punctuated<Type, Token![,]> = list(&self.group(Delimiter::Parenthesis)?, Cursor::ty)?;
            // One type without a comma is no tuple.
            let is_tuple = elems.is_empty() || elems.len() > 1 || elems.trailing_punct();
            return is_tuple.then(|| Type::Tuple(TypeTuple { paren_token: Default::default(), elems }));
        }
        if self.takes_word("impl") {
            let bound = TraitBound {
                paren_token: None,
                modifier: TraitBoundModifier::None,
                lifetimes: None,
                path: self.path(false)?,
            };
            let bounds = [TypeParamBound::Trait(bound)].into_iter().collect();
            return (!self.is_punct(0, '+'))
                .then(|| Type::ImplTrait(TypeImplTrait { impl_token: Default::default(), bounds }));
        }
        self.path(false).map(path)
    }

    fn lifetime(&mut self) -> Option<Lifetime> {
        match (self.is_punct(0, '\''), self.trees.get(1)) {
            (true, Some(TokenTree::Ident(ident))) => {
                self.takes('\'');
                self.next();
                Some(Lifetime { apostrophe: Span::call_site(), ident: ident.clone() })
            }
            _ => None,
        }
    }

    /// A path: in an expression its type arguments stand behind `::`, and in a type they need not.
    pub(super) fn path(&mut self, in_expression: bool) -> Option<Path> {
        let mut segments = Punctuated::new();
        loop {
            let mut segment: PathSegment = match ["self", "Self", "crate"].iter().any(|word| self.is_word(word)) {
                true => match self.next()? {
                    TokenTree::Ident(ident) => ident.clone().into(),
                    _ => return None,
                },
                false => self.name()?.into(),
            };
            let more = self.takes_pair(':', ':');
            if self.is_punct(0, '<') && (more || !in_expression) {
                segment.arguments = PathArguments::AngleBracketed(self.arguments(more)?);
                segments.push_value(segment);
                if !self.takes_pair(':', ':') {
                    break;
                }
            } else {
                segments.push_value(segment);
                if !more {
                    break;
                }
            }
            segments.push_punct(Default::default());
        }
        Some(Path { leading_colon: None, segments })
    }

    pub(super) fn arguments(&mut self, colons: bool) -> Option<AngleBracketedGenericArguments> {
        self.takes('<').then_some(())?;
        let mut args = Punctuated::new();
        while !self.takes('>') {
            args.push_value(self.type_argument()?);
            if self.takes(',') {
                args.push_punct(Default::default());
            } else if !self.is_punct(0, '>') {
                return None;
            }
        }
        let colon2_token = colons.then(Default::default);
        let (lt_token, gt_token) = (Default::default(), Default::default());
        Some(AngleBracketedGenericArguments { colon2_token, lt_token, args, gt_token })
    }

    fn type_argument(&mut self) -> Option<GenericArgument> {
        if let Some(lifetime) = self.lifetime() {
            return Some(GenericArgument::Lifetime(lifetime));
        }
        if self.is_punct(1, '=') {
            let ident = self.name()?;
            self.takes('=');
            let (generics, eq_token, ty) = (None, Default::default(), self.ty()?);
            return Some(GenericArgument::AssocType(AssocType { ident, generics, eq_token, ty }));
        }
        self.ty().map(GenericArgument::Type)
    }
}
