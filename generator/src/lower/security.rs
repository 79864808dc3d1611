//! Who may call an operation.

use openapiv3::SecurityRequirement;

use crate::ir::Security;

/// The alternatives, schemes of one requirement side by side: the API never asks for two at once.
pub(super) fn requirements(requirements: Option<&[SecurityRequirement]>) -> Vec<Security> {
    let schemes = requirements.into_iter().flatten().flatten();
    schemes.map(|(scheme, scopes)| Security { scheme: scheme.clone(), scopes: scopes.clone() }).collect()
}
