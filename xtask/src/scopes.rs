//! `cargo xtask scopes`: the scopes and tokens that operations need.

use std::collections::BTreeSet;

use polar_client_auth::{TokenKind, kinds_of, kinds_shared, kinds_taken, least_scopes, scope_name};
use polar_codegen::ir::Operation;

use crate::cli;
use crate::error::CommandError;
use crate::generation::Inputs;
use crate::table::columns;

/// How similar a name must be to be proposed, from 0 to 1.
const SIMILAR: f64 = 0.85;

/// The most names that are proposed for a name that does not exist.
const PROPOSED: usize = 3;

pub(crate) fn run(options: &cli::Scopes) -> Result<String, CommandError> {
    let known = Inputs::find(&options.input).read(polar_codegen::operations)?;
    let is_known = |id: &&String| known.iter().any(|operation| operation.id == **id);
    let unknown: Vec<_> = options.operations.iter().filter(|id| !is_known(id)).collect();
    if !unknown.is_empty() {
        return Err(unknown_operations(&unknown, &known));
    }
    let asked: Vec<_> = known.iter().filter(|operation| options.operations.contains(&operation.id)).collect();
    Ok(report(&asked))
}

fn unknown_operations(ids: &[&String], known: &[Operation]) -> CommandError {
    let problem = |id: &&String| {
        let near = near(id, known);
        let near = if near.is_empty() { String::new() } else { format!(", did you mean {}?", near.join(" or ")) };
        format!("the operation `{id}` does not exist{near}")
    };
    let problems: Vec<_> = ids.iter().map(problem).collect();
    CommandError::new(problems.join("\n"), "`cargo xtask names` lists all operations")
}

/// Similar operation ids, the most similar first; otherwise those that contain the id or are of the same resource.
fn near(id: &str, known: &[Operation]) -> Vec<String> {
    let id = id.to_lowercase().replace(['.', '/'], ":");
    let similarity = |operation: &&Operation| strsim::normalized_damerau_levenshtein(&id, &operation.id);
    let mut similar: Vec<_> = known.iter().filter(|operation| similarity(operation) >= SIMILAR).collect();
    similar.sort_by(|a, b| similarity(b).total_cmp(&similarity(a)).then(a.id.cmp(&b.id)));
    let resource = id.rsplit_once(':').map_or(id.as_str(), |(resource, _)| resource);
    for part in [&id, resource] {
        if similar.is_empty() {
            similar = known.iter().filter(|operation| operation.id.contains(part)).collect();
        }
    }
    similar.iter().take(PROPOSED).map(|operation| format!("`{}`", operation.id)).collect()
}

fn report(operations: &[&Operation]) -> String {
    let scopes = |operation: &Operation| -> Vec<String> {
        let all: BTreeSet<_> = operation.security.iter().flat_map(|way| way.scopes.clone()).collect();
        all.into_iter().collect()
    };
    let accepted: Vec<_> = operations.iter().map(|operation| (operation.id.as_str(), scopes(operation))).collect();
    let least = least_scopes(accepted.iter().map(|(_, scopes)| scopes.iter().map(String::as_str)));
    let mut text = format!("{}\n", least.join(" "));
    let rows: Vec<_> = least
        .iter()
        .map(|scope| {
            let users = accepted.iter().filter(|(_, scopes)| scopes.iter().any(|accepted| accepted == scope));
            let users: BTreeSet<_> = users.map(|(id, _)| *id).collect();
            let users: Vec<_> = users.into_iter().collect();
            [format!("  {scope}"), scope_name(scope), users.join(", ")]
        })
        .collect();
    if least.is_empty() {
        text = "no scope is needed\n".to_owned();
    } else {
        text.push_str(&format!("\n{}", columns(&rows)));
    }
    text.push_str(&format!("\n{}", tokens(operations)));
    text
}

/// The kinds of tokens that can call all operations, or else the kinds that each operation takes.
fn tokens(operations: &[&Operation]) -> String {
    let schemes = operations.iter().flat_map(|operation| &operation.security).map(|way| way.scheme.as_str());
    if let Some(scheme) = schemes.into_iter().find(|scheme| kinds_of(scheme).is_none()) {
        return format!("no kind of token is known for the security scheme `{scheme}`\n");
    }
    let kinds = |operation: &Operation| kinds_taken(operation.security.iter().map(|way| way.scheme.as_str()));
    let Some(shared) = kinds_shared(operations.iter().map(|operation| kinds(operation))) else {
        return "no token is needed\n".to_owned();
    };
    if !shared.is_empty() {
        let rows: Vec<_> = shared.iter().map(|kind| [format!("  {kind}"), kind.hint().to_owned()]).collect();
        return format!("kinds of tokens that can call all operations:\n{}", columns(&rows));
    }
    let protected = operations.iter().filter(|operation| !operation.security.is_empty());
    let list = |operation: &Operation| kinds(operation).iter().map(TokenKind::to_string).collect::<Vec<_>>().join(", ");
    let rows: Vec<_> = protected.map(|operation| [format!("  {}", operation.id), list(operation)]).collect();
    format!("no single token can call all operations:\n{}", columns(&rows))
}
