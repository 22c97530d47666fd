//! Connecting and calling, against the sandbox over real sockets, by the test clock.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod app;
mod app_failure;
mod canary;
mod certificate;
mod composed;
mod disconnect;
mod environment_secrets;
mod far_side;
mod hostile_input;
mod idle;
mod misbehaviour;
mod network;
mod organizations;
mod pat;
mod proxy;
mod refresh;
mod refused;
mod registrations;
mod renewal;
mod request_log;
mod sign_in;
mod strangers;
mod streaming;
mod suspicion;
mod tenants;
mod waits;
