//! The `gangway` program.

use std::process::ExitCode;

/// Most of what a proxied call costs outside the kernel is small short-lived memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    server::cli::run().await
}
