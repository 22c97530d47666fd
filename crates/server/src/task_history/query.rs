//! What a list of executions is asked for, in the vendor's words.

use axum::extract::{FromRequestParts, Query};
use base::{ConnectedUserId, Error, Result, Timestamp, WorkflowId};
use http::request::Parts;
use serde::Deserialize;
use store::execution_lists::Filter;
use store::executions::Status;
use store::{Connection, PageRequest};
use url::form_urlencoded;
use utoipa::IntoParams;

use crate::app::App;
use crate::failure::Failure;
use crate::projects::ProjectView;

/// How many executions a page has.
pub const PAGE_ROWS: u32 = 100;
/// The farthest place that is reached by counting alone; beyond it leads `nextLink`.
const OFFSET_MAX: u32 = 100_000;

/// The query as it is sent. What it does not know is left alone: vendors' clients send more.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, rename_all = "camelCase")]
pub struct ListQuery {
    /// Only executions in the name of this user, by the host's id.
    user_id: Option<String>,
    /// Only executions of this workflow.
    workflow_id: Option<String>,
    /// Only executions of this integration's workflows: `azuredevops`.
    integration: Option<String>,
    /// `EXECUTING`, `DELAYED`, `SUCCEEDED`, `FAILED` or `CANCELLED`.
    status: Option<String>,
    /// Only executions that began before; ISO 8601.
    before_date: Option<String>,
    /// Only executions that began then or later; ISO 8601.
    after_date: Option<String>,
    /// How many executions are passed over.
    offset: Option<u32>,
    /// `ASC`, or `DESC`, which is meant when it is left out.
    sort_by: Option<String>,
    /// Where the page begins: stands in `nextLink`, and does not move when executions are added.
    after: Option<String>,
}

impl FromRequestParts<App> for ListQuery {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let Query(query) = Query::from_request_parts(parts, app).await.map_err(|cause| {
            Error::invalid("invalid_query", format!("The query has another form: {cause}."))
        })?;
        Ok(query)
    }
}

impl ListQuery {
    /// What the store understands; none when nothing can match.
    pub async fn filter(
        &self,
        conn: &mut Connection,
        view: &ProjectView,
    ) -> Result<Option<Filter>> {
        let mut filter = Filter {
            workflow_id: self.workflow_id.as_deref().map(str::parse::<WorkflowId>).transpose()?,
            statuses: self.status.as_deref().map(statuses).transpose()?.unwrap_or_default(),
            since: self.after_date.as_deref().map(time).transpose()?,
            until: self.before_date.as_deref().map(time).transpose()?,
            oldest_first: self.oldest_first()?,
            passed_over: self.passed_over()?,
            ..Filter::default()
        };
        if let Some(slug) = &self.integration {
            filter.integration_id = Some(view.integration_of(slug)?.id);
        }
        if let Some(external_id) = &self.user_id {
            let found = store::connected_users::find_external(conn, view.id(), external_id).await?;
            let named = external_id.parse::<ConnectedUserId>().ok();
            match found.map(|user| user.id).or(named) {
                Some(id) => filter.user_id = Some(id),
                None => return Ok(None),
            }
        }
        Ok(Some(filter))
    }

    /// The page.
    pub fn page(&self) -> Result<PageRequest> {
        let after = self.after.as_deref().map(str::parse).transpose()?;
        Ok(PageRequest { after, limit: PAGE_ROWS })
    }

    /// The query of the next page.
    pub fn next(&self, after: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let named = [
            ("userId", &self.user_id),
            ("workflowId", &self.workflow_id),
            ("integration", &self.integration),
            ("status", &self.status),
            ("beforeDate", &self.before_date),
            ("afterDate", &self.after_date),
            ("sortBy", &self.sort_by),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        let offset = self.offset.unwrap_or(0).saturating_add(PAGE_ROWS);
        query.append_pair("offset", &offset.to_string()).append_pair("after", after);
        query.finish()
    }

    fn oldest_first(&self) -> Result<bool> {
        match self.sort_by.as_deref() {
            None | Some("DESC") => Ok(false),
            Some("ASC") => Ok(true),
            Some(other) => {
                let message = format!("\"{other}\" is no order: sortBy is ASC or DESC.");
                Err(Error::invalid("invalid_sort", message))
            }
        }
    }

    fn passed_over(&self) -> Result<u32> {
        match self.offset {
            _ if self.after.is_some() => Ok(0),
            Some(offset) if offset > OFFSET_MAX => {
                let message =
                    format!("The offset is at most {OFFSET_MAX}: go on by nextLink instead.");
                Err(Error::invalid("offset_too_large", message))
            }
            offset => Ok(offset.unwrap_or(0)),
        }
    }
}

/// The vendor's status of an execution.
pub const fn status(status: Status) -> &'static str {
    match status {
        Status::Queued | Status::Running => "EXECUTING",
        Status::Waiting | Status::Paused => "DELAYED",
        Status::Succeeded => "SUCCEEDED",
        Status::Failed => "FAILED",
        Status::Cancelled => "CANCELLED",
    }
}

fn statuses(name: &str) -> Result<Vec<Status>> {
    Ok(match name {
        "EXECUTING" => vec![Status::Queued, Status::Running],
        "DELAYED" => vec![Status::Waiting, Status::Paused],
        "SUCCEEDED" => vec![Status::Succeeded],
        "FAILED" => vec![Status::Failed],
        "CANCELLED" => vec![Status::Cancelled],
        other => {
            let message = format!(
                "There is no status \"{other}\": choose from EXECUTING, DELAYED, SUCCEEDED, FAILED \
                 and CANCELLED."
            );
            return Err(Error::invalid("unknown_status", message));
        }
    })
}

/// A date, or a time with or without its zone, which is UTC then.
fn time(text: &str) -> Result<Timestamp> {
    text.parse().or_else(|error| format!("{text}Z").parse().map_err(|_| error))
}
