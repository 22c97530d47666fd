//! The catalogue of connectors: one folder each under `catalog/`, found when this is built.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::Result;
use connect::Provider;

/// A folder of the catalogue, as built in.
struct Folder {
    slug: &'static str,
    specification: &'static str,
    readme: &'static str,
    icon: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/folders.rs"));

/// Every connector, by slug.
#[derive(Clone, Debug)]
pub struct Catalogue {
    connectors: BTreeMap<&'static str, Connector>,
}

/// One connector.
#[derive(Clone, Debug)]
pub struct Connector {
    /// What it says of its provider.
    pub provider: Arc<Provider>,
    /// Its page in the documentation, in Markdown.
    pub readme: &'static str,
    /// Its icon, an SVG document.
    pub icon: &'static str,
}

impl Catalogue {
    /// The connector with this slug.
    pub fn get(&self, slug: &str) -> Option<&Connector> {
        self.connectors.get(slug)
    }

    /// All connectors by slug.
    pub fn iter(&self) -> impl Iterator<Item = &Connector> {
        self.connectors.values()
    }

    /// The providers, for [`connect::Connect::new`].
    pub fn providers(&self) -> impl Iterator<Item = Arc<Provider>> + '_ {
        self.iter().map(|connector| Arc::clone(&connector.provider))
    }
}

/// Reads the connectors that are built in.
///
/// # Errors
/// `invalid_connector`, with every problem of the first folder that has any.
pub fn catalogue() -> Result<Catalogue> {
    let connectors = FOLDERS.iter().map(|folder| {
        let provider = Arc::new(Provider::parse(folder.slug, folder.specification)?);
        Ok((folder.slug, Connector { provider, readme: folder.readme, icon: folder.icon }))
    });
    Ok(Catalogue { connectors: connectors.collect::<Result<_>>()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_of_the_catalogue_holds_a_sound_connector() {
        let catalogue = catalogue().unwrap_or_else(|error| panic!("{error}"));
        for connector in catalogue.iter() {
            assert!(connector.readme.starts_with("# "), "{}", connector.provider.slug);
            assert!(connector.icon.starts_with("<svg "), "{}", connector.provider.slug);
        }
        assert!(catalogue.get("azuredevops").is_some());
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
}
