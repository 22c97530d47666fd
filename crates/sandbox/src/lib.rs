//! Emulator of Microsoft Entra ID and Azure DevOps: seeded people sign in, consent and get real
//! tokens, and the tokens open an Azure DevOps that remembers what is done to it.
//!
//! It is written from the services' published behaviour and shares no code with the clients it
//! serves, so that it cannot copy their mistakes. [`Sandbox`] serves it; [`World`] is what it
//! remembers and what a test can look at and set.

pub mod access;
pub mod devops;
pub mod directory;
pub mod entra;
pub mod faults;
pub mod kept;
pub mod requests;
pub mod site;
pub mod world;

pub use directory::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET, Directory};
pub use world::World;
