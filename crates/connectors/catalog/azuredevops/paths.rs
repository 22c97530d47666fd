//! Area and iteration paths, in whichever way people write them.

/// The path as the field takes it: `Project\A\B`. People bring slashes, a backslash in front, the
/// level `Area` or `Iteration` that the service's own addresses have, and the organization.
pub fn normalize(path: &str, level: &str, project: Option<&str>, organization: &str) -> String {
    let parts = path.split(['\\', '/']).map(str::trim).filter(|part| !part.is_empty());
    let mut parts: Vec<&str> = parts.collect();
    let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    if let Some(project) = project
        && parts.len() > 1
        && same(parts[0], organization)
        && same(parts[1], project)
    {
        parts.remove(0);
    }
    if parts.len() > 1 && same(parts[1], level) && project.is_none_or(|own| same(parts[0], own)) {
        parts.remove(1);
    } else if parts.len() > 1 && same(parts[0], level) {
        parts.remove(0);
    }
    parts.join("\\")
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn a_path_is_understood_however_it_is_written() {
        for path in [
            "Demo\\Team\\Web",
            "\\Demo\\Team\\Web",
            "Demo/Team/Web",
            "/Demo/Area/Team/Web/",
            "\\Demo\\Area\\Team\\Web",
            "acme\\Demo\\Team\\Web",
            "acme/Demo/Area/Team/Web",
            " Demo \\ Team \\ Web ",
            "Area\\Demo\\Team\\Web",
        ] {
            let read = normalize(path, "Area", Some("Demo"), "acme");
            assert_eq!(read, "Demo\\Team\\Web", "{path}");
        }
    }

    #[test]
    fn a_node_that_is_called_like_the_level_stays_below_the_first() {
        assert_eq!(normalize("Demo\\Team\\Area", "Area", Some("Demo"), "acme"), "Demo\\Team\\Area");
        assert_eq!(normalize("Area", "Area", Some("Area"), "acme"), "Area");
        assert_eq!(normalize("acme", "Area", Some("acme"), "acme"), "acme");
    }
}
