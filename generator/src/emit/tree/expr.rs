//! Expressions and the blocks that they stand in.

use proc_macro2::{Delimiter, Span, TokenTree};
use syn::punctuated::Punctuated;
use syn::{
    Arm, Block, Expr, ExprArray, ExprAssign, ExprCall, ExprField, ExprLit, ExprMatch, ExprMethodCall, ExprParen,
    ExprPath, ExprReference, ExprReturn, ExprStruct, ExprTry, ExprTuple, FieldValue, Index, Lit, LitBool, Local,
    LocalInit, Member, Pat, PatIdent, PatTupleStruct, PatType, PatWild, Path, Stmt, Token,
};

use super::{Cursor, all, list};

fn path(path: Path) -> Expr {
    Expr::Path(ExprPath { attrs: Vec::new(), qself: None, path })
}

fn literal(token: &TokenTree) -> Option<Lit> {
    match token {
        TokenTree::Literal(literal) => Some(Lit::new(literal.clone())),
        TokenTree::Ident(word) if word == "true" || word == "false" => {
            Some(LitBool::new(word == "true", word.span()).into())
        }
        _ => None,
    }
}

impl Cursor<'_> {
    /// Statements in braces.
    pub(super) fn block(&mut self) -> Option<Block> {
        let content = self.group(Delimiter::Brace)?;
        let mut rest = Cursor { trees: &content };
        let mut stmts = Vec::new();
        while !rest.is_empty() {
            if rest.takes_word("let") {
                stmts.push(Stmt::Local(rest.local()?));
                continue;
            }
            let expr = rest.expr()?;
            let semicolon: Option<Token![;]> = rest.takes(';').then(Default::default);
            // What ends without one is the value of the block.
            (semicolon.is_some() || rest.is_empty()).then_some(())?;
            stmts.push(Stmt::Expr(expr, semicolon));
        }
        Some(Block { brace_token: Default::default(), stmts })
    }

    /// What follows on `let`: a name, perhaps with its type, and a value.
    fn local(&mut self) -> Option<Local> {
        let mutability = self.takes_word("mut").then(Default::default);
        let ident = self.name()?;
        let mut pat = Pat::Ident(PatIdent { attrs: Vec::new(), by_ref: None, mutability, ident, subpat: None });
        if self.takes(':') {
            let (attrs, colon_token, ty) = (Vec::new(), Default::default(), Box::new(self.ty()?));
            pat = Pat::Type(PatType { attrs, pat: Box::new(pat), colon_token, ty });
        }
        self.takes('=').then_some(())?;
        let init = LocalInit { eq_token: Default::default(), expr: Box::new(self.operand(true)?), diverge: None };
        let semi_token = self.takes(';').then(Default::default)?;
        Some(Local { attrs: Vec::new(), let_token: Default::default(), pat, init: Some(init), semi_token })
    }

    pub(super) fn expr(&mut self) -> Option<Expr> {
        let left = self.operand(true)?;
        if !self.is_punct(0, '=') || self.is_punct(1, '=') || self.is_punct(1, '>') {
            return Some(left);
        }
        self.takes('=');
        let (left, right) = (Box::new(left), Box::new(self.operand(true)?));
        Some(Expr::Assign(ExprAssign { attrs: Vec::new(), left, eq_token: Default::default(), right }))
    }

    /// An expression without operators in between; `braces` says whether it may be a struct's.
    fn operand(&mut self, braces: bool) -> Option<Expr> {
        if self.is_punct(0, '&') && !self.is_punct(1, '&') {
            self.takes('&');
            let mutability = self.takes_word("mut").then(Default::default);
            let expr = Box::new(self.operand(braces)?);
            let and_token = Default::default();
            return Some(Expr::Reference(ExprReference { attrs: Vec::new(), and_token, mutability, expr }));
        }
        let mut expr = self.primary(braces)?;
        loop {
            expr = if self.is_group(Delimiter::Parenthesis) {
                let args = self.call_arguments()?;
                let (func, paren_token) = (Box::new(expr), Default::default());
                Expr::Call(ExprCall { attrs: Vec::new(), func, paren_token, args })
            } else if self.takes('?') {
                Expr::Try(ExprTry { attrs: Vec::new(), expr: Box::new(expr), question_token: Default::default() })
            } else if self.takes('.') {
                self.after_dot(expr)?
            } else {
                return Some(expr);
            };
        }
    }

    fn call_arguments(&mut self) -> Option<Punctuated<Expr, Token![,]>> {
        list(&self.group(Delimiter::Parenthesis)?, Cursor::expr)
    }

    fn after_dot(&mut self, base: Expr) -> Option<Expr> {
        if let Some(TokenTree::Literal(literal)) = self.trees.first() {
            let index = literal.to_string().parse().ok()?;
            self.next();
            return Some(field(base, Member::Unnamed(Index { index, span: Span::call_site() })));
        }
        let method = self.name()?;
        let turbofish = match self.takes_pair(':', ':') {
            true => Some(self.arguments(true)?),
            false => None,
        };
        if !self.is_group(Delimiter::Parenthesis) {
            return turbofish.is_none().then(|| field(base, Member::Named(method)));
        }
        let args = self.call_arguments()?;
        let (receiver, dot_token, paren_token) = (Box::new(base), Default::default(), Default::default());
        Some(Expr::MethodCall(ExprMethodCall {
            attrs: Vec::new(),
            receiver,
            dot_token,
            method,
            turbofish,
            paren_token,
            args,
        }))
    }

    fn primary(&mut self, braces: bool) -> Option<Expr> {
        if let Some(lit) = self.trees.first().and_then(literal) {
            self.next();
            return Some(Expr::Lit(ExprLit { attrs: Vec::new(), lit }));
        }
        if self.is_group(Delimiter::Bracket) {
            let elems = list(&self.group(Delimiter::Bracket)?, Cursor::expr)?;
            return Some(Expr::Array(ExprArray { attrs: Vec::new(), bracket_token: Default::default(), elems }));
        }
        if self.is_group(Delimiter::Parenthesis) {
            return Some(parenthesized(self.call_arguments()?));
        }
        if self.takes_word("match") {
            return self.arms();
        }
        if self.takes_word("return") {
            let expr = Some(Box::new(self.operand(braces)?));
            return Some(Expr::Return(ExprReturn { attrs: Vec::new(), return_token: Default::default(), expr }));
        }
        let found = self.path(true)?;
        match braces && self.is_group(Delimiter::Brace) {
            true => self.struct_literal(found),
            false => (!self.is_punct(0, '!')).then(|| path(found)),
        }
    }

    fn struct_literal(&mut self, path: Path) -> Option<Expr> {
        let content = self.group(Delimiter::Brace)?;
        let mut rest = Cursor { trees: &content };
        let mut fields = Punctuated::new();
        let mut base = None;
        while !rest.is_empty() {
            if rest.takes_pair('.', '.') {
                base = Some(Box::new(all(rest.trees, |rest| rest.operand(true))?));
                break;
            }
            fields.push_value(field_value(&mut rest)?);
            if !rest.is_empty() {
                rest.takes(',').then(|| fields.push_punct(Default::default()))?;
            }
        }
        Some(Expr::Struct(ExprStruct {
            attrs: Vec::new(),
            qself: None,
            path,
            brace_token: Default::default(),
            fields,
            dot2_token: base.is_some().then(Default::default),
            rest: base,
        }))
    }

    fn arms(&mut self) -> Option<Expr> {
        let expr = Box::new(self.operand(false)?);
        let content = self.group(Delimiter::Brace)?;
        let mut rest = Cursor { trees: &content };
        let mut arms = Vec::new();
        while !rest.is_empty() {
            arms.push(arm(&mut rest)?);
        }
        let (match_token, brace_token) = (Default::default(), Default::default());
        Some(Expr::Match(ExprMatch { attrs: Vec::new(), match_token, expr, brace_token, arms }))
    }
}

fn field(base: Expr, member: Member) -> Expr {
    Expr::Field(ExprField { attrs: Vec::new(), base: Box::new(base), dot_token: Default::default(), member })
}

/// A tuple; one expression without a comma is no tuple.
fn parenthesized(elems: Punctuated<Expr, Token![,]>) -> Expr {
    let (attrs, paren_token) = (Vec::new(), Default::default());
    if elems.len() == 1 && !elems.trailing_punct() {
        let expr = Box::new(elems.into_iter().next().unwrap_or(Expr::PLACEHOLDER));
        return Expr::Paren(ExprParen { attrs, paren_token, expr });
    }
    Expr::Tuple(ExprTuple { attrs, paren_token, elems })
}

fn field_value(rest: &mut Cursor<'_>) -> Option<FieldValue> {
    let name = rest.name()?;
    let colon_token: Option<Token![:]> = rest.takes(':').then(Default::default);
    let expr = match colon_token {
        Some(_) => rest.expr()?,
        None => path(name.clone().into()),
    };
    Some(FieldValue { attrs: Vec::new(), member: Member::Named(name), colon_token, expr })
}

/// `pattern => expression,`
fn arm(rest: &mut Cursor<'_>) -> Option<Arm> {
    let pat = pattern(rest)?;
    rest.takes_pair('=', '>').then_some(())?;
    let body = Box::new(rest.operand(true)?);
    let comma: Option<Token![,]> = rest.takes(',').then(Default::default);
    (comma.is_some() || rest.is_empty()).then_some(())?;
    Some(Arm { attrs: Vec::new(), pat, guard: None, fat_arrow_token: Default::default(), body, comma })
}

/// `_`, a literal, a name, `Path`, or one of these as the content of a `Path(...)`.
fn pattern(rest: &mut Cursor<'_>) -> Option<Pat> {
    let attrs = Vec::new();
    if rest.takes_word("_") {
        return Some(Pat::Wild(PatWild { attrs, underscore_token: Default::default() }));
    }
    if let Some(lit) = rest.trees.first().and_then(literal) {
        rest.next();
        return Some(Pat::Lit(ExprLit { attrs, lit }));
    }
    let path = rest.path(true)?;
    if rest.is_group(Delimiter::Parenthesis) {
        let elems = list(&rest.group(Delimiter::Parenthesis)?, pattern)?;
        let paren_token = Default::default();
        return Some(Pat::TupleStruct(PatTupleStruct { attrs, qself: None, path, paren_token, elems }));
    }
    match path.get_ident() {
        Some(name) => {
            let ident = name.clone();
            Some(Pat::Ident(PatIdent { attrs, by_ref: None, mutability: None, ident, subpat: None }))
        }
        None => Some(Pat::Path(ExprPath { attrs, qself: None, path })),
    }
}
