//! A step that makes any call to somebody else.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The most pages one step reads.
pub const PAGES_MAX: u32 = 1_000;

/// Calls any public address, or one that the operator allows. Its output is
/// `{"response": {"statusCode", "headers", "body"}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// Parameters of the query.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub query: Map<String, Value>,
    /// Headers.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub headers: Map<String, Value>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// How the call proves who it is.
    #[serde(default, skip_serializing_if = "Authorization::is_none")]
    pub authorization: Authorization,
    /// How further pages are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
}

/// A method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET.
    #[default]
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Method {
    /// Its name in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a second call does no more than the first (RFC 9110, section 9.2.2).
    pub const fn is_idempotent(self) -> bool {
        matches!(self, Self::Get | Self::Put | Self::Delete)
    }
}

/// A body, by its type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "content", rename_all = "snake_case")]
pub enum Body {
    /// A JSON document.
    Json(Value),
    /// Fields as an HTML form sends them.
    Form(Map<String, Value>),
    /// Fields and files.
    Multipart(Map<String, Value>),
    /// XML.
    Xml(String),
    /// Text as it is, or a file.
    Raw(Value),
}

/// How a call proves who it is. Texts may be references to environment secrets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Authorization {
    /// It does not.
    #[default]
    None,
    /// A token.
    Bearer {
        /// The token.
        token: String,
    },
    /// A name and a password (RFC 7617).
    Basic {
        /// The name.
        username: String,
        /// The password.
        password: String,
    },
    /// A token that is fetched for the call (RFC 6749, section 4.4).
    ClientCredentials {
        /// Where tokens are given out.
        token_url: String,
        /// Who asks.
        client_id: String,
        /// How that is proven.
        client_secret: String,
        /// What for.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        scope: String,
    },
}

impl Authorization {
    const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// How further pages are read. Templates in it know `self.pageToken` and `self.page`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "preset", rename_all = "snake_case", deny_unknown_fields)]
pub enum Pagination {
    /// Azure DevOps: `$top` and `$skip` where the list counts, the header `x-ms-continuationtoken`
    /// where it gives one.
    AzureDevops {
        /// Rows a page.
        #[serde(default = "azure_devops_limit")]
        limit: u32,
        /// The most pages read.
        #[serde(default = "pages")]
        pages_max: u32,
    },
    /// By a token that each page gives for the next.
    Custom {
        /// Where in the answer the page's rows stand: a path such as `body.value`.
        output: String,
        /// Where in the answer the next page's token stands.
        page_token: String,
        /// The condition under which this page is the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stop_when: Option<Value>,
        /// The most pages read.
        #[serde(default = "pages")]
        pages_max: u32,
    },
}

const fn azure_devops_limit() -> u32 {
    100
}

const fn pages() -> u32 {
    100
}
