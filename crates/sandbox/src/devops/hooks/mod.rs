//! Service hooks: who has asked to be told of what, and how they are told.
//!
//! [`subscriptions`] takes wishes; [`raise`] makes a notification of each thing that happens for
//! everyone who wished it, with the body that `payload` writes; [`deliver`] sends what is due and
//! `outcome` decides what follows from the reply.

pub mod catalog;
pub mod deliver;
mod inputs;
pub mod notifications;
mod outcome;
mod payload;
mod post;
pub mod publishers;
pub mod raise;
mod rights;
pub mod settings;
pub mod state;
pub mod subscriptions;
mod target;
