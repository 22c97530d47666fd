//! Webhooks that the host developer sets up at a provider: each call starts a workflow for the
//! accounts that it is about.

use axum::Json as Reply;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use base::{CredentialId, Error, ErrorKind, ExecutionId, IntegrationId, Result, WorkflowId};
use connect::IncomingProof;
use engine::definition::{Trigger, WebhookLevel, WebhookProof, WebhookTrigger};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use store::enablements::{Account, ENABLEMENTS_READ_MAX, Runnable, list_runnable_of_account};

use super::app_event::{KEY_BYTES_MAX, dedup_key};
use super::matching::start;
use super::request::Brought;
use super::request_check;
use crate::app::App;
use crate::failure::Answer;
use crate::http::body::refuse_nul;
use crate::projects::ProjectView;
use crate::workflows::live::LiveWorkflow;

/// Headers by which providers name one call, the same whenever they repeat it.
const NAMES_OF_CALL: [&str; 3] = ["webhook-id", "idempotency-key", "x-github-delivery"];
/// How many executions one call starts at a time.
const STARTS_AT_ONCE: usize = 32;

/// `POST /triggers/connect/{project_id}/{integration_id}/custom-triggers/{workflow_id}?id=…`: 200
/// once everything it starts is on disk.
pub async fn receive(
    State(app): State<App>,
    Path((project_id, integration_id, workflow_id)): Path<(String, String, String)>,
    request: Request,
) -> Answer<(StatusCode, Reply<Value>)> {
    let view = match project_id.parse() {
        Ok(id) => app.projects().get(id).await,
        Err(_) => Err(no_such_webhook()),
    };
    let view = view.map_err(|error| match error.kind() {
        ErrorKind::NotFound => no_such_webhook(),
        _ => error,
    })?;
    let (workflow, webhook) = find(&view, &integration_id, &workflow_id)?;
    let call = Call::read(request, app.config().server.body_bytes_max).await?;
    prove(&app, &view, &webhook.proof, &call).await?;
    let begun = call.start(&app, &view, workflow, webhook).await?;
    Ok((StatusCode::OK, Reply(json!({ "executionIds": begun }))))
}

fn find<'v>(
    view: &'v ProjectView,
    integration_id: &str,
    workflow_id: &str,
) -> Result<(&'v LiveWorkflow, &'v WebhookTrigger)> {
    let integration_id: IntegrationId = integration_id.parse().map_err(|_| no_such_webhook())?;
    let workflow_id: WorkflowId = workflow_id.parse().map_err(|_| no_such_webhook())?;
    let workflow = view.workflow(workflow_id);
    let workflow = workflow.filter(|one| one.integration_id == Some(integration_id));
    match workflow.map(|workflow| (workflow, &workflow.trigger)) {
        Some((workflow, Trigger::Webhook(webhook))) => Ok((workflow, webhook)),
        _ => Err(no_such_webhook()),
    }
}

/// What the provider sent.
struct Call {
    headers: HeaderMap,
    query: Option<String>,
    bytes: axum::body::Bytes,
}

impl Call {
    async fn read(request: Request, bytes_max: usize) -> Result<Self> {
        let (head, body) = request.into_parts();
        let bytes = to_bytes(body, bytes_max).await.map_err(|cause| {
            let message =
                format!("The request body is larger than {bytes_max} bytes, or broke off.");
            Error::new(ErrorKind::TooLarge, "body_too_large", message).with_source(cause)
        })?;
        Ok(Self { headers: head.headers, query: head.uri.query().map(str::to_owned), bytes })
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What the provider calls this very call. An empty name is none, and so is one that is too long:
    /// a provider cannot be told to choose another.
    fn name(&self) -> Option<&str> {
        let mut given = NAMES_OF_CALL.iter().filter_map(|name| self.header(name));
        given.find(|name| !name.is_empty() && name.len() <= KEY_BYTES_MAX)
    }

    /// The body as JSON, else the fields of a form, else text.
    fn body(&self) -> Result<Value> {
        if self.bytes.is_empty() {
            return Ok(Value::Null);
        }
        let is_form = self.header("content-type").is_some_and(|kind| {
            kind.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
        });
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        if is_form {
            return Ok(Value::Object(request_check::params(Some(&text))?));
        }
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        refuse_nul(&body)?;
        Ok(body)
    }

    /// Starts the workflow for every configuration that the call is about.
    async fn start(
        self,
        app: &App,
        view: &ProjectView,
        workflow: &LiveWorkflow,
        webhook: &WebhookTrigger,
    ) -> Result<Vec<ExecutionId>> {
        let params = request_check::params(self.query.as_deref())?;
        let body = self.body()?;
        let account = match webhook.level {
            WebhookLevel::User => Account::Credential(self.credential()?),
            WebhookLevel::App => {
                let path = webhook.account_path.as_deref().unwrap_or_default();
                Account::ProviderId(account_named(&body, path)?)
            }
        };
        let secret = match &webhook.proof {
            WebhookProof::Hmac { header, .. } | WebhookProof::Token { header, .. } => header,
        };
        let name = self.name().map(str::to_owned);
        let mut headers = self.headers;
        headers.remove(secret.to_ascii_lowercase());
        let input = request_check::input(Brought { headers, params, body });
        let (mut begun, mut after) = (Vec::new(), None);
        loop {
            let mut conn = app.store().read().await?;
            let page = list_runnable_of_account(&mut conn, view.id(), workflow.id, &account, after);
            let page = page.await?;
            drop(conn);
            let mut starts = Vec::new();
            for Runnable { enablement, user_external_id, user_metadata } in &page {
                if workflow.admits(user_external_id, user_metadata) {
                    let user_id = enablement.user_id;
                    let mut start = start(workflow, view.id(), user_id, Some(enablement), &input);
                    start.dedup_key = dedup_key("webhook", name.as_deref(), &start)?;
                    starts.push(app.runner().begin(start));
                }
            }
            let ids = stream::iter(starts).buffered(STARTS_AT_ONCE).try_collect::<Vec<_>>().await?;
            begun.extend(ids.into_iter().flatten());
            let is_full = i64::try_from(page.len()).is_ok_and(|rows| rows >= ENABLEMENTS_READ_MAX);
            match page.last().filter(|_| is_full) {
                Some(last) => after = Some(last.enablement.configuration_id),
                None => return Ok(begun),
            }
        }
    }

    /// The account in the address of a webhook that each has one of.
    fn credential(&self) -> Result<CredentialId> {
        let query = self.query.as_deref().unwrap_or_default();
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let id = pairs.find(|(name, _)| name == "id").and_then(|(_, id)| id.parse().ok());
        id.ok_or_else(|| {
            let message = "The address of this webhook ends with ?id= and the account's id.";
            Error::invalid("account_missing", message)
        })
    }
}

/// The provider's id of the account, which stands at `path` in the body: `team.id`, `items.0.owner`.
fn account_named(body: &Value, path: &str) -> Result<String> {
    let found = path.split('.').try_fold(body, |value, key| match value {
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        value => value.get(key),
    });
    match found {
        Some(Value::String(id)) if !id.is_empty() => Ok(id.clone()),
        Some(Value::Number(id)) => Ok(id.to_string()),
        _ => {
            let message = format!(
                "The body has no account at \"{path}\", so that nobody knows whom the call is about."
            );
            Err(Error::invalid("account_missing", message))
        }
    }
}

async fn prove(app: &App, view: &ProjectView, proof: &WebhookProof, call: &Call) -> Result<()> {
    let (header, prefix, secret) = match proof {
        WebhookProof::Hmac { header, prefix, secret } => (header, prefix.as_str(), secret),
        WebhookProof::Token { header, secret } => (header, "", secret),
    };
    let given = call.header(header).and_then(|value| value.strip_prefix(prefix));
    let given = given.ok_or_else(|| unproven(header))?;
    let given = match proof {
        WebhookProof::Hmac { .. } => {
            IncomingProof::Signature { signature: given.trim(), body: &call.bytes }
        }
        WebhookProof::Token { .. } => IncomingProof::Token(given),
    };
    if app.connect().is_proven(view.id(), secret, given).await? {
        return Ok(());
    }
    Err(unproven(header))
}

fn unproven(header: &str) -> Error {
    let message = format!(
        "The header {header} does not prove where this call comes from. The provider and the \
         project's environment secret must know the same text."
    );
    Error::new(ErrorKind::Unauthenticated, "webhook_not_proven", message)
}

fn no_such_webhook() -> Error {
    let message = "No deployed workflow has a webhook at this address.";
    Error::not_found("webhook_not_found", message)
}
