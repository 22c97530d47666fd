//! Workflows as people meet them: which are live, what they ask of people, for whom they are on.

pub mod around;
pub mod change;
pub mod defaults;
pub mod enabling;
pub mod live;
pub mod look;
pub mod portal;
pub mod settings;
