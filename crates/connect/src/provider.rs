//! What a provider is, as told by a connector's `connector.toml`. A provider's oddities are named
//! fields here; no code asks which provider it is dealing with.

mod account;
mod auth;
mod check;
mod errors;
mod facts;
mod forms;
mod operations;
mod placement;
mod proxy;
mod scopes;
pub(crate) mod template;

use std::collections::BTreeMap;

use base::{Error, Result};
use serde::Deserialize;
use serde_json::json;

pub use account::{Account, AccountType, ClientFields, Discovery, Field, FieldKind, Listing};
pub use account::{ProfileRequest, Scheme, Verification};
pub use auth::{
    AssertionAlgorithm, ClientAuth, OAuth, Refresh, Revocation, RevokedToken, TokenAnswer,
    TokenRequest,
};
pub use errors::{ErrorClass, ErrorCode, ErrorRule, Errors};
pub(crate) use errors::{Judged, Told};
pub use facts::{Pagination, RateLimit, ResetForm};
pub use operations::Operations;
pub use placement::Placement;
pub use proxy::{Area, Proxy};
pub use scopes::Scope;

/// What stands before the name of an operator's own connector.
pub const CUSTOM: &str = "custom.";

/// A provider, read from `connector.toml` and checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What URLs and the SDK call it: the connector's folder name, after `custom.` for one of the
    /// operator's own.
    #[serde(skip)]
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// `#rrggbb`, behind its icon.
    pub brand_color: String,
    /// One sentence for the dashboard.
    pub description: String,
    /// The provider's own documentation of its API.
    pub docs: String,
    /// The ways to connect, the usual one first.
    pub account_types: Vec<AccountType>,
    /// What one account is, besides who signed in.
    pub account: Option<Account>,
    /// How OAuth sign-in goes.
    pub oauth: Option<OAuth>,
    /// The request that tells whether a credential works.
    pub verification: Option<Verification>,
    /// What is asked after signing in.
    pub discovery: Option<Discovery>,
    /// The permissions there are.
    #[serde(default)]
    pub scopes: Vec<Scope>,
    /// Where sign-in is, by name of the endpoint profile.
    pub profiles: BTreeMap<String, Profile>,
    /// Where calls go.
    pub proxy: Proxy,
    /// What the provider's own description says of its operations.
    #[serde(skip)]
    pub(crate) operations: Operations,
    /// What the provider's error codes mean.
    #[serde(default)]
    pub errors: Errors,
    /// How its lists are paged.
    pub pagination: Option<Pagination>,
    /// How it tells the calls that are left.
    #[serde(default)]
    pub rate_limit: RateLimit,
}

/// One set of addresses: the public cloud, a government's, or a local stand-in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Where the browser signs in.
    pub authorize_origin: String,
    /// Where we exchange codes and tokens.
    pub token_origin: String,
    /// Whether its hosts exist only where the operator's settings say.
    #[serde(default)]
    pub local: bool,
}

impl Provider {
    /// Reads a `connector.toml`; reports every problem at once.
    ///
    /// # Errors
    /// `invalid_connector`, with the list of problems in the message and in `meta.problems`.
    pub fn parse(slug: &str, text: &str) -> Result<Self> {
        let invalid = |problems: Vec<String>| {
            let list = problems.join("\n  ");
            let folder = slug.strip_prefix(CUSTOM).unwrap_or(slug);
            Error::invalid("invalid_connector", format!("{folder}/connector.toml:\n  {list}"))
                .with_meta(json!({ "problems": problems }))
        };
        let mut provider: Self =
            toml::from_str(text).map_err(|error| invalid(vec![error.to_string()]))?;
        provider.slug = slug.to_owned();
        let problems = provider.problems();
        if problems.is_empty() { Ok(provider) } else { Err(invalid(problems)) }
    }

    /// Whether it is a connector of the operator's own.
    pub fn is_custom(&self) -> bool {
        self.slug.starts_with(CUSTOM)
    }

    /// The way to connect with this id, or without one the usual way.
    pub fn account_type(&self, id: Option<&str>) -> Result<&AccountType> {
        let Some(id) = id else { return Ok(&self.account_types[0]) };
        self.account_types.iter().find(|one| one.id == id).ok_or_else(|| {
            let known: Vec<&str> = self.account_types.iter().map(|one| one.id.as_str()).collect();
            Error::invalid(
                "unknown_account_type",
                format!("{} has no account type \"{id}\"; use {}.", self.name, known.join(" or ")),
            )
        })
    }

    pub(crate) fn oauth(&self) -> Result<&OAuth> {
        self.oauth.as_ref().ok_or_else(|| {
            Error::invalid("no_oauth", format!("{} does not connect by signing in.", self.name))
        })
    }

    pub(crate) fn profile(&self, name: &str) -> Result<&Profile> {
        self.profiles.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
            Error::invalid(
                "unknown_profile",
                format!(
                    "{} has no endpoint profile \"{name}\"; choose one of {}.",
                    self.name,
                    known.join(", ")
                ),
            )
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const EXAMPLE: &str = r##"
        name = "Example"
        brand_color = "#123456"
        description = "An example."
        docs = "https://example.com/docs"
        account_types = [{ id = "default", scheme = "oauth", description = "Sign in." }]
        [oauth]
        authorize_path = "/authorize"
        token_path = "/token"
        scope_prefix = "res/"
        scope_prefixes_accepted = ["other/"]
        scopes_always = ["offline_access"]
        revocation = { path = "/revoke" }
        [profiles.public]
        authorize_origin = "https://login.example"
        token_origin = "https://login.example"
        [proxy]
        default_host = "api.example"
        [errors]
        codes = "/error_codes"
        code_prefix = "EXA"
        [[errors.rules]]
        codes = [7]
        class = "app"
        code = "client_secret_expired"
        message = "Expired."
    "##;

    pub(crate) fn example() -> Provider {
        Provider::parse("example", EXAMPLE).unwrap()
    }

    #[test]
    fn every_problem_of_a_connector_is_told_at_once() {
        let broken = EXAMPLE
            .replace("#123456", "blue")
            .replace("authorize_origin = \"https", "authorize_origin = \"http")
            .replace("token_path = \"/token\"", "token_path = \"/{tenant}/token\"")
            .replace(
                "[proxy]",
                "[[scopes]]\nid = \"a\"\narea = \"A\"\nreason = \"\"\nimplies = [\"b\"]\n[proxy]",
            );
        let error = Provider::parse("MyProxy", &broken).expect_err("broken");
        let problems = error.meta().unwrap()["problems"].as_array().unwrap().clone();
        let found: Vec<&str> = problems.iter().filter_map(|problem| problem.as_str()).collect();
        assert_eq!(
            found,
            [
                "the folder \"MyProxy\" must be lower-case letters and digits, without \"proxy\"",
                "brand_color must be #rrggbb",
                "scope \"a\" has no reason",
                "scope \"a\" implies unknown \"b\"",
                "profile \"public\": \"http://login.example\" is no https origin",
                "\"/{tenant}/token\" names \"tenant\", not in oauth.parameters",
            ]
        );
    }

    #[test]
    fn whoever_connects_does_not_choose_where_the_apps_secret_goes() {
        let with = |origin: &str| {
            let text = EXAMPLE
                .replace(
                    "token_origin = \"https://login.example\"",
                    &format!("token_origin = \"{origin}\""),
                )
                .replace("[oauth]", "[oauth]\nparameters = { site = \"\" }");
            Provider::parse("example", &text)
        };
        assert!(with("https://{site}.zendesk.com").is_ok());
        for open in ["https://{site}", "https://{site}.com", "https://login.{site}"] {
            let error = with(open).expect_err(open);
            assert!(error.message().contains("choose the host"), "{error}");
        }
    }

    #[test]
    fn what_an_account_type_lacks_is_told() {
        let types = r#"account_types = [
            { id = "key", scheme = "basic", description = "Paste." },
            { id = "own", scheme = "oauth", description = "Own.", client = { id = "a", secret = "b" },
              fields = [{ id = "c", label = " ", kind = "text" }],
              authorization = { header = { name = "a b", value = "{d}" } } },
        ]"#;
        let usual =
            r#"account_types = [{ id = "default", scheme = "oauth", description = "Sign in." }]"#;
        let broken = EXAMPLE.replace(usual, types).replace("[proxy]", "[proxy]\nplain_http = true");
        let error = Provider::parse("example", &broken).expect_err("broken");
        let problems = error.meta().unwrap()["problems"].as_array().unwrap().clone();
        let found: Vec<&str> = problems.iter().filter_map(|problem| problem.as_str()).collect();
        assert_eq!(
            found,
            [
                "plain_http is for connectors of an operator's own",
                "account type \"key\" needs its authorization",
                "account type \"key\" needs [verification]",
                "account type \"own\" names no header or parameter in its authorization",
                "account type \"own\" has no field \"d\"",
                "account type \"own\" has no field \"a\"",
                "account type \"own\" has no field \"b\"",
                "account type \"own\" asks for \"c\", which signing in does not use",
                "account type \"own\" has a field \"c\" without a label",
            ]
        );
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let broken = EXAMPLE.replace("docs =", "dosc =");
        let error = Provider::parse("example", &broken).expect_err("misspelt");
        assert!(error.message().contains("dosc"), "{error}");
    }
}
