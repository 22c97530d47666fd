//! One file answers one question, so files are short. The length of a function is clippy's concern.

use tidy::{SourceFile, files};

const FILE_LINES_MAX: usize = 500;
const MEDIAN_LINES_MAX: usize = 150;

fn sources() -> Vec<SourceFile> {
    let all = files(&["rs", "ts", "tsx", "js", "css"]);
    all.into_iter().filter(|file| !file.is_test()).collect()
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let long: Vec<_> = sources()
        .iter()
        .filter(|file| file.line_count() > FILE_LINES_MAX)
        .map(|file| format!("{} has {} lines", file.path.display(), file.line_count()))
        .collect();
    assert!(long.is_empty(), "split by question:\n{}", long.join("\n"));
}

#[test]
fn half_of_all_files_are_shorter_than_150_lines() {
    let mut lengths: Vec<_> = sources().iter().map(SourceFile::line_count).collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median < MEDIAN_LINES_MAX, "the median is {median} lines");
}
