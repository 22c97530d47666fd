//! What starts an execution.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What starts a workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Trigger {
    /// A clock.
    Scheduler(Schedule),
    /// Something that happened in the host application.
    AppEvent {
        /// The event's name.
        event: String,
    },
    /// A request of the host application, which may wait for the answer.
    Request(RequestTrigger),
    /// Something that happened in the connected account.
    Integration {
        /// The key of one of the connector's triggers.
        trigger: String,
        /// What it is asked for, as its descriptor says.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        input: Map<String, Value>,
    },
    /// The account was connected and every required setting is filled.
    IntegrationEnabled {},
    /// A request of a provider that Gangway knows no trigger of.
    Webhook(WebhookTrigger),
}

impl Trigger {
    /// Its name in the document.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Scheduler(_) => "scheduler",
            Self::AppEvent { .. } => "app_event",
            Self::Request(_) => "request",
            Self::Integration { .. } => "integration",
            Self::IntegrationEnabled {} => "integration_enabled",
            Self::Webhook(_) => "webhook",
        }
    }
}

/// When a clock starts a workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Six fields: second, minute, hour, day of month, month, day of week.
    pub cron: String,
    /// The name of a time zone of the IANA database, or a template over `user`.
    #[serde(default = "Schedule::default_timezone")]
    pub timezone: String,
    /// What to do about times that passed while nothing ran.
    #[serde(default, skip_serializing_if = "CatchUp::is_default")]
    pub catch_up: CatchUp,
}

impl Schedule {
    fn default_timezone() -> String {
        "America/Los_Angeles".to_owned()
    }
}

/// What to do about times of a schedule that passed while nothing ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// One execution for all of them.
    #[default]
    Once,
    /// None.
    Skip,
    /// One for each, up to a hundred.
    All,
}

impl CatchUp {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What a request must bring along.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequestTrigger {
    /// Headers, by lower-case name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Expected>,
    /// Members of a JSON body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub body: Vec<Expected>,
    /// Parameters of the query.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<Expected>,
}

/// One thing that a request must or may bring along.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Its name.
    pub key: String,
    /// What it must be; anything where nothing is said.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub data_type: Option<DataType>,
    /// Whether it must be there.
    #[serde(default)]
    pub required: bool,
}

/// The type of a value in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataType {
    /// Text.
    String,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// An object.
    Object,
    /// An array.
    Array,
}

/// A webhook that the host developer sets up at a provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookTrigger {
    /// Whether each account has an address of its own, or one address serves all.
    pub level: WebhookLevel,
    /// How a call proves that it comes from the provider.
    pub proof: WebhookProof,
    /// Where in the body of an app-level call the account's provider id stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_path: Option<String>,
}

/// Whose address a webhook has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookLevel {
    /// One address for all accounts of the integration.
    App,
    /// An address for each account.
    User,
}

/// How a webhook's call proves where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum WebhookProof {
    /// HMAC-SHA256 over the body, in hexadecimal or Base64, in a header.
    Hmac {
        /// The header's name.
        header: String,
        /// What stands before the signature, such as `sha256=`.
        #[serde(default)]
        prefix: String,
        /// The environment secret that holds the key.
        secret: String,
    },
    /// A secret text in a header.
    Token {
        /// The header's name.
        header: String,
        /// The environment secret that holds the text.
        secret: String,
    },
}
