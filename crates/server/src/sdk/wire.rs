//! How users, integrations, credentials and configurations look to a browser SDK.
//!
//! The shapes are the published ones of the vendor's SDK 2.4.0, which reads them as they are.

use connect::provider::{AccountType, Field, FieldKind, Provider};
use connectors::Source;
use serde_json::{Map, Value, json};
use store::configurations::Configuration;
use store::credentials::{Credential, Status};
use store::integrations::Integration;

use super::accounts::{Account, default_account};
use crate::workflows::settings;

/// Everything an SDK may ask whether the project has it: nothing is held back here.
const FEATURES: [&str; 9] = [
    "byo",
    "dfm",
    "headless-cp",
    "th-api",
    "monitoring",
    "rbac",
    "user-metadata",
    "whitelabel",
    "workflow-permissions",
];

/// The project as `GET /sdk/me` shows it.
pub fn project(id: impl ToString) -> Value {
    json!({
        "id": id.to_string(),
        "billingPlan": "connect_enterprise",
        "accessibleFeatures": FEATURES,
    })
}

/// One connected account.
pub fn credential(account: &Account) -> Value {
    let credential = &account.credential;
    let configurations: Vec<Value> =
        account.configurations.iter().map(|one| configuration(account, one)).collect();
    let mut shown = json!({
        "id": credential.id,
        "projectId": credential.project_id,
        "integrationId": credential.integration_id,
        "personaId": credential.user_id,
        "isPreviewCredential": false,
        "providerId": credential.provider_id,
        "providerData": credential.provider_data,
        "accountType": credential.account_type,
        "dateCreated": credential.created_at.to_rfc3339(),
        "dateUpdated": credential.updated_at.to_rfc3339(),
        "dateRefreshed": credential.refreshed_at.to_rfc3339(),
        "status": credential.status.as_str(),
        "refreshFailureCount": credential.refresh_failure_count,
        "isRefreshing": false,
        "missingScopes": account.missing_scopes,
        "config": {},
        "configurations": configurations,
    });
    let fields = shown.as_object_mut().expect("it was written as an object");
    if let Some(expires_at) = credential.expires_at {
        fields.insert("dateValidUntil".into(), json!(expires_at.to_rfc3339()));
    }
    if let Some(external_id) = &credential.external_id {
        fields.insert("externalId".into(), json!(external_id));
    }
    if let Some(reason) = &credential.status_reason {
        fields.insert("statusReason".into(), reason.clone());
    }
    shown
}

/// One set of settings.
fn configuration(account: &Account, configuration: &Configuration) -> Value {
    let mut shown = json!({
        "id": configuration.id,
        "dateCreated": configuration.created_at.to_rfc3339(),
        "dateUpdated": configuration.updated_at.to_rfc3339(),
        "connectCredentialId": configuration.credential_id,
        "workflowSettings": workflow_settings(account, configuration),
        "sharedSettings": configuration.shared_settings,
        "configMeta": configuration.metadata,
        "isDefault": configuration.is_default,
    });
    if let Some(external_id) = &configuration.external_id {
        shown["externalId"] = json!(external_id);
    }
    shown
}

/// Every workflow that the user may see, whether or not anybody has touched it: the SDK changes
/// settings of those alone that stand here.
fn workflow_settings(account: &Account, configuration: &Configuration) -> Map<String, Value> {
    let entries = account.workflows.iter().map(|id| {
        let enabled = account.enabled.contains(&(*id, configuration.id));
        let settings = settings::of_workflow(configuration, *id);
        (id.to_string(), json!({ "enabled": enabled, "settings": settings }))
    });
    entries.collect()
}

/// What one user has of one integration, connected or not.
pub fn integration_state(accounts: &[Account]) -> Value {
    let all: Vec<Value> = accounts.iter().map(credential).collect();
    let Some(account) = default_account(accounts) else {
        return json!({
            "enabled": false,
            "sharedSettings": {},
            "workflowSettings": {},
            "configuredWorkflows": {},
            "configMeta": {},
            "allCredentials": all,
        });
    };
    let Credential { id, status, provider_id, provider_data, external_id, .. } =
        &account.credential;
    let settings = account.configurations.iter().find(|configuration| configuration.is_default);
    let empty = Map::new();
    let workflows = settings.map(|found| workflow_settings(account, found)).unwrap_or_default();
    json!({
        "enabled": *status == Status::Valid,
        "credentialId": id,
        "credentialStatus": status.as_str(),
        "credentialConfigId": settings.map(|found| found.id),
        "providerId": provider_id,
        "providerData": provider_data,
        "externalId": external_id,
        "sharedSettings": settings.map_or(&empty, |found| &found.shared_settings),
        "workflowSettings": workflows,
        "configuredWorkflows": workflows,
        "configMeta": settings.map_or(&empty, |found| &found.metadata),
        "allCredentials": all,
    })
}

/// An integration of the project.
pub fn integration(
    integration: &Integration,
    provider: &Provider,
    own_keys: bool,
    public_url: &str,
) -> Value {
    let custom = provider.is_custom();
    // With several ways to connect, whoever connects chooses one first.
    let several = provider.account_types.len() > 1 || !custom;
    let account_types = provider.account_types.iter().filter(|one| several && !one.managed);
    let first = &provider.account_types[0];
    json!({
        "id": integration.id,
        "projectId": integration.project_id,
        "dateCreated": integration.created_at.to_rfc3339(),
        "dateUpdated": integration.updated_at.to_rfc3339(),
        "type": if custom { "custom" } else { &*integration.kind },
        "isActive": integration.is_active,
        "name": provider.name,
        "brandColor": provider.brand_color,
        "configs": [{
            "id": integration.id,
            "integrationId": integration.id,
            "values": {
                "accentColor": provider.brand_color,
                "paragonLink": false,
                "description": provider.description,
                "overview": provider.description,
            },
        }],
        "hasCredential": own_keys,
        "connectedUserLimitOnDevCred": null,
        "connectedUserLimitReached": false,
        "needPreOauthInputs": custom && !first.fields.is_empty(),
        "authenticationType": first.scheme.as_str(),
        "providerType": integration.kind,
        "resourceId": null,
        "customIntegrationId": custom.then_some(integration.id),
        "customIntegration": custom.then(|| custom_integration(integration, provider, public_url)),
        "sdkIntegrationConfig": {
            "oauthInputs": [],
            "accountTypes": account_types.map(account_type).collect::<Vec<_>>(),
            "authConfigInputs": if several { Vec::new() } else { inputs(first) },
            "postOauthInputs": [],
            "dataSources": {},
            "authSchemeOptions": {},
        },
    })
}

/// What forms can be filled from, by the key with which it is asked for.
pub fn data_sources(sources: &[Source]) -> Value {
    let one = |source: &Source| {
        let of_others = source.needs.iter().chain(source.uses);
        let data_source = json!({
            "type": "DYNAMIC_DATA_SOURCE",
            "cacheKey": source.key,
            "title": source.title,
            "refreshDependencies": of_others.collect::<Vec<_>>(),
            "supportPagination": true,
        });
        (source.key.to_owned(), data_source)
    };
    Value::Object(sources.iter().map(one).collect())
}

/// What makes an operator's own connector one of the vendor's custom integrations.
fn custom_integration(integration: &Integration, provider: &Provider, public_url: &str) -> Value {
    let first = &provider.account_types[0];
    let base = format!("{}{}", provider.proxy.default_host, provider.proxy.bare_prefix);
    json!({
        "id": integration.id,
        "projectId": integration.project_id,
        "dateCreated": integration.created_at.to_rfc3339(),
        "dateUpdated": integration.updated_at.to_rfc3339(),
        "name": provider.name,
        "slug": integration.kind,
        "icon": format!("{public_url}/integrations/{}.svg", integration.kind),
        "isPublished": true,
        "authenticationType": first.scheme.as_str(),
        "inputFields": inputs(first),
        "usePKCEInCodeExchange": provider.oauth.as_ref().is_some_and(|oauth| oauth.pkce),
        "apiBaseUrl": {
            "type": "TOKENIZED",
            "dataType": "STRING",
            "parts": [{
                "type": "VALUE",
                "dataType": "STRING",
                "value": format!("https://{base}"),
            }],
        },
    })
}

fn account_type(account_type: &AccountType) -> Value {
    json!({
        "id": account_type.id,
        "scheme": account_type.scheme.as_str(),
        "accountDescription": account_type.description,
        "oauthParameters": [],
        "endUserSuppliedValues": inputs(account_type),
        "skipPostOAuthInputs": true,
    })
}

fn inputs(account_type: &AccountType) -> Vec<Value> {
    account_type.fields.iter().map(input).collect()
}

/// One thing to type.
fn input(field: &Field) -> Value {
    json!({
        "id": field.id,
        "title": field.label,
        "type": match field.kind {
            FieldKind::Password => "PASSWORD",
            FieldKind::Text => "TEXT_NO_VARS",
        },
        "subtitle": field.hint,
        "required": field.required,
    })
}
