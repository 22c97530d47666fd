//! Emulator of Microsoft Entra ID and Azure DevOps: seeded people sign in, consent and get real
//! tokens, and the tokens open an Azure DevOps that remembers what is done to it.
//!
//! It is written from the services' published behaviour and shares no code with the clients it
//! serves, so that it cannot copy their mistakes. [`Sandbox`] serves it; [`World`] is what it
//! remembers and what a test can look at and set.

pub mod access;
mod control;
mod data_file;
pub mod devops;
pub mod directory;
pub mod entra;
pub mod faults;
mod front;
mod html;
pub mod kept;
mod landing;
mod listener;
mod private_file;
pub mod requests;
pub mod sandbox;
pub mod site;
mod tls;
pub mod world;

pub use directory::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET, Directory};
pub use sandbox::{Options, Sandbox};
pub use world::World;
