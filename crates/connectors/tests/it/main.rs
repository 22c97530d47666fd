//! Every connector of the catalogue, as the outside sees it; and the operator's own folders.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod actions;
mod catalogue;
mod descriptor;
mod directory;
mod host;
mod outside;
mod renewal;
mod seen;
