//! Authentication of operations.

use openapiv3::SecurityRequirement;

use crate::ir::Security;

/// Returns the alternatives, including the schemes of one requirement: the API never requires two at once.
pub(super) fn requirements(requirements: Option<&[SecurityRequirement]>) -> Vec<Security> {
    let schemes = requirements.into_iter().flatten().flatten();
    schemes.map(|(scheme, scopes)| Security { scheme: scheme.clone(), scopes: scopes.clone() }).collect()
}
