//! What a guest can still do to the machine when it has locked itself in: nothing.

use std::process::{Command, Stdio};

use engine::guest::LandlockLevel;

use crate::actors::Host;

#[tokio::test]
async fn this_kernel_locks_guests_in() {
    let host = Host::new();
    let isolation = host.pool.isolation().await.unwrap();
    assert!(isolation.seccomp && isolation.landlock != LandlockLevel::None, "{isolation:?}");
    host.waits_for_deaths(1).await;
}

/// The probe is a guest that has locked itself in and then tries what an attacker would.
#[test]
fn a_guest_that_was_taken_over_reaches_no_file_network_process_or_memory() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_engine-guest"))
        .args(["probe", &address])
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said} {}", String::from_utf8_lossy(&output.stderr));
    let reached: Vec<_> = said.lines().filter(|line| !line.ends_with("refused")).collect();
    assert!(reached.is_empty(), "{reached:?}");
    assert!(said.lines().count() >= 14, "{said}");
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err());
}
