//! What a delegated scope allows, and what else it contains.

/// The scope that allows everything.
const EVERYTHING: &str = "user_impersonation";

/// Each scope with those it contains directly.
///
/// By Microsoft's table hooks contain the profile, and work contains hooks. Whether a token for
/// work alone may therefore list organizations is not known; here it may not, so that an
/// application that forgot to ask for the profile finds out.
const CONTAINED: &[(&str, &[&str])] = &[
    ("vso.work_full", &["vso.work_write"]),
    ("vso.work_write", &["vso.work"]),
    ("vso.work", &["vso.hooks_write"]),
    ("vso.project_manage", &["vso.project_write"]),
    ("vso.project_write", &["vso.project"]),
    ("vso.profile_write", &["vso.profile"]),
    ("vso.code_full", &["vso.code_manage"]),
    ("vso.code_manage", &["vso.code_write"]),
    ("vso.code_write", &["vso.code"]),
    ("vso.code", &["vso.hooks_write"]),
    ("vso.build_execute", &["vso.build"]),
    ("vso.build", &["vso.hooks_write"]),
    ("vso.release_manage", &["vso.release_execute"]),
    ("vso.release_execute", &["vso.release"]),
    ("vso.release", &["vso.profile"]),
    ("vso.serviceendpoint_manage", &["vso.serviceendpoint_query"]),
    ("vso.serviceendpoint_query", &["vso.serviceendpoint"]),
    ("vso.serviceendpoint", &["vso.profile"]),
    ("vso.test_write", &["vso.test"]),
    ("vso.test", &["vso.profile"]),
    ("vso.wiki_write", &["vso.wiki"]),
    ("vso.graph_manage", &["vso.graph"]),
    ("vso.identity_manage", &["vso.identity"]),
    ("vso.hooks_write", &["vso.hooks"]),
    ("vso.hooks_interact", &["vso.profile"]),
    ("vso.notification_diagnostics", &["vso.notification"]),
    ("vso.notification_manage", &["vso.notification_write"]),
    ("vso.notification_write", &["vso.notification"]),
    ("vso.notification", &["vso.profile"]),
    ("vso.packaging_manage", &["vso.packaging_write"]),
    ("vso.packaging_write", &["vso.packaging"]),
    ("vso.packaging", &["vso.profile"]),
    ("vso.symbols_manage", &["vso.symbols_write"]),
    ("vso.symbols_write", &["vso.symbols"]),
    ("vso.symbols", &["vso.profile"]),
    ("vso.extension_manage", &["vso.extension"]),
    ("vso.extension", &["vso.profile"]),
    ("vso.extension.data_write", &["vso.extension.data"]),
    ("vso.extension.data", &["vso.profile"]),
    ("vso.gallery_manage", &["vso.gallery_publish"]),
    ("vso.gallery_publish", &["vso.gallery_acquire"]),
    ("vso.gallery_acquire", &["vso.gallery"]),
    ("vso.gallery", &["vso.profile"]),
];

/// Whether one of the scopes a token carries contains one of those that are enough.
///
/// A scope may be written in full, with its resource in front.
pub fn allows(granted: &[String], enough: &[&str]) -> bool {
    enough.is_empty()
        || granted.iter().any(|scope| {
            let scope = scope.rsplit('/').next().unwrap_or(scope);
            scope == EVERYTHING || enough.iter().any(|wanted| contains(scope, wanted))
        })
}

fn contains(scope: &str, wanted: &str) -> bool {
    scope == wanted
        || CONTAINED
            .iter()
            .filter(|(outer, _)| *outer == scope)
            .flat_map(|(_, inner)| inner.iter())
            .any(|inner| contains(inner, wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_allows_what_it_contains_and_nothing_beside() {
        let granted = |scope: &str| vec![scope.to_owned()];
        assert!(allows(&granted("vso.work_full"), &["vso.work"]));
        assert!(!allows(&granted("vso.work"), &["vso.work_write"]));
        assert!(!allows(&granted("vso.work_write"), &["vso.project"]));
        assert!(allows(&granted("user_impersonation"), &["vso.project"]));
        assert!(allows(
            &granted("https://app.vssps.visualstudio.com/vso.project"),
            &["vso.project"]
        ));
    }
}
