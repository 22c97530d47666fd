//! Finds the connectors: every folder in `catalog/` with a `connector.toml`, and the code of those
//! that have a `mod.rs`.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=catalog");
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("catalog");
    let mut slugs: Vec<String> = fs::read_dir(&root)
        .expect("catalog/ is a folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|slug| root.join(slug).join("connector.toml").is_file())
        .collect();
    slugs.sort();
    let mut modules = String::new();
    let mut list = String::from("pub(crate) const FOLDERS: &[Folder] = &[\n");
    for slug in slugs {
        let file = |name: &str| root.join(&slug).join(name).display().to_string();
        let has_code = root.join(&slug).join("mod.rs").is_file();
        if has_code {
            let _ = writeln!(modules, "#[path = {:?}]\nmod {slug};", file("mod.rs"));
        }
        let _ = writeln!(
            list,
            "Folder {{ slug: {slug:?}, specification: include_str!({:?}), \
             readme: include_str!({:?}), icon: include_str!({:?}), scopes: {}, code: {} }},",
            file("connector.toml"),
            file("README.md"),
            file("icon.svg"),
            if root.join(&slug).join("scopes.json").is_file() {
                format!("Some(include_str!({:?}))", file("scopes.json"))
            } else {
                "None".to_owned()
            },
            if has_code { format!("Some({slug}::code)") } else { "None".to_owned() },
        );
    }
    list.push_str("];\n");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    let text = modules + &list;
    fs::write(Path::new(&out).join("folders.rs"), text).expect("the build folder can be written");
}
