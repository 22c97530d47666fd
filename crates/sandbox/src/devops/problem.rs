//! Refusals: the service's statuses, exception names and sentences, in the service's own shape.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// Why a call was refused.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// The name of the exception, by which programs tell refusals apart.
    pub type_key: &'static str,
    /// The sentence.
    pub message: String,
    assembly: &'static str,
    custom: Option<Value>,
}

const TRACKING: &str = "Microsoft.TeamFoundation.WorkItemTracking.Server";
const CORE: &str = "Microsoft.TeamFoundation.Core.WebApi";
const SERVICES: &str = "Microsoft.VisualStudio.Services.WebApi";
const HOOKS: &str = "Microsoft.VisualStudio.Services.ServiceHooks.WebApi";
const FRAMEWORK: &str = "Microsoft.TeamFoundation.Framework.Server";

/// The events under which the service logs refusals of work item tracking, and all others.
const TRACKING_EVENT: u32 = 3200;
const OTHER_EVENT: u32 = 3000;

/// How much of a sentence is repeated in a header.
const MAX_HEADER_CHARS: usize = 500;

impl Problem {
    fn new(
        status: StatusCode,
        assembly: &'static str,
        type_key: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { status, type_key, message: message.into(), assembly, custom: None }
    }

    /// A refusal of work item tracking with status 400.
    pub fn tracking(type_key: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, TRACKING, type_key, message)
    }

    /// A refusal of the service's frame with status 400.
    pub fn request(type_key: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, SERVICES, type_key, message)
    }

    /// A refusal of service hooks with status 400.
    pub fn hooks(type_key: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, HOOKS, type_key, message)
    }

    /// The same refusal with another status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same refusal with details for programs.
    #[must_use]
    pub fn with_custom_properties(mut self, custom: Value) -> Self {
        self.custom = Some(custom);
        self
    }

    /// A query parameter or a property of the body is not what it should be.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::request("VssPropertyValidationException", message)
    }

    /// The body of a write to a work item is not a list of patch operations.
    pub fn no_patch_document() -> Self {
        Self::invalid("You must pass a valid patch document in the body of the request.")
    }

    /// No such work item, or nothing the caller may read: the same answer for both.
    pub fn no_work_item(id: impl std::fmt::Display) -> Self {
        let message = format!(
            "TF401232: Work item {id} does not exist, or you do not have permissions to read it."
        );
        Self::tracking("WorkItemUnauthorizedAccessException", message)
            .with_status(StatusCode::NOT_FOUND)
    }

    /// No such project.
    pub fn no_project(name_or_id: &str) -> Self {
        let (type_key, message) = if uuid::Uuid::try_parse(name_or_id).is_ok() {
            (
                "ProjectDoesNotExistException",
                format!(
                    "VS800075: The project with id '{name_or_id}' does not exist, or you do not have permission to access it."
                ),
            )
        } else {
            (
                "ProjectDoesNotExistWithNameException",
                format!(
                    "TF200016: The following project does not exist: {name_or_id}. Verify that the name of the project is correct and that the project exists on the specified Azure DevOps Server."
                ),
            )
        };
        Self::new(StatusCode::NOT_FOUND, CORE, type_key, message)
    }

    /// No such team in the project.
    pub fn no_team(name_or_id: &str) -> Self {
        let message = format!(
            "VS403018: The team with id '{name_or_id}' does not exist, or you do not have permission to access it."
        );
        Self::new(StatusCode::NOT_FOUND, CORE, "TeamNotFoundException", message)
    }

    /// The project's process has no such type.
    pub fn no_type(name: &str, project: uuid::Uuid) -> Self {
        let message = format!(
            "VS402323: Work item type {name} does not exist in project {project} or you do not have permission to access it."
        );
        Self::tracking("WorkItemTypeNotFoundException", message).with_status(StatusCode::NOT_FOUND)
    }

    /// No such field.
    pub fn no_field(name: &str) -> Self {
        let message = format!("TF51535: Cannot find field {name}.");
        Self::tracking("WorkItemTrackingFieldDefinitionNotFoundException", message)
    }

    /// No such organization.
    pub fn no_organization(name: &str) -> Self {
        let message = format!("The organization '{name}' does not exist.");
        Self::new(StatusCode::NOT_FOUND, FRAMEWORK, "HostDoesNotExistException", message)
    }

    /// The caller may see the thing and may not do this to it.
    pub fn forbidden(person: &str, permission: &str) -> Self {
        let message = format!(
            "TF50309: The following account does not have sufficient permissions to complete the operation: {person}. The following permissions are needed to perform this operation: {permission}."
        );
        Self::new(StatusCode::FORBIDDEN, FRAMEWORK, "AccessCheckException", message)
    }

    /// Nothing is served at this path, or not on this host.
    pub fn no_route(path: &str) -> Self {
        let message = format!(
            "The controller for path '{path}' was not found or does not implement IController."
        );
        Self::new(StatusCode::NOT_FOUND, "System.Web", "HttpException", message)
    }

    /// The path is served, this method is not.
    pub fn no_method(method: &http::Method) -> Self {
        let message = format!("The requested resource does not support http method '{method}'.");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, SERVICES, "VssRequestException", message)
    }

    /// The caller is known and not admitted.
    pub fn unauthorized(identity: uuid::Uuid) -> Self {
        let message =
            format!("TF400813: The user '{identity}' is not authorized to access this resource.");
        Self::unauthenticated(message)
    }

    /// The caller did not show who they are, or shows something that is no longer good.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, FRAMEWORK, "UnauthorizedRequestException", message)
    }

    /// Too much was asked in too little time.
    pub fn blocked(organization: uuid::Uuid) -> Self {
        let message = format!(
            "TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource Concurrency in namespace {organization}."
        );
        Self::new(StatusCode::TOO_MANY_REQUESTS, FRAMEWORK, "RequestBlockedException", message)
    }

    /// The sandbox could not keep or read a file.
    pub fn broken(error: &std::io::Error) -> Self {
        let message = format!("The sandbox failed to keep or read a file: {error}");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            FRAMEWORK,
            "TeamFoundationServiceException",
            message,
        )
    }

    /// The body of the answer.
    pub fn body(&self) -> Value {
        let tracking = self.assembly == TRACKING;
        let mut body = json!({
            "$id": "1",
            "innerException": null,
            "message": self.message,
            "typeName": format!("{0}.{1}, {0}", self.assembly, self.type_key),
            "typeKey": self.type_key,
            "errorCode": 0,
            "eventId": if tracking { TRACKING_EVENT } else { OTHER_EVENT },
        });
        if let Some(custom) = &self.custom {
            body["customProperties"] = custom.clone();
        }
        body
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body().to_string()).into_response();
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, json);
        let message: String = self.message.chars().take(MAX_HEADER_CHARS).collect();
        let message = utf8_percent_encode(&message, NON_ALPHANUMERIC).to_string();
        if let Ok(message) = HeaderValue::try_from(message) {
            headers.insert("x-tfs-serviceerror", message);
        }
        response
    }
}
