//! Who is calling: end users by the host's signed tokens, host developers by API tokens.

pub mod bearer;
pub mod end_user;
pub mod known_tokens;
pub mod manager;
pub mod setup_link;
pub mod signing_key;
pub mod user_token;
