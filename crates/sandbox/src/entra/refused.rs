//! Why a visit to a sign-in page ends, and who is told.

use axum::response::Response;

use crate::World;
use crate::entra::account;
use crate::entra::error::{EntraError, Trace};
use crate::entra::params::Params;
use crate::entra::reply::ReplyTo;

/// A visit that cannot go on.
pub(crate) enum Refused {
    /// Shown on the page, since nobody is ever sent to an address that is not the client's own.
    Untrusted(EntraError),
    /// Shown on the page, with the offer to take another account.
    Account(EntraError),
    /// Sent back to the client.
    ToClient(ReplyTo, EntraError),
}

impl Refused {
    pub(crate) fn into_response(self, world: &World, trace: &Trace, params: &Params) -> Response {
        match self {
            Self::Untrusted(error) => account::error_page(world, &error, trace, None),
            Self::Account(error) => account::error_page(world, &error, trace, Some(params)),
            Self::ToClient(reply_to, error) => reply_to.send_error(&error, trace),
        }
    }
}
