//! What an earlier try of an effect has left at the service, for the actions that look before they
//! repeat.

use base::{Error, ErrorKind, Result, Timestamp};
use serde_json::Value;

use super::api::{self, Place};
use crate::context::{ActionContext, Call, Effect};

/// How far the service's clock may be behind ours, in microseconds.
const CLOCKS_APART_MICROSECONDS: i64 = 300_000_000;

/// From when on a trace can be of this effect.
pub fn earliest(effect: &Effect) -> Timestamp {
    Timestamp(effect.began_at.0 - CLOCKS_APART_MICROSECONDS)
}

/// Whether this moment of the service's is late enough.
pub fn is_since(effect: &Effect, moment: &Value) -> bool {
    let moment = moment.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    moment.is_some_and(|moment| moment >= earliest(effect))
}

/// The account's id among the people of the organization.
pub async fn own_id(context: &ActionContext, place: Place<'_>) -> Result<String> {
    let call = Call::get("/_apis/connectionData");
    let answer = api::ask_version(context, place, call, "7.1-preview").await?;
    let id = answer["authenticatedUser"]["id"].as_str().map(str::to_owned);
    id.ok_or_else(|| {
        let message = "Azure DevOps does not tell who the connected account is; try again.";
        Error::new(ErrorKind::Provider, "unknown_caller", message)
    })
}
