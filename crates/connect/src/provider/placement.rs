//! Where a call carries what proves who it is.

use serde::Deserialize;

use super::template;

/// The place, and what stands there: `{names}` are fields, account variables, or `access_token`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Placement {
    /// A header: `Authorization: Bearer {api_key}`.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// A parameter of the query: `key={api_key}`.
    Query {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// HTTP Basic.
    Basic {
        /// The user name; often empty.
        username: String,
        /// The password.
        password: String,
    },
}

impl Placement {
    /// The names in it.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let (one, other) = match self {
            Self::Header { value, .. } | Self::Query { value, .. } => (value.as_str(), ""),
            Self::Basic { username, password } => (username.as_str(), password.as_str()),
        };
        template::names(one).chain(template::names(other))
    }

    /// Whether its name can stand where it is to stand.
    pub(super) fn is_sound(&self) -> bool {
        match self {
            Self::Header { name, .. } => name.parse::<http::HeaderName>().is_ok(),
            Self::Query { name, .. } => !name.is_empty(),
            Self::Basic { .. } => true,
        }
    }
}
