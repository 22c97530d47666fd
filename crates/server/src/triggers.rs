//! What starts workflows from outside: requests of the host application, and what runs for whom.

pub mod app_event;
pub mod hook;
pub mod matching;
pub mod request;
pub mod request_check;
pub mod webhook;
