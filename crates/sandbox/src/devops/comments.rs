//! The discussion of a work item: comments, which can be changed and taken away, and the versions
//! they went through.

use http::StatusCode;
use serde_json::{Value, json};

use super::call::{Answer, Answered, Call, encoded};
use super::identity;
use super::problem::Problem;
use super::state::{Comment, CommentVersion, Organization, Project, WorkItem};
use super::work_items::commit::{self, Said, Writer};
use super::work_items::draft::require_administrator;

/// How many comments a page has when nobody says, and at most.
const MAX_PAGE: usize = 200;
/// The longest comment.
const MAX_TEXT_CHARS: usize = 150_000;

/// `GET …/workItems/{workItemId}/comments`, `…/comments?ids=` and `…/comments/{commentId}`.
pub fn get_or_list(call: &Call<'_>, organization: &Organization) -> Answered {
    let project = call.project(organization)?;
    let item = item(call, organization)?;
    let with_deleted = call.query.is_true("includeDeleted");
    let shown = |comment: &&Comment| with_deleted || !last(comment).is_deleted;
    if call.path.get("commentId").is_some() {
        let comment = Some(comment(call, item)?).filter(shown).ok_or_else(|| missing(call))?;
        return Ok(Answer::one(body(call, organization, project, item, comment)?));
    }
    let mut all: Vec<&Comment> = item.comments.iter().filter(shown).collect();
    if let Some(ids) = call.query.list("ids") {
        all.retain(|comment| ids.contains(&comment.id.to_string()));
        return page(call, organization, project, item, &all, None);
    }
    if !call.query.get("order").is_some_and(|order| order.eq_ignore_ascii_case("asc")) {
        all.reverse();
    }
    let top = call.query.number("$top")?.unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE);
    page(call, organization, project, item, &all, Some(top))
}

/// One page of a list; a token says after how many comments it begins.
fn page(
    call: &Call<'_>,
    organization: &Organization,
    project: &Project,
    item: &WorkItem,
    all: &[&Comment],
    top: Option<usize>,
) -> Answered {
    let start = call.query.number("continuationToken")?.unwrap_or(0);
    let end = top.map_or(all.len(), |top| start.saturating_add(top));
    let shown = all.iter().skip(start).take(end - start);
    let comments = shown
        .map(|comment| body(call, organization, project, item, comment))
        .collect::<Result<Vec<Value>, _>>()?;
    let mut answer = json!({
        "totalCount": all.len(),
        "count": comments.len(),
        "comments": comments,
    });
    if end < all.len() {
        let url = url(call, project, item);
        answer["continuationToken"] = json!(end.to_string());
        answer["nextPage"] = json!(format!("{url}?continuationToken={end}"));
    }
    Ok(Answer::one(answer))
}

/// `POST …/workItems/{workItemId}/comments`.
pub fn add(call: &Call<'_>, organization: &mut Organization, given: &Value) -> Answered {
    let said = said(call, given, None)?;
    write(call, organization, said)
}

/// `PATCH …/comments/{commentId}`.
pub fn update(call: &Call<'_>, organization: &mut Organization, given: &Value) -> Answered {
    let comment = own_comment(call, organization)?;
    let said = said(call, given, Some(comment))?;
    write(call, organization, said)
}

/// `DELETE …/comments/{commentId}`.
pub fn delete(call: &Call<'_>, organization: &mut Organization) -> Answered {
    let id = own_comment(call, organization)?;
    let item = item(call, organization)?;
    let version = last(comment(call, item)?).clone();
    let said = Said {
        comment: Some(id),
        text: version.text,
        is_markdown: version.is_markdown,
        is_deleted: true,
    };
    write(call, organization, said)?;
    Ok(Answer::nothing())
}

/// `GET …/comments/{commentId}/versions` and `…/versions/{version}`.
pub fn versions(call: &Call<'_>, organization: &Organization) -> Answered {
    let project = call.project(organization)?;
    let item = item(call, organization)?;
    let comment = comment(call, item)?;
    let shown = |version| version_body(call, organization, project, item, comment, version);
    let Some(wanted) = call.path.get("version") else {
        return Ok(Answer::list(comment.versions.iter().map(shown).collect()));
    };
    let found = comment.versions.iter().find(|version| version.number.to_string() == wanted);
    found.map(|version| Answer::one(shown(version))).ok_or_else(|| missing(call))
}

fn write(call: &Call<'_>, organization: &mut Organization, said: Said) -> Answered {
    call.project(organization)?;
    let id = item(call, organization)?.id;
    let changed = said.comment;
    commit::discuss(organization, id, Writer { account: call.account(), now: call.now }, said)?;
    let (project, item) = (call.project(organization)?, item(call, organization)?);
    let comment = match changed {
        Some(changed) => item.comments.iter().find(|comment| comment.id == changed),
        None => item.comments.last(),
    };
    let comment = comment.ok_or_else(|| missing(call))?;
    Ok(Answer::one(body(call, organization, project, item, comment)?))
}

fn said(call: &Call<'_>, given: &Value, comment: Option<u32>) -> Result<Said, Problem> {
    let text = given["text"].as_str().unwrap_or_default();
    if text.trim().is_empty() {
        return Err(Problem::invalid("The text of a comment must not be empty."));
    }
    if text.chars().count() > MAX_TEXT_CHARS {
        let message = format!("The text of a comment can have {MAX_TEXT_CHARS} characters.");
        return Err(Problem::invalid(message));
    }
    let is_markdown = match call.query.get("format").unwrap_or("html") {
        word if word.eq_ignore_ascii_case("markdown") || word == "0" => true,
        word if word.eq_ignore_ascii_case("html") || word == "1" => false,
        other => {
            let message = format!("The value '{other}' of the parameter format is not valid.");
            return Err(Problem::invalid(message));
        }
    };
    Ok(Said { comment, text: text.to_owned(), is_markdown, is_deleted: false })
}

fn item<'o>(call: &Call<'_>, organization: &'o Organization) -> Result<&'o WorkItem, Problem> {
    let text = call.path.get("workItemId").unwrap_or_default();
    let id = text
        .parse()
        .map_err(|_| Problem::invalid(format!("'{text}' is not the id of a work item.")))?;
    organization.item(id).ok_or_else(|| Problem::no_work_item(id))
}

fn comment<'o>(call: &Call<'_>, item: &'o WorkItem) -> Result<&'o Comment, Problem> {
    let wanted = call.path.get("commentId").unwrap_or_default();
    let found = item.comments.iter().find(|comment| comment.id.to_string() == wanted);
    found.ok_or_else(|| missing(call))
}

fn missing(call: &Call<'_>) -> Problem {
    let comment = call.path.get("commentId").unwrap_or_default();
    let item = call.path.get("workItemId").unwrap_or_default();
    Problem::tracking(
        "WorkItemCommentNotFoundException",
        format!("VS402620: Comment {comment} of work item {item} does not exist."),
    )
    .with_status(StatusCode::NOT_FOUND)
}

/// The comment that the path names, which only its author or an administrator may touch.
fn own_comment(call: &Call<'_>, organization: &Organization) -> Result<u32, Problem> {
    let project = call.project(organization)?;
    let comment = comment(call, item(call, organization)?)?;
    if last(comment).is_deleted {
        return Err(missing(call));
    }
    if comment.versions.first().is_none_or(|first| first.by != call.account()) {
        require_administrator(call, project, "Edit comments of others")?;
    }
    Ok(comment.id)
}

fn last(comment: &Comment) -> &CommentVersion {
    comment.versions.last().expect("a comment has at least one version")
}

fn url(call: &Call<'_>, project: &Project, item: &WorkItem) -> String {
    format!("{}/{}/_apis/wit/workItems/{}/comments", call.base(), project.id, item.id)
}

fn body(
    call: &Call<'_>,
    organization: &Organization,
    project: &Project,
    item: &WorkItem,
    comment: &Comment,
) -> Result<Value, Problem> {
    let mut body = version_body(call, organization, project, item, comment, last(comment));
    body["url"] = json!(format!("{}/{}", url(call, project, item), comment.id));
    body["workItemId"] = json!(item.id);
    body["mentions"] = json!([]);
    let version = last(comment);
    body["format"] = json!(if version.is_markdown { "markdown" } else { "html" });
    let expand = call.query.get("$expand").unwrap_or("none").to_ascii_lowercase();
    let (reactions, rendered) = match expand.as_str() {
        "none" | "0" => (false, false),
        "reactions" | "1" => (true, false),
        "renderedtext" | "8" | "renderedtextonly" | "16" => (false, true),
        "all" | "-17" => (true, true),
        other => {
            let message = format!("The value '{other}' of the parameter $expand is not valid.");
            return Err(Problem::invalid(message));
        }
    };
    if reactions {
        body["reactions"] = json!([]);
    }
    if rendered {
        body["renderedText"] = json!(rendered_text(version));
    }
    if expand == "renderedtextonly"
        && let Some(fields) = body.as_object_mut()
    {
        fields.remove("text");
    }
    Ok(body)
}

fn version_body(
    call: &Call<'_>,
    organization: &Organization,
    project: &Project,
    item: &WorkItem,
    comment: &Comment,
    version: &CommentVersion,
) -> Value {
    let first = comment.versions.first().unwrap_or(version);
    json!({
        "id": comment.id,
        "version": version.number,
        "text": version.text,
        "createdBy": identity::reference(call, organization, first.by),
        "createdDate": first.at.to_rfc3339(),
        "modifiedBy": identity::reference(call, organization, version.by),
        "modifiedDate": version.at.to_rfc3339(),
        "isDeleted": version.is_deleted,
        "url": format!(
            "{}/{}/versions/{}",
            url(call, project, item),
            comment.id,
            encoded(&version.number.to_string())
        ),
    })
}

/// HTML as it is, Markdown as one paragraph: the sandbox does not read Markdown.
fn rendered_text(version: &CommentVersion) -> String {
    if version.is_markdown {
        format!("<p>{}</p>", crate::html::escape(&version.text))
    } else {
        version.text.clone()
    }
}
