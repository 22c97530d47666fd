//! The `gangway` binary.
fn main() {}
