//! Pages that Gangway shows in a browser: the connect pop-up and a front page.

pub mod assets;
pub mod callback;
pub mod direct;
pub mod home;
pub mod nonce;
mod page;
pub mod portal;
