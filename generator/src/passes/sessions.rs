//! Sessions: responses whose token opens a resource for a limited time.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ir::{Api, Presence, Session, Shape, Struct, Type, TypeId};

/// Properties of a session.
const TOKEN: &str = "token";
const EXPIRES: &str = "expires_at";

/// Finds the sessions and the resources that they open.
pub(super) fn run(api: &mut Api, diagnostics: &mut Diagnostics) {
    let mut sessions = Vec::new();
    for (index, def) in api.types.iter().enumerate() {
        let Shape::Struct(object) = &def.shape else { continue };
        let Some(opens) = &object.session else { continue };
        let resource = api.resources.iter().position(|resource| resource.path == [opens.as_str()]);
        let problem = match resource {
            _ if !is_session(object) => Diagnostic::error(def.pointer(), "a session has no token or no end")
                .hint("`token` is a string with `format: password`, `expires_at` one with `date-time`, both required"),
            None => Diagnostic::error(
                def.pointer(),
                format!("the session opens the resource `{opens}`, which does not exist"),
            )
            .hint("use the first part of operation ids, in lower case with underscores"),
            Some(resource) => {
                sessions.push(Session { ty: TypeId(index), resource });
                continue;
            }
        };
        diagnostics.push(problem);
    }
    api.sessions = sessions;
}

fn is_session(object: &Struct) -> bool {
    let has = |name: &str, ty: &Type| {
        object.fields.iter().any(|f| f.wire == name && f.ty == *ty && f.presence == Presence::Required)
    };
    has(TOKEN, &Type::Secret) && has(EXPIRES, &Type::DateTime)
}
