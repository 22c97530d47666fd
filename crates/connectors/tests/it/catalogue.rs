//! What holds for every folder of the catalogue.

use std::collections::BTreeSet;

use connectors::catalogue;

#[test]
fn every_folder_has_a_page_an_icon_and_a_name_of_its_own() {
    let catalogue = catalogue().unwrap();
    let mut names = BTreeSet::new();
    for connector in catalogue.iter() {
        let provider = &connector.provider;
        assert!(names.insert(provider.name.as_str()), "{} is there twice", provider.name);
        assert!(
            connector.readme.starts_with(&format!("# {}\n", provider.name)),
            "{}",
            provider.slug
        );
        assert!(connector.readme.contains("/oauth"), "{} does not say where", provider.slug);
        assert!(connector.icon.starts_with("<svg "), "{}", provider.slug);
        assert!(!connector.icon.contains("<script"), "{}", provider.slug);
        assert!(connector.icon.len() < 4_096, "{}", provider.slug);
    }
}

#[test]
fn every_connector_can_be_understood_by_whoever_uses_it() {
    for connector in catalogue().unwrap().iter() {
        let provider = &connector.provider;
        let slug = &provider.slug;
        assert!(provider.docs.starts_with("https://"), "{slug}");
        assert!(provider.description.ends_with('.'), "{slug}");
        assert!(provider.verification.is_some(), "{slug} cannot tell whether an account works");
        for account_type in &provider.account_types {
            assert!(account_type.description.ends_with('.'), "{slug} {}", account_type.id);
            for field in &account_type.fields {
                assert!(!field.label.is_empty(), "{slug} {}", field.id);
                assert!(field.hint.is_empty() || field.hint.ends_with('.'), "{slug} {}", field.id);
            }
        }
        for scope in &provider.scopes {
            assert!(scope.reason.ends_with('.'), "{slug} {}", scope.id);
        }
        let given_back = provider.oauth.as_ref().is_none_or(|oauth| {
            oauth.revocation.path.is_some() || oauth.revocation.missing.ends_with('.')
        });
        assert!(given_back, "{slug} does not say what disconnecting leaves");
    }
}

#[test]
fn a_new_integration_asks_for_little() {
    for connector in catalogue().unwrap().iter() {
        let scopes = connector.provider.default_scopes();
        assert!(scopes.len() <= 6, "{}: {scopes:?}", connector.provider.slug);
    }
}

#[test]
fn azure_devops_offers_its_86_scopes_and_proposes_three() {
    let catalogue = catalogue().unwrap();
    let provider = &catalogue.get("azuredevops").unwrap().provider;
    assert_eq!(provider.scopes.len(), 86);
    assert_eq!(provider.default_scopes(), ["vso.work_write", "vso.project", "vso.profile"]);
}

#[test]
fn a_granted_scope_covers_what_it_contains() {
    let catalogue = catalogue().unwrap();
    let provider = &catalogue.get("azuredevops").unwrap().provider;
    let scopes = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let wanted = scopes(&["vso.work", "vso.project", "vso.profile"]);
    let granted = scopes(&["vso.work_full", "vso.hooks"]);
    assert_eq!(provider.uncovered_scopes(&wanted, &granted), ["vso.project"]);
    assert!(provider.uncovered_scopes(&wanted, &scopes(&["user_impersonation"])).is_empty());
}
