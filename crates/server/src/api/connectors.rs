//! Connectors: what integrations can be made of.

use axum::Json as Reply;
use axum::extract::State;
use connect::Provider;
use connect::provider::{FieldKind, Pagination, RateLimit};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::manager::Manager;

/// A connector of the catalogue.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Connector {
    /// What the SDK calls it: `azuredevops`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// The provider's own documentation of its API.
    pub docs: String,
    /// `#rrggbb`.
    pub brand_color: String,
    /// Its icon, an SVG.
    pub icon: String,
    /// Its page with what to set up, in Markdown.
    pub readme: String,
    /// Whether it comes from the operator's own directory.
    pub custom: bool,
    /// The ways to connect an account, the usual one first.
    pub account_types: Vec<AccountType>,
    /// The permissions an integration can ask for.
    pub scopes: Vec<Scope>,
    /// How its lists are paged, where all are paged alike: `style` and what belongs to it.
    #[schema(value_type = Option<Object>)]
    pub pagination: Option<Pagination>,
    /// The headers that tell how many calls are left.
    #[schema(value_type = Object)]
    pub rate_limit: RateLimit,
}

/// A way to connect an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectorAccountType)]
pub struct AccountType {
    /// What the SDK passes back.
    pub id: String,
    /// `oauth`, `basic` (something is typed) or `oauth_client_credential`.
    pub scheme: String,
    /// One sentence.
    pub description: String,
    /// What the person types.
    pub fields: Vec<Field>,
}

/// One thing to type.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectorField)]
pub struct Field {
    /// Its key.
    pub id: String,
    /// What a form calls it.
    pub label: String,
    /// A sentence under it; may be empty.
    pub hint: String,
    /// Whether it is a secret.
    pub secret: bool,
    /// Whether it may be left out.
    pub required: bool,
}

/// A permission.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConnectorScope)]
pub struct Scope {
    /// Its name.
    pub id: String,
    /// What part of the product it opens.
    pub area: String,
    /// What it is needed for.
    pub reason: String,
    /// Whether the provider warns about it.
    pub high_privilege: bool,
    /// Whether a new integration asks for it.
    pub default: bool,
    /// Scopes it contains.
    pub implies: Vec<String>,
}

/// Lists the connectors.
#[utoipa::path(get, path = "/api/v1/connectors", tag = "integrations",
    responses((status = 200, body = [Connector]), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_connectors(_manager: Manager, State(app): State<App>) -> Reply<Vec<Connector>> {
    let shown = app.catalogue().iter().map(|found| show(&found.provider, app.public_url()));
    Reply(shown.collect())
}

fn show(provider: &Provider, public_url: &str) -> Connector {
    Connector {
        kind: provider.slug.clone(),
        name: provider.name.clone(),
        description: provider.description.clone(),
        docs: provider.docs.clone(),
        brand_color: provider.brand_color.clone(),
        icon: format!("{public_url}/integrations/{}.svg", provider.slug),
        readme: format!("{public_url}/integrations/{}.md", provider.slug),
        custom: provider.is_custom(),
        pagination: provider.pagination.clone(),
        rate_limit: provider.rate_limit.clone(),
        account_types: provider
            .account_types
            .iter()
            .map(|one| AccountType {
                id: one.id.clone(),
                scheme: one.scheme.as_str().to_owned(),
                description: one.description.clone(),
                fields: one.fields.iter().map(show_field).collect(),
            })
            .collect(),
        scopes: provider
            .scopes
            .iter()
            .map(|scope| Scope {
                id: scope.id.clone(),
                area: scope.area.clone(),
                reason: scope.reason.clone(),
                high_privilege: scope.high_privilege,
                default: scope.default,
                implies: scope.implies.clone(),
            })
            .collect(),
    }
}

fn show_field(field: &connect::provider::Field) -> Field {
    Field {
        id: field.id.clone(),
        label: field.label.clone(),
        hint: field.hint.clone(),
        secret: field.kind == FieldKind::Password,
        required: field.required,
    }
}
