//! The pages of the documentation that are made from the definitions of actions.

use std::fs;
use std::path::Path;

#[test]
fn the_checked_in_pages_of_actions_are_those_of_their_definitions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/connectors");
    for connector in connectors::catalogue().unwrap().iter() {
        let Some(fresh) = connector.actions_page() else { continue };
        let file = folder.join(format!("{}.md", connector.provider.slug));
        if std::env::var_os("GENERATE").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&file, &fresh).unwrap();
        }
        let checked_in = fs::read_to_string(&file).unwrap_or_default();
        assert!(checked_in == fresh, "{} is stale: run scripts/generate", file.display());
    }
}
