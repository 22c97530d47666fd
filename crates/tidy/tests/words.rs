//! What may not stand in a file, or be its name.

use tidy::files;

const TEXTS: [&str; 12] =
    ["css", "html", "js", "json", "md", "rs", "sh", "sql", "toml", "ts", "tsx", "yaml"];

#[test]
fn nothing_is_left_for_later() {
    let markers = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    for file in files(&TEXTS) {
        for (number, line) in (1..).zip(file.text.lines()) {
            let marked = markers.iter().any(|marker| line.contains(marker));
            assert!(!marked, "{}:{number}: do it or leave it out", file.path.display());
        }
    }
}

#[test]
fn a_file_is_named_for_the_question_it_answers() {
    let vague = ["common", "helper", "helpers", "managers", "misc", "services", "util", "utils"];
    for file in files(&["rs", "ts", "tsx", "js"]) {
        let mut parts = file.path.with_extension("");
        let path = file.path.display();
        while let Some(name) = parts.file_name() {
            let is_vague = vague.iter().any(|word| name == *word);
            assert!(!is_vague, "{path}: {name:?} says nothing");
            parts.pop();
        }
    }
}
